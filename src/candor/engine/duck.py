"""The default engine: DuckDB in this process, with bounded memory that spills to the portal's own folder."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType
from duckdb.sqltypes import DOUBLE, INTEGER
from ibis.backends.sql import compilers
from ibis.backends.sql.datatypes import DuckDBType

from candor.engine.base import Locate
from candor.engine.duck_times import time_sql
from candor.engine.projection import Project
from candor.engine.sql import identifier, literal
from candor.engine.texts import iso_time, of_the_calendar
from candor.errors import DataError

MEMORY_LIMIT = "512MB"
_COMPILER = compilers.duckdb.compiler


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def candor_moved(time: ibis.dtype("timestamp"), zone: str) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """A macro of the connection: wall time of a zone as that of the session."""


@lru_cache(maxsize=256)
def _reader(name: str) -> Callable[[ir.StringValue], ir.TimestampValue]:
    """A macro of the connection that reads the times of one format."""

    def read(text: str) -> datetime:  # type: ignore[empty-body]  # DuckDB's
        """Wall time of a text."""

    read.__name__ = name
    made: Callable[[ir.StringValue], ir.TimestampValue] = ibis.udf.scalar.builtin(
        read, signature=((dt.string,), dt.timestamp)
    )
    return made


def _compiled(table: ir.Table) -> str:
    """The SQL of an expression. Tables are named in the order in which they are read, so a run like another asks alike.

    Compiling takes longer than what a small table costs to read.
    """
    return _compiled_operation(table.op())


@lru_cache(maxsize=1024)
def _compiled_operation(operation: ops.Relation) -> str:
    # `ibis.to_sql` would take the tables out and copy the whole expression first: a quarter of the time.
    query = _COMPILER.to_sqlglot(operation.to_expr())
    return str(query.sql(dialect=_COMPILER.dialect, copy=False))


@lru_cache(maxsize=1024)
def _type(text: str) -> dt.DataType:
    """The type that DuckDB calls so."""
    return DuckDBType.from_string(text, nullable=True)


class DuckEngine:
    """DuckDB behind Ibis. `zone` is the portal's time zone, `scratch` a folder for what does not fit in memory."""

    name = "duckdb"

    def __init__(self, zone: str, scratch: Path, memory_limit: str = MEMORY_LIMIT) -> None:
        self._connection = duckdb.connect()
        # It would write to standard output, which is the summary's.
        self._connection.execute("SET enable_progress_bar = false")
        # Every order that matters is asked for; not keeping the others lets DuckDB stream.
        self._connection.execute("SET preserve_insertion_order = false")
        self._backend = ibis.duckdb.from_connection(self._connection)
        # After Ibis, which sets the session to UTC: wall time is the portal's.
        for setting, value in (
            ("TimeZone", zone),
            ("memory_limit", memory_limit),
            ("temp_directory", str(scratch)),
        ):
            self._connection.execute(f"SET {setting} = {literal(value)}")
        self._connection.execute("CREATE TEMP MACRO candor_moved(moment, zone) AS (timezone(zone, moment)::timestamp)")
        self._scratch = scratch
        self._formats: dict[str, str] = {}
        self._names = (f"candor_{n}" for n in itertools.count())

    def read(self, *paths: Path) -> ir.Table:
        """Parquet files as one table."""
        files, name = ", ".join(literal(str(p)) for p in paths), next(self._names)
        self._connection.execute(
            f"CREATE TEMP VIEW {identifier(name)} AS SELECT * "
            f"FROM read_parquet([{files}], union_by_name = {len(paths) > 1})"
        )
        return self._named(name)

    def numbered(self, path: Path, number: str) -> ir.Table:
        """A Parquet file with each row's place in it."""
        name = next(self._names)
        self._connection.execute(
            f"CREATE TEMP VIEW {identifier(name)} AS SELECT * EXCLUDE (file_row_number), "
            f"file_row_number + 1 AS {identifier(number)} "
            f"FROM read_parquet({literal(str(path))}, file_row_number = true)"
        )
        return self._named(name)

    def table(self, data: pa.Table) -> ir.Table:
        """A small table from memory."""
        name = next(self._names)
        # Not scanned where it is: what a join learns of the other side (a Bloom filter) cannot be pushed into Arrow's
        # tables, and DuckDB 1.5 fails where it tries.
        self._connection.from_arrow(data).create(name)
        return self._named(name)

    def _named(self, name: str) -> ir.Table:
        """A table or view of the connection. Ibis would ask for its columns in a query, and read each type anew."""
        described = self._connection.table(name)
        schema = ibis.schema(
            {c: _type(str(t)) for c, t in zip(described.columns, described.types, strict=True)},
        )
        return ops.DatabaseTable(name, schema=schema, source=self._backend, namespace=ops.Namespace()).to_expr()

    def write(
        self, table: ir.Table, path: Path, *, order_by: Sequence[str] = (), number: str = "", start: int = 1
    ) -> None:
        """Write one Parquet file."""
        # DuckDB sums into wider types than the expression says (and a sum of integers is a float in a Parquet file).
        columns = ", ".join(
            f"CAST({identifier(name)} AS {self._backend.compiler.type_mapper.to_string(type_)}) AS {identifier(name)}"
            for name, type_ in table.schema().items()
        )
        sql = f"SELECT {columns} FROM ({_compiled(table)})"
        if order_by:
            sql = f"SELECT * FROM ({sql}) ORDER BY {', '.join(identifier(c) for c in order_by)}"
        if number:
            sql = f"SELECT row_number() OVER () + {start - 1} AS {identifier(number)}, * FROM ({sql})"
        # What is read again in a moment and then gone need not be small.
        passing = path.is_relative_to(self._scratch)
        compression = "COMPRESSION snappy" if passing else "COMPRESSION zstd, COMPRESSION_LEVEL 1"
        if order_by:
            self._connection.execute("SET preserve_insertion_order = true")
        try:
            self._connection.execute(
                f"COPY ({sql}) TO {literal(str(path))} (FORMAT parquet, {compression}, ROW_GROUP_SIZE 122880)"
            )
        except duckdb.OutOfMemoryException as error:
            raise DataError(
                f"{path.name} does not fit into the memory that DuckDB may use",
                "what memory_limit in portal.toml says",
                "Raise memory_limit there, or let Spark do the work.",
            ) from error
        finally:
            if order_by:
                self._connection.execute("SET preserve_insertion_order = false")

    def arrow(self, table: ir.Table) -> pa.Table:
        """A small result."""
        found = self._connection.execute(_compiled(table)).to_arrow_table()
        return table.__pyarrow_result__(found)

    def local_time(self, text: ir.StringValue, format_: str) -> ir.TimestampValue:
        """Text to wall time in the portal's zone, which is the session's."""
        if not format_.startswith("iso"):
            return of_the_calendar(_reader(self._macro(format_))(text))
        time = iso_time(
            text,
            wall=lambda plain: plain.try_cast("timestamp"),
            instant=lambda zoned: zoned.try_cast("timestamp('UTC')").cast("timestamp"),
        )
        return of_the_calendar(time)

    def moved(self, time: ir.TimestampValue, zone: str) -> ir.TimestampValue:
        """Wall time of another zone as that of the portal's, which is the session's."""
        moved: ir.TimestampValue = candor_moved(time, zone)
        return moved

    def _macro(self, format_: str) -> str:
        """The name of the macro that reads a format. The same format has the same name in every connection."""
        if format_ not in self._formats:
            name = f"candor_time_{hashlib.md5(format_.encode(), usedforsecurity=False).hexdigest()}"
            self._connection.execute(f"CREATE TEMP MACRO {name}(given) AS ({time_sql('given', format_)})")
            self._formats[format_] = name
        return self._formats[format_]

    def number(self, text: ir.StringValue) -> ir.FloatingValue:
        """Text to a number. DuckDB's own reading, less what is none elsewhere: a regular expression costs more."""
        value = text.try_cast("float64")
        odd = value.isinf() | value.isnan() | text.contains("_") | text.contains("+-")
        return ibis.ifelse(odd, ibis.null("float64"), value)

    def located(self, table: ir.Table, longitude: str, latitude: str, index: str, locate: Locate) -> ir.Table:
        """The table with the town's index, through a vectorised function that DuckDB calls a vector at a time."""

        def towns(longitudes: pa.ChunkedArray, latitudes: pa.ChunkedArray) -> pa.Array:
            x = longitudes.to_numpy(zero_copy_only=False)
            y = latitudes.to_numpy(zero_copy_only=False)
            return pa.array(locate(np.asarray(x, dtype=float), np.asarray(y, dtype=float)), pa.int32())

        function = next(self._names)
        self._connection.create_function(  # type: ignore[call-overload]  # its types know functions on rows only
            function, towns, [DOUBLE, DOUBLE], INTEGER, type=PythonUDFType.ARROW, null_handling="special"
        )
        sql = (
            f"SELECT *, {function}({identifier(longitude)}, {identifier(latitude)}) AS {identifier(index)} "
            f"FROM ({_compiled(table)})"
        )
        return self._backend.sql(sql, schema=ibis.schema({**dict(table.schema().items()), index: "int32"}))

    def projected(self, table: ir.Table, x: str, y: str, project: Project) -> ir.Table:
        """The table with other coordinates, through a vectorised function as `located`."""

        def points(eastings: pa.ChunkedArray, northings: pa.ChunkedArray) -> pa.Array:
            found = project(
                np.asarray(eastings.to_numpy(zero_copy_only=False), dtype=float),
                np.asarray(northings.to_numpy(zero_copy_only=False), dtype=float),
            )
            return pa.StructArray.from_arrays(
                [pa.array(axis, pa.float64(), from_pandas=True) for axis in found], ["x", "y"]
            )

        function = next(self._names)
        self._connection.create_function(  # type: ignore[call-overload]  # as above
            function, points, [DOUBLE, DOUBLE], duckdb.struct_type({"x": DOUBLE, "y": DOUBLE}),
            type=PythonUDFType.ARROW, null_handling="special",
        )  # fmt: skip
        sql = (
            f"SELECT * EXCLUDE ({function}) REPLACE ({function}.x AS {identifier(x)}, {function}.y AS {identifier(y)}) "
            f"FROM (SELECT *, {function}({identifier(x)}, {identifier(y)}) AS {function} FROM ({_compiled(table)}))"
        )
        return self._backend.sql(sql, schema=table.schema())

    def close(self) -> None:
        """Close the connection; what spilled goes with it."""
        self._connection.close()

    def __enter__(self) -> Self:
        """The engine, which is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()
