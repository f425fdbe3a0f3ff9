"""The times of a source: texts of one column or two become wall time in the portal's zone, or nothing, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import or_
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.intake.clocks import Change, changes
from candor.intake.said import Said, noted
from candor.portal.model import ColumnMapping
from candor.portal.schema_model import SchemaColumn
from candor.portal.time_forms import DAY_ALONE, FORMS, is_zoned, tells_clock

TIME_NOTES = "_time_notes"

Columns = Sequence[tuple[SchemaColumn, ColumnMapping]]
"""The columns that hold times, with what they are read from."""

_EARLIEST = datetime(1900, 1, 1)  # wall time in the portal's zone
_SOON = timedelta(days=3_653)
_ISO_DATE = len("2024-01-31")
_COMES_TWICE = "comes twice that day, for the clocks went back: it is taken as written"
_NO_LOCAL_TIME = "is no local time, for the clocks went forward over it: the day is kept"

# What programs write where there is no date: the least and the greatest day that a database or a spreadsheet knows.
_NULL_DAYS = (
    date(1753, 1, 1), date(1800, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(2079, 6, 6),
    date(2099, 12, 31), date(2999, 12, 31), date(3000, 1, 1),
)  # fmt: skip
_FIRST_YEARS, _LAST_DAYS = datetime(2, 1, 2), datetime(9999, 12, 30)  # wall time
_EPOCH = datetime(1970, 1, 1)  # wall time in UTC
_USUAL = (datetime(1900, 1, 2), datetime(1969, 12, 30)), (datetime(1970, 1, 2), datetime(2079, 6, 6))  # wall time


@dataclass(frozen=True)
class Zones:
    """IANA names: the portal's zone, and the one that the source's clock times are of where they name none."""

    portal: str
    source: str


def is_time(column: SchemaColumn) -> bool:
    """Whether a column holds times."""
    return column.type in ("timestamp", "date")


def given(name: str) -> str:
    """The column that says whether the source has something there."""
    return f"_{name}_given"


def time_texts(name: str, texts: Sequence[ir.StringValue], mapping: ColumnMapping) -> dict[str, ir.StringValue]:
    """The texts that are read, by column: one, of several joined by a blank, or the day's and the clock's."""
    if len(mapping.formats) > 1:
        return {name: texts[0], _clock(name): texts[1]}
    return {name: reduce(lambda text, other: text + " " + other, texts)}


def read_times(texts: ir.Table, name: str, mapping: ColumnMapping, engine: Engine) -> Iterator[tuple[str, ir.Value]]:
    """Wall time as read, and what else must be known of its texts, by column.

    It is of the portal's zone where a text says its own zone (`_zoned`), else as it is written. With a format for each
    of two texts the first says the day and the second the time of day; a day without a time of day is its midnight.
    """
    format_, *others = mapping.formats
    time = engine.local_time(texts[name], format_)
    if is_zoned(format_) and mapping.finest in ("day", "month"):
        # A day as a moment is its midnight, in the portal's zone or in UTC: the midnight nearest to it.
        time = (time + ibis.interval(hours=12)).date().cast("timestamp")
    yield _zoned(name), _says_zone(texts[name], format_) if not others else ibis.literal(False)
    if others:
        clock = engine.local_time(texts[_clock(name)], others[0])
        seconds = clock.hour().cast("int64") * 3600 + clock.minute().cast("int64") * 60 + clock.second()
        midnight = time.date().cast("timestamp")
        yield name, ibis.ifelse(clock.isnull(), midnight, midnight + ibis.interval(seconds=1) * seconds)
        yield _clockless(name), time.notnull() & clock.isnull()
    else:
        yield name, time
        # An ISO date may stand among times.
        alone = time.notnull() & (texts[name].length() <= _ISO_DATE) if format_ == "iso" else ibis.literal(False)
        yield _clockless(name), alone


def settled_times(table: ir.Table, columns: Columns, zones: Zones, engine: Engine, now: datetime) -> ir.Table:
    """The same table with times in the portal's zone, those that stand for nothing taken out, odd ones marked."""
    changed: dict[str, ir.Value] = {}
    for column, mapping in columns:
        name = column.name
        time, zoned = table[name], table[_zoned(name)]
        nothing = _is_no_date(time, zones.portal)
        moved = time
        if zones.source != zones.portal and has_clock(mapping):
            # A day is a day in every zone.
            moved = ibis.ifelse(zoned | table[_clockless(name)], time, engine.moved(time, zones.source))
        changed[name] = ibis.ifelse(nothing, ibis.null("timestamp"), moved)
        changed[given(name)] = table[given(name)] & ~nothing
        told = has_clock(mapping)
        changed[_skipped(name)] = ~zoned & _is_skipped(time, zones.source, now) if told else ibis.literal(False)
        twice = told and column.role == "time"
        changed[_twice(name)] = ~zoned & _came_twice(time, zones.source, now) if twice else ibis.literal(False)
    return table.mutate(**changed)


def wrong_times(table: ir.Table, column: SchemaColumn, mapping: ColumnMapping, now: datetime) -> list[Said]:
    """What may be wrong with a time, and the words for it. `now` is wall time in the portal's zone."""
    name, value = column.name, table[column.name]
    decides, day_alone = column.role == "time", _keeps_day(column)
    needs_clock = decides and column.type == "timestamp"
    # A date to come may be right where it is not the row's own: of a court, of a permit.
    latest = now if decides else now + _SOON
    return [
        (table[given(name)] & value.isnull(), f"{name} is not {_expected(mapping)}"),
        *([] if day_alone else [(table[_skipped(name)], f"{name} is no local time: the clocks went forward over it")]),
        (value > ibis.literal(latest), f"{name} lies in the future"),
        (value < ibis.literal(_EARLIEST), f"{name} lies before 1900"),
        *([(table[_clockless(name)], f"{name} has a day and no time of day")] if needs_clock and not day_alone else []),
    ]


def finished_times(table: ir.Table, columns: Columns) -> ir.Table:
    """Dates as dates, the notes on times in the column `TIME_NOTES`, and nothing else of what was marked."""
    notes = [(table[_twice(c.name)], f"{c.name} {_COMES_TWICE}") for c, _ in columns]
    whole_days = [c.name for c, _ in columns if _keeps_day(c)]
    notes += [(table[_skipped(n)], f"{n} {_NO_LOCAL_TIME}") for n in whole_days]
    notes += [(table[_clockless(n)], f"{n} has a day and no time of day: the day is kept") for n in whole_days]
    days = {name: _day_alone(table[name], table[_skipped(name)] | table[_clockless(name)]) for name in whole_days}
    helpers = [made(c.name) for c, _ in columns for made in (_zoned, _clockless, _skipped, _twice)]
    dates = {c.name: table[c.name].date() for c, _ in columns if c.type == "date"}
    return table.mutate(**{TIME_NOTES: noted(notes)}, **dates, **days).drop(*helpers)


def _keeps_day(column: SchemaColumn) -> bool:
    """Whether a row keeps its day where its time of day is not known: every step then says the day at most."""
    return column.role == "time" and column.type == "timestamp" and column.generalise != "none"


def _day_alone(time: ir.TimestampValue, where: ir.BooleanValue) -> ir.TimestampValue:
    midnight = time.date().cast("timestamp")
    return ibis.ifelse(where, midnight + ibis.interval(microseconds=DAY_ALONE.microseconds), time)


def _expected(mapping: ColumnMapping) -> str:
    format_ = mapping.formats[0]
    if format_ in FORMS:
        return "an ISO date" if format_.startswith("iso") else f"a date of the form {format_} ({FORMS[format_].says})"
    return f"a date of the form {format_}"


def _zoned(name: str) -> str:
    return f"_{name}_zoned"


def _clock(name: str) -> str:
    return f"_{name}_clock"


def _clockless(name: str) -> str:
    return f"_{name}_clockless"


def _skipped(name: str) -> str:
    return f"_{name}_skipped"


def _twice(name: str) -> str:
    return f"_{name}_twice"


def _says_zone(text: ir.StringValue, format_: str) -> ir.BooleanValue:
    """Whether a text says its zone itself."""
    if format_ != "iso":
        return ibis.literal(is_zoned(format_))
    # Cheaper than a pattern, and the same for the texts that `iso` reads and that have a time of day.
    end = text.right(6)
    return (text.endswith("Z") | end.contains("+") | end.contains("-")).fill_null(False)


def _is_no_date(time: ir.TimestampValue, zone: str) -> ir.BooleanValue:
    """Whether a time is what programs write where there is none: 0001-01-01, 1900-01-01, 9999-12-31, second 0 of 1970.

    `zone` is the portal's, in which the time stands.
    """
    day, offset = time.date(), ZoneInfo(zone).utcoffset(_EPOCH) or timedelta()
    nothing = (time < _FIRST_YEARS) | (time >= _LAST_DAYS) | day.isin(_NULL_DAYS) | time.isin([_EPOCH, _EPOCH + offset])
    usual = reduce(or_, [(time >= first) & (time < last) for first, last in _USUAL])
    return ibis.ifelse(usual, ibis.literal(False), nothing).fill_null(False)


def _is_skipped(time: ir.TimestampValue, zone: str, now: datetime) -> ir.BooleanValue:
    """Whether the clocks of a zone never showed a wall time, because they went forward over it."""
    return _within(time, [c for c in changes(zone, now.year + 1) if c.skipped])


def _came_twice(time: ir.TimestampValue, zone: str, now: datetime) -> ir.BooleanValue:
    """Whether the clocks of a zone showed a wall time twice, because they went back over it."""
    return _within(time, [c for c in changes(zone, now.year + 1) if not c.skipped])


def _within(time: ir.TimestampValue, spans: Sequence[Change]) -> ir.BooleanValue:
    if not spans:
        return ibis.literal(False)
    hours = sorted({(c.start + timedelta(minutes=m)).hour for c in spans for m in range(0, _minutes(c), 30)})
    inside = reduce(or_, [(time >= c.start) & (time < c.end) for c in spans])
    # Only the few hours at which clocks are changed are held against every change.
    return ibis.ifelse(time.hour().isin(hours), inside, ibis.literal(False)).fill_null(False)


def _minutes(change: Change) -> int:
    return min((change.end - change.start) // timedelta(minutes=1), 24 * 60)


def has_clock(mapping: ColumnMapping) -> bool:
    """Whether times of a mapping say a time of day."""
    return mapping.finest not in ("day", "month") and tells_clock(mapping.formats[-1])
