"""An agency's call types are matched to the standard categories by their words; what is unsure is said, not guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from candor.portal.crosswalks import HEADER
from candor.profiles.sensitive_words import sensitive_word
from candor.profiles.taxonomy import UNMAPPED, Category, Taxonomy
from candor.propose.words import tokens

# Words that say little of what a call is about, and words that say nothing.
_WEAK = frozenset(
    tokens(
        "report complaint problem issue incident call other unknown progress occurred person subject felony "
        "misdemeanor possible general type offense matter only misc request concern activity male female non"
    )
)
_EMPTY = frozenset(tokens("of a an the to from with on by and or for in at is just not into"))

# A type with one of these words is never proposed as an open category on account of its other words.
_SENSITIVE = frozenset(
    tokens(
        "overdose narcan suicide suicidal sexual sex rape molest lewd indecent voyeur pornography trafficking "
        "prostitution juvenile child children youth teen runaway truant student school baby infant underage "
        "custody custodial domestic family marital spouse partner stalking abuse neglect elder elderly vulnerable "
        "mental psychiatric psych psychological emotional emotionally edp crisis harm jumper "
        "tro fro rfa restraining protective protection"
    )
)

SURE = 0.75
"""From this share of a type's words on the match is not commented."""

POSSIBLE = 0.4
"""Below this share nothing is proposed."""


@dataclass(frozen=True)
class Match:
    """What a call type is proposed to stand for: a category's slug, or nothing, and what its owner should know."""

    call_type: str
    rows: int
    category: str
    note: str = ""


@dataclass(frozen=True)
class _Scored:
    category: Category
    score: float
    longest: float
    words: frozenset[str]


def match_types(types: Iterable[tuple[str, int]], taxonomy: Taxonomy) -> tuple[Match, ...]:
    """Match each call type, given with its number of rows, in the order given.

    A category's score is the share of the type's words, by weight, that its phrases cover; a phrase counts where the
    type has all its words. The best category is taken from `POSSIBLE` on; of two that are equally good the one with the
    longer phrase, then the sensitive one; otherwise none.
    """
    phrases = [(c, [frozenset(tokens(w)) for w in c.words]) for c in taxonomy.categories if c.slug != UNMAPPED]
    return tuple(_match(call_type, rows, phrases) for call_type, rows in types)


def crosswalk_text(matches: Sequence[Match]) -> str:
    """The matches as `crosswalks/<name>.csv`, most common first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([m.call_type, m.rows, m.category, "", "", m.note] for m in matches)
    return out.getvalue()


def _weight(words: Iterable[str], prefix: frozenset[str] = frozenset()) -> float:
    return sum(_word_weight(w, prefix) for w in words)


def _word_weight(word: str, prefix: frozenset[str]) -> float:
    # "5405 - motor vehicle complaint": the number is the code of what follows.
    if word in _EMPTY or (word[0].isdigit() and word != "911"):
        return 0.05
    return 0.3 if word in _WEAK or word in prefix else 1.0


def _match(call_type: str, rows: int, phrases: list[tuple[Category, list[frozenset[str]]]]) -> Match:
    words = frozenset(tokens(call_type))
    # "EMS: fall victim": what stands before a colon says who goes, more than what it is about.
    before, _, after = call_type.partition(":")
    prefix = frozenset(tokens(before)) - frozenset(tokens(after)) if tokens(after) else frozenset()
    scored = sorted(
        (s for category, known in phrases if (s := _score(category, known, words, prefix))),
        key=lambda s: (-s.score, -s.longest),
    )
    if not scored or scored[0].score < POSSIBLE:
        return _guarded(call_type, rows, words, None, scored)
    best = scored[0]
    equal = [s for s in scored if (s.score, s.longest) == (best.score, best.longest)]
    if len(equal) > 1:
        sensitive = [s.category.slug for s in equal if s.category.sensitivity == "sensitive"]
        either = " or ".join(s.category.slug for s in equal)
        if len(sensitive) == 1:
            return Match(call_type, rows, sensitive[0], f"check: it could be {either}; the sensitive one is taken")
        return Match(call_type, rows, "", f"unsure: it could be {either}")
    return _guarded(call_type, rows, words, best, scored)


def _score(
    category: Category, phrases: list[frozenset[str]], words: frozenset[str], prefix: frozenset[str]
) -> _Scored | None:
    inside = [p for p in phrases if p <= words]
    covered = frozenset().union(*inside)
    # A phrase of weak words alone, such as "other", carries nothing by itself unless it is the whole type.
    if not inside or (covered <= _WEAK | _EMPTY and covered != words):
        return None
    return _Scored(
        category,
        round(_weight(covered, prefix) / _weight(words, prefix), 6),
        max(_weight(p, prefix) for p in inside),
        covered,
    )


def _guarded(call_type: str, rows: int, words: frozenset[str], best: _Scored | None, scored: list[_Scored]) -> Match:
    """The match, unless the type has a sensitive word that an open category would overlook."""
    overlooked = (words & _SENSITIVE) - (best.words if best else frozenset())
    if overlooked and (best is None or best.category.sensitivity == "open"):
        said = f'"{min(overlooked)}"'
        sensitive = [s for s in scored if s.category.sensitivity == "sensitive" and s.words & overlooked]
        if sensitive:
            return Match(call_type, rows, sensitive[0].category.slug, f"check: taken as sensitive because of {said}")
        return Match(call_type, rows, "", f"unsure: {said} is a sensitive word, and no category fits")
    if best is None:
        return Match(call_type, rows, "", "no standard category fits its words")
    if best.category.sensitivity == "open" and (heard := sensitive_word(call_type)):
        # What a release would be refused for is not proposed.
        return Match(
            call_type, rows, "", f'unsure: by "{heard[0]}" it sounds like {heard[1]}, and no such category fits'
        )
    if best.score < SURE:
        part = " ".join(w for w in tokens(call_type) if w in best.words)
        return Match(call_type, rows, best.category.slug, f'check: matched on "{part}" alone')
    return Match(call_type, rows, best.category.slug)
