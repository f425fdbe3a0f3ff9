"""What is known of a town and period: zero, under 5, not yet, not reported, not covered, each in its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from candor.messages.layers import CALLS, Layer
from candor.messages.words import listed, month_of, number
from candor.store.model import PublicCoverage

UNDER: Final = "under 5"

UNDER_RANGE: Final = "under 5 (0 to 4)"

COVERAGE_WORDS = {
    "reported": "reported",
    "zero": "reported, none",
    "partly reported": "partly reported",
    UNDER: UNDER,
    "not yet": "not yet told",
    "by county only": "not told for this period alone",
    "not reported": "not reported",
    "not covered": "not covered",
}
"""The coverage states as the table says them."""


COVERAGE_MEANING = {
    "reported": CALLS.words.reported,
    "zero": CALLS.words.zero,
    UNDER: (
        "of a sensitive kind there were 0 to 4; which of these is not told, nor whether there was none, because a small"
        " number could point at a person"
    ),
    "partly reported": CALLS.words.partly,
    "not yet": "the time has not settled; the day on which it will be told is known, and does not depend on the number",
    "by county only": (
        "this sensitive kind is not told of the town for this period by itself; its figure of three years, or of one,"
        " is told, and its county has months"
    ),
    "not reported": "an agency covers the town, but sent nothing or only a part for this time: the number is not known",
    "not covered": "no agency in these data covers the town: the number is not known, and it is not zero",
}


def coverage_meaning(layer: Layer = CALLS) -> dict[str, str]:
    """What each coverage state means in a layer."""
    said = layer.words
    return COVERAGE_MEANING | {"reported": said.reported, "zero": said.zero, "partly reported": said.partly}


def coverage_counts(states: Iterable[str], layer: Layer = CALLS) -> str:
    """How many towns are in each coverage state: "Of 255 towns, 1 reported calls; 254 are covered by no agency ..."."""
    counts = Counter(states)
    total = sum(counts.values())
    parts = [
        f"{number(counts[state])} {one if counts[state] == 1 else many} {text.format(many=layer.many)}"
        for state, (one, many, text) in _STATES.items()
        if counts[state]
    ]
    return f"Of {number(total)} {'town' if total == 1 else 'towns'}, {listed(parts)}." if total else ""


_STATES = {
    "reported": ("reported", "reported", "{many}"),
    "partly reported": ("reported", "reported", "some of the months only"),
    "zero": ("reported", "reported", "that there were none of this kind"),
    UNDER: ("has", "have", UNDER_RANGE),
    "not yet": ("is", "are", "not told yet"),
    "by county only": ("is", "are", "not told for this period alone"),
    "not reported": ("sent", "sent", "nothing or only a part, which is not zero"),
    "not covered": ("is", "are", "covered by no agency in these data, which is not zero"),
}
"""The coverage states as the verbs of one sentence: of one town, of several, and what follows."""


def agency_sentences(coverage: Sequence[PublicCoverage], geoid: str, place: str) -> tuple[str, ...]:
    """Who covers a town, from when to when, and which months are missing or came late."""
    own = [c for c in coverage if geoid in c.places]
    if not own:
        return (f"No agency in these data covers {place}.",)
    return tuple(
        f"{c.agency} covers {place} in these data from {month_of(c.first_month)} to {month_of(_last(c))}"
        f"{_missing(c)}{_partly(c)}{_late(c)}"
        for c in own
    )


def _last(c: PublicCoverage) -> str:
    """The last month of which anything is published."""
    return min((m for m in (c.last_month, c.published_through) if m), default="")


def _missing(c: PublicCoverage) -> str:
    if gaps := [m for m in c.gaps if m not in c.late]:
        return f", except for {listed([month_of(m) for m in gaps])}, when it sent nothing."
    return "." if c.incomplete or c.late else ", without a gap."


def _partly(c: PublicCoverage) -> str:
    incomplete = [m for m in c.incomplete if m not in c.late]
    if not incomplete:
        return ""
    several = len(incomplete) > 1
    return (
        f" It sent only part of {listed([month_of(m) for m in incomplete])}:"
        f" {'these months are' if several else 'that month is'} treated as not reported."
    )


def _late(c: PublicCoverage) -> str:
    if not c.late:
        return ""
    several = len(c.late) > 1
    return (
        f" {listed([month_of(m) for m in c.late])} came late, after"
        f" {'these months were' if several else 'the month was'} published:"
        f" {'they are' if several else 'it is'} missing among the months, and counted in the year."
    )


COVERAGE_NOTE = (
    "A rate is of the months that were reported. Zero, under 5, not yet, not reported and not covered are different"
    " things, and are never drawn or written alike."
)
