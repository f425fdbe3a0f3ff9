from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from candor.statistics.negative_binomial import at_least, at_most, mean_interval, usual_counts

counts = st.one_of(st.integers(0, 30), st.integers(0, 10_000_000))
wanders = st.one_of(st.just(0.0), st.floats(0.0001, 0.5))
means = st.one_of(st.floats(1e-3, 60), st.floats(1e-3, 1e6))
levels = st.sampled_from([0.8, 0.95, 0.998])


def enumerated(mean: float, c: float, up_to: int) -> np.ndarray:
    """The probabilities of 0, 1, .. by multiplying from each to the next: p(x + 1) / p(x) = (x + k) q / (x + 1)."""
    k, q = 1 / c, mean * c / (1 + mean * c)
    p = [(1 - q) ** k]
    for x in range(up_to):
        p.append(p[-1] * (x + k) * q / (x + 1))
    return np.array(p)


@pytest.mark.parametrize(("mean", "c"), [(5.0, 0.2), (12.5, 0.04), (80.0, 0.0025)])
def test_the_tails_are_those_of_adding_up(mean: float, c: float) -> None:
    p = enumerated(mean, c, 400)
    assert p.sum() == pytest.approx(1)
    x = np.arange(401)
    assert (p * x).sum() == pytest.approx(mean)
    assert (p * (x - mean) ** 2).sum() == pytest.approx(mean + c * mean**2)
    some = np.arange(0, int(3 * mean))
    assert at_most(some, mean, c) == pytest.approx(p.cumsum()[some], rel=1e-9)
    assert at_least(some, mean, c) == pytest.approx(np.append(1, 1 - p.cumsum())[some], rel=1e-6)


@given(counts, means, wanders)
def test_the_tails_are_scipys(x: int, mean: float, c: float) -> None:
    law = stats.poisson(mean) if c == 0 else stats.nbinom(1 / c, 1 / (1 + mean * c))
    assert at_most(x, mean, c) == pytest.approx(float(law.cdf(x)), rel=1e-6, abs=1e-12)
    assert at_least(x, mean, c) == pytest.approx(float(law.sf(x - 1)), rel=1e-6, abs=1e-12)


@given(counts, wanders, levels)
def test_interval_and_tails_are_exactly_dual(x: int, c: float, level: float) -> None:
    """At each limit one tail has half of what the level leaves; a mean outside has less, one inside has more."""
    lower, upper = (float(v) for v in mean_interval(x, c, level))
    tail = (1 - level) / 2
    assert at_most(x, upper, c) == pytest.approx(tail, rel=1e-6)
    if x:
        assert at_least(x, lower, c) == pytest.approx(tail, rel=1e-6)
    else:
        assert lower == 0
    for mean in (lower * (1 - 1e-5), lower * (1 + 1e-5), upper * (1 - 1e-5), upper * (1 + 1e-5)):
        if mean > 0:
            rare = min(float(at_least(x, mean, c)), float(at_most(x, mean, c))) < tail
            assert rare == (mean < lower or mean > upper)


@given(st.integers(0, 10_000), means, wanders, levels)
def test_a_tail_is_rare_exactly_where_the_interval_leaves_the_mean_out(
    x: int, mean: float, c: float, level: float
) -> None:
    lower, upper = (float(v) for v in mean_interval(x, c, level))
    if min(abs(lower - mean), abs(upper - mean)) > 1e-6 * mean:
        assert bool(at_least(x, mean, c) < (1 - level) / 2) == (mean < lower)
        assert bool(at_most(x, mean, c) < (1 - level) / 2) == (mean > upper)


@given(st.lists(counts, min_size=2, max_size=20, unique=True), wanders, levels)
def test_the_interval_encloses_the_count_and_grows_with_it(x: list[int], c: float, level: float) -> None:
    x = sorted(x)
    lower, upper = mean_interval(x, c, level)
    assert (lower <= x).all()
    assert (x < upper).all()
    assert (np.diff(lower) > 0).all()
    assert (np.diff(upper) > 0).all()


@given(counts, st.lists(wanders, min_size=2, max_size=8, unique=True), levels)
def test_more_wander_never_makes_an_interval_narrower(x: int, c: list[float], level: float) -> None:
    lower, upper = mean_interval(x, sorted(c), level)
    assert (np.diff(upper) >= -1e-9 * upper[1:]).all()
    assert (np.diff(upper - lower) >= -1e-9 * upper[1:]).all()
    if x != 1:
        assert (np.diff(lower) <= 1e-9 * lower[1:]).all()


def test_of_one_event_the_lower_limit_hardly_moves() -> None:
    """P(X >= 1) = 1 - (1 + c m)^(-1/c): more wander is more zeros, so it rises, by under 1 %; the width grows more."""
    c = np.array([0.001, 0.01, 0.1, 0.5])
    lower, upper = mean_interval(1, c)
    assert lower == pytest.approx((0.975**-c - 1) / c, rel=1e-9)
    assert (np.diff(lower) > 0).all()
    assert lower[-1] < 1.01 * lower[0]
    assert (np.diff(upper) > np.diff(lower)).all()


# The classical table of exact 95 % limits of a Poisson mean (Garwood 1936).
@pytest.mark.parametrize(
    ("x", "low", "high"),
    [(0, 0, 3.689), (1, 0.0253, 5.572), (2, 0.242, 7.225), (5, 1.623, 11.668), (9, 4.115, 17.085)],
)
def test_without_wander_the_limits_are_garwoods(x: int, low: float, high: float) -> None:
    for c in (0.0, 1e-8):  # as good as none
        lower, upper = mean_interval(x, c)
        assert lower == pytest.approx(low, abs=6e-4)
        assert upper == pytest.approx(high, abs=6e-4)


@given(counts, levels)
def test_without_wander_the_limits_are_quantiles_of_chi_squared(x: int, level: float) -> None:
    tail = (1 - level) / 2
    lower, upper = mean_interval(x, 0.0, level)
    assert lower == pytest.approx(float(stats.chi2.ppf(tail, 2 * x)) / 2 if x else 0, rel=1e-9)
    assert upper == pytest.approx(float(stats.chi2.isf(tail, 2 * x + 2)) / 2, rel=1e-9)


def test_without_wander_the_limits_are_near_the_published_approximation(
    published: Callable[[str], list[dict[str, str]]],
) -> None:
    """Byar's limits, which health statistics print, differ from the exact ones by under 1 % of the width from 10 on."""
    rows = [r for r in published("byar_wilson_intervals.csv") if r["method"] == "Byars" and float(r["x"]) >= 10]
    assert len(rows) >= 4
    for row in rows:
        lower, upper = mean_interval(float(row["x"]), 0.0, float(row["confidence"].rstrip("%")) / 100)
        assert upper == pytest.approx(float(row["uppercl"]), abs=0.01 * float(upper - lower))
        if row["lowercl"]:
            assert lower == pytest.approx(float(row["lowercl"]), abs=0.01 * float(upper - lower))


@pytest.mark.parametrize("c", [0.0025, 0.02, 0.2])
@pytest.mark.parametrize("mean", [5.0, 20.0, 150.0])
def test_the_interval_holds_the_mean_in_95_to_98_of_100(mean: float, c: float) -> None:
    """METHODS, Rates: exactly, by the probability of each count, and at most 1 less for counts that are told apart."""
    p = enumerated(mean, c, int(mean * 12 + 200))
    lower, upper = mean_interval(np.arange(len(p)), c)
    covered = p[(lower <= mean) & (mean <= upper)].sum()
    assert 0.95 <= covered <= 0.985


def test_poissons_interval_does_not_hold_where_counts_wander() -> None:
    p = enumerated(150, 0.04, 3000)
    lower, upper = mean_interval(np.arange(len(p)), 0.0)
    assert p[(lower <= 150) & (upper >= 150)].sum() < 0.7


@given(st.one_of(st.just(0.0), means), wanders, st.sampled_from([0.9, 0.95, 0.998]))
def test_usual_counts_are_the_outermost_whose_tails_are_not_rare(mean: float, c: float, level: float) -> None:
    lower, upper = (float(v) for v in usual_counts(mean, c, level))
    tail = (1 - level) / 2
    assert lower == round(lower)
    assert upper == round(upper)
    assert 0 <= lower <= upper
    # Both are usual, and what is beyond them is not; up to the digits of a probability.
    assert at_most(lower, mean, c) >= tail * (1 - 1e-6)
    assert at_least(upper, mean, c) >= tail * (1 - 1e-6)
    assert lower == 0 or at_most(lower - 1, mean, c) <= tail * (1 + 1e-6)
    assert at_least(upper + 1, mean, c) <= tail * (1 + 1e-6)


def test_usual_counts_by_scipy() -> None:
    mean, c = np.array([5.0, 40.0, 900.0]), np.array([0.0, 0.01, 0.0004])
    laws = [stats.poisson(5.0), *(stats.nbinom(1 / w, 1 / (1 + m * w)) for m, w in ((40.0, 0.01), (900.0, 0.0004)))]
    lower, upper = usual_counts(mean, c)
    assert lower.tolist() == [float(law.ppf(0.001)) for law in laws]
    assert upper.tolist() == [float(law.ppf(0.999)) for law in laws]


@given(hnp.arrays(np.float64, 6, elements=st.one_of(counts.map(float), st.just(np.nan))))
def test_what_is_not_known_is_not_and_what_stands_beside_it_does_not_matter(x: np.ndarray) -> None:
    c = np.array([0.0, 0.1, np.nan, 0.0, 0.1, 0.02])
    known = np.isfinite(x) & np.isfinite(c)
    lower, upper = mean_interval(x, c)
    up, down = at_least(x, 7.0, c), at_most(x, 7.0, c)
    for values in (lower, upper, up, down):
        assert np.array_equal(np.isfinite(values), known | ((values == 0) & (x == 0)))
    for i in np.flatnonzero(known):
        alone = mean_interval(x[i], c[i])
        assert (alone.lower, alone.upper) == (lower[i], upper[i])


@pytest.mark.parametrize(("x", "mean", "c"), [(-1, 1, 0), (1, -1, 0), (1, 1, -0.1)])
def test_what_cannot_be_is_an_error(x: float, mean: float, c: float) -> None:
    for of in (at_least, at_most):
        with pytest.raises(ValueError, match="0 or more"):
            of(x, mean, c)


def test_a_level_is_a_probability() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        mean_interval(-1)
    with pytest.raises(ValueError, match="95"):
        mean_interval(3, 0.0, 95)
    with pytest.raises(ValueError, match="95"):
        usual_counts(3, 0.0, 95)
