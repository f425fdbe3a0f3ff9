"""A CSV file becomes a Parquet file of text columns; a line that cannot be read is kept and told, never dropped."""

from __future__ import annotations

import csv
import difflib
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import ROW, Landed, Reader, Unreadable
from candor.sources.text import clean, detect_encoding

_HEAD = 1 << 20
# A cell of a million characters is odd but readable; a line above this is not a row of a dispatch export.
_MAX_LINE = 16_000_000
_DELIMITERS = ",;\t|"

_WORDS = {
    "MISSING COLUMNS": "the line has fewer cells than the header",
    "TOO MANY COLUMNS": "the line has more cells than the header",
    "UNQUOTED VALUE": "a quoted cell is not closed",
    "LINE SIZE OVER MAXIMUM": "the line is longer than 16 million characters",
    "INVALID ENCODING": "the line holds bytes that are not text",
}


def detect(path: Path) -> SourceConfig:
    """How a CSV file is written: encoding, delimiter, quote, header. Values are not judged here."""
    encoding = detect_encoding(path)
    head = _head(path, encoding)
    first = head.splitlines()[0] if head.strip() else ""
    delimiter = max(_DELIMITERS, key=lambda mark: (len(next(csv.reader([first], delimiter=mark), [])), mark == ","))
    source = SourceConfig(path=str(path), encoding=encoding, delimiter=delimiter)
    return source.model_copy(update={"columns": header(path, source)})


def header(path: Path, source: SourceConfig) -> tuple[str, ...]:
    """The header's names, blanks trimmed. Raises `DataError` where it is empty or names a column twice."""
    reader = csv.reader(io.StringIO(_head(path, source.encoding)), delimiter=source.delimiter, quotechar=source.quote)
    names = tuple(name.strip() for name in next(reader, []))
    if not any(names):
        raise DataError(f"{path.name} has no header", "a first line with the columns' names", "Export with a header.")
    names = tuple(name or f"unnamed_{position}" for position, name in enumerate(names, start=1))
    double = [name for name, count in Counter(n.casefold() for n in names).items() if count > 1]
    if double:
        raise DataError(
            f"{path.name} names the column {', '.join(repr(d) for d in double)} more than once",
            "each column name once",
            "Rename one of the two in the export.",
        )
    return names


def land(source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    """Read the file into the Parquet file `into`, with the columns `only` (all where empty) as text.

    Raises `DataError` where the file is missing, empty, of another encoding, has no rows, or lacks one of `only`.
    Columns outside `only` are never stored.
    """
    if ROW in (name.casefold() for name in only):
        raise DataError(
            f"{path.name} has a column {ROW!r}, which is the row's number here", "any other name", "Rename it."
        )
    text = clean(path, source.encoding, into.parent)
    plain = source.model_copy(update={"encoding": "utf-8"})
    names = header(text.path, plain)
    _require(path.name, names, only)
    notes = _changes(source, names)
    if not text.ends_with_newline:
        notes.append("The file does not end with a line break: its last line may have been cut.")
    kept = [n for n in names if not only or n in only]
    columns = ", ".join(f"{literal(f'c{i}')}: 'VARCHAR'" for i, _ in enumerate(names))
    missing = ", ".join(literal(m) for m in source.missing if m)
    chosen = ", ".join(
        (
            f"CASE WHEN trim(c{names.index(n)}) IN ({missing}) THEN NULL ELSE c{names.index(n)} END"
            if missing
            else f"c{names.index(n)}"
        )
        + f" AS {identifier(n)}"
        for n in kept
    )
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '512MB'")
        connection.execute("SET enable_progress_bar = false")
        options = {
            "columns": f"{{{columns}}}",
            "auto_detect": "false",
            "header": "true",
            "delim": literal(source.delimiter),
            "quote": literal(source.quote),
            "escape": literal(source.quote),
            "max_line_size": str(_MAX_LINE),
            "buffer_size": str(_MAX_LINE * 2),
            "store_rejects": "true",
        }
        reader = ", ".join(f"{name} = {value}" for name, value in options.items())
        connection.execute(
            f"COPY (SELECT {chosen} FROM read_csv({literal(str(text.path))}, {reader})) "
            f"TO {literal(str(into))} (FORMAT parquet, COMPRESSION snappy)"
        )
        (rows,) = connection.execute(f"SELECT count(*) FROM read_parquet({literal(str(into))})").fetchone() or (0,)
        # A line that is wrong in two ways is reported twice by the reader, and is one line.
        connection.execute(
            "CREATE TEMP TABLE rejects AS SELECT line, min(error_type::VARCHAR) AS error, any_value(csv_line) AS text "
            "FROM reject_errors GROUP BY line, line_byte_position"
        )
        lines = into.with_suffix(".unreadable.parquet")
        connection.execute(f"COPY (FROM rejects ORDER BY line) TO {literal(str(lines))} (FORMAT parquet)")
        rejects = connection.execute("SELECT error, count(*), min(line) FROM rejects GROUP BY 1 ORDER BY 3").fetchall()
    if text.path != path:
        text.path.unlink(missing_ok=True)
    unreadable = tuple(Unreadable(_WORDS.get(kind, kind.lower()), count, line) for kind, count, line in rejects)
    if not rows and not unreadable:
        raise DataError(f"{path.name} has a header and no rows", "at least one row", "Run the export again.")
    return Landed(into, rows, names, unreadable, lines, text.sha256, text.bytes, tuple(notes))


def _head(path: Path, encoding: str) -> str:
    with path.open("rb") as file:
        return file.read(_HEAD).decode(encoding, errors="ignore").lstrip("\ufeff")


def _require(file: str, names: Sequence[str], only: Sequence[str]) -> None:
    absent = [name for name in only if name not in names]
    if absent:
        hints = [f"{a!r}{_did_you_mean(a, names)}" for a in absent]
        raise DataError(
            f"{file} has no column {', '.join(hints)}",
            f"the mapped columns; the file has {', '.join(names)}",
            "A column was renamed or taken out: correct `from` in the data set's file, or the export.",
        )


def _did_you_mean(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _changes(source: SourceConfig, names: Sequence[str]) -> list[str]:
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


READER = Reader(
    name="csv",
    title="text with separators (CSV, TSV)",
    detect=detect,
    land=land,
)
