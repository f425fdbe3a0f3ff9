"""A small data set of another kind: events that the simulated departments held in their communities."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from candor.demo.agencies import Agencies
from candor.demo.model import SimulationModel
from candor.demo.towns import Towns

# Kind as departments write it, how often, and how many come on average. Some kinds are written in two ways.
KINDS = (
    ("School visit", 0.26, 45), ("School Visit", 0.06, 45), ("Coffee with an officer", 0.16, 14),
    ("Coffee with a cop", 0.05, 14), ("Open house", 0.08, 120), ("Bicycle registration", 0.09, 35),
    ("Drug take-back day", 0.10, 60), ("Town meeting", 0.12, 80), ("Child seat check", 0.08, 12),
)  # fmt: skip
A_YEAR = 135


def events(model: SimulationModel, towns: Towns, agencies: Agencies) -> pa.Table:
    """About `A_YEAR` events a year, by date, in towns with a police department, more often in larger ones."""
    rng = np.random.default_rng([model.seed, 5])
    first, after = model.month(0), model.month(model.months)
    days = (after - first).days
    count = max(1, round(A_YEAR * days / 365))
    homes = np.flatnonzero(agencies.municipal[agencies.of_town] & (agencies.of_town >= 0))
    weight = np.sqrt(towns.residents[homes] + 1.0)
    town = rng.choice(homes, count, p=weight / weight.sum())
    kind = rng.choice(len(KINDS), count, p=np.array([share for _, share, _ in KINDS]))
    mean = np.array([mean for _, _, mean in KINDS])[kind]
    came = rng.poisson(rng.gamma(3.0, mean / 3.0))
    counted = rng.random(count) < 0.9
    day = np.sort(rng.integers(0, days, count))
    calendar = pa.array([f"{first + timedelta(days=d):%m/%d/%Y}" for d in range(days)])

    def pick(words: list[str], index: np.ndarray) -> pa.Array:
        return pa.array(words).take(pa.array(index))

    return pa.table(
        {
            "Event ID": [f"SIM-E{n:04d}" for n in range(1, count + 1)],
            "Date": calendar.take(pa.array(day)),
            "Department": pick(list(agencies.name), agencies.of_town[town]),
            "Town": pick(list(towns.name), town),
            "Kind": pick([name for name, _, _ in KINDS], kind),
            "Attendance": pa.array(np.where(counted, came.astype(str), "not counted")),
            "Contact": pick(["desk@example.org", "community@example.org"], town % 2),
        }
    )
