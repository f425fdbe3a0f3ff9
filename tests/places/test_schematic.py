"""The embedded default: the product's own gazetteer, and towns drawn around its points."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
import shapely

from candor.demo.schematic import write_schematic_pack
from candor.errors import UsageError
from candor.places.builder.spatial import read_features
from candor.places.locate import TownIndex
from candor.places.names import alias_table
from candor.places.pack import PlacesPack, load_pack
from candor.places.simplify import simplified

# Degrees of longitude in Vermont, as long as those of latitude.
SCALE = np.array([np.cos(np.radians(44)), 1.0])


@pytest.fixture(scope="module")
def drawn(counties_topojson: Path, tmp_path_factory: pytest.TempPathFactory) -> PlacesPack:
    folder = tmp_path_factory.mktemp("schematic") / "places"
    write_schematic_pack(folder, counties_topojson=counties_topojson)
    return load_pack(folder)


def test_the_gazetteer_states_the_public_facts(vermont_pack: PlacesPack) -> None:
    with files("candor.demo").joinpath("gazetteer.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 255
    assert sum(int(r["residents_2020"]) for r in rows) == 643_077
    places = vermont_pack.places
    for own, official in (
        ("geoid", "geoid"), ("name", "name"), ("full_name", "full_name"), ("county", "county"),
        ("residents_2020", "residents"), ("housing_units_2020", "housing_units"),
    ):  # fmt: skip
        assert [r[own] for r in rows] == [str(v) for v in places[official].to_pylist()]
    x, y = (np.array([float(r[c]) for r in rows]) for c in ("longitude", "latitude"))
    assert TownIndex.build(vermont_pack).locate(x, y).tolist() == list(range(255))


def test_villages_lie_where_the_aliases_say(vermont_pack: PlacesPack, drawn: PlacesPack) -> None:
    real, own = (
        {row["alias"]: (row["geoid"], row["ambiguous"]) for row in alias_table(pack).to_pylist()}
        for pack in (vermont_pack, drawn)
    )
    villages = set(drawn.aliases["alias"].to_pylist())
    assert len(villages) >= 40
    unlike = {v: (own[v], real.get(v)) for v in villages if own[v] != real.get(v) and not own[v][1]}
    assert unlike == {}
    assert sum(own[v][1] for v in villages) >= 2


def test_it_says_that_it_is_schematic(drawn: PlacesPack) -> None:
    assert drawn.schematic
    assert "chematic" in drawn.note
    assert drawn.places.num_rows == 255
    assert pc.sum(drawn.places["residents"]).as_py() == 643_077


def test_every_town_has_a_valid_area_with_its_point(drawn: PlacesPack) -> None:
    places = drawn.places
    points = shapely.points(places["longitude"].to_numpy(), places["latitude"].to_numpy())
    assert shapely.is_valid(drawn.boundaries).all()
    assert (shapely.area(drawn.boundaries) > 1e-4).all()
    assert shapely.contains(drawn.boundaries, points).all()
    assert shapely.coverage_is_valid(drawn.boundaries)
    assert simplified(drawn).shared_edges


def test_the_towns_of_a_county_are_the_county(drawn: PlacesPack, counties_topojson: Path) -> None:
    features = read_features(counties_topojson, layer="counties")
    counties = dict(zip(features.properties["id"].to_pylist(), features.geometries, strict=True))
    code = np.array([g[:5] for g in drawn.places["geoid"].to_pylist()])
    assert len(set(code)) == 14
    for county in set(code):
        union = shapely.union_all(np.array(drawn.boundaries)[code == county])
        difference = shapely.symmetric_difference(union, counties[county]).area
        assert difference < 1e-5 * counties[county].area, county


def test_each_spot_belongs_to_the_nearest_town_of_its_county(drawn: PlacesPack) -> None:
    rng = np.random.default_rng(3)
    west, south, east, north = shapely.total_bounds(drawn.boundaries)
    x, y = rng.uniform(west, east, 4000), rng.uniform(south, north, 4000)
    found = TownIndex.build(drawn).locate(x, y)
    x, y, found = x[found >= 0], y[found >= 0], found[found >= 0]
    towns = np.column_stack([drawn.places["longitude"].to_numpy(), drawn.places["latitude"].to_numpy()])
    scale = np.array([np.cos(np.radians(towns[:, 1].mean())), 1.0])
    distance = np.hypot(*np.moveaxis((np.column_stack([x, y])[:, None] - towns[None]) * scale, 2, 0))
    code = np.array([g[:5] for g in drawn.places["geoid"].to_pylist()])
    distance[code[found][:, None] != code[None, :]] = np.inf
    assert (distance.argmin(axis=1) == found).mean() > 0.999


def test_it_covers_most_of_the_true_towns(drawn: PlacesPack, vermont_pack: PlacesPack) -> None:
    true, schematic = (shapely.transform(np.array(p.boundaries), lambda xy: xy * SCALE) for p in (vermont_pack, drawn))
    share = shapely.area(shapely.intersection(true, schematic)).sum() / shapely.area(true).sum()
    # What the pack's note says.
    assert share == pytest.approx(0.88, abs=0.01)
    assert "88 %" in drawn.note


def test_the_same_input_gives_the_same_bytes(counties_topojson: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_schematic_pack(tmp_path / name, counties_topojson=counties_topojson)
    assert all((tmp_path / "b" / f.name).read_bytes() == f.read_bytes() for f in (tmp_path / "a").iterdir())


def test_missing_files_are_named(tmp_path: Path, counties_topojson: Path) -> None:
    with pytest.raises(UsageError, match="make frontend"):
        write_schematic_pack(tmp_path / "places", counties_topojson=tmp_path / "none.json")
    with pytest.raises(UsageError, match="gazetteer"):
        write_schematic_pack(tmp_path / "places", tmp_path / "none.csv", counties_topojson)
