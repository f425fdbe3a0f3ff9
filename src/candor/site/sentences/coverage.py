"""What is known of a town and period: zero, suppressed, not reported and not covered, each in its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from candor.site.sentences.layers import CALLS, Layer
from candor.site.sentences.words import listed, month_of, number
from candor.store.model import PublicCoverage

WITHHELD: Final = "withheld, to protect a small number"
"""What is said of every suppressed figure. It may be small itself, or cover for one that is: nobody is told which."""

COVERAGE_WORDS = {
    "reported": "reported",
    "zero": "reported, none",
    "suppressed": WITHHELD,
    "partly reported": "partly reported",
    "not reported": "not reported",
    "not covered": "not covered",
}
"""The coverage states as the table says them."""


COVERAGE_MEANING = {
    "reported": "the agencies of the town sent their calls, and there were some",
    "zero": "the agencies of the town sent their calls, and there was none of this kind",
    "suppressed": (
        "the number of a sensitive kind is withheld to protect a small number that could point at a person: this one,"
        " or another that this one would give away"
    ),
    "partly reported": "the agencies of the town sent their calls for some of the months only",
    "not reported": "an agency covers the town, but sent nothing or only a part for this time: the number is not known",
    "not covered": "no agency in these data covers the town: the number is not known, and it is not zero",
}


def coverage_meaning(layer: Layer = CALLS) -> dict[str, str]:
    """What each coverage state means in a layer."""
    if layer is CALLS:
        return COVERAGE_MEANING
    return COVERAGE_MEANING | {
        "reported": "the police of the town reported, and there were some",
        "zero": "the police of the town reported, and there was none of this kind",
        "partly reported": "the police of the town reported for some of the time only",
    }


def coverage_counts(states: Iterable[str], layer: Layer = CALLS) -> str:
    """How many towns are in each coverage state: "Of 255 towns, 1 is reported; 254 are not covered, .."."""
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
    "suppressed": ("has", "have", "a number that is withheld, to protect a small number"),
    "not reported": ("sent", "sent", "nothing or only a part, which is not zero"),
    "not covered": ("is", "are", "covered by no agency in these data, which is not zero"),
}
"""The coverage states as the verbs of one sentence: of one town, of several, and what follows."""


def agency_sentences(coverage: Sequence[PublicCoverage], geoid: str, place: str) -> tuple[str, ...]:
    """Who covers a town, from when to when, and which months are missing."""
    own = [c for c in coverage if geoid in c.places]
    if not own:
        return (f"No agency in these data covers {place}.",)
    return tuple(
        f"{c.agency} covers {place} in these data from {month_of(c.first_month)} to {month_of(c.last_month)}"
        f"{_missing(c)}{_partly(c)}"
        for c in own
    )


def _missing(c: PublicCoverage) -> str:
    if c.gaps:
        return f", except for {listed([month_of(m) for m in c.gaps])}, when it sent nothing."
    return "." if c.incomplete else ", without a gap."


def _partly(c: PublicCoverage) -> str:
    if not c.incomplete:
        return ""
    several = len(c.incomplete) > 1
    return (
        f" It sent only part of {listed([month_of(m) for m in c.incomplete])}:"
        f" {'these months are' if several else 'that month is'} treated as not reported."
    )


COVERAGE_NOTE = (
    "A rate is of the months that were reported. Zero, suppressed, not reported and not covered are four different"
    " things, and are never drawn or written alike."
)
