"""Other usual methods, which other programs print: what Candor's own are held against, and not part of it.

Sources: Fay MP (2010), Two-sided exact tests and matching confidence intervals for discrete data, The R Journal 2/1,
53-58 (minimum likelihood); Krishnamoorthy K and Thomson J (2004), A more powerful test for comparing two Poisson means,
Journal of Statistical Planning and Inference 119, 23-35 (the E-test).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.special import betainc, gammaln, ndtr, xlog1py, xlogy

from candor.statistics.intervals import Floats
from candor.statistics.rate_ratio import at_least, pairs

Alternative = Literal["two-sided", "less", "greater"]

_E_TEST_UP_TO = 10_000
"""The two counts' sum up to which the E-test sums over all pairs; its cost grows with the sum."""

_TIE = 1 + 1e-7
"""Outcomes whose probabilities differ by less than rounding are equally likely."""


def minimum_likelihood_p(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, *, mid: bool = False) -> Floats:
    """The other usual p value of the same conditional test: the probability of all outcomes that are no more likely.

    With `mid`, half of the probability of those as likely as the observed one. It is not Candor's (its interval is not
    the central one) but what R's `poisson.test` prints.

    Raises `ValueError` for a negative number.
    """
    x1, n1, x2, n2 = pairs(x1, n1, x2, n2)
    total = x1 + x2
    with np.errstate(invalid="ignore", divide="ignore"):
        pi = n2 / (n1 + n2)
        # Seen from the side on which the observed count lies above the mode.
        above = x2 >= (total + 1) * pi - 0.5
    x, pi = np.where(above, x2, x1), np.where(above, pi, 1 - pi)

    def log_pmf(k: Floats) -> Floats:
        ways = gammaln(total + 1) - gammaln(k + 1) - gammaln(total - k + 1)
        return np.asarray(ways + xlogy(k, pi) + xlog1py(total - k, -pi))

    def below_mode(limit: Floats) -> Floats:
        """The greatest count under the mode that is at most that likely; -1 where there is none."""
        low, high = np.full(total.shape, -1.0), np.minimum(np.floor((total + 1) * pi), x)
        while (open_ := high - low > 1).any():
            middle = np.floor((low + high) / 2)
            likely = log_pmf(np.maximum(middle, 0)) > limit
            low, high = np.where(open_ & ~likely, middle, low), np.where(open_ & likely, middle, high)
        return low

    observed = log_pmf(x)
    known = np.isfinite(observed)
    x, total, pi = np.where(known, x, 0), np.where(known, total, 0), np.where(known, pi, 0.5)
    observed = np.where(known, observed, 0)
    other = below_mode(observed + np.log(_TIE))
    p = at_least(x, total, pi) + _at_most(other, total, pi)
    if mid:
        ties = other - below_mode(observed - np.log(_TIE))
        p = p - (1 + ties) / 2 * np.exp(observed)
    return np.where(known, np.minimum(p, 1.0), np.nan)


def e_test(
    x1: ArrayLike,
    n1: ArrayLike,
    x2: ArrayLike,
    n2: ArrayLike,
    *,
    difference: float = 0.0,
    alternative: Alternative = "two-sided",
) -> Floats:
    """The p value of Krishnamoorthy and Thomson's E-test of x1/n1 - x2/n2 = difference, through scipy.

    Each different comparison is computed once. Where the counts are more than 10,000 together, the sum over all their
    pairs is replaced by what it tends to, the normal tail of the same statistic.

    Raises `ValueError` for a negative number or difference.
    """
    if difference < 0:
        raise ValueError("the difference is 0 or more")
    x1, n1, x2, n2 = pairs(x1, n1, x2, n2)
    p = np.full(x1.shape, np.nan)
    known = np.isfinite(x1 + x2 + n1 + n2)
    cases, which = np.unique(np.stack([a[known] for a in (x1, n1, x2, n2)]), axis=1, return_inverse=True)
    p[known] = np.array([_e_test(a, b, c, d, difference, alternative) for a, b, c, d in cases.T])[which]
    return p


def _e_test(x1: float, n1: float, x2: float, n2: float, difference: float, alternative: Alternative) -> float:
    if x1 + x2 <= _E_TEST_UP_TO:
        test = stats.poisson_means_test(int(x1), n1, int(x2), n2, diff=difference, alternative=alternative)
        return min(float(test.pvalue), 1.0)
    z = (x1 / n1 - x2 / n2 - difference) / np.sqrt(x1 / n1**2 + x2 / n2**2)
    tails = {"two-sided": 2 * ndtr(-abs(z)), "less": ndtr(z), "greater": ndtr(-z)}
    return float(tails[alternative])


def _at_most(x: Floats, total: Floats, pi: Floats) -> Floats:
    """P(X <= x), X binomial; 0 for x = -1."""
    return np.where(x < total, betainc(np.maximum(total - x, 1), x + 1, 1 - pi), 1.0) * (x >= 0)
