"""Times of a source as Spark expressions, read exactly as `duck_times` reads them.

Java's date patterns mean other things than strptime's directives (two-digit years, digits that may be left out, what
stands around them), so a format becomes one regular expression, and the parts that it finds become a timestamp.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir

from candor.engine.texts import CLOCK_MARK, DOTNET, HALVES, NUMBER, OFFSET, UNUSUAL_BLANKS
from candor.errors import UsageError
from candor.portal.time_forms import EPOCHS, ZONES

_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
# Possessive (`}+`): as DuckDB does, a number takes all the digits that it may, and gives none back to the next.
_FORMS: Final = {
    "Y": "[0-9]{1,4}+", "y": "[0-9]{1,2}+", "m": "[0-9]{1,2}+", "d": "[0-9]{1,2}+", "H": "[0-9]{1,2}+",
    "I": "[0-9]{1,2}+", "M": "[0-9]{1,2}+", "S": "[0-9]{1,2}+", "f": "[0-9]{1,9}+", "p": "[AaPp][Mm]",
    "b": "(?i:" + "|".join(m[:3] for m in _MONTHS) + ")", "B": "(?i:" + "|".join(_MONTHS) + ")",
    "a": "(?i:" + "|".join(d[:3] for d in _WEEKDAYS) + ")", "A": "(?i:" + "|".join(_WEEKDAYS) + ")",
}  # fmt: skip
_FINE: Final = (datetime(1677, 9, 21, 0, 12, 44), datetime(2262, 4, 11, 23, 47, 16))
# A two-digit year below this is in the 2000s. POSIX, strptime.
_PIVOT: Final = "69"


def form_of(format_: str) -> tuple[str, tuple[str, ...]]:
    """The regular expression of a strptime format, and the directive of each of its groups.

    Raises `UsageError` for a directive that is not read.
    """
    pattern, found = "", []
    for part in re.findall(r"%.?|\s+|[^%\s]+", format_):
        if part.startswith("%"):
            if part[1:] not in _FORMS:
                raise UsageError(f"The directive {part!r} of the format {format_!r} is not read on Spark",
                                 ", ".join(f"%{d}" for d in sorted(_FORMS)),
                                 "Correct `format` in the data set's file.")  # fmt: skip
            pattern += f"({_FORMS[part[1:]]})"
            found.append(part[1:])
        elif part.isspace():
            pattern += " +"
        else:
            pattern += "".join(f"[{c}]" if re.match(r"[^\w\\^\]]", c) else re.escape(c) for c in part)
    return rf"^ *{pattern} *\z", tuple(found)


Moved = Callable[[ir.TimestampValue], ir.TimestampValue]
"""Wall time in UTC as that of the portal's zone."""


def local_time(text: ir.StringValue, format_: str, local: Moved) -> ir.TimestampValue:
    """Wall time in the portal's zone, null where the text is not of the form: any but `iso` and `iso-offset`."""
    if format_ in EPOCHS:
        return local(_moment(_number(text) / EPOCHS[format_]))
    if format_ == "dotnet-json":
        return local(_moment(text.re_extract(DOTNET, 1).nullif("").try_cast("float64") / 1000))
    if format_ == "excel-serial":
        days = _number(text)
        seconds = (ibis.ifelse(days.between(0, 2958465), days, ibis.null("float64")) * 86400).round()
        return _moment(seconds - 25569 * 86400)
    if format_ in ("hhmm", "hhmmss"):
        whole = text.re_replace("[.]0$", "")
        fits = whole.re_search(f"^[0-9]{{1,{len(format_)}}}$")
        digits = ibis.ifelse(fits, whole.lpad(len(format_), "0"), ibis.null("string"))
        return wall_time(digits, "%H%M" if format_ == "hhmm" else "%H%M%S")
    plain, zone = _plain(text, format_), re.search(" ?%[zZ]", format_)
    if not zone:
        return wall_time(plain, format_)
    after = "" if zone.end() == len(format_) else " .*"
    pattern = f"^(.*[0-9 ]) ?{OFFSET}({after})$"
    first, said, last = (plain.re_extract(pattern, group) for group in (1, 2, 3))
    wall = wall_time(first + last, format_.replace(zone[0], "", 1))
    return local(_later(wall, -_minutes(said.upper())))


def _number(text: ir.StringValue) -> ir.FloatingValue:
    return ibis.ifelse(text.re_search(NUMBER), text.try_cast("float64"), ibis.null("float64"))


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def timestamp_micros(micros: int) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """Spark's own: the moment so many millionths of a second after 1970 in UTC."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def unix_micros(time: ibis.dtype("timestamp('UTC')")) -> int:  # type: ignore[valid-type,empty-body]  # as above
    """Spark's own: the millionths of a second from 1970 in UTC."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def to_timestamp_ltz(text: str) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """Spark's own: an instant; null where the text is none."""


def _moment(seconds: ir.FloatingValue) -> ir.TimestampValue:
    """Wall time in UTC of seconds since 1970; null beyond the years 1 to 9999. The session's zone is UTC."""
    inside = ibis.ifelse(seconds.between(-6.2e10, 2.5e11), seconds, ibis.null("float64"))
    return timestamp_micros((inside * 1e6).round().cast("int64")).cast("timestamp")


def _later(time: ir.TimestampValue, minutes: ir.IntegerValue) -> ir.TimestampValue:
    # Ibis takes every time for an instant, and Spark's own functions on instants take no wall time.
    moment = unix_micros(to_timestamp_ltz(time.cast("string")))
    return timestamp_micros(moment + minutes * 60_000_000).cast("timestamp")


def _plain(text: ir.StringValue, format_: str) -> ir.StringValue:
    """The text with usual blanks, and with AM and PM as strptime reads them."""
    plain = text.translate(UNUSUAL_BLANKS, " " * len(UNUSUAL_BLANKS))
    if "%p" not in format_:
        return plain
    return ibis.cases(
        (plain.lower().contains(".m"), plain.re_replace(CLOCK_MARK, "$1M")),
        (plain.re_search(HALVES), plain + "M"),
        else_=plain,
    )


def _minutes(zone: ir.StringValue) -> ir.IntegerValue:
    digits = zone.replace(":", "")
    hours, minutes = (digits.substr(at, 2).nullif("").try_cast("int64").fill_null(0) for at in (1, 3))
    ahead = hours * 60 + minutes
    named = [(zone == name, ibis.literal(minutes, "int64")) for name, minutes in ZONES.items()]
    return ibis.cases(*named, (zone.startswith("+"), ahead), (zone.startswith("-"), -ahead))


def wall_time(text: ir.StringValue, format_: str) -> ir.TimestampValue:
    """The wall time that a text of a strptime format says, null where it is of another form or no time at all."""
    pattern, directives = form_of(format_)
    # The expression anchors the whole text: where it does not match, every part is empty.
    parts = {d: text.re_extract(pattern, at) for at, d in enumerate(directives, start=1)}
    whole = ibis.literal("").join(
        [_year(parts), "-", _month(parts), "-", _digits(parts, "d", "01"), " ", _hour(parts), ":",
         _digits(parts, "M", "00"), ":", _digits(parts, "S", "00"), ".", _decimals(parts)]
    )  # fmt: skip
    time = ibis.ifelse(text.re_search(pattern), whole.try_cast("timestamp"), ibis.null("timestamp"))
    if "f" not in directives:
        return time
    # With decimals DuckDB counts billionths of a second, which are enough for these years.
    return ibis.ifelse(time.between(*map(ibis.literal, _FINE)), time, ibis.null("timestamp"))


Parts = Mapping[str, ir.StringValue]


def _digits(parts: Parts, directive: str, default: str) -> ir.StringValue:
    return parts[directive].lpad(len(default), "0") if directive in parts else ibis.literal(default)


def _decimals(parts: Parts) -> ir.StringValue:
    return parts["f"].left(6).rpad(6, "0") if "f" in parts else ibis.literal("0")


def _year(parts: Parts) -> ir.StringValue:
    if "y" not in parts:
        return _digits(parts, "Y", "1900")
    short = _digits(parts, "y", "00")
    return ibis.ifelse(short < _PIVOT, "20", "19") + short


def _month(parts: Parts) -> ir.StringValue:
    for directive, letters in (("b", 3), ("B", None)):
        if directive in parts:
            named = parts[directive].lower()
            return ibis.cases(*[(named == name[:letters], f"{n:02}") for n, name in enumerate(_MONTHS, start=1)])
    return _digits(parts, "m", "01")


def _hour(parts: Parts) -> ir.StringValue:
    hour = _digits(parts, "I" if "I" in parts else "H", "00")
    if "I" in parts:
        hour = ibis.ifelse(hour.between("01", "12"), hour, ibis.null("string"))
    if "p" in parts:
        hour = ibis.ifelse(hour <= "12", hour, ibis.null("string"))
        twelve = hour.try_cast("int32") % 12 + ibis.ifelse(parts["p"].upper() == "PM", 12, 0)
        hour = twelve.cast("string").lpad(2, "0")
    return hour
