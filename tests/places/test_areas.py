"""Cells cover their towns and cross no border; a point belongs to the nearest anchor, or to its cell of the H3 grid."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path

import h3
import ibis
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from candor.engine.duck import DuckEngine
from candor.places.areas import AREA_INDEX, SNAP_SCHEMA, AreaIndex, with_area
from candor.places.cells import Cells, grid_cells, km_from, nearest_cells, neighbours, square_km, squeezed, union
from candor.places.locate import NO_POINT, NOWHERE, TownIndex
from candor.places.pack import PlacesPack

Floats = NDArray[np.float64]
L = shapely.Polygon([(-73, 44), (-72.8, 44), (-72.8, 44.05), (-72.95, 44.05), (-72.95, 44.2), (-73, 44.2)])
ISLANDS = shapely.MultiPolygon([shapely.box(-72.8, 44, -72.7, 44.1), shapely.box(-72.65, 44, -72.6, 44.1)])
NEXT_DOOR = shapely.box(-72.95, 44.05, -72.8, 44.2)
TOWNS: list[BaseGeometry] = [L, ISLANDS, NEXT_DOOR]
INDEX = TownIndex.of(TOWNS)


def drawn(shape: BaseGeometry, count: int, seed: int = 0) -> tuple[Floats, Floats]:
    west, south, east, north = shape.bounds
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(west, east, 20 * count), rng.uniform(south, north, 20 * count)
    inside = np.flatnonzero(shapely.contains_xy(shape, x, y))[:count]
    return x[inside], y[inside]


def covers(towns: list[BaseGeometry], cells: Cells) -> None:
    """The cells of each town are the town, and lie in it to a millionth of a degree."""
    for number in np.unique(cells.town).tolist():
        mine = cells.shape[cells.town == number]
        assert shapely.is_valid(mine).all()
        assert shapely.covers(shapely.buffer(towns[number], 2e-6), mine).all()
        left = shapely.area(shapely.symmetric_difference(towns[number], shapely.union_all(mine)))
        assert left < 1e-4 * shapely.area(towns[number])
        assert shapely.area(mine).sum() == pytest.approx(shapely.area(towns[number]), rel=1e-4)


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 1000))
def test_a_point_belongs_to_the_anchor_that_is_nearest(first: int, second: int, seed: int) -> None:
    ax, ay = (np.concatenate(v) for v in zip(drawn(L, first, seed), drawn(ISLANDS, second, seed + 1), strict=True))
    town = np.repeat([0, 1], [first, second])
    cells = nearest_cells(TOWNS, town, [f"{n:02d}" for n in range(len(town))], ax, ay)
    covers(TOWNS, cells)
    index = AreaIndex(INDEX, cells.town, cells.shape)
    x, y = (np.concatenate(v) for v in zip(drawn(L, 200, seed + 2), drawn(ISLANDS, 200, seed + 3), strict=True))
    of = np.repeat([0, 1], [len(x) // 2, len(x) // 2])
    squeeze = np.where(of == 0, squeezed(L), squeezed(ISLANDS))
    distance = np.hypot((x[:, None] - ax[None, :]) * squeeze[:, None], y[:, None] - ay[None, :])
    distance[of[:, None] != town[None, :]] = np.inf
    # Beside a border of cells, by less than their corners are rounded, either may have the point.
    two = np.sort(distance, axis=1)[:, :2] if len(town) > 1 else np.column_stack([distance, distance + 1])
    clear = two[:, 1] - two[:, 0] > 1e-5
    found = index.locate(x, y)
    assert (cells.town[found] == of).all()
    names = np.array([int(n) for n in cells.name[found]])
    assert (names[clear] == distance.argmin(axis=1)[clear]).all()


@pytest.mark.parametrize("resolution", [6, 7, 8])
def test_a_point_belongs_to_its_h3_cell(resolution: int) -> None:
    cells = grid_cells(TOWNS, range(3), resolution)
    covers(TOWNS, cells)
    index = AreaIndex(INDEX, cells.town, cells.shape)
    for number, town in enumerate(TOWNS):
        x, y = drawn(town, 400)
        found = index.locate(x, y)
        assert (cells.town[found] == number).all()
        right = [cells.name[f] == h3.latlng_to_cell(b, a, resolution) for f, a, b in zip(found, x, y, strict=True)]
        # An edge of the grid is an arc, that of a cell here a straight line: they part by centimetres.
        assert np.mean(right) > 0.995
    assert {h3.get_resolution(n) for n in cells.name} == {resolution}


def test_a_town_smaller_than_a_cell_is_one() -> None:
    small = shapely.box(-72.0001, 44.5, -72, 44.5001)
    cells = grid_cells([small], [0], 6)
    covers([small], cells)
    assert len(cells.town) <= 2
    assert AreaIndex(TownIndex.of([small]), cells.town, cells.shape).locate(*drawn(small, 20)).min() >= 0


def test_every_point_of_a_divided_town_has_an_area_and_no_other_point() -> None:
    cells = grid_cells(TOWNS, [0, 1], 7)
    index = AreaIndex(INDEX, cells.town, cells.shape)
    corners = np.unique(shapely.get_coordinates(cells.shape), axis=0)
    moved = np.concatenate([corners + d for d in ([0, 0], [3e-7, 0], [0, -3e-7])])
    edge = shapely.get_coordinates(shapely.segmentize(shapely.boundary(L), 0.003))
    x, y = np.concatenate([moved, edge]).T
    town = INDEX.locate(x, y)
    found = index.locate(x, y)
    assert ((found >= 0) == np.isin(town, [0, 1])).all()
    assert (cells.town[found[found >= 0]] == town[found >= 0]).all()
    assert index.locate(np.array([-72.9, np.nan, 10.0]), np.array([44.1, 44.1, 10.0])).tolist() == [
        NOWHERE, NO_POINT, NOWHERE,
    ]  # fmt: skip


def test_the_index_goes_to_other_processes_and_says_the_same_there() -> None:
    cells = grid_cells(TOWNS, range(3), 7)
    index = AreaIndex(INDEX, cells.town, cells.shape)
    again = pickle.loads(pickle.dumps(index.locate))  # noqa: S301  # made here
    x, y = (np.concatenate(v) for v in zip(*(drawn(t, 300) for t in TOWNS), strict=True))
    assert (again(x, y) == index.locate(x, y)).all()
    assert index.locate(np.empty(0), np.empty(0)).tolist() == []


def test_a_town_whose_parts_do_not_touch_hangs_together() -> None:
    cells = grid_cells(TOWNS, [1], 7)
    near = neighbours(cells)
    ties = near.length == 0
    assert ties.sum() == 1
    (one,), (other,) = near.first[ties], near.second[ties]
    gap = shapely.distance(cells.shape[one], cells.shape[other])
    assert gap == pytest.approx(0.05, abs=1e-5)
    assert {cells.shape[i].centroid.x > -72.68 for i in (one, other)} == {True, False}


def test_areas_of_joined_cells() -> None:
    cells = grid_cells([shapely.box(-73, 44, -72.9, 44.1)], [0], 8)
    group = np.arange(len(cells.town)) // 10
    shapes = union(cells, np.where(group == 1, -1, group))
    assert len(shapes) == len(np.unique(group)) - 1
    for shape, number in zip(shapes, [0, *range(2, group.max() + 1)], strict=True):
        assert shapely.area(shape) == pytest.approx(shapely.area(cells.shape[group == number]).sum(), rel=1e-9)


def test_sizes_and_distances() -> None:
    one = shapely.box(-72.5, 44.5, -72.4, 44.6)
    assert square_km(np.array([one]))[0] == pytest.approx(11.12 * 7.93, rel=0.01)
    assert km_from(one, -72.45, 44.7) == pytest.approx(11.12, rel=0.01)
    assert km_from(one, -72.3, 44.55) == pytest.approx(7.92, rel=0.01)
    assert km_from(one, -72.45, 44.55) == 0


def test_vermonts_towns_are_covered(vermont_pack: PlacesPack) -> None:
    chosen = list(range(0, len(vermont_pack.boundaries), 25))
    covers(vermont_pack.boundaries, grid_cells(vermont_pack.boundaries, chosen, 7))
    rng = np.random.default_rng(4)
    shapes = [vermont_pack.boundaries[i] for i in chosen]
    points = [drawn(s, int(rng.integers(2, 30)), seed=i) for i, s in enumerate(shapes)]
    x, y = (np.concatenate(v) for v in zip(*points, strict=True))
    town = np.repeat(chosen, [len(p[0]) for p in points])
    cells = nearest_cells(vermont_pack.boundaries, town, [f"{i:04d}" for i in range(len(x))], x, y)
    assert len(cells.town) == len(x)
    covers(vermont_pack.boundaries, cells)
    near = neighbours(cells)
    assert (cells.town[near.first] == cells.town[near.second]).all()
    assert all(a <= b for a, b in pairwise(cells.town.tolist()))


def test_only_rows_placed_by_their_point_for_that_agency_have_an_area(tmp_path: Path) -> None:
    snap = pa.table([[0, 1, 1], ["a", "b", "b"], ["1", "1", "1"], ["P", "P", "S"]], schema=SNAP_SCHEMA)
    rows = [
        (1, 0, "point", "1", "P"),
        (2, 1, "point", "1", "S"),
        (3, 0, "point", "1", "S"),  # the area is not for this agency
        (4, 0, "declared town", "1", "P"),
        (5, 0, "point", "2", "P"),  # the town was part of another then
        (6, NOWHERE, "point", "1", "P"),
        (7, None, "agency area", "1", "P"),
    ]
    names = ["row", AREA_INDEX, "placed_by", "geoid", "agency"]
    table = pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    with DuckEngine("UTC", tmp_path) as engine:
        found = engine.arrow(with_area(engine.table(table), engine.table(snap)).order_by(ibis._.row))
    assert found.column_names == ["row", "placed_by", "geoid", "agency", "area"]
    assert found["area"].to_pylist() == ["a", "b", None, None, None, None, None]
