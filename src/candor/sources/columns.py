"""The columns of a landed table: how their names are compared between files, and how they are written as text."""

from __future__ import annotations

from collections.abc import Sequence

from candor.engine.sql import identifier, literal


def folded_name(name: str) -> str:
    """What a column's name is compared by between files: letters and digits, whatever the capitals."""
    return "".join(c for c in name.casefold() if c.isalnum()) or name.casefold()


def text_cell(expression: str, name: str, missing: Sequence[str]) -> str:
    """A column of text as SQL: cells that hold nothing are null. `expression` is SQL for its text."""
    nothing = ", ".join(literal(m) for m in missing if m)
    cell = f"CASE WHEN trim({expression}) IN ({nothing}) THEN NULL ELSE {expression} END" if nothing else expression
    return f"{cell} AS {identifier(name)}"
