"""A figure beside an earlier one, in words. No percentage where the earlier count was under 10."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from candor.messages.layers import CALLS, Layer
from candor.messages.told import number_words
from candor.messages.words import capital, decimal, percent, span
from candor.published.model import UNTOLD, Change, Figure, Period

CHANGE_WORDS: Final = {
    "": "Not compared",
    "too few to tell": "Too few to tell",
    "within chance": "Within what chance alone brings",
    "up": "Up by more than chance",
    "down": "Down by more than chance",
    "provisional": "Not fully reported, so not compared",
    "different area": "The town’s area was another, so not compared",
}
"""The verdicts as a table says them."""

CHANGE_METHOD: Final = (
    "An exact test of two counts of rare events, each over its own residents and days. A change is called one only"
    " where it stands when everything in the release is tested together (Benjamini and Hochberg, 5\N{NO-BREAK SPACE}%)."
    " No percentage is given where the earlier count was under 10."
)

_BOTH: Final = "In the towns that reported both times in full"
_MUCH: Final = 3.0
"""From here on "times" reads better than a percentage."""


def previous(period: Period) -> Period | None:
    """The period of the same length that ends before it; all months, or whole years together, have none."""
    return None if period.key == "all" or period.kind == "years" else _earlier(period, period.months)


def year_before(period: Period) -> Period | None:
    """The same months a year before; None where the period is longer than a year, or is a year itself."""
    return None if period.months >= 12 else _earlier(period, 12)


def _earlier(period: Period, months: int) -> Period:
    first, last = (_month(day, -months) for day in (period.first_month, period.last_month))
    key = {"month": f"{first:%Y-%m}", "year": f"{first.year}", "quarter": f"{first.year}-Q{first.month // 3 + 1}"}
    return replace(period, key=key.get(period.kind, ""), first_month=first, last_month=last)


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
    if found.verdict in ("up", "down"):
        return _called(found, since, before, layer)
    if found.verdict == "too few to tell":
        if before is None or before.count is None:
            return f"There were fewer than 10 {layer.many} in {since}: too few to tell a change."
        earlier_count = capital(number_words(before)) if before.count else "No"
        later = number_words(now) if now.count else "none"
        counts = f"{earlier_count} {layer.noun(before.count)} in {since}, {later} in {span(period)}"
        return f"{counts}: too few to tell a change."
    said = {
        "within chance": f"The change from {since} is within what chance alone brings.",
        "provisional": f"{capital(span(period))} or {since} is not fully reported, so the two are not compared.",
        "different area": f"The town’s area was not the same in {since}, so the two are not compared.",
    }
    return said.get(found.verdict) or _nothing_earlier(since, before)


def _called(found: Change, since: str, before: Figure | None, layer: Layer) -> str:
    up = found.verdict == "up"
    way = "higher" if up else "lower"
    if found.ratio is None or found.low is None or found.high is None:
        if before is None or before.count is None:
            return f"Its rate is {way} than in {since} by more than chance brings."
        amount = number_words(before) if before.rounded else f"the {before.count:,}"
        those = (
            f"{amount} {layer.noun(before.count)} of {since}" if before.count else f"in {since}, when there were none"
        )
        return f"That is {'more' if up else 'fewer'} than {those}, by more than chance brings."
    return f"Its rate is {ratio_words(found.ratio, found.low, found.high, since)}, more than chance brings."


def ratio_words(ratio: float, low: float, high: float, since: str) -> str:
    """A ratio of rates with its interval: "38 % higher than in 2024 (12 % to 71 %)", "3.4 times that of 2024 (..)"."""
    if ratio >= _MUCH:
        return f"{decimal(ratio)} times that of {since} ({decimal(low)} to {decimal(high)} times)"
    way, near, far = ("higher", low - 1, high - 1) if ratio >= 1 else ("lower", 1 - high, 1 - low)
    return f"{percent(abs(ratio - 1))} {way} than in {since} ({percent(max(near, 0))} to {percent(far)})"


def _nothing_earlier(since: str, before: Figure | None) -> str:
    match before.coverage if before else "":
        case "under 5":
            return f"In {since} there were under 5, so no change can be told."
        case "not yet" | "by county only":
            return f"The number of {since} is not told by itself, so no change can be told."
        case "not reported":
            return f"Nothing was reported for {since}, so no change can be told."
        case "not covered" | "":
            return f"These data do not hold the whole of {since}, so no change can be told."
    return ""


def state_change(found: Change, earlier: Period) -> str:
    """What changed in the state, of the towns that reported both times in full; nothing where that is not known."""
    since = span(earlier)
    if found.verdict == "within chance":
        return f"{_BOTH}, the change from {since} is within what chance alone brings."
    if found.verdict not in ("up", "down") or found.ratio is None or found.low is None or found.high is None:
        return ""
    return f"{_BOTH}, the rate is {ratio_words(found.ratio, found.low, found.high, since)}, more than chance brings."
