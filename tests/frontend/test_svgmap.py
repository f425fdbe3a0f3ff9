"""The drawn map is the towns, each with its link and its sentence, and nothing that data could slip in."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import shapely
from tests.frontend import sample

from candor.graphics.map import LARGEST, Drawing, TownPoint, draw, figures_json
from candor.graphics.model import Town, Verdict

NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def state() -> sample.State:
    return sample.invented()


def polygons(d: str) -> shapely.Polygon:
    """The area that a path of absolute starts and relative steps encloses, holes cut out."""
    whole = shapely.Polygon()
    for ring in filter(None, d.split("z")):
        start, steps = ring[1:].split("l")
        at = np.array([float(n) for n in NUMBER.findall(steps)]).reshape(-1, 2)
        first = np.array([float(n) for n in NUMBER.findall(start)])
        whole = whole.symmetric_difference(shapely.Polygon(np.vstack([first, first + np.cumsum(at, axis=0)])))
    return whole


def parsed(svg: str) -> ET.Element:
    """The SVG as XML: it must be well formed."""
    return ET.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314 - our own


def test_each_town_has_a_link_with_its_sentence(state: sample.State) -> None:
    root = parsed(state.drawing.render(state.towns, "Calls & more"))
    links = root.findall(f".//{SVG}a")
    assert [a.get("href") for a in links] == [f"/places/{t.geoid}" for t in state.towns]
    assert [a.get("aria-label") for a in links] == [t.text for t in state.towns]
    assert [a.findtext(f"{SVG}path/{SVG}title") for a in links] == [t.text for t in state.towns]
    assert [a.find(f"{SVG}path").get("class") for a in links] == [f"k-{t.key}" for t in state.towns]  # type: ignore[union-attr]
    assert root.get("aria-label") == "Calls & more"


def test_the_drawn_towns_fill_the_state_without_gaps(state: sample.State) -> None:
    drawn = [polygons(d) for d in state.drawing.paths.values()]
    assert len(drawn) == sample.TOWNS
    together = shapely.union_all(shapely.buffer(drawn, 0.15))
    frame = shapely.box(6, 6, state.drawing.width - 6, state.drawing.height - 6)
    assert together.intersection(frame).area / frame.area > 0.999
    assert sum(shape.area for shape in drawn) == pytest.approx(frame.area, rel=0.01)


def test_east_west_is_squeezed_by_the_latitude() -> None:
    square = {"1": json.dumps(shapely.geometry.mapping(shapely.box(-72.5, 44.5, -71.5, 45.5)))}
    drawing = draw(square)
    assert (drawing.width - 12) / (drawing.height - 12) == pytest.approx(np.cos(np.radians(45)), abs=0.002)


def test_islands_and_holes_are_drawn() -> None:
    ring = shapely.box(0, 0, 1, 1).difference(shapely.box(0.4, 0.4, 0.6, 0.6))
    two = shapely.union_all([ring, shapely.box(2, 0, 3, 1)])
    drawing = draw({"1": shapely.to_geojson(two)})
    area = polygons(drawing.paths["1"]).area / (drawing.height - 12) ** 2
    assert area == pytest.approx(2 - 0.04, rel=0.01)


def test_county_lines_run_where_counties_meet(state: sample.State) -> None:
    half = {"w": shapely.to_geojson(shapely.box(0, 0, 1, 1)), "e": shapely.to_geojson(shapely.box(1, 0, 2, 1))}
    apart, together = draw(half, {"w": "A", "e": "B"}).lines, draw(half, {"w": "A", "e": "A"}).lines
    assert apart.count("M") > together.count("M") == 1
    assert state.drawing.lines


def test_as_an_image_it_has_one_name_and_no_links(state: sample.State) -> None:
    root = parsed(state.drawing.render(state.towns, "A map", links=False))
    assert root.get("role") == "img"
    assert not root.findall(f".//{SVG}a")
    assert len(root.findall(f"./{SVG}g[@class='town-map__towns']/{SVG}path")) == sample.TOWNS


def test_names_that_data_brings_are_text() -> None:
    bad = '"><script>alert(1)</script>&'
    drawing = draw({"1": shapely.to_geojson(shapely.box(0, 0, 1, 1))}, {"1": bad}, [TownPoint(bad, 0.5, 0.5, 9)])
    town = Town("1", bad, "zero", f"{bad}: zero")
    root = parsed(drawing.render([town], bad))
    assert root.findtext(f".//{SVG}text") == bad
    assert root.find(f".//{SVG}a").get("aria-label") == town.text  # type: ignore[union-attr]
    written = figures_json([town], drawing)
    assert not set("<>&") & set(written)
    assert json.loads(written)["names"] == [[bad, 0.5, 0.5]]


def squares(*towns: str) -> Drawing:
    """Towns side by side, each a square of one degree."""
    return draw({g: shapely.to_geojson(shapely.box(i, 0, i + 1, 1)) for i, g in enumerate(towns)})


def test_a_verdict_is_a_triangle_inside_its_town_that_points_its_way() -> None:
    drawing = squares("a", "b", "c")
    verdicts: tuple[Verdict, ...] = ("higher", "lower", "")
    towns = [Town(g, g, "c1-4", f"{g}: so", v) for g, v in zip("abc", verdicts, strict=True)]
    root = parsed(drawing.render(towns, "Verdicts"))
    marks = [
        np.array([float(n) for n in NUMBER.findall(e.get("d") or "")])
        for e in root.iter(f"{SVG}path")
        if e.get("class") == "mark"
    ]
    assert len(marks) == 2
    for (tip_x, tip_y, _, step), geoid, points_up in zip((m[:4] for m in marks), "ab", (True, False), strict=True):
        assert (step > 0) == points_up, "the other two corners lie below the tip, or above it"
        assert polygons(drawing.paths[geoid]).contains(shapely.Point(tip_x, tip_y))
    read = json.loads(figures_json(towns, drawing))
    assert [m[0] for m in read["marks"]] == ["higher", "lower"]
    assert read["marks"][0][1:] == pytest.approx([0.5, 0.5], abs=0.02)


def test_the_area_of_a_circle_is_its_count_and_no_circle_hides_a_smaller_one() -> None:
    drawing = squares("a", "b", "c", "d")
    towns = [Town(g, g, "blank", f"{g}: so", count=n) for g, n in zip("abcd", (25, 400, 0, 100), strict=True)]
    root = parsed(drawing.render(towns, "Counts"))
    radii = [float(e.get("r") or 0) for e in root.iter(f"{SVG}circle") if e.get("class") == "circle"]
    assert radii == sorted(radii, reverse=True)
    assert [(r / LARGEST) ** 2 * 400 for r in radii] == pytest.approx([400, 100, 25], rel=0.01)
    assert {e.get("class") for e in root.iter(f"{SVG}path")} >= {"k-blank"}
    assert [c[0] for c in json.loads(figures_json(towns, drawing))["circles"]] == pytest.approx([8.5, 34, 17])


def test_a_town_without_a_shape_is_left_out_and_none_is_no_error() -> None:
    drawing = draw({"1": shapely.to_geojson(shapely.box(0, 0, 1, 1))})
    towns = [Town(g, g, "zero", g) for g in ("1", "2")]
    assert parsed(drawing.render(towns, "A map")).findall(f".//{SVG}a")[0].get("href") == "/places/1"
    assert "<a " not in draw({}).render(towns, "Nothing")


def test_the_names_do_not_run_into_each_other(state: sample.State) -> None:
    assert 1 < len(state.drawing.names) <= 10
    residents = [p.residents for p in state.drawing.names]
    assert residents == sorted(residents, reverse=True)
