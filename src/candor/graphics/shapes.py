"""The towns' shapes of a release: drawn once, and offered as GeoJSON to the map's script."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from candor.graphics.map import Drawing, TownPoint, draw
from candor.published.figures import Figures
from candor.published.model import TOWNS
from candor.published.release import Published
from candor.published.tables import SCAN, Tables
from candor.store.model import Release

_DEGREES = 0.0015
"""How far the script's shapes may lie from the published ones: about 150 metres, half a pixel of a whole state; it
keeps them to some 30 KB."""


@dataclass(frozen=True)
class Shapes:
    """The drawing of the server's map, and the bytes of /map/towns.geojson."""

    drawing: Drawing
    geojson: bytes


NO_SHAPES = Shapes(Drawing(1, 1, {}, "", (), "", (0.0, 0.0, 0.0, 0.0)), b"")
"""Of a release that counts nothing by town."""


def shapes_of(held: Published) -> Shapes:
    """The shapes of a release, drawn when they are first asked for."""
    of_towns = held.figures or next(iter(held.layers.values()), None)
    if of_towns is None:
        return NO_SHAPES
    return held.once("shapes", lambda: load_shapes(held.tables, held.release, of_towns))


def load_shapes(tables: Tables, release: Release, figures: Figures) -> Shapes:
    """Read the shapes of data set `towns` and draw them; a town without a shape is left out."""
    towns = release.dataset(TOWNS)
    rows = (
        tables.rows(
            f"SELECT geoid, geometry FROM {SCAN} WHERE geometry IS NOT NULL ORDER BY geoid", [tables.files(towns)]
        )
        if towns and any(c.name == "geometry" for c in towns.columns)
        else []
    )
    geometries = {str(geoid): str(geometry) for geoid, geometry in rows}
    points = [
        TownPoint(p.name, p.longitude, p.latitude, p.residents or 0)
        for p in figures.places
        if p.longitude is not None and p.latitude is not None and p.geoid in geometries
    ]
    counties = {p.geoid: p.county for p in figures.places}
    return Shapes(draw(geometries, counties, points), _geojson(geometries, figures))


def _geojson(geometries: dict[str, str], figures: Figures) -> bytes:
    places = {p.geoid: {"name": p.full_name, "county": p.county} for p in figures.places}
    shapes = np.asarray(shapely.from_geojson(list(geometries.values())), dtype=object)
    if len(shapes) and bool(np.all(shapely.is_valid(shapes))):
        shapes = shapely.coverage_simplify(shapes, _DEGREES)
    shapes = shapely.transform(shapes, lambda at: np.round(at, 4)) if len(shapes) else shapes
    features: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {"geoid": geoid, **places.get(geoid, {})},
            "geometry": json.loads(text),
        }
        for geoid, text in zip(geometries, shapely.to_geojson(shapes) if len(shapes) else [], strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":")).encode()
