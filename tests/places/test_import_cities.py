"""Beats, wards, neighborhoods: boundary files with any code, or none, become places that rows are found by."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.places.conftest import feature, square

from candor.errors import DataError
from candor.places.builder.codes import Codes
from candor.places.builder.importer import PlacesError, import_files
from candor.places.names import alias_table, normalise_name
from candor.places.pack import PlacesPack, load_pack

Boundaries = Callable[..., Path]


def _rows(*lines: dict[str, object]) -> list[dict[str, Any]]:
    return [feature(square(0.1 * i, 0.0), **line) for i, line in enumerate(lines)]


def _imported(
    tmp_path: Path,
    file: Path,
    population: Path | None = None,
    aliases: Path | None = None,
    *,
    code: str = "",
    name: str = "",
    kind: str = "",
) -> tuple[PlacesPack, str]:
    summary = import_files(tmp_path / "places", file, population, aliases, code=code, name=name, kind=kind)
    return load_pack(tmp_path / "places"), "\n".join(summary.notes)


CASES = {
    "a beat's number and name": (
        [{"PATROL_BEAT": "4F11", "NAME": "Beat 4F11"}, {"PATROL_BEAT": "4F12", "NAME": "Beat 4F12"}],
        ["4F11", "4F12"],
        ["Beat 4F11", "Beat 4F12"],
        "beat",
    ),
    "wards of another country": (
        [
            {"OBJECTID": 1, "WD23CD": "E05099001", "WD23NM": "Mill Hill", "LAT": 1.5},
            {"OBJECTID": 2, "WD23CD": "E05099002", "WD23NM": "Old Quay", "LAT": 1.5},
        ],
        ["E05099001", "E05099002"],
        ["Mill Hill", "Old Quay"],
        "ward",
    ),
    "only names": (
        [
            {"OBJECTID": 7, "NHOOD": "HARBOR  POINT", "Shape_Area": 2.5},
            {"OBJECTID": 9, "NHOOD": "DELL'S END", "Shape_Area": 3.5},
        ],
        ["dells-end", "harbor-point"],
        ["Dell's End", "Harbor Point"],
        "neighborhood",
    ),
    "only numbers": (
        [{"FID": 0, "DISTRICT": 1.0}, {"FID": 1, "DISTRICT": 2.0}, {"FID": 2, "DISTRICT": 10.0}],
        ["1", "10", "2"],
        ["District 1", "District 10", "District 2"],
        "district",
    ),
    "codes that no address can have": (
        [{"Sector": "A/1", "Label": "Upper east"}, {"Sector": "A/2", "Label": "Lower east"}],
        ["A-1", "A-2"],
        ["Upper east", "Lower east"],
        "sector",
    ),
    "who answers for a ward is not its name": (
        [
            {"ward": 3, "alderman": "Ann Example", "email": "ann@example.org"},
            {"ward": 5, "alderman": "Bob Example", "email": "bob@example.org"},
        ],
        ["3", "5"],
        ["Ward 3", "Ward 5"],
        "ward",
    ),
    "a column that is the same everywhere is no name": (
        [{"Name": "Police zone", "ZONE_ID": "Z1"}, {"Name": "Police zone", "ZONE_ID": "Z2"}],
        ["Z1", "Z2"],
        ["Zone Z1", "Zone Z2"],
        "zone",
    ),
    "a code with letters before the number of a drawing": (
        [
            {"NAME": "Mill End", "AREA_CODE": "E05000405", "POLY_ID": "508"},
            {"NAME": "Quay", "AREA_CODE": "E05000414", "POLY_ID": "117"},
        ],
        ["E05000405", "E05000414"],
        ["Mill End", "Quay"],
        "",
    ),
    "a representative's name is no place's": (
        [{"DISTRICT": 1, "REPNAME": "Ann Roe"}, {"DISTRICT": 2, "REPNAME": "Bob Doe"}],
        ["1", "2"],
        ["District 1", "District 2"],
        "district",
    ),
    "zones that are A and B in each district": (
        [{"Zone": z, "District": d} for d in "12" for z in "AB"],
        ["1-A", "1-B", "2-A", "2-B"],
        ["District 1, Zone A", "District 1, Zone B", "District 2, Zone A", "District 2, Zone B"],
        "zone",
    ),
    "codes of letters under GEOID": (
        [{"GEOID": "W-1", "NAME": "Ward 1"}, {"GEOID": "W-2", "NAME": "Ward 2"}],
        ["W-1", "W-2"],
        ["Ward 1", "Ward 2"],
        "ward",
    ),
    "census tracts": (
        [
            {"GEOID": "47037010100", "NAMELSAD": "Census Tract 101"},
            {"GEOID": "47037010200", "NAMELSAD": "Census Tract 102"},
        ],
        ["47037010100", "47037010200"],
        ["Census Tract 101", "Census Tract 102"],
        "census tract",
    ),
    "names in capitals and thousands with commas": (
        [{"hood": "O'HARE", "Population": "1,200"}, {"hood": "AVERY'S NE", "Population": "900"}],
        ["averys-ne", "ohare"],
        ["Avery's NE", "O'Hare"],
        "neighborhood",
    ),
    "a name that a shapefile cut, and numbers": (
        [{"FID": 0, "PATROL_BEA": 11, "SGT": "Ann Roe"}, {"FID": 1, "PATROL_BEA": 23, "SGT": "Bob Doe"}],
        ["11", "23"],
        ["Beat 11", "Beat 23"],
        "beat",
    ),
    "nothing but a number that differs": (
        [{"OBJECTID": 1, "grp": 407}, {"OBJECTID": 2, "grp": 112}],
        ["112", "407"],
        ["112", "407"],
        "",
    ),
    "a measure is no code": (
        [{"TRACT_LABEL": "North hill", "JOBS": 812}, {"TRACT_LABEL": "South hill", "JOBS": 94}],
        ["north-hill", "south-hill"],
        ["North hill", "South hill"],
        "census tract",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_codes_and_names_are_found_by_their_values(
    case: tuple[list[dict[str, object]], list[str], list[str], str], write_boundaries: Boundaries, tmp_path: Path
) -> None:
    lines, codes, names, noun = case
    pack, _ = _imported(tmp_path, write_boundaries(*_rows(*lines)))
    assert pack.places["geoid"].to_pylist() == codes
    assert pack.places["name"].to_pylist() == names
    assert pack.noun == noun


def test_the_publisher_chooses_the_columns(write_boundaries: Boundaries, tmp_path: Path) -> None:
    rows = _rows(
        {"NAME": "One", "short": "Uno", "area_key": "q1", "other": "x9"},
        {"NAME": "Two", "short": "Due", "area_key": "q2", "other": "x8"},
    )
    file = write_boundaries(*rows)
    pack, notes = _imported(tmp_path, file, code="OTHER", name="short", kind="parish")
    assert pack.places["geoid"].to_pylist() == ["x8", "x9"]
    assert pack.places["name"].to_pylist() == ["Due", "Uno"]
    assert (pack.noun, pack.nouns, pack.title) == ("parish", "parishes", "Parishes")
    assert "became codes" not in notes
    with pytest.raises(PlacesError, match=r"no column kode; allowed: .*NAME, short, area_key, other"):
        import_files(tmp_path / "places", file, code="kode")


def test_names_that_became_codes_are_said(write_boundaries: Boundaries, tmp_path: Path) -> None:
    file = write_boundaries(*_rows({"hood": "Mill Yard"}, {"hood": "Mill-Yard"}, {"hood": "Mill Yard"}, {"hood": ""}))
    pack, notes = _imported(tmp_path, file)
    assert pack.places["geoid"].to_pylist() == ["mill-yard", "mill-yard-2"]
    assert "their names became codes" in notes
    assert "features without a code or a name, which are left out: 1" in notes


@pytest.mark.parametrize(
    ("header", "written"),
    [
        ("BEAT,population", ("4F11", "4F12")),
        ("anything,POP2020", ("4f11", "4F 12")),
        ("where,total_population", ("Beat 4F11", "BEAT 4F12")),
        ("area,Total Pop", ("4-F-11", "4-F-12")),
    ],
)
def test_residents_are_found_by_any_code(
    header: str, written: tuple[str, str], write_boundaries: Boundaries, tmp_path: Path
) -> None:
    rows = _rows({"BEAT": "4F11", "NAME": "Beat 4F11"}, {"BEAT": "4F12", "NAME": "Beat 4F12"})
    people = tmp_path / "people.csv"
    people.write_text(f"{header}\n{written[0]},70\n{written[1]},1\n", encoding="utf-8")
    pack, _ = _imported(tmp_path, write_boundaries(*rows), population=people)
    assert pack.places["residents"].to_pylist() == [70, 1]


def test_rows_may_name_a_place_by_its_code(write_boundaries: Boundaries, tmp_path: Path) -> None:
    rows = _rows({"DIST": "01", "NAME": "Center"}, {"DIST": "B", "NAME": "River"}, {"DIST": "C", "NAME": "B"})
    pack, _ = _imported(tmp_path, write_boundaries(*rows))
    known = dict(zip(*(alias_table(pack)[c].to_pylist() for c in ("alias", "geoid")), strict=True))
    assert known["CENTER"] == known["01"] == known["1"] == known["DISTRICT 1"] == "01"
    assert known[normalise_name("1.0")] == "01"
    assert known["B"] == "C", "a name is stronger than another place's code"
    assert known["RIVER"] == "B"


def test_codes_of_numbers_that_begin_like_a_states_are_no_census_codes(
    write_boundaries: Boundaries, tmp_path: Path
) -> None:
    pack, notes = _imported(
        tmp_path, write_boundaries(*_rows({"BEAT": 50001, "NAME": "A"}, {"BEAT": 50002, "NAME": "B"}))
    )
    assert pack.title == "Beats"
    assert "county" not in notes


def test_an_other_name_may_stand_by_any_code(write_boundaries: Boundaries, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("alias,code\nThe Yards,q1\nDocks,Harbor Side\n", encoding="utf-8")
    file = write_boundaries(*_rows({"zone": "Q1", "NAME": "Mill Yard"}, {"zone": "Q2", "NAME": "Harbor Side"}))
    pack, _ = _imported(tmp_path, file, aliases=names)
    assert pack.aliases.to_pylist() == [{"alias": "DOCKS", "geoid": "Q2"}, {"alias": "THE YARDS", "geoid": "Q1"}]


def test_what_two_places_could_mean_is_none(write_boundaries: Boundaries, tmp_path: Path) -> None:
    pack, _ = _imported(tmp_path, write_boundaries(*_rows({"BEAT": "01", "NAME": "A"}, {"BEAT": "1", "NAME": "B"})))
    codes = Codes(pack.places)
    assert [codes.find(c) for c in ("01", "1", "001")] == ["01", "1", ""]


def test_shapes_may_be_text_in_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "Neighborhoods.csv"
    shapes = [f"MULTIPOLYGON ((({x} 1, {x + 1} 1, {x + 1} 2, {x} 2, {x} 1)))" for x in (1, 2)]
    lines = [f'"{shape}",{name},{code}' for shape, name, code in zip(shapes, ("Mill", "Quay"), (7, 9), strict=True)]
    file.write_text("\n".join(["the_geom,PRI_NEIGH,NUM", *lines, ""]), encoding="utf-8")
    pack, _ = _imported(tmp_path, file)
    assert pack.places["geoid"].to_pylist() == ["7", "9"]
    assert pack.places["name"].to_pylist() == ["Mill", "Quay"]
    assert pack.boundaries[1].bounds == (2, 1, 3, 2)
    file.write_text('the_geom,NAME\n"POLYGON ((1 1, 2",Mill\n', encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read as boundaries"):
        import_files(tmp_path / "places", file)


def test_the_cases_in_place(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data.parent / "cases/files/24-beats-without-geoid.geojson"
    pack, _ = _imported(tmp_path, file)
    (given,) = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert list(given["properties"].values()) == [pack.places["geoid"][0].as_py(), pack.places["name"][0].as_py()]
