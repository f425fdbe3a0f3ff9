"""How a sensitive count is told: against the words of the rule, written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.privacy.rounding import greatest, least, nearest, rounded

counts = st.lists(st.integers(0, 10**6), max_size=40).map(lambda n: np.array(n, np.int64))


def test_small_numbers_one_by_one() -> None:
    told = rounded(np.arange(14))
    said = ["under 5" if u else int(v) for v, u in zip(told.value, told.under, strict=True)]
    assert said == ["under 5"] * 5 + [5] * 3 + [10] * 5 + [15]
    assert least(told).tolist() == [0] * 5 + [5] * 3 + [8] * 5 + [13]
    assert greatest(told).tolist() == [4] * 5 + [7] * 3 + [12] * 5 + [17]


@given(counts)
def test_a_count_is_among_those_that_are_told_so_and_no_other_count_is(numbers: np.ndarray) -> None:
    told = rounded(numbers)
    low, high = least(told), greatest(told)
    assert ((low <= numbers) & (numbers <= high)).all()
    assert (high - low >= 2).all(), "three whole numbers at least"
    for edge in (low, high):
        assert rounded(edge).value.tolist() == told.value.tolist()
        assert rounded(edge).under.tolist() == told.under.tolist()
    for value in (rounded(high + 1), rounded(np.maximum(low - 1, 0))):
        same = (value.value == told.value) & (value.under == told.under)
        assert not same[(low > 0) | (value.value > told.value)].any()


@given(counts)
def test_told_counts_are_multiples_of_5_near_the_count_and_in_its_order(numbers: np.ndarray) -> None:
    told = rounded(np.sort(numbers))
    assert (told.value % 5 == 0).all()
    assert (np.diff(told.value) >= 0).all()
    assert (np.abs(told.value - np.sort(numbers))[~told.under] <= 2).all()
    assert (told.value[told.under] == 0).all()


@given(st.integers(0, 10**6), st.sampled_from([5, 10]))
def test_the_nearest_multiple_is_the_nearest_and_halves_go_up(count: int, base: int) -> None:
    (found,) = nearest(np.array([count]), base)
    assert found % base == 0
    assert abs(int(found) - count) <= base / 2
    assert found > count or count - found < base / 2


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        rounded(np.array([3, -1]))
