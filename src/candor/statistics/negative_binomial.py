"""Counts that wander beyond Poisson: the tails of the negative binomial distribution, and the interval dual to them.

Pure functions on arrays that broadcast against each other. `mean` is the expected count, `c` the wander: the variance
is mean + c mean^2, so c is the squared coefficient of variation of a place's own rate from period to period. Where c is
0 all is Poisson. What is not known is NaN and gives NaN.

Sources: Johnson NL, Kemp AW and Kotz S (2005), Univariate Discrete Distributions, 3rd edition, 5.6 (the tails as
incomplete beta functions); Garwood F (1936), Biometrika 28, 437-442 (the interval of a Poisson mean, the limit at
c = 0); METHODS, Rates.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, gammainc, gammaincc, gammaincinv, nbdtrik, pdtrik

from candor.statistics.intervals import Floats, Interval

_POISSON: Final = 1e-9
"""A wander so small that it is none."""


def at_least(x: ArrayLike, mean: ArrayLike, c: ArrayLike) -> Floats:
    """P(X >= x): 1 at x = 0.

    Raises `ValueError` for a negative number.
    """
    counts, mu, wander = _checked(x, mean, c)
    found = np.ones(counts.shape)
    found[np.isnan(counts + mu + wander)] = np.nan
    some = counts > 0
    flat = some & (wander <= _POISSON)
    found[flat] = gammainc(counts[flat], mu[flat])
    more = some & (wander > _POISSON)
    found[more] = betainc(counts[more], 1 / wander[more], _share(mu[more], wander[more]))
    return found


def at_most(x: ArrayLike, mean: ArrayLike, c: ArrayLike) -> Floats:
    """P(X <= x).

    Raises `ValueError` for a negative number.
    """
    counts, mu, wander = _checked(x, mean, c)
    found = np.full(counts.shape, np.nan)
    flat = wander <= _POISSON
    found[flat] = gammaincc(counts[flat] + 1, mu[flat])
    more = wander > _POISSON
    found[more] = betainc(1 / wander[more], counts[more] + 1, 1 - _share(mu[more], wander[more]))
    return found


def mean_interval(x: ArrayLike, c: ArrayLike = 0.0, level: float = 0.95) -> Interval:
    """The means under which neither tail of a count is rarer than (1 - level) / 2; exactly dual to the tails.

    With k = 1/c, a = 1 - level: p = betaincinv(x, k, a/2), lower = k p / (1 - p), 0 at x = 0; the upper limit the same
    with betaincinv(x + 1, k, 1 - a/2). At c = 0 Garwood's.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    return Interval(lower_mean(x, c, level), upper_mean(x, c, level))


def lower_mean(x: ArrayLike, c: ArrayLike = 0.0, level: float = 0.95) -> Floats:
    """The lower limit of `mean_interval` alone: half of what both cost."""
    tail = tail_of(level)
    counts, _, wander = _checked(x, 0.0, c)
    found = np.where(counts == 0, 0.0, np.nan)
    flat, some = wander <= _POISSON, counts > 0
    found[flat & some] = gammaincinv(counts[flat & some], tail)
    more = (wander > _POISSON) & some
    found[more] = _mean_at(counts[more], wander[more], tail)
    return found


def upper_mean(x: ArrayLike, c: ArrayLike = 0.0, level: float = 0.95) -> Floats:
    """The upper limit of `mean_interval` alone: half of what both cost."""
    tail = tail_of(level)
    counts, _, wander = _checked(x, 0.0, c)
    found = np.full(counts.shape, np.nan)
    flat, more = wander <= _POISSON, wander > _POISSON
    found[flat] = gammaincinv(counts[flat] + 1, 1 - tail)
    found[more] = _mean_at(counts[more] + 1, wander[more], 1 - tail)
    return found


def usual_counts(mean: ArrayLike, c: ArrayLike, level: float = 0.998) -> Interval:
    """The counts outside of which each tail has at most (1 - level) / 2: whole numbers, both still usual.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    tail = tail_of(level)
    _, mu, wander = _checked(0.0, mean, c)
    ends = []
    for p in (tail, 1 - tail):
        end = np.where(mu == 0, 0.0, np.nan)
        flat, more = (wander <= _POISSON) & (mu > 0), (wander > _POISSON) & (mu > 0)
        end[flat] = pdtrik(p, mu[flat])
        end[more] = nbdtrik(p, 1 / wander[more], 1 - _share(mu[more], wander[more]))
        ends.append(np.ceil(np.maximum(np.nan_to_num(end, nan=0.0) - 1e-9, 0.0)))
    unknown = np.isnan(mu + wander)
    return Interval(*(np.where(unknown, np.nan, end) for end in ends))


def tail_of(level: float) -> float:
    """The probability of one tail of a two-sided level."""
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    return (1 - level) / 2


def _share(mean: Floats, c: Floats) -> Floats:
    """mean / (mean + k), k = 1 / c."""
    return np.asarray(mean * c / (1 + mean * c))


def _mean_at(shape: Floats, c: Floats, p: float) -> Floats:
    odds = betaincinv(shape, 1 / c, p)
    return np.asarray(odds / (1 - odds) / c)


def _checked(x: ArrayLike, mean: ArrayLike, c: ArrayLike) -> tuple[Floats, Floats, Floats]:
    arrays = [np.asarray(a, dtype=np.float64) for a in (x, mean, c)]
    if any((a < 0).any() for a in arrays):
        raise ValueError("counts, means and the wander are 0 or more")
    counts, mu, wander = np.broadcast_arrays(*arrays)
    return counts, mu, wander
