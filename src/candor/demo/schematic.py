"""The embedded default for towns: the product's own gazetteer of Vermont, and boundaries drawn around its points."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from candor.errors import UsageError
from candor.places.builder.spatial import read_features
from candor.places.builder.write import write_pack
from candor.places.names import normalise_name
from candor.places.pack import ALIASES_SCHEMA, PLACES_SCHEMA, PlacesPack

_STATE: Final = "50"
_TITLE: Final = "Vermont's 255 towns, cities, gores and grants"
_SOURCE: Final = (
    "Names, codes, residents and housing units: 2020 Census. Counties: U.S. Census Bureau, through us-atlas 3. "
    "Town boundaries: schematic."
)
_NOTE: Final = (
    "Schematic boundaries: each point of a county belongs to the town whose centre is nearest. They cover some 88 % of "
    "the towns' true area and are no legal boundaries."
)
# Six decimals are 11 centimetres: finer than the counties are drawn.
_DECIMALS: Final = 6
_OVERHANG: Final = 1e-6


@dataclass(frozen=True)
class _Gazetteer:
    places: pa.Table
    aliases: pa.Table


def write_schematic_pack(folder: Path, gazetteer: Path | None = None, counties_topojson: Path | None = None) -> None:
    """Write the places pack of the simulated Vermont into `folder`, `schematic` true.

    `gazetteer` is a CSV like `demo/gazetteer.csv` (the default); village names come from `villages.csv` beside it,
    where there is one. `counties_topojson` is us-atlas' `counties-10m.json`, by default the one that the front end's
    build put into the package. Raises `UsageError` where one of them is missing.
    """
    demo, static = files("candor.demo"), files("candor.site").joinpath("static", "atlas", "counties-10m.json")
    with as_file(demo.joinpath("gazetteer.csv")) as own, as_file(static) as atlas:
        towns = _read(gazetteer or own)
        path = counties_topojson or atlas
        if not path.is_file():
            raise UsageError(
                f"no county boundaries at {path}",
                "us-atlas' counties-10m.json, which the front end's build copies",
                "Build the front end with `make frontend`, or install the wheel, which holds it.",
            )
        counties = _counties(path)
    shapes = schematic_boundaries(towns.places, counties)
    write_pack(
        folder,
        PlacesPack(
            title=_TITLE, source=_SOURCE, year=2020, schematic=True, note=_NOTE,
            places=towns.places, aliases=towns.aliases, boundaries=list(shapes),
        ),
    )  # fmt: skip


def schematic_boundaries(places: pa.Table, counties: dict[str, shapely.Geometry]) -> NDArray[np.object_]:
    """An area for each place, in the order of `places`: its Voronoi cell among the places of its county.

    `counties` holds the shapes by their five-digit code. Distances are taken with x scaled by the cosine of the middle
    latitude. Neighbours share their edges, across county lines too, and the areas of a county together are the county.
    """
    geoids = np.asarray(places.column("geoid").to_pylist(), dtype=str)
    points = np.column_stack([places.column(c).to_numpy() for c in ("longitude", "latitude")])
    scale = np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    points = points * scale
    county_of = np.array([g[:5] for g in geoids])
    codes = sorted(set(county_of.tolist()))
    missing = [c for c in codes if c not in counties]
    if missing:
        raise UsageError(f"no boundary of county {', '.join(missing)}", "a shape of each county of the gazetteer")
    shapes = shapely.transform(np.array([counties[c] for c in codes], dtype=object), lambda xy: xy * scale)
    lines = [shapely.boundary(shapes)]
    for code, shape in zip(codes, shapes, strict=True):
        seeds = _seeds(points[county_of == code], shape)
        if len(seeds) > 1:
            edges = shapely.voronoi_polygons(shapely.MultiPoint(seeds), extend_to=shape.envelope, only_edges=True)
            # A little over the county's line, so that both cut each other whatever the rounding; what hangs over falls
            # away below, for it bounds no face.
            lines.append(np.array([shapely.intersection(edges, shapely.buffer(shape, _OVERHANG))], dtype=object))
            points[county_of == code] = seeds
    # All lines cut each other into the faces of one net: an edge is one edge, whichever side it is seen from.
    net = shapely.node(shapely.GeometryCollection(list(shapely.get_parts(np.concatenate(lines)))))
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    inside = shapely.point_on_surface(faces)
    face, county = shapely.STRtree(shapes).query(inside, predicate="intersects")
    owner = _nearest(shapely.get_coordinates(inside[face]), points, county_of, np.array(codes)[county])
    united = [shapely.coverage_union_all(faces[face[owner == town]]) for town in range(len(points))]
    drawn = np.array(united, dtype=object)
    result: NDArray[np.object_] = shapely.transform(drawn, lambda xy: np.round(xy / scale, _DECIMALS))
    return result


def _seeds(points: NDArray[np.float64], county: shapely.Geometry) -> NDArray[np.float64]:
    """The points, those outside their (coarser) county moved to the nearest spot in it, so that each has an area."""
    marks = shapely.points(points)
    nearest = shapely.shortest_line(marks, shapely.buffer(county, -0.002))
    moved = shapely.get_coordinates(shapely.get_point(nearest, -1))
    return np.where(shapely.contains(county, marks)[:, None], points, moved)


def _nearest(
    inside: NDArray[np.float64], points: NDArray[np.float64], county_of: NDArray[np.str_], county: NDArray[np.str_]
) -> NDArray[np.int64]:
    """For each face (a point of it, its county) the nearest place of that county."""
    distance = np.hypot(inside[:, None, 0] - points[None, :, 0], inside[:, None, 1] - points[None, :, 1])
    distance[county[:, None] != county_of[None, :]] = np.inf
    nearest: NDArray[np.int64] = distance.argmin(axis=1)
    return nearest


def _counties(path: Path) -> dict[str, shapely.Geometry]:
    features = read_features(path, layer="counties")
    codes = features.properties.column("id").cast(pa.string())
    here = np.flatnonzero(pc.starts_with(codes, _STATE).to_numpy(zero_copy_only=False))
    return {codes[int(i)].as_py(): features.geometries[i] for i in here}


def _read(gazetteer: Path) -> _Gazetteer:
    if not gazetteer.is_file():
        raise UsageError(f"no gazetteer at {gazetteer}", "a CSV file such as the product's own gazetteer of Vermont")
    with gazetteer.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["geoid"])
    renamed = {"residents": "residents_2020", "housing_units": "housing_units_2020"}
    columns = [
        pa.array([row[renamed.get(field.name, field.name)] for row in rows]).cast(field.type) for field in PLACES_SCHEMA
    ]
    villages = gazetteer.with_name("villages.csv")
    lines: list[tuple[str, str]] = []
    if villages.is_file():
        with villages.open(encoding="utf-8", newline="") as file:
            lines = sorted({(normalise_name(row["village"]), row["geoid"]) for row in csv.DictReader(file)})
    aliases = pa.table([[a for a, _ in lines], [g for _, g in lines]], schema=ALIASES_SCHEMA)
    return _Gazetteer(pa.table(columns, schema=PLACES_SCHEMA), aliases)
