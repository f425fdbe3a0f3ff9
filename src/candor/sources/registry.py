"""The formats that a source may have: one module each. A file is recognised by its content, never by its name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources import csv, excel, excel_xml, html, json, parquet, xml
from candor.sources.base import Format, Landed, Table
from candor.sources.opening import Opened, opened
from candor.sources.together import as_sent, land_together, parts_of

FORMATS: tuple[Format, ...] = (
    *parquet.FORMATS,
    excel.FORMAT,
    excel_xml.FORMAT,
    json.FORMAT,
    html.FORMAT,
    xml.FORMAT,
    Format(
        name="csv",
        title=csv.READER.title,
        # What no other format knows is taken to be text: then its reader says what is wrong with it.
        recognises=lambda _content: True,
        tables=lambda content, _source, _folder: [Table(content.path, csv.READER)],
    ),
)
"""In the order in which they are asked whether a file is theirs; the last one takes what is left."""

SEVERAL = "several"
"""What the format of several tables is called: each is read as its content says."""

_AS_WRITTEN = ("encoding", "delimiter", "quote", "skip", "header")


def title_of_format(name: str) -> str:
    """A format in words."""
    return next((form.title for form in FORMATS if form.name == name), "each file by itself")


def examine(path: Path, into: Path, asked: SourceConfig | None = None) -> tuple[SourceConfig, Landed]:
    """A source that is read for the first time: how it is written, and all of its columns landed in `into`.

    `asked` may say which sheet or records are meant. The answer's `format` is empty for text with separators.
    Raises as `land` does.
    """
    source = asked or SourceConfig(path=str(path))
    with _open(path, source, into) as (open_source, notes):
        tables = [(table, _as_found(table, source)) for table, _ in open_source.tables]
        if len(tables) == 1:
            (table, found), form = tables[0], open_source.tables[0][1]
            landed = table.reader.land(found, table.path, into, ())
            found = found.model_copy(update={"path": str(path), "format": "" if form.name == "csv" else form.name})
            return found.model_copy(update={"columns": landed.header}), as_sent(
                landed, open_source.sha256, open_source.bytes, (*notes, *table.notes)
            )
        parts = parts_of(tables, (), notes)
        landed = land_together(parts, source, into, ())
        found = source.model_copy(update={"format": SEVERAL, "columns": landed.header})
        return found, as_sent(landed, open_source.sha256, open_source.bytes, notes)


def land(source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    """The source as a Parquet file of text columns under the header's names, the columns `only` (all where empty).

    `path` is a file, a folder, or a pattern of files. Raises `UsageError` where there is no file and `DataError` where
    one cannot be read: what it is, what is allowed, and what to do.
    """
    with _open(path, source, into) as (open_source, notes):
        first = open_source.tables[0][0]
        if len(open_source.tables) == 1 and first.path == path:
            return first.reader.land(source, path, into, only)
        if len(open_source.tables) == 1:
            found = _as_found(first, source) if first.found else source
            landed = first.reader.land(found.model_copy(update={"columns": source.columns}), first.path, into, only)
            return as_sent(landed, open_source.sha256, open_source.bytes, (*notes, *first.notes))
        tables = [(table, _as_found(table, source)) for table, _ in open_source.tables]
        landed = land_together(parts_of(tables, source.columns, notes), source, into, only)
        return as_sent(landed, open_source.sha256, open_source.bytes, notes)


@contextmanager
def _open(path: Path, source: SourceConfig, into: Path) -> Iterator[tuple[Opened, list[str]]]:
    folder = into.with_suffix(".opened")
    try:
        each = source.model_copy(update={"format": ""}) if source.format == SEVERAL else source
        open_source = opened(path, each, FORMATS, folder)
        yield open_source, list(open_source.notes)
    except OSError as error:
        raise DataError(
            f"{path.name} cannot be read ({(error.strerror or 'no reason given').lower()})",
            "a file that this user may read, and room on the disk",
            "Look at its permissions, and whether the disk is full.",
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_found(table: Table, source: SourceConfig) -> SourceConfig:
    """How a table is written, as its reader finds it, and the rest as declared."""
    detected = table.reader.detect(table.path)
    written = {key: value for key in _AS_WRITTEN if (value := getattr(detected, key, None)) is not None}
    return source.model_copy(update={**written, **table.found, "columns": detected.columns})
