"""SODA's JSON: nulls are left out and numbers are text; and the fields' names and types that its clients read."""

from __future__ import annotations

from collections.abc import Iterator

from candor.published.tables import Tables
from candor.query.formats.base import Format, key, lines, soda_value
from candor.query.rows import RowQuery
from candor.store.dataset_model import DatasetVersion

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
    pieces = ", ".join(f"coalesce(',{key(c)}:' || {soda_value(c)}, '')" for c in query.version.columns)
    yield from lines(tables, query, f"'{{' || substr(concat({pieces}), 2) || '}}'", (b"[", b"\n,", b"]\n"))


def soda_headers(version: DatasetVersion) -> dict[str, str]:
    """The fields and their types, as clients read them; both are dropped where they are 5,000 bytes or more."""
    fields = "[" + ",".join(f'"{c.name}"' for c in version.columns) + "]"
    types = "[" + ",".join(f'"{SODA_TYPES[c.type]}"' for c in version.columns) + "]"
    if len(fields) + len(types) >= 5000:
        return {}
    return {"X-SODA2-Fields": fields, "X-SODA2-Types": types}


FORMAT = Format("json", "application/json; charset=utf-8", stream_json, asked=True)
