from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from candor.measures.intervals import byar, garwood, poisson_interval, rate_per_1000

counts = hnp.arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 10_000_000))
levels = st.sampled_from([0.8, 0.95, 0.998])


@pytest.fixture
def reference(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data.parent / "reference" / "byar_wilson_intervals.csv").open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["method"] == "Byars"]


def test_byars_limits_are_the_published_ones(reference: list[dict[str, str]]) -> None:
    checked = 0
    for row in reference:
        lower, upper = byar(float(row["x"]), float(row["confidence"].rstrip("%")) / 100)
        if row["lowercl"]:
            assert lower == pytest.approx(float(row["lowercl"]), rel=1e-12)
            checked += 1
        assert upper == pytest.approx(float(row["uppercl"]), rel=1e-12)
    assert checked >= 6


# The classical table of exact 95 % limits.
TABLE = [(0, 0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (9, 4.115, 17.085)]


@pytest.mark.parametrize(("x", "low", "high"), TABLE)
def test_garwoods_limits_are_those_of_the_table(x: int, low: float, high: float) -> None:
    lower, upper = garwood(x)
    assert lower == pytest.approx(low, abs=6e-4)
    assert upper == pytest.approx(high, abs=6e-4)


@given(st.integers(0, 100_000), levels)
def test_garwoods_limits_leave_each_tail_its_probability(x: int, level: float) -> None:
    lower, upper = garwood(x, level)
    tail = (1 - level) / 2
    assert stats.poisson.cdf(x, upper) == pytest.approx(tail, rel=1e-6)
    if x:
        assert stats.poisson.sf(x - 1, lower) == pytest.approx(tail, rel=1e-6)


@given(st.integers(10, 10_000_000), levels)
def test_byar_is_near_the_exact_interval_where_it_is_used(x: int, level: float) -> None:
    near, exact = byar(x, level), garwood(x, level)
    width = exact.upper - exact.lower
    assert abs(near.lower - exact.lower) < 0.01 * width
    assert abs(near.upper - exact.upper) < 0.01 * width


def test_the_exact_interval_is_used_under_ten_and_byars_from_ten() -> None:
    x = np.array([0, 1, 9, 10, 11])
    got, exact, near = poisson_interval(x), garwood(x), byar(x)
    assert np.array_equal(got.lower, [*exact.lower[:3], *near.lower[3:]])
    assert np.array_equal(got.upper, [*exact.upper[:3], *near.upper[3:]])
    assert not np.allclose(exact.upper, near.upper, rtol=1e-6)


@given(counts, levels)
def test_intervals_enclose_their_count_and_grow_with_it(x: np.ndarray, level: float) -> None:
    x = np.sort(x)
    lower, upper = poisson_interval(x, level)
    next_lower, next_upper = poisson_interval(x + 1, level)
    assert (lower <= x).all()
    assert (x < upper).all()
    assert (lower >= 0).all()
    assert (next_lower > lower).all()
    assert (next_upper > upper).all()
    assert (np.diff(lower) >= 0).all()
    wide = poisson_interval(x, 0.999)
    assert (wide.upper > upper).all()
    assert (wide.lower <= lower).all()


@given(counts, st.data())
def test_a_rate_exists_wherever_somebody_lives_and_lies_in_its_interval(x: np.ndarray, data: st.DataObject) -> None:
    n = data.draw(hnp.arrays(np.int64, x.shape, elements=st.integers(0, 9_000_000)))
    years = data.draw(st.sampled_from([1 / 12, 0.5, 1.0, 3.0]))
    rate, lower, upper = rate_per_1000(x, n, years)
    assert np.array_equal(np.isnan(rate), n == 0)
    assert np.array_equal(np.isnan(lower), n == 0)
    some = n > 0
    assert (lower[some] <= rate[some]).all()
    assert (rate[some] <= upper[some]).all()
    assert np.allclose(rate[some] * n[some] * years / 1000, x[some])


def test_a_rate_is_per_thousand_residents_and_year() -> None:
    rate, lower, upper = rate_per_1000([65, 65], [1_000, 2_000], [1, 0.5])
    assert rate == pytest.approx([65, 65])
    assert lower == pytest.approx([50.16319] * 2, rel=1e-6)
    assert upper == pytest.approx([82.84914] * 2, rel=1e-6)


def test_what_is_not_known_stays_not_known() -> None:
    assert np.isnan(poisson_interval([np.nan, 12.0]).lower).tolist() == [True, False]
    assert np.isnan(rate_per_1000(np.nan, 100).rate)
    assert np.isnan(rate_per_1000(5, np.nan).rate)


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        poisson_interval(-1)
    with pytest.raises(ValueError, match="95"):
        garwood(3, 95)
    with pytest.raises(ValueError, match="persons"):
        rate_per_1000(3, -1)
