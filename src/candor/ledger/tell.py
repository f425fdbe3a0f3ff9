"""Figures of sensitive kinds, told once: which are due, and how they are rounded (METHODS, Protection 6 and 7).

Everything here is decided by the calendar, by residents, and by what was told before, never by a count: which figures
there are says nothing of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.ledger.counted import (
    COUNTY,
    MONTH,
    QUARTER,
    STATE,
    TOWN,
    YEAR,
    YEARS,
    Bools,
    Counted,
    Ints,
    Months,
    periods_of,
    positions,
)
from candor.ledger.forms import has_form, next_forms
from candor.ledger.ledger import TOLD, UNTOLD, Ledger
from candor.measures.periods import Period, named, year_shares
from candor.portal.calendar import Calendar
from candor.privacy.rounding import rounded

LARGE = 10
"""The told months from which the quarter of the state is told beside them."""


class _Level(NamedTuple):
    """The places of a level: `member` (places, P) says which towns are in each."""

    name: str
    geoids: Sequence[str]
    places: Sequence[str]
    counties: Sequence[str]
    member: Ints


class _Before(NamedTuple):
    """Figures that are there already, a line each: of which kind and place, and their first and last day."""

    kind: Ints
    place: Ints
    first: Months
    last: Months


def tell(counted: Counted, ledger: Ledger, calendar: Calendar, today: date, release: int, jurisdiction: str) -> Ledger:
    """The ledger with every figure that is due and was not told yet, and with the forms that towns have from now on."""
    if not counted.months.size or not counted.categories:
        return ledger
    levels = _levels(counted, jurisdiction)
    before = {name: _before(counted, level, ledger) for name, level in levels.items()}
    parts, untold = [ledger.told], [ledger.untold]
    for level, kinds in ((levels[STATE], (MONTH, QUARTER, YEAR)), (levels[COUNTY], (MONTH, YEAR))):
        for kind in kinds:
            for period in periods_of(kind, counted.months):
                if not (_is_due(kind, period, calendar, today) and _is_open(period, ledger)):
                    continue
                wanted = None
                if kind == QUARTER:
                    wanted = _of_large_months(counted, pa.concat_tables(parts), period)
                    never = _lines(counted, level, kind, period, before[level.name], today, release, ~wanted)
                    untold.append(never.select(UNTOLD.names))
                parts.append(_lines(counted, level, kind, period, before[level.name], today, release, wanted))
    forms = next_forms(counted, pa.concat_tables(parts), ledger.forms, calendar, today)
    for first, years in sorted(set(zip(*_pair(forms, "first_year", "years"), strict=True))):
        period = named(np.datetime64(f"{first}-01", "M"), np.datetime64(f"{first + years - 1}-12", "M"))
        if calendar.is_closed(first + years - 1, today) and _is_open(period, ledger):
            wanted = has_form(counted, forms, first, years)
            kind = YEAR if years == 1 else YEARS
            parts.append(_lines(counted, levels[TOWN], kind, period, before[TOWN], today, release, wanted))
    return replace(ledger, told=pa.concat_tables(parts), forms=forms, untold=pa.concat_tables(untold))


def _of_large_months(counted: Counted, told: pa.Table, quarter: Period) -> Bools:
    """Of which kinds the state's three months of a quarter are all told as 10 or more: (C, 1).

    A sum of three figures, one of which is "under 5" or 5, can leave two values of them, or one: 10, 10, "under 5" and
    a quarter of 15 leave 8 to 9, 8 to 9 and 0 to 1. So such a quarter is not told. That follows from what is told.
    """
    first, last = (
        pa.scalar(m.astype("datetime64[D]").astype(object), pa.date32()) for m in (quarter.first, quarter.last)
    )
    months = told.filter(
        pc.and_(
            pc.and_(pc.equal(told["layer"], counted.layer), pc.equal(told["level"], STATE)),
            pc.and_(
                pc.equal(told["period_kind"], MONTH),
                pc.and_(pc.greater_equal(told["first_month"], first), pc.less_equal(told["last_month"], last)),
            ),
        )
    )
    large = months.filter(pc.greater_equal(pc.fill_null(months["calls"], 0), LARGE))
    kind = positions(large["category"], counted.categories)
    number = np.bincount(kind[kind >= 0], minlength=len(counted.categories))
    return np.asarray(number[:, None] == quarter.months)


def _is_open(period: Period, ledger: Ledger) -> bool:
    """Whether a period goes beyond the months that were told exactly before figures were told once."""
    until = ledger.state.closed_until
    return not until or bool(period.last > np.datetime64(until, "M"))


def _is_due(kind: str, period: Period, calendar: Calendar, today: date) -> bool:
    if kind == YEAR:
        return calendar.is_closed(int(period.name), today)
    return today >= calendar.month_told(period.last)


def _levels(counted: Counted, jurisdiction: str) -> dict[str, _Level]:
    towns = len(counted.geoids)
    names = sorted({c for c in counted.counties if c})
    inside = np.array([[c == name for c in counted.counties] for name in names], np.int64).reshape(len(names), towns)
    return {
        TOWN: _Level(TOWN, counted.geoids, counted.names, counted.counties, np.eye(towns, dtype=np.int64)),
        COUNTY: _Level(COUNTY, [""] * len(names), names, names, inside),
        STATE: _Level(STATE, [""], [jurisdiction], [""], np.ones((1, towns), np.int64)),
    }


def _lines(
    counted: Counted,
    level: _Level,
    kind: str,
    period: Period,
    before: _Before,
    today: date,
    release: int,
    wanted: Bools | None = None,
) -> pa.Table:
    """The new lines of a period (`TOLD`): of the places that reported any of it, and that have no figure of it yet."""
    inside = np.asarray((counted.months >= period.first) & (counted.months <= period.last))
    masks = counted.by_year if kind in (YEAR, YEARS) else counted.by_month
    reported = masks[:, inside]
    sums = (counted.counts[:, :, inside] * reported).sum(axis=2) @ level.member.T  # (C, places)
    months = (
        level.member @ reported.sum(axis=1)
        if level.name == TOWN
        else np.array([reported[own.astype(bool)].any(axis=0).sum() for own in level.member])
    )
    towns = level.member @ reported.any(axis=1)
    people, persons = (np.where(reported, of[:, inside], 0.0) for of in (counted.residents, counted.persons))
    person_years = level.member @ (persons * year_shares(counted.months[inside])).sum(axis=1)
    person_months = level.member @ people.sum(axis=1)
    residents = np.divide(person_months, months, out=np.full(months.shape, np.nan), where=months > 0)
    complete = np.array([(reported[own.astype(bool)].sum(axis=1) == period.months).all() for own in level.member])
    used = np.asarray(counted.used[:, inside].any(axis=1))
    new = np.broadcast_to((towns > 0) & used[:, None], sums.shape).copy()
    if wanted is not None:
        new &= wanted
    new &= ~_already(counted, level, period, before)
    what, where = np.nonzero(new)
    counts = rounded(sums[what, where])

    def texts(values: Sequence[str], at: Ints) -> pa.Array:
        return pa.array([values[i] for i in at], pa.string())

    size = what.size
    return pa.table(
        {
            "layer": pa.array([counted.layer] * size, pa.string()),
            "level": pa.array([level.name] * size, pa.string()),
            "geoid": texts(level.geoids, where),
            "place": texts(level.places, where),
            "county": texts(level.counties, where),
            "period_kind": pa.array([kind] * size, pa.string()),
            "first_month": _days(period.first, size),
            "last_month": _days(period.last, size),
            "category": texts(counted.categories, what),
            "category_group": texts(counted.groups, what),
            "calls": pa.array(counts.value, mask=counts.under),
            "months_reported": pa.array(months[where].astype(np.int64)),
            "towns_reported": pa.array(towns[where].astype(np.int64)),
            "person_years": pa.array(person_years[where], from_pandas=True),
            "residents": pa.array(np.rint(residents[where]), from_pandas=True).cast(pa.int64()),
            "complete": pa.array(complete[where]),
            "told_on": pa.array([today] * size, pa.date32()),
            "release": pa.array(np.full(size, release, np.int64)),
        },
        schema=TOLD,
    )


def _days(month: np.datetime64, size: int) -> pa.Array:
    return pa.array(np.full(size, month.astype("datetime64[D]")), pa.date32())


def _before(counted: Counted, level: _Level, ledger: Ledger) -> _Before:
    """What the ledger has of a level's places and the kinds: figures, and those that are never to be."""
    columns = UNTOLD.names
    told = pa.concat_tables([ledger.told.select(columns), ledger.untold])
    lines = told.filter(pc.and_(pc.equal(told["layer"], counted.layer), pc.equal(told["level"], level.name)))
    town = level.name == TOWN
    place = positions(lines["geoid" if town else "place"], level.geoids if town else level.places)
    if level.name == STATE:
        place = np.zeros(lines.num_rows, np.int64)
    kind = positions(lines["category"], counted.categories)
    known = (place >= 0) & (kind >= 0)
    first, last = (lines[name].to_numpy()[known] for name in ("first_month", "last_month"))
    return _Before(kind[known], place[known], first, last)


def _already(counted: Counted, level: _Level, period: Period, before: _Before) -> Bools:
    """Which kinds and places have a figure of the period (of towns: of any of its years), or are never to have one."""
    first, last = (m.astype("datetime64[D]") for m in (period.first, period.last))
    if level.name == TOWN:
        same = (before.first <= last) & (before.last >= first)
    else:
        same = (before.first == first) & (before.last == last)
    told_before = np.zeros((len(counted.categories), len(level.places)), np.bool_)
    told_before[before.kind[same], before.place[same]] = True
    return told_before


def _pair(table: pa.Table, *names: str) -> list[list[int]]:
    return [table[name].to_pylist() for name in names]
