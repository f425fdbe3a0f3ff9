"""Rows as bytes: SODA's JSON and CSV, and GeoJSON. The engine writes the text; no loop over rows.

JSON leaves nulls out and writes numbers as text; CSV quotes every cell that is not null. In CSV a text cell that
begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets a leading apostrophe, so that a spreadsheet
shows it and does not run it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.csv
import shapely

from candor.published.tables import Tables
from candor.query.parameters import RowQuery, quoted
from candor.store.model import DatasetVersion, PublicColumn

GUARDED = "=+-@\t\r"
"""A text cell of a CSV file that begins with one of these gets a leading apostrophe."""

_BATCH = 20_000
_MOMENT = "%Y-%m-%dT%H:%M:%S.%g"

SODA_TYPES = {
    "text": "text",
    "category": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "floating_timestamp",
    "timestamp": "floating_timestamp",
    "geometry": "multipolygon",
}


def stream_json(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """``[{..}\\n,{..}]\\n``."""
    pieces = ", ".join(f"coalesce(',{_key(c)}:' || {_soda_value(c)}, '')" for c in query.version.columns)
    yield from _lines(tables, query, f"'{{' || substr(concat({pieces}), 2) || '}}'", (b"[", b"\n,", b"]\n"))


def stream_geojson(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """A FeatureCollection in CRS84; the geometry is that of the column of this type, else null. Nulls are kept."""
    shape = next((c for c in query.version.columns if c.type == "geometry"), None)
    geometry = f"coalesce({quoted(shape.name)}, 'null')" if shape else "'null'"
    properties = ", ".join(
        f"'{',' if i else ''}{_key(c)}:' || coalesce({_json_value(c)}, 'null')"
        for i, c in enumerate(c for c in query.version.columns if c is not shape)
    )
    opening = """'{"type":"Feature","geometry":'"""
    feature = f"""{opening} || {geometry} || ',"properties":{{' || concat({properties or "''"}) || '}}}}'"""
    frame = (b'{"type":"FeatureCollection","features":[\n', b",\n", b"\n]}\n")
    yield from _lines(tables, query, feature, frame)


def stream_csv(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """The header of column names, then the rows."""
    columns = query.version.columns
    lead = (",".join(f'"{c.name}"' for c in columns) + "\n").encode()
    cells = ", ".join(f"{_csv_cell(c)} AS {quoted(c.name)}" for c in columns)
    sql, parameters = query.sql(cells, tables.files(query.version))
    shapes = [i for i, c in enumerate(columns) if c.type == "geometry"]
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    with tables.query(sql, parameters) as cursor:
        for batch in cursor.to_arrow_reader(_BATCH):
            sink = BytesIO()
            pa.csv.write_csv(_with_wkt(batch, shapes), sink, options)
            yield lead + sink.getvalue()
            lead = b""
        if lead:
            yield lead


def soda_headers(version: DatasetVersion) -> dict[str, str]:
    """The fields and their types, as clients read them; both are dropped where they are 5,000 bytes or more."""
    fields = "[" + ",".join(f'"{c.name}"' for c in version.columns) + "]"
    types = "[" + ",".join(f'"{SODA_TYPES[c.type]}"' for c in version.columns) + "]"
    if len(fields) + len(types) >= 5000:
        return {}
    return {"X-SODA2-Fields": fields, "X-SODA2-Types": types}


def _lines(tables: Tables, query: RowQuery, expression: str, frame: tuple[bytes, bytes, bytes]) -> Iterator[bytes]:
    """One text a row, in a frame of what comes first, between and last.

    The first piece waits for the first rows, so that an error comes before the answer.
    """
    start, between, end = frame
    sql, parameters = query.sql(f"{expression} AS line", tables.files(query.version))
    with tables.query(sql, parameters) as cursor:
        lead = start
        for batch in cursor.to_arrow_reader(_BATCH):
            if batch.num_rows:
                yield lead + between.join(line.encode() for line in batch["line"].to_pylist())
                lead = between
        yield (start if lead is start else b"") + end


def _key(column: PublicColumn) -> str:
    """The name as a JSON key, ready to stand in an SQL text."""
    return json.dumps(column.name).replace("'", "''")


def _text(column: PublicColumn) -> str:
    """The value as SODA writes it, before quoting."""
    name = quoted(column.name)
    match column.type:
        case "date" | "timestamp":
            return f"strftime(CAST({name} AS TIMESTAMP), '{_MOMENT}')"
        case "number":
            # 12 and not 12.0, as SODA writes a number.
            return (
                f"CASE WHEN {name} = floor({name}) AND abs({name}) < 1e15"
                f" THEN CAST(CAST({name} AS BIGINT) AS VARCHAR) ELSE CAST({name} AS VARCHAR) END"
            )
        case _:
            return f"CAST({name} AS VARCHAR)"


def _soda_value(column: PublicColumn) -> str:
    match column.type:
        case "text" | "category":
            return f"CAST(to_json({quoted(column.name)}) AS VARCHAR)"
        case "boolean" | "geometry":
            return _text(column)
        case _:
            return f"'\"' || {_text(column)} || '\"'"


def _json_value(column: PublicColumn) -> str:
    return _text(column) if column.type in ("integer", "number") else _soda_value(column)


def _csv_cell(column: PublicColumn) -> str:
    if column.type not in ("text", "category"):
        return _text(column)
    name = quoted(column.name)
    guarded = ", ".join(f"chr({ord(c)})" for c in GUARDED)
    return f"CASE WHEN substr({name}, 1, 1) IN ({guarded}) THEN '''' || {name} ELSE {name} END"


def _with_wkt(batch: pa.RecordBatch, shapes: list[int]) -> pa.RecordBatch:
    """Geometry as well-known text, as SODA's CSV has it."""
    for i in shapes:
        known = shapely.from_geojson(batch.column(i).to_numpy(zero_copy_only=False))
        text = shapely.to_wkt(known, rounding_precision=6)
        batch = batch.set_column(i, batch.schema.field(i).name, pa.array(text, pa.string(), from_pandas=True))
    return batch
