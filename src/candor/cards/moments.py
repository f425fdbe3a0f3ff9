"""The time of a row in words, as exactly as the row says it and no more: never a bare midnight."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from candor.messages.words import day_name, month_name

PRECISION: Final = "_precision"
"""What the name of the column ends with that says how exact the time beside it is."""

_PARTS: Final = {0: "night (0 to 6)", 6: "morning (6 to 12)", 12: "afternoon (12 to 18)", 18: "evening (18 to 24)"}


def moment_words(start: date | datetime | None, precision: str | None) -> str:  # noqa: PLR0911 - one for each precision
    """The cell of time that begins at `start`: "3 March 2025, 14:00 to 15:00", "night (0 to 6) of 3 March 2025",
    "week of 3 March 2025", "March 2025", "January to March 2025", "2025".

    Without a `precision` the time is as it was published, to the minute; nothing where there is no time. A precision
    that is not known is said beside the day, so that it cannot be read as more.
    """
    if start is None:
        return ""
    if not precision:
        return f"{start:%Y-%m-%d %H:%M}" if isinstance(start, datetime) else f"{start:%Y-%m-%d}"
    day = day_name(start)
    match precision:
        case "hour" if isinstance(start, datetime):
            return f"{day}, {start.hour}:00 to {start.hour + 1}:00"
        case "part of day" if isinstance(start, datetime) and start.hour in _PARTS:
            return f"{_PARTS[start.hour]} of {day}"
        case "date":
            return day
        case "week":
            return f"week of {day}"
        case "month":
            return month_name(start)
        case "quarter":
            return f"{start:%B} to {start + timedelta(days=62):%B} {start.year}"
        case "year":
            return str(start.year)
        case _:
            return f"{day} ({precision})"
