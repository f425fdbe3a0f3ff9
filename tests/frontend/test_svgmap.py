"""The drawn map is the towns, each with its link and its sentence, and nothing that data could slip in."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import shapely
from tests.frontend import sample

from candor.site.contexts import LegendItem, Town
from candor.site.svgmap import TownPoint, draw, figures_json

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
    assert len(root.findall(f".//{SVG}g/{SVG}path")) == sample.TOWNS


def test_names_that_data_brings_are_text() -> None:
    bad = '"><script>alert(1)</script>&'
    drawing = draw({"1": shapely.to_geojson(shapely.box(0, 0, 1, 1))}, {"1": bad}, [TownPoint(bad, 0.5, 0.5, 9)])
    town = Town("1", bad, "zero", f"{bad}: zero")
    root = parsed(drawing.render([town], bad))
    assert root.findtext(f".//{SVG}text") == bad
    assert root.find(f".//{SVG}a").get("aria-label") == town.text  # type: ignore[union-attr]
    written = figures_json([town], [LegendItem("zero", bad, 1)], drawing)
    assert not set("<>&") & set(written)
    assert json.loads(written)["towns"] == [["1", bad, "zero", town.text]]


def test_a_town_without_a_shape_is_left_out_and_none_is_no_error() -> None:
    drawing = draw({"1": shapely.to_geojson(shapely.box(0, 0, 1, 1))})
    towns = [Town(g, g, "zero", g) for g in ("1", "2")]
    assert parsed(drawing.render(towns, "A map")).findall(f".//{SVG}a")[0].get("href") == "/places/1"
    assert "<a " not in draw({}).render(towns, "Nothing")


def test_the_names_do_not_run_into_each_other(state: sample.State) -> None:
    assert 1 < len(state.drawing.names) <= 10
    residents = [p.residents for p in state.drawing.names]
    assert residents == sorted(residents, reverse=True)
