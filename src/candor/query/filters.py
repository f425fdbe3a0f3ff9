"""Which rows are meant: a tree of tests, each of which says itself in words and as SQL with bound values.

Only the names of published columns reach the SQL, quoted; every value is a parameter. Nulls are met by no test but
`Missing`, and by no `Not` either, as in SQL and in SoQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from candor.store.dataset_model import PublicColumn

Comparison = Literal["=", "!=", "<", "<=", ">", ">="]

_SAID: dict[Comparison, str] = {
    "=": "is", "!=": "is not", "<": "is under", "<=": "is at most", ">": "is over", ">=": "is at least",
}  # fmt: skip


class Filter(Protocol):
    """A test of a row."""

    @property
    def words(self) -> str:
        """The test in a sentence: "Town is Rutland"."""

    def sql(self) -> tuple[str, list[object]]:
        """The test as an SQL expression, and the values that are bound to its question marks, in order."""


@dataclass(frozen=True)
class Compare:
    """A column against a value. `text` is the value as it was written."""

    column: PublicColumn
    value: object
    text: str
    by: Comparison = "="

    @property
    def words(self) -> str:
        """The test in a sentence."""
        return f"{self.column.label} {_SAID[self.by]} {self.text}"

    def sql(self) -> tuple[str, list[object]]:
        """The test as SQL."""
        return f"{quoted(self.column.name)} {self.by} ?", [self.value]


@dataclass(frozen=True)
class Missing:
    """A column has no value."""

    column: PublicColumn

    @property
    def words(self) -> str:
        """The test in a sentence."""
        return f"{self.column.label} is missing"

    def sql(self) -> tuple[str, list[object]]:
        """The test as SQL."""
        return f"{quoted(self.column.name)} IS NULL", []


@dataclass(frozen=True)
class Not:
    """A test that is not met."""

    part: Filter

    @property
    def words(self) -> str:
        """The test in a sentence."""
        return f"not ({self.part.words})"

    def sql(self) -> tuple[str, list[object]]:
        """The test as SQL."""
        text, values = self.part.sql()
        return f"NOT ({text})", values


@dataclass(frozen=True)
class AllOf:
    """Tests that are all met; without any, every row is meant."""

    parts: tuple[Filter, ...]

    @property
    def words(self) -> str:
        """The tests in a sentence."""
        return " and ".join(_inside(part) for part in self.parts)

    def sql(self) -> tuple[str, list[object]]:
        """The tests as SQL."""
        return _joined(self.parts, " AND ") if self.parts else ("true", [])


@dataclass(frozen=True)
class AnyOf:
    """Tests of which one is met at least; without any, no row is meant."""

    parts: tuple[Filter, ...]

    @property
    def words(self) -> str:
        """The tests in a sentence."""
        return " or ".join(_inside(part) for part in self.parts)

    def sql(self) -> tuple[str, list[object]]:
        """The tests as SQL."""
        return _joined(self.parts, " OR ") if self.parts else ("false", [])


def _inside(part: Filter) -> str:
    return f"({part.words})" if isinstance(part, AllOf | AnyOf) and len(part.parts) > 1 else part.words


def _joined(parts: Iterable[Filter], by: str) -> tuple[str, list[object]]:
    texts, values = [], []
    for part in parts:
        text, own = part.sql()
        texts.append(f"({text})")
        values += own
    return by.join(texts), values


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
