from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from candor.statistics.intervals import wilson

counts = hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 10_000_000))
levels = st.sampled_from([0.8, 0.95, 0.998])


def test_wilsons_limits_are_the_published_ones(published: Callable[[str], list[dict[str, str]]]) -> None:
    rows = [r for r in published("byar_wilson_intervals.csv") if r["method"] == "Wilson"]
    assert len(rows) == 6
    for row in rows:
        lower, upper = wilson(float(row["x"]), float(row["n"]), float(row["confidence"].rstrip("%")) / 100)
        assert lower == pytest.approx(float(row["lowercl"]), rel=1e-12)
        assert upper == pytest.approx(float(row["uppercl"]), rel=1e-12)


@given(counts, st.data(), levels)
def test_a_proportion_lies_in_its_interval_between_none_and_all(
    x: np.ndarray, data: st.DataObject, level: float
) -> None:
    n = x + data.draw(hnp.arrays(np.int64, x.shape, elements=st.integers(0, 10_000_000)))
    lower, upper = wilson(x, n, level)
    some = n > 0
    assert np.array_equal(np.isnan(lower), ~some)
    assert np.array_equal(np.isnan(upper), ~some)
    share = x[some] / n[some]
    assert ((lower[some] >= 0) & (lower[some] <= share) & (share <= upper[some]) & (upper[some] <= 1)).all()
    z = stats.norm.isf((1 - level) / 2)
    for limit in (lower[some], upper[some]):  # where the score test turns
        turns = (limit > 0) & (limit < 1)
        score = (share - limit) ** 2 * n[some]
        assert np.allclose(score[turns], (z**2 * limit * (1 - limit))[turns], rtol=1e-4)


def test_what_is_not_known_stays_not_known() -> None:
    assert np.isnan(wilson([np.nan, 3.0], [9.0, 9.0]).upper).tolist() == [True, False]


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        wilson(-1, 3)
    with pytest.raises(ValueError, match="95"):
        wilson(3, 4, 95)
    with pytest.raises(ValueError, match="no more than the whole"):
        wilson(3, 2)
