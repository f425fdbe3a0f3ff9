"""The likelihood of the gamma-Poisson model for many sets of towns at once, and its maximum (`smoothing.fit_prior`).

A count O is negative binomial with mean m E and shape a. Sets are rows, towns columns; a town that says nothing is 0
observed and 0 expected.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import elementwise
from scipy.special import digamma, gammaln

from candor.statistics.distinct import distinct
from candor.statistics.intervals import Floats

_LEAST_SHAPE, GREATEST_SHAPE = 1e-4, 1e6
"""Where the shape is looked for; above, towns differ by less than a thousandth and are taken as the same."""

_SHAPES = np.geomspace(1e-2, 1e4, 11)
"""Where the likelihood is looked at first: it may have more than one maximum where one town outweighs all others."""

_ROOT_OF_PRECISION = 1e-7
"""Newton's step after which the next would be smaller than rounding."""

_SERIES_FROM = 50.0
"""The shape from which the series of the digamma function is exact to rounding."""

_BLOCK = 16_384
"""The numbers of an array that are worked on at a time, so that they stay in the processor's cache."""

Indices = NDArray[np.int64]


class Likelihood:
    """The likelihood of sets in each of which something happened; `pooled` is the mean if all towns are alike."""

    def __init__(self, observed: Floats, expected: Floats, pooled: Floats) -> None:
        self._observed, self._expected, self._pooled = observed, expected, pooled
        self._events = observed.sum(axis=-1)
        self._mean = np.array(pooled)  # where the last search ended, and the next begins
        # Most counts are 0 or among a few small ones, so the gamma functions are computed once for each of a set.
        sets, towns = np.nonzero(observed)
        (of_set, self._counts), which = distinct(sets.astype(np.float64), observed[sets, towns])
        self._sets, self._times = of_set.astype(np.int64), np.bincount(which)

    def shape(self) -> Floats:
        """The likeliest shape of each set; infinite where Poisson counts are."""
        every = np.arange(len(self._observed))
        mu = self._pooled[:, np.newaxis] * self._expected
        over_dispersed = ((self._observed - mu) ** 2).sum(axis=-1) > self._events
        poisson = self._events * np.log(self._pooled) - mu.sum(axis=-1)
        negative_binomial = [self.value(np.full(len(every), a), every) for a in reversed(_SHAPES)][::-1]
        best = np.argmax(np.stack([*negative_binomial, poisson], axis=-1), axis=-1)
        # The neighbours of the best enclose a maximum. Beside Poisson counts there is one where the towns vary more.
        knots = np.array([_LEAST_SHAPE, *_SHAPES, GREATEST_SHAPE])
        is_poisson = best == len(_SHAPES)
        index = np.flatnonzero(~is_poisson | over_dispersed)
        found = np.append(_SHAPES, np.inf)[best]
        if len(index):
            low, high = knots[best[index]], knots[np.minimum(best[index] + 2, len(knots) - 1)]
            root = elementwise.find_root(
                self.slope, (np.log(low), np.log(high)), args=(index,), tolerances={"xatol": 1e-9}
            )
            found[index] = np.where(root.success, np.exp(root.x), found[index])
        return np.asarray(found, dtype=np.float64)

    def value(self, shape: Floats, index: Indices) -> Floats:
        """The log likelihood at the likeliest mean, less the terms of the counts and the expected counts alone."""
        ways = self._sum(lambda counts, shape: gammaln(counts + shape) - gammaln(shape), shape, index)

        def rest(shape: Floats, sets: Indices) -> Floats:
            # At its maximum the likelihood is flat: a mean to eight digits gives the value to more.
            m, a = self._find_mean(shape, sets, 1e-4), shape[:, np.newaxis]
            logs = np.log1p(m[:, np.newaxis] * self._expected[sets] / a)
            each = np.einsum("ij,ij->i", self._observed[sets] + a, logs)
            return np.asarray(self._events[sets] * np.log(m / shape) - each)

        return ways + self._in_blocks(rest, shape, index)

    def mean(self, shape: Floats, index: Indices) -> Floats:
        """The likeliest mean for each shape."""
        return self._in_blocks(self._find_mean, shape, index)

    def slope(self, log_shape: Floats, index: Indices) -> Floats:
        """The derivative of the log likelihood by the logarithm of the shape, at the likeliest mean."""
        shape = np.exp(log_shape)
        ways = self._sum(_digamma_rise, shape, index)

        def rest(shape: Floats, sets: Indices) -> Floats:
            m, a = self._find_mean(shape, sets), shape[:, np.newaxis]
            mu = m[:, np.newaxis] * self._expected[sets]
            return np.asarray(((mu - self._observed[sets]) / (a + mu) - np.log1p(mu / a)).sum(axis=-1))

        return shape * (ways + self._in_blocks(rest, shape, index))

    def _find_mean(self, shape: Floats, sets: Indices, precision: float = _ROOT_OF_PRECISION) -> Floats:
        """The root m of sum (O - m E) / (a + m E), by Newton's method, up to a relative step of `precision`."""
        o, e, a = self._observed[sets], self._expected[sets], shape[:, np.newaxis]
        o_and_a = o + a
        m = self._mean[sets]
        for _ in range(200):
            r = 1 / (a + m[:, np.newaxis] * e)
            share = e * r
            excess = np.einsum("ij,ij->i", o, r) - m * share.sum(axis=-1)
            step = excess / np.einsum("ij,ij->i", share, np.multiply(o_and_a, r, out=r))
            # The sum falls and is convex: a step from below never passes the root, one from above may pass 0.
            before, m = m, np.maximum(m + step, m / 10)
            if (np.abs(m - before) <= precision * m).all():
                break
        self._mean[sets] = m
        return m

    def _in_blocks(self, function: Callable[[Floats, Indices], Floats], shape: Floats, index: Indices) -> Floats:
        """A function of sets, some of them at a time."""
        size = max(1, _BLOCK // self._observed.shape[1])
        parts = [function(shape[i : i + size], index[i : i + size]) for i in range(0, len(index), size)]
        return np.concatenate(parts) if parts else np.empty(0)

    def _sum(self, function: Callable[[Floats, Floats], Floats], shape: Floats, index: Indices) -> Floats:
        """The sum over each set's towns of a function that is 0 for a count of 0."""
        place = np.full(len(self._observed), -1)
        place[index] = np.arange(len(index))
        where = place[self._sets]
        chosen = where >= 0
        where = where[chosen]
        terms = self._times[chosen] * function(self._counts[chosen], shape[where])
        return np.asarray(np.bincount(where, terms, len(index)), dtype=np.float64)


def _digamma_rise(o: Floats, a: Floats) -> Floats:
    """digamma(a + o) - digamma(a); for a large a by its asymptotic series, whose parts do not cancel."""
    above = a + o

    def later_terms(x: Floats) -> Floats:
        y = 1 / (x * x)
        return np.asarray(y * (-1 / 12 + y * (1 / 120 + y * (-1 / 252 + y / 240))))

    series = np.log1p(o / a) + o / (2 * a * above) + (later_terms(above) - later_terms(a))
    return np.where(a < _SERIES_FROM, digamma(above) - digamma(a), series)
