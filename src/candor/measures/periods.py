"""The spans of whole months over which calls are pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Months = NDArray[np.datetime64]

ALL = "all"
YEAR = 12
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

    @property
    def previous(self) -> Period | None:
        """The period of the same length that ends before it; all months together have none."""
        return None if self.name == ALL else self.earlier(self.months)

    @property
    def year_before(self) -> Period | None:
        """The same months a year before; none for a period longer than a year, which would overlap itself."""
        return None if self.name == ALL or self.months > YEAR else self.earlier(YEAR)

    def earlier(self, months: int) -> Period:
        """The same span, that many months earlier."""
        return Period(f"{self.name} less {months} months", self.first - months, self.last - months)


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


def quarter_periods(covered: Months) -> tuple[Period, ...]:
    """Each calendar quarter touched, named as `2025-Q1`, always with its three months."""
    if not len(covered):
        return ()
    first = covered[0] - int(covered[0].astype(np.int64)) % 3
    starts = np.arange(first, covered[-1] + 1, 3)
    return tuple(Period(f"{q.astype(object).year}-Q{q.astype(object).month // 3 + 1}", q, q + 2) for q in starts)


def named(first: np.datetime64, last: np.datetime64) -> Period:
    """A month, a calendar quarter or year, or several whole years, by its usual name: `2023-2025`.

    Raises `ValueError` for another span.
    """
    start, length = int(first.astype("datetime64[M]").astype(np.int64)), int((last - first).astype(np.int64)) + 1
    year, month = start // 12 + 1970, start % 12
    if length == 1:
        name = str(first)
    elif length == 3 and month % 3 == 0:
        name = f"{year}-Q{month // 3 + 1}"
    elif length % YEAR == 0 and month == 0:
        name = str(year) if length == YEAR else f"{year}-{year + length // YEAR - 1}"
    else:
        raise ValueError(f"a month, a quarter or whole calendar years, found {first} to {last}")
    return Period(name, first, last)


def year_shares(months: Months) -> NDArray[np.float64]:
    """How much of its calendar year each month is, by days: February has less time for calls than March.

    The twelve months of a calendar year are exactly one year.
    """
    years = months.astype("datetime64[Y]")
    days = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    of_year = (years + 1).astype("datetime64[D]") - years.astype("datetime64[D]")
    return np.asarray(days / of_year, dtype=np.float64)


def membership(periods: Sequence[Period], months: Months) -> NDArray[np.bool_]:
    """Which of the M `months` lie in which of the Q `periods`: (Q, M)."""
    first = np.array([p.first for p in periods], "datetime64[M]")[:, None]
    last = np.array([p.last for p in periods], "datetime64[M]")[:, None]
    inside: NDArray[np.bool_] = (months >= first) & (months <= last)
    return inside
