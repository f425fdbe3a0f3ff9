"""A figure as a sentence: what was counted, its rate and interval, and why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from candor.messages.coverage import COVERAGE_WORDS, UNDER, UNDER_RANGE
from candor.messages.denominators import no_rate_sentence
from candor.messages.layers import CALLS, Layer
from candor.messages.told import ZERO_TO_FOUR, not_yet_words, number_words
from candor.messages.words import (
    capital,
    day_name,
    decimal,
    during,
    interval,
    lower,
    lower_first,
    number,
    per_year,
    span,
)
from candor.published.model import UNTOLD, Figure, Period
from candor.store.model import PublicCategory


def what(label: str, count: Figure | int | None = None, *, officer: bool = False, layer: Layer = CALLS) -> str:
    """What was counted: "calls about noise", with a count "1 call about noise", "about 45 (43 to 47) calls about ..".

    Without a label, "calls in open categories".
    """
    noun = layer.of_kind(lower_first(label) if label else "", count.count if isinstance(count, Figure) else count)
    amount = number_words(count) if isinstance(count, Figure) else number(count)
    amount += " " if amount else ""
    return f"{amount}{noun}{', officers’ own activity included,' if officer and layer.initiators else ''}"


def headline(
    figure: Figure,
    period: Period,
    place: str,
    label: str = "",
    *,
    officer: bool = False,
    layer: Layer = CALLS,
    before: Sequence[tuple[Period, Figure]] = (),
) -> str:
    """The figure of a town: the counts themselves, then the rate. `label` is the category's; empty for all open ones.

    `before`: the same time in earlier years, the last first. "Burlington: 30 calls about burglary in 2025; 20 in 2024;
    26 in 2023. That is 0.7 for every 1,000 residents (95 % interval 0.5 to 1.0)."
    """
    if figure.coverage in UNTOLD:
        return _unknown(figure, period, place, what(label, officer=officer, layer=layer), layer)
    amount = what(label, figure, officer=officer, layer=layer)
    if not figure.count:
        amount = f"no {what(label, officer=officer, layer=layer)}"
    counts = [f"{amount} {lower(during(period))}", *(f"{_amount(f)} {lower(during(p))}" for p, f in before)]
    text = f"{place}: {'; '.join(counts)}.{partly(figure, period)}"
    if not figure.count:
        return text
    return f"{text} {rate_sentence(figure, period, place)}{parts_sentence(figure, layer, label)}"


def parts_sentence(figure: Figure, layer: Layer, label: str = "") -> str:
    """How many rows the events have, where several may be of one, with a blank before it; else nothing."""
    if layer.parts is None or figure.parts is None or not figure.count:
        return ""
    these = f"This {layer.one} has" if figure.count == 1 else f"These {number(figure.count)} {layer.many} have"
    of = "of that kind" if label else "in open categories"
    return f" {these} {number(figure.parts)} {layer.parts.one if figure.parts == 1 else layer.parts.many} {of}."


def _amount(figure: Figure) -> str:
    """A count of an earlier year, or why there is none."""
    if figure.coverage in UNTOLD and figure.coverage != UNDER:
        return COVERAGE_WORDS[figure.coverage]
    amount = number_words(figure) if figure.count or figure.coverage == UNDER else "none"
    return f"{amount} (partly reported)" if figure.coverage == "partly reported" else amount


def rate_sentence(figure: Figure, period: Period, place: str) -> str:
    """The rate of a figure that has events, or why there is none."""
    if figure.rate is not None:
        return (
            f"That is {decimal(figure.rate)} for every 1,000 {people(figure)}{per_year(period)}"
            f" (95\N{NO-BREAK SPACE}% interval {interval(figure)})."
        )
    if no_residents(figure):
        return "Nobody lives there, so there is no rate."
    if residents_not_known(figure):
        return f"There is no rate: {lower(no_rate_sentence(place, period))}"
    return "That is too few to rate."


def people(figure: Figure) -> str:
    """Whom a rate is by: residents, or the persons present that the portal declares."""
    return figure.denominator or "residents"


def _unknown(figure: Figure, period: Period, place: str, events: str, layer: Layer) -> str:
    """Why there is no number of a town; under 5 is said as such."""
    match figure.coverage:
        case "not covered":
            return (
                f"No agency in these data covers {place}, so the number of {events} {lower(during(period))} is not"
                " known. That is not zero."
            )
        case "not reported":
            return (
                f"An agency that covers {place} sent nothing for {span(period)}, or only a part, so the number of"
                f" {events} is not known. That is not zero."
            )
        case "not yet":
            how = ", by itself or together with later years" if period.kind == "year" and layer.monthly else ""
            when = f" It is told from {day_name(figure.on)} on{how}." if figure.on else ""
            return f"The number of {events} {layer.at} {place} {lower(during(period))} is not told yet.{when}"
        case "by county only":
            return f"The number of {events} {layer.at} {place} {lower(during(period))} is not told by itself."
        case _:
            return (
                f"{during(period)}, police {layer.did} {UNDER} {events} {layer.at} {place}: {ZERO_TO_FOUR}."
                f"{partly(figure, period)}"
            )


def state_headline(
    figure: Figure,
    period: Period,
    jurisdiction: str,
    label: str = "",
    *,
    officer: bool = False,
    layer: Layer = CALLS,
) -> str:
    """The state's figure: of the towns that reported, and of no other."""
    towns = figure.towns_reported
    if figure.coverage == UNDER:
        events = what(label, officer=officer, layer=layer)
        return f"{during(period)}, police {layer.did} {UNDER} {events} in all of {jurisdiction}: {ZERO_TO_FOUR}."
    if figure.coverage == "not yet":
        when = f" It is told from {day_name(figure.on)} on." if figure.on else ""
        events = what(label, officer=officer, layer=layer)
        return f"The number of {events} in all of {jurisdiction} {lower(during(period))} is not told yet.{when}"
    if not towns or figure.count is None:
        return (
            f"For {span(period)} there is no number of {what(label, officer=officer, layer=layer)} in all of"
            f" {jurisdiction} that can be published."
        )
    where = f"the {number(towns)} towns of {jurisdiction} that reported"
    if towns == 1:
        where = f"the one town of {jurisdiction} that reported"
    if figure.count == 0:
        return f"{during(period)}, police recorded no {what(label, officer=officer, layer=layer)} in {where}."
    events = what(label, figure, officer=officer, layer=layer)
    text = f"{during(period)}, police {layer.did} {events} in {where}"
    if figure.rate is None:
        return f"{text}.{parts_sentence(figure, layer, label)}"
    whose = "its" if towns == 1 else "their"
    return (
        f"{text}, {decimal(figure.rate)} for every 1,000 of {whose} {people(figure)}{per_year(period)}"
        f" (95\N{NO-BREAK SPACE}% interval {interval(figure)}).{parts_sentence(figure, layer, label)}"
    )


def no_residents(figure: Figure) -> bool:
    """Whether there is no rate because nobody lives in the town."""
    return figure.note == "no residents" or figure.residents == 0


def residents_not_known(figure: Figure) -> bool:
    """Whether there is no rate because nobody knows how many live in the town."""
    return figure.note == "residents not known"


def why_no_rate(figure: Figure) -> str:
    """Why there is no rate where there is a count, in two or three words."""
    if no_residents(figure):
        return "no residents"
    return "residents not known" if residents_not_known(figure) else "too few to rate"


def partly(figure: Figure, period: Period) -> str:
    """The caution that belongs to a figure of which months are missing; else nothing."""
    missing = figure.coverage == UNDER and 0 < figure.months_reported < period.months
    if figure.coverage != "partly reported" and not missing:
        return ""
    one = figure.months_reported == 1
    return (
        f" Only {figure.months_reported} of the {period.months} months {'was' if one else 'were'} reported;"
        f" the figure is from {'that month' if one else 'those months'}."
    )


def short(figure: Figure, layer: Layer = CALLS) -> str:
    """The figure in a few words, for the map's tooltips and the tables."""
    if figure.coverage == UNDER:
        return f"under 5 {layer.many} (0 to 4)"
    if figure.coverage == "not yet":
        return not_yet_words(figure)
    if figure.coverage in UNTOLD:
        return COVERAGE_WORDS[figure.coverage]
    count = figure.count or 0
    if count == 0:
        return f"no {layer.many}"
    counted = f"{number_words(figure)} {layer.noun(count)}"
    partial = "; partly reported" if figure.coverage == "partly reported" else ""
    if figure.rate is not None:
        rate = f"{decimal(figure.rate)} {layer.many} per 1,000 people and year ({interval(figure)})"
        return f"{rate}; {counted}{partial}"
    reason = why_no_rate(figure)
    return f"{counted}, {reason}{partial}"


def rate_words(figure: Figure, layer: Layer = CALLS) -> str:
    """The cell of a table where a rate would stand: the rate, or why there is none."""
    if figure.rate is not None:
        return decimal(figure.rate)
    if figure.coverage in UNTOLD:
        return COVERAGE_WORDS[figure.coverage]
    if not figure.count:
        return f"no {layer.many}"
    return why_no_rate(figure)


def state_words(figure: Figure) -> str:
    """Why a rate is there or not: the coverage state; of a town that reported, the reason why there is no rate."""
    if figure.rate is None and figure.count and figure.coverage in ("reported", "partly reported"):
        return why_no_rate(figure)
    return figure.coverage


def count_words(figure: Figure) -> str:
    """The cell of a table where a count would stand: the count, or why there is none."""
    if figure.count is not None:
        return number(figure.count)
    return UNDER_RANGE if figure.coverage == UNDER else COVERAGE_WORDS[figure.coverage]


def map_sentence(period: Period, label: str, jurisdiction: str, *, officer: bool = False, layer: Layer = CALLS) -> str:
    """What the map shows."""
    started = " from the public, and officers’ own activity" if officer else " from the public"
    return (
        f"{capital(what(label, layer=layer))}{started if layer.initiators else ''}, for every 1,000 people and year,"
        f" by town in {jurisdiction}, {span(period)}."
    )


def total_note(sensitive: Sequence[PublicCategory], layer: Layer = CALLS) -> str:
    """What the total holds and what it leaves out."""
    text = f"The total is of {layer.many} in open categories."
    if layer.parts is not None:
        text += " One of several kinds counts once in it and once in each kind, so kinds add up to more."
    if sensitive:
        text += f" {layer.words.sensitive} are counted separately, and are part of no total."
    return text


OFFICERS_LEFT_OUT = (
    "Kinds of call that officers begin themselves, such as patrols and traffic stops, are left out; choose “The public"
    " and officers” above to see them."
)


def counted(layer: Layer = CALLS) -> str:
    """What the total of a layer is of."""
    return layer.words.total


def interval_method(layer: Layer = CALLS) -> str:
    """How the interval of a rate is made and read."""
    return (
        "95\N{NO-BREAK SPACE}%: if the same causes produced such counts again and again, 95 of 100 intervals made"
        " so would hold the true rate. It is the exact interval of a count that moves by chance and by how much a"
        f" town’s own count wanders from year to year (negative binomial); a rate is given from 10 {layer.many} on."
    )


def denominator(figure: Figure, residents: int | None, source: str) -> str:
    """Whom a rate is by."""
    of = f" Source: {source}." if source else ""
    if figure.denominator and figure.denominator != "residents" and figure.persons is not None:
        living = f", of whom {number(residents)} are residents" if residents is not None else ""
        return f"{number(figure.persons)} {figure.denominator}, on average{living}.{of}"
    if residents is None:
        return f"Residents; their number is not known for this town.{of}"
    return f"{number(residents)} {'resident' if residents == 1 else 'residents'}.{of}"
