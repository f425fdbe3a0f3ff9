"""A boundary file, whoever made it, as places: code, names, county, polygon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from candor.errors import Problem
from candor.places import columns
from candor.places.builder.spatial import read_features
from candor.places.pack import GEOID

_POLYGONS: Final = (3, 6)  # shapely's type ids of Polygon and MultiPolygon


@dataclass(frozen=True)
class BoundaryFile:
    """Places by their GEOID, each once. `full_name` is empty where the file knows only one name.

    `residents` is null where the file has no such column. `repaired` holds the GEOIDs of polygons that were invalid.
    """

    table: pa.Table  # geoid, name, full_name, county, residents
    polygons: NDArray[np.object_]
    repaired: tuple[str, ...]
    merged: tuple[str, ...]
    year: int | None


def read_boundaries(path: Path, problems: list[Problem]) -> BoundaryFile | None:
    """Read and repair. None where the columns cannot be told; every mistake is added to `problems`."""
    features = read_features(path)
    names = [n for n in features.properties.column_names if n != "OGC_FID"]
    code, name = columns.find_column(names, columns.GEOID), columns.find_column(names, columns.NAME)
    full = columns.find_column(names, columns.FULL_NAME)
    where = path.name
    if code is None or (name is None and full is None):
        missing = "no column with the GEOID" if code is None else "no column with the name"
        allowed = "GEOID, GEOID20, TOWNGEOID" if code is None else "NAMELSAD, NAME, TOWNNAME"
        found = f"{missing}; its columns are {', '.join(names) or 'none'}"
        problems.append(Problem(where, found, allowed, "Rename the column, or take the Census Bureau's file."))
        return None
    properties = features.properties
    geoid = columns.as_geoid(properties[code])
    _check(where, geoid, features.geometries, problems)
    county, residents = columns.find_column(names, columns.COUNTY), columns.find_column(names, columns.RESIDENTS)
    empty = pa.array([""] * properties.num_rows, pa.string())
    table = pa.table(
        {
            "geoid": geoid,
            "name": _names(properties[name or full]),
            "full_name": _names(properties[full]) if full else empty,
            "county": pa.array(columns.county_names(properties[county]), pa.string()) if county else empty,
            "residents": _counts(properties[residents]) if residents else pa.nulls(properties.num_rows, pa.int64()),
        }
    )
    year = columns.year_in(residents or "") or columns.year_in(path.stem)
    return None if problems else _one_each(where, table, features.geometries, year, problems)


def _names(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([columns.mixed_case(n) for n in columns.as_text(column).to_pylist()], pa.string())


def _counts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = columns.as_text(column)
    whole = pc.match_substring_regex(text, r"^[0-9]{1,12}(\.0*)?$")
    return pc.if_else(whole, text, pa.scalar(None, pa.string())).cast(pa.float64()).cast(pa.int64())


def _check(where: str, geoid: pa.ChunkedArray, polygons: NDArray[np.object_], problems: list[Problem]) -> None:
    codes = np.asarray(geoid.to_pylist(), dtype=object)
    if len(codes) == 0:
        problems.append(Problem(where, "no feature", "a polygon for each place", "Give the boundary file."))
        return

    def report(mask: NDArray[np.bool_], found: str, allowed: str, remedy: str) -> None:
        problems.extend(
            Problem(f"{where}: feature {i + 1}", found.format(geoid=codes[i]), allowed, remedy)
            for i in np.flatnonzero(mask)
        )

    wrong = ~pc.match_substring_regex(geoid, GEOID).to_numpy().astype(bool)
    report(wrong, "the GEOID {geoid!r}", "5 to 12 digits", "Correct the code.")
    absent = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    report(absent, "no geometry for {geoid}", "a polygon", "Draw it, or take the feature out.")
    other = ~absent & ~np.isin(shapely.get_type_id(polygons), _POLYGONS)
    report(
        other, "a geometry for {geoid} that is no area", "Polygon or MultiPolygon", "Give areas, not points or lines."
    )
    bounds = shapely.bounds(polygons)
    outside = ~absent & ((np.abs(bounds[:, ::2]) > 180).any(axis=1) | (np.abs(bounds[:, 1::2]) > 90).any(axis=1))
    if outside.any():
        found = f"coordinates such as {bounds[outside][0, 0]:.0f}, {bounds[outside][0, 1]:.0f}"
        allowed = "degrees of longitude and latitude (EPSG:4326)"
        problems.append(Problem(where, found, allowed, "Export it again in EPSG:4326, as GeoJSON asks for."))


def _one_each(
    where: str, table: pa.Table, polygons: NDArray[np.object_], year: int | None, problems: list[Problem]
) -> BoundaryFile | None:
    """Repair what is invalid, and unite the features of one place."""
    codes = np.asarray(table.column("geoid").to_pylist(), dtype=str)
    broken = ~shapely.is_valid(polygons)
    polygons = np.where(broken, _areas(shapely.make_valid(polygons)), polygons)
    flat = shapely.is_empty(polygons)
    if flat.any():
        gone = ", ".join(codes[flat])
        problems.append(Problem(where, f"polygons without an area: {gone}", "areas", "Draw them, or take them out."))
        return None
    unique, first, group, count = np.unique(codes, return_index=True, return_inverse=True, return_counts=True)
    united = polygons[first].copy()
    for place in np.flatnonzero(count > 1):
        united[place] = shapely.union_all(polygons[group == place])
    return BoundaryFile(
        table=table.take(pa.array(first)),
        polygons=united,
        repaired=tuple(np.unique(codes[broken]).tolist()),
        merged=tuple(unique[count > 1].tolist()),
        year=year,
    )


def _areas(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Only the areas of what a repair left: a bow tie becomes two triangles, a spike a line that is dropped."""
    areas: NDArray[np.object_] = np.asarray(shapely.buffer(shapes, 0), dtype=object)
    return areas
