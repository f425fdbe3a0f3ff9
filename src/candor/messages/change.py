"""A figure beside that of the same time a year before, in words. No percentage where the earlier count was under 10."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from candor.messages.comparison import limits
from candor.messages.layers import CALLS, Layer
from candor.messages.told import number_words
from candor.messages.words import capital, decimal, during, lower, percent, span
from candor.published.model import UNTOLD, Change, Figure, Period

CHANGE_WORDS: Final = {
    "": "Not compared",
    "too few to tell": "Too few to tell",
    "no change can be told": "No change can be told",
    "perhaps up": "Perhaps up (one town in 20 shows as much by chance)",
    "perhaps down": "Perhaps down (one town in 20 shows as much by chance)",
    "up": "Up",
    "down": "Down",
    "different area": "The town’s area was another, so not compared",
}
"""The answers as a table says them."""

CHANGE_SHORT: Final = {verdict: words.partition(" (")[0] for verdict, words in CHANGE_WORDS.items()}
"""The same where there is little room; the sentences say the rest."""

CHANGE_METHOD: Final = (
    "Against the same time a year before, never against the period before, for that would be the season; in the months"
    " that both reported. An exact test, and one that allows for how much a town’s own count moves from year to year:"
    " both must agree. It is called up or down where it stands among all towns of the period (Benjamini and Hochberg,"
    " 5\N{NO-BREAK SPACE}%). No percentage is given where the earlier count was under 10."
)

_MUCH: Final = 3.0
"""From here on "times" reads better than a percentage."""


def year_before(period: Period) -> Period | None:
    """The same months a year before; None of a period longer than a year, and of whole years together."""
    if period.months > 12 or period.key == "all" or period.kind == "years":
        return None
    first, last = (_month(day, -12) for day in (period.first_month, period.last_month))
    key = {"month": f"{first:%Y-%m}", "year": f"{first.year}", "quarter": f"{first.year}-Q{first.month // 3 + 1}"}
    return replace(period, key=key.get(period.kind, f"{period.key}-before"), first_month=first, last_month=last)


def _month(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def change(
    found: Change, now: Figure, period: Period, earlier: Period, before: Figure | None = None, layer: Layer = CALLS
) -> str:
    """What changed since `earlier`. `before` is the figure of that time where one is published; nothing where `now`
    has no number."""
    if now.count is None:
        return ""
    since = span(earlier)
    if before is not None and before.coverage in UNTOLD:
        return _nothing_earlier(since, before)
    if not found.verdict:
        return _nothing_earlier(since, before)
    if found.verdict == "different area":
        return f"The town’s area was not the same in {since}, so the two are not compared."
    months = _months(found, period)
    known = None if months else before  # the counts of the whole time are not those that are compared
    few = found.verdict == "too few to tell"
    said = _too_few(now, period, earlier, known, layer) if few else _said(found, since, known, layer)
    return f"{months}, {lower(said)}" if months else said


def _too_few(now: Figure, period: Period, earlier: Period, before: Figure | None, layer: Layer) -> str:
    if before is None or before.count is None:
        return f"There were fewer than 10 {layer.many} {lower(during(earlier))}: too few to tell a change."
    first = capital(number_words(before)) if before.count else "No"
    later = number_words(now) if now.count else "none"
    counts = f"{first} {layer.noun(before.count)} {lower(during(earlier))}, {later} {lower(during(period))}"
    return f"{counts}: too few to tell a change."


def _said(found: Change, since: str, before: Figure | None, layer: Layer) -> str:
    """The answer with its interval."""
    if found.verdict == "no change can be told":
        between = f": between {signed(found.low)} and {signed(found.high)}" if found.low and found.high else ""
        return f"No change from {since} can be told{between}."
    doubt = "; one town in 20 shows as much by chance" if found.verdict.startswith("perhaps") else ""
    if found.ratio is None or found.low is None or found.high is None:
        amount = f"since {since}"
        if before is not None and before.count is not None:
            counted = f"{number_words(before)} {layer.noun(before.count)}" if before.count else f"no {layer.many}"
            amount = f"from {counted} in {since}"
        return f"{capital(found.verdict)} {amount}{doubt}."
    perhaps = "perhaps " if doubt else ""
    return f"The rate is {perhaps}{ratio_words(found.ratio, found.low, found.high, since)}{doubt}."


def _months(found: Change, period: Period) -> str:
    """Said where not all months of the period are compared."""
    if not 0 < found.months < period.months:
        return ""
    months = "one month" if found.months == 1 else f"{found.months} months"
    return f"In the {months} that both years reported"


def ratio_words(ratio: float, low: float, high: float, since: str) -> str:
    """A ratio of rates with its interval: "38 % higher than in 2024 (12 % to 71 %)", "3.4 times that of 2024 (..)"."""
    if ratio >= _MUCH:
        return f"{decimal(ratio)} times that of {since} ({limits(low, high)} times)"
    way, near, far = ("higher", low - 1, high - 1) if ratio >= 1 else ("lower", 1 - high, 1 - low)
    return f"{small_percent(abs(ratio - 1))} {way} than in {since} ({small_percent(near)} to {small_percent(far)})"


def signed(ratio: float) -> str:
    """A limit of a change: "+12 %", "−2 %"; in times from three on. Never 0 where it is not."""
    if ratio >= _MUCH:
        return f"{decimal(ratio)} times"
    share, sign = abs(ratio - 1), "+" if ratio > 1 else "\N{MINUS SIGN}"
    return f"{sign}{small_percent(share)}" if share else small_percent(share)


def small_percent(share: float) -> str:
    """A percentage, with a decimal under 1 %: what is not 0 is not said to be."""
    if share >= 0.0095 or not share:
        return percent(share)
    return f"{max(share * 100, 0.1):.1f}\N{NO-BREAK SPACE}%"


def _nothing_earlier(since: str, before: Figure | None) -> str:
    match before.coverage if before else "":
        case "under 5":
            return f"In {since} there were under 5, so no change can be told."
        case "not yet" | "by county only":
            return f"The number of {since} is not told by itself, so no change can be told."
        case "not reported":
            return f"Nothing was reported for {since}, so no change can be told."
        case "not covered" | "":
            return f"These data do not hold {since}, so no change can be told."
    return ""


def state_change(found: Change, earlier: Period) -> str:
    """What changed in the state, of the towns that reported both times; nothing where that is not known."""
    since = span(earlier)
    both = "In the towns that reported both times"
    if found.verdict != "no change can be told" and (found.ratio is None or found.low is None or found.high is None):
        return ""
    return f"{both}, {lower(_said(found, since, None, CALLS))}"
