"""Where each town stands: what the state's rate would bring, the town against it, and the smoothed relative rate.

Everything is computed from published pools alone. A town is compared only with a period that is over and that it has
reported as a whole; a series of which the state has no figure (a suppressed cell is in it) compares nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.measures.comparison import VERDICTS, overdispersion, verdicts
from candor.measures.dense import Bools
from candor.measures.intervals import Floats
from candor.measures.pools import Pool
from candor.measures.smoothing import Smoothed, fit_prior, fit_prior_between, probability_above, smoothed

COMPARISONS = (*VERDICTS, "provisional")
"""What `Standing.comparison` indexes."""


LENT_FROM = 10.0
"""The expected events from which a town says how much towns vary, where small numbers are withheld: hardly any of them
is then withheld for being small."""


class Withheld(NamedTuple):
    """The numbers that a withheld count is taken for: what is small."""

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
    return np.asarray(pool.covered & pool.complete & ~pool.suppressed)


def provisional(pool: Pool) -> Bools:
    """Where a period is not over, or not every month of it was reported, and yet some: (Q, R)."""
    return np.asarray(pool.covered & ~pool.complete & (pool.months > 0))


def standing(towns: Pool, state: Pool, withheld: Withheld | None = None) -> Standing:
    """The towns of a pool against the state in the same periods.

    `expected` is the town's person-years times the state's rate (METHODS, A town against the state).

    Where small numbers are withheld, the small towns that are told are those without any and those with many; what is
    fitted to them alone is too wide. So with `withheld`, the prior has the state's own rate as its mean and takes every
    withheld count as one of the small ones, and the funnel learns from towns with `LENT_FROM` expected events or more.
    """
    persons = np.where(state.person_years > 0, state.person_years, np.nan)
    rate = np.where(state.suppressed, np.nan, state.calls / persons)  # (L, 2, Q, 1)
    peopled = towns.person_years > 0
    known = whole(towns) & peopled
    expected = np.where(known, rate * towns.person_years, np.nan)
    observed = np.where(np.isnan(expected), np.nan, towns.calls)
    if withheld is None:
        prior, tau2 = fit_prior(observed, expected), None
    else:
        hidden = towns.suppressed & towns.covered & towns.complete & peopled
        low, high = (np.where(hidden, bound, observed) for bound in (withheld.low, withheld.high))
        prior = fit_prior_between(low, high, np.where(hidden, rate * towns.person_years, expected))
        tau2 = overdispersion(np.where(expected >= LENT_FROM, observed, np.nan), expected).tau2
    verdict = verdicts(observed, expected, tau2)
    waiting = provisional(towns) & ~towns.suppressed & np.isfinite(rate)
    comparison = np.where(waiting, np.int8(COMPARISONS.index("provisional")), verdict.astype(np.int8))
    return Standing(
        expected, smoothed(observed, expected, prior), probability_above(observed, expected, prior), comparison
    )
