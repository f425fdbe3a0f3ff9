"""A file of text with separators becomes a Parquet file of text columns; a line that is no row is kept and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources import names as named
from candor.sources.base import ROW, Landed, Reader, Unreadable
from candor.sources.evidence import dashes
from candor.sources.footers import count_footers
from candor.sources.layout import Layout, find, with_names
from candor.sources.parsed import Parsed, parse_as_it_is, parse_records
from candor.sources.said import about_layout, about_lines, about_text
from candor.sources.text import Scan, blank_lines, detected, head_of, is_text, normalised, scan, tail_of

NO_HEADER = "The first row looks like data, and not like names of columns"


def detect(path: Path) -> SourceConfig:
    """How a file is written: encoding, delimiter, quote, where the table begins, its header. Values are not judged."""
    encoding, scanned = detected(path)
    layout = _layout(path, scanned, SourceConfig(path=str(path), encoding=encoding, delimiter=""))
    return SourceConfig(
        path=str(path),
        encoding=encoding,
        delimiter=layout.dialect.delimiter,
        quote=layout.dialect.quote,
        skip=layout.skip,
        header=not layout.first_row,
        columns=layout.names,
    )


def header(path: Path, source: SourceConfig) -> tuple[str, ...]:
    """The columns' names as `land` gives them. Raises `DataError` where there are none."""
    return _layout(path, scan(path, source.encoding), source).names


def land(source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    """Read the file into the Parquet file `into`, with the columns `only` (all where empty) as text.

    Raises `DataError` where the file is missing, empty, has no rows, lacks its header or one of `only`. Columns outside
    `only` are never stored.
    """
    if ROW in (name.casefold() for name in only):
        raise DataError(
            f"{path.name} has a column {ROW!r}, which is the row's number here", "any other name", "Rename it."
        )
    scanned = scan(path, source.encoding)
    layout = _layout(path, scanned, source, only)
    if source.header and layout.first_row and (only or source.columns):
        raise DataError(
            f"{path.name} has no header any more: its first row looks like the rows below it",
            "a line with the columns' names above the rows",
            "Export with a header, as before.",
        )
    named.require(path.name, layout.names, only)
    notes = [*about_text(scanned, source), *about_layout(layout), *named.changes(source.columns, layout.names)]
    into.parent.mkdir(parents=True, exist_ok=True)
    parsed = _parse_plain(path, scanned, layout, source, into, only)
    if parsed is None:
        chunks = normalised(path, scanned, returns_end_lines=_returns_end_lines(path, scanned, source))
        parsed = parse_records(chunks, layout, source.missing, into, only)
    notes += about_lines(parsed.tally, layout)
    if not scanned.ends_with_newline:
        notes.append("The file does not end with a line break: its last line may have been cut.")
    unreadable = tuple(Unreadable(reason, rows, line) for reason, rows, line in parsed.refused)
    if not parsed.rows and not unreadable:
        raise DataError(f"{path.name} has a header and no rows", "at least one row", "Run the export again.")
    return Landed(
        into, parsed.rows, layout.names, unreadable, parsed.unreadable, scanned.sha256, scanned.bytes, tuple(notes)
    )


def _layout(path: Path, scanned: Scan, source: SourceConfig, only: Sequence[str] = ()) -> Layout:
    """How the table lies in the file, as declared where the file does not show another way."""
    given = bool(source.delimiter)
    if not is_text(path, scanned):
        raise DataError(
            f"{path.name} is not text: it holds bytes that no text has",
            "a file of text with separators, or another format that is read (docs/files.md)",
            "Export the table as CSV.",
        )
    head = _head(path, scanned, source)
    if not head.strip():
        raise DataError(f"{path.name} holds no text", "a header and at least one row", "Run the export again.")
    found = find(
        head,
        delimiter=source.delimiter,
        quote=source.quote,
        wanted=only or source.columns if source.header else (),
        header=source.header,
        skip=source.skip if given and (source.skip or source.columns or only or not source.header) else None,
    )
    if not any(name for name in found.cells if name.strip()) and found.header_lines:
        raise DataError(f"{path.name} has no header", "a first line with the columns' names", "Export with a header.")
    return found if source.header else with_names(found, source.columns)


def _head(path: Path, scanned: Scan, source: SourceConfig) -> str:
    ends = _returns_end_lines(path, scanned, source)
    head = head_of(path, scanned, returns_end_lines=ends)
    return head.decode(errors="ignore").replace("\r", " ")


def _returns_end_lines(path: Path, scanned: Scan, source: SourceConfig) -> bool:
    """Whether carriage returns end the lines: they do where no other line ends are, or where rows come out so."""
    if not scanned.bare_returns:
        return False
    if scanned.lines <= 1:
        return True
    heads = [head_of(path, scanned, returns_end_lines=ends).decode(errors="ignore") for ends in (False, True)]
    worth = []
    for head in heads:
        layout = find(head.replace("\r", " "), delimiter=source.delimiter, quote=source.quote)
        worth.append(layout.worth)
    return worth[1] > worth[0]


def _parse_plain(
    path: Path, scanned: Scan, layout: Layout, source: SourceConfig, into: Path, only: Sequence[str]
) -> Parsed | None:
    """The file read where it is, with its lines and rows compared; None where it has to be read line by line."""
    direct = scanned.plain and not layout.skip and layout.header_lines == 1 and not layout.ragged
    if not direct:
        return None
    tail = tail_of(path)
    if count_footers(tail, layout, len(tail), cut=not scanned.ends_with_newline) or any(map(dashes, tail)):
        return None
    parsed = parse_as_it_is(path, layout, source.missing, into, only)
    if parsed is None:
        return None
    blank = scanned.lines - layout.header_lines - parsed.rows
    if blank and blank != blank_lines(path):
        return None
    return replace(parsed, tally=replace(parsed.tally, lines=scanned.lines, blank=blank, header=layout.header_lines))


READER = Reader(
    name="csv",
    title="text with separators (CSV, TSV)",
    detect=detect,
    land=land,
)
