"""Texts that both engines must read alike: what counts as a number and as an ISO time, said once.

Left to themselves the engines differ: DuckDB reads `1_000`, `+-1` and `inf`, Spark `1d` and `0x1p3`; DuckDB reads no
offset behind a time without seconds, Spark a year alone. So each engine parses only texts of these forms.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import ibis
import ibis.expr.types as ir

# No backslash, no `\d`: RE2 and java.util.regex differ on classes beyond ASCII, SQL dialects on escapes.
NUMBER: Final = "^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$"
UNUSUAL_BLANKS: Final = "\u00a0\u2007\u2009\u202f"
"""What programs write for a blank between the digits and AM or PM, or between a date and a time."""
CLOCK_MARK: Final = "([AaPp])[.]? ?[Mm][.]?"
HALVES: Final = "[0-9] ?[AaPp]$"
DOTNET: Final = "^[/\\\\]*Date[(]([+-]?[0-9]{1,15})([+-][0-9]{4})?[)][/\\\\]*$"
OFFSET: Final = "([A-Za-z]{1,4}|[+-][0-9]{2}(?::?[0-9]{2})?)"
"""A zone behind a time: its letters, or its hours and minutes from UTC."""
_MINUTES: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]"
_SECONDS: Final = ":[0-5][0-9]([.][0-9]{1,9})?"
_OFFSET: Final = "(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
_ZONED: Final = f"^{_MINUTES}{_SECONDS}{_OFFSET}$"
_WALL: Final = f"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]([01][0-9]|2[0-3]):[0-5][0-9]({_SECONDS})?)?$"
_ZONED_OTHERWISE: Final = f"^{_MINUTES}({_SECONDS})? ?{_OFFSET}$"
_TO_MINUTES: Final = len("2022-01-01T10:00")


def of_the_calendar(time: ir.TimestampValue) -> ir.TimestampValue:
    """A time of the years 1 to 9999, else none: digits or an offset may say one beyond, which few programs can hold.

    What an offset moves over the edge, as it moves the first second that a program knows, becomes that edge.
    """
    first, last = ibis.literal(datetime.min), ibis.literal(datetime.max)
    day = ibis.interval(days=1)
    return ibis.cases(
        (time.between(first, last), time),
        (time.between(first - day, first), first),
        (time.between(last, last + day), last),
        else_=ibis.null("timestamp"),
    )


def iso_time(
    text: ir.StringValue,
    wall: Callable[[ir.StringValue], ir.TimestampValue],
    instant: Callable[[ir.StringValue], ir.TimestampValue],
) -> ir.TimestampValue:
    """ISO 8601 text to wall time in the portal's zone, null where it is of another form or no day of the calendar.

    `YYYY-MM-DD`, with `T` or a blank `HH:MM`, seconds, up to nine decimals (cut to microseconds), and an offset, behind
    a blank or not. With an offset the engine's `instant` makes it wall time in the portal's zone; without one it is
    wall time already, also in the hour that spring leaves out, and `wall` parses it as written.
    """
    # DuckDB reads no 10:00Z, and neither engine a blank before the offset: seconds are put in, the blank is taken out.
    clock = text.substr(_TO_MINUTES)
    whole = ibis.ifelse(clock.startswith(":"), text, text.left(_TO_MINUTES).concat(":00", clock))
    whole = whole.replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
    return ibis.cases(
        (text.re_search(_ZONED), instant(text)),
        (text.re_search(_WALL), wall(text)),
        (text.re_search(_ZONED_OTHERWISE), instant(whole)),
    )
