"""The figures of sensitive kinds: towns by year or three years, counties and the state by month (docs/decisions/0009).

Here come the told counts alone, rounded. Whoever began a call is not told: one series a kind, in the place of `all`.
There is no sum of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.columns import TEXT, numbers, texts
from candor.measures.denominators import RESIDENTS
from candor.measures.dense import DenseCube, Ints
from candor.measures.lines import PER, RATE_FROM, Places, schema_of
from candor.measures.periods import YEAR, Period, named
from candor.measures.pools import INITIATED_BY, Pool, Series, chosen, same_towns, side_by_side, state_pool, town_pool
from candor.measures.release_figures import Block, years_together
from candor.measures.release_figures import figures as figure_lines
from candor.measures.standing import Under, concentration, over_years, sums
from candor.measures.wander import Learned, Wander, learn
from candor.statistics.intervals import Floats
from candor.statistics.negative_binomial import mean_interval
from candor.statistics.wander import ASSUMED
from candor.vocabulary.coverage import BY_COUNTY_ONLY, NOT_YET

States = NDArray[np.int8]

SPREAD = 2
"""How much more or less than told a rounded count may be."""

_NEVER = Period("never", np.datetime64("0001-01"), np.datetime64("0001-01"))
"""Stands for the earlier period of one that has none: nothing was told of it."""

_ALL = INITIATED_BY.index("all")

COLUMNS = (
    *("level", "geoid", "place", "county", "period", "period_kind", "first_month", "last_month", "category"),
    *("category_group", "coverage", "months_reported", "towns_reported", "calls", "told_on", "residents"),
    *("rate", "rate_low", "rate_high", "note"),
)
"""The columns of `sensitive-calls`."""

_TYPES = {field.name: field.type for field in schema_of("calls")} | {
    "period_kind": TEXT,
    "category_group": TEXT,
    "told_on": pa.date32(),
}
SCHEMA = pa.schema([(name, _TYPES[name]) for name in COLUMNS])


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
                calls[:, _ALL, i], state[:, _ALL, i], spread[:, _ALL, i] = told.calls, told.state, told.spread
        # Where nothing was reported, that is what there is to say.
        silent = (pool.months == 0) & (state != NOT_YET)
        state = np.where(silent, np.int8(-1), state)
        return replace(pool, calls=calls, untold=(state >= 0) | silent, state=state, spread=spread)

    def pool(self, periods: Sequence[Period], of: Callable[[DenseCube, Sequence[Period]], Pool]) -> Pool:
        """What `of` makes of the coverage of months for short periods, and of that of years for the others."""
        years = np.array([p.months >= YEAR for p in periods], np.bool_)
        return chosen(years, of(self.yearly, periods), of(self.monthly, periods))


def learned(figures: ToldFigures, beside: Wander | None) -> Wander:
    """How much the kinds wander, from what is told of towns by year; `beside` where that is too little."""
    series = figures.series
    years = list(figures.periods("town", "year"))
    pairs = {}
    if len(years) > 1:
        now = _towns(figures, series, years[1:])
        pairs[YEAR] = now, _towns(figures, series, [p.earlier(YEAR) for p in years[1:]])
    return learn(series, pairs, {}, beside)


def blocks(
    figures: ToldFigures, jurisdiction: str, state: str, wander: Wander, denominator: str = RESIDENTS
) -> list[tuple[Series, Block]]:
    """The lines of the sensitive kinds in `call-rates-by-town`: the state's, and the towns' beside it.

    `wander`: how much the kinds wander (`learned`).
    """
    cells = figures.yearly
    series = figures.series
    if not series.names:
        return []
    whole = Places("state", (state,), (jurisdiction,), ("",))
    towns = Places("town", cells.geoids, cells.names, cells.counties)
    of_state = partial(_state, figures, series)
    of_towns = partial(_towns, figures, series)
    short, long = figures.periods("state"), figures.periods("town")
    every = np.ones((len(series.names), len(INITIATED_BY)), np.bool_)
    years = figures.periods("town", "year")
    by_year = of_towns(years) if years else None
    found = []
    if short:
        share = np.ones((len(series.names), len(INITIATED_BY), len(short), 1))
        if by_year is not None:
            share[:] = concentration(by_year).mean(axis=2, keepdims=True)
        since = _alike(figures, series, short, [p.year_before for p in short])
        over = wander.over(short)
        found.append(Block(short, whole, of_state(short), None, since, over, every, share, denominator=denominator))
    if long:
        now, before = of_towns(long), of_towns([p.year_before or _NEVER for p in long])
        reference = partial(_comparable, figures, series)
        pooled = None if by_year is None else over_years(sums(by_year, reference(years), wander.over(years).c))
        block = Block(
            long,
            towns,
            now,
            reference(long),
            (now, before),
            wander.over(long),
            every,
            pooled=pooled,
            pooled_years=None if by_year is None else years_together(years, by_year),
            under=Under(0, 4),
            denominator=denominator,
        )
        found.append(block)
    return [(series, block) for block in found]


def table(figures: ToldFigures, groups: Mapping[str, str], jurisdiction: str, state: str, wander: Wander) -> pa.Table:
    """The data set `sensitive-calls`: every level, period, kind and place, in that order (`COLUMNS`)."""
    cells, series = figures.yearly, figures.series
    if not series.names:  # no kind of the portal is sensitive
        return SCHEMA.empty_table()
    counties = sorted({name for name in cells.counties if name})
    places = {
        "state": Places("state", (state,), (jurisdiction,), ("",)),
        "county": Places("county", ("",) * len(counties), tuple(counties), tuple(counties)),
        "town": Places("town", cells.geoids, cells.names, cells.counties),
    }
    pools = {
        "state": partial(_state, figures, series),
        "county": partial(_counties, figures, series, counties),
        "town": partial(_towns, figures, series),
    }
    parts = []
    for level, of_level in places.items():
        for kind in figures.kinds[level]:
            periods = figures.periods(level, kind)
            if not periods or not of_level.geoids:
                continue
            pool = pools[level](periods)
            part = _lines(series, periods, of_level, pool)
            part = part.filter(pc.equal(part["initiated_by"], "all"))
            one = np.zeros(part.num_rows, np.int64)
            part = part.append_column("period_kind", texts((kind,), one))
            names = pa.array(series.names, pa.string())
            at = pc.index_in(part["category"].cast(pa.string()), value_set=names).to_numpy()
            part = part.append_column("category_group", texts([groups[name] for name in series.names], at))
            part = part.append_column("told_on", _days(figures, level, periods, pool))
            parts.append(_as_told(figures, level, periods, wander.over(periods).c, part).select(COLUMNS))
    return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()


def _as_told(figures: ToldFigures, level: str, periods: Sequence[Period], c: Floats, part: pa.Table) -> pa.Table:
    """The lines with what each told figure was told with, and the rate that follows from that.

    `c` (L, 2, Q) is the wander of a town's count; a sum of towns wanders less, so its interval is rather too wide.
    """
    kinds = len(figures.monthly.categories)
    shape = (len(About._fields), kinds, len(periods), part.num_rows // max(1, kinds * len(periods)))
    wander = np.broadcast_to(c[:, _ALL, :, None], shape[1:]).ravel()
    stacked = np.full(shape, np.nan)
    for i, period in enumerate(periods):
        told = figures.told.get((level, period.first, period.last))
        if told is not None:
            stacked[:, :, i] = told.about
    about = About(*(values.ravel() for values in stacked))
    known = np.isfinite(about.months)
    calls = part["calls"].cast(pa.float64()).fill_null(0).to_numpy()
    persons = np.where(np.isfinite(about.person_years), about.person_years, 0.0)
    rated = known & (calls >= RATE_FROM) & (persons > 0)
    ends = [mean_interval(np.maximum(calls[rated] + more, 0), wander[rated]) for more in (-SPREAD, SPREAD)]
    made = [values / persons[rated] * PER for values in (calls[rated], ends[0].lower, ends[1].upper)]
    new: dict[str, Floats] = {
        "months_reported": about.months, "towns_reported": about.towns, "residents": about.residents,
        **dict.fromkeys(("rate", "rate_low", "rate_high"), np.full(known.size, np.nan)),
    }  # fmt: skip
    for name, values in zip(("rate", "rate_low", "rate_high"), made, strict=True):
        new[name] = np.full(known.size, np.nan)
        new[name][rated] = values
    for name, values in new.items():
        column, at = part[name], part.column_names.index(name)
        told_ = numbers(values) if name.startswith("rate") else pa.array(values, from_pandas=True).cast(pa.int64())
        part = part.set_column(at, name, pc.if_else(pa.array(known), told_, column))
    return part


def _days(figures: ToldFigures, level: str, periods: Sequence[Period], pool: Pool) -> pa.Array:
    """When each line was told or will be, in the order kind, period, place; empty where neither."""
    days = np.full((pool.calls.shape[0], len(periods), pool.calls.shape[3]), np.datetime64("NaT", "D"))
    for i, period in enumerate(periods):
        told = figures.told.get((level, period.first, period.last))
        if told is not None:
            days[:, i] = told.on
    return pa.array(days.ravel(), pa.date32(), from_pandas=True)


def _towns(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    every = np.arange(len(figures.yearly.geoids))
    return figures.fill("town", periods, figures.pool(periods, lambda cells, p: town_pool(cells, series, p, every)))


def _state(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    return figures.fill("state", periods, figures.pool(periods, lambda cells, p: state_pool(cells, series, p)))


def _counties(figures: ToldFigures, series: Series, counties: Sequence[str], periods: Sequence[Period]) -> Pool:
    """Each county as the state of its towns."""
    names = np.array(figures.yearly.counties)
    pools = []
    for county in counties:
        own = np.flatnonzero(names == county)

        def of(cells: DenseCube, p: Sequence[Period], own: np.ndarray = own) -> Pool:
            return state_pool(_some(cells, own), _of_towns(series, own), p)

        pools.append(figures.pool(periods, of))

    return figures.fill("county", periods, side_by_side(pools))


def _comparable(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    """What towns are compared with: the state, where the residents of all its towns are known."""
    pool = _state(figures, series, periods)
    known = np.isfinite(pool.person_years)
    return replace(pool, untold=pool.untold | ~known)


def _alike(
    figures: ToldFigures, series: Series, now: Sequence[Period], earlier: Sequence[Period | None]
) -> tuple[Pool, Pool]:
    """The state in two rows of periods, set against each other where the same towns reported the same months."""
    before = [p or _NEVER for p in earlier]
    same = same_towns(figures.yearly, now, before)
    one, other = _state(figures, series, now), _state(figures, series, before)
    return replace(one, untold=one.untold | ~same), replace(other, untold=other.untold | ~same)


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


def _lines(series: Series, periods: Sequence[Period], places: Places, pool: Pool) -> pa.Table:
    """The lines of a pool that is held against nothing."""
    shape = pool.calls.shape
    nobody = replace(pool, untold=np.ones(shape, np.bool_))
    nothing = Learned(np.full(shape[:3], ASSUMED), np.zeros(shape[:3], np.int64), np.zeros(shape[:3], np.int8))
    off = np.zeros(shape[:2], np.bool_)
    return pa.concat_tables(
        figure_lines([(series, Block(tuple(periods), places, pool, None, (nobody, nobody), nothing, off))])
    )
