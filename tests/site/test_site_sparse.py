"""Numbers that only some cells have come back as they were added, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.published.sparse import Numbers

SIZE = 1_000
some = st.lists(st.integers(0, SIZE - 1), unique=True)


@given(some, st.integers(0, 40))
def test_each_cell_has_its_own_numbers(cells: list[int], parts: int) -> None:
    numbers = Numbers(2, SIZE)
    for part in np.array_split(np.array(cells, np.int64), parts + 1):
        numbers.add(part, [part + np.float64(0.5), np.where(part % 3 == 0, np.nan, -part.astype(np.float64))])
    numbers.close()
    asked = np.arange(SIZE)
    first, second = numbers.at(asked)
    there = np.isin(asked, cells)
    assert np.array_equal(first, np.where(there, asked + 0.5, np.nan), equal_nan=True)
    assert np.array_equal(second, np.where(there & (asked % 3 != 0), -asked, np.nan), equal_nan=True)


@pytest.mark.parametrize("size", [1, 63, 64, 65, 128])
def test_the_last_cell_is_one_of_them(size: int) -> None:
    numbers = Numbers(1, size)
    numbers.add(np.array([size - 1]), [np.array([7.0])])
    assert numbers.at(np.arange(size))[0].tolist()[-1] == 7.0
    assert np.isnan(numbers.at(np.arange(size))[0][:-1]).all()
