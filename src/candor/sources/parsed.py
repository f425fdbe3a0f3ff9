"""Records become a Parquet file by DuckDB: those of a file where it is, or those that were read line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from candor.engine.sql import identifier, literal
from candor.errors import DataError
from candor.sources.layout import Layout
from candor.sources.lines import MAX_LINE
from candor.sources.records import Reading
from candor.sources.tally import Refused, Tally

_REFUSED = pa.schema([("line", pa.int64()), ("error", pa.string()), ("text", pa.string())])


@dataclass(frozen=True)
class Parsed:
    """What was parsed: rows in the Parquet file, and lines that are none by reason with the first one's number."""

    rows: int
    tally: Tally
    refused: tuple[tuple[str, int, int], ...]
    unreadable: Path


def parse_as_it_is(
    path: Path, layout: Layout, missing: Sequence[str], into: Path, only: Sequence[str]
) -> Parsed | None:
    """Parse a UTF-8 file of a header and rows; None where a line is no row.

    Nor is it read so where the header comes again, or a row has no cell.
    """
    kept = _kept(layout, only)
    try:
        rows = _copy(path, layout, missing, into, kept, skip=1)
    except duckdb.Error:
        # Whatever DuckDB cannot read is told line by line.
        return None
    if _no_rows(into, layout, kept):
        return None
    unreadable = into.with_suffix(".unreadable.parquet")
    pq.write_table(_REFUSED.empty_table(), unreadable)
    return Parsed(rows, Tally(records=rows), (), unreadable)


def parse_records(
    chunks: Iterable[bytes], layout: Layout, missing: Sequence[str], into: Path, only: Sequence[str]
) -> Parsed:
    """Read the chunks of a file line by line, and parse the records found.

    Raises `DataError` where lines, records and rows do not agree.
    """
    reading = Reading(layout)
    records, unreadable = into.with_suffix(".records.csv"), into.with_suffix(".unreadable.parquet")
    first: dict[str, int] = {}
    try:
        with records.open("wb") as out, pq.ParquetWriter(unreadable, _REFUSED) as bad:
            for chunk in reading.read(chunks):
                out.write(chunk)
                if reading.refused:
                    bad.write_table(_table(reading.refused))
                    for one in reading.refused:
                        first.setdefault(one.reason, one.line)
                    reading.refused.clear()
        tally = reading.tally
        rows = _copy(records, layout, missing, into, _kept(layout, only)) if tally.records else _nothing(into, layout)
    except duckdb.InvalidInputException:
        rows = 0
    finally:
        records.unlink(missing_ok=True)
    if rows != tally.records or tally.lines != tally.accounted:
        raise DataError(
            f"{tally.lines:,} lines were read, {tally.accounted:,} are accounted for; of {tally.records:,} records "
            f"{rows:,} became rows",
            "the same numbers",
            "This is a fault of the program: nothing was published.",
        )
    refused = tuple((reason, tally.reasons[reason], line) for reason, line in first.items())
    return Parsed(rows, tally, refused, unreadable)


def _kept(layout: Layout, only: Sequence[str]) -> list[str]:
    return [name for name in layout.names if not only or name in only]


def _copy(path: Path, layout: Layout, missing: Sequence[str], into: Path, kept: Sequence[str], *, skip: int = 0) -> int:
    """How many rows became Parquet. Raises DuckDB's errors where it finds a line that is no row."""
    columns = ", ".join(f"{literal(f'c{i}')}: 'VARCHAR'" for i in range(layout.width + layout.surplus))
    nothing = ", ".join(literal(m) for m in missing if m)
    chosen = ", ".join(
        (f"CASE WHEN trim({cell}) IN ({nothing}) THEN NULL ELSE {cell} END" if nothing else cell)
        + f" AS {identifier(name)}"
        for name in kept
        for cell in (f"c{layout.names.index(name)}",)
    )
    options = {
        "columns": f"{{{columns}}}",
        "auto_detect": "false",
        "header": "false",
        "skip": str(skip),
        "delim": literal(layout.dialect.delimiter),
        "quote": literal(layout.dialect.quote),
        "escape": literal(layout.dialect.quote),
        "max_line_size": str(MAX_LINE),
        "buffer_size": str(MAX_LINE * 2),
    }
    nothing_beyond = " AND ".join(f"c{layout.width + n} IS NULL" for n in range(layout.surplus)) or "true"
    reader = ", ".join(f"{name} = {value}" for name, value in options.items())
    with _connected() as connection:
        connection.execute(
            f"COPY (SELECT {chosen} FROM read_csv({literal(str(path))}, {reader}) WHERE {nothing_beyond}) "
            f"TO {literal(str(into))} (FORMAT parquet, COMPRESSION snappy)"
        )
        rows: int = pq.read_metadata(into).num_rows
    return rows


def _no_rows(landed: Path, layout: Layout, kept: Sequence[str]) -> bool:
    """Whether there are rows that repeat the header, or have no cell."""
    same = " AND ".join(
        f"{identifier(name)} = {literal(layout.cells[layout.names.index(name)])}"
        for name in kept[:2]
        if layout.cells[layout.names.index(name)].strip()
    )
    empty = " AND ".join(f"{identifier(name)} IS NULL" for name in kept)
    table = f"read_parquet({literal(str(landed))})"
    with _connected() as connection:
        found = connection.execute(f"FROM {table} WHERE ({same or 'false'}) OR ({empty}) LIMIT 1").fetchone()
    return found is not None


@contextmanager
def _connected() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '512MB'")
        connection.execute("SET enable_progress_bar = false")
        yield connection


def _nothing(into: Path, layout: Layout) -> int:
    pq.write_table(pa.schema([(name, pa.string()) for name in layout.names]).empty_table(), into)
    return 0


def _table(refused: Sequence[Refused]) -> pa.Table:
    return pa.table(
        {
            "line": [one.line for one in refused],
            "error": [one.reason for one in refused],
            "text": [one.text for one in refused],
        },
        schema=_REFUSED,
    )
