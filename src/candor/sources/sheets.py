"""Sheets of cells become text with commas, and of several sheets those are chosen that hold the table."""

from __future__ import annotations

import csv as csv_text
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources import csv
from candor.sources.base import Table
from candor.sources.cell_text import Cell, column_text
from candor.sources.columns import folded_name
from candor.sources.content import Content

_BATCH = 2_000
_LISTED = 12
_ALIKE = 0.7
"""Sheets are parts of one table where they share this part of all of their columns."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as text: where it is, its columns as they are compared, how many cells hold something."""

    name: str
    path: Path
    columns: frozenset[str]
    cells: int


def as_text(name: str, rows: Callable[[], Iterable[Sequence[Cell]]], path: Path) -> Sheet | None:
    """A sheet as text with commas; None where it holds no row below a header. Rows of empty cells are none.

    `rows` gives its rows anew each time; one may be shorter than others.
    """
    kinds: list[set[type]] = []
    number = 0
    for batch in _batches(rows(), 0):
        number += len(batch)
        columns = list(zip(*batch, strict=True))
        kinds += [set() for _ in columns[len(kinds) :]]
        for kind, column in zip(kinds, columns, strict=False):
            kind.update(map(type, column))
    if number < 2:
        return None
    path.parent.mkdir(parents=True)
    cells = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv_text.writer(file, lineterminator="\n").writerows
        for batch in _batches(rows(), len(kinds)):
            texts = [column_text(c, kind) for c, kind in zip(zip(*batch, strict=True), kinds, strict=True)]
            cells += sum(len(c) - c.count("") for c in texts)
            write(zip(*texts, strict=True))
    return Sheet(name, path, frozenset(map(folded_name, csv.READER.detect(path).columns)), cells)


def tables_of(sheets: Sequence[Sheet], named: Sequence[str], source: SourceConfig, content: Content) -> list[Table]:
    """The sheet that holds most, with those of the same columns. `named` are all sheets of the workbook.

    Raises `DataError` where there is none.
    """
    if not sheets:
        raise DataError(
            f"{content.name} is a workbook without a table",
            "a sheet with a header and rows",
            "Save the sheet with the rows, with its values.",
        )
    most = max(sheets, key=lambda sheet: sheet.cells)
    chosen = [s for s in sheets if len(s.columns & most.columns) >= _ALIKE * len(s.columns | most.columns)]
    read = [s.name for s in chosen]
    left = [name for name in named if name not in read]
    said = f"The workbook has {len(named)} sheets. Read: {_quoted(read)}; not read: {_quoted(left)}. "
    notes = (f"{said}`sheet` under [source] names another.",) if left and not source.sheet else ()
    return [
        Table(
            path=sheet.path,
            reader=csv.READER,
            name=sheet.name if len(chosen) > 1 else "",
            found={"encoding": "utf-8", "delimiter": ",", "quote": '"'},
            notes=notes if sheet is chosen[0] else (),
        )
        for sheet in chosen
    ]


def _batches(rows: Iterable[Sequence[Cell]], width: int) -> Iterator[list[Sequence[Cell]]]:
    """The rows that hold something, some at a time, each as long as the longest or `width`."""
    held = (row for row in rows if any(cell != "" for cell in row))
    while batch := list(islice(held, _BATCH)):
        longest = max(width, *map(len, batch)) if len(batch) > 1 else max(width, len(batch[0]))
        if any(len(row) < longest for row in batch):
            batch = [[*row, *[""] * (longest - len(row))] for row in batch]
        yield batch


def _quoted(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(map(repr, names[:_LISTED])) + more
