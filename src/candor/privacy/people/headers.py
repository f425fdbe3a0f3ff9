"""What a column tells of a person by the words of its header (`facts.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import Field, field_validator

from candor.portal.declared import Declared
from candor.portal.schema_model import Disclosure
from candor.privacy.people.lists import words

_CODED = words("codes")


_NUMBERS = words("numbers")
_RECORDS = words("records")
_OF_PLACES = words("numbered_places")


@dataclass(frozen=True)
class Fact:
    """What a column may tell: of whom or what, in words after "it holds"; its class and the reason to withhold it.

    `trait`: rows about people have it as a column, which may be opened with a rule of k.
    """

    name: str
    says: str
    disclosure: Disclosure
    reason: str
    trait: bool = False


class _Words(Declared):
    """A fact as the file has it, and the words that tell it."""

    name: str
    says: str
    class_: Disclosure = Field(alias="class")
    reason: str
    trait: bool = False
    words: frozenset[str]
    unless: frozenset[str]
    ends: frozenset[str]
    alone: frozenset[str]
    beside: frozenset[str]

    @field_validator("words", "unless", "ends", "alone", "beside", mode="before")
    @classmethod
    def _split(cls, value: str) -> list[str]:
        return value.split()

    @property
    def fact(self) -> Fact:
        """What is told."""
        return Fact(self.name, self.says, self.class_, self.reason, self.trait)


def fact(name: str) -> Fact:
    """The fact of that name. Raises `KeyError` where there is none."""
    return _facts()[name].fact


def by_header(words: Sequence[str]) -> Fact | None:
    """What the words of a header (`portal.words.header_words`) tell; None where they tell nothing of a person.

    >>> [f and f.name for f in map(by_header, [("vic", "race"), ("suspage",), ("primary", "officer"), ("town",)])]
    ['race', 'age', 'staff', None]
    """
    some = frozenset(words)
    told = next((one.fact for one in _facts().values() if _tells(one, some)), None)
    number = bool(words) and (words[-1] in _NUMBERS or bool(some & _RECORDS and some & _NUMBERS))
    return told or (fact("record") if number and not some & _OF_PLACES else None)


def _tells(one: _Words, some: frozenset[str]) -> bool:
    if some & one.unless:
        return False
    if some & one.words or any(_ends(one, word) for word in some):
        return True
    others = one.alone | one.beside | (_persons() if one.fact.trait else frozenset())
    return bool(some & one.alone) and some <= others


def _ends(one: _Words, word: str) -> bool:
    """Whether a word is a person and a fact, or a fact and its code, written as one: `vicage`, `sexcode`."""
    return any(
        (word.endswith(end) and word[: -len(end)] in _persons())
        or (word.startswith(end) and word[len(end) :] in _CODED)
        for end in one.ends
    )


@cache
def _persons() -> frozenset[str]:
    return words("persons")


@cache
def _facts() -> dict[str, _Words]:
    return {name: _Words.model_validate({"name": name, **said}) for name, said in _read().items()}


def _read() -> dict[str, dict[str, object]]:
    return tomllib.loads(resources.files("candor.privacy.people").joinpath("facts.toml").read_text(encoding="utf-8"))
