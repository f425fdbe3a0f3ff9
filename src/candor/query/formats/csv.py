"""CSV as SODA has it: every cell that is not null is quoted.

A text cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets a leading apostrophe, so that a
spreadsheet shows it and does not run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.csv
import shapely

from candor.published.tables import Tables
from candor.query.filters import quoted
from candor.query.formats.base import BATCH, Format, text
from candor.query.rows import RowQuery
from candor.store.dataset_model import PublicColumn

GUARDED = "=+-@\t\r"
"""A text cell of a CSV file that begins with one of these gets a leading apostrophe."""


def stream_csv(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """The header of column names, then the rows."""
    columns = query.version.columns
    lead = (",".join(f'"{c.name}"' for c in columns) + "\n").encode()
    cells = ", ".join(f"{_csv_cell(c)} AS {quoted(c.name)}" for c in columns)
    sql, parameters = query.sql(cells, tables.files(query.version))
    shapes = [i for i, c in enumerate(columns) if c.type == "geometry"]
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with tables.query(sql, parameters) as cursor:
        for batch in cursor.to_arrow_reader(BATCH):
            sink = BytesIO()
            pa.csv.write_csv(_with_wkt(batch, shapes), sink, options)
            yield lead + sink.getvalue()
            lead = b""
        if lead:
            yield lead


def _csv_cell(column: PublicColumn) -> str:
    if column.type not in ("text", "category"):
        return text(column)
    name = quoted(column.name)
    guarded = ", ".join(f"chr({ord(c)})" for c in GUARDED)
    return f"CASE WHEN substr({name}, 1, 1) IN ({guarded}) THEN '''' || {name} ELSE {name} END"


def _with_wkt(batch: pa.RecordBatch, shapes: list[int]) -> pa.RecordBatch:
    """Geometry as well-known text, as SODA's CSV has it."""
    for i in shapes:
        known = shapely.from_geojson(batch.column(i).to_numpy(zero_copy_only=False))
        known_text = shapely.to_wkt(known, rounding_precision=6)
        batch = batch.set_column(i, batch.schema.field(i).name, pa.array(known_text, pa.string(), from_pandas=True))
    return batch


FORMAT = Format("csv", "text/csv; charset=UTF-8", stream_csv, title="Table", label="CSV", whole=True, asked=True)
