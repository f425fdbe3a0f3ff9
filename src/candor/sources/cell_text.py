"""What a cell of a sheet means, as text: column by column, so that a midnight among times keeps its hour."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
_LONGEST = 1e21  # a number that is longer is hardly anybody's number of a case
_MILLISECOND = datetime.timedelta(milliseconds=1)


def column_text(cells: Sequence[Cell], kinds: set[type]) -> Sequence[str]:
    """The cells of a column as text. `kinds` are the types in the whole column.

    Whole numbers have no point, others the 15 digits that a sheet holds; dates are ISO 8601, with an hour only where
    the column has hours; times of day are `HH:MM:SS`; a duration is its hours, minutes and seconds.
    """
    here = set(map(type, cells))
    if here == {str}:
        return cells  # type: ignore[return-value]
    convert = {**_CONVERT}
    if datetime.datetime in kinds:
        convert[datetime.date] = lambda cell: f"{cell} 00:00:00"
    elif datetime.time in kinds:
        # The day zero of a sheet, with no hour: midnight.
        convert[datetime.date] = lambda cell: "00:00:00" if cell.year < 1905 else str(cell)
    if len(here) == 1:
        return list(map(convert[here.pop()], cells))
    return [convert[type(cell)](cell) for cell in cells]


def _number(cell: float) -> str:
    text = f"{cell:.15g}"
    return str(int(float(text))) if cell.is_integer() and abs(cell) < _LONGEST else text


def _moment(cell: datetime.datetime) -> str:
    """A sheet keeps times as fractions of a day: what is less than a millisecond is no part of them."""
    cell += _MILLISECOND / 2
    return cell.replace(microsecond=cell.microsecond // 1000 * 1000).isoformat(" ", _digits(cell.microsecond))


def _clock(cell: datetime.time) -> str:
    day = datetime.datetime.combine(datetime.date(2000, 1, 1), cell) + _MILLISECOND / 2
    cell = day.time() if day.day == 1 else cell
    return cell.replace(microsecond=cell.microsecond // 1000 * 1000).isoformat(_digits(cell.microsecond))


def _digits(microsecond: int) -> str:
    return "milliseconds" if microsecond >= 1000 else "seconds"


def _duration(cell: datetime.timedelta) -> str:
    seconds = round(cell.total_seconds())
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


_CONVERT: dict[type, Callable[..., str]] = {
    str: str,
    int: str,
    float: _number,
    bool: lambda cell: "true" if cell else "false",
    datetime.datetime: _moment,
    datetime.date: str,
    datetime.time: _clock,
    datetime.timedelta: _duration,
}
