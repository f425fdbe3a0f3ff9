"""What is said of sensitive kinds of calls: what is told of them, how it is rounded, and when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from candor.messages.coverage import COVERAGE_WORDS, UNDER
from candor.messages.figures import what
from candor.messages.layers import CALLS, Layer
from candor.messages.told import NEAREST, NO_SUM, ROUNDED_MEANS, ZERO_TO_FOUR
from candor.messages.words import (
    capital,
    day_name,
    decimal,
    during,
    interval,
    listed,
    lower,
    lower_first,
    number,
    per_year,
    span,
)
from candor.published.model import Figure, Period
from candor.store.model import PublicSettling

WHOEVER_BEGAN: Final = (
    "Sensitive kinds are counted whoever began the call. Told apart by who began them, more of their numbers would be"
    " under 5."
)

BY_YEAR: Final = (
    "A sensitive kind is told of a town by year or, where a year would have too few, by three years together; of a"
    " county by month and year; of the state also by quarter."
)

NOT_DRAWN: Final = "Towns with under 5 are not drawn."

NO_TOTAL: Final = f"Each kind is counted by itself, and there is no sum of sensitive kinds. {NO_SUM}"

KINDS: Final = "Sensitive kinds of calls"

CALL_IS_NO_CRIME: Final = "A call is not a crime: it asks for help, and says nothing of what was found."

TOGETHER: Final = "together"

TOGETHER_MEANS: Final = "“Together” means: not told for that year by itself, but for three years together."


def definition_note(layer: Layer = CALLS) -> str:
    """What belongs to the definition of a sensitive kind."""
    text = f"A sensitive kind: numbers are told as under 5 (0 to 4) or {NEAREST}."
    return f"{text} {BY_YEAR}" if layer.monthly else text


def periods_published(label: str, periods: Sequence[Period]) -> str:
    """Which periods of a kind there are, for who asked for another."""
    return (
        f"Towns’ figures of {what(label)} are published for {listed([span(p) for p in periods])} only. For months, see"
        " the county at /counties"
    )


def kinds_lead(place: str) -> str:
    """What the table of a town's sensitive kinds shows."""
    return f"Calls of sensitive kinds from {place}, whoever began them. {NO_TOTAL} {ROUNDED_MEANS}"


def years_heading(period: Period) -> str:
    """A year or years together at the head of a column: "2025", "2023 to 2025"."""
    return f"{period.first_month.year} to {period.last_month.year}" if period.kind == "years" else period.key


def cell(figure: Figure) -> str:
    """A count in a narrow cell; `ROUNDED_MEANS` stands beside the table."""
    if figure.count is None:
        return COVERAGE_WORDS[figure.coverage] if figure.coverage == "by county only" else figure.coverage
    return f"{number(figure.count)}{', partly reported' if figure.coverage == 'partly reported' else ''}"


def appear_sentence(periods: Sequence[tuple[Period, Figure]]) -> str:
    """From when on the figures of some periods are told: "2026 is told from 31 March 2027 on."; nothing for none."""
    days: dict[str, list[str]] = {}
    for period, figure in periods:
        if figure.on is not None:
            days.setdefault(day_name(figure.on), []).append(span(period))
    return " ".join(
        f"{capital(listed(found))} {'is' if len(found) == 1 else 'are'} told from {day} on."
        for day, found in days.items()
    )


def area_sentence(figure: Figure, period: Period, area: str, label: str) -> str:
    """The figure of a county or the state for a whole period."""
    events = what(label)
    match figure.coverage:
        case "under 5":
            return f"{during(period)}, police answered {UNDER} {events} from {area}: {ZERO_TO_FOUR}."
        case "not yet":
            when = f" It is told from {day_name(figure.on)} on." if figure.on else ""
            return f"The number of {events} from {area} {lower(during(period))} is not told yet.{when}"
        case "not reported":
            return (
                f"For {span(period)}, no town of {area} was reported, so the number of {events} is not known. That is"
                " not zero."
            )
        case "not covered":
            return (
                f"No agency in these data covers a town of {area}, so the number of {events} {lower(during(period))} is"
                " not known. That is not zero."
            )
    towns = figure.towns_reported
    where = f"{area} ({number(towns)} {'town' if towns == 1 else 'towns'} reported)" if towns else area
    if not figure.count:
        return f"{during(period)}, police recorded no {events} from {where}."
    text = f"{during(period)}, police answered {what(label, figure)} from {where}"
    if figure.rate is not None:
        text += f", {decimal(figure.rate)} for every 1,000 people{per_year(period)}"
        text += f" (95\N{NO-BREAK SPACE}% interval {interval(figure)})"
    partly = " Not every month of every town was reported." if figure.coverage == "partly reported" else ""
    return f"{text}.{partly}"


def months_why(settling: PublicSettling | None) -> str:
    """When a month's number is told."""
    if settling is None:
        return "A month’s number is told once, and does not change."
    return (
        f"The months of a quarter are told together, {settling.quarter_days} days after its end, and a year"
        f" {settling.year_days} days after its end: once, and they do not change."
    )


def area_title(label: str, area: str) -> str:
    """The heading of a county's months: "Calls about domestic violence from Adams County, by month"."""
    return f"{capital(what(label))} from {area}, by month"


def months_link(label: str, county: str) -> str:
    """The words of the link from a town to its county's months."""
    return f"{capital(lower_first(label))} by month in {county}"
