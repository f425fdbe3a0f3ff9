"""The figures of sensitive kinds: towns by year, counties and the state by month (docs/decisions/0008).

What is withheld was chosen before (`privacy.suppression`); here come the protected counts alone. Whoever began a call
is not told: one series a kind, in the place of `all`. There is no sum of kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.changes import Changes
from candor.measures.dense import Bools, DenseCube, Ints
from candor.measures.intervals import Floats
from candor.measures.lines import TEXT, Places, lines, schema_of, texts
from candor.measures.periods import Period, named
from candor.measures.pools import INITIATED_BY, Pool, Series, same_towns, state_pool, town_pool
from candor.measures.release_figures import Block
from candor.measures.standing import Withheld

_ALL = INITIATED_BY.index("all")

COLUMNS = (
    *("level", "geoid", "place", "county", "period", "period_kind", "first_month", "last_month", "category"),
    *("category_group", "coverage", "months_reported", "towns_reported", "calls", "residents"),
    *("rate", "rate_low", "rate_high", "note"),
)
"""The columns of `sensitive-calls`."""

_TYPES = {field.name: field.type for field in schema_of("calls")} | {"period_kind": TEXT, "category_group": TEXT}
SCHEMA = pa.schema([(name, _TYPES[name]) for name in COLUMNS])


class Told(NamedTuple):
    """What is published of the places of a level in a span: counts, 0 where withheld, and what is. Both (C, places)."""

    calls: Ints
    suppressed: Bools


@dataclass(frozen=True)
class ProtectedFigures:
    """All of it. `cells` has the coverage and the residents, and no counts; its categories are the kinds.

    `told`: by level and span (first and last month). `kinds`: by level, the kinds of period, each with its spans.
    """

    cells: DenseCube
    told: Mapping[tuple[str, np.datetime64, np.datetime64], Told]
    kinds: Mapping[str, Mapping[str, Sequence[tuple[np.datetime64, np.datetime64]]]]

    @property
    def series(self) -> Series:
        """The kinds, without counts."""
        names = self.cells.categories
        shape = (len(names), len(INITIATED_BY), *self.cells.reported.shape)
        return Series(("category",) * len(names), names, np.zeros(shape, np.int64), np.zeros(shape, np.bool_))

    def periods(self, level: str, *kinds: str) -> tuple[Period, ...]:
        """The periods of a level that are of some kinds (all without any), kind by kind."""
        of_level = self.kinds[level]
        return tuple(named(*span) for kind in kinds or of_level for span in of_level.get(kind, ()))

    def fill(self, level: str, periods: Sequence[Period], pool: Pool) -> Pool:
        """The pool of a level's places over some periods with what is published; what is not, is as withheld."""
        kinds, places = len(self.cells.categories), pool.months.shape[1]
        shape = (kinds, len(INITIATED_BY), len(periods), places)
        calls, suppressed = np.zeros(shape, np.int64), np.ones(shape, np.bool_)
        for i, period in enumerate(periods):
            told = self.told.get((level, period.first, period.last))
            if told is not None:
                calls[:, _ALL, i], suppressed[:, _ALL, i] = told
        return replace(pool, calls=calls, suppressed=suppressed)


def blocks(figures: ProtectedFigures, jurisdiction: str, state: str, threshold: int) -> list[tuple[Series, Block]]:
    """The lines of the sensitive kinds in `call-rates-by-town`: the state's, and the towns' beside it."""
    cells = figures.cells
    series = figures.series
    whole = Places("state", (state,), (jurisdiction,), ("",))
    towns = Places("town", cells.geoids, cells.names, cells.counties)
    of_state = partial(_state, figures, series)
    of_towns = partial(_towns, figures, series)
    short, long = figures.periods("state"), figures.periods("town")
    found = []
    if short:
        now = of_state(short)
        pairs = [_alike(figures, series, short, [_earlier(p, months) for p in short]) for months in (None, 12)]
        found.append(Block(short, whole, now, None, (pairs[0], pairs[1])))
    if long:
        block = Block.of_towns(long, towns, of_towns, partial(_comparable, figures, series))
        found.append(replace(block, withheld=Withheld(1, threshold - 1)))
    return [(series, block) for block in found]


def table(figures: ProtectedFigures, groups: Mapping[str, str], jurisdiction: str, state: str) -> pa.Table:
    """The data set `sensitive-calls`: every level, period, kind and place, in that order (`COLUMNS`)."""
    cells, series = figures.cells, figures.series
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
            nothing = _no_change(pool.calls.shape)
            part = lines(series, periods, of_level, pool, None, (nothing, nothing))
            part = part.filter(pc.equal(part["initiated_by"], "all"))
            one = np.zeros(part.num_rows, np.int64)
            part = part.append_column("period_kind", texts((kind,), one))
            names = pa.array(series.names, pa.string())
            at = pc.index_in(part["category"].cast(pa.string()), value_set=names).to_numpy()
            part = part.append_column("category_group", texts([groups[name] for name in series.names], at))
            parts.append(part.select(COLUMNS))
    return pa.concat_tables(parts).unify_dictionaries() if parts else SCHEMA.empty_table()


def sums_tell_nothing(figures: ProtectedFigures, elsewhere: int, threshold: int) -> bool:
    """Whether the sum of all sensitive counts may be told: the rows that are not published are so many.

    `elsewhere` are the calls in no figure: without a town, or not covered. Their number is not known, so the sum is no
    more than a bound on what is withheld: by `elsewhere` above the truth, whatever is told later. Where that is not
    small, or there is nothing withheld of the state to be bounded, it tells nothing of a small count.
    """
    return elsewhere >= threshold or (elsewhere == 0 and _state_is_told(figures))


def _state_is_told(figures: ProtectedFigures) -> bool:
    """Whether every month of the state is told, of every kind."""
    months = [figures.told["state", *span] for span in figures.kinds["state"].get("month", ())]
    return not any(told.suppressed.any() for told in months)


def _towns(figures: ProtectedFigures, series: Series, periods: Sequence[Period]) -> Pool:
    every = np.arange(len(figures.cells.geoids))
    return figures.fill("town", periods, town_pool(figures.cells, series, periods, every))


def _state(figures: ProtectedFigures, series: Series, periods: Sequence[Period]) -> Pool:
    return figures.fill("state", periods, state_pool(figures.cells, series, periods))


def _counties(figures: ProtectedFigures, series: Series, counties: Sequence[str], periods: Sequence[Period]) -> Pool:
    """Each county as the state of its towns."""
    cells, names = figures.cells, np.array(figures.cells.counties)
    pools = []
    for county in counties:
        own = np.flatnonzero(names == county)
        pools.append(state_pool(_some(cells, own), _of_towns(series, own), periods))

    def beside(name: str) -> np.ndarray:
        return np.concatenate([getattr(pool, name) for pool in pools], axis=-1)

    together = Pool(**{name: beside(name) for name in Pool.__dataclass_fields__ if name != "area"})
    return figures.fill("county", periods, together)


def _comparable(figures: ProtectedFigures, series: Series, periods: Sequence[Period]) -> Pool:
    """What towns are compared with: the state, where the residents of all its towns are known."""
    pool = _state(figures, series, periods)
    known = np.isfinite(pool.person_years)
    return replace(pool, suppressed=pool.suppressed | ~known)


def _alike(
    figures: ProtectedFigures, series: Series, now: Sequence[Period], earlier: Sequence[Period | None]
) -> tuple[Pool, Pool]:
    """The state in two rows of periods, set against each other where the same towns reported the same months."""
    before = [p or Period("never", np.datetime64("0001-01"), np.datetime64("0001-01")) for p in earlier]
    same = same_towns(figures.cells, now, before)
    one, other = _state(figures, series, now), _state(figures, series, before)
    return replace(one, suppressed=one.suppressed | ~same), replace(other, suppressed=other.suppressed | ~same)


def _earlier(period: Period, months: int | None) -> Period | None:
    """The period before, or the one so many months before where that is not the same."""
    if months is None:
        return period.previous
    return period.year_before if period.months < months else period.previous


def _some(cells: DenseCube, towns: np.ndarray) -> DenseCube:
    def of(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(values[i] for i in towns)

    return replace(
        cells,
        geoids=of(cells.geoids), names=of(cells.names), counties=of(cells.counties),
        residents=cells.residents[towns], reported=cells.reported[towns], covered=cells.covered[towns],
        calls=cells.calls[:, :, towns], suppressed=cells.suppressed[:, :, towns],
        area=None if cells.area is None else cells.area[towns],
    )  # fmt: skip


def _of_towns(series: Series, towns: np.ndarray) -> Series:
    return replace(series, calls=series.calls[:, :, towns], suppressed=series.suppressed[:, :, towns])


def _no_change(shape: tuple[int, ...]) -> Changes:
    nothing: Floats = np.full(shape, np.nan)
    return Changes(nothing, nothing, nothing, np.zeros(shape, np.int8))
