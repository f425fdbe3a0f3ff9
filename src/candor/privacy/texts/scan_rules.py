"""The rules of the scan, read from `scan_rules.toml` and `scan_words.toml` and put together."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_PART = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Rule:
    """What is looked for: `find` has one group, the secret, in which no `unless` and every `must` is found.

    Where `within` is given, it has to be found in the text as a whole.
    """

    name: str
    kind: str
    says: str
    find: str
    unless: tuple[str, ...] = ()
    must: tuple[str, ...] = ()
    within: str = ""


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of the file."""
    return _with(word_lists())


def rules_for(text: str) -> tuple[Rule, ...]:
    """The rules for this text alone: of each list only the words that stand in it, so they find the same.

    An engine takes longer to make thousands of words ready than to read a little text.
    """
    folded = text.casefold()
    # No list may be empty: a word that does not stand in the text finds nothing in it.
    return _with(
        {name: [w for w in words if w.casefold() in folded] or words[:1] for name, words in word_lists().items()}
    )


def _with(lists: dict[str, list[str]]) -> tuple[Rule, ...]:
    """The rules with these words in the place of the lists."""
    patterns = {name: _any_of(words) for name, words in lists.items()}
    patterns |= {
        name.capitalize(): _any_of([form(w) for w in lists[name] for form in (str.title, str.upper)])
        for name in ("given", "given_word", "surname_word")
    }

    def whole(pieces: _Pieces) -> str:
        return "".join(patterns[piece] if odd % 2 else piece for odd, piece in enumerate(pieces))

    return tuple(
        Rule(
            rule["name"],
            rule["kind"],
            rule["says"],
            whole(find),
            tuple(map(whole, unless)),
            tuple(map(whole, must)),
            whole(within),
        )
        for rule, find, unless, must, within in _declared()
    )


_Pieces = tuple[str, ...]
"""A pattern, then the name of a list, a pattern, and so on."""


@cache
def _declared() -> tuple[tuple[dict[str, Any], _Pieces, tuple[_Pieces, ...], tuple[_Pieces, ...], _Pieces], ...]:
    """The rules of the file with their patterns in pieces: the parts are put in, the lists are not."""
    declared = _read("scan_rules.toml")
    parts = declared["parts"]

    def pieces(pattern: str) -> _Pieces:
        while any(name in parts for name in _PART.findall(pattern)):
            pattern = _PART.sub(lambda part: parts.get(part[1], part[0]), pattern)
        return tuple(_PART.split(pattern))

    return tuple(
        (
            rule,
            pieces(rule["find"]),
            tuple(map(pieces, rule.get("unless", ()))),
            tuple(map(pieces, rule.get("must", ()))),
            pieces(rule.get("within", "")),
        )
        for rule in declared["rules"]
    )


def kinds() -> tuple[str, ...]:
    """The kinds of what is looked for, in the order of the file."""
    return tuple(dict.fromkeys(rule.kind for rule in rules()))


@cache
def word_lists() -> dict[str, list[str]]:
    """The lists of words by name."""
    read = _read("scan_words.toml")
    lists = {name: text.split() for name, text in read["words"].items()}
    lists |= {name: [" ".join(p.split()) for p in text.split(";")] for name, text in read["phrases"].items()}
    # Behind a given name, a word that is a surname besides is one.
    lists["no_last"] = sorted({*lists["no_name"], *lists["no_person"]} - set(lists["surname_word"]))
    return lists


def _any_of(words: list[str]) -> str:
    # The longest first, and a full stop is itself.
    return f"(?:{'|'.join(w.replace('.', '[.]') for w in sorted(set(words), key=lambda w: (-len(w), w)))})"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
