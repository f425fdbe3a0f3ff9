"""Where each town stands: what the state's rate would bring, the town against it, and the smoothed relative rate.

Everything is computed from published pools alone. A town is compared only with a period that is over and that it has
reported as a whole; a series of which the state has no figure (a suppressed cell is in it) compares nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.measures.comparison import VERDICTS, overdispersion, verdicts
from candor.measures.dense import Bools
from candor.measures.intervals import Floats
from candor.measures.pools import Pool
from candor.measures.smoothing import Prior, Smoothed, fit_prior, probability_above, smoothed

COMPARISONS = (*VERDICTS, "provisional")
"""What `Standing.comparison` indexes."""


@dataclass(frozen=True)
class Standing:
    """All arrays (L, 2, Q, R); NaN where there is nothing to say."""

    expected: Floats
    smoothed: Smoothed
    p_higher: Floats
    comparison: NDArray[np.int8]


def whole(pool: Pool) -> Bools:
    """Where a period was reported as a whole and the number is published: (L, 2, Q, R)."""
    return np.asarray(pool.covered & pool.complete & ~pool.suppressed)


def provisional(pool: Pool) -> Bools:
    """Where a period is not over, or not every month of it was reported, and yet some: (Q, R)."""
    return np.asarray(pool.covered & ~pool.complete & (pool.months > 0))


def standing(towns: Pool, state: Pool, lent_from: float | None = None) -> Standing:
    """The towns of a pool against the state in the same periods.

    `expected` is the town's person-years times the state's rate (METHODS, A town against the state).

    With `lent_from`, only towns with so many expected events say how much towns vary, in the funnel and in the prior,
    whose mean is then the state's own rate. For where small numbers are withheld, the small towns that are told are the
    ones without any and those with many, and what is fitted to them is too wide.
    """
    persons = np.where(state.person_years > 0, state.person_years, np.nan)
    rate = np.where(state.suppressed, np.nan, state.calls / persons)  # (L, 2, Q, 1)
    known = whole(towns) & (towns.person_years > 0)
    expected = np.where(known, rate * towns.person_years, np.nan)
    observed = np.where(np.isnan(expected), np.nan, towns.calls)
    if lent_from is None:
        prior, tau2 = fit_prior(observed, expected), None
    else:
        tau2 = overdispersion(np.where(expected >= lent_from, observed, np.nan), expected).tau2
        with np.errstate(divide="ignore"):
            # The variance of a gamma distribution of mean 1 is 1 / shape.
            prior = Prior(1 / tau2, np.ones(tau2.shape))
    verdict = verdicts(observed, expected, tau2)
    waiting = provisional(towns) & ~towns.suppressed & np.isfinite(rate)
    comparison = np.where(waiting, np.int8(COMPARISONS.index("provisional")), verdict.astype(np.int8))
    return Standing(
        expected, smoothed(observed, expected, prior), probability_above(observed, expected, prior), comparison
    )
