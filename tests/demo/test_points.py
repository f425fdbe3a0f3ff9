"""Points are inside their polygon and uniform in it, whatever its shape."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from candor.demo.calls import _running_count
from candor.demo.towns import PointSampler

L = shapely.Polygon([(0, 0), (4, 0), (4, 1), (1, 1), (1, 4), (0, 4)])
RING = shapely.Polygon([(10, 0), (13, 0), (13, 3), (10, 3)], [[(11, 1), (12, 1), (12, 2), (11, 2)]])
TWO = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(30, 0, 33, 1)])
SHAPES = np.array([L, RING, TWO], dtype=object)


def test_points_are_uniform_in_shapes_with_corners_holes_and_parts() -> None:
    which = np.repeat([2, 0, 1], 20_000)
    x, y = PointSampler(SHAPES).draw(which, np.random.default_rng(3))
    assert shapely.contains_xy(SHAPES[which], x, y).all()
    of_l, of_two, of_ring = which == 0, which == 2, which == 1
    assert abs((x[of_l] > 1).mean() - 3 / 7) < 0.02
    assert abs((x[of_two] > 25).mean() - 3 / 4) < 0.02
    assert abs((y[of_ring] < 1).mean() - 3 / 8) < 0.02


@given(st.lists(st.integers(0, 5), max_size=60))
def test_incident_numbers_count_up_within_each_agency(groups: list[int]) -> None:
    found = _running_count(np.array(groups, dtype=np.int64), 6)
    assert found.tolist() == [groups[: i + 1].count(g) for i, g in enumerate(groups)]
