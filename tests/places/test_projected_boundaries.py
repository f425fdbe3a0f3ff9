"""Boundary files in a map projection: made degrees by what the file or the publisher says, else asked for."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from pyproj import CRS, Transformer
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import CandorError
from candor.places.builder.importer import PlacesError, import_files
from candor.places.builder.spatial import spatial_connection
from candor.places.pack import load_pack
from candor.portal.write import init_portal

WEST, SOUTH, EAST, NORTH = -78.52, 37.99, -78.47, 38.04


def square(system: int | None, west: float = WEST) -> dict[str, Any]:
    corners = [(west, SOUTH), (EAST, SOUTH), (EAST, NORTH), (west, NORTH), (west, SOUTH)]
    if system:
        way = Transformer.from_crs(4326, system, always_xy=True)
        corners = [way.transform(x, y) for x, y in corners]
    return {"type": "Polygon", "coordinates": [[list(c) for c in corners]]}


def written(folder: Path, geometry: dict[str, Any], **more: object) -> Path:
    feature = {"type": "Feature", "properties": {"DISTRICT": "D7", "NAME": "Riverside"}, "geometry": geometry}
    path = folder / "districts.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature], **more}), encoding="utf-8")
    return path


def names(code: str) -> dict[str, Any]:
    return {"crs": {"type": "name", "properties": {"name": code}}}


def lies(folder: Path) -> bool:
    bounds = load_pack(folder).boundaries[0].bounds
    return bool(max(abs(a - b) for a, b in zip(bounds, (WEST, SOUTH, EAST, NORTH), strict=True)) < 2e-4)


@pytest.mark.parametrize("system", [2284, 32147, 26917, 3857])
def test_a_file_that_names_its_projection_is_read_in_degrees(tmp_path: Path, system: int) -> None:
    file = written(tmp_path, square(system), **names(f"urn:ogc:def:crs:EPSG::{system}"))
    summary = import_files(tmp_path / "places", file)
    assert lies(tmp_path / "places")
    assert any("in the projection" in note for note in summary.notes)


def test_a_file_that_names_none_is_asked_for_and_likely_ones_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, square(2284))
    with pytest.raises(PlacesError) as error:
        import_files(tmp_path / "places", file)
    assert "--epsg" in str(error.value)
    assert "2284 (NAD83 / Virginia South (ftUS))" in str(error.value)
    import_files(tmp_path / "places", file, epsg=2284)
    assert lies(tmp_path / "places")


def test_the_command_takes_the_number(tmp_path: Path) -> None:
    init_portal(tmp_path / "portal", title="A", jurisdiction="A", time_zone="America/New_York")
    file = written(tmp_path, square(2284))
    arguments = ["places", "import", "--boundaries", str(file), "--portal", str(tmp_path / "portal"), "--epsg"]
    done = CliRunner().invoke(app, [*arguments, "2284"])
    assert done.exit_code == 0, done.output
    assert lies(tmp_path / "portal" / "places")


def test_a_wrong_number_is_said_to_be_wrong(tmp_path: Path) -> None:
    file = written(tmp_path, square(2284))
    for number, words in ((27700, "is not used"), (99_999, "no map projection that is known"), (4326, "no degrees")):
        with pytest.raises(CandorError, match=words):
            import_files(tmp_path / "places", file, epsg=number)
    assert not (tmp_path / "places" / "places.csv").exists()


def test_degrees_stay_degrees_whatever_the_file_calls_them(tmp_path: Path) -> None:
    file = written(tmp_path, square(None), **names("EPSG:3857"))
    import_files(tmp_path / "places", file, epsg=2284)
    assert lies(tmp_path / "places")


def test_exchanged_degrees_are_seen_where_they_can_be(tmp_path: Path) -> None:
    geometry = square(None, west=-99.5)
    geometry["coordinates"] = [[[y, x] for x, y in geometry["coordinates"][0]]]
    summary = import_files(tmp_path / "places", written(tmp_path, geometry))
    assert load_pack(tmp_path / "places").boundaries[0].bounds == pytest.approx((-99.5, SOUTH, EAST, NORTH))
    assert any("exchanged" in note for note in summary.notes)


def test_a_shapefile_is_read_by_its_prj(tmp_path: Path) -> None:
    file = written(tmp_path, square(2284))
    shape = tmp_path / "districts.shp"
    with spatial_connection() as connection:
        connection.execute(
            f"COPY (SELECT DISTRICT, NAME, geom FROM ST_Read('{file}')) TO '{shape}' "
            "(FORMAT gdal, DRIVER 'ESRI Shapefile')"
        )
    shape.with_suffix(".prj").write_text(CRS.from_epsg(2284).to_wkt("WKT1_ESRI"), encoding="ascii")
    packed = tmp_path / "districts.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for part in tmp_path.glob("districts.*"):
            if part.suffix in (".shp", ".shx", ".dbf", ".prj"):
                archive.write(part, part.name)
    for number, path in enumerate((shape, packed)):
        import_files(tmp_path / f"places{number}", path)
        assert lies(tmp_path / f"places{number}")
