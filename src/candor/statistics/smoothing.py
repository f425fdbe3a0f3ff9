"""Smoothing: what is likely of a town's rate, borrowing strength from all towns.

Pure functions on arrays. The towns that lend strength to each other lie on the last axis: (..., towns); a whole release
is one call. `observed` and `expected` are events (`expected`: persons times the state's rate), a relative rate is their
ratio, 1 being the state's. A count that is not known is NaN: it lends nothing and gives NaN.

A town without anybody (0 expected, 0 observed) gets the mean: nothing is known of it but what is known of all. Events
where none can be expected are NaN, and so is everything where nothing is expected anywhere.

Sources: Marshall RJ (1991), Mapping disease and mortality rates using empirical Bayes estimators, Applied Statistics
40, 283-294; Clayton D and Kaldor J (1987), Empirical Bayes estimates of age-standardized relative risks for use in
disease mapping, Biometrics 43, 671-681 (the gamma-Poisson model, its likelihood and its moments).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaincinv, gammaln, xlogy

from candor.statistics.distinct import distinct
from candor.statistics.intervals import Floats
from candor.statistics.likelihood import Likelihood

_SHAPES, _STEPS = (0.01, 1e4), 61
"""The shapes that are tried, ten to a power of ten; between them a parabola finds the best."""

_ALIKE = 1e-3
"""A gain in log likelihood that is none."""


class Prior(NamedTuple):
    """The gamma distribution of the towns' true relative rates: Gamma(shape, shape / mean), one axis fewer.

    An infinite shape says that the towns differ by no more than chance: all have the mean.
    """

    shape: Floats
    mean: Floats

    @property
    def rate(self) -> Floats:
        """The second parameter, shape / mean; infinite where nothing happened anywhere."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.shape / self.mean, dtype=np.float64)


class Smoothed(NamedTuple):
    """The smoothed relative rate (posterior mean) with the limits of its equal-tailed interval."""

    mean: Floats
    lower: Floats
    upper: Floats


def marshall(x: ArrayLike, n: ArrayLike) -> Floats:
    """Marshall's global empirical Bayes estimate of each town's rate: events per person (times years, if `n` has them).

    m = sum x / sum n, s2 = sum n (x/n - m)^2 / sum n, A = max(0, s2 - m / mean n), C = A / (A + m/n), and the estimate
    is m + C (x/n - m). The variance is held at 0 from below, and 0/0 (nothing happened anywhere) gives the mean, so no
    estimate is negative.

    Raises `ValueError` for a negative number.
    """
    x, n, used, meaningful = of_towns(x, n)
    events, persons = (np.where(used, a, 0.0).sum(axis=-1, keepdims=True) for a in (x, n))
    towns = used.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = events / persons
        rate = np.where(used, x / n, mean)
        spread = (np.where(used, n, 0.0) * (rate - mean) ** 2).sum(axis=-1, keepdims=True) / persons
        between = np.maximum(spread - mean * towns / persons, 0.0)
        weight = np.where(used & (between > 0), between / (between + mean / np.where(used, n, 1.0)), 0.0)
    return np.where(meaningful, mean + weight * (rate - mean), np.nan)


def fit_prior(observed: ArrayLike, expected: ArrayLike) -> Prior:
    """The gamma distribution under which the observed counts are likeliest (maximum likelihood).

    O is negative binomial with mean m E and shape a. For every a, m solves m = sum w O / sum w E, w = a / (a + m E);
    the likelihood is looked at for shapes from 0.01 to 10,000 and for Poisson counts, and beside the best of these the
    root of its derivative gives a. Where Poisson counts are likeliest (the towns vary no more than chance would have
    it, there is one town, or nothing happened) the shape is infinite and every town is shrunk fully to the mean.

    Raises `ValueError` for a negative number.
    """
    o, e, used, _ = of_towns(observed, expected)
    shape = o.shape[:-1]
    o, e = (np.where(used, a, 0.0).reshape(-1, o.shape[-1]) for a in (o, e))
    with np.errstate(invalid="ignore"):
        mean = o.sum(axis=-1) / e.sum(axis=-1)
    fits = np.full(len(o), np.inf)
    index = np.flatnonzero(mean > 0)
    if len(index):
        likely = Likelihood(o[index], e[index], mean[index])
        fits[index] = likely.shape()
        finite = np.flatnonzero(np.isfinite(fits[index]))
        mean[index[finite]] = likely.mean(fits[index[finite]], finite)
    return Prior(fits.reshape(shape), mean.reshape(shape))


def fit_prior_between(low: ArrayLike, high: ArrayLike, expected: ArrayLike) -> Prior:
    """The gamma distribution with mean 1 under which counts between `low` and `high` are likeliest; both are told.

    For tables in which small numbers are withheld: a count that is told is its own `low` and `high`, one that is
    withheld lies between the two, and to leave those out would be to take the towns for more different than they are.
    The mean is the state's own rate, from which `expected` is computed. Interval-censored maximum likelihood of the
    negative binomial distribution, over shapes from 0.01 to 10,000; infinite where Poisson counts are as likely.

    Towns of which `low`, `high` or `expected` is NaN lend nothing.
    """
    counts = [np.asarray(a, dtype=np.float64) for a in (low, high)]
    first, last, e = (np.atleast_1d(a) for a in np.broadcast_arrays(*counts, np.asarray(expected, dtype=np.float64)))
    used = np.isfinite(first) & np.isfinite(last) & np.isfinite(e) & (e > 0)
    shape = e.shape[:-1]
    first, last, e = (np.where(used, a, d).reshape(-1, e.shape[-1]) for a, d in ((first, 0.0), (last, 0.0), (e, 1.0)))
    weight = used.reshape(e.shape)
    grid = np.geomspace(_SHAPES[0], _SHAPES[1], _STEPS)
    likely = np.stack([np.where(weight, _between(first, last, e, a), 0.0).sum(axis=-1) for a in (*grid, np.inf)])
    best = likely[:-1].argmax(axis=0)
    at = np.clip(best, 1, _STEPS - 2)
    left, top, right = (np.take_along_axis(likely, (at + d)[np.newaxis], axis=0)[0] for d in (-1, 0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = left - 2 * top + right
        step = np.where((bend < 0) & (at == best), 0.5 * (left - right) / bend, 0.0)
    fitted = np.exp(np.log(grid[best]) + step * np.log(grid[1] / grid[0]))
    fits = np.where(likely[-1] >= likely[:-1].max(axis=0) - _ALIKE, np.inf, fitted)
    return Prior(fits.reshape(shape), np.ones(shape))


def _between(low: Floats, high: Floats, mean: Floats, shape: float) -> Floats:
    """The log probability of low <= X <= high for negative binomial X, Poisson where the shape is infinite."""
    poisson = np.isinf(shape)

    def log_pmf(k: Floats) -> Floats:
        if poisson:
            return np.asarray(xlogy(k, mean) - mean - gammaln(k + 1))
        part = gammaln(k + shape) - gammaln(shape) - gammaln(k + 1)
        return np.asarray(part - shape * np.log1p(mean / shape) + xlogy(k, mean / (shape + mean)))

    found = log_pmf(low)
    several = high > low
    for k in range(1, int((high - low).max(initial=0.0)) + 1):
        more = several & (low + k <= high)
        found[more] = np.logaddexp(found[more], log_pmf(np.where(more, low + k, 0.0))[more])
    return found


def smoothed(observed: ArrayLike, expected: ArrayLike, prior: Prior, level: float = 0.95) -> Smoothed:
    """Each town's relative rate under its posterior, Gamma(O + shape, E + rate): mean and equal-tailed interval.

    Where the shape is infinite all three are the prior's mean.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    shape, scale, alike, mean = _posterior(observed, expected, prior)
    (different,), which = distinct(shape)
    limits = (
        np.where(alike, mean, gammaincinv(different, p)[which] * scale) for p in ((1 - level) / 2, (1 + level) / 2)
    )
    return Smoothed(np.where(alike, mean, shape * scale), *limits)


def probability_above(observed: ArrayLike, expected: ArrayLike, prior: Prior, relative_rate: float = 1.0) -> Floats:
    """The probability, under the posterior, that a town's true relative rate is greater than `relative_rate`.

    Where the shape is infinite: 1 or 0 as the mean is greater or smaller, and 1/2 where it is the same, for then
    nothing speaks for either.

    Raises `ValueError` for a negative number.
    """
    if relative_rate < 0:
        raise ValueError("a relative rate is 0 or more")
    shape, scale, alike, mean = _posterior(observed, expected, prior)
    same = np.isclose(mean, relative_rate, rtol=1e-9, atol=0)
    settled = np.where(same, 0.5, np.where(np.isnan(mean), np.nan, (mean > relative_rate).astype(np.float64)))
    varies = ~alike
    settled[varies] = gammaincc(shape[varies], relative_rate / scale[varies])
    return settled


def _posterior(
    observed: ArrayLike, expected: ArrayLike, prior: Prior
) -> tuple[Floats, Floats, NDArray[np.bool_], Floats]:
    """Shape and scale of each town's posterior, whether it is shrunk fully, and the prior's mean; NaN: not known."""
    o, e, _, meaningful = of_towns(observed, expected)
    a, m = (np.asarray(v, dtype=np.float64)[..., np.newaxis] for v in prior)
    m = np.where(meaningful, m, np.nan)
    alike = np.broadcast_to(~np.isfinite(a), o.shape)
    finite = np.where(alike, 1.0, a)
    shape = np.where(meaningful, o + finite, np.nan)
    return shape, np.where(meaningful, m / (finite + m * e), np.nan), alike, m


def of_towns(x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_]]:
    """Both, broadcast, with which towns lend strength, and which can be said something of."""
    counts, sizes = np.asarray(x, dtype=np.float64), np.asarray(n, dtype=np.float64)
    if (counts < 0).any() or (sizes < 0).any():
        raise ValueError("counts, persons and expected counts are 0 or more")
    counts, sizes = (np.atleast_1d(a) for a in np.broadcast_arrays(counts, sizes))
    known = np.isfinite(counts) & np.isfinite(sizes)
    used = known & (sizes > 0)
    return counts, sizes, used, used | (known & (counts == 0))
