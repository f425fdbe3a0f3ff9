"""The spans of whole months over which calls are pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Months = NDArray[np.datetime64]

ALL = "all"
POOLS = (12, 36)
"""Lengths in months of the periods that end with the last covered month (METHODS, Rates)."""


@dataclass(frozen=True)
class Period:
    """Whole months from `first` to `last` (datetime64[M]), both included."""

    name: str
    first: np.datetime64
    last: np.datetime64

    @property
    def months(self) -> int:
        """How many months it has."""
        return int((self.last - self.first).astype(np.int64)) + 1


def pooled_periods(covered: Months) -> tuple[Period, ...]:
    """Each calendar year touched, the last 12 and 36 months where there are so many, and all months.

    `covered` are the consecutive months from the first covered to the last. A calendar year always has its twelve
    months: a year that the data cover in part is pooled as such, and not passed off as whole.
    """
    if not len(covered):
        return ()
    first, last = covered[0], covered[-1]
    years = np.arange(first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1)
    calendar = [Period(str(y), y.astype("datetime64[M]"), y.astype("datetime64[M]") + 11) for y in years]
    recent = [Period(f"last-{n}-months", last - n + 1, last) for n in POOLS if len(covered) >= n]
    return (*calendar, *recent, Period(ALL, first, last))


def month_periods(covered: Months) -> tuple[Period, ...]:
    """Each month on its own, named as `2025-03`."""
    return tuple(Period(str(month), month, month) for month in covered)


def membership(periods: Sequence[Period], months: Months) -> NDArray[np.bool_]:
    """Which of the M `months` lie in which of the Q `periods`: (Q, M)."""
    first = np.array([p.first for p in periods], "datetime64[M]")[:, None]
    last = np.array([p.last for p in periods], "datetime64[M]")[:, None]
    inside: NDArray[np.bool_] = (months >= first) & (months <= last)
    return inside
