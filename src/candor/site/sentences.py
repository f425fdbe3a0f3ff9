"""Every sentence that the site makes from figures, in one place. Pure functions; "call" never becomes another word.

Zero, suppressed, not reported and not covered are four different things and are said differently everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from candor.site.figures import ALL, Figure, Period
from candor.store.model import Accounting, DatasetVersion, PublicCategory, PublicCoverage, PublicPortal, Release

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
    "suppressed": "a number in a sensitive category is withheld, because it could point at a person",
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


def local_day(moment: datetime, portal: PublicPortal) -> str:
    """The day of a moment where the portal is: 3 July 2025."""
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return day_name(zoned.astimezone(ZoneInfo(portal.time_zone)).date())


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
    if period.key == ALL:
        return f"All {period.months} months, {span(period)}"
    if period.kind == "months":
        return f"Last {period.months} months, to {month_name(period.last_month)}"
    return period.key if period.kind == "year" else month_name(period.first_month)


def lower_first(label: str) -> str:
    """A label inside a sentence: "Noise" is "noise"; "DUI" and "K-9 use" stay."""
    word = label.split(" ", maxsplit=1)[0]
    usual = word.isalpha() and word[1:] == word[1:].lower()
    return label[0].lower() + label[1:] if usual else label


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
    count, tail = figure.calls or 0, partly(figure, period)
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
    if not towns or figure.calls is None:
        return f"For {span(period)}, no town in {jurisdiction} has reported calls that can be published."
    where = f"the {number(towns)} {'town' if towns == 1 else 'towns'} of {jurisdiction} that reported"
    if towns == 1:
        where = f"the one town of {jurisdiction} that reported"
    text = f"{during(period)}, police answered {what('', figure.calls)} in {where}"
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


def per_year(period: Period) -> str:
    """Rates are by the year; said where the period is not one year."""
    return "" if period.months == 12 else " and year"


def capital(text: str) -> str:
    """A text as the beginning of a sentence."""
    return text[0].upper() + text[1:]


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
    reason = "no residents" if no_residents(figure) else "too few to rate"
    return f"{calls}, {reason}{partial}"


def rate_words(figure: Figure) -> str:
    """The cell of a table where a rate would stand: the rate, or why there is none."""
    if figure.rate is not None:
        return decimal(figure.rate)
    if figure.coverage in ("not covered", "not reported", "suppressed"):
        return COVERAGE_WORDS[figure.coverage]
    if not figure.calls:
        return "no calls"
    return "no residents" if no_residents(figure) else "too few to rate"


def state_words(figure: Figure) -> str:
    """Why a rate is there or not: the coverage state; of a town that reported, the reason why there is no rate."""
    if figure.rate is None and figure.calls and figure.coverage in ("reported", "partly reported"):
        return "no residents" if no_residents(figure) else "too few to rate"
    return figure.coverage


def calls_words(figure: Figure) -> str:
    """The cell of a table where a count would stand: the count, or why there is none."""
    if figure.calls is not None:
        return number(figure.calls)
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


def coverage_counts(states: Iterable[str]) -> str:
    """How many towns are in each coverage state: "Of 255 towns, 1 is reported; 254 are not covered, .."."""
    counts = Counter(states)
    total = sum(counts.values())
    parts = [
        f"{number(counts[state])} {one if counts[state] == 1 else many} {text}"
        for state, (one, many, text) in _STATES.items()
        if counts[state]
    ]
    return f"Of {number(total)} {'town' if total == 1 else 'towns'}, {_list(parts)}." if total else ""


_STATES = {
    "reported": ("reported", "reported", "calls"),
    "partly reported": ("reported", "reported", "some of the months only"),
    "zero": ("reported", "reported", "that there were none of this kind"),
    "suppressed": ("has", "have", "a small number that is withheld"),
    "not reported": ("sent", "sent", "nothing, which is not zero"),
    "not covered": ("is", "are", "covered by no agency in these data, which is not zero"),
}
"""The coverage states as the verbs of one sentence: of one town, of several, and what follows."""


def agency_sentences(coverage: Sequence[PublicCoverage], geoid: str, place: str) -> tuple[str, ...]:
    """Who covers a town, from when to when, and which months are missing."""
    own = [c for c in coverage if geoid in c.places]
    if not own:
        return (f"No agency in these data covers {place}.",)
    return tuple(
        f"{c.agency} covers {place} in these data from {_month(c.first_month)} to {_month(c.last_month)}"
        + (
            f", except for {_list([_month(m) for m in c.gaps])}, when it sent nothing."
            if c.gaps
            else ", without a gap."
        )
        for c in own
    )


def accounting_sentence(a: Accounting) -> str:
    """Where every row that was read ended."""
    return (
        f"{number(a.read)} rows were read: {number(a.published)} published, {number(a.duplicates)} duplicates,"
        f" {number(a.quarantined)} quarantined and {number(a.withheld)} withheld."
        + (" They add up: nothing is lost." if a.adds_up else " They do not add up; tell the publisher.")
    )


def accounting_total(accounts: Sequence[Accounting]) -> str:
    """Where every row of every source ended."""
    total = Accounting(
        read=sum(a.read for a in accounts),
        published=sum(a.published for a in accounts),
        duplicates=sum(a.duplicates for a in accounts),
        quarantined=sum(a.quarantined for a in accounts),
        withheld=sum(a.withheld for a in accounts),
    )
    return accounting_sentence(total)


HOME_DESCRIPTION = "Police calls in {jurisdiction}, town by town, with how sure each figure is and what it leaves out."


def limits(*, counted: bool, threshold: int) -> tuple[str, ...]:
    """What the data cannot tell, a sentence each."""
    general = (
        "Who and where exactly. No names, addresses or exact places are published.",
        "What nobody reported, and what was handled without a record.",
    )
    if not counted:
        return general
    return (
        "How much crime there is. A call asks for police or records an officer’s own work; many calls turn out to be"
        " something else, and few are verified offences.",
        "Which town is safer. Towns differ in who lives, works and visits there, and in what their police write down."
        " Rates count residents only.",
        "Whether a difference is more than chance. The interval says how sure a rate is; a test against the state comes"
        " later.",
        f"Small numbers in sensitive categories. Counts from 1 to {threshold - 1} are withheld to protect people.",
        "Anything about a town that no agency in the data covers. Its number is not known, and it is not zero.",
        *general,
    )


def news(release: Release, dataset: DatasetVersion) -> str:
    """What is new in a data set."""
    return f"Version {dataset.version}, {local_day(dataset.published_at, release.portal)}. {dataset.changes}".strip()


def release_sentence(release: Release) -> str:
    """Which release is shown."""
    return f"Release {release.number} of {local_day(release.created_at, release.portal)}"


COUNTED = (
    "Calls in all open categories: requests for police and, where chosen, officers’ own activity. A call is not a"
    " verified offence."
)
INTERVAL = (
    "95\N{NO-BREAK SPACE}%: if the same causes produced such counts again and again, 95 of 100 intervals made"
    " so would hold the true rate. Exact (Garwood) below 10 calls, Byar’s approximation from 10 on; a rate is given"
    " from 10 calls on."
)
COVERAGE_NOTE = (
    "A rate is of the months that were reported. Zero, suppressed, not reported and not covered are four different"
    " things, and are never drawn or written alike."
)


def denominator(residents: int | None, source: str) -> str:
    """What a rate is of."""
    of = f" Source: {source}." if source else ""
    if residents is None:
        return f"Residents; their number is not known for this town.{of}"
    return f"{number(residents)} {'resident' if residents == 1 else 'residents'}.{of}"


def citation(release: Release, dataset: DatasetVersion) -> str:
    """How to cite a data set so that the very figures can be found again."""
    simulated = " SIMULATED." if release.portal.simulated else ""
    return (
        f"{release.portal.title}: {dataset.title} ({dataset.id}), version {dataset.version},"
        f" {local_day(dataset.published_at, release.portal)}.{simulated}"
    )


def trend_sentence(
    series: Sequence[tuple[Period, Figure]], place: str, label: str = "", *, officer: bool = False
) -> str:
    """What the chart of months shows, in words: the span, the least and the most, and the months that are not known."""
    known = [
        (p, f.calls) for p, f in series if f.calls is not None and f.coverage not in ("suppressed", "not reported")
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


def _month(text: str) -> str:
    try:
        return month_name(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return text or "the beginning"


def _list(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
