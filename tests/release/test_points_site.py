"""A portal that publishes areas, served: the API says the area, the town's page draws areas and no points."""

from __future__ import annotations

import json
import re

import httpx
from tests.release.conftest import SmallPortal, call
from tests.release.test_points import ALDER, ANCHORS, BIRCH, CELLS, addresses, areas, declare, spread
from tests.site.conftest import PAGE, running

POINTS = [(-72.654321, 44.123456), (-72.345678, 44.567891), (-72.98765, 44.01234)]


def published(portal: SmallPortal, points: str, anchors: tuple[str, ...] = ()) -> None:
    addresses(portal, spread(400))
    declare(portal, points, anchors)
    kinds = ("Noise", "Alarm")
    some = [call(n, lat=f"{y}", lon=f"{x}", nature=kinds[n % 2]) for n, (x, y) in enumerate(POINTS * 3, start=1)]
    placed = [call(50 + i, lat="", lon="", town="Alder", nature=kind) for i, kind in enumerate(kinds)]
    portal.write([*some, *placed, call(60, nature="Overdose")])
    portal.publish()


def town_page(client: httpx.Client, geoid: str = ALDER) -> str:
    answer = client.get(f"/places/{geoid}", headers=PAGE)
    assert answer.status_code == 200
    return answer.text


def test_the_api_and_the_towns_page_say_areas_and_no_coordinates(portal: SmallPortal) -> None:
    published(portal, CELLS)
    found = areas(portal)
    with running(portal.root / "data" / "public") as client:
        rows = client.get("/resource/abcd-2345.json").json()
        assert len(rows) == 11
        told = [r.get("area") for r in rows]
        assert told.count(None) == 2
        assert {t for t in told if t} <= set(found)
        assert {"latitude", "longitude"}.isdisjoint(rows[0])
        one = next(t for t in told if t)
        filtered = client.get("/resource/abcd-2345.json", params={"area": one}).json()
        assert [r["area"] for r in filtered] == [one] * told.count(one)
        features = client.get("/datasets/catchments.geojson").json()["features"]
        assert {f["properties"]["area"] for f in features} == set(found)
        assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}
        everything = [town_page(client), client.get("/datasets/catchments", headers=PAGE).text]
        everything += [client.get(f"/datasets/alder-calls.{e}").text for e in ("csv", "geojson")]
        everything += [client.get("/datasets/catchments.csv").text, json.dumps(rows)]
        for text in everything:
            assert not any(f"{value}" in text for point in POINTS for value in point)

        # The town's page draws them, with a table that says the same.
        page = town_page(client)
        section = re.search(r'<section[^>]*id="areas-alder-calls".*?</section>', page, re.DOTALL)
        assert section
        text = section[0]
        svg = re.search(r"<svg.*?</svg>", text, re.DOTALL)
        assert svg
        # Areas alike, and nothing that could be a pin.
        assert set(re.findall(r"<(\w+)", svg[0])) == {"svg", "g", "path", "title", "text"}
        assert set(re.findall(r'<path class="([^"]*)"', svg[0])) == {"k-blank", "town-map__lines"}
        assert svg[0].count('<path class="k-blank"') == len(found)
        rows = re.findall(r'<tr><th scope="row">(\d+)</th><td>([^<]*)</td>.*?<td class="numeric">(\d+)</td></tr>', text)
        assert {name for _, name, _ in rows} == set(found)
        assert sum(int(count) for _, _, count in rows) == 9
        assert "2 published calls have no area" in text
        assert f"published in one of {len(found)} areas, each with 8 addresses or more" in text
        assert 'id="areas-' not in town_page(client, BIRCH)


def test_a_town_of_anchors_and_a_portal_without_areas(portal: SmallPortal) -> None:
    published(portal, ANCHORS, (f"Old <Mill>,{ALDER},44.2,-72.8", f"Town Green,{ALDER},44.2,-72.2"))
    with running(portal.root / "data" / "public") as client:
        page = town_page(client)
        assert "1: Old &lt;Mill&gt;" in page
        assert "<Mill>" not in page
    declare(portal, "")
    portal.publish()
    with running(portal.root / "data" / "public") as client:
        assert 'id="areas-' not in town_page(client)
        assert client.get("/datasets/catchments", headers=PAGE).status_code == 404
        # What was published stays published: the version before says the areas.
        assert '"area"' in client.get("/datasets/alder-calls.csv?version=1").text.partition("\n")[0]
