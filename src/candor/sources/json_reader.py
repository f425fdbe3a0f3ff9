"""JSON records, one a line, become a Parquet file of text columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb

from candor.engine.sql import literal
from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import Landed, Reader, Unreadable
from candor.sources.columns import text_cell
from candor.sources.digest import digest_of
from candor.sources.json_columns import Leaf, Shape, leaves, pointers_sql
from candor.sources.names import changes, require

_LONGEST = 16_000_000
_FULL_PAGES = frozenset({1_000, 2_000, 5_000, 10_000, 32_000, 50_000})
_REASON = "the record is no valid JSON"


def reader(shape: Shape) -> Reader:
    """The reader of a file of lines, each a record of that shape."""
    known: dict[Path, tuple[Leaf, ...]] = {}
    return Reader("json", "JSON", partial(_detect, shape, known), partial(_land, shape, known))


def _detect(shape: Shape, known: dict[Path, tuple[Leaf, ...]], path: Path) -> SourceConfig:
    with _lines(path, path.parent, shape.header) as connection:
        known[path] = _leaves(connection, shape, path)
    return SourceConfig(path=str(path), columns=tuple(leaf.name for leaf in known[path]))


def _land(
    shape: Shape,
    known: Mapping[Path, tuple[Leaf, ...]],
    source: SourceConfig,
    path: Path,
    into: Path,
    only: Sequence[str] = (),
) -> Landed:
    with _lines(path, into.parent, shape.header) as connection:
        found = known.get(path) or _leaves(connection, shape, path)
        names = tuple(leaf.name for leaf in found)
        require(path.name, names, only)
        wanted = [leaf for leaf in found if not only or leaf.name in only]
        pointers, places = pointers_sql(wanted)
        chosen = ", ".join(text_cell(_value(leaf, places), leaf.name, source.missing) for leaf in wanted)
        connection.execute(
            f"COPY (SELECT {chosen} FROM (SELECT json_extract_string(line, {pointers}) AS found FROM records)) "
            f"TO {literal(str(into))} (FORMAT parquet, COMPRESSION snappy)"
        )
        rows, first = connection.execute(
            f"SELECT (SELECT count(*) FROM read_parquet({literal(str(into))})), min(number) FROM broken"
        ).fetchone() or (0, None)
        lines = into.with_suffix(".unreadable.parquet")
        told = f"SELECT number AS line, {literal(_REASON)} AS error, line AS text FROM broken ORDER BY number"
        connection.execute(f"COPY ({told}) TO {literal(str(lines))} (FORMAT parquet)")
        (broken,) = connection.execute(f"SELECT count(*) FROM read_parquet({literal(str(lines))})").fetchone() or (0,)
    sha256, size = digest_of(path)
    unreadable = (Unreadable(_REASON, broken, first),) if broken else ()
    notes = changes(source.columns, names)
    if rows in _FULL_PAGES:
        notes.append(f"There are exactly {rows:,} rows, as many as some services give at most: is that all?")
    return Landed(into, rows, names, unreadable, lines, sha256, size, tuple(notes))


def _value(leaf: Leaf, places: dict[str, int]) -> str:
    value = f"found[{places[leaf.pointer]}]"
    return f"(CASE WHEN found[{places[leaf.point_type]}] = 'Point' THEN {value} END)" if leaf.point_type else value


def _leaves(connection: duckdb.DuckDBPyConnection, shape: Shape, path: Path) -> tuple[Leaf, ...]:
    found = leaves(connection, "records", shape)
    if not found:
        raise DataError(f"{path.name} is JSON without any record", "at least one record", "Run the export again.")
    return found


@contextmanager
def _lines(path: Path, scratch: Path, header: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lines below the header that are records (`line`), and those that are none with their `number`, from 1.

    They are the view `records` and the table `broken`. Records are not numbered: to number them is to read them one
    after another.
    """
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(scratch)}) as connection:
        connection.execute("SET enable_progress_bar = false")
        # Control characters were taken out of the lines: the delimiter and the quote are in none of them.
        options = {
            "columns": "{'line': 'VARCHAR'}",
            "delim": "chr(31)",
            "quote": "''",
            "escape": "''",
            "header": "false",
            "skip": str(header),
            "auto_detect": "false",
            "max_line_size": str(_LONGEST),
            "buffer_size": str(2 * _LONGEST),
        }
        reads = f"read_csv({literal(str(path))}, {', '.join(f'{name} = {value}' for name, value in options.items())})"
        right = "CASE WHEN json_valid(line) THEN json_type(line) IN ('OBJECT', 'ARRAY') ELSE false END"
        held = f"SELECT line FROM {reads} WHERE trim(line) <> ''"
        (any_broken,) = connection.execute(f"SELECT bool_or(NOT {right}) FROM ({held})").fetchone() or (False,)
        # Where all lines are records, they are not asked again.
        connection.execute(f"CREATE VIEW records AS {held}" + (f" AND {right}" if any_broken else ""))
        connection.execute(
            "CREATE TEMP TABLE broken AS SELECT * FROM "
            f"(SELECT row_number() OVER () AS number, line FROM ({held})) WHERE {bool(any_broken)} AND NOT {right}"
        )
        yield connection
