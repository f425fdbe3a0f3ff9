"""Call types that sound sensitive (`sensitive_words.toml`), and crosswalk lines that call them open all the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from candor.errors import Problem
from candor.portal.model import CrosswalkEntry, Portal
from candor.profiles.denied import parts_of
from candor.profiles.profile import Kind, from_rows, standard_kinds

_PROPOSED = ("check:", "unsure:")
"""How the notes of a proposal begin: a program's, and nobody's decision."""


@dataclass(frozen=True)
class _Kind:
    says: str
    words: frozenset[str]
    stems: tuple[str, ...]
    phrases: tuple[str, ...]
    but: tuple[str, ...]


def sensitive_word(call_type: str) -> tuple[str, str] | None:
    """The word by which a call type sounds sensitive, and what of ("an overdose"); None where there is none.

    What the type denies is not heard.

    >>> sensitive_word("OD - fatal"), sensitive_word("Child support")
    (('od', 'an overdose'), None)
    >>> sensitive_word("Assault - non domestic")
    """
    words = (w for part in parts_of(call_type) for at, w in enumerate(part.words) if at not in part.denied)
    text = f" {' '.join(words)} "
    for kind in _kinds():
        if found := _found(kind, text):
            return found, kind.says
    return None


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
        decided = entry.sensitivity == "open" and entry.note and not entry.note.startswith(_PROPOSED)
        found = None if decided else sensitive_word(entry.call_type)
        if found:
            yield Problem(
                f"{file}:{entry.line}: category",
                f'the call type {entry.call_type!r} in the open category {category.slug!r}: by "{found[0]}" it '
                f"sounds like {found[1]}, and each such call would be published as a row",
                "a sensitive category, or sensitivity = sensitive; or sensitivity = open, with who decided it in note",
                "Map it to a sensitive category. Where it is none, write `open` into the column sensitivity, and into "
                "the column note who decided that and why.",
            )


def _found(kind: _Kind, text: str) -> str:
    """What of the kind stands in the text, words parted by single blanks; empty where nothing does."""
    for phrase in kind.but:
        text = re.sub(rf" {re.escape(phrase)}s? ", " ", text)
    words = text.split()
    plain = next((w for w in words if {w, w.removesuffix("s")} & kind.words or w.startswith(kind.stems)), "")
    return plain or next((p for p in kind.phrases if re.search(rf" {re.escape(p)}s? ", text)), "")


@cache
def _kinds() -> tuple[_Kind, ...]:
    text = resources.files("candor.profiles").joinpath("sensitive_words.toml").read_text(encoding="utf-8")
    declared: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(text)
    return tuple(
        _Kind(
            str(kind["says"]),
            frozenset(kind["words"]),
            tuple(kind["stems"]),
            tuple(kind["phrases"]),
            tuple(kind["but"]),
        )
        for kind in declared.values()
    )
