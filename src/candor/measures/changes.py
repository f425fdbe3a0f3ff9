"""What changed since the period before and since a year before, and what of that stands over a whole release.

Everything is computed from published pools alone. Two periods are compared only where both were reported as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools
from candor.measures.pools import Pool, spread_of
from candor.measures.standing import provisional, whole
from candor.statistics.intervals import Floats
from candor.statistics.rate_ratio import false_discovery, rate_ratio, rate_ratio_p

CHANGES = ("", "too few to tell", "within chance", "up", "down", "provisional", "different area")
"""What the change of a figure can be: `Changes.verdict` indexes it."""

PERCENT_FROM = 10
"""The earlier count from which a ratio is given (METHODS, Change)."""

TESTED_FROM = 6
"""The sum of the two counts from which they are tested. Of fewer, no split is beyond chance at 5 % in equal periods
(0 and 5 has p = 0.0625), so they could only dilute what is tested. The test is conditional on this very sum: choosing
by it does not favour either outcome (Tarone RE (1990), A modified Bonferroni method for discrete data, Biometrics 46,
515-522)."""

Q_LEVEL = 0.05
"""The false discovery rate at which a change is called one (METHODS, Change)."""


@dataclass(frozen=True)
class Changes:
    """The change of figures: arrays (L, 2, Q, R). Ratio and limits are NaN where the earlier count is under 10."""

    ratio: Floats
    lower: Floats
    upper: Floats
    verdict: NDArray[np.int8]


def tested(now: Pool, earlier: Pool) -> Bools:
    """Which figures are tested against their counterpart in `earlier` (same series, periods and places)."""
    return np.asarray(_known(now, earlier) & (now.calls + earlier.calls >= TESTED_FROM))


def change_p(now: Pool, earlier: Pool) -> Floats:
    """The exact p values of no change, NaN where nothing is tested: (L, 2, Q, R)."""
    where = tested(now, earlier)
    p = np.full(where.shape, np.nan)
    n1, n2 = (np.broadcast_to(pool.person_years, where.shape)[where] for pool in (earlier, now))
    x1, x2 = earlier.calls[where], now.calls[where]
    if now.spread is not None or earlier.spread is not None:
        # Counts that are told rounded: as near to no change as they may be.
        way = np.where(x2 * n1 > x1 * n2, 1, -1)
        near1, near2 = x1 + way * spread_of(earlier)[where], x2 - way * spread_of(now)[where]
        near1, near2 = np.maximum(near1, 0), np.maximum(near2, 0)
        crossed = (near2 * n1 - near1 * n2) * way <= 0
        p[where] = np.where(crossed, 1.0, rate_ratio_p(near1, n1, near2, n2))
        return p
    p[where] = rate_ratio_p(x1, n1, x2, n2)
    return p


def critical_p(release: Iterable[Floats]) -> float:
    """The greatest p value at which a change is called one, over everything that a release tests; 0 where none is.

    Benjamini and Hochberg's procedure: what is called is all with q < 0.05, which is all up to this p.
    """
    p = np.concatenate([np.zeros(0), *(values[~np.isnan(values)] for values in release)])
    return float(p[false_discovery(p) < Q_LEVEL].max(initial=0.0))


def changes(now: Pool, earlier: Pool, p: Floats, critical: float) -> Changes:
    """Each figure of `now` against its counterpart in `earlier`; `p` is theirs, `critical` the release's."""
    known = _known(now, earlier)
    told = known & (earlier.calls >= PERCENT_FROM)
    ratio, lower, upper = (np.full(told.shape, np.nan) for _ in range(3))
    n1, n2 = (np.broadcast_to(pool.person_years, told.shape) for pool in (earlier, now))
    x1, x2, n1_, n2_ = earlier.calls[told], now.calls[told], n1[told], n2[told]
    found = rate_ratio(x1, n1_, x2, n2_)
    ratio[told], lower[told], upper[told] = found.ratio, found.lower, found.upper
    if now.spread is not None or earlier.spread is not None:
        s1, s2 = spread_of(earlier)[told], spread_of(now)[told]
        lower[told] = rate_ratio(x1 + s1, n1_, np.maximum(x2 - s2, 0), n2_).lower
        upper[told] = rate_ratio(np.maximum(x1 - s1, 0), n1_, x2 + s2, n2_).upper
    index = {name: np.int8(i) for i, name in enumerate(CHANGES)}
    verdict = np.where(earlier.calls < PERCENT_FROM, index["too few to tell"], index["within chance"])
    way = np.where(now.calls * n1 > earlier.calls * n2, index["up"], index["down"])
    verdict = np.where(p <= critical, way, verdict) if critical else verdict
    verdict = np.where(known, verdict, index[""])
    seen = (now.months > 0) & (earlier.months > 0) & ~now.untold & ~earlier.untold
    waiting = seen & (provisional(now) | provisional(earlier))
    verdict = np.where(waiting, index["provisional"], verdict)
    verdict = np.where(seen & _different_areas(now, earlier), index["different area"], verdict)
    return Changes(ratio, lower, upper, verdict.astype(np.int8))


def shared(now: Pool, earlier: Pool) -> tuple[Pool, Pool]:
    """The towns that reported both periods as a whole, together, as one place in each: like is compared with like."""
    both = _whole_months(now) & _whole_months(earlier) & ~_different_areas(now, earlier)

    def together(pool: Pool) -> Pool:
        any_of = np.any(both, axis=-1, keepdims=True)
        return Pool(
            calls=np.where(both, pool.calls, 0).sum(axis=-1, keepdims=True),
            untold=np.any(both & pool.untold, axis=-1, keepdims=True),
            covered=any_of,
            complete=any_of,
            months=np.where(both, pool.months, 0).max(axis=-1, keepdims=True),
            towns=both.sum(axis=-1, keepdims=True),
            residents=np.where(both, pool.residents, 0.0).sum(axis=-1, keepdims=True),
            person_years=np.where(both, pool.person_years, 0.0).sum(axis=-1, keepdims=True),
        )

    return together(now), together(earlier)


def _known(now: Pool, earlier: Pool) -> Bools:
    peopled = (now.person_years > 0) & (earlier.person_years > 0)
    return np.asarray(whole(now) & whole(earlier) & peopled & ~_different_areas(now, earlier))


def _different_areas(now: Pool, earlier: Pool) -> Bools:
    """Where a place is not the same area throughout both periods, because another was split from it: (Q, R)."""
    if now.area is None or earlier.area is None:
        return np.zeros(now.months.shape, np.bool_)
    return np.asarray((now.area != earlier.area) | (now.area < 0))


def _whole_months(pool: Pool) -> Bools:
    return np.asarray(pool.covered & pool.complete & (pool.person_years > 0))
