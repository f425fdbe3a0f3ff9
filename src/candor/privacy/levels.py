"""Which figures of a sensitive kind are published: sums over places and months (docs/decisions/0008).

A kind of call is published by town and whole calendar year, by county and month, and for the state by month: nothing is
crossed with everything, so that what is suppressed can be proven to stay so. A year that is not over is not published
of a town: from release to release it would spell out the town's months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from candor.privacy.fold import Bools
from candor.privacy.linear import Floats, Indices

TOWN, COUNTY, STATE = "town", "county", "state"

MONTH, QUARTER, YEAR, YEARS = "month", "quarter", "year", "years"

PUBLISHED: dict[str, tuple[str, ...]] = {
    TOWN: (YEAR, YEARS),
    COUNTY: (MONTH, YEAR, YEARS),
    STATE: (MONTH, QUARTER, YEAR, YEARS),
}
"""The kinds of period that each level has."""

TOGETHER = 3
"""So many whole years, the last ones, are also published as one period (`YEARS`): the last 36 months, as it were."""

_DEAR: dict[str, float] = {TOWN: 1.0, COUNTY: 4.0, STATE: 200.0}
_LONG: dict[str, float] = {MONTH: 1.0, QUARTER: 1.5, YEAR: 1.5, YEARS: 2.0}

Spans = Mapping[str, Sequence[tuple[int, int]]]
"""By kind of period, the numbers of the first and the last month of each, both included."""


class Plan(NamedTuple):
    """The figures, in columns of one length, and the counts that each is the sum of.

    `level`, `place` (its number among the towns or the counties; 0 for the state), `kind` (of the period), `first` and
    `last` (numbers of months, both included). `sets` (figures, towns x months), 0 and 1: the count of town t in month m
    has the number t * months + m.
    """

    level: NDArray[np.str_]
    place: Indices
    kind: NDArray[np.str_]
    first: Indices
    last: Indices
    sets: sparse.csr_matrix

    @property
    def narrow(self) -> NDArray[np.bool_]:
        """The figures of one town, for `fold`."""
        return np.asarray(self.level == TOWN)


def spans(months: NDArray[np.datetime64]) -> dict[str, list[tuple[int, int]]]:
    """The periods that are published: every month, the whole quarters and years among them, the last three years.

    `months`: in order, without gaps.
    """
    numbers = months.astype("datetime64[M]").astype(np.int64)
    years = _whole(numbers, 12)
    last = years[-TOGETHER:]
    return {
        MONTH: [(m, m) for m in range(numbers.size)],
        QUARTER: _whole(numbers, 3),
        YEAR: years,
        YEARS: [(last[0][0], last[-1][1])] if len(last) == TOGETHER else [],
    }


def plan(
    county: Indices,
    months: NDArray[np.datetime64],
    reported: Bools | None = None,
    periods: Spans | None = None,
) -> Plan:
    """The figures that are published of one sensitive kind.

    `county` (towns,): the number of each town's county, -1 where it has none. `months`: the months in order, without
    gaps. `reported` (towns, months): the counts that there are (None: all); a figure without any is left out. `periods`
    instead of `spans(months)`.
    """
    n, towns = months.size, county.size
    there = np.ones((towns, n), np.bool_) if reported is None else reported
    inside = np.flatnonzero(county >= 0)
    counties = county.max(initial=-1) + 1
    place_sets = {
        TOWN: sparse.identity(towns, format="csr"),
        COUNTY: sparse.csr_matrix((np.ones(inside.size), (county[inside], inside)), shape=(counties, towns)),
        STATE: sparse.csr_matrix(np.ones((1, towns))),
    }
    columns: list[tuple[str, int, str, int, int]] = []
    sets = [sparse.csr_matrix((0, towns * n))]
    for level, kinds in PUBLISHED.items():
        for kind in kinds:
            for first, last in (periods or spans(months)).get(kind, ()):
                period = sparse.csr_matrix((np.arange(n) >= first) & (np.arange(n) <= last), dtype=np.float64)
                sets.append(sparse.kron(place_sets[level], period, format="csr"))
                columns += [(level, place, kind, first, last) for place in range(place_sets[level].shape[0])]
    every = sparse.csr_matrix(sparse.vstack(sets, format="csr") @ sparse.diags(there.ravel().astype(np.float64)))
    every.eliminate_zeros()
    some = np.diff(every.indptr) > 0
    level_, place_, kind_, first_, last_ = zip(*columns, strict=True) if columns else ((), (), (), (), ())
    return Plan(
        np.array(level_, np.str_)[some],
        np.array(place_, np.int64)[some],
        np.array(kind_, np.str_)[some],
        np.array(first_, np.int64)[some],
        np.array(last_, np.int64)[some],
        every[some],
    )


def weights(figures: Plan, values: Floats) -> Floats:
    """What it costs to suppress each figure: small values, towns and short periods first, the state last.

    (1 + log2(1 + value)) times a factor for the level and one for the period.
    """
    level = np.array([_DEAR[name] for name in figures.level], np.float64)
    kind = np.array([_LONG[name] for name in figures.kind], np.float64)
    cost: Floats = (1 + np.log2(1 + values)) * level * kind
    return cost


def _whole(numbers: NDArray[np.int64], length: int) -> list[tuple[int, int]]:
    """The calendar spans of so many months of which no month is missing."""
    starts = np.flatnonzero((numbers % length == 0) & (np.arange(numbers.size) + length <= numbers.size))
    return [(int(s), int(s) + length - 1) for s in starts]
