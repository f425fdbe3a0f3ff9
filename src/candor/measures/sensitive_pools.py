"""What is told of sensitive kinds, as pools: towns by year or three years, counties and the state by month.

The told counts alone, rounded (docs/decisions/0009). Whoever began a call is not told: one series a kind, in the place
of `all`. There is no sum of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import DenseCube, Ints
from candor.measures.periods import YEAR, Period, named
from candor.measures.pools import INITIATED_BY, Pool, Series, chosen, side_by_side, state_pool, town_pool
from candor.statistics.intervals import Floats
from candor.vocabulary.coverage import BY_COUNTY_ONLY, NOT_YET

States = NDArray[np.int8]

ALL = INITIATED_BY.index("all")


class About(NamedTuple):
    """What a figure was told with, each (C, places) and NaN where nothing was told: it stays, like the figure.

    Residents are corrected and towns are split; a rate that changed with them would tell nothing new of the calls.
    """

    months: Floats
    towns: Floats
    residents: Floats
    person_years: Floats

    @classmethod
    def nothing(cls, shape: tuple[int, ...]) -> About:
        """Of figures none of which was told."""
        return cls(*(np.full(shape, np.nan) for _ in range(4)))


class Told(NamedTuple):
    """What is known of the places of a level in a span, each (C, places).

    `calls` as they are told, rounded, 0 where there is no number. `state`: index into `vocabulary.COVERAGE` where that
    does not follow from the months reported, else -1. `spread`: how much more or less the count may be. `on`: the
    day on which it was told, or will be.
    """

    calls: Ints
    state: States
    spread: Ints
    on: NDArray[np.datetime64]
    about: About


@dataclass(frozen=True)
class ToldFigures:
    """All of it. `monthly` and `yearly` have the coverage and the residents of figures of months and of years, and no
    counts; their categories are the kinds.

    `told`: by level and span (first and last month). `kinds`: by level, the kinds of period, each with its spans.
    """

    monthly: DenseCube
    yearly: DenseCube
    told: Mapping[tuple[str, np.datetime64, np.datetime64], Told]
    kinds: Mapping[str, Mapping[str, Sequence[tuple[np.datetime64, np.datetime64]]]]

    @property
    def series(self) -> Series:
        """The kinds, without counts."""
        names = self.monthly.categories
        shape = (len(names), len(INITIATED_BY), *self.monthly.reported.shape)
        return Series(("category",) * len(names), names, np.zeros(shape, np.int64), np.zeros(shape, np.bool_))

    def periods(self, level: str, *kinds: str) -> tuple[Period, ...]:
        """The periods of a level that are of some kinds (all without any), kind by kind."""
        of_level = self.kinds[level]
        return tuple(named(*span) for kind in kinds or of_level for span in of_level.get(kind, ()))

    def fill(self, level: str, periods: Sequence[Period], pool: Pool) -> Pool:
        """The pool of a level's places over some periods with what is told; what is not, has no figure."""
        kinds, places = len(self.monthly.categories), pool.months.shape[1]
        shape = (kinds, len(INITIATED_BY), len(periods), places)
        calls, spread = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        state = np.full(shape, BY_COUNTY_ONLY, np.int8)
        for i, period in enumerate(periods):
            told = self.told.get((level, period.first, period.last))
            if told is not None:
                calls[:, ALL, i], state[:, ALL, i], spread[:, ALL, i] = told.calls, told.state, told.spread
        # Where nothing was reported, that is what there is to say.
        silent = (pool.months == 0) & (state != NOT_YET)
        state = np.where(silent, np.int8(-1), state)
        return replace(pool, calls=calls, untold=(state >= 0) | silent, state=state, spread=spread)

    def pool(self, periods: Sequence[Period], of: Callable[[DenseCube, Sequence[Period]], Pool]) -> Pool:
        """What `of` makes of the coverage of months for short periods, and of that of years for the others."""
        years = np.array([p.months >= YEAR for p in periods], np.bool_)
        return chosen(years, of(self.yearly, periods), of(self.monthly, periods))


def town_pools(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    """The towns over some periods."""
    every = np.arange(len(figures.yearly.geoids))
    return figures.fill("town", periods, figures.pool(periods, lambda cells, p: town_pool(cells, series, p, every)))


def state_pools(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    """The state over some periods."""
    return figures.fill("state", periods, figures.pool(periods, lambda cells, p: state_pool(cells, series, p)))


def county_pools(figures: ToldFigures, series: Series, counties: Sequence[str], periods: Sequence[Period]) -> Pool:
    """Each county over some periods, as the state of its towns."""
    names = np.array(figures.yearly.counties)
    pools = []
    for county in counties:
        own = np.flatnonzero(names == county)

        def of(cells: DenseCube, p: Sequence[Period], own: np.ndarray = own) -> Pool:
            return state_pool(_some(cells, own), _of_towns(series, own), p)

        pools.append(figures.pool(periods, of))

    return figures.fill("county", periods, side_by_side(pools))


def _some(cells: DenseCube, towns: np.ndarray) -> DenseCube:
    def of(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(values[i] for i in towns)

    return replace(
        cells,
        geoids=of(cells.geoids), names=of(cells.names), counties=of(cells.counties),
        residents=cells.residents[towns], reported=cells.reported[towns], covered=cells.covered[towns],
        calls=cells.calls[:, :, towns], untold=cells.untold[:, :, towns],
        waiting=None if cells.waiting is None else cells.waiting[towns],
        area=None if cells.area is None else cells.area[towns],
        persons=None if cells.persons is None else cells.persons[towns],
    )  # fmt: skip


def _of_towns(series: Series, towns: np.ndarray) -> Series:
    return replace(series, calls=series.calls[:, :, towns], untold=series.untold[:, :, towns])
