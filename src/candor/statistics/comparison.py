"""A town beside the rest of the state: does its rate differ? One label for each town, with the interval it rests on.

Pure functions on arrays that broadcast against each other. `observed` are counts of events, `expected` the counts that
the rate of the other towns would bring to this one's persons (events). A count that is not known is NaN.

The model: a count is negative binomial about its mean with wander c (`negative_binomial`), and what is expected is not
known for sure either: 1/X + c sum x^2 / X^2 more, X the events of the others and x those of each.

Source: METHODS, A town beside the rest of the state, question 1. Leaving the town itself out: Spiegelhalter D and
others (2012), Statistical methods for healthcare regulation, JRSS A 175, 1-47.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.intervals import Floats
from candor.statistics.negative_binomial import at_least, at_most, lower_mean, upper_mean
from candor.vocabulary.comparison import DIFFERENCES

COMPARED_FROM: Final = 5
"""The expected events from which a place is compared."""

SURE_TAIL, PROBABLE_TAIL = 0.001, 0.025
"""The tails of "higher" or "lower", and of "probably"."""

MARGIN: Final = 1.1
"""The ratio up to which two rates are about the same, where the interval is inside `SAME`."""

SAME: Final = 1.25
SAME_UP_TO: Final = 0.013
"""The wander up to which "about the same" can be said: above, no interval is so narrow."""


class Others(NamedTuple):
    """The towns beside one: their rate's count and persons, and the relative variance of that rate.

    `persons` is 0, and the others NaN, where no other town reports.
    """

    events: Floats
    persons: Floats
    variance: Floats


class Difference(NamedTuple):
    """Observed over expected, the 95 % limits of that ratio, and the label as an index into `DIFFERENCES`."""

    ratio: Floats
    lower: Floats
    upper: Floats
    label: NDArray[np.int8]


def others(
    events: ArrayLike, persons: ArrayLike, c: ArrayLike, member: ArrayLike = True, total: ArrayLike | None = None
) -> Others:
    """For each town of the last axis the other members: (..., towns).

    `events` and `persons` (person-years) are of all towns, NaN where they did not report; `member` says which towns are
    a benchmark. `c` is the wander of one town's count, of shape (..., 1). `total`: the events of all members where
    these are known better than their sum (a total that was rounded on its own).
    """
    x, n, used = np.broadcast_arrays(
        np.asarray(events, dtype=np.float64), np.asarray(persons, dtype=np.float64), np.asarray(member, np.bool_)
    )
    used = used & np.isfinite(x) & np.isfinite(n) & (n > 0)
    x, n = np.where(used, x, 0.0), np.where(used, n, 0.0)
    every = x.sum(axis=-1, keepdims=True) if total is None else np.asarray(total, dtype=np.float64)
    rest = np.maximum(every - x, 0.0)
    people = n.sum(axis=-1, keepdims=True) - n
    there = (used.sum(axis=-1, keepdims=True) - used) > 0
    squares = (x**2).sum(axis=-1, keepdims=True) - x**2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / rest + c * np.maximum(squares, 0.0) / rest**2
    return Others(np.where(there, rest, np.nan), np.where(there, people, 0.0), np.where(there, variance, np.nan))


def difference(
    observed: ArrayLike,
    expected: ArrayLike,
    c: ArrayLike,
    *,
    about: tuple[ArrayLike, ArrayLike] = (0.0, 0.0),
    own: ArrayLike | None = None,
    told_from: float = 0,
) -> Difference:
    """Each town's count against what is expected.

    `c`: the town's own wander and the relative variance of what is expected, together. `own`: the town's wander alone,
    which decides whether "about the same" can be said; c where it is not given. `about`: by how much more or less the
    count and what is expected may be, because they were rounded; what is said then holds for all that they may be.
    `told_from`: the events from which an interval is wanted; with few it is never so narrow that the label needs it.

    - `higher`, `lower`: a tail under 0.001, and the ratio outside 1/1.1 .. 1.1.
    - `probably higher`, `probably lower`: a tail under 0.025, and outside that margin.
    - `about the same rate`: the ratio inside the margin, and the 95 % interval inside 1/1.25 .. 1.25.
    - `cannot be told apart`: else; the interval holds 1.
    - `too few to compare`: under 5 expected. `nothing to compare with`: an infinite or unknown c.

    The ratio has no value where nothing is expected. A town whose count is not known has the empty label.

    Raises `ValueError` for a negative number.
    """
    arrays = (observed, expected, c, c if own is None else own, *about)
    o, e, spread, wander, o_more, e_more = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in arrays))
    low, high = np.maximum(o - o_more, 0), o + o_more
    least, most = np.maximum(e - e_more, 0), e + e_more
    compared = np.isfinite(o) & np.isfinite(spread) & (e >= COMPARED_FROM)
    ratio, lower, upper = (np.full(o.shape, np.nan) for _ in range(3))
    ratio[compared] = o[compared] / e[compared]
    tail_up, tail_down = np.ones(o.shape), np.ones(o.shape)
    up, down = (
        compared & (low > most),
        compared & (high < least),
    )  # on the other side of its mean a tail is no small one
    tail_up[up] = at_least(low[up], most[up], spread[up])
    tail_down[down] = at_most(high[down], least[down], spread[down])
    above, below = tail_up < PROBABLE_TAIL, tail_down < PROBABLE_TAIL
    told = compared & (o >= told_from)
    lower[told] = lower_mean(low[told], spread[told]) / most[told]
    with np.errstate(divide="ignore"):
        upper[told] = upper_mean(high[told], spread[told]) / least[told]
    apart = (ratio > MARGIN) | (ratio < 1 / MARGIN)
    same = compared & ~apart & (lower >= 1 / SAME) & (upper <= SAME) & (wander <= SAME_UP_TO)
    code = {name: np.int8(i) for i, name in enumerate(DIFFERENCES)}
    label = np.full(o.shape, code[""], np.int8)
    known = np.isfinite(o)
    label[known & ~(np.isfinite(e) & np.isfinite(spread))] = code["nothing to compare with"]
    label[known & (e < COMPARED_FROM)] = code["too few to compare"]
    label[compared] = code["cannot be told apart"]
    label[above], label[below] = code["probably higher"], code["probably lower"]
    label[above & apart & (tail_up < SURE_TAIL)] = code["higher"]
    label[below & apart & (tail_down < SURE_TAIL)] = code["lower"]
    label[same] = code["about the same rate"]
    return Difference(ratio, lower, upper, label)
