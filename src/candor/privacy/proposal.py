"""A proposed change of a data set's file, in words and as text to put into it."""

from __future__ import annotations

from dataclasses import dataclass

from candor.portal.toml_text import comment, toml_value
from candor.privacy.hierarchies import DROP, Level

_REASON = "Together with other facts it could tell who a person is: too few people share it."


@dataclass(frozen=True)
class Change:
    """A column said more coarsely than today. `also` are the columns that go with it."""

    column: str
    now: Level
    then: Level
    also: tuple[str, ...] = ()

    def words(self) -> str:
        """One clause."""
        goes = f"; {' and '.join(self.also)} not published" if self.also else ""
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

    def toml(self) -> str:
        """What to put into `datasets/<name>.toml`; empty where nothing has to change."""
        lines = [comment(f"Reaches k = {self.k}. {self.words()}")]
        if self.withheld:
            lines.append(f"[privacy]\nsuppress = {self.suppress}\n")
        for change in self.changes:
            lines.append(_column(change.column, "" if change.then.name == DROP else change.then.name))
            lines += [_column(name, "") for name in change.also]
        return "\n".join(lines) if self.changes or self.withheld else ""


def _column(name: str, generalise: str) -> str:
    said = (
        f"generalise = {toml_value(generalise)}" if generalise else f"publish = false\nreason = {toml_value(_REASON)}"
    )
    return f"[privacy.columns.{name}]\n{said}\n"
