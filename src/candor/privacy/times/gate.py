"""Published rows measured anew: what anybody can count in the file. Nothing here knows how the rows were made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.errors import DataError

# From the finest to the coarsest; written out again, so that a mistake elsewhere is seen here.
_ORDER = ("hour", "part of day", "date", "week", "month", "quarter", "year")
_KINDS = 2


@dataclass(frozen=True)
class Classes:
    """Classes are rows with the same place, precision and time.

    `smallest`: units in the smallest class, `kinds`: different kinds in the class that has fewest (None: not asked); 0
    without rows. `below`: rows in classes of fewer than `asked` units or two kinds. `misplaced`: rows that say another
    time than the first of a cell of their precision, no known precision, one finer than may be said, or none at all.
    """

    asked: int
    rows: int
    classes: int
    smallest: int
    kinds: int | None
    below: int
    misplaced: int

    @property
    def holds(self) -> bool:
        """Whether every class is large enough, and every row says what it may."""
        return not (self.below or self.misplaced)


def measure_classes(
    rows: ir.Table,
    time: str,
    places: Sequence[str],
    *,
    kind: str | None,
    unit: str | None,
    finest: str,
    k: int,
    engine: Engine,
) -> Classes:
    """Measure rows as they are published. `unit`: what k counts instead of rows; an empty one counts as none."""
    precision = f"{time}_precision"
    wrong = ~_may_say(rows[time], rows[precision], finest).fill_null(False)
    units = rows[unit].nunique() if unit else rows.count()
    # Where it is not asked, as many as are needed.
    kinds = rows[kind].nunique() if kind else rows.count() * 0 + _KINDS
    classes = rows.group_by([*places, precision, time]).aggregate(
        _rows=rows.count(), _units=units, _kinds=kinds, _wrong=wrong.cast("int64").sum()
    )
    short = (classes["_units"] < k) | (classes["_kinds"] < _KINDS)
    (found,) = engine.arrow(
        classes.aggregate(
            rows=classes["_rows"].sum().cast("int64"),
            classes=classes.count(),
            smallest=classes["_units"].min(),
            kinds=classes["_kinds"].min(),
            below=ibis.ifelse(short, classes["_rows"], 0).sum().cast("int64"),
            misplaced=classes["_wrong"].sum().cast("int64"),
        )
    ).to_pylist()
    measured = {name: number or 0 for name, number in found.items()}
    return Classes(asked=k, **(measured if kind else {**measured, "kinds": None}))


def require_classes(
    rows: ir.Table,
    time: str,
    places: Sequence[str],
    *,
    kind: str | None,
    unit: str | None,
    finest: str,
    k: int,
    engine: Engine,
) -> Classes:
    """What `measure_classes` finds. Raises `DataError` where a class is too small, or a row says more than it may."""
    found = measure_classes(rows, time, places, kind=kind, unit=unit, finest=finest, k=k, engine=engine)
    if found.below:
        raise DataError(
            f"{found.below:,} rows are in classes of {', '.join([*places, time])} with fewer than {k} "
            f"{'different values of ' + unit if unit else 'rows'}{' or one kind alone' if kind else ''}",
            f"k = {k} over place and time",
            "This is a fault of the program: nothing was published.",
        )
    if found.misplaced:
        raise DataError(
            f"{found.misplaced:,} rows say their {time} otherwise than {time}_precision says, or finer than {finest}",
            "the first moment of its hour, part of day, date, week, month, quarter or year",
            "This is a fault of the program: nothing was published.",
        )
    return found


def _may_say(time: ir.Value, precision: ir.StringValue, finest: str) -> ir.BooleanValue:
    """Whether a time is the first moment of a cell of its precision, and that no finer than may be said."""
    day = time.cast("date")
    first = day.day() == 1
    month = day.month()
    monday = day.day_of_week.index() == 0
    midnight, full_hour, sixth = (ibis.literal(True),) * 3
    if time.type().is_timestamp():
        clock = time.strftime("%H:%M:%S")
        # Less than a second is in no such text.
        whole = time == time.truncate("s")
        full_hour = whole & clock.endswith(":00:00")
        sixth = whole & clock.isin([f"{hour:02}:00:00" for hour in range(0, 24, 6)])
        midnight = whole & (clock == "00:00:00")
    right = {
        "hour": full_hour if time.type().is_timestamp() else ibis.literal(False),
        "part of day": sixth if time.type().is_timestamp() else ibis.literal(False),
        "date": midnight,
        "week": midnight & (monday | first),
        "month": midnight & first,
        "quarter": midnight & first & month.isin([1, 4, 7, 10]),
        "year": midnight & first & (month == 1),
    }
    allowed = _ORDER[_ORDER.index(finest) :]
    return ibis.cases(*[(precision == level, right[level]) for level in allowed], else_=False)
