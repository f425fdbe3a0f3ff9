"""A proposed change of a data set's file: in words, and as the file's new text."""

from __future__ import annotations

import difflib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any

import tomlkit

from candor.privacy.records.hierarchies import DROP, Level

_ALONE = "Together with other facts it could tell who a person is: too few people share it."
_COARSER = "Said less exactly, so that more rows are alike and no person stands alone."
_HOW = ("generalise", "band", "top")


@dataclass(frozen=True)
class Change:
    """A column said more coarsely than today. `also` are the columns that go with it."""

    column: str
    now: Level
    then: Level
    also: tuple[str, ...] = ()

    def words(self) -> str:
        """One clause."""
        with_it = " and ".join(self.also)
        if self.then.name == DROP:
            return f"{self.column} not published{f', nor {with_it}' if with_it else ''}"
        goes = f", {with_it} not published" if with_it else ""
        return f"{self.column}: {self.then.says} instead of {self.now.says}{goes}"


@dataclass(frozen=True)
class Proposal:
    """What reaches k with the least loss. `withheld` of `rows` rows are in classes below k still: not published.

    `reached` is the smallest class of the others and `classes` their number; `loss` is the share of the columns'
    information that is lost, from 0 to 1.
    """

    k: int
    reached: int
    rows: int
    classes: int
    withheld: int
    suppress: float
    loss: float
    changes: tuple[Change, ...]

    def words(self) -> str:
        """In a few sentences."""
        if not self.changes and not self.withheld:
            return f"Every row is like {self.k - 1} others or more: nothing has to change."
        parts = []
        if self.changes:
            parts.append(f"With {'; '.join(c.words() for c in self.changes)}, ")
        else:
            parts.append("Without any change, ")
        parts.append(f"every published row is like {self.reached - 1:,} others or more.")
        if self.withheld:
            parts.append(f" {self.withheld:,} of {self.rows:,} rows would be withheld.")
        return "".join(parts) + f" {self.loss:.0%} of what these columns say is lost."

    def applied(self, text: str) -> str:
        """The text of `datasets/<name>.toml` with the change: everything else, comments too, stays as it is.

        A column that the file declares under `[[schema.columns]]` is changed there, a column of a standard schema under
        `[disclosure.<column>]`.
        """
        file = tomlkit.parse(text)
        for change in self.changes:
            _change(file, change.column, change.then)
            for name in change.also:
                _change(file, name, None)
        return tomlkit.dumps(file)

    def difference(self, text: str, file: str) -> str:
        """The same as the lines to take out and to put in, as `diff -u` writes them and `patch -p1` reads them."""
        lines = difflib.unified_diff(
            text.splitlines(keepends=True), self.applied(text).splitlines(keepends=True), f"a/{file}", f"b/{file}", n=2
        )
        return "".join(lines)


def _change(file: tomlkit.TOMLDocument, column: str, level: Level | None) -> None:
    keys: dict[str, Any] = {"publish": False, "reason": _ALONE}
    if level and level.name != DROP:
        keys = dict(level.keys)
    declared, own = _declared(file, column)
    for key in _HOW:
        declared.pop(key, None)
    if not own and "reason" not in declared:
        keys.setdefault("reason", _COARSER)
    declared.update(keys)


def _declared(file: tomlkit.TOMLDocument, column: str) -> tuple[MutableMapping[str, Any], bool]:
    """The table that says how the column is published, made where there is none; whether it is the schema's own."""
    schema: Any = file.get("schema")
    rules: Any = file.get("disclosure")
    if isinstance(schema, MutableMapping):
        return next(c for c in schema["columns"] if c["name"] == column), True
    if rules is None:
        rules = tomlkit.table(is_super_table=True)
        file["disclosure"] = rules
    if column not in rules:
        rules[column] = tomlkit.table()
    rule: MutableMapping[str, Any] = rules[column]
    return rule, False
