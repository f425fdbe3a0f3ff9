"""The figures of counts by place and year: data set `offence-rates-by-town`, from the protected table alone.

Totals are over open categories, and only where each of them was reported: a total that lacks a category in one place
or year would be compared with whole ones. Sensitive categories stand alone, so no two definitions of one offence are
ever summed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.changes import change_p, changes, critical_p, shared
from candor.measures.dense import Bools, Ints
from candor.measures.lines import TEXT, Places, lines, schema_of
from candor.measures.periods import YEAR, Period
from candor.measures.pools import Pool, Series
from candor.measures.standing import Under, standing
from candor.measures.yearly import YearlyCells
from candor.statistics.intervals import Floats
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
) -> pa.Table:
    """The lines of `SCHEMA`: the state, then the towns; within, category level, category, year, place.

    `sensitive` are the categories of the protection: no total includes them. A year's `change` and `year_change` are
    the same: the period before it is a year before. `initiated_by` is always `all`: nobody asks who began them.

    Of sensitive categories the state has no line: no total of them is told. Their towns are compared with what is told
    of all towns together, and with every count that this may be.
    """
    every = _series(cells, sensitive)
    periods = tuple(Period(str(y), np.datetime64(f"{y}-01", "M"), np.datetime64(f"{y}-12", "M")) for y in cells.years)
    towns = [_town_pool(s, cells.residents) for s in every]
    state_pairs = [shared(pool, _a_year_before(pool)) for pool in towns]
    town_pairs = [(pool, _a_year_before(pool)) for pool in towns]
    p = [[change_p(*pair) for pair in pairs] for pairs in (state_pairs, town_pairs)]
    critical = critical_p(values for of_level in p for values in of_level)
    whole = Places("state", (state,), (jurisdiction,), ("",))
    places = Places("town", cells.geoids, cells.names, cells.counties)
    tables = []
    for (now, earlier), values, pool, one in zip(state_pairs, p[0], towns, every, strict=True):
        if not one.rounded:
            change = changes(now, earlier, values, critical)
            of_state = _together(pool)
            tables.append(lines(_named(one), periods, whole, of_state, None, (change, change), count="events"))
    for (now, earlier), values, one in zip(town_pairs, p[1], every, strict=True):
        change = changes(now, earlier, values, critical)
        reference = _reference(one, now)
        stands = standing(now, reference, Under(0, 4) if one.rounded else None)
        tables.append(lines(_named(one), periods, places, now, stands, (change, change), count="events"))
    table = pa.concat_tables(tables).unify_dictionaries()
    who = pa.array(["all"]).dictionary_encode().take(pa.array(np.zeros(table.num_rows, np.int32)))
    return table.set_column(table.column_names.index("initiated_by"), "initiated_by", who.cast(TEXT))


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


def _town_pool(one: _Counted, residents: Floats) -> Pool:
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
        residents=residents.T,
        person_years=np.where(one.reported, residents.T, 0.0),
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
