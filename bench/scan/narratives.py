"""Invented narratives as officers write them, each labelled with the kinds of identifiers that were put into it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

Forms = Literal["tuned", "held_out"]
Letters = Literal["as a person types", "in lower case", "in capitals"]

_FORMS = Path(__file__).with_name("forms.toml")
_SLOT = re.compile(r"\{(\w+)\}")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_AREAS = ("802", "802", "802", "603", "518", "413", "617", "941")
# Of all narratives: how they are written.
_LOWER, _UPPER, _BARE, _TYPO = 0.2, 0.12, 0.15, 0.12


@dataclass(frozen=True)
class Narrative:
    """A text, how its letters are written, and the kinds of identifiers in it; none in every second one."""

    text: str
    letters: Letters
    kinds: frozenset[str]


def narratives(count: int, seed: int, forms: Forms) -> list[Narrative]:
    """`count` narratives, the same for the same arguments: every second one with one to three identifiers.

    Of all, a fifth is in lower case, an eighth in capitals, a seventh without punctuation, an eighth with a slip of the
    finger in a word.
    """
    writer = _Writer(np.random.default_rng(seed), forms)
    return [writer.narrative(with_identifiers=i % 2 == 0) for i in range(count)]


def labelled() -> tuple[str, ...]:
    """The kinds of identifiers that are put into narratives; short texts of all kinds are in `cells`."""
    return tuple(_read()["identifiers"])


def names(forms: Forms) -> tuple[list[str], list[str]]:
    """The given names and the surnames that are drawn from."""
    words = _read()["words"]
    return words["first"][forms], words["last"][forms]


def _read() -> dict[str, Any]:
    return tomllib.loads(_FORMS.read_text(encoding="utf-8"))


class _Writer:
    def __init__(self, chance: np.random.Generator, forms: Forms) -> None:
        self._chance, self._forms, self._read = chance, forms, _read()
        self._numbers: dict[str, Callable[[], str]] = {
            "area": lambda: self._one(_AREAS),
            "exchange": lambda: f"{self._below(8) + 2}{self._digits(2)}",
            "line": lambda: self._digits(4),
            "four": lambda: self._digits(4),
            "two": lambda: self._digits(2),
            "A": lambda: self._capitals(1),
            "AB": lambda: self._capitals(2),
            "ABC": lambda: self._capitals(3),
            "n3a": lambda: f"{self._below(6) + 1}{self._digits(2)}",
            "v5": lambda: "".join(self._one([*_LETTERS, *"0123456789"]) for _ in range(5)),
            "house": lambda: str(self._below(1800) + 2),
            "age": lambda: str(self._below(70) + 12),
            "d": lambda: str(self._below(28) + 1),
            "m": lambda: str(self._below(12) + 1),
            "dd": lambda: f"{self._below(28) + 1:02}",
            "mm": lambda: f"{self._below(12) + 1:02}",
            "yy": lambda: f"{self._below(99) + 1:02}",
            "yy2": lambda: f"{self._below(8) + 14}",
            "yyyy": lambda: str(self._below(70) + 1940),
        }

    def narrative(self, *, with_identifiers: bool) -> Narrative:
        known = self._read["identifiers"]
        number = int(self._chance.integers(1, 4)) if with_identifiers else 0
        kinds = [str(k) for k in self._chance.choice(sorted(known), number, replace=False)]
        sentences = [self._filled(self._one(known[kind][self._forms])) for kind in kinds]
        harmless = self._chance.integers(1, 4) if with_identifiers else self._chance.integers(2, 5)
        sentences += [self._one(self._read["harmless"][self._forms]) for _ in range(harmless)]
        order = self._chance.permutation(len(sentences))
        text, letters = self._written(" ".join(sentences[i] for i in order))
        return Narrative(text, letters, frozenset(kinds))

    def _filled(self, form: str) -> str:
        while slot := _SLOT.search(form):
            form = form[: slot.start()] + self._value(slot[1]) + form[slot.end() :]
        return form

    def _value(self, slot: str) -> str:
        for table in ("styles", "words"):
            if slot in self._read[table]:
                return self._one(self._read[table][slot][self._forms])
        if slot in self._numbers:
            return self._numbers[slot]()
        return self._digits(int(slot[1:]))  # n4: four digits

    def _written(self, text: str) -> tuple[str, Letters]:
        if self._chance.random() < _TYPO:
            text = self._slipped(text)
        if self._chance.random() < _BARE:
            text = "".join(" " if c in self._read["noise"]["punctuation"] and self._between_words(text, i) else c
                           for i, c in enumerate(text))  # fmt: skip
        case = self._chance.random()
        if case < _LOWER:
            return text.lower(), "in lower case"
        return (text.upper(), "in capitals") if case < _LOWER + _UPPER else (text, "as a person types")

    @staticmethod
    def _between_words(text: str, at: int) -> bool:
        """Not within a number or an address of e-mail: there it is no punctuation."""
        return not (0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum())

    def _slipped(self, text: str) -> str:
        """Two letters exchanged, one left out or written twice, in a word of four letters or more."""
        words = list(re.finditer(r"[A-Za-z]{4,}", text))
        word = words[self._below(len(words))]
        at = word.start() + 1 + self._below(len(word[0]) - 2)
        slips = (text[at + 1] + text[at], text[at + 1], text[at] * 2 + text[at + 1])
        return text[:at] + self._one(slips) + text[at + 2 :]

    def _one(self, of: Sequence[str]) -> str:
        return of[self._below(len(of))]

    def _below(self, limit: int) -> int:
        return int(self._chance.integers(limit))

    def _digits(self, number: int) -> str:
        return "".join(str(d) for d in self._chance.integers(10, size=number))

    def _capitals(self, number: int) -> str:
        return "".join(self._one(_LETTERS) for _ in range(number))
