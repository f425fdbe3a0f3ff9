"""A month against the same month of earlier years: the counts that are usual for it.

Pure functions on arrays; time runs along the last axis. A month is never held against the one before it, for that is
the season, and counts are compared a day, for February has fewer.

Source: METHODS, Change (series). A predicted negative binomial count: the wander of the count itself, that of the mean
of the earlier months, and the chance in their sum.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.intervals import Floats
from candor.statistics.negative_binomial import usual_counts
from candor.vocabulary.comparison import USUAL

CHARTED_FROM: Final = 5
"""The mean count of a month from which months are held against each other; below, years are."""

YEAR: Final = 12


class Usual(NamedTuple):
    """The counts that are usual for each month, and what each is (an index into `USUAL`)."""

    lower: Floats
    upper: Floats
    mark: NDArray[np.int8]


def usual(counts: ArrayLike, days: ArrayLike, c: ArrayLike, level: float = 0.998, *, of: ArrayLike = 1.0) -> Usual:
    """Each month of a series of consecutive months beside the same month of earlier years.

    `counts` (..., months), NaN where a month is not known; `days` (months,) or like `counts`: how long each month is,
    or the persons times days of it; `of`: what it is the count of (how many towns), for only months of the same are
    held against each other. With m earlier ones whose sum is S, as many days taken as this month has, the mean
    is S/m and the wander c + c/m + 1/S; outside of both tails of (1 - level) / 2 a count is not usual. Nothing is said
    of a month without an earlier one, or where the mean month of the series is under 5.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    x = np.asarray(counts, dtype=np.float64)
    length = np.broadcast_to(np.asarray(days, dtype=np.float64), x.shape)
    number, total, persons = (np.zeros(x.shape) for _ in range(3))
    known = np.isfinite(x) & (length > 0)
    counted = np.broadcast_to(np.asarray(of, dtype=np.float64), x.shape)
    for back in range(YEAR, x.shape[-1], YEAR):
        there = known[..., :-back] & (counted[..., :-back] == counted[..., back:])
        number[..., back:] += there
        total[..., back:] += np.where(there, x[..., :-back], 0.0)
        persons[..., back:] += np.where(there, length[..., :-back], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        month = np.where(known, x, 0.0).sum(axis=-1, keepdims=True) / known.sum(axis=-1, keepdims=True)
        told = known & (total > 0) & (month >= CHARTED_FROM)
        mean = total / persons * length
        wander = np.asarray(c, dtype=np.float64)
        wander = wander + wander / number + 1 / total
    lower, upper = (np.full(x.shape, np.nan) for _ in range(2))
    lower[told], upper[told] = usual_counts(mean[told], np.broadcast_to(wander, x.shape)[told], level)
    mark = np.where(told, USUAL.index("as usual"), 0).astype(np.int8)
    mark[told & (x < lower)], mark[told & (x > upper)] = (
        USUAL.index("fewer than usual"),
        USUAL.index("more than usual"),
    )
    return Usual(lower, upper, mark)
