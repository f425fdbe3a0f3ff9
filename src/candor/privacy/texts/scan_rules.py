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
    declared = _read("scan_rules.toml")
    parts = _words() | declared["parts"]

    def whole(pattern: str) -> str:
        while _PART.search(pattern):
            pattern = _PART.sub(lambda part: parts[part[1]], pattern)
        return pattern

    return tuple(
        Rule(
            rule["name"],
            rule["kind"],
            rule["says"],
            whole(rule["find"]),
            tuple(map(whole, rule.get("unless", ()))),
            tuple(map(whole, rule.get("must", ()))),
            whole(rule.get("within", "")),
        )
        for rule in declared["rules"]
    )


def kinds() -> tuple[str, ...]:
    """The kinds of what is looked for, in the order of the file."""
    return tuple(dict.fromkeys(rule.kind for rule in rules()))


def _words() -> dict[str, str]:
    """Each list as a pattern of its words, and, with a capital in its name, of the same words with capitals."""
    read = _read("scan_words.toml")
    lists = {name: text.split() for name, text in read["words"].items()}
    lists |= {name: [" ".join(p.split()) for p in text.split(";")] for name, text in read["phrases"].items()}
    # Behind a given name, a word that is a surname besides is one.
    lists["no_last"] = sorted({*lists["no_name"], *lists["no_person"]} - set(lists["surname_word"]))
    small = {name: _any_of(words) for name, words in lists.items()}
    return small | {
        name.capitalize(): _any_of([form(w) for w in lists[name] for form in (str.title, str.upper)])
        for name in ("given_word", "surname_word")
    }


def _any_of(words: list[str]) -> str:
    # The longest first, and a full stop is itself.
    return f"(?:{'|'.join(w.replace('.', '[.]') for w in sorted(set(words), key=lambda w: (-len(w), w)))})"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
