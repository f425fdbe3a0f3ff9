"""Which forms of `portal.time_forms` a column of texts may have, and how many of its values each of them reads."""

from __future__ import annotations

import re
from collections.abc import Iterable

from candor.engine.duck_times import time_sql
from candor.engine.sql import literal
from candor.portal.time_forms import EPOCHS, FORMS, tells_date
from candor.propose.shapes import clock_formats, date_formats

ISO_OFFSET = "iso-offset"
ISO = "iso"
EXCEL_MINUTES = "excel-minutes"
"""Minutes and seconds that a spreadsheet shows of a time: no format reads it, for the day and the hour are gone."""

_DAY = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
_ZONE = r" ?(Z|[+-]\d{2}(:?\d{2})?)"
_TIMELY = re.compile(
    r"date|time|hour|hhmm|stamp|clock|dttm|occur|report|receiv|creat|when|epoch|month|(^|[^a-z])dt", re.IGNORECASE
)
_DAY_FIRST = re.compile("^(%[aA][,.]? ?)?%d[^%]*%m")
_MONTH_FIRST_ZONES = ("America/", "US/", "Pacific/Honolulu", "Pacific/Guam", "Pacific/Pago_Pago")
# As `intake.times` has them: what programs write where there is no date.
_NO_DAYS = (
    "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "2079-06-06", "2099-12-31", "2999-12-31",
    "3000-01-01",
)  # fmt: skip


def iso_conditions(text: str) -> dict[str, str]:
    """Conditions that a text column is an ISO date, with and without an offset."""
    return {
        ISO_OFFSET: f"regexp_full_match({text}, {literal(_DAY + _TIME + _ZONE)}) "
        f"AND try_cast({text} AS timestamptz) IS NOT NULL",
        ISO: f"regexp_full_match({text}, {literal(f'{_DAY}({_TIME})?')}) AND try_cast({text} AS timestamp) IS NOT NULL",
    }


def is_timely(header: str) -> bool:
    """Whether a header speaks of time: digits alone are no date without it."""
    return bool(_TIMELY.search(header))


def wall_sql(text: str, format_: str) -> str:
    """Wall time in the session's zone of a text in a form, as SQL."""
    return f"try_cast({text} AS timestamptz)::timestamp" if format_.startswith("iso") else time_sql(text, format_)


def no_date(time: str) -> str:
    """The condition that a time (an SQL expression) is what programs write where there is none."""
    days = ", ".join(f"DATE {literal(day)}" for day in _NO_DAYS)
    return (
        f"({time} < TIMESTAMP '0002-01-02' OR {time} >= TIMESTAMP '9999-12-30' OR {time}::date IN ({days}) "
        f"OR {time} = TIMESTAMP '1970-01-01' OR timezone('UTC', {time}::timestamptz) = TIMESTAMP '1970-01-01')"
    )


def date_conditions(text: str, shapes: Iterable[str], *, digits: bool, timely: bool, zone: str) -> dict[str, str]:
    """Conditions that a text column is a date of a form that its shapes allow, the likelier form first.

    `digits`: the column holds numbers, which are dates only where its header is `timely`.
    """
    named = ["dotnet-json"] if any("Date(" in shape for shape in shapes) else []
    found = [f for shape in shapes for f in date_formats(shape)]
    if digits:
        if not timely:
            return {}
        named = [*EPOCHS, "excel-serial"]
    month_first = zone.startswith(_MONTH_FIRST_ZONES)
    # Of two that read the same values the first is taken: month before day in the United States.
    ordered = sorted(dict.fromkeys(found), key=lambda f: bool(_DAY_FIRST.match(f)) == month_first)
    return {f: date_condition(text, f) for f in (*named, *ordered)}


def date_condition(text: str, format_: str) -> str:
    """The condition that a text is a date of that form, in a year of our times, or one that stands for none."""
    time = wall_sql(text, format_)
    first, last = (1980, 2064) if format_ in EPOCHS or format_ == "excel-serial" else (1900, 2199)
    nothing = "false" if format_ in FORMS else no_date(time)
    return f"(year({time}) BETWEEN {first} AND {last} OR {nothing})"


def clock_conditions(text: str, shapes: Iterable[str], *, digits: bool, timely: bool) -> dict[str, str]:
    """Conditions that a text column is a time of day without a date, by the formats that its shapes allow."""
    if digits:
        forms = ["%H", "hhmm", "hhmmss"] if timely else []
    else:
        forms = list(dict.fromkeys(f for shape in shapes for f in clock_formats(shape) if f not in FORMS))
    return {f: f"{time_sql(text, f)} IS NOT NULL" for f in forms}


def is_date(format_: str) -> bool:
    """Whether a key of counted kinds is a form of dates."""
    return (format_ in FORMS or "%" in format_) and tells_date(format_)


def day_first(format_: str) -> str:
    """The format with day and month exchanged."""
    return format_.replace("%m", "%\0").replace("%d", "%m").replace("%\0", "%d")
