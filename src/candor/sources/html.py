"""Web pages that are one table, as many systems export "Excel": their largest table becomes text."""

from __future__ import annotations

import codecs
import csv as csv_text
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any

from candor.portal.declared import SourceConfig
from candor.sources import csv, unreadable
from candor.sources.base import Format, Table
from candor.sources.content import Content
from candor.sources.windows import WINDOWS

_CHUNK = 1 << 20
_MOST = 0.6
"""The part of a page's text that its table holds, where the page is the table."""

_SILENT = frozenset({"script", "style", "title", "head"})
_ENDS_A_LINE = frozenset({"br", "p", "div", "li"})
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w-]+)""", re.IGNORECASE)


@dataclass
class _Rows:
    """A table that is being read: written row by row, so that no more is held."""

    path: Path
    file: IO[str]
    writer: Any
    rows: int = 0
    wide: int = 0
    letters: int = 0
    row: list[str] | None = None
    cell: list[str] | None = None
    span: int = 1
    covered: dict[int, tuple[int, str]] = field(default_factory=dict)
    down: int = 1


class _Tables(HTMLParser):
    """Writes each table of a page to a file of its own below `folder`."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__()
        self.folder, self.name = folder, name
        self.open: list[_Rows] = []
        self.read: list[_Rows] = []
        self.letters = 0
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        if tag == "table":
            path = self.folder / str(len(self.read) + len(self.open)) / self.name
            path.parent.mkdir(parents=True)
            file = path.open("w", encoding="utf-8", newline="")
            self.open.append(_Rows(path, file, csv_text.writer(file, lineterminator="\n")))
        elif self.open and tag == "tr":
            self._end_row()
            self.open[-1].row = []
        elif self.open and tag in ("td", "th"):
            self._end_cell()
            table = self.open[-1]
            table.row = [] if table.row is None else table.row
            table.cell = []
            spans = {name: _number(value) for name, value in attrs}
            table.span, table.down = spans.get("colspan", 1), spans.get("rowspan", 1)
        elif self.open and tag in _ENDS_A_LINE and self.open[-1].cell:
            self.open[-1].cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif self.open and tag in ("td", "th"):
            self._end_cell()
        elif self.open and tag == "tr":
            self._end_row()
        elif self.open and tag == "table":
            self.end_table()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        letters = len(data.replace("\xa0", " ").strip())
        self.letters += letters
        if self.open and self.open[-1].cell is not None:
            self.open[-1].cell.append(data)
            self.open[-1].letters += letters

    def end_table(self) -> None:
        """What is written of the innermost table is whole."""
        self._end_row()
        table = self.open.pop()
        table.file.close()
        self.read.append(table)

    def _end_cell(self) -> None:
        table = self.open[-1]
        if table.cell is None or table.row is None:
            return
        text = " ".join("".join(table.cell).replace("\xa0", " ").split())
        self._fill()
        for place in range(len(table.row), len(table.row) + table.span):
            if table.down > 1:
                table.covered[place] = (table.down - 1, text)
        table.row += [text, *[""] * (table.span - 1)]
        table.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        table = self.open[-1]
        if table.row is None:
            return
        self._fill()
        if any(table.row):
            table.writer.writerow(table.row)
            table.rows += 1
            table.wide = max(table.wide, len(table.row))
        table.row = None

    def _fill(self) -> None:
        """Cells that one above covers."""
        table = self.open[-1]
        while table.row is not None and len(table.row) in table.covered:
            place = len(table.row)
            left, text = table.covered.pop(place)
            table.row.append(text)
            if left > 1:
                table.covered[place] = (left - 1, text)


def _number(value: str | None) -> int:
    return min(int(value), 1000) if value and value.isdigit() and int(value) else 1


def _tables(content: Content, source: SourceConfig, folder: Path) -> list[Table]:  # noqa: ARG001
    """The table that the page is; `DataError` where it is a page to read."""
    parser = _Tables(folder, content.name)
    charset = _CHARSET.search(content.head)
    encoding = content.encoding if content.encoding != "utf-8" or not charset else charset[1].decode("ascii").lower()
    with content.path.open("rb") as file:
        decoder = _decoder(encoding)
        while chunk := file.read(_CHUNK):
            parser.feed(decoder.decode(chunk).translate(WINDOWS))
    parser.close()
    while parser.open:
        parser.end_table()
    largest = max(parser.read, key=lambda table: table.letters, default=None)
    if largest is None or largest.rows < 3 or largest.wide < 2 or largest.letters < _MOST * parser.letters:
        unreadable.refuse(content, unreadable.WEB_PAGE)
    said = "The file is a web page that holds a table, as some systems export: the table is read."
    return [Table(largest.path, csv.READER, found={"encoding": "utf-8", "delimiter": ",", "quote": '"'}, notes=(said,))]


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        codecs.lookup(encoding)
    except LookupError:
        encoding = "utf-8"
    errors = "surrogateescape" if codecs.lookup(encoding).name == "utf-8" else "replace"
    return codecs.getincrementaldecoder(encoding)(errors)


FORMAT = Format(name="html", title="a web page that holds a table", recognises=unreadable.is_html, tables=_tables)
