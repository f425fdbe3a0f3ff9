"""How figures, days and months are written in the templates."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def number(value: float | int | None, digits: int = 0) -> str:
    """1234.56 as "1,235", or with `digits` decimals; nothing for None."""
    return "" if value is None else f"{value:,.{digits}f}"


def day(value: date | datetime | None, zone: str = "") -> str:
    """ "3 July 2025". A moment in time is first brought into `zone`, an IANA name."""
    if value is None:
        return ""
    if isinstance(value, datetime) and zone and value.tzinfo is not None:
        value = value.astimezone(ZoneInfo(zone))
    return f"{value.day} {value:%B %Y}"


def month(value: date | str | None) -> str:
    """ "July 2025", from a date or from "2025-07"."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(f"{value[:7]}-01")
    return f"{value:%B %Y}"


def plural(count: int, singular: str, plural: str = "") -> str:
    """ "1 call", "1,204 calls"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"
