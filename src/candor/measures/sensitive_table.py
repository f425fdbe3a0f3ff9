"""The data set `sensitive-calls`: everything that is told of sensitive kinds, as it was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.columns import TEXT, numbers, texts
from candor.measures.lines import PER, RATE_FROM, Places, schema_of
from candor.measures.periods import Period
from candor.measures.pools import Pool, Series
from candor.measures.release_figures import Block
from candor.measures.release_figures import figures as figure_lines
from candor.measures.sensitive_pools import ALL, About, ToldFigures, county_pools, state_pools, town_pools
from candor.measures.wander import Learned, Wander
from candor.statistics.intervals import Floats
from candor.statistics.negative_binomial import lower_mean, upper_mean
from candor.statistics.wander import ASSUMED

_SPREAD = 2
"""How much more or less than told a rounded count may be."""

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
        "state": partial(state_pools, figures, series),
        "county": partial(county_pools, figures, series, counties),
        "town": partial(town_pools, figures, series),
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
    wander = np.broadcast_to(c[:, ALL, :, None], shape[1:]).ravel()
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
    told_calls, c = calls[rated], wander[rated]
    limits = lower_mean(np.maximum(told_calls - _SPREAD, 0), c), upper_mean(told_calls + _SPREAD, c)
    made = [values / persons[rated] * PER for values in (told_calls, *limits)]
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


def _lines(series: Series, periods: Sequence[Period], places: Places, pool: Pool) -> pa.Table:
    """The lines of a pool that is held against nothing."""
    shape = pool.calls.shape
    nobody = replace(pool, untold=np.ones(shape, np.bool_))
    nothing = Learned(np.full(shape[:3], ASSUMED), np.zeros(shape[:3], np.int64), np.zeros(shape[:3], np.int8))
    off = np.zeros(shape[:2], np.bool_)
    return pa.concat_tables(
        figure_lines([(series, Block(tuple(periods), places, pool, None, (nobody, nobody), nothing, off))])
    )
