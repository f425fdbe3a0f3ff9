"""Areas instead of points, from the portal's text to the public files: held, merged, kept, refused."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence

import h3
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from tests.release.conftest import HEADER, SmallPortal, call

from candor.accounting.areas import catchments
from candor.errors import CandorError, DataError, PortalError
from candor.places.locate import TownIndex
from candor.places.pack import load_pack
from candor.store.store import Store

pytestmark = pytest.mark.long

ALDER, BIRCH, CEDAR = "5000100001", "5000100002", "5000100003"
ALDER_SHAPE = shapely.box(-73, 44, -72, 45)
CELLS = "\n[points]\naddresses = 'addresses.csv'\ncells = 6\n"
ANCHORS = "\n[points]\naddresses = 'addresses.csv'\nanchors = 'anchors.csv'\n"
Points = Sequence[tuple[float, float]]


def addresses(portal: SmallPortal, points: Iterable[tuple[float, float]], file: str = "addresses.csv") -> None:
    lines = [f"{y},Some Street {n},{x}" for n, (x, y) in enumerate(points)]
    (portal.root / file).write_text("\n".join(["latitude,street,longitude", *lines]) + "\n", encoding="utf-8")


def spread(count: int, seed: int = 1, box: tuple[float, float, float, float] = (-73, 44, -72, 45)) -> Points:
    """Points all over a box, thick in one corner and thin in the other."""
    rng = np.random.default_rng(seed)
    x = box[0] + (box[2] - box[0]) * rng.random(count) ** 2
    y = box[1] + (box[3] - box[1]) * rng.random(count) ** 2
    return list(zip(x.tolist(), y.tolist(), strict=True))


def declare(portal: SmallPortal, points: str, anchors: Sequence[str] = (), header: str = "") -> None:
    file = portal.root / "datasets" / "alder-calls.toml"
    text = file.read_text(encoding="utf-8").partition("\n[points]")[0]
    file.write_text(text + points, encoding="utf-8")
    if anchors:
        head = header or "anchor,geoid,latitude,longitude"
        (portal.root / "anchors.csv").write_text("\n".join([head, *anchors]) + "\n", encoding="utf-8")


def calls(portal: SmallPortal, points: Points, **more: str) -> None:
    """Two calls at each point, of two kinds, so that none is alone in its area and month."""
    kinds = ("Noise", "Alarm")
    portal.write(
        [
            call(2 * n + i, lat=f"{y}", lon=f"{x}", **{"nature": kind, **more})
            for n, (x, y) in enumerate(points, start=1)
            for i, kind in enumerate(kinds)
        ]
    )


def areas(portal: SmallPortal) -> dict[str, shapely.Geometry]:
    table = portal.public("catchments")
    shapes = shapely.from_geojson(table["geometry"].to_pylist())
    return dict(zip(table["area"].to_pylist(), shapes, strict=True))


def divided(portal: SmallPortal) -> list[dict[str, object]]:
    """The areas as they would be published first, without the rest of a release."""
    pack = load_pack(portal.root / "places")
    found = catchments(portal.open(), pack, TownIndex.build(pack))
    lines: list[dict[str, object]] = found["alder-calls"].lines.to_pylist()
    return lines


def inside(shape: shapely.Geometry, points: Points) -> int:
    return int(shapely.intersects_xy(shape, *np.array(points).T).sum())


def test_rows_say_the_h3_area_and_nothing_says_the_point(portal: SmallPortal) -> None:
    homes, where = spread(3000), spread(400, seed=2)
    addresses(portal, homes)
    calls(portal, where)
    declare(portal, CELLS)
    portal.publish()
    rows, found = portal.public("alder-calls"), areas(portal)
    assert rows["area"].null_count == 0
    assert set(rows["area"].to_pylist()) <= set(found)
    assert len(found) > 10
    sizes = {name: inside(shape, homes) for name, shape in found.items()}
    assert min(sizes.values()) >= 8
    # The areas are all of the town, and nothing of another.
    assert shapely.area(shapely.union_all(list(found.values()))) == pytest.approx(1.0, abs=1e-5)
    assert all(shapely.covers(shapely.buffer(ALDER_SHAPE, 1e-9), shape) for shape in found.values())
    assert sum(shapely.area(s) for s in found.values()) == pytest.approx(1.0, abs=1e-5)
    # Each row's area is the one that its point lies in: the same number of rows in each as points.
    names = list(found)
    at = shapely.STRtree([found[n] for n in names]).query(shapely.points(where), predicate="intersects")[1]
    assert Counter(rows["area"].to_pylist()) == Counter(names[i] for i in at for _ in range(2))
    told = portal.public("catchments")
    assert all(h3.get_resolution(p) == 6 for line in told["parts"].to_pylist() for p in line.split("; "))
    for name, least in zip(told["area"].to_pylist(), told["addresses_at_least"].to_pylist(), strict=True):
        assert 8 <= least <= sizes[name]
    assert {"latitude", "longitude", "lat", "lon"}.isdisjoint(column for column in every_column(portal))


def every_column(portal: SmallPortal) -> set[str]:
    """The columns of everything public; the towns' own middles are not of calls."""
    public = portal.root / "data" / "public" / "tables"
    return {
        c
        for path in public.rglob("*.parquet")
        if path.relative_to(public).parts[0] != "towns"
        for c in pq.read_schema(path).names
    }


def test_no_coordinate_and_no_address_is_written_anywhere_in_public(portal: SmallPortal) -> None:
    homes, where = spread(500), [(-72.654321, 44.123456), (-72.345678, 44.567891)]
    addresses(portal, homes)
    calls(portal, where)
    declare(portal, CELLS)
    portal.publish()
    secret = [f"{v:.4f}" for point in where for v in point] + [f"{v:.4f}" for point in homes for v in point]
    for path in (portal.root / "data" / "public").rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            text = path.read_text(encoding="utf-8", errors="replace")
            assert "Some Street" not in text
            assert not any(value in text for value in secret), path
    for path in (portal.root / "data" / "public" / "tables").rglob("*.parquet"):
        table = pq.read_table(path)
        drawn = {c for c in ("geometry", "longitude", "latitude") if c in table.column_names}
        numbers = re.findall(r"-?\d+\.\d+", json.dumps(table.drop_columns(list(drawn)).to_pylist(), default=str))
        assert not {f"{float(n):.4f}" for n in numbers} & set(secret), path


def test_where_a_row_lies_in_its_area_changes_nothing_that_is_published(portal: SmallPortal) -> None:
    """The attack: two worlds whose points differ, the areas of the points alike. What is public is the same."""
    addresses(portal, spread(800))
    declare(portal, CELLS)
    calls(portal, spread(60, seed=5))
    portal.publish()
    first, found = rows_of(portal), areas(portal)
    rng, moved = np.random.default_rng(6), []
    for point in spread(60, seed=5):
        shape = next(s for s in found.values() if shapely.intersects_xy(s, *point))
        west, south, east, north = shape.bounds
        while True:
            x, y = rng.uniform(west, east), rng.uniform(south, north)
            if shapely.intersects_xy(shapely.buffer(shape, -1e-5), x, y):
                break
        moved.append((x, y))
    calls(portal, moved)
    portal.publish()
    assert rows_of(portal) == first


def rows_of(portal: SmallPortal) -> list[dict[str, object]]:
    found: list[dict[str, object]] = portal.public("alder-calls").to_pylist()
    return found


def test_anchors_stand_for_what_is_nearest(portal: SmallPortal) -> None:
    homes = spread(2000)
    addresses(portal, homes)
    declare(
        portal, ANCHORS,
        [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.2", f"5th Ave and Route 7,{ALDER},44.8,-72.5"],
    )  # fmt: skip
    calls(portal, [(-72.9, 44.1), (-72.1, 44.1), (-72.5, 44.9), (-72.49, 44.2)])
    portal.publish()
    assert Counter(portal.public("alder-calls")["area"].to_pylist()) == {
        "Old Mill": 2, "Town Green": 4, "5th Ave and Route 7": 2,
    }  # fmt: skip
    found = areas(portal)
    assert {name: inside(s, homes) >= 8 for name, s in found.items()} == dict.fromkeys(found, True)
    text = json.dumps(portal.public("catchments").to_pylist())
    assert not any(f"[{x},{y}]" in text.replace(" ", "") for x, y in ((-72.8, 44.2), (-72.2, 44.2), (-72.5, 44.8)))


def test_an_anchor_with_too_few_addresses_is_joined_to_its_neighbour(portal: SmallPortal) -> None:
    addresses(portal, [(-72.9 + n / 1000, 44.1) for n in range(20)] + [(-72.1, 44.1 + n / 100) for n in range(7)])
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.2"])
    (line,) = divided(portal)
    assert (line["area"], line["parts"]) == ("Old Mill and 1 more", "Old Mill; Town Green")
    assert line["addresses_at_least"] == 20


def test_a_town_with_too_few_addresses_has_no_area(portal: SmallPortal) -> None:
    # Twelve addresses, five of them flats at one door: eight points would be needed.
    addresses(portal, [(-72.5, 44.5)] * 5 + [(-72.6 + n / 100, 44.4) for n in range(6)])
    declare(portal, CELLS)
    portal.publish()
    assert set(portal.public("alder-calls")["area"].to_pylist()) == {None}
    assert set(portal.public("alder-calls")["town"].to_pylist()) == {"Alder"}
    release = Store(portal.root / "data").current()
    assert release is not None
    assert release.dataset("catchments") is None


def test_rows_without_a_usable_point_in_the_agency_have_no_area(portal: SmallPortal) -> None:
    addresses(portal, [*spread(500), *spread(500, box=(-72, 44, -71, 45))])
    declare(portal, CELLS)
    portal.write(
        [
            call(1, lat="", lon="", town="Alder"),  # a name, no point
            call(2, lat="44.5", lon="-71.5"),  # in Birch, which the agency does not cover
            call(12, lat="44.5", lon="-71.5", nature="Alarm"),
            call(3, lat="10", lon="10", town="Alder", nature="Alarm"),  # outside every town
            call(4, lat="44.5", lon="-72.5"),
            call(14, lat="44.5", lon="-72.5", nature="Alarm"),
            call(5, lat="44.5", lon="-72.5", nature="Overdose"),  # sensitive: no row, no area
        ]
    )
    portal.publish()
    rows = portal.public("alder-calls").to_pylist()
    assert Counter((r["town"], r["placed_by"], r["area"] is not None) for r in rows) == {
        ("Alder", "declared town", False): 2,
        ("Birch", "point", False): 2,
        ("Alder", "point", True): 2,
    }
    assert set(portal.public("catchments")["geoid"].to_pylist()) == {ALDER}


def test_a_point_on_a_border_and_between_rounded_corners_has_an_area(portal: SmallPortal) -> None:
    addresses(portal, spread(3000))
    declare(portal, CELLS)
    corners = shapely.get_coordinates(shapely.from_geojson([str(line["geometry"]) for line in divided(portal)]))
    inner = corners[shapely.contains_xy(ALDER_SHAPE, *corners.T)]
    edge = [(-73.0, 44.3), (-72.3, 44.0), (-73.0 + 1e-9, 44.7), (-72.0 - 1e-9, 44.2)]
    calls(portal, [*map(tuple, inner[:40].tolist()), *map(tuple, (inner[:40] + 2e-7).tolist()), *edge])
    portal.publish()
    assert portal.public("alder-calls")["area"].null_count == 0


def test_residents_count_where_the_portal_says_so(portal: SmallPortal) -> None:
    people = [f"44.{50 + n % 2},-72.{50 + n},4" for n in range(6)]
    (portal.root / "addresses.csv").write_text("\n".join(["latitude,longitude,residents", *people]), encoding="utf-8")
    declare(portal, CELLS + "counted = 'residents'\nminimum = 20\n")
    told = divided(portal)
    assert {t["residents_at_least"] for t in told} == {20}
    assert {t["addresses_at_least"] for t in told} == {2}
    declare(portal, CELLS)
    assert divided(portal) == []


def test_an_anchor_may_be_for_one_agency(portal: SmallPortal) -> None:
    addresses(portal, spread(500))
    (portal.root / "coverage.csv").write_text(
        "agency,geoid,first_month,last_month,gaps\n"
        f"Alder Police,{ALDER},2024-03,2024-04,\nCounty Sheriff,{ALDER},2024-03,2024-04,\n",
        encoding="utf-8",
    )
    file = portal.root / "datasets" / "alder-calls.toml"
    text = file.read_text(encoding="utf-8")
    text = text.replace('"marked"]', '"marked", "agency"]').replace(
        "domestic_related", 'agency = { from = "agency" }\ndomestic_related'
    )
    file.write_text(text.partition("[coverage]")[0] + '[coverage]\nfile = "coverage.csv"\n', encoding="utf-8")
    anchors = [f"Old Mill,{ALDER},44.2,-72.8,Alder Police"]
    declare(portal, ANCHORS, anchors, "anchor,geoid,latitude,longitude,agency")
    portal.write(
        [call(n, nature="Alarm" if n > 2 else "Noise") + f",{'Alder Police' if n % 2 else 'County Sheriff'}" for n in
         (1, 2, 3, 4)],
        HEADER + ",agency",
    )  # fmt: skip
    portal.publish()
    rows = portal.public("alder-calls").to_pylist()
    assert {r["agency"]: r["area"] for r in rows} == {"Alder Police": "Old Mill", "County Sheriff": None}


def test_an_area_counts_where_it_is_measured_how_alike_rows_are(portal: SmallPortal) -> None:
    addresses(portal, spread(500))
    calls(portal, [(-72.95 + n / 8, 44.05 + n / 8) for n in range(6)])
    declare(portal, CELLS + "\n[anonymity]\nk = 5\n")
    portal.publish()
    assert portal.public("alder-calls").num_rows == 0, "two of each area and month wait"
    shutil.rmtree(portal.root / "data")
    declare(portal, CELLS.replace("6", "6\nminimum = 300") + "\n[anonymity]\nk = 5\n")
    portal.publish()  # larger areas: alike again
    release = Store(portal.root / "data").current()
    assert release is not None
    version = release.dataset("alder-calls")
    assert version is not None
    assert version.anonymity is not None
    assert "area" in version.anonymity.quasi
    assert version.anonymity.k == 12


# Over time.


def test_areas_stay_when_addresses_change_and_only_grow(portal: SmallPortal) -> None:
    homes = spread(600)
    addresses(portal, homes)
    declare(portal, CELLS)
    portal.publish()
    first = areas(portal)
    addresses(portal, [*homes, *spread(600, seed=9)])
    portal.publish()
    assert {n: shapely.to_wkt(s) for n, s in areas(portal).items()} == {n: shapely.to_wkt(s) for n, s in first.items()}
    fewer = homes[::2]
    addresses(portal, fewer)
    portal.publish()
    last = areas(portal)
    assert len(last) < len(first)
    assert min(inside(s, fewer) for s in last.values()) >= 8
    for old in first.values():
        meets = [s for s in last.values() if shapely.area(shapely.intersection(s, old)) > 1e-9]
        assert len(meets) == 1, "an earlier area lies whole in one of today's"


def test_areas_that_overlap_with_earlier_ones_are_refused(portal: SmallPortal) -> None:
    addresses(portal, spread(2000))
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.2"])
    portal.publish()
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.1"])
    portal.publish()  # Where the catchments changed hands there are enough addresses of their own.
    before = Store(portal.root / "data").current()
    addresses(portal, spread(2000)[:60])
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.08"])
    with pytest.raises(DataError, match=r"Alder overlap with other areas.*fewer than 8 addresses.*Bring back"):
        portal.publish()
    assert Store(portal.root / "data").current() == before


def test_two_data_sets_divide_a_town_alike(portal: SmallPortal) -> None:
    addresses(portal, spread(300))
    declare(portal, CELLS)
    portal.publish()
    text = (portal.root / "datasets" / "alder-calls.toml").read_text(encoding="utf-8").replace("abcd-2345", "abcd-2346")
    second = portal.root / "datasets" / "other-calls.toml"
    second.write_text(text, encoding="utf-8")
    portal.publish()
    found = portal.public("catchments").to_pylist()
    by = {n: [(f["area"], f["geometry"]) for f in found if f["dataset"] == n] for n in ("alder-calls", "other-calls")}
    assert by["alder-calls"] == by["other-calls"] != []
    second.write_text(text.replace("cells = 6", "cells = 7"), encoding="utf-8")
    with pytest.raises(DataError, match="other-calls: the areas of Alder overlap"):
        portal.publish()


def test_a_data_set_that_is_not_published_now_keeps_its_areas(portal: SmallPortal) -> None:
    addresses(portal, spread(300))
    declare(portal, CELLS)
    text = (portal.root / "datasets" / "alder-calls.toml").read_text(encoding="utf-8").replace("abcd-2345", "abcd-2346")
    (portal.root / "datasets" / "other-calls.toml").write_text(text, encoding="utf-8")
    portal.publish()
    before = portal.public("catchments").to_pylist()
    declare(portal, "")
    from candor.publish.run import publish  # noqa: PLC0415  # the fixture publishes everything

    publish(portal.open(), ["other-calls"])
    assert portal.public("catchments").to_pylist() == before
    portal.publish()
    assert {line["dataset"] for line in portal.public("catchments").to_pylist()} == {"other-calls"}


# Bad input: nothing is published.


def refused(portal: SmallPortal, *words: str, kind: type[CandorError] = PortalError) -> str:
    with pytest.raises(kind) as caught:
        portal.publish()
    for word in words:
        assert word in str(caught.value)
    assert Store(portal.root / "data").current() is None
    return str(caught.value)


def test_an_anchor_outside_its_town(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-71.9"])
    refused(
        portal, "anchors.csv:3", "the anchor 'Town Green', in Birch town, 7.9 km from Alder town",
        "a point in Alder town", "Correct the coordinates or the geoid",
    )  # fmt: skip
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},46.0,-72.5"])
    refused(portal, "anchors.csv:2", "in no town of the portal, 111.2 km from Alder town")


def test_an_anchor_outside_the_agency(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    declare(portal, ANCHORS, [f"Old Mill,{BIRCH},44.2,-71.8", "Nowhere,5099999999,44.2,-71.8"])
    said = refused(portal, f"anchors.csv:2: found '{BIRCH}'; allowed: a town that the agency covers")
    assert "anchors.csv:3: found '5099999999'; allowed: a GEOID of the portal's places" in said
    declare(portal, ANCHORS, [f"Old Mill,{ALDER},44.2,-72.8,Birch Police"], "anchor,geoid,latitude,longitude,agency")
    refused(portal, "'Birch Police'; allowed: an agency of the data set: Alder Police")


def test_anchors_twice_and_at_the_same_point(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    declare(portal, ANCHORS, [f"Mill,{ALDER},44.2,-72.8", f"Mill,{ALDER},44.3,-72.8"])
    refused(portal, "anchors.csv:2: found 'Mill'; allowed: each anchor once", "anchors.csv:3")
    declare(portal, ANCHORS, [f"Mill,{ALDER},44.2,-72.8", f"Green,{ALDER},44.20,-72.8"])
    refused(portal, "anchors.csv:2: found '44.200000, -72.800000'; allowed: each point once")


@pytest.mark.parametrize(
    "name", ["12 Main Street", "12A Main St", "Main Street 12", "4-6 Elm", "Elm Court Apt 3", "Unit #7", "Lot 4"]
)
def test_an_anchor_that_reads_like_a_house(portal: SmallPortal, name: str) -> None:
    addresses(portal, spread(50))
    declare(portal, ANCHORS, [f"{name},{ALDER},44.2,-72.8"])
    refused(portal, repr(name), "the name of a place that many share", "Name no house")


def test_an_anchor_that_only_has_a_number_in_it(portal: SmallPortal) -> None:
    addresses(portal, spread(500))
    names = ["5th Avenue and 3rd Street", "Route 7 and Route 100", "I-89 Exit 12", "St. Mary's"]
    declare(portal, ANCHORS, [f"{name},{ALDER},44.{n},-72.5" for n, name in enumerate(names, start=1)])
    parts = "; ".join(str(line["parts"]) for line in divided(portal)).split("; ")
    assert sorted(parts) == sorted(names)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (CELLS + "minimum = 7\n", ["points.minimum: found the number 7; allowed: a number from 8"]),
        (CELLS.replace("6", "15"), ["points.cells: found the number 15; allowed: a number up to 10"]),
        (CELLS.replace("6", "5"), ["points.cells: found the number 5; allowed: a number from 6"]),
        (CELLS + "anchors = 'a.csv'\n", ["either `anchors`, a file, or `cells`, a resolution; one of the two"]),
        ("\n[points]\naddresses = 'addresses.csv'\n", ["either `anchors`, a file, or `cells`, a resolution"]),
        ("\n[points]\ncells = 8\n", ["no key 'addresses'"]),
        (CELLS.replace("addresses.csv", "gone.csv"), ["gone.csv: found no addresses (no such file", "under [points]"]),
        (ANCHORS.replace("anchors.csv", "gone.csv"), ["gone.csv: found no anchors (no such file"]),
    ],
)
def test_what_is_declared_wrong(portal: SmallPortal, points: str, words: list[str]) -> None:
    addresses(portal, spread(50))
    declare(portal, points)
    refused(portal, *words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lat,lon\n44.5,-72.5\n", ["addresses.csv:1: found no column latitude, longitude; its columns are lat, lon"]),
        ("latitude,longitude\n", ["addresses.csv: found no address"]),
        ("latitude,longitude\n44.5,-72.5\n94.5,-72.5\n", ["addresses.csv:3: found '94.5'", "from -90 to 90"]),
        ("latitude,longitude\n44.5,west\n", ["addresses.csv:2: found 'west'", "longitude: degrees"]),
        ("latitude,longitude\n44.5\n", ["addresses.csv", "as many cells as columns"]),
        ("latitude,longitude\n-72.5,44.5\n", ["addresses.csv: found 1 addresses, none of them in a town"]),
        ("latitude,longitude\n" + ",\n" * 40, ["and 35 lines more"]),
    ],
)
def test_an_address_file_that_is_none(portal: SmallPortal, text: str, words: list[str]) -> None:
    (portal.root / "addresses.csv").write_text(text, encoding="utf-8")
    declare(portal, CELLS)
    refused(portal, *words)


def test_areas_without_coordinates(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    portal.replace('latitude = { from = "lat" }\n', "")
    declare(portal, CELLS)
    refused(portal, "alder-calls.toml: points: found areas without a mapping of latitude")


def test_an_area_tells_its_town(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    declare(portal, CELLS + "\n[disclosure.geoid]\npublish = false\nreason = 'Too close.'\n")
    refused(portal, "alder-calls.toml: points: found areas beside geoid, which is withheld", "Remove [points]")
    declare(portal, CELLS + "\n[disclosure.area]\npublish = false\nreason = 'Not yet.'\n")
    portal.publish()
    assert "area" not in portal.public("alder-calls").column_names


def test_a_check_tells_the_same(portal: SmallPortal) -> None:
    addresses(portal, spread(50))
    declare(portal, ANCHORS, [f"Town Green,{ALDER},44.2,-71.9"])
    with pytest.raises(PortalError, match="Town Green"):
        portal.check()


def test_the_same_files_give_the_same_areas(portal: SmallPortal) -> None:
    homes = spread(700)
    addresses(portal, homes)
    declare(portal, CELLS)
    first = divided(portal)
    addresses(portal, homes[::-1])
    assert divided(portal) == first != []
