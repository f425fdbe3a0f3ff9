from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize, stats

from candor.statistics.intervals import (
    Interval,
    byar,
    garwood,
    poisson_interval,
    rate_per_1000,
    standardised_rate,
    wilson,
)

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


@pytest.mark.parametrize("interval", [garwood, byar, poisson_interval])
@given(x=counts, level=levels)
def test_every_interval_encloses_every_count(
    interval: Callable[[np.ndarray, float], Interval], x: np.ndarray, level: float
) -> None:
    x = np.append(x, [0.0, np.nan, 10_000_000])
    lower, upper = interval(x, level)
    known = ~np.isnan(x)
    assert np.array_equal(np.isfinite(lower), known)
    assert np.array_equal(np.isfinite(upper), known)
    assert ((lower[known] >= 0) & (lower[known] <= x[known]) & (x[known] < upper[known])).all()
    alone = [interval(np.asarray(v), level) for v in x]  # what stands beside a count does not matter
    assert np.allclose([a.lower for a in alone], lower, rtol=1e-13, atol=0, equal_nan=True)
    assert np.allclose([a.upper for a in alone], upper, rtol=1e-13, atol=0, equal_nan=True)


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


def test_dobsons_interval_has_the_shape_of_the_published_ones(published: Callable[[str], list[dict[str, str]]]) -> None:
    """The file has rates and limits and no strata: the number of events is what the limits' asymmetry says.

    The fifth quintile's limits are made up: they are the same in every period, and not of one kind of interval.
    """
    rows = [r for r in published("dsr_input.csv") if r["Quintile"] != "5"]
    assert len(rows) == 24
    for row in rows:
        rate, low, high, people = (float(row[k]) for k in ("value", "lowercl", "uppercl", "total_pop"))

        def skew(events: float, wanted: float = (high - rate) / (rate - low)) -> float:
            lower, upper = byar(events)
            return float((upper - events) / (events - lower)) - wanted

        events = round(optimize.brentq(skew, 100, 1e6))
        assert events == pytest.approx(rate * people / 10_000, rel=0.05)
        # Two strata with that many events, that rate and that variance give the printed limits.
        lower, upper = byar(events)
        scale = (high - low) / (upper - lower) / 10_000
        mean = rate / 10_000 / events
        few = mean / 2  # what one event of the second stratum adds to the rate, and of the first:
        much = (scale**2 - few**2) / (mean - few) - few
        x = events * np.array([(mean - few) / (much - few), (much - mean) / (much - few)])
        got = standardised_rate(x, 0.5 / np.array([much, few]), [1, 1], per=10_000)
        assert got.rate == pytest.approx(rate, rel=1e-9)
        assert [float(got.lower), float(got.upper)] == pytest.approx([low, high], abs=2e-6)


def test_a_standardised_rate_by_hand() -> None:
    got = standardised_rate([10, 40], [1000, 500], [3, 1])
    assert got.rate == pytest.approx((3 * 10 + 80) / 4)
    limits = byar(50)
    scale = 1000 * np.sqrt((9 * 10 / 1000**2 + 40 / 500**2) / 16 / 50)
    assert got.lower == pytest.approx(27.5 + scale * (limits.lower - 50))
    assert got.upper == pytest.approx(27.5 + scale * (limits.upper - 50))


def test_a_standardised_rate_covers_the_truth() -> None:
    rng = np.random.default_rng(4)
    n, true, weights = np.array([400, 900, 300, 60]), np.array([0.03, 0.01, 0.02, 0.08]), [2, 5, 2, 1]
    got = standardised_rate(rng.poisson(n * true, (20_000, 4)), n, weights, per=1)
    covered = (got.lower <= np.average(true, weights=weights)) & (np.average(true, weights=weights) <= got.upper)
    assert 0.94 < covered.mean() < 0.97


@given(st.data(), levels)
def test_a_standardised_rate_survives_every_stratum(data: st.DataObject, level: float) -> None:
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 6)))
    x = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 10_000_000)))
    n = data.draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 9_000_000)))
    w = data.draw(hnp.arrays(np.int64, shape[1], elements=st.integers(0, 9_000_000)))
    rate, lower, upper = standardised_rate(x, n, w, level)
    exists = ~((n == 0) & (w > 0)).any(axis=1) & (w.sum() > 0)
    for values in (rate, lower, upper):
        assert np.array_equal(np.isnan(values), ~exists)
    assert (lower[exists] >= 0).all()
    assert (lower[exists] <= rate[exists]).all()
    assert (rate[exists] <= upper[exists]).all()
    crude = standardised_rate(x, n, n, level)  # with its own people as the standard, it is the crude rate
    full = (n > 0).all(axis=1)
    plain = rate_per_1000(x[full].sum(axis=1), n[full].sum(axis=1), 1, level)
    for got, expected in zip(crude, plain, strict=True):
        assert np.allclose(got[full], expected, rtol=1e-6, atol=1e-9)


def test_what_is_not_known_stays_not_known() -> None:
    assert np.isnan(poisson_interval([np.nan, 12.0]).lower).tolist() == [True, False]
    assert np.isnan(rate_per_1000(np.nan, 100).rate)
    assert np.isnan(rate_per_1000(5, np.nan).rate)
    assert np.isnan(wilson([np.nan, 3.0], [9.0, 9.0]).upper).tolist() == [True, False]
    assert np.isnan(standardised_rate(np.array([[1, np.nan], [1, 2]]), [5, 5], [1, 1]).upper).tolist() == [True, False]


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        poisson_interval(-1)
    with pytest.raises(ValueError, match="95"):
        garwood(3, 95)
    with pytest.raises(ValueError, match="persons"):
        rate_per_1000(3, -1)
    with pytest.raises(ValueError, match="no more than the whole"):
        wilson(3, 2)
    with pytest.raises(ValueError, match="weights"):
        standardised_rate([3], [2], [-1])
