from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize, stats
from tests.statistics.references import fit_prior_by_moments

from candor.statistics.smoothing import Prior, fit_prior, marshall, probability_above, smoothed

Rows = list[dict[str, str]]

counts = st.one_of(st.integers(0, 5), st.integers(0, 10_000_000)).map(float)
sizes = st.one_of(st.just(0.0), st.floats(0.01, 50), st.floats(0.01, 1e7))


def column(rows: Rows, name: str) -> np.ndarray:
    return np.array([float(r[name]) for r in rows])


def test_marshalls_estimate_is_the_published_one(published: Callable[[str], Rows]) -> None:
    rows = published("nc_sids.csv")
    got = marshall(column(rows, "SID74"), column(rows, "BIR74"))
    assert len(got) == 100
    assert got == pytest.approx(column(rows, "eb_marshall"), rel=1e-9)


def test_the_likeliest_prior_is_the_published_one(published: Callable[[str], Rows]) -> None:
    rows = published("scotland_lip.csv")
    observed, expected = column(rows, "cases"), column(rows, "expected")
    prior = fit_prior(observed, expected)
    assert round(float(prior.shape), 4) == 1.8795
    assert round(float(prior.rate), 4) == 1.3217
    got = smoothed(observed, expected, prior)
    assert got.mean == pytest.approx(column(rows, "eBayes_RR_nocov"), rel=1e-4)
    half = np.array(
        [
            probability_above(o, e, prior, r)[0]
            for o, e, r in zip(observed, expected, column(rows, "eBayes_RRmed_nocov"), strict=True)
        ]
    )
    assert half == pytest.approx(np.full(56, 0.5), abs=1e-3)


@pytest.mark.parametrize(
    ("file", "cases", "expected"), [("scotland_lip.csv", "cases", "expected"), ("nc_sids.csv", "SID74", "expected74")]
)
def test_the_moments_give_the_published_risks(
    published: Callable[[str], Rows], file: str, cases: str, expected: str
) -> None:
    rows = published(file)
    o, e = column(rows, cases), column(rows, expected)
    got = smoothed(o, e, fit_prior_by_moments(o, e)).mean
    assert got == pytest.approx(column(rows, "empbaysmooth_rr"), rel=1e-4)


def log_likelihood(prior: Prior, observed: np.ndarray, expected: np.ndarray) -> float:
    a, m = float(prior.shape), float(prior.mean)
    if np.isinf(a):
        return float(stats.poisson.logpmf(observed, m * expected).sum())
    return float(stats.nbinom.logpmf(observed, a, a / (a + m * expected)).sum())


@pytest.mark.parametrize("seed", range(6))
def test_no_other_prior_is_likelier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    expected = rng.lognormal(1, 2, 60)
    true = rng.gamma([0.3, 1, 3, 10, 100, 1000][seed], 1, 60)
    observed = rng.poisson(expected * true / true.mean()).astype(float)
    best = log_likelihood(fit_prior(observed, expected), observed, expected)
    for start in ([0, 0], [3, 0], [-2, 1], [6, 0]):
        other = optimize.minimize(
            lambda v: -log_likelihood(Prior(np.exp(v[0]), np.exp(v[1])), observed, expected),
            start,
            method="Nelder-Mead",
        )
        assert best >= -other.fun - 1e-3


def test_the_likeliest_shape_keeps_its_digits_where_the_towns_hardly_differ() -> None:
    """Beside chance the likelihood is flat and its derivative a small difference of large numbers."""
    rng = np.random.default_rng(12)
    expected = rng.lognormal(0, 1, 255)
    observed = rng.poisson(expected, (200, 255)).astype(float)
    shapes = fit_prior(observed, expected).shape
    assert (shapes[np.isfinite(shapes)] > 100).sum() > 20

    def slope(a: float, observed: np.ndarray) -> float:
        """The derivative by the shape, added up without loss: digamma(a + O) - digamma(a) = sum 1 / (a + j)."""
        m = optimize.brentq(lambda m: ((observed - m * expected) / (a + m * expected)).sum(), 0.5, 2, xtol=1e-15)
        rises = [1 / (a + j) for o in observed for j in range(int(o))]
        return math.fsum([*rises, *-np.log1p(m * expected / a)])

    for a, row in zip(shapes, observed, strict=True):
        if np.isfinite(a):
            assert slope(a * (1 - 1e-7), row) > 0 > slope(a * (1 + 1e-7), row)


def test_a_city_does_not_hide_how_the_towns_vary() -> None:
    # The city is as the mean has it, so the towns' squares add up to less than chance would; yet they vary widely.
    rng = np.random.default_rng(7)
    expected = np.append(np.full(80, 15.0), 200_000.0)
    observed = np.append(rng.poisson(15 * rng.gamma(3, 1 / 3, 80)), 200_000.0)
    squares = (observed - observed.sum() / expected.sum() * expected) ** 2
    assert squares.sum() < observed.sum()
    prior = fit_prior(observed, expected)
    assert 1.5 < prior.shape < 6
    best = log_likelihood(prior, observed, expected)
    others = [log_likelihood(Prior(a, prior.mean), observed, expected) for a in np.geomspace(1e-3, 1e6, 60)]
    assert best >= max(others) - 1e-9


def test_a_small_town_cannot_shout() -> None:
    rng = np.random.default_rng(5)
    expected = np.append(rng.uniform(10, 200, 100), 0.2)
    observed = np.append(rng.poisson(expected[:-1] * rng.gamma(8, 1 / 8, 100)), 2).astype(float)
    mean, lower, upper = smoothed(observed, expected, prior := fit_prior(observed, expected))
    assert observed[-1] / expected[-1] == 10
    assert mean[-1] < 1.5
    assert lower[-1] < 1 < upper[-1]
    assert 0.5 < probability_above(observed, expected, prior)[-1] < 0.8
    assert marshall(observed, expected)[-1] < 2


def test_the_posterior_interval_covers_what_it_says() -> None:
    rng = np.random.default_rng(6)
    expected = np.broadcast_to(rng.lognormal(2, 1, 255), (100, 255))
    true = rng.gamma(5, 1 / 5, expected.shape)
    observed = rng.poisson(expected * true).astype(float)
    _, lower, upper = smoothed(observed, expected, prior := fit_prior(observed, expected))
    assert 0.94 < ((lower <= true) & (true <= upper)).mean() < 0.96
    says = probability_above(observed, expected, prior)
    for low in (0.1, 0.5, 0.8):
        among = (says >= low) & (says < low + 0.1)
        assert (true[among] > 1).mean() == pytest.approx(says[among].mean(), abs=0.02)


def test_towns_that_vary_less_than_chance_are_shrunk_fully() -> None:
    observed, expected = np.full(20, 30.0), np.full(20, 30.0)
    prior = fit_prior(observed, expected)
    assert np.isinf(prior.shape)
    assert prior.mean == 1
    assert [v.tolist() for v in smoothed(observed, expected, prior)] == [[1.0] * 20] * 3
    assert probability_above(observed, expected, prior).tolist() == [0.5] * 20
    assert probability_above(observed, expected, prior, 1.5).tolist() == [0] * 20
    assert probability_above(observed, expected, prior, 0.5).tolist() == [1] * 20
    assert marshall(observed, [30_000] * 20) == pytest.approx(np.full(20, 0.001))


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=st.integers(0, 10_000_000)),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_where_all_towns_are_as_the_mean_each_has_the_mean(observed: np.ndarray, mean: float) -> None:
    expected = observed / mean
    prior = fit_prior(observed, expected)
    assert np.isinf(prior.shape).all()
    some = observed.any(axis=1)
    for values in (*smoothed(observed, expected, prior), marshall(observed, expected)):
        assert np.allclose(values[some], mean, rtol=1e-9)
        assert np.isnan(values[~some]).all()


def test_marshalls_variance_is_never_negative() -> None:
    # Twenty small towns and a large one; without the clamp the shrinkage passes the mean and gives rates below 0.
    x, n = np.append(np.zeros(20), 5.0), np.append(np.full(20, 10.0), 100.0)
    got = marshall(x, n)
    assert (got >= 0).all()
    assert got == pytest.approx(np.full(21, 5 / 300))


def test_one_town_is_its_own_mean() -> None:
    assert marshall([3], [100]) == pytest.approx([0.03])
    prior = fit_prior([3], [2])
    assert (float(prior.shape), float(prior.mean)) == (np.inf, 1.5)
    assert smoothed([3], [2], prior).mean.tolist() == [1.5]


def test_what_is_not_known_lends_nothing() -> None:
    rng = np.random.default_rng(8)
    expected = rng.uniform(1, 50, 40)
    observed = rng.poisson(expected * rng.gamma(3, 1 / 3, 40)).astype(float)
    x, e = np.append(observed, [np.nan, 5, 0, 7]), np.append(expected, [9, np.nan, 0, 0])
    prior = fit_prior(x, e)
    alone = fit_prior(observed, expected)
    assert prior.shape == pytest.approx(float(alone.shape), rel=1e-6)
    mean, lower, upper = smoothed(x, e, prior)
    assert np.isnan([mean, lower, upper]).any(axis=0).tolist() == [False] * 40 + [True, True, False, True]
    assert mean[42] == pytest.approx(float(prior.mean))
    assert lower[42] < mean[42] < upper[42]
    assert np.isnan(probability_above(x, e, prior)).tolist() == [False] * 40 + [True, True, False, True]
    estimate = marshall(x, e)
    assert np.isnan(estimate).tolist() == [False] * 40 + [True, True, False, True]
    assert estimate[42] == pytest.approx(observed.sum() / expected.sum())


def test_a_state_in_which_nothing_happened() -> None:
    zero = np.zeros(4)
    assert marshall(zero, [10, 20, 0, 5]).tolist() == [0] * 4
    prior = fit_prior(zero, [1, 2, 0, 3])
    assert prior.mean == 0
    assert [v.tolist() for v in smoothed(zero, [1, 2, 0, 3], prior)] == [[0] * 4] * 3
    assert probability_above(zero, [1, 2, 0, 3], prior).tolist() == [0] * 4
    # With a rate of 0 in the state there is nothing to be relative to.
    nothing = fit_prior(zero, zero)
    assert np.isnan(nothing.mean)
    assert np.isnan(smoothed(zero, zero, nothing).mean).all()
    assert np.isnan(probability_above(zero, zero, nothing)).all()


@given(st.data())
def test_smoothing_survives_every_state(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 12)))
    expected = data.draw(hnp.arrays(np.float64, shape, elements=sizes))
    observed = np.where(expected > 0, data.draw(hnp.arrays(np.float64, shape, elements=counts)), 0.0)
    some = np.broadcast_to((expected > 0).any(axis=1, keepdims=True), shape)
    low, high = (
        np.broadcast_to(f(np.where(expected > 0, observed / np.maximum(expected, 1e-9), v), 1)[:, None], shape)
        for f, v in ((np.min, np.inf), (np.max, -np.inf))
    )
    estimate = marshall(observed, expected)
    assert np.array_equal(np.isnan(estimate), ~some)
    assert (estimate[some] >= low[some] * (1 - 1e-9)).all()
    assert (estimate[some] <= high[some] * (1 + 1e-9)).all()
    for fit in (fit_prior, fit_prior_by_moments):
        prior = fit(observed, expected)
        assert (prior.shape > 0).all()
        assert np.array_equal(np.isnan(prior.mean), ~some[:, 0])
        assert (prior.mean[some[:, 0]] >= 0).all()
        mean, lower, upper = smoothed(observed, expected, prior)
        p = probability_above(observed, expected, prior)
        for values in (mean, lower, upper, p):
            assert np.array_equal(np.isnan(values), ~some)
        assert (lower[some] >= 0).all()
        assert (lower[some] <= upper[some]).all()
        assert ((p[some] >= 0) & (p[some] <= 1)).all()
    prior = fit_prior(observed, expected)
    for row in range(shape[0]):
        alone = fit_prior(observed[row], expected[row])
        assert np.allclose(alone.shape, prior.shape[row], rtol=1e-4, equal_nan=True)
        assert np.allclose(alone.mean, prior.mean[row], rtol=1e-6, equal_nan=True)
    mean = smoothed(observed, expected, prior).mean
    assert (mean[some] >= low[some] * (1 - 1e-6)).all()
    assert (mean[some] <= high[some] * (1 + 1e-6)).all()


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        marshall([-1], [1])
    with pytest.raises(ValueError, match="95"):
        smoothed([1], [1], fit_prior([1], [1]), 95)
    with pytest.raises(ValueError, match="relative rate"):
        probability_above([1], [1], fit_prior([1], [1]), -1)
