"""What is said of sensitive kinds of calls: what is published of them, why no more, and what a withheld number is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from candor.site.figures import Figure, Period
from candor.site.sentences.coverage import WITHHELD
from candor.site.sentences.figures import what
from candor.site.sentences.layers import CALLS, Layer
from candor.site.sentences.words import (
    capital,
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

WHOEVER_BEGAN: Final = (
    "Sensitive kinds are counted whoever began the call. Told apart by who began them, more of their numbers would be"
    " small, and more would have to be withheld."
)

BY_YEAR: Final = (
    "A sensitive kind is published for a town by whole year, and for a county by month. Nearly all months of a town"
    " would be small numbers, which could point at a person."
)

WITHHELD_MEANS: Final = (
    "“Withheld” means: to protect a small number, this one or another that it would give away. It does not mean zero."
)

NOT_DRAWN: Final = (
    "Towns whose number is withheld are not drawn: the dots are of towns with none and of towns with larger numbers."
)

NO_TOTAL: Final = (
    "Each kind is counted by itself. There is no sum of sensitive kinds, for a sum can give a part of it away."
)

KINDS: Final = "Sensitive kinds of calls"

CALL_IS_NO_CRIME: Final = "A call is not a crime: it asks for help, and says nothing of what was found."


def definition_note(threshold: int, layer: Layer = CALLS, *, zeros: bool = False) -> str:
    """What belongs to the definition of a sensitive kind. `zeros`: they are withheld like small numbers."""
    text = f"A sensitive kind: counts from {_from(zeros=zeros)} to {threshold - 1} are withheld"
    if layer is not CALLS:
        return f"{text}."
    return f"{text}, and so are other numbers that would give one away. {BY_YEAR}"


def periods_published(label: str, periods: Sequence[Period]) -> str:
    """Which periods of a kind there are, for who asked for another."""
    return (
        f"Towns’ figures of {what(label)} are published for {listed([span(p) for p in periods])} only. For months, see"
        " the county at /counties"
    )


def kinds_lead(place: str) -> str:
    """What the table of a town's sensitive kinds shows."""
    return f"Calls of sensitive kinds from {place} by whole year, whoever began them. {NO_TOTAL} {WITHHELD_MEANS}"


def years_heading(period: Period) -> str:
    """A year or years together at the head of a column: "2025", "2023 to 2025"."""
    return f"{period.first_month.year} to {period.last_month.year}" if period.kind == "years" else period.key


def cell(figure: Figure) -> str:
    """A count in a narrow cell; `WITHHELD_MEANS` stands beside the table."""
    if figure.coverage == "suppressed":
        return "withheld"
    if figure.count is None:
        return figure.coverage
    return f"{number(figure.count)}{', partly reported' if figure.coverage == 'partly reported' else ''}"


def area_sentence(figure: Figure, period: Period, area: str, label: str) -> str:
    """The figure of a county or the state for a whole period."""
    events = what(label)
    match figure.coverage:
        case "suppressed":
            return f"{during(period)}, the number of {events} from {area} is {WITHHELD}."
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
    text = f"{during(period)}, police answered {what(label, figure.count)} from {where}"
    if figure.rate is not None:
        text += f", {decimal(figure.rate)} for every 1,000 residents{per_year(period)}"
        text += f" (95\N{NO-BREAK SPACE}% interval {interval(figure)})"
    partly = " Not every month of every town was reported." if figure.coverage == "partly reported" else ""
    return f"{text}.{partly}"


def _from(*, zeros: bool) -> int:
    return 0 if zeros else 1


def months_why(threshold: int, *, zeros: bool = False) -> str:
    """How a month's number can be withheld. `zeros`: they are withheld like small numbers."""
    return (
        f"A month’s number is withheld where it is from {_from(zeros=zeros)} to {threshold - 1}, or where the year, a"
        " town’s year or the state’s month would give such a number away by subtraction."
    )


def area_title(label: str, area: str) -> str:
    """The heading of a county's months: "Calls about domestic violence from Adams County, by month"."""
    return f"{capital(what(label))} from {area}, by month"


def months_link(label: str, county: str) -> str:
    """The words of the link from a town to its county's months."""
    return f"{capital(lower_first(label))} by month in {county}"
