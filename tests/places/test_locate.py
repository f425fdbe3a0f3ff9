"""Point in town: the grid's answer is the plain one, for any areas and any points."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from candor.places.locate import NO_POINT, NOWHERE, TownIndex
from candor.places.pack import PlacesPack

Floats = NDArray[np.float64]


def _plain(shapes: list[shapely.Geometry], x: Floats, y: Floats) -> list[int]:
    """The rule, said plainly: the first area that the point lies in or on."""
    points = shapely.points(x, y)
    found = [next((i for i, s in enumerate(shapes) if shapely.intersects(s, p)), NOWHERE) for p in points]
    return [NO_POINT if np.isnan(a) or np.isnan(b) else f for f, a, b in zip(found, x, y, strict=True)]


# A lattice makes points on corners and edges frequent; the fine part makes them near misses.
coordinate = st.one_of(
    st.integers(-20, 20).map(lambda i: i / 10),
    st.floats(-2, 2, allow_nan=False),
    st.integers(-20, 20).map(lambda i: float(np.nextafter(i / 10, 9))),
)
corner = st.tuples(coordinate, coordinate)


@st.composite
def areas(draw: st.DrawFn) -> list[shapely.Geometry]:
    """Areas that overlap, touch, have holes and parts: unions and differences of hulls of random corners."""
    hulls = [
        shapely.convex_hull(shapely.MultiPoint(draw(st.lists(corner, min_size=3, max_size=7))))
        for _ in range(draw(st.integers(1, 6)))
    ]
    hulls = [h for h in hulls if h.geom_type == "Polygon"]
    if len(hulls) > 2 and draw(st.booleans()):
        hulls = [shapely.difference(hulls[0], hulls[1]), shapely.union(hulls[1], hulls[2]), *hulls[2:]]
    return [h for h in hulls if h.geom_type in ("Polygon", "MultiPolygon") and not h.is_empty and h.is_valid]


@settings(max_examples=150, deadline=None)
@given(areas(), st.lists(corner, min_size=1, max_size=60), st.sampled_from([0.05, 0.1, 0.37, 3.0]))
def test_equals_the_plain_rule(shapes: list[shapely.Geometry], points: list[tuple[float, float]], cell: float) -> None:
    corners = np.concatenate([shapely.get_coordinates(s) for s in shapes]) if shapes else np.empty((0, 2))
    asked = np.concatenate([np.array(points, dtype=float), corners, [[np.nan, 0.0], [0.0, np.inf]]])
    index = TownIndex.of(shapes, cell=cell)
    expected = _plain(shapes, asked[:, 0], asked[:, 1])
    assert index.locate(asked[:, 0], asked[:, 1]).tolist() == expected
    again = pickle.loads(pickle.dumps(index))  # noqa: S301 (what was dumped a line ago)
    assert again.locate(asked[:, 0], asked[:, 1]).tolist() == expected


def test_an_edge_belongs_to_one_town_only() -> None:
    index = TownIndex.of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 2, 2)])
    x, y = np.array([1.0, 1.0, 0.5, 1.5, 2.0, 2.0000001]), np.array([0.5, 1.0, 1.0, 1.0, 1.0, 0.5])
    assert index.locate(x, y).tolist() == [0, 0, 0, 1, 1, NOWHERE]


def test_vermont_as_the_plain_rule_has_it(vermont_pack: PlacesPack) -> None:
    rng = np.random.default_rng(7)
    west, south, east, north = shapely.total_bounds(vermont_pack.boundaries)
    x, y = rng.uniform(west, east, 40_000), rng.uniform(south, north, 40_000)
    corners = np.concatenate([shapely.get_coordinates(b)[::7] for b in vermont_pack.boundaries])
    # A hair's breadth beside the corners, too.
    x = np.concatenate([x, corners[:, 0], corners[:, 0] + rng.normal(0, 1e-9, len(corners))])
    y = np.concatenate([y, corners[:, 1], corners[:, 1] + rng.normal(0, 1e-9, len(corners))])
    point, town = shapely.STRtree(vermont_pack.boundaries).query(shapely.points(x, y), predicate="intersects")
    expected = np.full(len(x), 999)
    np.minimum.at(expected, point, town)
    expected[expected == 999] = NOWHERE
    found = TownIndex.build(vermont_pack).locate(x, y)
    assert found.dtype == np.int32
    assert np.array_equal(found, expected)
    assert 0.5 < (found >= 0).mean() < 0.9


def test_known_spots(vermont_pack: PlacesPack) -> None:
    names = vermont_pack.places["name"].to_pylist()
    spots = {
        "Burlington": (-73.2121, 44.4759),
        "Rutland city": (-72.9726, 43.6106),
        "Montpelier": (-72.5754, 44.2601),
        "Brattleboro": (-72.5579, 42.8509),
    }
    x, y = (np.array([spot[i] for spot in spots.values()]) for i in (0, 1))
    index = TownIndex.build(vermont_pack)
    assert [names[i] for i in index.locate(x, y)] == list(spots)
    # Null Island, coordinates exchanged, New York State, none at all.
    odd = index.locate(np.array([0.0, 44.4759, -73.6, np.nan]), np.array([0.0, -73.2121, 44.5, 44.5]))
    assert odd.tolist() == [NOWHERE, NOWHERE, NOWHERE, NO_POINT]


@pytest.mark.parametrize("count", [0, 1, (1 << 18) + 3])
def test_any_number_of_points(count: int) -> None:
    index = TownIndex.of([shapely.box(0, 0, 1, 1)])
    assert index.locate(np.full(count, 0.5), np.full(count, 0.5)).tolist() == [0] * count
