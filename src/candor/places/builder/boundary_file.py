"""A boundary file, whoever made it, as places: code, names, county, polygon, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from candor.errors import Problem
from candor.places import columns
from candor.places.builder.chosen import choose
from candor.places.builder.codes import census_kind, is_census
from candor.places.builder.named import place_codes, place_names, tidy, with_code
from candor.places.builder.projection import in_degrees
from candor.places.builder.spatial import read_features
from candor.places.pack import CODE

_POLYGONS: Final = (3, 6)  # shapely's type ids of Polygon and MultiPolygon


@dataclass(frozen=True)
class BoundaryFile:
    """Places by their code, each once. `full_name` is empty where the file knows only one name.

    `residents` is null where the file has no such column. `repaired` holds the codes of polygons that were invalid.
    `census`: the codes are the Census Bureau's. `kind`: what a place is called, empty where nothing tells it.
    """

    table: pa.Table  # geoid, name, full_name, county, residents
    polygons: NDArray[np.object_]
    repaired: tuple[str, ...]
    merged: tuple[str, ...]
    year: int | None
    census: bool = True
    kind: str = ""
    notes: tuple[str, ...] = ()


def read_boundaries(
    path: Path, problems: list[Problem], *, code: str = "", name: str = "", kind: str = "", epsg: int | None = None
) -> BoundaryFile | None:
    """Read and repair. None where the columns cannot be told; every mistake is added to `problems`.

    `code` and `name`: the columns that the publisher says; `kind`: what the publisher calls a place.
    `epsg`: the number of the projection that the coordinates are in, where the file does not say it.
    """
    features = read_features(path)
    done: list[str] = []
    features = replace(features, geometries=in_degrees(path, features.geometries, epsg, problems, done))
    chosen = choose(path.name, features.properties, code, name, problems)
    if chosen is None:
        return None
    notes = [*done, *chosen.notes]
    features = with_code(features, chosen, notes)
    properties = features.properties
    names = [n for n in properties.column_names if n != "OGC_FID"]
    county, residents = columns.find_column(names, columns.COUNTY), columns.find_column(names, columns.RESIDENTS)
    empty = pa.array([""] * properties.num_rows, pa.string())
    called, found = place_names(properties, chosen, path.stem, kind)
    geoid = place_codes(properties, chosen, called.to_pylist(), notes)
    census = chosen.census and is_census(geoid.to_pylist())
    kind = kind or (census_kind(geoid.to_pylist()) if census else found)
    _check(path.name, geoid, features.geometries, problems)
    table = pa.table(
        {
            "geoid": geoid,
            "name": called,
            "full_name": tidy(properties[chosen.full]) if chosen.full else empty,
            "county": pa.array(columns.county_names(properties[county]), pa.string()) if county else empty,
            "residents": _counts(properties[residents]) if residents else pa.nulls(properties.num_rows, pa.int64()),
        }
    )
    if problems:
        return None
    year = columns.year_in(residents or "") or columns.year_in(path.stem)
    made = _one_each(path.name, table, features.geometries, year, problems)
    return made and replace(made, census=census, kind=kind, notes=tuple(notes))


def _counts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.replace_substring(columns.as_text(column), ",", "")
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

    wrong = ~pc.match_substring_regex(geoid, CODE).to_numpy().astype(bool)
    report(wrong, "the code {geoid!r}", "letters, digits, dots and dashes", "Correct it, or take another with --code.")
    absent = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    report(absent, "no geometry for {geoid}", "a polygon", "Draw it, or take the feature out.")
    other = ~absent & ~np.isin(shapely.get_type_id(polygons), _POLYGONS)
    report(
        other, "a geometry for {geoid} that is no area", "Polygon or MultiPolygon", "Give areas, not points or lines."
    )


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
