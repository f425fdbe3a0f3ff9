"""Reading vector files (GeoJSON, shapefile, TopoJSON, GeoPackage) through DuckDB's spatial extension."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from candor.engine.sql import identifier, literal
from candor.errors import DataError, UsageError
from candor.places.table_file import read_text_csv

_WKT: Final = re.compile(r"(SRID=\d+;)?\s*(MULTI)?POLYGON\b", re.IGNORECASE)


@dataclass(frozen=True)
class Features:
    """The features of a file, in its order: their properties, and their geometries (None where there is none)."""

    properties: pa.Table
    geometries: NDArray[np.object_]


def spatial_connection() -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the spatial extension from the installed wheel: nothing is downloaded or installed."""
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    version = duckdb.__version__
    extension = files("duckdb_extension_spatial") / "extensions" / f"v{version}" / "spatial.duckdb_extension"
    connection.execute(f"LOAD {literal(str(extension))}")
    return connection


def read_features(path: Path, layer: str = "") -> Features:
    """Read a vector file, or one layer of it.

    Raises `UsageError` where there is no such file, `DataError` where it cannot be read as one.
    """
    if not path.is_file():
        raise UsageError(f"no file {path}", "a GeoJSON, shapefile, GeoPackage or TopoJSON file", "Correct the path.")
    if (shapes_as_text := _text_table(path)) is not None:
        return shapes_as_text
    source = _source(path)
    options = f", layer={literal(layer)}" if layer else ""
    with spatial_connection() as connection:
        try:
            relation = connection.sql(f"SELECT * FROM ST_Read({literal(source)}{options})")
            geometry = next(
                (n for n, t in zip(relation.columns, relation.types, strict=True) if str(t).startswith("GEOMETRY")),
                None,
            )
            if geometry is None:
                raise DataError(f"no geometries in {path.name}", "polygons with properties", "Give the boundary file.")
            others = [identifier(n) for n in relation.columns if n != geometry]
            # OGC_FID, where GDAL makes it up, is harmless; ST_AsWKB drops a height that a file may carry.
            table = connection.sql(
                f"SELECT {''.join(o + ', ' for o in others)}ST_AsWKB(ST_Force2D({identifier(geometry)})) AS _wkb "
                f"FROM ST_Read({literal(source)}{options})"
            ).to_arrow_table()
        except duckdb.Error as error:
            raise DataError(
                f"{path.name} cannot be read as boundaries{_instead(path)}",
                "a whole GeoJSON, shapefile (or its zip), GeoPackage or TopoJSON file",
                "Bring the file again and check that it opens in a map program.",
            ) from error
    wkb = table.column("_wkb").to_pylist()
    return Features(table.drop_columns(["_wkb"]), shapely.from_wkb([None if w is None else bytes(w) for w in wkb]))


def declared_system(path: Path) -> str:
    """The coordinate reference system that a vector file names, as text; empty where it names none."""
    with spatial_connection() as connection:
        try:
            found = connection.sql(f"SELECT layers FROM ST_Read_Meta({literal(_source(path))})").fetchone()
        except duckdb.Error:
            return ""
    layers = found[0] if found else []
    fields = [field for layer in layers for field in layer["geometry_fields"]]
    systems = [field["crs"] for field in fields if field["crs"]]
    return str(systems[0]["wkt"] or "") if systems else ""


def _source(path: Path) -> str:
    """A file as GDAL names it. A shapefile comes as a zip of its parts."""
    return f"/vsizip/{path.resolve()}" if path.suffix.lower() == ".zip" else str(path.resolve())


def _text_table(path: Path) -> Features | None:
    """A CSV file with a column of shapes as text (WKT), as open-data portals export a map; None where it is none."""
    with path.open("rb") as file:
        start = file.read(65536)
    if b"POLYGON" not in start.upper() or start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"<", b"P"):
        return None
    try:
        table = read_text_csv(path)
        name = next(n for n in table.column_names if _WKT.match(next(iter(table[n].to_pylist()), "")))
        return Features(table.drop_columns([name]), shapely.force_2d(shapely.from_wkt(table[name].to_pylist())))
    except StopIteration:
        return None
    except (pa.ArrowInvalid, shapely.errors.GEOSException) as error:
        allowed = "a CSV file in UTF-8 whose column of shapes holds POLYGON or MULTIPOLYGON (WKT) in each line"
        raise DataError(f"{path.name} cannot be read as boundaries", allowed, "Export it again.") from error


def _instead(path: Path) -> str:
    """What a file is that is none of boundaries, where its first bytes tell."""
    start = path.read_bytes()[:512].lstrip().lower()
    kinds = (
        (b"<!doctype html", "a web page"), (b"<html", "a web page"), (b"%pdf", "a PDF"), (b"\x89png", "a picture"),
        (b"\xff\xd8", "a picture"),
    )  # fmt: skip
    found = next((words for begin, words in kinds if start.startswith(begin)), "" if start else "empty")
    return f": it is {found}" if found else ""
