"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): the sheets with the table become text, as their cells mean it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import python_calamine as calamine

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources.base import Format, Table
from candor.sources.cell_text import Cell
from candor.sources.content import Content
from candor.sources.merged import filled
from candor.sources.sheets import as_text, tables_of


def _recognises(content: Content) -> bool:
    office = any(name.startswith("xl/workbook") for name in content.zip_names)
    return office or b"opendocument.spreadsheet" in content.head[:128] or bool(
        content.ole_streams & {"Workbook", "Book", "WORKBOOK", "BOOK"}
    )  # fmt: skip


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:
    """The declared sheet; else the one that holds most, with those of the same columns (a sheet a month, a year).

    Raises `DataError` where the workbook is broken, locked or empty, `UsageError` where the sheet is not in it.
    """
    with _said(content), _opened(content) as workbook:
        sheets = []
        for number, name in enumerate(_names(workbook, source.sheet, content)):
            rows = partial(_rows, workbook.get_sheet_by_name(name))
            sheet = as_text(name, rows, folder / str(number) / content.name)
            sheets += [sheet] if sheet else []
        named = [s.name for s in workbook.sheets_metadata]
    return tables_of(sheets, named, source, content)


def _opened(content: Content) -> calamine.CalamineWorkbook:
    if not content.ole_streams:
        return calamine.CalamineWorkbook.from_path(str(content.path))
    # Where an old workbook was cut off the library panics, and tells the process's standard error in its own words.
    heard, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        return calamine.CalamineWorkbook.from_path(str(content.path))
    finally:
        os.dup2(heard, 2)
        os.close(heard)
        os.close(nowhere)


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


def _rows(sheet: calamine.CalamineSheet) -> Iterable[Sequence[Cell]]:
    rows: Iterable[Sequence[Cell]] = sheet.iter_rows()
    if sheet.merged_cell_ranges:
        return filled(rows, sheet.merged_cell_ranges, (sheet.start or (0, 0))[1])
    return rows


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
        raise _broken(content) from error
    except BaseException as error:
        # The library, written in Rust, panics at some damage: its exception is no `Exception`, and has no public name.
        if type(error).__name__ == "PanicException":
            raise _broken(content) from error
        raise


def _broken(content: Content) -> DataError:
    return DataError(
        f"{content.name} is a workbook that is broken or was cut off",
        "a whole Excel workbook",
        "Open it in a spreadsheet program and save it again, or download it again.",
    )


FORMAT = Format(name="excel", title="an Excel or OpenDocument workbook", recognises=_recognises, tables=_tables)
