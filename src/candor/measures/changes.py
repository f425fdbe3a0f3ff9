"""What changed since a year before, and what of that stands among all towns of a period.

Year on year only: a year, a quarter or a month against the same one a year before, in the months that both reported.
Against the period before it would be the season that changes. Everything is computed from published pools alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools, Ints
from candor.measures.pools import Pool, spread_of
from candor.statistics.intervals import Floats
from candor.statistics.rate_ratio import false_discovery, rate_change
from candor.vocabulary.comparison import CHANGES

PERCENT_FROM = 10
"""The earlier count from which a ratio is given (METHODS, Change)."""

TESTED_FROM = 6
"""The sum of the two counts from which they are tested. Of fewer, no split is beyond chance at 5 % in equal periods
(0 and 5 has p = 0.0625), so they could only dilute what is tested. The test is conditional on this very sum: choosing
by it does not favour either outcome (Tarone RE (1990), A modified Bonferroni method for discrete data, Biometrics 46,
515-522)."""

Q_LEVEL = 0.05
"""The false discovery rate at which a change is called one, within its family."""


@dataclass(frozen=True)
class Changes:
    """The change of figures: arrays (L, 2, Q, R). Ratio and limits are NaN where the earlier count is under 10.

    `months`: of how many months of the period both times are compared, 0 where nothing is.
    """

    ratio: Floats
    lower: Floats
    upper: Floats
    verdict: NDArray[np.int8]
    months: Ints


@dataclass(frozen=True)
class Tested:
    """The p values of no change and the 95 % limits of the ratio, (L, 2, Q, R); NaN where nothing is known of it."""

    p: Floats
    ratio: Floats
    lower: Floats
    upper: Floats

    def of(self, part: slice) -> Tested:
        """That of some of the series."""
        return Tested(self.p[part], self.ratio[part], self.lower[part], self.upper[part])


def compared(now: Pool, earlier: Pool) -> Bools:
    """Which figures have a counterpart in `earlier` (same series, periods and places)."""
    peopled = (now.person_years > 0) & (earlier.person_years > 0)
    told = ~now.untold & ~earlier.untold & (now.months > 0) & (earlier.months > 0)
    return np.asarray(told & peopled & ~_different_areas(now, earlier))


def test(now: Pool, earlier: Pool, c: Floats) -> Tested:
    """Each figure against its counterpart; c is the wander, (L, 2, Q) or (L, 2, Q, 1)."""
    where = compared(now, earlier)
    found = [np.full(where.shape, np.nan) for _ in range(4)]
    wander = np.broadcast_to(c if c.ndim == where.ndim else c[..., None], where.shape)[where]
    n1, n2 = (np.broadcast_to(pool.person_years, where.shape)[where] for pool in (earlier, now))
    x1, x2 = earlier.calls[where], now.calls[where]
    s1, s2 = spread_of(earlier)[where], spread_of(now)[where]
    plain = rate_change(x1, n1, x2, n2, wander)
    values = [plain.p, plain.ratio, plain.lower, plain.upper]
    if s1.any() or s2.any():
        # Counts that are told rounded: for all that they may be. A small count says less than a larger one, so both of
        # them lower, or both higher, may have the largest p.
        few1, few2, many1, many2 = np.maximum(x1 - s1, 0), np.maximum(x2 - s2, 0), x1 + s1, x2 + s2
        most, least = rate_change(few1, n1, many2, n2, wander), rate_change(many1, n1, few2, n2, wander)
        fewer, more = rate_change(few1, n1, few2, n2, wander), rate_change(many1, n1, many2, n2, wander)
        largest = np.maximum.reduce([most.p, least.p, fewer.p, more.p])
        crossed = (most.lower <= 1) & (least.upper >= 1) & (least.ratio <= 1) & (most.ratio >= 1)
        values = [np.where(crossed, 1.0, largest), plain.ratio, least.lower, most.upper]
    values[0] = np.where(x1 + x2 >= TESTED_FROM, values[0], np.nan)
    for column, value in zip(found, values, strict=True):
        column[where] = value
    return Tested(*found)


def discoveries(p: Floats, levels: Sequence[str]) -> Floats:
    """Benjamini and Hochberg's q of every figure within its family, (L, 2, Q, R).

    A family is one period and initiator, all towns, with all series of a level together: totals, groups and kinds are
    families apart.
    """
    q = np.full(p.shape, np.nan)
    for level in set(levels):
        of_level = np.flatnonzero(np.array(levels) == level)
        for initiator in range(p.shape[1]):
            for period in range(p.shape[2]):  # a few dozen periods
                q[of_level, initiator, period] = false_discovery(p[of_level, initiator, period])
    return q


def changes(now: Pool, earlier: Pool, tested: Tested, q: Floats) -> Changes:
    """Each figure of `now` against its counterpart in `earlier`, in words and numbers."""
    known = compared(now, earlier)
    told = known & (earlier.calls >= PERCENT_FROM)
    index = {name: np.int8(i) for i, name in enumerate(CHANGES)}
    up, down = tested.lower > 1, tested.upper < 1
    verdict = np.full(known.shape, index["no change can be told"])
    verdict[earlier.calls < PERCENT_FROM] = index["too few to tell"]
    testable = np.isfinite(tested.p)
    for way, word in ((up, "up"), (down, "down")):
        verdict[way & testable] = index[f"perhaps {word}"]
        verdict[way & (q < Q_LEVEL)] = index[word]
    verdict = np.where(known, verdict, index[""])
    seen = (now.months > 0) & (earlier.months > 0) & ~now.untold & ~earlier.untold
    verdict = np.where(seen & _different_areas(now, earlier), index["different area"], verdict)
    months = np.where(known, np.minimum(now.months, earlier.months), 0)
    ratio, lower, upper = (np.where(told, a, np.nan) for a in (tested.ratio, tested.lower, tested.upper))
    return Changes(ratio, lower, upper, verdict.astype(np.int8), months)


def shared(now: Pool, earlier: Pool) -> tuple[Pool, Pool]:
    """The towns that reported both, together, as one place in each: like is compared with like."""
    both = _there(now) & _there(earlier) & ~_different_areas(now, earlier)

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


def _different_areas(now: Pool, earlier: Pool) -> Bools:
    """Where a place is not the same area throughout both periods, because another was split from it: (Q, R)."""
    if now.area is None or earlier.area is None:
        return np.zeros(now.months.shape, np.bool_)
    return np.asarray((now.area != earlier.area) | (now.area < 0))


def _there(pool: Pool) -> Bools:
    return np.asarray((pool.months > 0) & (pool.person_years > 0))
