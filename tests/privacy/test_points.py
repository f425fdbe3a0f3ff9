"""Areas instead of points: every area holds enough, and two maps together tell no more than one may."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from candor.places.cells import Cells, neighbours
from candor.privacy.areas.points import FEWEST_POINTS, AreaMap, Borders, Held, joined, nested, together, too_close

TOWN = "5000100001"


def grid(columns: int, rows: int, town: str = TOWN) -> AreaMap:
    """Cells of a hundredth of a degree, row by row from the south-west corner."""
    shapes = [shapely.box(c / 100, r / 100, (c + 1) / 100, (r + 1) / 100) for r in range(rows) for c in range(columns)]
    return AreaMap(np.array([town] * len(shapes), dtype=object), np.array(shapes, dtype=object))


def borders(cells: AreaMap) -> Borders:
    town = np.unique(cells.geoid.astype(str), return_inverse=True)[1]
    names = np.array([f"{i:03d}" for i in range(len(town))], dtype=object)
    near = neighbours(Cells(town.astype(np.int64), names, cells.shape))
    return Borders(near.first, near.second, near.length)


def united(cells: AreaMap, label: np.ndarray) -> AreaMap:
    roots = np.unique(label[label >= 0])
    return AreaMap(cells.geoid[roots], np.array([shapely.union_all(cells.shape[label == r]) for r in roots]))


counts = st.lists(st.integers(0, 12), min_size=12, max_size=12)


@given(counts, st.integers(8, 20))
def test_every_area_holds_enough_or_the_town_has_none(number: list[int], minimum: int) -> None:
    cells = grid(4, 3)
    held = np.array(number)
    label = joined(Held(held, held), borders(cells), minimum)
    if sum(number) < minimum:
        assert (label == -1).all()
        return
    assert (label >= 0).all()
    for root in np.unique(label):
        assert held[label == root].sum() >= minimum
        assert label[root] == root == np.flatnonzero(label == root)[0]
    assert (shapely.get_type_id(united(cells, label).shape) == 3).all(), "only neighbours are joined"


@given(counts, st.permutations(range(12)))
def test_the_order_in_which_borders_are_told_decides_nothing(number: list[int], order: list[int]) -> None:
    cells, held = grid(4, 3), np.array(number)
    near = borders(cells)
    turned = np.array([i for i in order if i < len(near.first)] + list(range(12, len(near.first))))
    shuffled = Borders(near.second[turned], near.first[turned], near.length[turned])
    assert joined(Held(held, held), near, 8).tolist() == joined(Held(held, held), shuffled, 8).tolist()


def test_cells_that_hold_enough_stay_as_they_are() -> None:
    held = np.array([8, 9, 30, 8])
    assert joined(Held(held, held), borders(grid(2, 2)), 8).tolist() == [0, 1, 2, 3]


def test_a_cell_is_joined_to_the_neighbour_with_the_longest_border() -> None:
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 3), shapely.box(0, 1, 1, 1.5), shapely.box(0, 1.5, 1, 3)]
    cells = AreaMap(np.array([TOWN] * 4, dtype=object), np.array(shapes, dtype=object))
    held = np.array([20, 20, 20, 3])
    assert joined(Held(held, held), borders(cells), 8).tolist() == [0, 1, 2, 1]


def test_an_island_is_joined_across_the_water_and_towns_are_never_joined() -> None:
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2.2, 0, 3, 1), shapely.box(0, 1, 1, 2)]
    cells = AreaMap(np.array([TOWN, TOWN, TOWN, "other"], dtype=object), np.array(shapes, dtype=object))
    held = np.array([20, 20, 1, 1])
    label = joined(Held(held, held), borders(cells), 8)
    assert label.tolist() == [0, 1, 1, -1]


def test_one_house_is_no_area_however_many_live_there() -> None:
    residents, points = np.array([40, 40]), np.array([1, 1])
    assert joined(Held(residents, points), borders(grid(2, 1)), 8).tolist() == [0, 0]
    assert not Held(residents, points).enough(8).any()
    assert FEWEST_POINTS == 2


def test_areas_that_were_published_are_kept_and_only_joined_further() -> None:
    cells, near = grid(4, 1), borders(grid(4, 1))
    before = np.array([4, 4, 8, 8])
    first = joined(Held(before, before), near, 8)
    assert first.tolist() == [0, 0, 2, 3]
    grown = np.array([40, 40, 40, 40])
    start = nested(cells, united(cells, first))
    assert joined(Held(grown, grown), near, 8, start).tolist() == [0, 0, 2, 3]
    shrunk = np.array([40, 40, 40, 1])
    assert joined(Held(shrunk, shrunk), near, 8, start).tolist() == [0, 0, 2, 2]


def test_cells_of_another_grid_lie_in_no_earlier_area() -> None:
    moved = AreaMap(grid(3, 1).geoid, shapely.transform(grid(3, 1).shape, lambda at: at + np.array([0.005, 0.0])))
    assert nested(moved, grid(4, 1)).tolist() == [-1, -1, -1]
    assert nested(grid(4, 1), united(grid(4, 1), np.array([0, 0, 2, 2]))).tolist() == [0, 0, 1, 1]


def middles(cells: AreaMap, each: int) -> tuple[np.ndarray, np.ndarray]:
    """`each` addresses in every cell, apart."""
    rng = np.random.default_rng(1)
    west, south, east, north = np.repeat(shapely.bounds(cells.shape), each, axis=0).T
    return west + rng.random(len(west)) * (east - west), south + rng.random(len(west)) * (north - south)


@pytest.mark.parametrize(
    ("old", "new", "close"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], []),  # the same
        ([0, 1, 2, 3], [0, 0, 2, 2], []),  # joined
        ([0, 0, 2, 2], [0, 1, 2, 3], []),  # divided, each part with enough
        ([0, 0, 0, 3], [0, 0, 2, 2], [1]),  # the third cell is where they meet
    ],
)
def test_a_row_in_two_versions_is_not_known_more_closely(old: list[int], new: list[int], close: list[int]) -> None:
    cells = grid(4, 1)
    x, y = middles(cells, 9 if close == [] else 5)
    if close:
        # Five addresses in each cell: two cells are enough, what two maps leave of them is not.
        new_map = united(cells, np.array(new))
        found = too_close(united(cells, np.array(old)), new_map, x, y, 8)
        assert found.tolist() == close
    else:
        assert not len(too_close(united(cells, np.array(old)), united(cells, np.array(new)), x, y, 8))


def test_three_maps_tell_more_than_two() -> None:
    cells = grid(4, 4)
    x, y = middles(cells, 3)
    column = np.array([0, 0, 2, 2] * 4)
    row = np.repeat([0, 0, 8, 8], 4)
    halves, other = united(cells, column), united(cells, row)
    quarters = together(halves, other)
    assert len(quarters.shape) == 4
    assert not len(too_close(halves, other, x, y, 12))  # 4 cells of 3 addresses where they meet
    checks = united(cells, np.array([0, 1, 0, 1] * 4))
    assert not len(too_close(halves, checks, x, y, 12))
    assert len(too_close(quarters, checks, x, y, 12)) == 2  # 2 cells


def test_together_keeps_what_only_one_map_has() -> None:
    one, other = grid(2, 1), grid(2, 1, town="other")
    both = together(one, other)
    assert len(both.shape) == 4
    assert together(both, united(one, np.array([0, 0]))).geoid.tolist().count(TOWN) == 2
    same = together(one, one)
    assert same.geoid.tolist() == one.geoid.tolist()
    assert shapely.equals(same.shape, one.shape).all()


def test_the_rounding_of_a_border_is_no_place() -> None:
    cells = grid(2, 1)
    rounded = shapely.transform(cells.shape, lambda at: np.round(at + 3e-7, 6))
    x, y = middles(cells, 8)
    assert not len(too_close(cells, AreaMap(cells.geoid, rounded), x, y, 8))
