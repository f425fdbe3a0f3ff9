"""Small systems of published sums, and every table that agrees with them, by counting."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

import candor.demo
from candor.privacy.fold import Cells, fold
from candor.privacy.levels import Plan, plan, spans, weights
from candor.privacy.statements import Statements
from candor.privacy.suppression import Rule, Suppression, suppress

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Tables:
    """Figures as sums over counts. `narrow` marks those of one place."""

    sets: sparse.csr_matrix
    narrow: Bools
    cost: Floats

    @property
    def cells(self) -> Cells:
        return fold(self.sets, self.narrow)

    def statements(self, counts: Floats, suppressed: Bools, low: float = 1.0) -> Statements:
        value = self.sets @ counts
        return Statements(
            np.arange(value.size).astype(str),
            self.sets,
            np.where(suppressed, np.nan, value),
            np.full(value.size, low),
            np.full(value.size, np.inf),
            self.narrow,
        )


def crossed(county: NDArray[np.int64], kinds: int) -> Tables:
    """Towns by kinds of call, with totals over kinds, by county and for the state."""
    towns = county.size
    places = [sparse.identity(towns), sparse.csr_matrix((np.ones(towns), (county, np.arange(towns))))]
    places.append(sparse.csr_matrix(np.ones((1, towns))))
    kind_sets = sparse.vstack([sparse.identity(kinds), sparse.csr_matrix(np.ones((1, kinds)))])
    sets = sparse.kron(sparse.vstack(places), kind_sets, format="csr")
    level = np.repeat([1.0, 3.0, 20.0], [p.shape[0] * (kinds + 1) for p in places])
    total = np.tile(np.repeat([1.0, 2.0], [kinds, 1]), sets.shape[0] // (kinds + 1))
    return Tables(sets, level == 1.0, level * total)


def over_months(
    county: NDArray[np.int64], first: str, months: int, counts: Floats, windows: bool = False
) -> tuple[Plan, Tables]:
    """What is published of a sensitive kind.

    With `windows`, what is not: parts of years, and the last 12 and 36 months wherever they end.
    """
    every = np.datetime64(first) + np.arange(months)
    periods = spans(every)
    if windows:
        years = every.astype("datetime64[Y]")
        ends = [np.flatnonzero(years == year)[[0, -1]] for year in np.unique(years)]
        periods |= {"year": [(a, b) for a, b in ends], "years": [(months - n, months - 1) for n in (12, 36)]}
    figures = plan(county, every, periods=periods)
    return figures, Tables(figures.sets, figures.narrow, weights(figures, figures.sets @ counts))


def vermont() -> tuple[NDArray[np.int64], Floats]:
    """The county and the residents of each of the 255 towns, from the gazetteer that comes with the product."""
    with (Path(candor.demo.__path__[0]) / "gazetteer.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    names = sorted({row["county"] for row in rows})
    county = np.array([names.index(row["county"]) for row in rows])
    return county, np.array([float(row["residents_2020"] or 0) for row in rows])


def released(tables: Tables, counts: Floats, rule: Rule | None = None) -> Suppression:
    return suppress(tables.cells, counts, tables.cost, rule or Rule())


def by_counting(sets: Floats, value: Floats, low: Floats, most: int) -> list[tuple[float, float]]:
    """The interval of each figure over all whole-number counts of 0 to `most` that agree; NaN values are suppressed."""
    counts = np.array(list(product(range(most + 1), repeat=sets.shape[1])), dtype=np.float64)
    figures = counts @ sets.T
    agree = np.where(np.isnan(value), figures >= low, figures == value).all(axis=1)
    return [(float(f.min()), float(f.max())) for f in figures[agree].T]
