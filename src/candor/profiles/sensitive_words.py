"""Call types that sound sensitive (`sensitive_words.toml`), and crosswalk lines that call them open all the same."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from candor.errors import Problem
from candor.portal.model import CrosswalkEntry, Portal
from candor.profiles.denied import parts_of
from candor.profiles.profile import Kind, from_rows, standard_kinds

_PROPOSED = ("check:", "unsure:")
"""How the notes of a proposal begin: a program's, and nobody's decision."""


_BARRIER = ""
"""In the place of a word that does not count: what stands around it does not stand together."""

_Phrases = Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class _Field:
    """The words of a field; phrases by their first word. `mild` words do not count beside those in `unless`."""

    says: str
    words: frozenset[str]
    stems: tuple[str, ...]
    phrases: _Phrases
    but: _Phrases
    mild: frozenset[str]
    unless: frozenset[str]


def sensitive_word(call_type: str) -> tuple[str, str] | None:
    """The word by which a call type sounds sensitive, and what of ("an overdose"); None where there is none.

    What the type denies is not heard.

    >>> sensitive_word("OD - fatal"), sensitive_word("Child support")
    (('od', 'an overdose'), None)
    >>> sensitive_word("Assault - non domestic")
    """
    words = _said(call_type)
    for field in _fields():
        if found := _found(field, words):
            return found, field.says
    return None


def decided(entry: CrosswalkEntry) -> bool:
    """Whether a line says that a person decided that its call type is open."""
    return entry.sensitivity == "open" and bool(entry.note) and not entry.note.startswith(_PROPOSED)


def too_open(portal: Portal, kinds: Mapping[str, Kind]) -> list[Problem]:
    """The crosswalk lines that map a call type that sounds sensitive to an open category without saying who decided.

    `kinds`: the profiles with their categories as they are in force. Only crosswalks that a data set uses are read.
    """
    owners = {schema: kind for kind in kinds.values() for schema in kind.profile.schemas}
    used = {
        d.crosswalk: owners.get(d.schema_) if isinstance(d.schema_, str) else None
        for d in portal.datasets.values() if d.crosswalk
    }  # fmt: skip
    return [
        problem
        for name, entries in portal.crosswalks.items()
        if name in used
        for problem in _too_open(f"crosswalks/{name}", entries, used[name] or from_rows(kinds))
    ]


def _too_open(file: str, entries: tuple[CrosswalkEntry, ...], kind: Kind) -> Iterator[Problem]:
    as_delivered = standard_kinds().get(kind.profile.name, kind).taxonomy
    for entry in entries:
        standard = as_delivered.get(entry.category)
        category = kind.taxonomy.get(entry.category)
        # What the standard has as sensitive, and the portal does not, somebody has approved by name.
        if category is None or standard is None or "sensitive" in (
            category.sensitivity, standard.sensitivity, entry.sensitivity
        ):  # fmt: skip
            continue
        found = None if decided(entry) else sensitive_word(entry.call_type)
        if found:
            yield Problem(
                f"{file}:{entry.line}: category",
                f'the call type {entry.call_type!r} in the open category {category.slug!r}: by "{found[0]}" it '
                f"sounds like {found[1]}, and each such call would be published as a row",
                "a sensitive category, or sensitivity = sensitive; or sensitivity = open, with who decided it in note",
                "Map it to a sensitive category. Where it is none, write `open` into the column sensitivity, and into "
                "the column note who decided that and why.",
            )


def _said(call_type: str) -> list[str]:
    """The words of a type in small letters, what it denies as barriers."""
    return [
        _BARRIER if at in part.denied else word
        for part in parts_of(call_type)
        for at, word in enumerate(part.words)
    ]  # fmt: skip


def _found(field: _Field, words: Sequence[str]) -> str:
    """What of the field stands among the words; empty where nothing does."""
    for at, phrase in list(_standing(field.but, words)):
        words = [_BARRIER if at <= i < at + len(phrase) else word for i, word in enumerate(words)]
    if any({w, w.removesuffix("s")} & field.unless for w in words):
        words = [_BARRIER if word in field.mild else word for word in words]
    plain = next((w for w in words if {w, w.removesuffix("s")} & field.words or w.startswith(field.stems)), "")
    return plain or next((" ".join(phrase) for _, phrase in _standing(field.phrases, words)), "")


def _standing(phrases: _Phrases, words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The phrases that stand among the words, and where; the last word with or without its s."""
    for at, word in enumerate(words):
        for phrase in phrases.get(word, ()):
            run = tuple(words[at : at + len(phrase)])
            if run == phrase or (run[:-1] == phrase[:-1] and run[-1:] == (f"{phrase[-1]}s",)):
                yield at, phrase


def _by_first_word(phrases: Iterable[str]) -> _Phrases:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        first, *rest = phrase.split()
        found.setdefault(first, []).append((first, *rest))
    return {first: tuple(sorted(several, key=len, reverse=True)) for first, several in found.items()}


@cache
def _fields() -> tuple[_Field, ...]:
    text = resources.files("candor.profiles").joinpath("sensitive_words.toml").read_text(encoding="utf-8")
    declared: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)
    return tuple(
        _Field(
            field["says"],
            frozenset(field["words"]),
            tuple(field["stems"]),
            _by_first_word(field["phrases"]),
            _by_first_word(field["but"]),
            frozenset(field.get("mild", ())),
            frozenset(field.get("unless", ())),
        )
        for field in declared.values()
    )
