"""The columns of a landed table: names that differ, those that are wanted, and how they are written as text."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from candor.engine.sql import identifier, literal
from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import ROW


def distinct_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names without blanks around and within lines, none empty, none twice whatever its capitals: `name`, `name_2`."""
    taken: set[str] = set()
    distinct = []
    for position, raw in enumerate(names, start=1):
        name = " ".join(raw.split()) or f"column_{position}"
        plain, number = name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name.casefold())
        distinct.append(name)
    return tuple(distinct)


def folded_name(name: str) -> str:
    """What a column's name is compared by between files: letters and digits, whatever the capitals."""
    return "".join(c for c in name.casefold() if c.isalnum()) or name.casefold()


def require_columns(file: str, names: Sequence[str], only: Sequence[str]) -> None:
    """Raise `DataError` where a wanted column is not there, or is called as the number of a row is here."""
    if ROW in (name.casefold() for name in only):
        raise DataError(f"{file} has a column {ROW!r}, which is the row's number here", "any other name", "Rename it.")
    absent = [name for name in only if name not in names]
    if absent:
        hints = [f"{a!r}{_did_you_mean(a, names)}" for a in absent]
        raise DataError(
            f"{file} has no column {', '.join(hints)}",
            f"the mapped columns; the file has {', '.join(names)}",
            "A column was renamed or taken out: correct `from` in the data set's file, or the export.",
        )


def changes(source: SourceConfig, names: Sequence[str]) -> list[str]:
    """Which columns came and which went since the data set was added, in sentences."""
    if not source.columns:
        return []
    new = [n for n in names if n not in source.columns]
    gone = [n for n in source.columns if n not in names]
    notes = []
    if new:
        notes.append(f"New columns in the source, not published: {', '.join(new)}.")
    if gone:
        notes.append(f"Columns gone from the source, which were not used: {', '.join(gone)}.")
    return notes


def text_cell(expression: str, name: str, missing: Sequence[str]) -> str:
    """A column of text as SQL: cells that hold nothing are null. `expression` is SQL for its text."""
    nothing = ", ".join(literal(m) for m in missing if m)
    cell = f"CASE WHEN trim({expression}) IN ({nothing}) THEN NULL ELSE {expression} END" if nothing else expression
    return f"{cell} AS {identifier(name)}"


def _did_you_mean(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
