"""How a source writes its dates: the forms that are tried, as conditions on a text column in SQL."""

from __future__ import annotations

from itertools import product

from candor.engine.sql import literal

ISO_OFFSET = "iso-offset"
ISO = "iso"
CLOCK = "clock"
"""A time of day without a date, which no format of a mapping can read."""

_DATES = (
    "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%Y/%m/%d", "%m-%d-%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d",
    "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p", "%H:%M:%S.%f")
_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
_ZONE = r" ?(Z|[+-]\d{2}(:?\d{2})?)"

# Of two formats that read the same values the first is taken: month before day, as in the United States.
STRPTIME = tuple(
    [f"{date} {clock}" for date, clock in product(_DATES, _CLOCKS)]
    + [f"{date}T{clock}" for date, clock in product(("%Y-%m-%d",), _CLOCKS[2:4])]
    + [date for date in _DATES if date != "%Y-%m-%d"]
)


def iso_conditions(text: str) -> dict[str, str]:
    """Conditions that a text column is an ISO date, with and without an offset."""
    return {
        ISO_OFFSET: f"regexp_full_match({text}, {literal(_DAY + _TIME + _ZONE)}) "
        f"AND try_cast({text} AS timestamptz) IS NOT NULL",
        ISO: f"regexp_full_match({text}, {literal(f'{_DAY}({_TIME})?')}) AND try_cast({text} AS timestamp) IS NOT NULL",
    }


def strptime_condition(text: str, format_: str) -> str:
    """The condition that a text column is a date of that format, in a year of our times."""
    return f"year(try_strptime({text}, {literal(format_)})) BETWEEN 1900 AND 2199"


def clock_condition(text: str) -> str:
    """The condition that a text column is a time of day without a date."""
    return rf"regexp_full_match({text}, '\d{{1,2}}:\d{{2}}(:\d{{2}})?( ?[AaPp]\.?[Mm]\.?)?')"


def looks_like_a_date(text: str) -> str:
    """A cheap condition that goes before the many expensive ones."""
    marks = "[-/.]|[A-Za-z]{3}"
    return rf"length({text}) BETWEEN 6 AND 40 AND regexp_matches({text}, '\d') AND regexp_matches({text}, '{marks}')"


def has_time(format_: str) -> bool:
    """Whether a format tells the time of day. ISO dates may."""
    return format_ == ISO_OFFSET or "%H" in format_ or "%I" in format_


def day_first(format_: str) -> str:
    """The format with day and month exchanged."""
    return format_.replace("%m", "%\0").replace("%d", "%m").replace("%\0", "%d")
