"""JSON records, one a line, become a Parquet file of text columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from candor.engine.sql import literal
from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import Landed, Reader, Unreadable
from candor.sources.columns import changes, require_columns, text_cell
from candor.sources.digest import digest_of
from candor.sources.json_columns import Leaf, Shape, leaves, pointers_sql

_LONGEST = 16_000_000
_RECORDS = "(SELECT line FROM lines WHERE valid)"
_FULL_PAGES = frozenset({1_000, 2_000, 5_000, 10_000, 32_000, 50_000})
_REASON = "the record is no valid JSON"


def reader(shape: Shape) -> Reader:
    """The reader of a file of lines, each a record of that shape."""
    return Reader("json", "JSON", partial(_detect, shape), partial(_land, shape))


def _detect(shape: Shape, path: Path) -> SourceConfig:
    with _lines(path, path.parent, shape.header) as connection:
        return SourceConfig(path=str(path), columns=tuple(leaf.name for leaf in _leaves(connection, shape, path)))


def _land(shape: Shape, source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    with _lines(path, into.parent, shape.header) as connection:
        found = _leaves(connection, shape, path)
        names = tuple(leaf.name for leaf in found)
        require_columns(path.name, names, only)
        pointers, places = pointers_sql(found)
        chosen = ", ".join(
            text_cell(_value(leaf, places), leaf.name, source.missing)
            for leaf in found
            if not only or leaf.name in only
        )
        connection.execute(
            f"COPY (SELECT {chosen} FROM (SELECT json_extract_string(line, {pointers}) AS found FROM {_RECORDS})) "
            f"TO {literal(str(into))} (FORMAT parquet, COMPRESSION snappy)"
        )
        lines = into.with_suffix(".unreadable.parquet")
        bad = f"SELECT number AS line, {literal(_REASON)} AS error, line AS text FROM lines WHERE NOT valid"
        connection.execute(f"COPY ({bad} ORDER BY number) TO {literal(str(lines))} (FORMAT parquet)")
        rows, broken, first = connection.execute(
            "SELECT count(*) FILTER (valid), count(*) FILTER (NOT valid), min(number) FILTER (NOT valid) FROM lines"
        ).fetchone() or (0, 0, 0)
    sha256, size = digest_of(path)
    unreadable = (Unreadable(_REASON, broken, first),) if broken else ()
    notes = changes(source, names)
    if rows in _FULL_PAGES:
        notes.append(f"There are exactly {rows:,} rows, as many as some services give at most: is that all?")
    return Landed(into, rows, names, unreadable, lines, sha256, size, tuple(notes))


def _value(leaf: Leaf, places: dict[str, int]) -> str:
    value = f"found[{places[leaf.pointer]}]"
    return f"(CASE WHEN found[{places[leaf.point_type]}] = 'Point' THEN {value} END)" if leaf.point_type else value


def _leaves(connection: duckdb.DuckDBPyConnection, shape: Shape, path: Path) -> tuple[Leaf, ...]:
    found = leaves(connection, _RECORDS, shape)
    if not found:
        raise DataError(f"{path.name} is JSON without any record", "at least one record", "Run the export again.")
    return found


@contextmanager
def _lines(path: Path, scratch: Path, header: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lines below the header that hold something as the view `lines` (`number` from 1, `line`, `valid`)."""
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(scratch)}) as connection:
        connection.execute("SET enable_progress_bar = false")
        # Control characters were taken out of the lines: the delimiter and the quote are in none of them.
        options = {
            "columns": "{'line': 'VARCHAR'}",
            "delim": "chr(31)",
            "quote": "''",
            "escape": "''",
            "header": "false",
            "auto_detect": "false",
            "max_line_size": str(_LONGEST),
            "buffer_size": str(2 * _LONGEST),
        }
        reads = f"read_csv({literal(str(path))}, {', '.join(f'{name} = {value}' for name, value in options.items())})"
        connection.execute(
            "CREATE VIEW lines AS SELECT number, line, "
            "CASE WHEN json_valid(line) THEN json_type(line) IN ('OBJECT', 'ARRAY') ELSE false END AS valid "
            f"FROM (SELECT row_number() OVER () AS number, trim(line) AS line FROM {reads} WHERE trim(line) <> '') "
            f"WHERE number > {header}"
        )
        yield connection
