"""Intervals of counts and crude rates.

Pure functions on arrays. Counts are events (calls), `n` is residents, `years` is the length of the observed time in
years; all broadcast against each other and every result has the broadcast shape, as float64. A count that is not known
is NaN and gives NaN.

Sources: Garwood F (1936), Fiducial limits for the Poisson distribution, Biometrika 28, 437-442. Breslow NE and Day NE
(1987), Statistical methods in cancer research II, IARC, equation 2.13 (Byar's approximation). Public Health England
(2018), Technical guide: confidence intervals (which of the two, and from which count on). Wilson EB (1927), Probable
inference, the law of succession, and statistical inference, JASA 22, 209-212. Dobson AJ and others (1991), Confidence
intervals for weighted sums of Poisson parameters, Statistics in Medicine 10, 457-462.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.distinct import distinct
from candor.statistics.quantiles import gamma_quantile, normal_quantile

Floats = NDArray[np.float64]

BYAR_FROM = 10
"""The count from which Byar's approximation is used; below it the exact interval."""


class Interval(NamedTuple):
    """The two limits, of the same shape and unit as what they enclose."""

    lower: Floats
    upper: Floats


class Rate(NamedTuple):
    """Events per 1,000 persons and year, with the limits of the interval."""

    rate: Floats
    lower: Floats
    upper: Floats


def garwood(x: ArrayLike, level: float = 0.95) -> Interval:
    """The exact Poisson interval of counts (Garwood 1936).

    With a = 1 - level: L = chi2(a/2; 2x) / 2 (0 at x = 0), U = chi2(1 - a/2; 2x + 2) / 2, where chi2(p; df) is the
    quantile of the chi-squared distribution; chi2(p; 2k) / 2 is the p quantile of Gamma(k).

    Raises `ValueError` for a negative count or a level outside 0 to 1.
    """
    counts, tail = _checked(x, level)
    positive = np.maximum(counts, 1)  # the lower limit of 0 is set below; there is no Gamma(0)
    lower = np.where(counts > 0, gamma_quantile(positive, tail, upper=False), counts * 0)
    return Interval(lower, gamma_quantile(counts + 1, tail, upper=True))


def byar(x: ArrayLike, level: float = 0.95) -> Interval:
    """Byar's approximation of the Poisson interval (Breslow and Day 1987).

    L = x (1 - 1/(9x) - z / (3 sqrt x))^3, U = (x+1) (1 - 1/(9(x+1)) + z / (3 sqrt(x+1)))^3, z the normal quantile of
    1 - (1 - level)/2. Where the cube's base is negative (very small counts) the lower limit is 0.

    Raises `ValueError` for a negative count or a level outside 0 to 1.
    """
    counts, tail = _checked(x, level)
    z = -normal_quantile(tail)
    positive = np.maximum(counts, 1)
    base = np.maximum(1 - 1 / (9 * positive) - z / (3 * np.sqrt(positive)), 0)
    lower = np.where(counts > 0, counts * base**3, counts * 0)
    above = counts + 1
    upper = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return Interval(np.minimum(lower, counts), upper)


def poisson_interval(x: ArrayLike, level: float = 0.95) -> Interval:
    """The interval that Candor prints: exact (Garwood) for counts under 10, Byar's from 10 on.

    Raises `ValueError` for a negative count or a level outside 0 to 1.
    """
    (counts,), which = distinct(_checked(x, level)[0])
    lower, upper = byar(counts, level)
    small = counts < BYAR_FROM
    lower[small], upper[small] = garwood(counts[small], level)
    return Interval(lower[which], upper[which])


def rate_per_1000(x: ArrayLike, n: ArrayLike, years: ArrayLike = 1.0, level: float = 0.95) -> Rate:
    """Events per 1,000 persons and year: x / (n * years) * 1000, and its interval scaled in the same way.

    Where there are no persons or no time (n * years = 0) there is no rate: NaN, never an error.

    Raises `ValueError` for a negative count, negative persons or time, or a level outside 0 to 1.
    """
    counts, _ = _checked(x, level)
    person_years = np.asarray(n, dtype=np.float64) * np.asarray(years, dtype=np.float64)
    if (person_years < 0).any():
        raise ValueError("persons and years are 0 or more")
    counts, person_years = np.broadcast_arrays(counts, person_years)
    scale = np.full(person_years.shape, np.nan)
    np.divide(1000, person_years, out=scale, where=person_years > 0)
    lower, upper = poisson_interval(counts, level)
    return Rate(counts * scale, lower * scale, upper * scale)


def wilson(x: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Wilson's score interval of the proportion x / n (Wilson 1927); between 0 and 1.

    (2x + z^2 -+ z sqrt(z^2 + 4x (1 - x/n))) / (2 (n + z^2)), z the normal quantile of 1 - (1 - level)/2. Of nothing
    (n = 0) there is no proportion: NaN.

    Raises `ValueError` for a negative number, for x greater than n, or for a level outside 0 to 1.
    """
    counts, tail = _checked(x, level)
    counts, total = np.broadcast_arrays(counts, np.asarray(n, dtype=np.float64))
    if (counts > total).any():
        raise ValueError("a part is no more than the whole")
    total = np.where(total > 0, total, np.nan)
    z2 = normal_quantile(tail) ** 2
    half = np.sqrt(z2 * (z2 + 4 * counts * (1 - counts / total)))
    centre, scale = 2 * counts + z2, 2 * (total + z2)
    lower = np.where(counts == 0, total * 0, (centre - half) / scale)
    upper = np.where(counts == total, total / total, (centre + half) / scale)
    return Interval(lower, upper)


def standardised_rate(x: ArrayLike, n: ArrayLike, weights: ArrayLike, level: float = 0.95, per: float = 1000.0) -> Rate:
    """A directly standardised rate with Dobson's interval; strata (age bands, for example) on the last axis.

    D = sum w x/n / sum w, Var = sum w^2 x/n^2 / (sum w)^2, and with X = sum x and its interval (`poisson_interval`):
    D + sqrt(Var / X) (limit of X - X). `n` is person-years, `weights` the standard population; D is events per `per`
    persons and year; the result has one axis fewer. At X = 0 the greatest w / (n sum w) stands for sqrt(Var / X), so
    that the upper limit is not too small. A stratum that has weight but nobody in it has no rate, and neither has the
    whole: NaN.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    counts, _ = _checked(x, level)
    counts, persons, weight = np.broadcast_arrays(counts, *(np.asarray(a, dtype=np.float64) for a in (n, weights)))
    if (persons < 0).any() or (weight < 0).any():
        raise ValueError("persons, years and weights are 0 or more")
    with np.errstate(divide="ignore", invalid="ignore"):
        share = weight / weight.sum(axis=-1, keepdims=True)
        each = np.where(share == 0, 0.0, share / np.where(persons > 0, persons, np.nan))  # of one event, in the rate
        total, rate = counts.sum(axis=-1), (each * counts).sum(axis=-1)
        scale = np.where(total > 0, np.sqrt((each**2 * counts).sum(axis=-1) / total), each.max(axis=-1))
    lower, upper = poisson_interval(total, level)
    below = np.where(total > 0, np.maximum(rate + scale * (lower - total), 0), rate)
    return Rate(rate * per, below * per, (rate + scale * (upper - total)) * per)


def _checked(x: ArrayLike, level: float) -> tuple[Floats, float]:
    """The counts as an array of floats, and the probability of one tail."""
    counts = np.asarray(x, dtype=np.float64)
    if (counts < 0).any():
        raise ValueError("a count is 0 or more")
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    return counts, (1 - level) / 2
