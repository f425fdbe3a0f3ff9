"""Which figures of a sensitive kind are published: sums over places and months (docs/decisions/0008).

A kind of call is published by town over long periods, by county and month, and for the state by month: nothing is
crossed with everything, so that what is suppressed can be proven to stay so.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from candor.privacy.linear import Floats, Indices

TOWN, COUNTY, STATE = "town", "county", "state"

YEAR, QUARTER, MONTH, WINDOW = "year", "quarter", "month", "window"

PUBLISHED: dict[str, tuple[str, ...]] = {
    TOWN: (YEAR, WINDOW),
    COUNTY: (MONTH, YEAR, WINDOW),
    STATE: (MONTH, QUARTER, YEAR, WINDOW),
}
"""The kinds of period that each level has."""

WINDOWS = (12, 36)
"""The windows, in months, that end with the last month."""

_DEAR: dict[str, float] = {TOWN: 1.0, COUNTY: 4.0, STATE: 200.0}
_LONG: dict[str, float] = {MONTH: 1.0, QUARTER: 1.5, YEAR: 1.5, WINDOW: 2.0}


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


def plan(county: Indices, months: NDArray[np.datetime64], levels: dict[str, tuple[str, ...]] | None = None) -> Plan:
    """The figures that are published of one sensitive kind.

    `county` (towns,): the number of each town's county. `months`: the months in order, without gaps. A year or quarter
    of which months are missing at the edges stands for the months that are there. `levels` instead of `PUBLISHED`.
    """
    months = months.astype("datetime64[M]")
    n = months.size
    spans = {
        MONTH: [(m, m) for m in range(n)],
        QUARTER: _spans((months.astype(np.int64)) // 3),
        YEAR: _spans(months.astype("datetime64[Y]").astype(np.int64)),
        WINDOW: [(n - w, n - 1) for w in WINDOWS if w <= n],
    }
    towns = county.size
    place_sets = {
        TOWN: sparse.identity(towns, format="csr"),
        COUNTY: sparse.csr_matrix((np.ones(towns), (county, np.arange(towns)))),
        STATE: sparse.csr_matrix(np.ones((1, towns))),
    }
    columns: list[tuple[str, int, str, int, int]] = []
    sets = []
    for level, kinds in (levels or PUBLISHED).items():
        for kind in kinds:
            for first, last in spans[kind]:
                period = sparse.csr_matrix((np.arange(n) >= first) & (np.arange(n) <= last), dtype=np.float64)
                sets.append(sparse.kron(place_sets[level], period, format="csr"))
                columns += [(level, place, kind, first, last) for place in range(place_sets[level].shape[0])]
    level_, place_, kind_, first_, last_ = zip(*columns, strict=True)
    return Plan(
        np.array(level_),
        np.array(place_, np.int64),
        np.array(kind_),
        np.array(first_, np.int64),
        np.array(last_, np.int64),
        sparse.vstack(sets, format="csr"),
    )


def weights(figures: Plan, values: Floats) -> Floats:
    """What it costs to suppress each figure: small values, towns and short periods first, the state last.

    (1 + log2(1 + value)) times a factor for the level and one for the period.
    """
    level = np.vectorize(_DEAR.__getitem__, otypes=[np.float64])(figures.level)
    kind = np.vectorize(_LONG.__getitem__, otypes=[np.float64])(figures.kind)
    cost: Floats = (1 + np.log2(1 + values)) * level * kind
    return cost


def _spans(group: Indices) -> list[tuple[int, int]]:
    starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    return [(int(a), int(b) - 1) for a, b in zip(starts, [*starts[1:], group.size], strict=True)]
