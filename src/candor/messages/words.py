"""Numbers, days and periods as sentences say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from candor.published.model import ALL, Figure, Period
from candor.store.model import PublicPortal


def number(value: int | None) -> str:
    """1,234; nothing where there is none."""
    return "" if value is None else f"{value:,}"


def decimal(value: float | None) -> str:
    """A rate with one decimal, with two below 1; nothing where there is none."""
    if value is None:
        return ""
    return f"{value:,.2f}" if abs(value) < 0.995 else f"{value:,.1f}"


def interval(figure: Figure) -> str:
    """ "18.1 to 22.7"; nothing where there is none."""
    return f"{decimal(figure.low)} to {decimal(figure.high)}" if figure.low is not None else ""


def percent(share: float) -> str:
    """A share of one as a whole percentage: "38 %", with a blank that does not break."""
    return f"{share * 100:,.0f}\N{NO-BREAK SPACE}%"


def about(value: float) -> str:
    """A number that is no count, such as one expected: whole from 10 on, with one decimal below."""
    return f"{value:,.0f}" if value >= 9.95 else f"{value:,.1f}"


def month_name(day: date) -> str:
    """July 2025."""
    return f"{day:%B} {day.year}"


def local_day(moment: datetime, portal: PublicPortal) -> str:
    """The day of a moment where the portal is: 3 July 2025."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return day_name(zoned.astimezone(ZoneInfo(portal.time_zone)).date())


def day_name(day: date) -> str:
    """3 July 2025."""
    return f"{day.day} {day:%B} {day.year}"


def span(period: Period) -> str:
    """ "July 2025", "2025", "January to March 2025", "July 2024 to June 2025", "the three years 2023 to 2025"."""
    first, last = period.first_month, period.last_month
    if period.kind == "years":
        years = period.months // 12
        return f"the {_IN_WORDS.get(years, str(years))} years {first.year} to {last.year}"
    if first == last:
        return month_name(first)
    if _is_a_year(period):
        return str(first.year)
    if first.year == last.year:
        return f"{first:%B} to {last:%B} {last.year}"
    return f"{month_name(first)} to {month_name(last)}"


def during(period: Period) -> str:
    """The beginning of a sentence: "In July 2025", "In 2025", "From January to March 2025", "In the three years .."."""
    one = period.first_month == period.last_month or _is_a_year(period) or period.kind == "years"
    return f"In {span(period)}" if one else f"From {span(period)}"


_IN_WORDS: Final = {2: "two", 3: "three", 4: "four", 5: "five"}


def _is_a_year(period: Period) -> bool:
    return period.first_month.month == 1 and period.months == 12


def period_label(period: Period) -> str:
    """A period as a control says it."""
    if period.key == ALL:
        return f"All {period.months} months, {span(period)}"
    if period.kind == "months":
        return f"Last {period.months} months, to {month_name(period.last_month)}"
    return period.key if period.kind == "year" else capital(span(period))


def lower_first(label: str) -> str:
    """A label inside a sentence: "Noise" is "noise"; "DUI" and "K-9 use" stay."""
    word = label.split(" ", maxsplit=1)[0].rstrip(",;:")
    usual = word.isalpha() and word[1:] == word[1:].lower()
    return label[0].lower() + label[1:] if usual else label


def per_year(period: Period) -> str:
    """Rates are by the year; said where the period is not one year."""
    return "" if period.months == 12 else " and year"


def capital(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[0].upper() + text[1:]


def lower(text: str) -> str:
    """The beginning of a sentence, inside one."""
    return text[0].lower() + text[1:]


def month_of(text: str) -> str:
    """A month such as 2025-03 in words; what is no month stays, nothing is the beginning."""
    try:
        return month_name(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return text or "the beginning"


def listed(parts: Sequence[str]) -> str:
    """One, two and three."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
