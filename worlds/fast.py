"""The fast path: a world's counts as the arrays of a cube, and the figures that the measures make of them.

Nothing is computed here: pools, wander, comparison, change and usual months are the functions that a release calls,
over the periods that are judged. `table` is the whole data set of a release, for the worlds that are published.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.call_pools import CallPools, calendar_years
from candor.measures.changes import Changes, changes, discoveries, test
from candor.measures.dense import DenseCube
from candor.measures.lines import coverage_of, rate_interval
from candor.measures.periods import YEAR, Period, month_periods, pooled_periods, quarter_periods
from candor.measures.pools import Pool, Series
from candor.measures.rates import call_rate_parts, learned_from
from candor.measures.seasons import UsualMonths, months_of, usual_of
from candor.measures.similar import Similar
from candor.measures.standing import Standing, over_years, standing, sums
from candor.measures.wander import LENGTHS, Learned, Wander
from candor.statistics.wander import LEAST
from candor.vocabulary.coverage import COVERAGE
from worlds.draw import BASE, CATEGORIES, GROUPS, World
from worlds.tally import Bools, Floats

CITIZEN = slice(0, 1)
"""Of the two ways of counting the first: in these worlds nothing is begun by an officer, so both are the same."""

SHOWN_QUARTERS, SHOWN_MONTHS = 2, 2


def cells_of(world: World) -> DenseCube:
    """The cube of a world."""
    state, calls = world.state, world.calls
    both = np.zeros((len(calls), 2, *calls.shape[1:]), np.int64)
    both[:, 0] = calls
    covered = np.zeros(world.reported.shape, np.bool_)
    for town, months in enumerate(world.reported):  # declared from its first month to its last
        sent = np.flatnonzero(months)
        covered[town, sent[0] if len(sent) else 0 : sent[-1] + 1 if len(sent) else 0] = True
    people = np.repeat(state.residents[:, None], world.reported.shape[1], axis=1)
    return DenseCube(
        state.geoids, state.names, state.counties, people, world.months, CATEGORIES, GROUPS, both,
        np.zeros(both.shape, np.bool_), world.reported, covered,
        persons=np.broadcast_to(world.persons[:, None], people.shape),
    )  # fmt: skip


def table(world: World, jurisdiction: str, state: str, similar: Similar, denominator: str) -> pa.Table:
    """`call-rates-by-town` of a world, as a release has it."""
    pools = CallPools(cells_of(world), None, ())
    parts = call_rate_parts(pools, learned_from(pools), jurisdiction, state, similar=similar, denominator=denominator)
    return pa.concat_tables(list(parts)).unify_dictionaries()


def true_wander(world: World, series: Series) -> Wander:
    """What c truly is, of the series of a world: that of a total is less, for its kinds wander each by itself.

    Never less than the least that the rule allows.
    """
    found = {}
    for length in LENGTHS:
        bases = [np.array(BASE)[members(*key)] for key in zip(series.levels, series.names, strict=True)]
        shares = np.array([(base**2).sum() / base.sum() ** 2 for base in bases])
        c = np.maximum(world.true_wander(length) * shares[:, None], LEAST)
        found[length] = Learned(c, np.zeros(c.shape, np.int64), np.zeros(c.shape, np.int8))
    return Wander(found)


def members(level: str, name: str) -> Bools:
    """Which categories are in a series."""
    if level == "all":
        return np.ones(len(CATEGORIES), np.bool_)
    return np.asarray(np.array(GROUPS if level == "group" else CATEGORIES) == name, np.bool_)


@dataclass(frozen=True)
class Figures:
    """The figures of a world: arrays (L, 1, Q, P). L series, Q periods, P towns."""

    world: World

    @cached_property
    def pools(self) -> CallPools:
        """Sums of the cube."""
        pools = CallPools(cells_of(self.world), None, ())
        s = pools.series
        pools.series = Series(s.levels, s.names, s.calls[:, CITIZEN], s.untold[:, CITIZEN])
        return pools

    @property
    def series(self) -> Series:
        """What is counted."""
        return self.pools.series

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The calendar years, the last 36 months, and the last quarters and months."""
        span = self.pools.span
        every = pooled_periods(span)
        long = (*calendar_years(every), *(p for p in every if p.name == "last-36-months"))
        return (*long, *quarter_periods(span)[-SHOWN_QUARTERS:], *month_periods(span)[-SHOWN_MONTHS:])

    @property
    def towns(self) -> NDArray[np.int64]:
        """All of them."""
        return np.arange(len(self.world.state.geoids))

    @cached_property
    def now(self) -> Pool:
        """The towns in the periods."""
        return self.pools.towns(self.periods, self.towns)

    @cached_property
    def before(self) -> tuple[Pool, Pool]:
        """The towns in the periods and a year before."""
        return self.pools.year_before(self.periods, self.towns)

    @cached_property
    def learned(self) -> Wander:
        """How much counts wander, as it is learned."""
        return learned_from(self.pools)

    @cached_property
    def truly(self) -> Wander:
        """How much they truly do."""
        return true_wander(self.world, self.series)

    def standing(self, wander: Wander) -> Standing:
        """The towns beside the others."""
        years = calendar_years(self.periods)
        of_years = self.pools.towns(years, self.towns)
        pooled = over_years(sums(of_years, self.pools.reference(years), wander.over(years).c))
        c = wander.over(self.periods).c
        compared = np.ones(self.series.calls.shape[:2], np.bool_)
        return standing(self.now, self.pools.reference(self.periods), c, compared=compared, pooled=pooled)

    def changes(self, wander: Wander) -> Changes:
        """The change in a year."""
        tested = test(*self.before, wander.over(self.periods).c)
        return changes(*self.before, tested, discoveries(tested.p, self.series.levels))

    def rates(self) -> tuple[Floats, Floats, Floats]:
        """Rate per 1,000 and year and its limits, where they are printed."""
        known = coverage_of(self.now) >= COVERAGE.index("partly reported")
        rated = known & (self.now.calls >= 10) & (self.now.person_years > 0)
        found = rate_interval(self.now, rated, self.learned.over(self.periods).c[..., None])
        columns = tuple(np.full(rated.shape, np.nan) for _ in found)
        for column, values in zip(columns, found, strict=True):
            column[rated] = values
        return columns[0], columns[1], columns[2]

    def usual(self, which: Sequence[int]) -> UsualMonths:
        """Months beside the same month of earlier years, of some of the series: (l, 1, M, P)."""
        index = list(which)
        s = self.series
        part = Series(
            tuple(s.levels[i] for i in index), tuple(s.names[i] for i in index), s.calls[index], s.untold[index]
        )
        pools = CallPools(self.pools.cells, None, ())
        pools.series = part
        months = month_periods(pools.span)
        pool = pools.towns(months, self.towns)
        c = np.broadcast_to(self.learned.over(months).c[index][..., None], pool.calls.shape)
        return usual_of(pool, months_of(months), c, np.ones(pool.calls.shape[:2], np.bool_))

    @cached_property
    def mean(self) -> Floats:
        """What is truly to be expected in the reported months of each period: (L, 1, Q, P)."""
        s, world = self.series, self.world
        of_month = np.where(world.reported, world.mean, 0.0)
        found = [of_month[members(level, name)].sum(axis=0) for level, name in zip(s.levels, s.names, strict=True)]
        inside = [(world.months >= p.first) & (world.months <= p.last) for p in self.periods]
        return np.stack([np.stack([m[:, i].sum(axis=1) for i in inside]) for m in found])[:, None]

    @cached_property
    def true_ratio(self) -> Floats:
        """Each town's true rate over that of the rest of the state, in the same months: (L, 1, Q, P)."""
        persons = np.where(self.now.person_years > 0, self.now.person_years, 0.0)
        mean = np.where(persons > 0, self.mean, 0.0)
        rest = (mean.sum(axis=-1, keepdims=True) - mean) / (persons.sum(axis=-1, keepdims=True) - persons)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(mean / persons / rest)

    @property
    def last_year(self) -> int:
        """The position of the last calendar year among the periods."""
        return max(i for i, p in enumerate(self.periods) if p.months == YEAR)
