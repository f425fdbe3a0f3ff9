"""What was told of sensitive kinds, as the arrays that tables and rates are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.ledger.counted import (
    COUNTY,
    MONTH,
    QUARTER,
    STATE,
    TOGETHER,
    TOWN,
    YEAR,
    YEARS,
    Counted,
    periods_of,
    positions,
)
from candor.ledger.ledger import Ledger
from candor.measures.dense import DenseCube
from candor.measures.periods import Period, named
from candor.measures.sensitive_pools import About, Told, ToldFigures
from candor.portal.calendar import Calendar
from candor.privacy.rounding import BASE
from candor.vocabulary.coverage import BY_COUNTY_ONLY, NOT_REPORTED, NOT_TOLD, NOT_YET, UNDER

_KINDS = {STATE: (MONTH, QUARTER, YEAR), COUNTY: (MONTH, YEAR), TOWN: (YEAR,)}
_SPREAD = BASE // 2
_NEVER = np.datetime64("NaT", "D")

Span = tuple[np.datetime64, np.datetime64]


@dataclass(frozen=True)
class _Places:
    """The places of a level: what they are called in the ledger, by which column."""

    level: str
    column: str
    names: Sequence[str]


def told_figures(
    counted: Counted,
    ledger: Ledger,
    calendar: Calendar,
    today: date,
    monthly: DenseCube,
    yearly: DenseCube,
    *,
    derived: bool,
) -> ToldFigures:
    """All that was told of the kinds of `counted`, and of what is not told why.

    `monthly`, `yearly`: the coverage of figures of months and of years, with the kinds as categories. With `derived`,
    also sums of told figures: of the state over three years, and of towns that have them year by year.
    """
    counties = sorted({c for c in counted.counties if c})
    levels = [
        _Places(STATE, "level", (STATE,)),
        _Places(COUNTY, "place", counties),
        _Places(TOWN, "geoid", counted.geoids),
    ]
    disclosed: dict[tuple[str, np.datetime64, np.datetime64], Told] = {}
    kinds: dict[str, dict[str, list[Span]]] = {}
    own = ledger.told.filter(pc.equal(ledger.told["layer"], counted.layer))
    forms = ledger.forms.filter(pc.equal(ledger.forms["layer"], counted.layer))
    if not counted.months.size:
        return ToldFigures(monthly, yearly, {}, {level.level: {} for level in levels})
    never = ledger.untold.filter(pc.equal(ledger.untold["layer"], counted.layer))
    for level in levels:
        lines = own.filter(pc.equal(own["level"], level.level))
        not_told = never.filter(pc.equal(never["level"], level.level))
        of_level = (
            (MONTH, QUARTER, YEAR) if level.level == STATE else (MONTH, YEAR) if level.level == COUNTY else (YEAR,)
        )
        kinds[level.level] = {kind: [(p.first, p.last) for p in periods_of(kind, counted.months)] for kind in of_level}
        for kind in of_level:
            for period in periods_of(kind, counted.months):
                figures = _of(counted, level, kind, period, lines, calendar, today)
                _mark(figures, counted, level, period, not_told)
                disclosed[level.level, period.first, period.last] = figures
    starts = sorted({f for f, y in zip(*_columns(forms, "first_year", "years"), strict=True) if y == TOGETHER})
    spans = [named(np.datetime64(f"{y}-01", "M"), np.datetime64(f"{y + TOGETHER - 1}-12", "M")) for y in starts]
    town = levels[-1]
    lines = own.filter(pc.equal(own["level"], TOWN))
    for period in spans:
        figures = _of(counted, town, YEARS, period, lines, calendar, today)
        _mark(figures, counted, town, period, never.filter(pc.equal(never["level"], TOWN)))
        disclosed[TOWN, period.first, period.last] = figures
    _by_forms(counted, disclosed, forms, spans, calendar, today)
    kinds[TOWN][YEARS] = [(p.first, p.last) for p in spans]
    if derived:
        for period in spans:
            three = [(period.first + 12 * i, period.first + 12 * i + 11) for i in range(TOGETHER)]
            of_state = [disclosed.get((STATE, *span)) for span in three]
            disclosed[STATE, period.first, period.last] = _sum(
                of_state, disclosed[TOWN, period.first, period.last], None
            )
            of_towns = [disclosed.get((TOWN, *span)) for span in three]
            alone = _has(counted, forms, period, 1)
            disclosed[TOWN, period.first, period.last] = _sum(
                of_towns, disclosed[TOWN, period.first, period.last], alone
            )
        kinds[STATE][YEARS] = [(p.first, p.last) for p in spans]
    return ToldFigures(monthly, yearly, disclosed, kinds)


def _of(
    counted: Counted, level: _Places, kind: str, period: Period, lines: pa.Table, calendar: Calendar, today: date
) -> Told:
    """The told figures of a period, and for the others that they are not told yet, or of a town not at all."""
    shape = (len(counted.categories), len(level.names))
    years = kind in (YEAR, YEARS)
    day = calendar.year_told(int(str(period.last)[:4])) if years else calendar.month_told(period.last)
    calls, spread = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    # What was not told on its day was not reported, or is a kind that there was not then.
    late = today >= day and level.level != TOWN
    state = np.full(shape, NOT_REPORTED if late else NOT_YET, np.int8)
    on = np.full(shape, _NEVER if late else np.datetime64(day, "D"))
    first, last = (pa.scalar(_day(m), pa.date32()) for m in (period.first, period.last))
    own = lines.filter(pc.and_(pc.equal(lines["first_month"], first), pc.equal(lines["last_month"], last)))
    what, where = positions(own["category"], counted.categories), positions(own[level.column], level.names)
    known = (what >= 0) & (where >= 0)
    at = (what[known], where[known])
    value = pc.fill_null(own["calls"], -1).to_numpy()[known]
    calls[at] = np.maximum(value, 0)
    spread[at] = np.where(value > 0, _SPREAD, 0)
    state[at] = np.where(value > 0, -1, UNDER)
    on[at] = own["told_on"].cast(pa.int32()).to_numpy()[known].astype("datetime64[D]")
    about = About.nothing(shape)
    for values, name in zip(about, ("months_reported", "towns_reported", "residents", "person_years"), strict=True):
        if name != "towns_reported" or level.level != TOWN:
            values[at] = own[name].cast(pa.float64()).to_numpy()[known]
    return Told(calls, state, spread, on, about)


def _mark(figures: Told, counted: Counted, level: _Places, period: Period, untold: pa.Table) -> None:
    """Mark in place what is never told of a period."""
    first, last = (pa.scalar(_day(m), pa.date32()) for m in (period.first, period.last))
    own = untold.filter(pc.and_(pc.equal(untold["first_month"], first), pc.equal(untold["last_month"], last)))
    what, where = positions(own["category"], counted.categories), positions(own[level.column], level.names)
    known = (what >= 0) & (where >= 0)
    figures.state[what[known], where[known]] = NOT_TOLD
    figures.on[what[known], where[known]] = _NEVER


def _by_forms(
    counted: Counted,
    disclosed: dict[tuple[str, np.datetime64, np.datetime64], Told],
    forms: pa.Table,
    spans: Sequence[Period],
    calendar: Calendar,
    today: date,
) -> None:
    """What is not told of towns because they have the other form is told by county only."""
    for period in periods_of(YEAR, counted.months):
        year = int(period.name)
        of_year = disclosed[TOWN, period.first, period.last]
        formed = np.zeros(of_year.state.shape, np.bool_)
        for first in range(year - TOGETHER + 1, year + 1):
            formed |= _has(counted, forms, named(_first(first), _first(first) + 12 * TOGETHER - 1), TOGETHER)
        _untold(of_year, formed | calendar.is_closed(year, today))
    for period in spans:
        of_span = disclosed[TOWN, period.first, period.last]
        _untold(of_span, ~_has(counted, forms, period, TOGETHER))


def _untold(figures: Told, where: NDArray[np.bool_] | bool) -> None:
    """Mark in place what is not to be told at all among what was not told yet."""
    never = where & (figures.state == NOT_YET)
    figures.state[never] = BY_COUNTY_ONLY
    figures.on[never] = _NEVER


def _has(counted: Counted, forms: pa.Table, period: Period, years: int) -> NDArray[np.bool_]:
    """Which kinds and towns have figures by `years` from the first year of a period on; for single years, of each."""
    every = np.zeros((len(counted.categories), len(counted.geoids)), np.bool_)
    first = int(str(period.first)[:4])
    wanted = [first] if years > 1 else [first + i for i in range(period.months // 12)]
    ways = []
    for year in wanted:
        lines = forms.filter(pc.and_(pc.equal(forms["first_year"], year), pc.equal(forms["years"], years)))
        one = np.zeros(every.shape, np.bool_)
        what, where = positions(lines["category"], counted.categories), positions(lines["geoid"], counted.geoids)
        known = (what >= 0) & (where >= 0)
        one[what[known], where[known]] = True
        ways.append(one)
    return np.asarray(np.logical_and.reduce(ways), np.bool_)


def _sum(parts: Sequence[Told | None], otherwise: Told, where: NDArray[np.bool_] | None) -> Told:
    """The sum of told years, where each has a number; `otherwise` elsewhere."""
    if any(part is None for part in parts):
        return otherwise if where is not None else _nothing(otherwise)
    some = [part for part in parts if part is not None]
    numbers = np.logical_and.reduce([part.state == -1 for part in some])
    calls, spread = (np.sum([getattr(part, name) for part in some], axis=0) for name in ("calls", "spread"))
    state = np.where(numbers, np.int8(-1), np.maximum.reduce([part.state for part in some])).astype(np.int8)
    state = np.where(~numbers & (state < 0), np.int8(BY_COUNTY_ONLY), state).astype(np.int8)
    state = np.where(state == UNDER, np.int8(BY_COUNTY_ONLY), state)
    on = np.maximum.reduce([part.on for part in some])
    about = About.nothing(state.shape)
    made = Told(np.where(numbers, calls, 0), state, np.where(numbers, spread, 0), on, about)
    if where is None:
        return made
    return Told(
        np.where(where, made.calls, otherwise.calls),
        np.where(where, made.state, otherwise.state),
        np.where(where, made.spread, otherwise.spread),
        np.where(where, made.on, otherwise.on),
        otherwise.about,
    )


def _nothing(like: Told) -> Told:
    shape = (like.calls.shape[0], 1)
    return Told(
        np.zeros(shape, np.int64),
        np.full(shape, NOT_YET, np.int8),
        np.zeros(shape, np.int64),
        np.full(shape, _NEVER),
        About.nothing(shape),
    )


def _columns(table: pa.Table, *names: str) -> list[list[int]]:
    return [table[name].to_pylist() for name in names]


def _first(year: int) -> np.datetime64:
    return np.datetime64(f"{year}-01", "M")


def _day(month: np.datetime64) -> date:
    day: date = month.astype("datetime64[D]").astype(object)
    return day
