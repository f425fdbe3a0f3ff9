"""Names of columns: one each, in one line, whatever the header holds."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from candor.errors import DataError
from candor.sources.base import ROW

_BREAKS = re.compile(r"\s*[\r\n]\s*")


def column_names(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Names of `width` columns: a line break is a blank, and a name that comes again has its number behind it.

    A column without a name is `unnamed_3` by its place. DuckDB tells names by capitals no more than people do.
    """
    names: list[str] = []
    taken: set[str] = set()
    for place in range(width):
        name = in_one_line(cells[place]) if place < len(cells) else ""
        name = name or f"unnamed_{place + 1}"
        if name.casefold() == ROW:
            name = f"{name}_1"
        unique, number = name, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.casefold())
        names.append(unique)
    return tuple(names)


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """All of these names, each once: as `column_names` makes them of a header's cells."""
    cells = tuple(" ".join(name.split()) for name in names)
    return column_names(cells, len(cells))


def in_one_line(name: str) -> str:
    """A name without the line breaks that a header may hold, and without blanks around it."""
    return _BREAKS.sub(" ", name.strip())


def numbered_names(width: int) -> tuple[str, ...]:
    """`column_1`, `column_2` … for rows that nothing names."""
    return tuple(f"column_{place}" for place in range(1, width + 1))


def repeated(cells: Sequence[str]) -> tuple[str, ...]:
    """The names that a header gives to more than one column, as first written."""
    plain = [in_one_line(cell) for cell in cells]
    counts = Counter(name.casefold() for name in plain if name)
    return tuple(dict.fromkeys(name for name in plain if name and counts[name.casefold()] > 1 and _first(name, plain)))


def _first(name: str, names: Sequence[str]) -> bool:
    return next(n for n in names if n.casefold() == name.casefold()) == name


def require(file: str, names: Sequence[str], only: Sequence[str]) -> None:
    """Raise `DataError` where the file lacks one of the columns `only`."""
    absent = [name for name in only if name not in names]
    if absent:
        hints = [f"{a!r}{_did_you_mean(a, names)}" for a in absent]
        raise DataError(
            f"{file} has no column {', '.join(hints)}",
            f"the mapped columns; the file has {', '.join(names)}",
            "A column was renamed or taken out: correct `from` in the data set's file, or the export.",
        )


def changes(declared: Sequence[str], names: Sequence[str]) -> list[str]:
    """What is new or gone since the data set was added, in sentences."""
    if not declared:
        return []
    new = [n for n in names if n not in declared]
    gone = [n for n in declared if n not in names]
    notes = []
    if new:
        notes.append(f"New columns in the source, not published: {', '.join(new)}.")
    if gone:
        notes.append(f"Columns gone from the source, which were not used: {', '.join(gone)}.")
    return notes


def _did_you_mean(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
