"""When what is published: days that follow from the calendar and the portal's declarations alone, never from counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class Calendar:
    """How long after their end periods are told (METHODS, Protection 7).

    `days`: a month's rows and town tables. `quarter_days`: sensitive figures of a month, after its quarter.
    `year_days`: sensitive figures of a year, the year's corrections, and what came late.
    """

    days: int = 30
    quarter_days: int = 90
    year_days: int = 90

    def settles(self, month: np.datetime64) -> date:
        """The day from which the rows and town tables of a month are published."""
        return last_day(month) + timedelta(days=self.days)

    def month_told(self, month: np.datetime64) -> date:
        """The day from which sensitive figures of a month, and of its quarter, are told."""
        return last_day(quarter_end(month)) + timedelta(days=self.quarter_days)

    def year_told(self, year: int) -> date:
        """The day from which a year's sensitive figures are told, its corrections made, and its late months counted."""
        return date(year, 12, 31) + timedelta(days=self.year_days)

    def is_settled(self, month: np.datetime64, today: date) -> bool:
        """Whether a month's rows may be published."""
        return today >= self.settles(month)

    def is_closed(self, year: int, today: date) -> bool:
        """Whether a year's day has come."""
        return today >= self.year_told(year)


def last_day(month: np.datetime64) -> date:
    """The last day of a month."""
    found: date = ((month.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1).astype(object)
    return found


def quarter_end(month: np.datetime64) -> np.datetime64:
    """The last month of the quarter of a month."""
    number = int(month.astype("datetime64[M]").astype(np.int64))
    return month + (2 - number % 3)


def year_of(month: np.datetime64) -> int:
    """The calendar year of a month."""
    return int(month.astype("datetime64[M]").astype(np.int64)) // 12 + 1970


def as_month(text: str) -> np.datetime64:
    """`2025-03` as a month."""
    return np.datetime64(text, "M")


def months_over(months: Iterable[str], today: date) -> list[str]:
    """Those months (`2025-03`) that have ended, in order."""
    return [m for m in sorted(months) if last_day(as_month(m)) < today]


def complete_periods(months: Iterable[str]) -> frozenset[str]:
    """The quarters (`2025-Q1`) and years (`2025`) of which every month is among `months`."""
    every = set(months)
    quarters: dict[str, int] = {}
    years: dict[str, int] = {}
    for month in every:
        year, number = month[:4], int(month[5:7])
        quarter = f"{year}-Q{(number + 2) // 3}"
        quarters[quarter] = quarters.get(quarter, 0) + 1
        years[year] = years.get(year, 0) + 1
    return frozenset([q for q, n in quarters.items() if n == 3] + [y for y, n in years.items() if n == 12])
