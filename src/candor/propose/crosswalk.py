"""An agency's call types are matched to the standard categories by their words; what is unsure is said, not guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from candor.portal.crosswalks import HEADER, folded
from candor.profiles.sensitive_words import sensitive_word
from candor.profiles.taxonomy import Taxonomy
from candor.propose.call_words import DENIED, Word, read_type, vocabulary
from candor.propose.phrases import Phrases, Scored, phrases_of, weights

SURE = 0.7
"""From this share of a type's words on, by weight, the match is sure."""

LIKELY = 0.5
"""From this share on it is likely; below it a person has to look."""

POSSIBLE = 0.35
"""Below this share nothing is proposed, unless the type begins with what it is about."""

_BEGINS = 0.2

_RIVAL = 0.5

_CODED = re.compile(r"(?:\b\d+|\b[a-z]/[a-z])\s+[a-z]", re.IGNORECASE)
"""A number or two letters right before a word, with no dash between that would make them a list's own code."""


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


def match_types(types: Iterable[tuple[str, int]], taxonomy: Taxonomy, *, guessing: bool = True) -> tuple[Match, ...]:
    """Match each call type, given with its number of rows, in the order given.

    A category's score is the share of the type's words, by weight, that its phrases cover; a phrase counts where the
    type has all its words. What stands first weighs more than what follows a dash, a bracket or a slash. The best
    category is taken from `POSSIBLE` on; of two that are equally good the one with the longer phrase, then the
    sensitive one, then the one that is named first. A sensitive word outweighs an open category. `guessing`: whether a
    word that nothing knows is read as what it may be short for.
    """
    phrases = phrases_of(taxonomy)
    return tuple(_match(call_type, rows, phrases, guessing=guessing) for call_type, rows in types)


def crosswalk_line(match: Match) -> dict[str, str]:
    """A match as a line of `crosswalks/<name>.csv`: what a person says is empty."""
    return dict.fromkeys(HEADER, "") | {
        "call_type": match.call_type,
        "rows": str(match.rows),
        "category": match.category,
        "certainty": match.certainty,
        "why": match.why,
    }


def crosswalk_text(matches: Iterable[Match]) -> str:
    """Matches as the text of `crosswalks/<name>.csv`, in their order."""
    return lines_text(map(crosswalk_line, matches))


def lines_text(lines: Iterable[Mapping[str, str]]) -> str:
    """Lines as the text of `crosswalks/<name>.csv`, in their order."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def types_once(labels: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Call types with their rows, those that differ by capitals and blanks only as one, most common first."""
    best: dict[str, str] = {}
    rows: dict[str, int] = {}
    for label, count in labels:
        key = folded(label)
        best.setdefault(key, label)
        rows[key] = rows.get(key, 0) + count
    return tuple((best[key], rows[key]) for key in sorted(rows, key=lambda key: (-rows[key], best[key])))


def _match(call_type: str, rows: int, phrases: Phrases, *, guessing: bool) -> Match:
    words = read_type(call_type)
    slug, certainty, why, score = _decided(call_type, words, phrases)
    guesses = {word.typed: known for word in words if guessing and (known := phrases.guessed(word))}
    if guesses:
        text = re.sub(r"[^\W\d_]+", lambda found: guesses.get(found[0].casefold(), found[0]), call_type)
        again = _decided(f"{call_type}; {text}", read_type(text), phrases)
        # A guess is worth having where it says more, or something sensitive; it is never sure.
        if again[0] and (again[3] > score or (again[0] in phrases.guarded and slug not in phrases.guarded)):
            read = ", ".join(f'"{known}" for "{typed}"' for typed, known in guesses.items())
            return Match(call_type, rows, again[0], "unsure", f"{again[2]}, reading {read}")
    return Match(call_type, rows, slug, certainty, why)


def _decided(call_type: str, words: Sequence[Word], phrases: Phrases) -> tuple[str, str, str, float]:
    """Category, certainty, why, and the share of the words that says so."""
    scored = phrases.scored(words, weights(words, phrases))
    best = _best(scored)
    if best is None:
        scored = phrases.scored(words, weights(words, phrases, plain=True))
        best = _best(scored)
    found = _guarded(call_type, words, best, scored, phrases) or _plain(call_type, words, best, scored)
    return *found, next((s.score for s in scored if s.slug == found[0]), 0.0)


def _best(scored: Sequence[Scored]) -> Scored | None:
    """The category that covers enough of the type; None where none does."""
    return scored[0] if scored and scored[0].score >= (_BEGINS if scored[0].heads else POSSIBLE) else None


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
    if best:
        # What police do weighs nothing beside whom they do it for.
        rival = 0.0 if best.words <= vocabulary().acts else _RIVAL * best.score
        rivals = [s for s in scored if s.sensitive and s.score >= rival and not s.words <= best.words]
        if rivals:
            said = f"taken as sensitive because of {_typed(words, rivals[0].words)}; else it would be {best.slug}"
            return rivals[0].slug, "unsure", said
    if heard := sensitive_word(call_type):
        # What a release would be refused for is not proposed.
        said = f'by "{heard[0]}" it sounds like {heard[1]}'
        kinds = [s.slug for s in scored if s.sensitive] + list(vocabulary().instead.get(heard[1], ()))
        kind = next((c for c in kinds if c in phrases.categories), "")
        return kind, "unsure" if kind else "", said if kind else f"{said}, and no such category fits"
    return _dark(call_type, words, best, phrases) if best else None


def _dark(call_type: str, words: Sequence[Word], best: Scored, phrases: Phrases) -> tuple[str, str, str] | None:
    """Nothing and why, where in words that nobody knows may stand whom an open type is about."""
    if best.slug not in vocabulary().about_persons:
        return None
    if dark := [word.typed for word in words if not phrases.knows(word)]:
        return "", "", f'nothing knows "{dark[0]}", and it could be {best.slug} or about a person'
    if best.words <= vocabulary().acts and _CODED.search(call_type):
        return "", "", f"{_typed(words, best.words)} alone says what is done, and not what about"
    return None


def _plain(
    call_type: str, words: Sequence[Word], best: Scored | None, scored: Sequence[Scored]
) -> tuple[str, str, str]:
    """Category, certainty and why by the share of the words that are covered."""
    if best is None:
        return "", "", _nothing(words)
    equal = [s for s in scored if (s.score, s.longest) == (best.score, best.longest)]
    slugs = [s.slug for s in equal]
    # Of several at once a person decides, unless they are much the same.
    apart = len({s.group for s in equal}) > 1 or (len(equal) > 1 and " or " in call_type.lower())
    if apart and not best.sensitive:
        return "", "", f"it could be {' or '.join(slugs)}"
    why = f"by {_typed(words, best.words)}"
    if len(equal) > 1:
        return best.slug, "unsure", f"{why}; it could be {' or '.join(slugs[1:])} as well"
    certainty = "sure" if best.score >= SURE else "likely" if best.score >= LIKELY else "unsure"
    if len(scored) > 1 and certainty != "sure" and not scored[1].words <= best.words:
        why += f", not {scored[1].slug} by {_typed(words, scored[1].words)}"
    return best.slug, certainty, why


def _nothing(words: Sequence[Word]) -> str:
    if words and all(word.text.startswith(DENIED) for word in words):
        return f'it says only what it is not ("{" ".join(dict.fromkeys(w.typed for w in words))}")'
    return "no standard category fits its words" if words else "it has no word, only a code"


def _typed(words: Sequence[Word], of: frozenset[str]) -> str:
    """Words as the agency typed them, in quotes; what is denied with a "no"."""
    found = dict.fromkeys(f"{'no ' * w.text.startswith(DENIED)}{w.typed}" for w in words if w.text in of)
    return f'"{" ".join(found)}"'
