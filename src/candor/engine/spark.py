"""An existing Spark cluster as the engine: the same Ibis expressions, PySpark 4 below them.

The portal's folder must be on storage that the driver and the workers see under the same path, and the workers' Python
must have Candor installed: it places the points.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark.datatypes import PySparkType
from pyspark.broadcast import Broadcast
from pyspark.sql import Column, DataFrame, functions
from pyspark.sql.pandas.functions import pandas_udf
from pyspark.sql.types import DoubleType, IntegerType, StructField, StructType, TimestampNTZType

from candor.engine.base import Locate
from candor.engine.projection import Project
from candor.engine.spark_session import open_session, told
from candor.engine.spark_times import local_time, to_timestamp_ltz
from candor.engine.texts import NUMBER, iso_time, of_the_calendar


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types for it
def convert_timezone(source: str, target: str, time: ibis.dtype("timestamp")) -> ibis.dtype("timestamp"):  # type: ignore[valid-type]  # as above
    """Spark's own: wall time of one zone to wall time of another."""


class SparkEngine:
    """Spark behind Ibis. `zone` is the portal's time zone, `master` the cluster's URL.

    `options` are Spark's settings. Raises `UsageError` where Spark does not start.
    """

    name = "spark"

    def __init__(self, zone: str, master: str, options: Mapping[str, str] | None = None) -> None:
        self._session, self._own = open_session(master, options or {})
        self._backend = ibis.pyspark.connect(self._session)
        self._zone = zone
        self._names = (f"candor_{n}" for n in itertools.count())

    def read(self, *paths: Path) -> ir.Table:
        """Parquet files as one table."""
        return self._named(self._parquet(*paths))

    def numbered(self, path: Path, number: str) -> ir.Table:
        """A Parquet file with each row's place in it."""
        frame = self._parquet(path)
        place = functions.col("_metadata.row_index") + functions.lit(1)
        return self._named(frame.select(*map(_column, frame.columns), place.alias(number)))

    def table(self, data: pa.Table) -> ir.Table:
        """A small table from memory."""
        return self._named(self._session.createDataFrame(data))

    def write(
        self, table: ir.Table, path: Path, *, order_by: Sequence[str] = (), number: str = "", start: int = 1
    ) -> None:
        """Write one Parquet file: Spark writes a folder, whose single part is moved to `path`."""
        frame = self._frame(table).repartition(1)
        if order_by:
            # DuckDB puts nulls last; both engines' files are to be the same, row for row.
            frame = frame.sortWithinPartitions(*[_column(name).asc_nulls_last() for name in order_by])
        if number:
            # In the only partition this counts the rows, in their order.
            place = functions.monotonically_increasing_id() + functions.lit(start)
            frame = frame.select(place.alias(number), *map(_column, frame.columns))
        folder = path.with_name(path.name + ".spark")
        frame = frame.select(*[_nullable(_column(name)).alias(name) for name in frame.columns])
        try:
            with told(f"write {path.name}"):
                frame.write.parquet(str(folder))
            (part,) = folder.glob("part-*.parquet")
            part.replace(path)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def arrow(self, table: ir.Table) -> pa.Table:
        """A small result."""
        frame = self._frame(table)
        with told("compute a result"):
            return frame.toArrow().cast(table.schema().to_pyarrow())

    def local_time(self, text: ir.StringValue, format_: str) -> ir.TimestampValue:
        """Text to wall time in the portal's zone."""
        if not format_.startswith("iso"):
            return of_the_calendar(local_time(text, format_, lambda time: self.moved(time, "UTC")))
        time = iso_time(
            text,
            wall=lambda plain: plain.try_cast("timestamp"),
            # The session's zone is UTC.
            instant=lambda zoned: convert_timezone("UTC", self._zone, to_timestamp_ltz(zoned).cast("timestamp")),
        )
        return of_the_calendar(time)

    def moved(self, time: ir.TimestampValue, zone: str) -> ir.TimestampValue:
        """Wall time of another zone as that of the portal's."""
        moved: ir.TimestampValue = convert_timezone(zone, self._zone, time)
        return moved

    def number(self, text: ir.StringValue) -> ir.FloatingValue:
        """Text to a number."""
        value = text.try_cast("float64")
        # What Ibis makes of `isinf` never holds on Spark.
        finite = value.abs() <= sys.float_info.max
        return ibis.ifelse(text.re_search(NUMBER) & finite, value, ibis.null("float64"))

    def located(self, table: ir.Table, longitude: str, latitude: str, index: str, locate: Locate) -> ir.Table:
        """The table with the town's index, computed by the workers on Arrow batches of the two columns."""
        # Sent to each worker once; pickled into the function, it would be read anew by each task.
        shared: Broadcast[Locate] = self._session.sparkContext.broadcast(locate)

        def towns(longitudes: pd.Series, latitudes: pd.Series) -> pd.Series:
            x, y = longitudes.to_numpy(dtype=np.float64), latitudes.to_numpy(dtype=np.float64)
            return pd.Series(shared.value(x, y), dtype="int32")

        scalar = pandas_udf(towns, IntegerType())  # type: ignore[call-overload]  # its types name no pandas of ours
        found = scalar(_column(longitude), _column(latitude))
        return self._named(self._frame(table).withColumn(index, found))

    def projected(self, table: ir.Table, x: str, y: str, project: Project) -> ir.Table:
        """The table with other coordinates, computed by the workers as `located`."""

        def points(eastings: pd.Series, northings: pd.Series) -> pd.DataFrame:
            found = project(eastings.to_numpy(dtype=np.float64), northings.to_numpy(dtype=np.float64))
            # Spark takes NaN in what pandas returns for null.
            return pd.DataFrame({"x": found[0], "y": found[1]})

        both = StructType([StructField("x", DoubleType()), StructField("y", DoubleType())])
        scalar = pandas_udf(points, both)  # type: ignore[call-overload]  # as above
        frame = self._frame(table)
        columns = frame.columns
        frame = frame.withColumn("_projected", scalar(_column(x), _column(y)))
        parts = {x: "x", y: "y"}
        return self._named(
            frame.select(
                *[functions.col(f"_projected.{parts[c]}").alias(c) if c in parts else _column(c) for c in columns]
            )
        )

    def close(self) -> None:
        """Stop the application, if it was started here."""
        if self._own:
            self._session.stop()

    def __enter__(self) -> Self:
        """The engine, which is closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _frame(self, table: ir.Table) -> DataFrame:
        """The expression as Spark's plan, each column of the type that the expression says."""
        frame = self._session.sql(str(self._backend.compile(table)))
        wanted = {field.name: field.dataType for field in _spark_schema(table.schema()).fields}
        found = {field.name: field.dataType for field in frame.schema.fields}
        # Spark's date_trunc, for one, gives a time with zone whatever it is given.
        return frame.select(
            *[
                _column(name) if found[name] == type_ else _column(name).cast(type_).alias(name)
                for name, type_ in wanted.items()
            ]
        )

    def _parquet(self, *paths: Path) -> DataFrame:
        # Spark would start a job on the cluster to learn the columns.
        named = pa.unify_schemas([pq.read_schema(p).remove_metadata() for p in paths])
        columns = _spark_schema(ibis.Schema.from_pyarrow(named))
        return self._session.read.schema(columns).parquet(*map(str, paths))

    def _named(self, frame: DataFrame) -> ir.Table:
        name = next(self._names)
        frame.createOrReplaceTempView(name)
        return self._backend.table(name)


def _spark_schema(schema: ibis.Schema) -> StructType:
    """An expression's columns as Spark's. Ibis takes every time for one with a zone; ours are wall time."""
    return StructType(
        [
            StructField(
                name,
                TimestampNTZType() if type_.is_timestamp() and type_.timezone is None else PySparkType.from_ibis(type_),
            )
            for name, type_ in schema.items()
        ]
    )


def _column(name: str) -> Column:
    """A column by its name: a dot in it is no path."""
    return functions.col("`" + name.replace("`", "``") + "`")


def _nullable(column: Column) -> Column:
    """The same values. Without it Spark declares a column without nulls as required, and DuckDB's file differs."""
    # A condition that holds, and that the optimiser cannot know to hold.
    return functions.when(functions.spark_partition_id() >= 0, column)
