"""How much a town's own count wanders, for every series and length of period: learned from what is published.

Only published counts enter; where they are rounded, what rounding adds is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Ints
from candor.measures.periods import YEAR, Period
from candor.measures.pools import Pool, Series, spread_of
from candor.measures.standing import whole
from candor.statistics.intervals import Floats
from candor.statistics.wander import ASSUMED, Pairs, estimate
from candor.vocabulary.comparison import WANDER_FROM

QUARTER, MONTH = 3, 1
LENGTHS = (YEAR, QUARTER, MONTH)
"""The lengths of periods, in months, of which the wander is learned."""

YEARS_BACK = 5
"""So many years back pairs are taken from."""

Names = NDArray[np.int8]


class Learned(NamedTuple):
    """c, the pairs behind it and from what it comes (an index into `WANDER_FROM`), each (L, 2)."""

    c: Floats
    pairs: Ints
    source: Names

    def of_series(self, part: slice) -> Learned:
        """That of some of the series."""
        return Learned(self.c[part], self.pairs[part], self.source[part])


@dataclass(frozen=True)
class Wander:
    """What was learned of the series of a layer, by length of period in months."""

    by_length: Mapping[int, Learned]

    def over(self, periods: Sequence[Period]) -> Learned:
        """Of each period, (L, 2, Q): T years together wander T times less (c/T)."""
        found = [self._of(period) for period in periods]
        if not found:
            shape = (*self.by_length[YEAR].c.shape, 0)
            return Learned(np.zeros(shape), np.zeros(shape, np.int64), np.zeros(shape, np.int8))
        return Learned(*(np.stack(values, axis=-1) for values in zip(*found, strict=True)))

    def _of(self, period: Period) -> Learned:
        if period.months in (QUARTER, MONTH):
            return self.by_length[period.months]
        year = self.by_length[YEAR]
        return year._replace(c=year.c * YEAR / period.months)

    def of_series(self, part: slice) -> Wander:
        """That of some of the series."""
        return Wander({n: one.of_series(part) for n, one in self.by_length.items()})


def learn(
    series: Series,
    pairs: Mapping[int, tuple[Pool, Pool]],
    groups: Mapping[str, str],
    beside: Wander | None = None,
    word: str = "all",
) -> Wander:
    """The wander of every series.

    `pairs`: by length of period in months, towns now and a year before, (L, 2, Q, R) each; a length that is left out
    says nothing. `groups`: the group of each category. Where a series has too few pairs its group's c stands, then
    that of all kinds together; where this layer has none, the first series of `beside` is asked, which is `word` of
    it. Else c is assumed: 5 % a year.
    """
    return Wander({length: _learned(series, pairs.get(length), groups, (beside, word), length) for length in LENGTHS})


def _learned(
    series: Series,
    pair: tuple[Pool, Pool] | None,
    groups: Mapping[str, str],
    wider: tuple[Wander | None, str],
    length: int,
) -> Learned:
    shape = series.calls.shape[:2]
    c, number, source = np.full(shape, np.nan), np.zeros(shape, np.int64), np.zeros(shape, np.int8)
    if pair is not None:
        for at in np.ndindex(shape):  # a few dozen series
            own = estimate(_pairs(*pair, at))
            if own is not None:
                c[at], number[at], source[at] = own.c, own.pairs, WANDER_FROM.index("own")
    of = {(level, name): i for i, (level, name) in enumerate(zip(series.levels, series.names, strict=True))}
    for i, (level, name) in enumerate(zip(series.levels, series.names, strict=True)):
        broader = [("group", of.get(("group", groups.get(name, ""))))] if level == "category" else []
        broader.append(("all", of.get(("all", "all"))))
        for word, j in broader:
            missing = np.isnan(c[i])
            if j is not None and i != j:
                take = missing & (source[j] == WANDER_FROM.index("own"))
                c[i, take], number[i, take] = c[j, take], number[j, take]
                source[i, take] = WANDER_FROM.index(word)
    missing = np.isnan(c)
    beside, from_ = wider
    if beside is not None:
        first = Learned(*(a[0] for a in beside.by_length[length]))
        take = missing & np.isfinite(first.c) & (first.source != WANDER_FROM.index("assumed"))
        # What the public begins is what wanders; officers' own activity follows a policy.
        own = first.source[0] == WANDER_FROM.index("own")
        # What it took from elsewhere is not its own to lend.
        lent = int(WANDER_FROM.index(from_) if own else first.source[0])
        c[take], number[take], source[take] = first.c[0], first.pairs[0], lent
        missing = np.isnan(c)
    c[missing], source[missing] = ASSUMED, WANDER_FROM.index("assumed")
    return Learned(c, number, source)


def _pairs(now: Pool, before: Pool, at: tuple[int, ...]) -> Pairs:
    """The last years' pairs of one series: towns by periods."""
    level, initiator = at
    later, earlier = (pool.calls[level, initiator] for pool in (now, before))
    known = [whole(pool)[level, initiator] & (pool.person_years > 0) for pool in (now, before)]
    both = known[0] & known[1]
    period, town = np.nonzero(both)
    spread = int(
        max(spread_of(now)[level, initiator].max(initial=0), spread_of(before)[level, initiator].max(initial=0))
    )
    rounding = ((2 * spread + 1) ** 2 - 1) / 12
    return Pairs(
        later[period, town].astype(np.float64),
        earlier[period, town].astype(np.float64),
        period.astype(np.int64),
        rounding,
    )
