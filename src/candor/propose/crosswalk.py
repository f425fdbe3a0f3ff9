"""An agency's call types are matched to the standard categories by their words; what is unsure is said, not guessed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from candor.portal.crosswalks import HEADER
from candor.profiles.sensitive_words import sensitive_word
from candor.profiles.taxonomy import Taxonomy
from candor.propose.call_words import DENIED, Word, read_type
from candor.propose.phrases import Phrases, Scored, phrases_of, weights

SURE = 0.7
"""From this share of a type's words on, by weight, the match is sure."""

LIKELY = 0.5
"""From this share on it is likely; below it a person has to look."""

POSSIBLE = 0.35
"""Below this share nothing is proposed, unless the type begins with what it is about."""

_BEGINS = 0.2

_RIVAL = 0.5


@dataclass(frozen=True)
class Match:
    """What a call type is proposed to stand for: a category's slug, or nothing, how sure that is, and why."""

    call_type: str
    rows: int
    category: str
    certainty: str = ""
    why: str = ""

    @property
    def note(self) -> str:
        """What its owner should know: why it is unsure, or not mapped."""
        return "" if self.certainty in ("sure", "likely") else self.why


def match_types(types: Iterable[tuple[str, int]], taxonomy: Taxonomy) -> tuple[Match, ...]:
    """Match each call type, given with its number of rows, in the order given.

    A category's score is the share of the type's words, by weight, that its phrases cover; a phrase counts where the
    type has all its words. What stands first weighs more than what follows a dash, a bracket or a slash. The best
    category is taken from `POSSIBLE` on; of two that are equally good the one with the longer phrase, then the
    sensitive one, then the one that is named first. A sensitive word outweighs an open category.
    """
    phrases = phrases_of(taxonomy)
    return tuple(_match(call_type, rows, phrases) for call_type, rows in types)


def crosswalk_text(matches: Sequence[Match]) -> str:
    """The matches as `crosswalks/<name>.csv`, most common first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([m.call_type, m.rows, m.category, "", "", "", m.certainty, m.why] for m in matches)
    return out.getvalue()


def _match(call_type: str, rows: int, phrases: Phrases) -> Match:
    words = read_type(call_type)
    scored = phrases.scored(words, weights(words, phrases))
    best = scored[0] if scored and scored[0].score >= (_BEGINS if scored[0].heads else POSSIBLE) else None
    slug, certainty, why = _guarded(call_type, words, best, scored, phrases) or _plain(call_type, words, best, scored)
    return Match(call_type, rows, slug, certainty, why)


def _guarded(
    call_type: str, words: Sequence[Word], best: Scored | None, scored: Sequence[Scored], phrases: Phrases
) -> tuple[str, str, str] | None:
    """Category, certainty and why, where something sensitive would be overlooked; else nothing."""
    if best and best.sensitive:
        return None
    have = frozenset(word.text for word in words)
    if overlooked := (have & phrases.sensitive) - (best.words if best else frozenset()):
        word = f'"{min(overlooked)}"'
        kind = next((s.slug for s in scored if s.sensitive and s.words & overlooked), "")
        said = f"taken as sensitive because of {word}" if kind else f"{word} is a sensitive word, and no category fits"
        return kind, "unsure" if kind else "", said
    if best is None:
        return None
    rivals = [s for s in scored if s.sensitive and s.score >= _RIVAL * best.score and not s.words <= best.words]
    if rivals:
        said = f"taken as sensitive because of {_typed(words, rivals[0].words)}; else it would be {best.slug}"
        return rivals[0].slug, "unsure", said
    if heard := sensitive_word(call_type):
        # What a release would be refused for is not proposed.
        return "", "", f'by "{heard[0]}" it sounds like {heard[1]}, and no such category fits'
    return None


def _plain(
    call_type: str, words: Sequence[Word], best: Scored | None, scored: Sequence[Scored]
) -> tuple[str, str, str]:
    """Category, certainty and why by the share of the words that are covered."""
    if best is None:
        return "", "", _nothing(words)
    equal = [s.slug for s in scored if (s.score, s.longest) == (best.score, best.longest)]
    if len(equal) > 1 and " or " in call_type.lower() and not best.sensitive:
        return "", "", f"it could be {' or '.join(equal)}"
    why = f"by {_typed(words, best.words)}"
    if len(equal) > 1:
        return best.slug, "unsure", f"{why}; it could be {' or '.join(equal[1:])} as well"
    certainty = "sure" if best.score >= SURE else "likely" if best.score >= LIKELY else "unsure"
    if len(scored) > 1 and certainty != "sure" and not scored[1].words <= best.words:
        why += f", not {scored[1].slug} by {_typed(words, scored[1].words)}"
    return best.slug, certainty, why


def _nothing(words: Sequence[Word]) -> str:
    denied = [word for word in words if word.text.startswith(DENIED)]
    if denied and all(word.text.startswith(DENIED) for word in words):
        return f"it says only what it is not ({_typed(words, frozenset(w.text for w in denied))})"
    return "no standard category fits its words" if words else "it has no word, only a code"


def _typed(words: Sequence[Word], of: frozenset[str]) -> str:
    """Words as the agency typed them, in quotes."""
    found = dict.fromkeys(word.typed for word in words if word.text in of)
    return f'"{" ".join(found)}"'
