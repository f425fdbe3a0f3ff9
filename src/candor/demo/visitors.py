"""The demo's declared denominator: residents and an estimate of those staying in second homes.

What a state could declare from the census alone, and not what the model knows: coarser persons a home, a round share,
two seasons. So the adjusted rates of the demo are nearer to the truth than those by residents, and still not it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from candor.demo.towns import Towns

FILE: Final = "denominators/residents-and-visitors.csv"
PERSONS_PER_HOME: Final = 2.4
PRESENT: Final = 0.2
"""The part of a second home's persons who are there on an average day."""

SEASON: Final = (1.4, 1.4, 1.3, 0.5, 0.5, 1.2, 1.3, 1.3, 1.0, 0.7, 0.5, 0.9)
"""January to December, 1 on average: winter and summer, and little between."""


def visitors(towns: Towns) -> list[dict[str, str]]:
    """The lines of the file: `geoid, month, added`, twelve a town; one without a month where nobody is added."""
    homes = np.maximum(towns.housing_units - towns.residents / PERSONS_PER_HOME, 0)
    added = np.rint(np.outer(homes * PERSONS_PER_HOME * PRESENT, SEASON)).astype(np.int64)
    lines = []
    for geoid, persons in zip(towns.geoid, added.tolist(), strict=True):
        if any(persons):
            lines += [{"geoid": geoid, "month": str(m), "added": str(n)} for m, n in enumerate(persons, start=1)]
        else:
            lines.append({"geoid": geoid, "month": "", "added": "0"})
    return lines
