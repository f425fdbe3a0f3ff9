"""How towns are written in an export: the official name, a village's, one that is ambiguous, a slip of the keyboard."""

from __future__ import annotations

from string import capwords
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.demo.model import SimulationModel
from candor.demo.towns import Towns

Layout = Literal["municipal", "state"]
# Misspelt names that are tried for each town.
SLIPS = 4


def misspell(name: str, rng: np.random.Generator) -> str:
    """One slip of the keyboard after the first letter: two letters exchanged, one dropped, or one doubled."""
    if len(name) < 4:
        return name + name[-1]
    at = int(rng.integers(1, len(name) - 1))
    kind = int(rng.integers(3))
    if kind == 0:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :] if kind == 1 else name[:at] + name[at] + name[at:]


class TownNames:
    """A pool of names, and for each town and kind of name its stretch of the pool."""

    def __init__(self, towns: Towns, model: SimulationModel, layout: Layout) -> None:
        rng = np.random.default_rng([model.seed, 6 if layout == "municipal" else 7])
        style, blanks = (capwords, (None,)) if layout == "municipal" else (str.upper, (None, "UNK", "-"))
        # A slip that happens to be another town's name would not be a slip.
        slips = [
            tuple(s for s in (misspell(name, rng) for _ in range(SLIPS)) if s.casefold() not in towns.known_names)
            for name in towns.name
        ]
        pool: list[str | None] = list(blanks)
        self._start = np.zeros((len(towns), 5), dtype=np.int64)
        self._count = np.full((len(towns), 5), len(blanks))
        kinds = (tuple((name,) for name in towns.name), towns.villages, towns.ambiguous, tuple(slips))
        for town in range(len(towns)):
            for kind, found in enumerate(kinds):
                written = found[town] or (towns.name[town],)
                self._start[town, kind], self._count[town, kind] = len(pool), len(written)
                pool.extend(style(name) for name in written)
        self.pool = pa.array(pool, pa.string())
        odd = [model.village_names, model.ambiguous_names, model.misspelt_names, model.blank_towns]
        self._odd = np.cumsum(odd)

    def draw(self, town: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        """Index into the pool for each given town."""
        kind = (np.searchsorted(self._odd, rng.random(len(town)), side="right") + 1) % 5
        drawn = (rng.random(len(town)) * self._count[town, kind]).astype(np.int64)
        return np.asarray(self._start[town, kind] + drawn)
