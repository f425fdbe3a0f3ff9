"""Whose JSON it is, and so where the columns of a record are: GeoJSON, Esri, Socrata, arrays, or plain objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from candor.sources.json_columns import Shape
from candor.sources.json_document import Document, Json, Records, value_of

_DEGREES = frozenset({4326, 4269, 4267, 4283, 4258})
"""EPSG codes of longitude and latitude."""

_WEB_MERCATOR = {102100: 3857, 102113: 3857, 900913: 3857}
_NAMES = ("columns", "fields", "headers", "header", "columnNames", "column_names", "schema.fields", "meta.view.columns")
_MORE = ("exceededTransferLimit", "@odata.nextLink", "odata.nextLink", "nextLink", "next", "next_page", "hasMore")


def shape_of(
    found: Document, records: Records | None, records_first: Sequence[Json], path: Path
) -> tuple[Shape, int | None]:
    """How the records are read, by the first two; and the EPSG code of their coordinates where one is told."""
    first = records_first[0] if records_first else None
    if isinstance(first, list):
        return _arrays(found, records, records_first, path), None
    rest = found.rest if isinstance(found.rest, Mapping) else {}
    keys = first.keys() if isinstance(first, Mapping) else set()
    if "geometry" in keys and "properties" in keys:
        epsg = _epsg_named(_at(rest, "crs.properties.name"))
        return Shape(below="properties", geometry="geojson", degrees=epsg is None), epsg
    if "attributes" in keys and keys <= {"attributes", "geometry", "centroid", "attachments"}:
        reference = rest.get("spatialReference") or _at(first, "geometry.spatialReference") or {}
        epsg = _epsg_of(reference)
        return Shape(below="attributes", geometry="esri", degrees=epsg in _DEGREES), None if epsg in _DEGREES else epsg
    return Shape(), None


def is_a_part(rest: Json) -> Iterator[str]:
    """A sentence, where a service says that there is more than it gave."""
    said = [key for key in _MORE if isinstance(rest, Mapping) and rest.get(key)]
    properties = rest.get("properties") if isinstance(rest, Mapping) else None
    said += [key for key in _MORE[:1] if isinstance(properties, Mapping) and properties.get(key)]
    if said:
        yield f"The file is one page of what the service has, and says so ({said[0]}): ask for all rows."


def _arrays(found: Document, records: Records | None, records_first: Sequence[Json], path: Path) -> Shape:
    """Names of columns from what describes them beside the records."""
    first, second = [*(r if isinstance(r, list) else [] for r in records_first), [], []][:2]
    within = records.path.rpartition(".")[0] if records else ""
    for key in _NAMES:
        array = found.array(f"{within}.{key}" if within else key)
        described = value_of(array, path) if array else []
        named = list(_described(described))
        if array is not records and described and len(described) == len(first):
            return Shape(names=tuple(n for n, _ in named), places=tuple(p for _, p in named))
    names = tuple(str(cell) for cell in first)
    texts = all(isinstance(cell, str) and cell for cell in first) and len({*names}) == len(names)
    if texts and len(second) == len(first) and not any(re.match(r"[-+]?\d", name) for name in names):
        return Shape(names=names, places=tuple(f"/{i}" for i, _ in enumerate(names)), header=1)
    return Shape()


def _described(columns: Sequence[Json]) -> Iterator[tuple[str, str]]:
    """The name of each column and its place in a record; what a portal keeps for itself is left out."""
    for place, column in enumerate(columns):
        if not isinstance(column, Mapping):
            yield str(column), f"/{place}"
            continue
        name = next((str(column[k]) for k in ("name", "id", "fieldName", "alias", "label") if column.get(k)), "")
        parts = column.get("subColumnTypes")
        if column.get("dataTypeName") == "meta_data":
            continue
        if isinstance(parts, list) and parts:
            yield from ((f"{name}.{part}", f"/{place}/{i}") for i, part in enumerate(parts))
        else:
            yield name, f"/{place}"


def _at(value: Json, path: str) -> Json:
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _epsg_named(name: Json) -> int | None:
    """The EPSG code in a name such as `urn:ogc:def:crs:EPSG::2276`; None for longitude and latitude."""
    match = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d+)$", str(name or ""), re.IGNORECASE)
    code = _WEB_MERCATOR.get(int(match[1]), int(match[1])) if match else None
    return None if code in _DEGREES else code


def _epsg_of(reference: Json) -> int | None:
    if not isinstance(reference, Mapping):
        return None
    code = reference.get("latestWkid") or reference.get("wkid")
    return _WEB_MERCATOR.get(code, code) if isinstance(code, int) else None


def first_record(line: bytes) -> Json:
    """The first record, whole or cut; None where it is no JSON."""
    try:
        value: Json = json.JSONDecoder(strict=False).raw_decode(line.decode("utf-8", "replace").lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return value
