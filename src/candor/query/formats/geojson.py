"""GeoJSON: a FeatureCollection in CRS84, whose geometry is the column of that type."""

from __future__ import annotations

from collections.abc import Iterator

from candor.published.tables import Tables
from candor.query.filters import quoted
from candor.query.formats.base import Format, key, lines, soda_value, text
from candor.query.rows import RowQuery
from candor.store.dataset_model import PublicColumn


def stream_geojson(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """A FeatureCollection in CRS84; the geometry is that of the column of this type, else null. Nulls are kept."""
    shape = next((c for c in query.version.columns if c.type == "geometry"), None)
    geometry = f"coalesce({quoted(shape.name)}, 'null')" if shape else "'null'"
    properties = ", ".join(
        f"'{',' if i else ''}{key(c)}:' || coalesce({_json_value(c)}, 'null')"
        for i, c in enumerate(c for c in query.version.columns if c is not shape)
    )
    opening = """'{"type":"Feature","geometry":'"""
    feature = f"""{opening} || {geometry} || ',"properties":{{' || concat({properties or "''"}) || '}}}}'"""
    frame = (b'{"type":"FeatureCollection","features":[\n', b",\n", b"\n]}\n")
    yield from lines(tables, query, feature, frame)


def _json_value(column: PublicColumn) -> str:
    return text(column) if column.type in ("integer", "number") else soda_value(column)


FORMAT = Format("geojson", "application/geo+json", stream_geojson, title="Map features", label="GeoJSON", whole=True)
