"""The maps of others, as they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from worlds.naive import changed, fifths, naive_map, rank_correlation

numbers = hnp.arrays(np.float64, st.integers(3, 40), elements=st.integers(0, 50).map(float))


def test_fifths_are_cut_at_the_quintiles() -> None:
    assert fifths(np.arange(10.0)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_a_crude_rate_puts_the_small_town_on_top_and_a_count_the_large_one() -> None:
    calls, residents = np.array([2.0, 9, 10, 11, 1000]), np.array([20.0, 1000, 1000, 1000, 100_000])
    found = naive_map(calls, residents)
    assert found.rate_fifth.argmax() == 0
    assert found.count_fifth.argmax() == 4


def test_from_one_to_two_is_a_hundred_percent_and_from_none_beyond_measure() -> None:
    earlier, later = np.array([1.0, 0, 0, 100, 100, 100]), np.array([2.0, 1, 0, 120, 119, 80])
    assert changed(earlier, later).tolist() == [True, True, False, True, False, True]


@given(numbers)
def test_rank_correlation_is_spearmans(values: np.ndarray) -> None:
    others = np.random.default_rng(len(values)).permutation(values) + np.arange(len(values), dtype=np.float64)
    if (values == values[0]).all():
        assert rank_correlation(values, others) == 0
    else:
        assert rank_correlation(values, others) == pytest.approx(stats.spearmanr(values, others).statistic, abs=1e-9)
