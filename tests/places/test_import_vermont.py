"""`candor places import` with the files that Vermont publishes."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely

from candor.places.builder.importer import ImportSummary, import_files
from candor.places.names import alias_table, normalise_name
from candor.places.pack import PlacesPack, load_pack


@pytest.fixture(scope="module")
def lookup(vermont_pack: PlacesPack) -> dict[str, str | None]:
    table = alias_table(vermont_pack)
    return dict(zip(table["alias"].to_pylist(), table["geoid"].to_pylist(), strict=True))


def test_all_towns_with_all_residents(vermont: tuple[Path, ImportSummary], vermont_pack: PlacesPack) -> None:
    _, summary = vermont
    assert (summary.places, summary.residents, summary.aliases, summary.ambiguous) == (255, 643_077, 4798, 93)
    assert summary.without_population == summary.without_boundary == summary.repaired == ()
    places = vermont_pack.places
    assert places.num_rows == len(vermont_pack.boundaries) == 255
    assert pc.sum(places["residents"]).as_py() == 643_077
    assert places["geoid"].to_pylist() == sorted(places["geoid"].to_pylist())
    assert len(set(places["county"].to_pylist())) == 14
    assert "Grand Isle" in places["county"].to_pylist()
    assert (vermont_pack.year, vermont_pack.schematic, vermont_pack.title) == (2020, False, "Towns of Vermont")
    assert "not legally definitive" in vermont_pack.note


def test_the_smallest_towns_keep_their_figures(vermont_pack: PlacesPack) -> None:
    residents = dict(
        zip(vermont_pack.places["name"].to_pylist(), vermont_pack.places["residents"].to_pylist(), strict=True)
    )
    assert sorted(residents.values())[:5] == [0, 0, 2, 2, 6]
    assert residents["Avery's gore"] == residents["Warner's grant"] == 0


def test_names_are_told_apart(vermont_pack: PlacesPack) -> None:
    names = vermont_pack.places["name"].to_pylist()
    assert len(set(names)) == 255
    shared = {"Barre", "Newport", "Rutland", "St. Albans"}
    assert {n for n in names if n.endswith((" city", " town"))} == {
        f"{n} {k}" for n in shared for k in ("city", "town")
    }
    assert {"Essex", "Burlington", "Buels gore", "St. Johnsbury"} <= set(names)
    full = vermont_pack.places["full_name"].to_pylist()
    assert {"Essex town", "Burlington city", "St. Johnsbury town"} <= set(full)


def test_points_and_polygons_belong_together(vermont_pack: PlacesPack) -> None:
    places = vermont_pack.places
    points = shapely.points(places["longitude"].to_numpy(), places["latitude"].to_numpy())
    assert shapely.contains(vermont_pack.boundaries, points).all()
    assert shapely.coverage_is_valid(vermont_pack.boundaries)


def test_boundaries_are_not_changed(vermont_pack: PlacesPack, shared_data: Path) -> None:
    text = (shared_data / "vermont_places/town_boundaries_2020.geojson").read_text(encoding="utf-8")
    original = {
        f["properties"]["GEOID"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in json.loads(text)["features"]
    }
    for geoid, shape in zip(vermont_pack.places["geoid"].to_pylist(), vermont_pack.boundaries, strict=True):
        assert shapely.equals_exact(shape, original[geoid], tolerance=0)


def test_a_code_on_two_towns_is_found_out(vermont: tuple[Path, ImportSummary], lookup: dict[str, str | None]) -> None:
    _, summary = vermont
    said = [n for n in summary.notes if "Rutland Town" in n]
    assert len(said) == 1
    assert "5002161225" in said[0]
    assert "5002161300" in said[0]
    assert lookup["RUTLAND TOWN"] == "5002161300"
    assert lookup["RUTLAND CITY"] == "5002161225"


def test_the_aliases_of_the_wrongly_coded_town_lead_to_it(shared_data: Path, lookup: dict[str, str | None]) -> None:
    file = json.loads((shared_data / "vermont_places/town_aliases.json").read_text(encoding="utf-8"))
    names = {n for n, meaning in file["aliases"].items() if meaning == "RUTLAND TOWN"}
    found = {lookup[normalise_name(n)] for n in names}
    # One of them is, written alike, also a name of the city.
    assert len(names) == 4
    assert found <= {"5002161300", None}
    assert "5002161300" in found


def test_ambiguous_names_are_never_guessed(shared_data: Path, lookup: dict[str, str | None]) -> None:
    file = json.loads((shared_data / "vermont_places/town_aliases.json").read_text(encoding="utf-8"))
    ambiguous = [n for n, meaning in file["aliases"].items() if not isinstance(meaning, str)]
    assert len(ambiguous) == 93
    assert [n for n in ambiguous if lookup[normalise_name(n)] is not None] == []


def test_every_sure_name_leads_to_its_town_or_is_said_to_be_ambiguous(
    shared_data: Path, vermont: tuple[Path, ImportSummary], lookup: dict[str, str | None]
) -> None:
    file = json.loads((shared_data / "vermont_places/town_aliases.json").read_text(encoding="utf-8"))
    code = {name: town["geoid"] for name, town in file["towns"].items()}
    code["RUTLAND TOWN"] = "5002161300"
    code["ESSEX JUNCTION"] = code["ESSEX"]  # in 2020 a village in Essex
    other = {
        normalise_name(alias)
        for alias, meaning in file["aliases"].items()
        if isinstance(meaning, str) and lookup[normalise_name(alias)] != code[meaning]
    }
    (said,) = [n for n in vermont[1].notes if "written alike" in n]
    told = set(said.rsplit(": ", 1)[1].split(", "))
    by_the_file = {normalise_name(n) for n, meaning in file["aliases"].items() if not isinstance(meaning, str)}
    assert told == {"CENTER RUTLAND", "NORTH MIDDLESEX", "NORTH SHAFTSBURY"}
    assert other - by_the_file == told
    assert all(lookup[name] is None for name in other)


@pytest.mark.parametrize(
    ("written", "town"),
    [
        ("Burlington", "5000710675"),
        ("BURLINGTON, VT", "5000710675"),
        ("City of Burlington", "5000710675"),
        ("burlington vermont 05401", "5000710675"),
        ("So. Burlington", "5000766175"),
        ("Town of Milton", "5000745250"),
        ("milton (town of)", "5000745250"),
        ("St Johnsbury", "5000562200"),
        ("Averys Gore", "5000902162"),
        ("Mt. Holly", "5002147200"),
        ("Rutland", None),
        ("Rutland, VT 05701", None),
        ("St. Albans", None),
    ],
)
def test_names_as_people_write_them(lookup: dict[str, str | None], written: str, town: str | None) -> None:
    assert lookup[normalise_name(written)] == town


def test_a_later_boundary_file_with_other_columns(shared_data: Path, tmp_path: Path) -> None:
    real = shared_data / "vermont_places"
    summary = import_files(
        tmp_path / "places",
        real / "town_boundaries_2022_essex_junction.geojson",
        real / "town_population_2020.csv",
        real / "town_aliases.json",
    )
    assert (summary.places, summary.residents) == (256, 643_077)
    assert summary.without_population == ("Essex Junction (5000724400)",)
    pack = load_pack(tmp_path / "places")
    row = pack.places.filter(pc.equal(pack.places["geoid"], "5000724400")).to_pylist()[0]
    assert (row["name"], row["residents"], row["county"]) == ("Essex Junction", None, "Chittenden")
    table = alias_table(pack)
    found = table.filter(pc.equal(table["alias"], "ESSEX JUNCTION"))
    assert found["geoid"].to_pylist() == ["5000724400"]


def test_boundaries_alone_bring_their_own_population(shared_data: Path, tmp_path: Path) -> None:
    real = shared_data / "vermont_places"
    summary = import_files(tmp_path / "places", real / "town_boundaries_2020.geojson")
    assert (summary.places, summary.residents, summary.aliases) == (255, 643_077, 0)
    pack = load_pack(tmp_path / "places")
    assert pack.places["housing_units"].null_count == 255
    assert pack.aliases.schema.field("geoid").type == pa.string()
    assert pack.year == 2020
