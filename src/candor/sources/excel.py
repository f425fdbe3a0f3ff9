"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): the sheets with the table become text, as their cells mean it."""

from __future__ import annotations

import csv as csv_text
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import python_calamine as calamine

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources import csv
from candor.sources.base import Format, Table
from candor.sources.cell_text import Cell, column_text
from candor.sources.columns import folded_name
from candor.sources.content import Content
from candor.sources.merged import filled

_BATCH = 2_000
_LISTED = 12
_ALIKE = 0.7
"""Sheets are parts of one table where they share this part of all of their columns."""


@dataclass(frozen=True)
class _Sheet:
    name: str
    path: Path
    columns: frozenset[str]
    cells: int


def _recognises(content: Content) -> bool:
    office = any(name.startswith("xl/workbook") for name in content.zip_names)
    return office or b"opendocument.spreadsheet" in content.head[:128] or bool(
        content.ole_streams & {"Workbook", "Book", "WORKBOOK", "BOOK"}
    )  # fmt: skip


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:
    """The declared sheet; else the one that holds most, with those of the same columns (a sheet a month, a year).

    Raises `DataError` where the workbook is broken, locked or empty, `UsageError` where the sheet is not in it.
    """
    with _said(content), calamine.CalamineWorkbook.from_path(str(content.path)) as workbook:
        names = _names(workbook, source.sheet, content)
        sheets = [
            sheet
            for number, name in enumerate(names)
            if (sheet := _as_text(workbook, name, folder / str(number) / content.name)) is not None
        ]
        others = [s.name for s in workbook.sheets_metadata]
    if not sheets:
        raise DataError(
            f"{content.name} is a workbook without a table",
            "a sheet with a header and rows",
            "Save the sheet with the rows, with its values.",
        )
    most = max(sheets, key=lambda sheet: sheet.cells)
    chosen = [s for s in sheets if len(s.columns & most.columns) >= _ALIKE * len(s.columns | most.columns)]
    left = [name for name in others if name not in {s.name for s in chosen}]
    read = [s.name for s in chosen]
    said = f"The workbook has {len(others)} sheets. Read: {_quoted(read)}; not read: {_quoted(left)}. "
    notes = (f"{said}`sheet` under [source] names another.",) if left and not source.sheet else ()
    return [
        Table(sheet.path, csv.READER, sheet.name if len(chosen) > 1 else "", {"delimiter": ",", "quote": '"'},
              notes if sheet is chosen[0] else ())
        for sheet in chosen
    ]  # fmt: skip


def _names(workbook: calamine.CalamineWorkbook, wanted: str, content: Content) -> list[str]:
    sheets = [s for s in workbook.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
    if wanted:
        if wanted not in [s.name for s in sheets]:
            raise UsageError(
                f"{content.name} has no sheet {wanted!r}", ", ".join(repr(s.name) for s in sheets) or "no sheet",
                "Correct `sheet` under [source], or take it out: the sheet that holds most is read then.",
            )  # fmt: skip
        return [wanted]
    return [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible] or [s.name for s in sheets]


def _as_text(workbook: calamine.CalamineWorkbook, name: str, path: Path) -> _Sheet | None:
    """A sheet as text with commas; None where it holds no row below a header. Rows of empty cells are none."""
    sheet = workbook.get_sheet_by_name(name)
    kinds: list[set[type]] = [set() for _ in range(sheet.width)]
    rows = 0
    for batch in _batches(sheet):
        rows += len(batch)
        for kind, column in zip(kinds, zip(*batch, strict=True), strict=True):
            kind.update(map(type, column))
    if rows < 2:
        return None
    path.parent.mkdir(parents=True)
    cells = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        write = csv_text.writer(file, lineterminator="\n").writerows
        for batch in _batches(sheet):
            columns = [column_text(c, kind) for c, kind in zip(zip(*batch, strict=True), kinds, strict=True)]
            cells += sum(len(c) - c.count("") for c in columns)
            write(zip(*columns, strict=True))
    names = csv.READER.detect(path).columns
    return _Sheet(name, path, frozenset(map(folded_name, names)), cells)


def _batches(sheet: calamine.CalamineSheet) -> Iterator[list[Sequence[Cell]]]:
    """The rows that hold something, some at a time."""
    rows: Iterator[Sequence[Cell]] = iter(sheet.iter_rows())
    if sheet.merged_cell_ranges:
        rows = filled(rows, sheet.merged_cell_ranges, (sheet.start or (0, 0))[1])
    held = (row for row in rows if any(cell != "" for cell in row))
    while batch := list(islice(held, _BATCH)):
        yield batch


def _quoted(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(map(repr, names[:_LISTED])) + more


@contextmanager
def _said(content: Content) -> Iterator[None]:
    """What the library says of a broken workbook, in words."""
    try:
        yield
    except calamine.PasswordError as error:
        raise DataError(
            f"{content.name} is a workbook that is locked by a password",
            "a workbook without one",
            "Save a copy without a password.",
        ) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError, ValueError) as error:
        raise DataError(
            f"{content.name} is a workbook that is broken or was cut off",
            "a whole Excel workbook",
            "Open it in a spreadsheet program and save it again, or download it again.",
        ) from error


FORMAT = Format(name="excel", title="an Excel or OpenDocument workbook", recognises=_recognises, tables=_tables)
