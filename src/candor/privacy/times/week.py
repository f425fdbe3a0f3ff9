"""The pattern of the week, by year: what rows that say the week or the month alone no longer show."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir

from candor.errors import DataError
from candor.privacy.times.periods import is_day_alone


def hour_by_weekday(rows: ir.Table, time: str, places: Sequence[str], unit: str | None = None) -> ir.Table:
    """The number of rows by year, weekday (1 is Monday) and hour of the day, for each place.

    `rows` are those that are published (never those that wait: their number could be had by subtraction), with their
    exact times (carried through `coarsened` in a column of another name), of whole years that are published once.
    Columns: `year`, `weekday`, `hour`, the place columns, `calls`; cells without a row have no line. There is no kind
    in it: it says when there were calls, and never what one was. Rows with the same value in the column `unit`, where
    they have it, count once in an hour.

    Raises `DataError` where the time is a date.
    """
    moment = rows[time]
    if not moment.type().is_timestamp():
        raise DataError(f"{time} is a date, which has no hour", "a timestamp", "Leave this table out")
    by = {"year": moment.year(), "weekday": moment.day_of_week.index() + 1, "hour": moment.hour()}
    # A row whose time of day is not known is in no hour.
    timed = rows.filter(moment.notnull() & ~is_day_alone(moment))
    units = [unit] if unit in timed.columns else []
    columns = timed.select(*[value.cast("int32").name(name) for name, value in by.items()], *places, *units)
    calls = columns.count()
    if units:
        calls = columns[unit].nunique() + columns[unit].isnull().cast("int64").sum()
    return columns.group_by([*by, *places]).aggregate(calls=calls)
