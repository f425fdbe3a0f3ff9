"""How much a town's own count wanders from period to period, beyond Poisson: variance m + c m^2 about its mean m.

c is learned from pairs of counts of a town: a period, and the same one a year before, so that the season is in neither.
What all towns share (a growing state, a wet year) is taken out by R, the ratio of the later period to the earlier one,
one for each pair of periods. The estimate is robust: the towns that truly changed are in the largest 5 %, which are
left out, and what is left of a normal variable's square then has the mean 0.759.

Source: METHODS, Rates. The trimmed second moment as a robust estimate of scale: Huber PJ and Ronchetti EM (2009),
Robust Statistics, 2nd edition, chapter 5. 0.759 = 1 - 2 z phi(z) / 0.95 at z = 1.96.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.statistics.intervals import Floats

PAIR_FROM: Final = 40
"""The events of both periods together from which a pair of counts says something of c."""

PAIRS_FROM: Final = 8
"""The pairs from which c is estimated."""

LEAST: Final = 0.0004
"""The least c: 2 % a period. A count that is surer than that is sure of what it cannot know."""

ASSUMED: Final = 0.0025
"""The c of a year where nothing can be learned: 5 %."""

_KEPT, _TRIMMED_MEAN = 0.95, 0.7589
_MOST = 25.0
"""A town whose count is five times, or a fifth, from one year to the next: more is not wander."""
_ROUNDS, _HALVINGS = 12, 40


class Pairs(NamedTuple):
    """The pairs of one series: later and earlier count of a town, and which pair of periods it is of (0, 1, ..).

    `rounding` is the variance of what rounding adds to each count: 0 for counts as they are, 2 to the nearest 5.
    """

    later: Floats
    earlier: Floats
    of: NDArray[np.int64]
    rounding: float = 0.0


class Wander(NamedTuple):
    """c, and the number of pairs that it was learned from."""

    c: float
    pairs: int


def kept(pairs: Pairs) -> Pairs:
    """The pairs that c is learned from: from 40 events on, of periods that two towns and more have."""
    known = np.isfinite(pairs.later) & np.isfinite(pairs.earlier)
    enough = known & (np.where(known, pairs.later + pairs.earlier, 0) >= PAIR_FROM)
    towns = np.bincount(pairs.of[enough], minlength=int(pairs.of.max(initial=-1)) + 1)
    enough &= towns[pairs.of] > 1
    _, of = np.unique(pairs.of[enough], return_inverse=True)
    return Pairs(pairs.later[enough], pairs.earlier[enough], of.astype(np.int64), pairs.rounding)


def estimate(pairs: Pairs) -> Wander | None:
    """c of a series from its pairs, or None where fewer than 8 say something.

    m = (x1 + x2) / (1 + R), v = m + m/R + 2 c m^2, R = sum w x2 / sum w x1 with w = m/v over the pairs that are kept,
    begun at the median ratio. c makes the mean of the smallest 95 % of (x2/R - x1)^2 / v * N/(N-1), N the towns of that
    pair of periods, equal to 0.759: 0 where it is less already, and never under 0.0004.
    """
    pairs = kept(pairs)
    number = len(pairs.later)
    if number < PAIRS_FROM:
        return None
    towns = np.bincount(pairs.of).astype(np.float64)
    correction = (towns / (towns - 1))[pairs.of]
    ratio = _median_ratios(pairs)
    c = 0.0
    inside = np.ones(number, np.bool_)
    for _ in range(_ROUNDS):
        before = c
        r = ratio[pairs.of]
        m = (pairs.earlier + pairs.later) / (1 + r)
        square = (pairs.later / r - pairs.earlier) ** 2 * correction
        plain, slope = m + m / r + pairs.rounding * (1 + r**-2), 2 * m**2
        c = _solved(square, plain, slope)
        score = square / (plain + c * slope)
        inside = score <= np.partition(score, _last(number))[_last(number)]
        weight = np.where(inside, m / (plain + c * slope), 0.0)
        top, bottom = (np.bincount(pairs.of, weight * x) for x in (pairs.later, pairs.earlier))
        ratio = np.where((top > 0) & (bottom > 0), top / np.where(bottom > 0, bottom, 1), ratio)
        if abs(c - before) <= 1e-4 * (c + LEAST):
            break
    return Wander(max(c, LEAST), number)


def _last(number: int) -> int:
    """The index of the largest of the smallest 95 %."""
    return max(int(np.ceil(_KEPT * number)) - 1, 0)


def _solved(square: Floats, plain: Floats, slope: Floats) -> float:
    """The c at which the trimmed mean is that of a normal variable: it falls as c grows."""
    last = _last(len(square))

    def excess(c: float) -> float:
        return float(np.partition(square / (plain + c * slope), last)[: last + 1].mean()) - _TRIMMED_MEAN

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, 1e-3
    while excess(high) > 0 and high < _MOST:
        low, high = high, high * 4
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        if high - low <= 1e-6 + 1e-4 * high:
            break
    return (low + high) / 2


def _median_ratios(pairs: Pairs) -> Floats:
    order = np.argsort(pairs.of, kind="stable")
    ends = np.cumsum(np.bincount(pairs.of))[:-1]
    ratios = np.maximum(pairs.later, 0.5) / np.maximum(pairs.earlier, 0.5)
    return np.array([np.median(part) for part in np.split(ratios[order], ends)])
