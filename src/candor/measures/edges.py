"""Where a delivery begins and ends: of a month at its edge nobody can tell yet whether all of it came.

Inside, silence is judged by the rows on both sides of it (`silence`). Behind the last row there is nothing to judge by:
an export that was cut looks like an agency that nobody calls. So a month is whole at an edge only where no more days of
it are missing than are usual between two days with rows, and beyond the edge no month is a zero, whoever declares it.
What comes later says how it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_FEW_DAYS = 3.0
"""Days that may be missing of any month."""

_INTERVALS = 5.0
"""The usual intervals between two days with rows that may be missing: by chance one in 150 is as long."""

_YEAR = 365
"""The days next to an edge by which is told what is usual there."""

_LEAST = 5
"""Days with rows from which anything is usual."""


@dataclass(frozen=True)
class Edges:
    """The months of the first and of the last row, and those of them that are not there whole; none without rows."""

    first: str = ""
    last: str = ""
    partly: frozenset[str] = frozenset()

    def inside(self, month: str) -> bool:
        """Whether rows were delivered that lie before or in a month, and such that lie in or behind it."""
        return self.first <= month <= self.last


def edges(days: pa.Table) -> Edges:
    """Where the rows of all agencies of a source begin and end; `days` is the table of `cube.day_counts`."""
    day = np.unique(days["day"].drop_null().cast(pa.int32()).to_numpy().astype("datetime64[D]"))
    if not len(day):
        return Edges()
    first, last = day[0].astype("datetime64[M]"), day[-1].astype("datetime64[M]")
    missing_before = int((day[0] - first.astype("datetime64[D]")).astype(int))
    missing_after = int(((last + 1).astype("datetime64[D]") - day[-1]).astype(int)) - 1
    partly = set()
    if missing_before > _slack(day, day[0], day[0] + _YEAR):
        partly.add(str(first))
    if missing_after > _slack(day, day[-1] - _YEAR, day[-1]):
        partly.add(str(last))
    return Edges(str(first), str(last), frozenset(partly))


def _slack(day: NDArray[np.datetime64], after: np.datetime64, until: np.datetime64) -> float:
    """The days that may be missing at an edge, by the days with rows between two days; where these are few, any."""
    there = day[(day >= after) & (day <= until)]
    if len(there) < _LEAST:
        return np.inf
    between = float((there[-1] - there[0]).astype(int)) / (len(there) - 1)
    return max(_FEW_DAYS, _INTERVALS * between)
