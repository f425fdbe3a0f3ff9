"""Parquet and Arrow (Feather) files: typed columns become text that says the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import ipc

from candor.engine.sql import literal
from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import Format, Landed, Reader, Table
from candor.sources.columns import text_cell
from candor.sources.content import Content
from candor.sources.digest import digest_of
from candor.sources.names import changes, distinct, require

_WHOLE = 1e15  # beyond it a float64 of a whole number need not be the one that was meant


def detect(path: Path) -> SourceConfig:
    """The columns of a Parquet file; those within a structure are called `a.b`."""
    return SourceConfig(path=str(path), columns=distinct(name for name, _, _ in _leaves(path)))


def land(source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    """The file as a Parquet file of text: times as ISO 8601, whole numbers without a point, lists as JSON.

    Raises `DataError` where it is broken, has no rows, or lacks one of `only`.
    """
    leaves = _leaves(path)
    names = distinct(name for name, _, _ in leaves)
    require(path.name, names, only)
    width = len(pq.read_schema(path).names)
    table = f"read_parquet({literal(str(path))}) AS t({', '.join(f'c{i}' for i in range(width))})"
    wanted = [(n, sql, kind) for n, (_, sql, kind) in zip(names, leaves, strict=True) if not only or n in only]
    chosen = ", ".join(text_cell(_as_text(sql, kind), name, source.missing) for name, sql, kind in wanted)
    lines = into.with_suffix(".unreadable.parquet")
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(into.parent)}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        try:
            connection.execute(
                f"COPY (SELECT {chosen} FROM {table}) TO {literal(str(into))} (FORMAT parquet, COMPRESSION snappy)"
            )
        except duckdb.Error as error:
            raise _broken(path) from error
        no_lines = "SELECT 0::BIGINT AS line, ''::VARCHAR AS error, ''::VARCHAR AS text LIMIT 0"
        connection.execute(f"COPY ({no_lines}) TO {literal(str(lines))} (FORMAT parquet)")
    rows = pq.read_metadata(into).num_rows
    if not rows:
        raise DataError(f"{path.name} has columns and no rows", "at least one row", "Run the export again.")
    sha256, size = digest_of(path)
    return Landed(into, rows, names, (), lines, sha256, size, tuple(changes(source.columns, names)))


def _leaves(path: Path) -> list[tuple[str, str, pa.DataType]]:
    """Each column's name, its SQL and its type; the fields of structures are columns."""
    try:
        fields = enumerate(pq.read_schema(path))
        return [leaf for n, field in fields for leaf in _within(field.name, f"c{n}", field.type)]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        # A name is read only where it is asked for, and may be no text.
        raise _broken(path) from error


def _within(name: str, sql: str, kind: pa.DataType) -> Iterator[tuple[str, str, pa.DataType]]:
    if not pa.types.is_struct(kind):
        yield name, sql, kind
        return
    for field in kind:
        yield from _within(f"{name}.{field.name}", f"struct_extract({sql}, {literal(field.name)})", field.type)


def _as_text(sql: str, kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        whole = f"abs({sql}) < {_WHOLE} AND {sql} = trunc({sql})"
        return f"CASE WHEN {whole} THEN {sql}::BIGINT::VARCHAR WHEN isnan({sql}) THEN NULL ELSE {sql}::VARCHAR END"
    if pa.types.is_nested(kind):
        return f"to_json({sql})::VARCHAR"
    return f"{sql}::VARCHAR"


def _broken(path: Path) -> DataError:
    return DataError(
        f"{path.name} is a Parquet file that is broken, was cut off or is encrypted", "a whole Parquet file",
        "Write or download it again.",
    )  # fmt: skip


READER = Reader(name="parquet", title="Parquet", detect=detect, land=land)


def _arrow(content: Content, source: SourceConfig, folder: Path) -> list[Table]:  # noqa: ARG001
    """An Arrow file, written as Parquet batch by batch."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / content.name
    try:
        with pa.memory_map(str(content.path)) as file:
            batches = ipc.open_file(file)
            with pq.ParquetWriter(path, batches.schema) as writer:
                for number in range(batches.num_record_batches):
                    writer.write_batch(batches.get_batch(number))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{content.name} is an Arrow file that is broken or was cut off", "a whole Arrow file", "Write it again."
        ) from error
    return [Table(path, READER)]


FORMATS = (
    Format(
        name="parquet",
        title="a Parquet file",
        recognises=lambda content: content.head.startswith((b"PAR1", b"PARE")),
        tables=lambda content, _source, _folder: [Table(content.path, READER)],
    ),
    Format("arrow", "an Arrow file", lambda content: content.head.startswith(b"ARROW1"), _arrow),
)
