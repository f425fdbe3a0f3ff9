"""A town against the state: exact Poisson limits, the funnel adjusted for over-dispersion, and the verdict.

Pure functions on arrays. `observed` are counts of events, `expected` the counts that the state's rate would bring
(persons times the state's rate; events, no unit otherwise). Where towns are compared with each other they lie on the
last axis: (..., towns), so a whole release is one call. A count or an expected count that is not known is NaN.

Sources: Spiegelhalter DJ (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24,
1185-1202 (limits, over-dispersion); Spiegelhalter D and others (2012), Statistical methods for healthcare regulation,
JRSS A 175, 1-47 (trimming, the additive model); NHS Digital, Summary Hospital-level Mortality Indicator, methodology
(the logarithmic scale with the outer tenths cut off).
"""

# ruff: noqa: PLC0415  # exact tails need SciPy, and only those who publish ask for them: the site loads without it

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from candor.statistics.intervals import Floats, Interval
from candor.statistics.quantiles import normal_quantile

COMPARED_FROM = 5
"""The expected events from which a place is compared (METHODS, A town against the state)."""

PERHAPS, SURE = 0.95, 0.998
"""The levels of a "perhaps" and of a verdict."""

TRIMMED = 0.1
"""The share of towns left out at each end when the over-dispersion is estimated."""

VERDICTS = (
    "",
    "too few to compare",
    "lower",
    "perhaps lower",
    "as expected",
    "perhaps higher",
    "higher",
)
"""What `verdicts` indexes; the empty one is where the count or what is expected is not known."""

_LOG_OF_NONE = 0.5
"""Stands for a count of 0 under the logarithm, as a continuity correction; exact limits use the 0."""


class Overdispersion(NamedTuple):
    """How much more the towns vary than chance: the factor phi, and tau2, the variance between them (log scale)."""

    phi: Floats
    tau2: Floats


def exact_status(observed: ArrayLike, expected: ArrayLike, level: float = SURE) -> NDArray[np.int8]:
    """Whether a count is beyond the exact Poisson limits: 1 above, -1 below, 0 within or not known.

    Above where P(X >= observed) < (1 - level)/2 for X ~ Poisson(expected), below where P(X <= observed) is; that is,
    where the exact (Garwood) interval of the count lies wholly on one side of the expected count.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    counts, mean = np.broadcast_arrays(_observed(observed), _expected(expected))
    rare = np.isfinite(counts) & np.isfinite(mean) & (_tail_beyond(counts, mean) < _tail(level))
    return _sign(rare & (counts > mean), rare & (counts < mean))


def overdispersion(observed: ArrayLike, expected: ArrayLike) -> Overdispersion:
    """How much more the towns of the last axis vary than chance; the result has one axis fewer.

    z = sqrt(E) ln(O/E); the tenth of the towns with the smallest z and the tenth with the greatest (rounded down) are
    left out, so that what is looked for does not widen the limits. Of the n that stay, with w = E: phi = sum z^2 / n,
    tau2 = max(0, (n phi - (n - 1)) / (sum w - sum w^2 / sum w)). Only towns from 5 expected events count. Without two
    of them phi is 1 and tau2 is 0.

    Raises `ValueError` for a negative number.
    """
    counts, mean = (np.atleast_1d(a) for a in np.broadcast_arrays(_observed(observed), _expected(expected)))
    used = np.isfinite(counts) & np.isfinite(mean) & (mean >= COMPARED_FROM)
    weight = np.where(used, mean, 1.0)
    ratio = np.where(used, np.maximum(counts, _LOG_OF_NONE), 1.0) / weight
    z = np.where(used, np.sqrt(weight) * np.log(ratio), np.inf)
    order = np.argsort(z, axis=-1, kind="stable")  # what is not used comes last
    z, weight = np.take_along_axis(z, order, -1), np.take_along_axis(weight, order, -1)
    n = used.sum(axis=-1, keepdims=True)
    cut = np.floor(n * TRIMMED + 1e-9)
    rank = np.arange(z.shape[-1])
    kept = (rank >= cut) & (rank < n - cut)
    z, weight = np.where(kept, z, 0.0), np.where(kept, weight, 0.0)
    n = kept.sum(axis=-1)
    squares = (z**2).sum(axis=-1)
    total = weight.sum(axis=-1)
    spread = total - (weight**2).sum(axis=-1) / np.maximum(total, 1.0)
    enough = n > 1
    phi = np.where(enough, squares / np.maximum(n, 1), 1.0)
    tau2 = np.where(enough, (squares - (n - 1)) / np.where(enough, spread, 1.0), 0.0)
    return Overdispersion(phi, np.maximum(tau2, 0.0))


def funnel_limits(expected: ArrayLike, tau2: ArrayLike = 0.0, level: float = SURE) -> Interval:
    """The funnel's limits of observed over expected: exp(-+ z sqrt(1/E + tau2)), z the normal quantile of the level.

    `expected` and `tau2` broadcast. At 0 expected the funnel is open: 0 to infinity.

    Raises `ValueError` for a negative number or a level outside 0 to 1.
    """
    mean, between = np.broadcast_arrays(_expected(expected), np.asarray(tau2, dtype=np.float64))
    if (between < 0).any():
        raise ValueError("the variance between towns is 0 or more")
    z = -normal_quantile(_tail(level))
    with np.errstate(divide="ignore", over="ignore"):
        half = z * np.sqrt(1 / mean + between)
        return Interval(np.exp(-half), np.exp(half))


def verdicts(observed: ArrayLike, expected: ArrayLike, tau2: ArrayLike | None = None) -> NDArray[np.int8]:
    """The comparison of each town with what is expected for its size, as indices into `VERDICTS`; shape (..., towns).

    A verdict stands at 99.8 % and a "perhaps" at 95 %, and each needs both: beyond the exact Poisson limits, and beyond
    the funnel adjusted for over-dispersion. Under 5 expected events a town is "too few to compare". `tau2`, of shape
    (...), is that of `overdispersion` over the last axis where it is not given.

    Raises `ValueError` for a negative number.
    """
    counts, mean = np.broadcast_arrays(_observed(observed), _expected(expected))
    between = overdispersion(counts, mean).tau2 if tau2 is None else np.asarray(tau2, dtype=np.float64)
    between = np.broadcast_to(between[..., np.newaxis] if counts.ndim else between, counts.shape)
    known = np.isfinite(counts) & np.isfinite(mean)
    few = mean < COMPARED_FROM
    found = np.full(counts.shape, VERDICTS.index(""), np.int8)
    found[known & few] = VERDICTS.index("too few to compare")
    compared = known & ~few
    found[compared] = VERDICTS.index("as expected") + _steps(counts[compared], mean[compared], between[compared])
    return found


def _steps(counts: Floats, mean: Floats, tau2: Floats) -> NDArray[np.int8]:
    """For each level, 1 above and -1 below both kinds of limits, else 0; added up."""
    steps = np.zeros(counts.shape, np.int8)
    for level in (PERHAPS, SURE):
        lower, upper = funnel_limits(mean, tau2, level)
        with np.errstate(over="ignore"):  # a limit that no count can reach
            adjusted = _sign(counts > upper * mean, counts < lower * mean)
        outside = adjusted != 0  # few are: only for these the exact limits, which cost a hundred times more
        exact = exact_status(counts[outside], mean[outside], level)
        steps[outside] += np.where(exact == adjusted[outside], exact, np.int8(0))
    return steps


def _tail_beyond(counts: Floats, mean: Floats) -> Floats:
    """The probability of a count at least as far on its side of the expected one; the other tail is over a half."""
    from scipy.special import gammainc, gammaincc

    above, below = counts > mean, counts < mean
    tail = np.ones(counts.shape)
    tail[above] = gammainc(counts[above], mean[above])
    tail[below] = gammaincc(counts[below] + 1, mean[below])
    return tail


def _sign(above: NDArray[np.bool_], below: NDArray[np.bool_]) -> NDArray[np.int8]:
    return np.subtract(above, below, dtype=np.int8)


def _observed(values: ArrayLike) -> Floats:
    counts = np.asarray(values, dtype=np.float64)
    if (counts < 0).any():
        raise ValueError("a count is 0 or more")
    return counts


def _expected(values: ArrayLike) -> Floats:
    mean = np.asarray(values, dtype=np.float64)
    if (mean < 0).any():
        raise ValueError("an expected count is 0 or more")
    return mean


def _tail(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"level is a probability such as 0.95, found {level}")
    return (1 - level) / 2
