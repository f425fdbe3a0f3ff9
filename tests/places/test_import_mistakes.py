"""Files that are not right: every mistake is told at once, and the pack that was there stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.places.conftest import feature, square

from candor.errors import DataError, UsageError
from candor.places.builder.importer import PlacesError, import_files
from candor.places.names import alias_table
from candor.places.pack import load_pack

Boundaries = Callable[..., Path]


def _population(tmp_path: Path, *lines: str, header: str = "GEOID,NAME,population_2020,housing_units_2020") -> Path:
    path = tmp_path / "population.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def _problems(error: pytest.ExceptionInfo[PlacesError]) -> list[str]:
    return [str(p) for p in error.value.problems]


def test_small_and_zero_populations_are_figures(four_squares: Path, tmp_path: Path) -> None:
    people = _population(
        tmp_path,
        "5000100001,Milton town,9,3",
        '5000100003,Rutland city,"15,807",0',
        "5000100004,Rutland town,2,2",
        "5000300002,Avery's gore,0,0",
    )
    summary = import_files(tmp_path / "places", four_squares, people)
    places = load_pack(tmp_path / "places").places
    assert places["name"].to_pylist() == ["Milton", "Rutland city", "Rutland town", "Avery's gore"]
    assert places["residents"].to_pylist() == [9, 15_807, 2, 0]
    assert places["housing_units"].to_pylist() == [3, 0, 2, 0]
    assert places["county"].to_pylist() == ["Alpha", "Alpha", "Alpha", "Grand Isle"]
    assert summary.residents == 15_818


def test_wrong_populations_are_all_told_and_the_old_pack_stands(four_squares: Path, tmp_path: Path) -> None:
    folder = tmp_path / "places"
    import_files(folder, four_squares)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    people = _population(
        tmp_path,
        "5000100001,Milton town,-4,1",
        "5000100003,Rutland city,about 15000,1",
        "5000100004,Rutland town,2,1.5",
        "5000100004,Rutland town again,2,1",
        "51,Avery's gore,0,0",
    )
    with pytest.raises(PlacesError) as error:
        import_files(folder, four_squares, people)
    assert error.value.exit_code == 1
    found = _problems(error)
    assert sorted(p.split(":")[1] for p in found) == ["2", "3", "4", "4", "5", "6"]
    assert any("population.csv:2: found '-4'" in p and "from 0" in p for p in found)
    assert any("population.csv:6: found '51'" in p for p in found)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_what_stands_in_one_file_only_is_told(four_squares: Path, tmp_path: Path) -> None:
    people = _population(tmp_path, "5000100001,Milton town,9,3", "5000100099,Atlantis town,7,3")
    summary = import_files(tmp_path / "places", four_squares, people)
    assert summary.without_boundary == ("Atlantis town (5000100099)",)
    assert summary.without_population == (
        "Rutland city (5000100003)",
        "Rutland town (5000100004)",
        "Avery's gore (5000300002)",
    )
    assert summary.residents == 9
    assert load_pack(tmp_path / "places").places["residents"].to_pylist() == [9, None, None, None]
    assert any("no rates" in n for n in summary.notes)


def test_invalid_boundaries_are_repaired_and_told(write_boundaries: Boundaries, tmp_path: Path) -> None:
    bow_tie = [[[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]]
    file = write_boundaries(
        feature(bow_tie, GEOID="5000100001", NAME="Bow"), feature(square(2, 2), GEOID="5000100002", NAME="Square")
    )
    summary = import_files(tmp_path / "places", file)
    assert summary.repaired == ("5000100001",)
    shape = load_pack(tmp_path / "places").boundaries[0]
    assert shape.is_valid
    assert shape.area == pytest.approx(0.5)


def test_a_place_of_several_features_is_one(write_boundaries: Boundaries, tmp_path: Path) -> None:
    file = write_boundaries(
        feature(square(0, 0), GEOID="5000100001", NAME="Isle"),
        feature(square(1, 1), GEOID="5000100001", NAME="Isle"),
    )
    summary = import_files(tmp_path / "places", file)
    assert summary.places == 1
    assert any("united" in n for n in summary.notes)
    assert load_pack(tmp_path / "places").boundaries[0].area == pytest.approx(0.02)


def test_water_without_residents_is_left_out(write_boundaries: Boundaries, tmp_path: Path) -> None:
    file = write_boundaries(
        feature(square(0, 0), GEOID="5000700000", NAMELSAD="County subdivisions not defined", POP2020=0),
        feature(square(1, 1), GEOID="5000710675", NAMELSAD="Burlington city", POP2020=44743),
    )
    summary = import_files(tmp_path / "places", file)
    assert (summary.places, summary.residents) == (1, 44_743)
    assert any("water" in n for n in summary.notes)


def test_places_of_one_legal_name_are_told_apart(write_boundaries: Boundaries, tmp_path: Path) -> None:
    file = write_boundaries(
        feature(square(0, 0), GEOID="4200100001", NAMELSAD="Washington township", COUNTY="Butler"),
        feature(square(1, 0), GEOID="4200300001", NAMELSAD="Washington township", COUNTY="Erie"),
        feature(square(2, 0), GEOID="4200300002", NAMELSAD="Washington township", COUNTY="Erie"),
        feature(square(3, 0), GEOID="4200300003", NAMELSAD="Oil City city", COUNTY="Erie"),
    )
    import_files(tmp_path / "places", file)
    assert load_pack(tmp_path / "places").places["name"].to_pylist() == [
        "Washington township (Butler)",
        "Washington township (Erie) (4200300001)",
        "Washington township (Erie) (4200300002)",
        "Oil City",
    ]


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([feature(square(0, 0), SHAPE_AREA=1.5)], "no column that tells the places apart"),
        ([feature(square(0, 0), GEOID="5000100001")], "no column with the name"),
        ([feature(square(0, 0), GEOID="--", NAME="A")], "the code ''"),
        ([feature(square(500_000, 200_000, 1000), GEOID="5000100001", NAME="A")], "which are no degrees"),
        ([], "no feature"),
    ],
    ids=["no code", "no name", "no such code", "metres", "empty"],
)
def test_a_boundary_file_that_cannot_serve(
    write_boundaries: Boundaries, tmp_path: Path, features: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(PlacesError, match=said):
        import_files(tmp_path / "places", write_boundaries(*features))
    assert not (tmp_path / "places").exists()


def test_features_without_an_area(write_boundaries: Boundaries, tmp_path: Path) -> None:
    nothing = {"type": "Feature", "properties": {"GEOID": "5000100001", "NAME": "A"}, "geometry": None}
    point = {
        "type": "Feature",
        "properties": {"GEOID": "5000100002", "NAME": "B"},
        "geometry": {"type": "Point", "coordinates": [1, 1]},
    }
    with pytest.raises(PlacesError) as error:
        import_files(tmp_path / "places", write_boundaries(nothing, point))
    assert [p.where for p in error.value.problems] == ["boundaries.geojson: feature 1", "boundaries.geojson: feature 2"]


def test_a_truncated_boundary_file(four_squares: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.geojson"
    cut.write_bytes(four_squares.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"cut\.geojson cannot be read"):
        import_files(tmp_path / "places", cut)


def test_missing_files(four_squares: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.geojson"):
        import_files(tmp_path / "places", tmp_path / "none.geojson")
    with pytest.raises(UsageError, match=r"none\.csv"):
        import_files(tmp_path / "places", four_squares, tmp_path / "none.csv")
    with pytest.raises(UsageError, match=r"none\.json"):
        import_files(tmp_path / "places", four_squares, aliases=tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "CSV file"),
        ("GEOID,NAME\n5000100001,Milton\n", "no column with the population"),
        ("NAME,population\nNowhere,4\n", "no column with the GEOID"),
        ("GEOID,population\n5000100001,4,5\n", "CSV file"),
    ],
    ids=["empty", "no population", "no code", "ragged"],
)
def test_a_population_file_that_cannot_serve(four_squares: Path, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlacesError, match=said):
        import_files(tmp_path / "places", four_squares, path)


def test_aliases_as_csv_and_kept_by_the_next_import(four_squares: Path, tmp_path: Path) -> None:
    aliases = tmp_path / "names.csv"
    aliases.write_text(
        "alias,geoid\nWest Milton,5000100001\nThe Forks,5000100001\nThe Forks,5000300002\n", encoding="utf-8"
    )
    folder = tmp_path / "places"
    summary = import_files(folder, four_squares, aliases=aliases)
    assert (summary.aliases, summary.ambiguous) == (2, 1)
    before = load_pack(folder).aliases.to_pylist()
    again = import_files(folder, four_squares)
    assert load_pack(folder).aliases.to_pylist() == before
    assert any("are kept" in n for n in again.notes)


def test_a_name_whose_other_place_is_gone_stays_ambiguous(
    four_squares: Path, write_boundaries: Boundaries, tmp_path: Path
) -> None:
    aliases = tmp_path / "names.csv"
    aliases.write_text("alias,geoid\nThe Forks,5000100001\nThe Forks,5000300002\nGore,5000300002\n", encoding="utf-8")
    folder = tmp_path / "places"
    import_files(folder, four_squares, aliases=aliases)
    import_files(folder, write_boundaries(feature(square(0, 0), GEOID="5000100001", NAME="Milton"), name="b.geojson"))
    assert load_pack(folder).aliases.to_pylist() == [
        {"alias": "THE FORKS", "geoid": ""},
        {"alias": "THE FORKS", "geoid": "5000100001"},
    ]


def test_aliases_of_unknown_places(four_squares: Path, tmp_path: Path) -> None:
    aliases = tmp_path / "names.csv"
    aliases.write_text("alias,geoid\nAtlantis,5000199999\n", encoding="utf-8")
    with pytest.raises(PlacesError, match=r"names\.csv:2: found the geoid '5000199999'"):
        import_files(tmp_path / "places", four_squares, aliases=aliases)
    aliases.write_text("{", encoding="utf-8")
    with pytest.raises(PlacesError, match="alias and geoid"):
        import_files(tmp_path / "places", four_squares, aliases=aliases.rename(tmp_path / "names.json"))


def _town(geoid: str, county: str, x: float | None = None, y: float | None = None) -> dict[str, object]:
    point = {} if x is None else {"longitude": x, "latitude": y}
    return {"geoid": geoid, "county": county, **point}


def test_aliases_as_vermont_writes_them(four_squares: Path, tmp_path: Path) -> None:
    towns = {
        "MILTON": _town("5000100001", "ALPHA"),
        "RUTLAND CITY": _town("5000100003", "ALPHA"),
        "RUTLAND TOWN": _town("5000100003", "ALPHA"),  # the city's code
        "AVERY'S GORE": _town("5000300002", "GRAND ISLE"),
        "NEW VILLAGE": _town("5000100777", "ALPHA", -72.85, 44.05),  # inside Milton
        "ATLANTIS": _town("5000100888", "ALPHA", 0.0, 0.0),
    }
    aliases: dict[str, object] = {
        "w. milton": "MILTON",
        "the flats": "RUTLAND TOWN",
        "nv": "NEW VILLAGE",
        "deep": "ATLANTIS",
        "milton": "RUTLAND CITY",
        "forks": {"type": "ambiguous", "options": ["MILTON AND AVERY'S GORE"]},
        "one option": {"type": "ambiguous", "options": ["MILTON"]},
        "half known": {"type": "ambiguous", "options": ["MILTON", "MILTOWN"]},
    }
    path = tmp_path / "aliases.json"
    path.write_text(json.dumps({"towns": towns, "aliases": aliases}), encoding="utf-8")
    summary = import_files(tmp_path / "places", four_squares, aliases=path)
    assert (summary.aliases, summary.ambiguous) == (8, 3)
    said = "\n".join(summary.notes)
    assert "Rutland Town: the alias file gives it GEOID 5000100003 (that of Rutland city), which 2 towns" in said
    assert "New Village is no place of these boundaries; its point lies in Milton" in said
    assert "Atlantis is no place of these boundaries; its names are left out" in said
    assert "stay official: MILTON" in said
    assert "lead to no place of these boundaries: 1" in said
    table = alias_table(load_pack(tmp_path / "places")).to_pylist()
    found = {row["alias"]: (row["geoid"], row["ambiguous"]) for row in table}
    assert found["WEST MILTON"] == found["NV"] == found["MILTON"] == ("5000100001", False)
    assert found["THE FLATS"] == found["RUTLAND TOWN"] == ("5000100004", False)
    assert found["FORKS"] == found["ONE OPTION"] == found["HALF KNOWN"] == found["RUTLAND"] == (None, True)
    assert "DEEP" not in found
