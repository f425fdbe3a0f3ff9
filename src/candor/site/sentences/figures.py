"""A figure as a sentence: what was counted, its rate and interval, and why there is none."""

from __future__ import annotations

from collections.abc import Sequence

from candor.site.figures import Figure, Period
from candor.site.sentences.coverage import COVERAGE_WORDS
from candor.site.sentences.words import (
    capital,
    decimal,
    during,
    interval,
    lower,
    lower_first,
    month_name,
    number,
    per_year,
    span,
)
from candor.store.model import PublicCategory


def what(label: str, count: int | None = None, *, officer: bool = False) -> str:
    """What was counted: "calls about noise", "1 call about noise"; without a label, "calls in open categories"."""
    call = "call" if count == 1 else "calls"
    noun = f"{call} about {lower_first(label)}" if label else f"{call} in open categories"
    amount = f"{number(count)} " if count is not None else ""
    return f"{amount}{noun}{', officers’ own activity included,' if officer else ''}"


def headline(figure: Figure, period: Period, place: str, label: str = "", *, officer: bool = False) -> str:
    """The figure of a town as a sentence. `label` is the category's; empty for all open categories together."""
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return _unknown(figure.coverage, period, place, what(label, officer=officer))
    when, calls = during(period), what(label, officer=officer)
    count, tail = figure.count or 0, partly(figure, period)
    if count == 0:
        return f"{when}, police recorded no {calls} from {place}.{tail}"
    begin = f"{when}, police answered {what(label, count, officer=officer)} from {place}"
    if figure.rate is not None:
        return (
            f"{begin}, {decimal(figure.rate)} for every 1,000 residents{per_year(period)}"
            f" (95\N{NO-BREAK SPACE}% interval {interval(figure)}).{tail}"
        )
    if no_residents(figure):
        return f"{begin}. Nobody lives there, so there is no rate.{tail}"
    return f"{begin}: too few to rate.{tail}"


def _unknown(coverage: str, period: Period, place: str, calls: str) -> str:
    """Why a town's number is not known or not shown."""
    match coverage:
        case "not covered":
            return (
                f"No agency in these data covers {place}, so the number of {calls} {lower(during(period))} is not"
                " known. That is not zero."
            )
        case "not reported":
            return (
                f"An agency that covers {place} sent nothing for {span(period)}, so the number of {calls} is not"
                " known. That is not zero."
            )
        case _:
            return (
                f"{during(period)}, the number of {calls} from {place} is withheld: a small number in a"
                " sensitive category could point at a person."
            )


def state_headline(figure: Figure, period: Period, jurisdiction: str) -> str:
    """The state's figure of calls in open categories: of the towns that reported, and of no other."""
    towns = figure.towns_reported
    if not towns or figure.count is None:
        return f"For {span(period)}, no town in {jurisdiction} has reported calls that can be published."
    where = f"the {number(towns)} {'town' if towns == 1 else 'towns'} of {jurisdiction} that reported"
    if towns == 1:
        where = f"the one town of {jurisdiction} that reported"
    text = f"{during(period)}, police answered {what('', figure.count)} in {where}"
    if figure.rate is None:
        return f"{text}."
    whose = "its" if towns == 1 else "their"
    return (
        f"{text}, {decimal(figure.rate)} for every 1,000 of {whose} residents{per_year(period)}"
        f" (95\N{NO-BREAK SPACE}% interval {interval(figure)})."
    )


def beside_state(state: Figure, jurisdiction: str) -> str:
    """The state's rate as something to read a town's by; empty where there is none, or where it is one town's own."""
    if state.rate is None or state.towns_reported == 1:
        return ""
    return (
        f"In all towns of {jurisdiction} that reported, taken together, the rate was {decimal(state.rate)}"
        f" ({interval(state)}). Whether a town differs from that by more than chance is not tested here yet."
    )


def no_residents(figure: Figure) -> bool:
    """Whether there is no rate because nobody lives in the town."""
    return figure.note == "no residents" or figure.residents == 0


def partly(figure: Figure, period: Period) -> str:
    """The caution that belongs to a figure of which months are missing; else nothing."""
    if figure.coverage != "partly reported":
        return ""
    one = figure.months_reported == 1
    return (
        f" Only {figure.months_reported} of the {period.months} months {'was' if one else 'were'} reported;"
        f" the figure is from {'that month' if one else 'those months'}."
    )


def short(figure: Figure) -> str:
    """The figure in a few words, for the map's tooltips and the tables."""
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return COVERAGE_WORDS[figure.coverage]
    count = figure.count or 0
    if count == 0:
        return "no calls"
    calls = f"{number(count)} {'call' if count == 1 else 'calls'}"
    partial = "; partly reported" if figure.coverage == "partly reported" else ""
    if figure.rate is not None:
        return f"{decimal(figure.rate)} calls per 1,000 residents and year ({interval(figure)}); {calls}{partial}"
    reason = "no residents" if no_residents(figure) else "too few to rate"
    return f"{calls}, {reason}{partial}"


def rate_words(figure: Figure) -> str:
    """The cell of a table where a rate would stand: the rate, or why there is none."""
    if figure.rate is not None:
        return decimal(figure.rate)
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return COVERAGE_WORDS[figure.coverage]
    if not figure.count:
        return "no calls"
    return "no residents" if no_residents(figure) else "too few to rate"


def state_words(figure: Figure) -> str:
    """Why a rate is there or not: the coverage state; of a town that reported, the reason why there is no rate."""
    if figure.rate is None and figure.count and figure.coverage in ("reported", "partly reported"):
        return "no residents" if no_residents(figure) else "too few to rate"
    return figure.coverage


def calls_words(figure: Figure) -> str:
    """The cell of a table where a count would stand: the count, or why there is none."""
    if figure.count is not None:
        return number(figure.count)
    return COVERAGE_WORDS[figure.coverage]


def map_sentence(period: Period, label: str, jurisdiction: str, *, officer: bool) -> str:
    """What the map shows."""
    started = "from the public, and officers’ own activity" if officer else "from the public"
    return (
        f"{capital(what(label))} {started}, for every 1,000 residents and year, by town in {jurisdiction},"
        f" {span(period)}."
    )


def total_note(sensitive: Sequence[PublicCategory]) -> str:
    """What the total holds and what it leaves out."""
    text = "The total is of calls in open categories."
    if sensitive:
        text += " Sensitive kinds of call are counted separately, and are part of no total."
    return text


OFFICERS_LEFT_OUT = (
    "Kinds of call that officers begin themselves, such as patrols and traffic stops, are left out; choose “The public"
    " and officers” above to see them."
)


COUNTED = (
    "Calls in all open categories: requests for police and, where chosen, officers’ own activity. A call is not a"
    " verified offence."
)


INTERVAL = (
    "95\N{NO-BREAK SPACE}%: if the same causes produced such counts again and again, 95 of 100 intervals made"
    " so would hold the true rate. Exact (Garwood) below 10 calls, Byar’s approximation from 10 on; a rate is given"
    " from 10 calls on."
)


def denominator(residents: int | None, source: str) -> str:
    """What a rate is of."""
    of = f" Source: {source}." if source else ""
    if residents is None:
        return f"Residents; their number is not known for this town.{of}"
    return f"{number(residents)} {'resident' if residents == 1 else 'residents'}.{of}"


def trend_sentence(
    series: Sequence[tuple[Period, Figure]], place: str, label: str = "", *, officer: bool = False
) -> str:
    """What the chart of months shows, in words: the span, the least and the most, and the months that are not known."""
    known = [
        (p, f.count) for p, f in series if f.count is not None and f.coverage not in ("suppressed", "not reported")
    ]
    if not series:
        return ""
    when = f"from {month_name(series[0][0].first_month)} to {month_name(series[-1][0].last_month)}"
    if not known:
        return f"No month {when} has a published number of {what(label, officer=officer)} for {place}."
    least, most = min(known, key=lambda x: x[1] or 0), max(known, key=lambda x: x[1] or 0)
    text = f"Month by month {when}, {what(label, officer=officer)} from {place}"
    if least[1] == most[1]:
        text += f": {number(most[1])} in every month that is known."
    else:
        text += (
            f" ranged from {number(least[1])} ({month_name(least[0].first_month)}) to {number(most[1])}"
            f" ({month_name(most[0].first_month)})."
        )
    for state, words in (("suppressed", "withheld"), ("not reported", "not reported"), ("not covered", "not covered")):
        n = sum(f.coverage == state for _, f in series)
        if n:
            text += f" {number(n)} {'month is' if n == 1 else 'months are'} {words}."
    return text + " A change from month to month is mostly chance where the numbers are small."
