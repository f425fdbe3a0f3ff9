from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize, stats

from candor.statistics.smoothing import Prior, fit_prior
from candor.statistics.variety import Variety, smoothed

Rows = list[dict[str, str]]

counts = st.one_of(st.integers(0, 5), st.integers(0, 10_000_000)).map(float)
sizes = st.one_of(st.just(0.0), st.floats(0.01, 50), st.floats(0.01, 1e7))


def column(rows: Rows, name: str) -> np.ndarray:
    return np.array([float(r[name]) for r in rows])


def test_the_likeliest_prior_is_the_published_one(published: Callable[[str], Rows]) -> None:
    rows = published("scotland_lip.csv")
    observed, expected = column(rows, "cases"), column(rows, "expected")
    prior = fit_prior(observed, expected)
    assert round(float(prior.shape), 4) == 1.8795
    assert round(float(prior.rate), 4) == 1.3217
    # Counts that do not wander: the posterior is the published one.
    variety = Variety(1 / prior.shape, prior.mean, np.array(99.0))
    got = smoothed(observed, expected, 0.0, variety)
    assert got.mean == pytest.approx(column(rows, "eBayes_RR_nocov"), rel=1e-4)
    median = smoothed(observed, expected, 0.0, variety, 1e-9)
    assert median.lower == pytest.approx(column(rows, "eBayes_RRmed_nocov"), rel=1e-3)


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
    observed = rng.poisson(expected, (120, 255)).astype(float)
    shapes = fit_prior(observed, expected).shape
    assert (shapes[np.isfinite(shapes)] > 100).sum() > 12

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


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 12)), elements=st.integers(0, 10_000_000)),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_where_all_towns_are_as_the_mean_they_do_not_differ(observed: np.ndarray, mean: float) -> None:
    prior = fit_prior(observed, observed / mean)
    assert np.isinf(prior.shape).all()
    some = observed.any(axis=1)
    assert np.allclose(prior.mean[some], mean, rtol=1e-9)
    assert np.isnan(prior.mean[~some]).all()


def test_one_town_is_its_own_mean() -> None:
    prior = fit_prior([3], [2])
    assert (float(prior.shape), float(prior.mean)) == (np.inf, 1.5)


def test_what_is_not_known_lends_nothing() -> None:
    rng = np.random.default_rng(8)
    expected = rng.uniform(1, 50, 40)
    observed = rng.poisson(expected * rng.gamma(3, 1 / 3, 40)).astype(float)
    x, e = np.append(observed, [np.nan, 5, 0, 7]), np.append(expected, [9, np.nan, 0, 0])
    prior, alone = fit_prior(x, e), fit_prior(observed, expected)
    assert prior.shape == pytest.approx(float(alone.shape), rel=1e-6)
    assert prior.mean == pytest.approx(float(alone.mean), rel=1e-6)


def test_a_state_in_which_nothing_happened() -> None:
    prior = fit_prior(np.zeros(4), [1, 2, 0, 3])
    assert (float(prior.shape), float(prior.mean)) == (np.inf, 0)
    assert np.isnan(fit_prior(np.zeros(4), np.zeros(4)).mean)


@given(st.data())
@settings(max_examples=60)
def test_a_prior_survives_every_state(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 12)))
    expected = data.draw(hnp.arrays(np.float64, shape, elements=sizes))
    observed = np.where(expected > 0, data.draw(hnp.arrays(np.float64, shape, elements=counts)), 0.0)
    some = (expected > 0).any(axis=1)
    prior = fit_prior(observed, expected)
    assert (prior.shape > 0).all()
    assert np.array_equal(np.isnan(prior.mean), ~some)
    assert (prior.mean[some] >= 0).all()
    for row in range(shape[0]):
        alone = fit_prior(observed[row], expected[row])
        assert np.allclose(alone.shape, prior.shape[row], rtol=1e-4, equal_nan=True)
        assert np.allclose(alone.mean, prior.mean[row], rtol=1e-6, equal_nan=True)


def test_what_cannot_be_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        fit_prior([-1], [1])
