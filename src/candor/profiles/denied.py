"""What a call type denies: "Disturbance - Non Domestic" is not domestic, "Accident - No Injuries" hurt nobody."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINED = re.compile(
    r"\bnon(?=injur|inj\b|domestic|dom\b|violen|criminal|crim\b|emerg|residen|family|fatal|medical|traffic|custod"
    r"|sexual|consens|suspicious|reportable|report\b|moving|structur|threat|life)"
)
_APART = re.compile(r"\b(non|no|not|without)\s*[-\u2010-\u2015]\s*(?=\w)")
_SEPARATOR = re.compile(r"\s*([/,;:=()\[\]|>+*]|\s[-\u2010-\u2015]+|[-\u2010-\u2015]+\s|\.\s)\s*")
_WITHOUT = re.compile(r"\bw/o(?:ut\b)?")
_WITH = re.compile(r"\bw/")
_WORD = re.compile(r"[^\W_]+")

_ONE = frozenset({"no", "non", "not", "without"})
_REST = frozenset({"except", "excluding", "excludes", "exclude", "excl", "excpt"})
_SKIPPED = frozenset({"a", "an", "any", "the", "of", "from", "involving"})
_ANSWERS = frozenset({"no", "none", "n"})
# What has another meaning as a whole.
_NO_DENIAL = frozenset({("no", "contact"), ("non", "molestation"), ("non", "support"), ("not", "responsible")})
_PAIRS = frozenset({
    ("domestic", "violence"), ("domestic", "related"), ("family", "violence"), ("mental", "health"),
    ("mental", "illness"), ("child", "abuse"), ("motor", "vehicle"), ("life", "threatening"), ("property", "damage"),
    ("drug", "overdose"), ("suicide", "attempt"),
})  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Words of a call type that stand together, in small letters, and what they are parted by from those before.

    `mark` is `""`, `-`, `/`, `(`, `:`, ..; `denied` are positions among the words.
    """

    words: tuple[str, ...]
    mark: str
    denied: frozenset[int]


def parts_of(call_type: str) -> tuple[Part, ...]:
    """The parts of a call type; a hyphen without blanks parts nothing.

    >>> [(p.words, p.mark, sorted(p.denied)) for p in parts_of("Fires - not Arson")]
    [(('fires',), '', []), (('not', 'arson'), '-', [1])]
    >>> [sorted(p.denied) for p in parts_of("Assault (domestic: no)")]
    [[], [0], []]
    """
    plain = _CAMEL.sub(" ", call_type).casefold().replace("\u2019", "'").replace("'s", "")
    plain = _WITH.sub(" with ", _WITHOUT.sub(" without ", plain)).replace("&", " and ")
    pieces = _SEPARATOR.split(_APART.sub(r"\1 ", _JOINED.sub("non ", plain)))
    found: list[Part] = []
    for text, mark in zip(pieces[::2], ["", *(m.strip()[:1] for m in pieces[1::2])], strict=True):
        words = tuple(_WORD.findall(text))
        if not words:
            continue
        if len(words) == 1 and words[0] in _ANSWERS and mark in (":", "=") and found:
            last = found[-1]
            found[-1] = Part(last.words, last.mark, frozenset(range(len(last.words))))
        found.append(Part(words, mark, _denied(words)))
    return tuple(found)


def _denied(words: Sequence[str]) -> frozenset[int]:
    """What "no", "non", "not", "without" deny is the next word and what "or" adds; "except" denies all the rest."""
    found: set[int] = set()
    for position, word in enumerate(words):
        before, after = words[position - 1] if position else "", words[position + 1 : position + 2]
        if word in _REST or (word == "than" and before in ("other", "rather")):
            found |= set(range(position + 1, len(words)))
        elif word in _ONE and (word, *after) not in _NO_DENIAL:
            whole = tuple(after) in (("include",), ("including",))
            found |= set(range(position + 1, len(words))) if whole else set(_next(words, position + 1))
    return frozenset(found)


def _next(words: Sequence[str], at: int) -> list[int]:
    """The next word that says something, with what belongs to it."""
    while at < len(words) and words[at] in _SKIPPED:
        at += 1
    if at >= len(words):
        return []
    found = [at]
    if tuple(words[at : at + 2]) in _PAIRS:
        found.append(at := at + 1)
    if words[at + 1 : at + 2] in (("or",), ("nor",)):
        found += _next(words, at + 2)
    return found
