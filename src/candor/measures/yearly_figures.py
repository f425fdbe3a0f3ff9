"""The figures of counts by place and year: data set `offence-rates-by-town`, from the protected table alone.

Totals are over open categories, and only where each of them was reported: a total that lacks a category in one place
or year would be compared with whole ones. Sensitive categories stand alone, so no two definitions of one offence are
ever summed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.columns import TEXT
from candor.measures.denominators import RESIDENTS
from candor.measures.dense import Bools, Ints
from candor.measures.lines import Places, schema_of
from candor.measures.periods import YEAR, Period
from candor.measures.pools import Pool, Series
from candor.measures.release_figures import Block, figures, years_together
from candor.measures.similar import Similar
from candor.measures.standing import Under, over_years, sums
from candor.measures.wander import Wander, learn
from candor.measures.yearly import YearlyCells
from candor.vocabulary.coverage import NOT_YET, UNDER

SPREAD = 2
"""How much more or less than told a rounded count may be."""

_T = TypeVar("_T", bound=np.generic)

SCHEMA = schema_of("events")
"""Its columns. Published, `events` has the name that its profile gives the count."""


@dataclass(frozen=True)
class _Counted:
    """One series: a category, or a total. All arrays (Y, P)."""

    level: str
    name: str
    counts: Ints
    under: Bools
    waiting: Bools
    reported: Bools
    covered: Bools
    rounded: bool = False


def yearly_rates(
    cells: YearlyCells,
    sensitive: Collection[str],
    jurisdiction: str,
    state: str = "",
    similar: Similar | None = None,
    denominator: str = RESIDENTS,
) -> pa.Table:
    """The lines of `SCHEMA`: the state, then the towns; within, category level, category, year, place.

    `sensitive` are the categories of the protection: no total includes them. `initiated_by` is always `all`: nobody
    asks who began them. `similar`: towns of similar size and kind, the second benchmark of open categories.

    Of sensitive categories the state has no line: no total of them is told. Their towns are compared with what is told
    of all towns together, and with every count that this may be.
    """
    every = _series(cells, sensitive)
    periods = tuple(Period(str(y), np.datetime64(f"{y}-01", "M"), np.datetime64(f"{y}-12", "M")) for y in cells.years)
    whole = Places("state", (state,), (jurisdiction,), ("",))
    places = Places("town", cells.geoids, cells.names, cells.counties)
    towns = [_town_pool(s, cells) for s in every]
    named = [_named(one) for one in every]
    groups = dict(zip(cells.categories, cells.groups, strict=True))
    learned = _learned(named, towns, groups)
    blocks: list[tuple[Series, Block]] = []
    states: list[tuple[Series, Block]] = []
    for one, series, pool, wander in zip(every, named, towns, learned, strict=True):
        c, reference = wander.over(periods), _reference(one, pool)
        block = Block(
            periods,
            places,
            pool,
            reference,
            (pool, _a_year_before(pool)),
            c,
            np.ones((1, 1), np.bool_),
            pooled=over_years(sums(pool, reference, c.c)),
            pooled_years=years_together(periods, pool),
            similar=None if similar is None or one.rounded else similar.of(cells.geoids),
            groups=() if similar is None else similar.groups,
            under=Under(0, 4) if one.rounded else None,
            denominator=denominator,
        )
        blocks.append((series, block))
        if not one.rounded:
            states.append((series, Block.of_state(block, whole, _together(pool))))
    table = pa.concat_tables(list(figures([*states, *blocks], count="events"))).unify_dictionaries()
    who = pa.array(["all"]).dictionary_encode().take(pa.array(np.zeros(table.num_rows, np.int32)))
    return table.set_column(table.column_names.index("initiated_by"), "initiated_by", who.cast(TEXT))


def _learned(named: Sequence[Series], towns: Sequence[Pool], groups: Mapping[str, str]) -> list[Wander]:
    """How much counts wander: each series alone, the layer's first standing in for those that have too few pairs."""
    found: list[Wander] = []
    of: dict[tuple[str, str], Wander] = {}
    for series, pool in zip(named, towns, strict=True):
        level, name = series.levels[0], series.names[0]
        wider = of.get(("group", groups.get(name, ""))) if level == "category" else None
        beside = found[0] if found else None
        wander = learn(series, {YEAR: (pool, _a_year_before(pool))}, {}, wider or beside, "group" if wider else "all")
        found.append(wander)
        of[level, name] = wander
    return found


def _series(cells: YearlyCells, sensitive: Collection[str]) -> list[_Counted]:
    is_open = ~np.isin(cells.categories, list(sensitive))
    groups = np.array(cells.groups)
    # A category that nobody ever reported would leave no total at all.
    summed = is_open & cells.reported.any(axis=(1, 2))
    wanted = [("all", "all", np.flatnonzero(summed))]
    wanted += [("group", str(g), np.flatnonzero(summed & (groups == g))) for g in np.unique(groups)]
    wanted += [("category", name, np.array([i])) for i, name in enumerate(cells.categories)]
    closed = set(sensitive)
    return [_counted(cells, *entry, rounded=entry[1] in closed) for entry in wanted if len(entry[2])]


def _counted(cells: YearlyCells, level: str, name: str, members: NDArray[np.int64], *, rounded: bool) -> _Counted:
    reported = np.all(cells.reported[members], axis=0)
    return _Counted(
        level,
        name,
        np.where(reported, cells.counts[members].sum(axis=0), 0).T,
        np.any(cells.under[members], axis=0).T,
        np.any(cells.waiting[members], axis=0).T,
        reported.T,
        np.any(cells.covered[members], axis=0).T,
        rounded,
    )


def _named(one: _Counted) -> Series:
    return Series((one.level,), (one.name,), one.counts[None, None], (one.under | one.waiting)[None, None])


def _town_pool(one: _Counted, cells: YearlyCells) -> Pool:
    """Each town on its own, each year a period: Q is Y, R is P. What was reported is always a whole year."""
    state = np.where(one.waiting, NOT_YET, np.where(one.under, UNDER, -1)).astype(np.int8)
    spread = np.where(one.rounded & (one.counts > 0), SPREAD, 0).astype(np.int64)
    return Pool(
        calls=one.counts[None, None],
        untold=(one.under | one.waiting)[None, None],
        state=state[None, None],
        spread=spread[None, None] if one.rounded else None,
        covered=one.covered,
        complete=one.reported,
        months=np.asarray(one.reported * np.int64(YEAR)),
        towns=None,
        residents=cells.residents.T,
        person_years=np.where(one.reported, cells.present.T, 0.0),
        persons=None if cells.persons is None else cells.persons.T,
    )


def _a_year_before(pool: Pool) -> Pool:
    """The same places a year earlier; before the first year nothing was covered."""

    def moved(values: NDArray[_T]) -> NDArray[_T]:
        earlier = np.roll(values, 1, axis=-2)
        earlier[..., :1, :] = 0
        return earlier

    return Pool(
        calls=moved(pool.calls),
        untold=moved(pool.untold),
        covered=moved(pool.covered),
        complete=moved(pool.complete),
        months=moved(pool.months),
        towns=None,
        residents=moved(pool.residents),
        person_years=moved(pool.person_years),
        spread=None if pool.spread is None else moved(pool.spread),
    )


def _of_known_residents(pool: Pool) -> Pool:
    """What towns are compared with: only those whose residents are known."""
    known = ~np.isnan(pool.person_years)
    return replace(
        pool,
        calls=np.where(known, pool.calls, 0),
        untold=pool.untold & known,
        state=None,
        covered=pool.covered & known,
        complete=pool.complete & known,
        months=np.where(known, pool.months, 0),
        person_years=np.where(known, pool.person_years, 0.0),
    )


def _together(towns: Pool) -> Pool:
    """All towns that reported, as one place: R = 1."""
    reported = towns.months > 0

    def total(values: NDArray[_T]) -> NDArray[_T]:
        return np.asarray(np.where(reported, values, values.dtype.type(0)).sum(axis=-1, keepdims=True))

    several = np.any(reported, axis=-1, keepdims=True)
    person_years = total(towns.person_years)
    return Pool(
        calls=total(towns.calls),
        untold=np.any(towns.untold, axis=-1, keepdims=True),
        covered=np.any(towns.covered, axis=-1, keepdims=True),
        complete=several & np.all(~towns.covered | reported, axis=-1, keepdims=True),
        months=np.asarray(several * np.int64(YEAR)),
        towns=np.sum(reported, axis=-1, keepdims=True),
        residents=np.where(several, person_years, np.nan),
        person_years=person_years,
    )


def _reference(one: _Counted, towns: Pool) -> Pool:
    """What towns are compared with: all of known residents; of sensitive kinds the middle of all that they may be."""
    pool = _together(_of_known_residents(towns))
    if not one.rounded:
        return pool
    known = ~np.isnan(towns.person_years)
    told, under = known & one.reported & ~one.under, known & one.under
    calls = np.where(told, one.counts, under * np.int64(SPREAD)).sum(axis=-1, keepdims=True)
    waits = np.any(known & one.waiting, axis=-1, keepdims=True)
    spread = SPREAD * (told | under).sum(axis=-1, keepdims=True)
    return replace(pool, calls=calls[None, None], untold=waits[None, None], spread=spread[None, None])
