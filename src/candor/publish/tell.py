"""Figures of sensitive kinds, told once: which are due, and how they are rounded (METHODS, Protection 6 and 7).

Everything here is decided by the calendar, by residents, and by what was told before, never by a count: which figures
there are says nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.periods import Period, named, year_shares
from candor.privacy.rounding import BASE, rounded
from candor.publish.calendar import Calendar
from candor.publish.ledger import FORMS, TOLD, UNTOLD, Ledger

TOWN, COUNTY, STATE = "town", "county", "state"
MONTH, QUARTER, YEAR, YEARS = "month", "quarter", "year", "years"

TOGETHER = 3
"""So many years are told together where a year alone would be too few."""

EXPECTED_FROM = 10.0
"""The events a year from which a town has figures by year (METHODS, Protection 6)."""

LARGE = 10
"""The told months from which the quarter of the state is told beside them."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class Counted:
    """What there is to tell of: C kinds, P towns, M consecutive months.

    `counts` (C, P, M) of everything that the sources hold now. `by_month`, `by_year` (P, M): which months of a town are
    in figures of months, and in those of years, where late ones are too. `used` (C, M): the kinds that were sensitive
    when a month was published. `residents` (P, M).
    """

    layer: str
    categories: tuple[str, ...]
    groups: tuple[str, ...]
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    months: Months
    counts: Ints
    by_month: Bools
    by_year: Bools
    used: Bools
    residents: Floats


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
    forms = _forms(counted, pa.concat_tables(parts), ledger.forms, calendar, today)
    for first, years in sorted(set(zip(*_pair(forms, "first_year", "years"), strict=True))):
        period = named(np.datetime64(f"{first}-01", "M"), np.datetime64(f"{first + years - 1}-12", "M"))
        if calendar.is_closed(first + years - 1, today) and _is_open(period, ledger):
            wanted = _has_form(counted, forms, first, years)
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


def periods_of(kind: str, months: Months) -> Iterator[Period]:
    """The periods of a kind that the months touch, in order."""
    length = {MONTH: 1, QUARTER: 3, YEAR: 12}[kind]
    numbers = months.astype("datetime64[M]").astype(np.int64) // length
    for number in range(int(numbers.min()), int(numbers.max()) + 1):
        first = np.datetime64(0, "M") + number * length
        yield named(first, first + length - 1)


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
    persons = np.where(reported, counted.residents[:, inside], 0.0)
    person_years = level.member @ (persons * year_shares(counted.months[inside])).sum(axis=1)
    person_months = level.member @ persons.sum(axis=1)
    residents = np.divide(person_months, months, out=np.full(months.shape, np.nan), where=months > 0)
    complete = np.array([(reported[own.astype(bool)].sum(axis=1) == period.months).all() for own in level.member])
    used = np.asarray(counted.used[:, inside].any(axis=1))
    new = np.broadcast_to((towns > 0) & used[:, None], sums.shape).copy()
    if wanted is not None:
        new &= wanted
    new &= ~_already(counted, level, period, before)
    what, where = np.nonzero(new)
    found = rounded(sums[what, where])

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
            "calls": pa.array(found.value, mask=found.under),
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
    found = np.zeros((len(counted.categories), len(level.places)), np.bool_)
    found[before.kind[same], before.place[same]] = True
    return found


def _forms(counted: Counted, told: pa.Table, forms: pa.Table, calendar: Calendar, today: date) -> pa.Table:
    """The forms, with those of the years whose day has come since, and of the years that go with them.

    By year where that lets 10 or more be expected by the state's told rate, else by three years. At first the last year
    whose day has come is the last of three, where there are so many; from then on three years follow on three.
    """
    years = sorted({int(str(m)[:4]) for m in counted.months})
    closed = [y for y in years if calendar.is_closed(y, today)]
    if not closed:
        return forms
    until = np.full((len(counted.categories), len(counted.geoids)), -1, np.int64)
    own = forms.filter(pc.equal(forms["layer"], counted.layer))
    kind, place = positions(own["category"], counted.categories), positions(own["geoid"], counted.geoids)
    known = (kind >= 0) & (place >= 0)
    ends = own["first_year"].to_numpy() + own["years"].to_numpy() - 1
    np.maximum.at(until, (kind[known], place[known]), ends[known])
    often = _expected(counted, told) >= EXPECTED_FROM
    fresh = until < 0
    start = closed[-1] - TOGETHER + 1
    while start - TOGETHER >= closed[0]:
        start -= TOGETHER
    # Before the first three years there may be one or two more, which are not told of places that need three.
    begins = start if start >= closed[0] else closed[0]
    parts = [forms]
    for year in closed:
        of_year = np.array([str(m)[:4] == str(year) for m in counted.months])
        reported = np.asarray(counted.by_year[:, of_year].any(axis=1))
        used = np.asarray(counted.used[:, of_year].any(axis=1))
        open_ = np.asarray((until < year) & reported & used[:, None])
        by_year, together = open_ & often, open_ & ~often
        if not own.num_rows:
            together &= ~fresh | (year >= begins)
        parts += [_formed(counted, by_year, year, 1), _formed(counted, together, year, TOGETHER)]
        until = np.where(by_year, year, np.where(together, year + TOGETHER - 1, until))
    return pa.concat_tables(parts)


def _expected(counted: Counted, told: pa.Table) -> Floats:
    """How many events a year are to be expected in each town by the state's newest told rate: (C, P)."""
    state = told.filter(
        pc.and_(
            pc.and_(pc.equal(told["layer"], counted.layer), pc.equal(told["level"], STATE)),
            pc.equal(told["period_kind"], YEAR),
        )
    ).sort_by("first_month")
    rate = np.zeros(len(counted.categories))
    persons = state["person_years"].to_numpy()
    value = pc.fill_null(state["calls"], BASE // 2).to_numpy()
    kind = positions(state["category"], counted.categories)
    known = (kind >= 0) & (persons > 0)
    rate[kind[known]] = value[known] / persons[known]  # in order: the newest stands
    with np.errstate(invalid="ignore"):
        residents = np.where(np.isnan(counted.residents).all(axis=1), 0.0, np.nan_to_num(counted.residents).max(axis=1))
    return np.asarray(rate[:, None] * residents)


def _formed(counted: Counted, where: Bools, year: int, years: int) -> pa.Table:
    kind, place = np.nonzero(where)
    return pa.table(
        {
            "layer": pa.array([counted.layer] * kind.size, pa.string()),
            "geoid": pa.array([counted.geoids[p] for p in place], pa.string()),
            "category": pa.array([counted.categories[k] for k in kind], pa.string()),
            "first_year": pa.array(np.full(kind.size, year, np.int64)),
            "years": pa.array(np.full(kind.size, years, np.int64)),
        },
        schema=FORMS,
    )


def _has_form(counted: Counted, forms: pa.Table, first: int, years: int) -> Bools:
    own = forms.filter(
        pc.and_(
            pc.equal(forms["layer"], counted.layer),
            pc.and_(pc.equal(forms["first_year"], first), pc.equal(forms["years"], years)),
        )
    )
    found = np.zeros((len(counted.categories), len(counted.geoids)), np.bool_)
    kind, place = positions(own["category"], counted.categories), positions(own["geoid"], counted.geoids)
    known = (kind >= 0) & (place >= 0)
    found[kind[known], place[known]] = True
    return found


def _pair(table: pa.Table, *names: str) -> list[list[int]]:
    return [table[name].to_pylist() for name in names]


def positions(column: pa.ChunkedArray, values: Sequence[str]) -> Ints:
    """Where each text is among `values`; -1 where it is not."""
    found = pc.index_in(column.cast(pa.string()), value_set=pa.array(list(values), pa.string()))
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), np.int64)
