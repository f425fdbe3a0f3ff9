"""Change: two counts of rare events against each other, and what stands of many such comparisons at once.

Pure functions on arrays. `x1` and `x2` are the counts of the earlier and the later time, `n1` and `n2` what they were
counted over: persons times years. All broadcast, and every result has the broadcast shape, as float64. Where a count is
not known (NaN), or where nobody lived or no time passed (0), nothing is known of the change: NaN.

Sources: Przyborowski J and Wilenski H (1940), Homogeneity of results in testing samples from Poisson series,
Biometrika 31, 313-323 (the conditional test); Clopper CJ and Pearson ES (1934), Biometrika 26, 404-413 (the
interval); Fay MP (2010), Two-sided exact tests and matching confidence intervals for discrete data, The R Journal
2/1, 53-58 (the central p value); Benjamini Y and Hochberg Y (1995), Controlling the false discovery rate, JRSS B 57,
289-300.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv, ndtr

from candor.statistics.distinct import distinct
from candor.statistics.intervals import Floats
from candor.statistics.quantiles import normal_quantile


class Change(NamedTuple):
    """The later rate over the earlier one, the limits of its interval, and the two-sided p value of no change."""

    ratio: Floats
    lower: Floats
    upper: Floats
    p: Floats


def rate_ratio(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, level: float = 0.95) -> Change:
    """The change between two Poisson counts: ratio, exact central interval and exact p value.

    Given x1 + x2, x2 is binomial with pi = r n2 / (n1 + r n2), r the true ratio. The interval is Clopper and Pearson's
    of pi, turned into r = pi / (1 - pi) * n1 / n2; the p value, twice the smaller tail at r = 1 (at most 1), belongs to
    it: p < 1 - level exactly where the interval leaves out 1.

    From a count of 0 the ratio and its upper limit are infinite. Where both are 0 there is no ratio (NaN), the interval
    is 0 to infinity and p is 1.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    x1, n1, x2, n2 = pairs(x1, n1, x2, n2)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = n1 / n2
        ratio = x2 / x1 * scale
        (before, after), which = distinct(x1, x2)
        low, high = _odds(before, after, level)
        lower, upper = low[which] * scale, high[which] * scale
    return Change(ratio, lower, upper, _central_p(x1, x2, scale))


def rate_change(
    x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike, c: ArrayLike = 0.0, level: float = 0.95
) -> Change:
    """The change between two counts that wander with `c` beyond Poisson (`negative_binomial`).

    On the log scale, with a half added to each count: z = ln((x2 + 1/2) / (x1 + 1/2) n1/n2) / s, s^2 = 1/(x1 + 1/2) +
    1/(x2 + 1/2) + 2 c. The interval is that of z. p is the larger of that of z and that of `rate_ratio`, so that it is
    under 1 - level only where the interval leaves out 1. The ratio is that of the two rates as they are.

    Source: METHODS, Change. The half: Gart JJ and Zweifel JR (1967), Biometrika 54, 181-187.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    x1, n1, x2, n2 = pairs(x1, n1, x2, n2)
    wander = np.asarray(c, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = n1 / n2
        spread = np.sqrt(1 / (x1 + 0.5) + 1 / (x2 + 0.5) + 2 * wander)
        middle = np.log((x2 + 0.5) / (x1 + 0.5) * scale)
        half = -normal_quantile((1 - level) / 2) * spread
        p = np.maximum(2 * ndtr(-np.abs(middle / spread)), _central_p(x1, x2, scale))
        return Change(x2 / x1 * scale, np.exp(middle - half), np.exp(middle + half), p)


def false_discovery(p: ArrayLike) -> Floats:
    """Benjamini and Hochberg's adjusted p values (q) over everything in the array: give it one family.

    NaN is no comparison: it stays, and does not count among the comparisons.

    Raises `ValueError` for a p value outside 0 to 1.
    """
    values = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(values)
    found = values[known]
    if ((found < 0) | (found > 1)).any():
        raise ValueError("p values lie between 0 and 1")
    order = np.argsort(found)
    # Each p times all over its rank, but no more than that of a greater p.
    steps = found[order] * (found.size / np.arange(1, found.size + 1, dtype=np.float64))
    found[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    q = np.full(values.shape, np.nan)
    q[known] = found
    return q


def _odds(x1: Floats, x2: Floats, level: float) -> tuple[Floats, Floats]:
    """Clopper and Pearson's limits of pi, as odds pi / (1 - pi)."""
    low = np.where(x2 > 0, betaincinv(np.maximum(x2, 1), x1 + 1, (1 - level) / 2), 0.0)
    high = np.where(x1 > 0, betaincinv(x2 + 1, np.maximum(x1, 1), (1 + level) / 2), 1.0)
    unknown = np.isnan(x1 + x2)
    with np.errstate(divide="ignore"):
        lower, upper = low / (1 - low), high / (1 - high)
    return np.where(unknown, np.nan, lower), np.where(unknown, np.nan, upper)


def _central_p(x1: Floats, x2: Floats, scale: Floats) -> Floats:
    """Twice the smaller tail at no change; `scale` is n1 / n2.

    The smaller tail is the one on whose side of its expectation the count lies: a binomial median is no further from
    the expectation than the next whole number, and at the median both tails are a half or more.
    """
    (x1, x2, scale), which = distinct(x1, x2, scale)
    total = x1 + x2
    more = x2 * scale > x1
    tail = at_least(np.where(more, x2, x1), total, np.where(more, 1 / (1 + scale), 1 / (1 + 1 / scale)))
    return np.where(np.isnan(total + scale), np.nan, np.minimum(2 * tail, 1.0))[which]


def at_least(x: Floats, total: Floats, pi: Floats) -> Floats:
    """P(X >= x), X binomial."""
    return np.where(x > 0, betainc(np.maximum(x, 1), total - x + 1, pi), 1.0)


def pairs(x1: ArrayLike, n1: ArrayLike, x2: ArrayLike, n2: ArrayLike) -> tuple[Floats, ...]:
    """The four, broadcast; a denominator of 0 is NaN, for it says nothing."""
    given: list[NDArray[np.float64]] = [np.asarray(a, dtype=np.float64) for a in (x1, n1, x2, n2)]
    if any((a < 0).any() for a in given):
        raise ValueError("counts, persons and years are 0 or more")
    a, b, c, d = np.broadcast_arrays(*given)
    return a, np.where(b > 0, b, np.nan), c, np.where(d > 0, d, np.nan)
