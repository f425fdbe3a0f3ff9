"""An existing Spark cluster as the engine: the same Ibis expressions, PySpark 4 below them.

The portal's folder must be on storage that the cluster's workers see under the same path.
"""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from candor.engine.base import Locate
from candor.portal.problems import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# strptime's directives -> Java's date patterns. Single letters take one digit or two, as strptime does.
_JAVA = {
    "%Y": "yyyy", "%y": "yy", "%m": "M", "%d": "d", "%H": "H", "%I": "h", "%M": "m", "%S": "s", "%p": "a",
    "%b": "MMM", "%B": "MMMM", "%f": "SSSSSS",
}  # fmt: skip


@ibis.udf.scalar.builtin
def try_to_timestamp(text: str, format_: str) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """Spark's own: null where the text is not of the format."""


@ibis.udf.scalar.builtin
def to_timestamp_ltz(text: str) -> ibis.dtype("timestamp('UTC')"):  # type: ignore[valid-type]  # Ibis reads dtypes
    """Spark's own: an instant, in the session's zone where the text has no offset; null where it does not parse."""


class SparkEngine:
    """Spark behind Ibis. `zone` is the portal's time zone, `scratch` a folder that the workers share."""

    name = "spark"

    def __init__(self, zone: str, scratch: Path, master: str, options: Mapping[str, str] | None = None) -> None:
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415  # Spark is an extra: most portals run without it
        except ImportError as error:
            raise UsageError('The engine "spark" needs PySpark, which is not installed', "",
                             "Install candor[spark], and Java 17 or later.") from error
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(master).appName("candor")
        settings = {
            "spark.ui.enabled": "false",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.ansi.enabled": "false",
            "spark.sql.shuffle.partitions": "8",
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.sql.parquet.compression.codec": "zstd",
            **(options or {}),
        }
        for key, value in settings.items():
            builder = builder.config(key, value)
        self._session: SparkSession = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("ERROR")
        self._backend = ibis.pyspark.connect(self._session)
        # Ibis sets the session to UTC; wall time is the portal's.
        self._session.conf.set("spark.sql.session.timeZone", zone)
        self._scratch = scratch
        self._names = (f"candor_{n}" for n in itertools.count())

    def read(self, *paths: Path) -> ir.Table:
        """Parquet files as one table."""
        name = next(self._names)
        self._session.read.parquet(*[str(p) for p in paths]).createOrReplaceTempView(name)
        return self._backend.table(name)

    def table(self, data: pa.Table) -> ir.Table:
        """A small table, handed over as a Parquet file that every worker can read."""
        path = self._scratch / f"{next(self._names)}.parquet"
        pq.write_table(data, path)
        return self.read(path)

    def write(self, table: ir.Table, path: Path, *, order_by: Sequence[str] = (), number: str = "") -> None:
        """Write one Parquet file: Spark writes a folder, whose single part is moved to `path`."""
        from pyspark.sql import Window, functions  # noqa: PLC0415  # as above

        frame = self._session.sql(str(self._backend.compile(table)))
        # DuckDB puts nulls last; both engines' files are to be the same, row for row.
        order = [functions.col(c).asc_nulls_last() for c in order_by]
        if number:
            columns = frame.columns
            frame = frame.withColumn(number, functions.row_number().over(Window.orderBy(*order)).cast("long"))
            frame = frame.select(number, *columns)
        frame = frame.coalesce(1)
        if order:
            frame = frame.sortWithinPartitions(*order)
        folder = path.with_name(path.name + ".spark")
        frame.write.mode("overwrite").parquet(str(folder))
        (part,) = folder.glob("part-*.parquet")
        part.replace(path)
        shutil.rmtree(folder)

    def arrow(self, table: ir.Table) -> pa.Table:
        """A small result."""
        return self._session.sql(str(self._backend.compile(table))).toArrow()

    def local_time(self, text: ir.StringValue, format_: str) -> ir.TimestampValue:
        """Text to wall time in the portal's zone, which is the session's."""
        if format_.startswith("iso"):
            return to_timestamp_ltz(text).cast("timestamp")
        pattern = format_
        for directive, java in _JAVA.items():
            pattern = pattern.replace(directive, java)
        return try_to_timestamp(text, pattern)

    def located(self, table: ir.Table, longitude: str, latitude: str, index: str, locate: Locate) -> ir.Table:
        """The table with the town's index, computed by the workers on Arrow batches."""
        from pyspark.sql.types import IntegerType, StructField, StructType  # noqa: PLC0415  # as above

        def towns(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                x = np.asarray(batch.column(longitude).to_numpy(zero_copy_only=False), dtype=float)
                y = np.asarray(batch.column(latitude).to_numpy(zero_copy_only=False), dtype=float)
                yield batch.append_column(index, pa.array(locate(x, y), pa.int32()))

        frame = self._session.sql(str(self._backend.compile(table)))
        schema = StructType([*frame.schema.fields, StructField(index, IntegerType())])
        name = next(self._names)
        frame.mapInArrow(towns, schema).createOrReplaceTempView(name)
        return self._backend.table(name)

    def close(self) -> None:
        """Stop the session."""
        self._session.stop()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()
