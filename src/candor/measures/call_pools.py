"""The pools of a cube of calls: towns, the state, what towns are compared with, and the same a year before.

Figures of calendar years count the months that came late as well, where their year is closed; all others do not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import DenseCube
from candor.measures.periods import YEAR, Months, Period, month_periods, quarter_periods
from candor.measures.pools import Pool, Series, chosen, comparable_pool, series_of, state_pool, town_pool
from candor.measures.pools import year_before as pair_of
from candor.measures.wander import LENGTHS, QUARTER, YEARS_BACK

Indices = NDArray[np.int64]


class CallPools:
    """`cells` is the cube of open kinds, `yearly` the same with the months that came late."""

    def __init__(self, cells: DenseCube, yearly: DenseCube | None, sensitive: Collection[str]) -> None:
        self.cells, self._yearly = cells, None if yearly is cells else yearly
        self.series = series_of(cells, sensitive)
        self._sensitive = sensitive

    @cached_property
    def _late(self) -> tuple[DenseCube, Series] | None:
        return None if self._yearly is None else (self._yearly, series_of(self._yearly, self._sensitive))

    @property
    def span(self) -> Months:
        """The months from the first that is covered to the last."""
        anywhere = np.flatnonzero(self.cells.covered.any(axis=0))
        return self.cells.months[anywhere[0] : anywhere[-1] + 1] if len(anywhere) else self.cells.months[:0]

    def towns(self, periods: Sequence[Period], places: Indices) -> Pool:
        """Some towns, each on its own."""
        return self._of(lambda c, s, p: town_pool(c, s, p, places), periods)

    def reference(self, periods: Sequence[Period]) -> Pool:
        """What towns are compared with: all whose persons are known, together."""
        return self._of(comparable_pool, periods)

    def state(self, periods: Sequence[Period]) -> Pool:
        """All towns together."""
        return self._of(state_pool, periods)

    def year_before(self, periods: Sequence[Period], places: Indices) -> tuple[Pool, Pool]:
        """Some towns now and a year before, in the months that both reported."""
        now, before = (
            self._of(lambda c, s, p, i=i: pair_of(c, s, p, places)[i], periods)  # type: ignore[misc]
            for i in range(2)
        )
        return now, before

    def pairs(self, covered: Months) -> dict[int, tuple[Pool, Pool]]:
        """Of each length of period its last years and, beside them, the year before each; `covered` is the span."""
        every = np.arange(len(self.cells.geoids))
        found = {}
        for length in LENGTHS:
            now = [p for p in _periods(length, covered) if p.first - YEAR >= covered[0]]
            now = now[-YEARS_BACK * YEAR // length :]
            if now:
                found[length] = self.towns(now, every), self.towns([p.earlier(YEAR) for p in now], every)
        return found

    def _of(self, of: Callable[[DenseCube, Series, Sequence[Period]], Pool], periods: Sequence[Period]) -> Pool:
        found = of(self.cells, self.series, periods)
        years = np.array([is_calendar_year(p) for p in periods], np.bool_)
        return found if self._late is None else chosen(years, of(*self._late, periods), found)


def is_calendar_year(period: Period) -> bool:
    """Whether it is a year from January to December."""
    return period.months == YEAR and int(period.first.astype(np.int64)) % YEAR == 0


def calendar_years(periods: Sequence[Period]) -> tuple[Period, ...]:
    """The calendar years among some periods, each once: the last 12 months may be one of them again."""
    found: dict[np.datetime64, Period] = {}
    for period in periods:
        if is_calendar_year(period):
            found.setdefault(period.first, period)
    return tuple(found.values())


def _periods(length: int, covered: Months) -> Sequence[Period]:
    if length == QUARTER:
        return quarter_periods(covered)
    if length < QUARTER:
        return month_periods(covered)
    first, last = covered[0], covered[-1]
    years = np.arange(first.astype("datetime64[Y]"), last.astype("datetime64[Y]") + 1).astype("datetime64[M]")
    whole = [Period(str(y)[:4], y, y + YEAR - 1) for y in years if y >= first and y + YEAR - 1 <= last]
    if len(whole) > 1:
        return whole
    # Fewer than two calendar years: the last twelve months, and those before them.
    ends = [last - YEAR * i for i in range(len(covered) // YEAR)]
    return [Period(f"to {end}", end - YEAR + 1, end) for end in reversed(ends)]
