"""The levels at which a time is said, and the cell of each that a moment lies in.

The levels are nested: every cell of one lies in one cell of the next. A part of the day is night (0 to 6), morning (6
to 12), afternoon (12 to 18) or evening (18 to 24). A week is the ISO week, cut at the ends of the month, so that it
lies in one month: it starts on a Monday or on the first of the month.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from candor.errors import DataError
from candor.portal.time_forms import DAY_ALONE
from candor.privacy.records.generalise import to_hour

LEVELS = ("hour", "part of day", "date", "week", "month", "quarter", "year")
"""From the finest to the coarsest."""

HOUR, PART, DATE, WEEK, MONTH, QUARTER, YEAR = range(len(LEVELS))
WAITS = len(LEVELS)
"""In place of a level: the row cannot be published yet."""

HOURS_A_PART = 6
NO_HOUR = 24
"""In place of an hour of the day: the day is known and the time of day is not."""
_MONDAY = 3  # 1 January 1970 was a Thursday

Numbers = NDArray[np.signedinteger[Any]]


def level_number(level: str) -> int:
    """The place of a level in `LEVELS`. Raises `DataError` for another word."""
    if level not in LEVELS:
        raise DataError(f'"{level}" is no level of time', ", ".join(LEVELS), "Correct it")
    return LEVELS.index(level)


def cell_numbers(level: int, day: Numbers, hour: Numbers) -> Numbers:
    """The number of the cell at the level in which each moment lies; later cells have higher numbers.

    `day`: days since 1970; `hour` of the day, or `NO_HOUR`, which is a cell of its own in what is finer than the date.
    """
    day = day.astype(np.int64)
    if level == HOUR:
        return day * (NO_HOUR + 1) + hour
    if level == PART:
        return day * (NO_HOUR // HOURS_A_PART + 1) + hour // HOURS_A_PART
    if level == DATE:
        return day
    month: NDArray[np.datetime64] = day.astype("datetime64[D]").astype("datetime64[M]")
    if level == WEEK:
        return np.asarray(np.maximum(day - (day + _MONDAY) % 7, month.astype("datetime64[D]").astype(np.int64)))
    return np.asarray(month.astype(np.int64) // {MONTH: 1, QUARTER: 3, YEAR: 12}[level])


def start(time: ir.Value, precision: ir.StringValue) -> ir.Value:
    """The first moment of the cell that `time` (a timestamp or a date) lies in at the level `precision` of its row.

    Of the type of `time`; nothing where the precision is none.
    """
    moment, type_ = time.cast("timestamp"), time.type()
    day, month = moment.cast("date"), moment.truncate("M").cast("date")
    cells: list[ir.Value] = [day, ibis.greatest(moment.truncate("W").cast("date"), month), month]
    cells += [moment.truncate(unit).cast("date") for unit in ("Q", "Y")]
    cases = [(precision == name, cell.cast(type_)) for name, cell in zip(LEVELS[DATE:], cells, strict=True)]
    if type_.is_timestamp():
        part = day.cast("timestamp") + ibis.interval(hours=1) * hour_of_part(moment.hour())
        cases += [(precision == LEVELS[HOUR], to_hour(moment).cast(type_))]
        cases += [(precision == LEVELS[PART], part.cast(type_))]
    return ibis.cases(*cases)


def is_day_alone(time: ir.Value) -> ir.BooleanValue:
    """Whether a time has a day and no time of day (`portal.time_forms.DAY_ALONE`)."""
    return time == time.cast("date").cast("timestamp") + ibis.interval(microseconds=DAY_ALONE.microseconds)


def hour_of_part(hour: ir.IntegerValue) -> ir.IntegerValue:
    """The hour at which the part of the day begins that an hour lies in."""
    return hour - hour % HOURS_A_PART


def complete_periods(months: Collection[str]) -> frozenset[str]:
    """The quarters (`2025-Q1`) and years (`2025`) whose months (`2025-03`) are all given."""
    given = {tuple(map(int, month.split("-"))) for month in months}
    years = {year for year, _ in given}
    quarters = {
        f"{year}-Q{q + 1}" for year in years for q in range(4) if {(year, 3 * q + m) for m in (1, 2, 3)} <= given
    }
    return frozenset(quarters | {str(y) for y in years if {(y, m) for m in range(1, 13)} <= given})


def numbers_of(complete: Collection[str]) -> dict[int, Numbers]:
    """The cell numbers of the quarters and years that are complete; those of a complete year are.

    Raises `DataError` for a text that is neither.
    """
    quarters: set[int] = set()
    years: set[int] = set()
    for period in complete:
        found = re.fullmatch(r"(\d{4})(?:-Q([1-4]))?", period)
        if not found:
            raise DataError(f'"{period}" is no quarter and no year', "2025-Q1, 2025", "Correct it")
        first = (int(found[1]) - 1970) * 4
        if found[2]:
            quarters.add(first + int(found[2]) - 1)
        else:
            years.add(int(found[1]) - 1970)
            quarters.update(range(first, first + 4))
    return {QUARTER: np.array(sorted(quarters), np.int64), YEAR: np.array(sorted(years), np.int64)}
