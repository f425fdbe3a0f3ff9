"""Where each town stands: what the state's rate would bring, the town against it, and the smoothed relative rate.

Everything is computed from published pools alone. A town is compared only with a period that is over and that it has
reported as a whole; a series of which the state has no figure (a suppressed cell is in it) compares nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools
from candor.measures.pools import Pool
from candor.statistics.comparison import VERDICTS, overdispersion, verdicts
from candor.statistics.intervals import Floats
from candor.statistics.smoothing import Smoothed, fit_prior, fit_prior_between, probability_above, smoothed
from candor.vocabulary.coverage import UNDER

COMPARISONS = (*VERDICTS, "provisional")
"""What `Standing.comparison` indexes."""


LENT_FROM = 10.0
"""The expected events from which a town says how much towns vary, where small numbers are withheld: hardly any of them
is then withheld for being small."""


class Under(NamedTuple):
    """The counts that a figure told as "under 5" may be."""

    low: int
    high: int


@dataclass(frozen=True)
class Standing:
    """All arrays (L, 2, Q, R); NaN where there is nothing to say."""

    expected: Floats
    smoothed: Smoothed
    p_higher: Floats
    comparison: NDArray[np.int8]


def whole(pool: Pool) -> Bools:
    """Where a period was reported as a whole and the number is published: (L, 2, Q, R)."""
    return np.asarray(pool.covered & pool.complete & ~pool.untold)


def provisional(pool: Pool) -> Bools:
    """Where a period is not over, or not every month of it was reported, and yet some: (Q, R)."""
    return np.asarray(pool.covered & ~pool.complete & (pool.months > 0))


def standing(towns: Pool, state: Pool, under: Under | None = None) -> Standing:
    """The towns of a pool against the state in the same periods.

    `expected` is the town's person-years times the state's rate (METHODS, A town against the state).

    With `under`, the counts are told rounded, and small ones as "under 5": the prior takes each for all that it may be
    (interval-censored likelihood), the funnel learns from towns with `LENT_FROM` expected events or more, and what is
    said of a town holds for every count that its figure and the state's may be.
    """
    persons = np.where(state.person_years > 0, state.person_years, np.nan)
    rate = np.where(state.untold, np.nan, state.calls / persons)  # (L, 2, Q, 1)
    peopled = towns.person_years > 0
    known = whole(towns) & peopled
    expected = np.where(known, rate * towns.person_years, np.nan)
    observed = np.where(np.isnan(expected), np.nan, towns.calls)
    waiting = provisional(towns) & ~towns.untold & np.isfinite(rate)
    if under is None:
        prior = fit_prior(observed, expected)
        verdict = verdicts(observed, expected)
        found, above = smoothed(observed, expected, prior), probability_above(observed, expected, prior)
    else:
        verdict, found, above = _of_rounded(towns, state, under, observed, expected)
    comparison = np.where(waiting, np.int8(COMPARISONS.index("provisional")), verdict.astype(np.int8))
    return Standing(expected, found, above, comparison)


def _of_rounded(
    towns: Pool, state: Pool, under: Under, observed: Floats, expected: Floats
) -> tuple[NDArray[np.int8], Smoothed, Floats]:
    """Verdicts, smoothed rates and P of rounded counts: those that hold at both ends of what they may be."""
    zeros = np.zeros(1, np.int64)
    own = zeros if towns.spread is None else towns.spread
    of_state = zeros if state.spread is None else state.spread
    persons = np.where(state.person_years > 0, state.person_years, np.nan)
    low, high = np.maximum(observed - own, 0), observed + own
    least, most = (
        np.where(
            np.isnan(expected), np.nan, np.maximum(state.calls + of_state * sign, 0) / persons * towns.person_years
        )
        for sign in (-1, 1)
    )
    small = (towns.state == UNDER) if towns.state is not None else np.zeros(observed.shape, np.bool_)
    small &= np.isfinite(persons) & towns.complete & (towns.person_years > 0) & ~state.untold
    rate = np.where(state.untold, np.nan, state.calls / persons)
    bounds = (np.where(small, under.low, low), np.where(small, under.high, high))
    prior = fit_prior_between(bounds[0], bounds[1], np.where(small, rate * towns.person_years, expected))
    tau2 = overdispersion(np.where(expected >= LENT_FROM, observed, np.nan), expected).tau2
    verdict = _weaker(verdicts(low, most, tau2), verdicts(high, least, tau2))
    lower, upper = smoothed(low, most, prior).lower, smoothed(high, least, prior).upper
    found = smoothed(observed, expected, prior)._replace(lower=lower, upper=upper)
    return verdict, found, _doubtful(probability_above(low, most, prior), probability_above(high, least, prior))


def _doubtful(one: Floats, other: Floats) -> Floats:
    """Of two probabilities the one nearer to 1/2; 1/2 where they lie on its two sides."""
    sides = np.sign(one - 0.5) * np.sign(other - 0.5)
    nearer = np.where(np.abs(one - 0.5) < np.abs(other - 0.5), one, other)
    return np.asarray(np.where(sides < 0, 0.5, nearer))


def _weaker(one: NDArray[np.int8], other: NDArray[np.int8]) -> NDArray[np.int8]:
    """What both verdicts say: the weaker of two on one side, else the middle; "too few" where one says so."""
    middle = VERDICTS.index("as expected")
    silent = (one < VERDICTS.index("lower")) | (other < VERDICTS.index("lower"))
    same = np.sign(one.astype(np.int64) - middle) == np.sign(other.astype(np.int64) - middle)
    nearer = np.where(np.abs(one.astype(np.int64) - middle) < np.abs(other.astype(np.int64) - middle), one, other)
    found = np.where(same, nearer, middle)
    return np.asarray(np.where(silent, np.minimum(one, other), found), np.int8)
