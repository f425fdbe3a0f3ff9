"""Workbooks in one XML file, as Excel 2003 and report programs write them, often under the name .xls."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from candor.errors import UsageError
from candor.portal.declared import SourceConfig
from candor.sources.base import Format, Table
from candor.sources.cell_text import Cell
from candor.sources.content import Content
from candor.sources.sheets import as_text, tables_of
from candor.sources.xml_events import Bad, elements, forget, local

_SPREADSHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_IN = f"{{{_SPREADSHEET}}}"
_WORKBOOK = re.compile(rf"[^>]*(?:<\?[^>]*>\s*)*<(?:\w+:)?Workbook\b[^>]*{_SPREADSHEET}", re.DOTALL)
_WIDEST = 16_384


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:
    """The declared sheet; else the one that holds most, with those of the same columns."""
    named = list(_sheets(content.path))
    if source.sheet and source.sheet not in named:
        raise UsageError(
            f"{content.name} has no sheet {source.sheet!r}", ", ".join(map(repr, named)),
            "Correct `sheet` under [source], or take it out: the sheet that holds most is read then.",
        )  # fmt: skip
    wanted = [source.sheet] if source.sheet else named
    sheets = [
        as_text(name, partial(_rows, content.path, named.index(name)), folder / str(i) / content.name)
        for i, name in enumerate(wanted)
    ]
    return tables_of([s for s in sheets if s], named, source, content)


def _sheets(path: Path) -> Iterator[str]:
    for opened, above in elements(path, Bad()):
        if opened.path == ("Workbook", "Worksheet"):
            yield opened.element.get(f"{_IN}Name", "")
        if len(opened.path) <= 4:  # workbook, sheet, table, row
            forget(opened, above)


def _rows(path: Path, wanted: int) -> Iterator[Sequence[Cell]]:
    sheet = 0
    for opened, above in elements(path, Bad()):
        if opened.path == ("Workbook", "Worksheet", "Table", "Row") and sheet == wanted:
            yield _cells(opened.element)
        sheet += opened.path == ("Workbook", "Worksheet")
        if len(opened.path) <= 4:
            forget(opened, above)


def _cells(row: Element) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row:
        at = min(int(cell.get(f"{_IN}Index", "0") or 0), _WIDEST)
        cells += [""] * (at - 1 - len(cells))
        data = next((child for child in cell if local(child.tag) == "Data"), None)
        cells.append(_value(data) if data is not None else "")
        cells += [""] * min(int(cell.get(f"{_IN}MergeAcross", "0") or 0), _WIDEST)
    return cells


def _value(data: Element) -> Cell:
    text, kind = "".join(data.itertext()), data.get(f"{_IN}Type")
    try:
        if kind == "DateTime":
            return _moment(datetime.datetime.fromisoformat(text))
        if kind == "Number":
            return float(text)
    except ValueError:
        return text
    return text == "1" if kind == "Boolean" else text


def _moment(moment: datetime.datetime) -> Cell:
    """A day without an hour is a date, and an hour on the sheet's day zero a time of day."""
    if moment.year < 1901:
        return moment.time()
    return moment.date() if moment.time() == datetime.time() else moment


FORMAT = Format(
    name="excel-xml",
    title="an Excel workbook in XML",
    recognises=lambda content: _WORKBOOK.match(content.text[:8192]) is not None,
    tables=_tables,
)
