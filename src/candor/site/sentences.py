"""Every sentence that the site makes from figures, in one place. Pure functions; "call" never becomes another word.

Zero, suppressed, not reported and not covered are four different things and are said differently everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from candor.site.figures import Figure, Period
from candor.store.model import Accounting, PublicCategory, PublicCoverage, Release

MINUS_ONE_NOTE = {
    "too few to rate": "too few to rate",
    "no residents": "no residents",
    "suppressed": "withheld",
    "partly reported": "partly reported",
}

COVERAGE_WORDS = {
    "reported": "reported",
    "zero": "reported, none",
    "suppressed": "small number withheld",
    "partly reported": "partly reported",
    "not reported": "not reported",
    "not covered": "not covered",
}
"""The coverage states as the table says them."""

COVERAGE_MEANING = {
    "reported": "the agencies of the town sent their calls, and there were some",
    "zero": "the agencies of the town sent their calls, and there was none of this kind",
    "suppressed": "there were a few calls, and the number is withheld to protect people",
    "partly reported": "the agencies of the town sent their calls for some of the months only",
    "not reported": "an agency covers the town, but sent nothing for this time: the number is not known",
    "not covered": "no agency in these data covers the town: the number is not known, and it is not zero",
}


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


def month_name(day: date) -> str:
    """July 2025."""
    return f"{day:%B} {day.year}"


def day_name(day: date) -> str:
    """3 July 2025."""
    return f"{day.day} {day:%B} {day.year}"


def span(period: Period) -> str:
    """ "July 2025", "January to December 2025", "July 2024 to June 2025"."""
    first, last = period.first_month, period.last_month
    if first == last:
        return month_name(first)
    if first.year == last.year:
        return f"{first:%B} to {last:%B} {last.year}"
    return f"{month_name(first)} to {month_name(last)}"


def during(period: Period) -> str:
    """The beginning of a sentence: "In July 2025", "From January to December 2025"."""
    return f"In {span(period)}" if period.first_month == period.last_month else f"From {span(period)}"


def period_label(period: Period) -> str:
    """A period as a control says it."""
    if period.kind == "months":
        return f"The last {period.months} months ({span(period)})"
    if period.kind == "year":
        return period.key if period.months == 12 else f"{period.key} ({span(period)})"
    return month_name(period.first_month)


def lower_first(label: str) -> str:
    """A label inside a sentence: "Noise" is "noise"; "DUI" and "K-9" stay."""
    head = label.split(" ")[0]
    return label if len(head) > 1 and head[1:] != head[1:].lower() or not head[1:].isalpha() else label[0].lower() + label[1:]


def what(label: str, count: int | None = None, *, officer: bool = False) -> str:
    """What was counted: "noise calls", "1 noise call"; without a label, "calls in open categories"."""
    call = "call" if count == 1 else "calls"
    noun = f"{lower_first(label)} {call}" if label else f"{call} in open categories"
    amount = f"{number(count)} " if count is not None else ""
    return f"{amount}{noun}{', activity that officers began themselves included,' if officer else ''}"


def headline(figure: Figure, period: Period, place: str, label: str = "", *, officer: bool = False) -> str:
    """The figure of a town as a sentence. `label` is the category's; empty for all open categories together."""
    when, calls = during(period), what(label, officer=officer)
    tail = partly(figure, period)
    match figure.coverage:
        case "not covered":
            return (
                f"No agency in these data covers {place}, so the number of {calls} {lower(when)} is not known."
                " That is not zero."
            ).replace(",  ", ", ")
        case "not reported":
            return (
                f"The police agency that covers {place} sent no calls for {span(period)}, so the number of {calls}"
                " is not known. That is not zero."
            )
        case "suppressed":
            return (
                f"{when}, there were a few {calls} from {place}. The number is withheld, because so small a number"
                " in a sensitive category could point at a person."
            )
    count = figure.calls or 0
    if count == 0:
        return f"{when}, police reported no {calls} from {place}.{tail}"
    begin = f"{when}, police answered {what(label, count, officer=officer)} from {place}"
    if figure.rate is not None:
        return (
            f"{begin.rstrip(',')}, {decimal(figure.rate)} for every 1,000 residents"
            f"{per_year(period)} (95 % interval {interval(figure)}).{tail}"
        )
    if figure.note == "no residents" or figure.residents == 0:
        return f"{begin}. Nobody lives there, so there is no rate for residents.{tail}"
    return f"{begin}: too few to rate.{tail}"


def partly(figure: Figure, period: Period) -> str:
    """The caution that belongs to a figure of which months are missing; else nothing."""
    if figure.coverage != "partly reported":
        return ""
    return (
        f" Only {figure.months_reported} of the {period.months} months were reported;"
        " the figure is from those months."
    )


def per_year(period: Period) -> str:
    """Rates are by the year; said where the period is not one year."""
    return "" if period.months == 12 else " and year"


def lower(text: str) -> str:
    """The beginning of a sentence, inside one."""
    return text[0].lower() + text[1:]


def short(figure: Figure) -> str:
    """The figure in a few words, for the map's tooltips and the tables."""
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return COVERAGE_WORDS[figure.coverage]
    count = figure.calls or 0
    if count == 0:
        return "no calls"
    calls = f"{number(count)} {'call' if count == 1 else 'calls'}"
    partial = "; partly reported" if figure.coverage == "partly reported" else ""
    if figure.rate is not None:
        return f"{decimal(figure.rate)} calls per 1,000 residents and year ({interval(figure)}); {calls}{partial}"
    reason = "no residents" if figure.note == "no residents" or figure.residents == 0 else "too few to rate"
    return f"{calls}, {reason}{partial}"


def rate_words(figure: Figure) -> str:
    """The cell of a table where a rate would stand: the rate, or why there is none."""
    if figure.rate is not None:
        return decimal(figure.rate)
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return COVERAGE_WORDS[figure.coverage]
    if not figure.calls:
        return "no calls"
    return "no residents" if figure.note == "no residents" or figure.residents == 0 else "too few to rate"


def calls_words(figure: Figure) -> str:
    """The cell of a table where a count would stand: the count, or why there is none."""
    if figure.calls is not None:
        return number(figure.calls)
    return COVERAGE_WORDS[figure.coverage]


def map_sentence(period: Period, label: str, jurisdiction: str, *, officer: bool) -> str:
    """What the map shows."""
    counted = f"{lower_first(label)} calls" if label else "calls in open categories"
    started = "calls from the public and activity that officers began themselves" if officer else "calls from the public only"
    return (
        f"Police calls by town in {jurisdiction}, {span(period)}: {counted} for every 1,000 residents"
        f" and year; {started}."
    )


def total_note(sensitive: Sequence[PublicCategory]) -> str:
    """What the total holds and what it leaves out."""
    text = "The total is of calls in open categories."
    if sensitive:
        text += " Sensitive kinds of call are counted separately, and are part of no total."
    return text


def coverage_counts(states: Iterable[str]) -> str:
    """How many towns are in each coverage state: "Of 255 towns, 1 is reported; 254 are not covered, .."."""
    counts = Counter(states)
    total = sum(counts.values())
    words = {
        "reported": "reported calls",
        "partly reported": "reported some of the months",
        "zero": "reported no calls of this kind",
        "suppressed": "a small number withheld",
        "not reported": "sent nothing, which is not zero",
        "not covered": "not covered by any agency in these data, which is not zero",
    }
    verbs = {"reported": "", "partly reported": "", "zero": "", "not reported": ""}
    parts = []
    for state, text in words.items():
        n = counts[state]
        if not n:
            continue
        verb = "" if state in verbs else ("has " if n == 1 else "have ") if state == "suppressed" else ("is " if n == 1 else "are ")
        parts.append(f"{number(n)} {verb}{text}")
    return f"Of {number(total)} {'town' if total == 1 else 'towns'}: {'; '.join(parts)}." if total else ""


def agency_sentences(coverage: Sequence[PublicCoverage], geoid: str, place: str) -> tuple[str, ...]:
    """Who covers a town, from when to when, and which months are missing."""
    own = [c for c in coverage if geoid in c.places]
    if not own:
        return (f"No agency in these data covers {place}.",)
    return tuple(
        f"{c.agency} covers {place} in these data from {_month(c.first_month)} to {_month(c.last_month)}"
        + (f", except for {_list([_month(m) for m in c.gaps])}, when it sent nothing." if c.gaps else ", without a gap.")
        for c in own
    )


def accounting_sentence(a: Accounting, unit_plural: str = "rows") -> str:
    """Where every row that was read ended."""
    return (
        f"{number(a.read)} rows were read: {number(a.published)} published, {number(a.duplicates)} duplicates,"
        f" {number(a.quarantined)} quarantined and {number(a.withheld)} withheld."
        + (" They add up: nothing is lost." if a.adds_up else " They do not add up; tell the publisher.")
    )


def release_sentence(release: Release) -> str:
    """Which release is shown."""
    return f"Release {release.number} of {day_name(release.created_at.date())}"


def trend_sentence(series: Sequence[tuple[Period, Figure]], place: str, label: str = "") -> str:
    """What the chart of months shows, in words: the span, the least and the most, and the months that are not known."""
    known = [(p, f.calls) for p, f in series if f.calls is not None and f.coverage not in ("suppressed", "not reported")]
    if not series:
        return ""
    when = f"from {month_name(series[0][0].first_month)} to {month_name(series[-1][0].last_month)}"
    if not known:
        return f"No month {when} has a published number of {what(label)} for {place}."
    least, most = min(known, key=lambda x: x[1] or 0), max(known, key=lambda x: x[1] or 0)
    text = f"Month by month {when}, {what(label)} from {place}"
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


def _month(text: str) -> str:
    try:
        return month_name(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return text or "the beginning"


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
