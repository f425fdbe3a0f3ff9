"""The figures of sensitive kinds among those of all kinds: their blocks of `call-rates-by-town`, set against the state.

They hold at both ends of what a rounded count may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from candor.measures.denominators import RESIDENTS
from candor.measures.lines import Places
from candor.measures.periods import YEAR, Period
from candor.measures.pools import INITIATED_BY, Pool, Series, same_towns
from candor.measures.release_figures import Block, years_together
from candor.measures.sensitive_pools import ToldFigures, state_pools, town_pools
from candor.measures.standing import Under, concentration, over_years, sums
from candor.measures.wander import Wander, learn

_NEVER = Period("never", np.datetime64("0001-01"), np.datetime64("0001-01"))
"""Stands for the earlier period of one that has none: nothing was told of it."""


def learned(figures: ToldFigures, beside: Wander | None) -> Wander:
    """How much the kinds wander, from what is told of towns by year; `beside` where that is too little."""
    series = figures.series
    years = list(figures.periods("town", "year"))
    pairs = {}
    if len(years) > 1:
        now = town_pools(figures, series, years[1:])
        pairs[YEAR] = now, town_pools(figures, series, [p.earlier(YEAR) for p in years[1:]])
    return learn(series, pairs, {}, beside)


def blocks(
    figures: ToldFigures, jurisdiction: str, state: str, wander: Wander, denominator: str = RESIDENTS
) -> list[tuple[Series, Block]]:
    """The lines of the sensitive kinds in `call-rates-by-town`: the state's, and the towns' beside it.

    `wander`: how much the kinds wander (`learned`).
    """
    cells = figures.yearly
    series = figures.series
    if not series.names:
        return []
    whole = Places("state", (state,), (jurisdiction,), ("",))
    towns = Places("town", cells.geoids, cells.names, cells.counties)
    of_state = partial(state_pools, figures, series)
    of_towns = partial(town_pools, figures, series)
    short, long = figures.periods("state"), figures.periods("town")
    every = np.ones((len(series.names), len(INITIATED_BY)), np.bool_)
    years = figures.periods("town", "year")
    by_year = of_towns(years) if years else None
    found = []
    if short:
        share = np.ones((len(series.names), len(INITIATED_BY), len(short), 1))
        if by_year is not None:
            share[:] = concentration(by_year).mean(axis=2, keepdims=True)
        since = _alike(figures, series, short, [p.year_before for p in short])
        over = wander.over(short)
        found.append(Block(short, whole, of_state(short), None, since, over, every, share, denominator=denominator))
    if long:
        now, before = of_towns(long), of_towns([p.year_before or _NEVER for p in long])
        reference = partial(_comparable, figures, series)
        pooled = None if by_year is None else over_years(sums(by_year, reference(years), wander.over(years).c))
        block = Block(
            long,
            towns,
            now,
            reference(long),
            (now, before),
            wander.over(long),
            every,
            pooled=pooled,
            pooled_years=None if by_year is None else years_together(years, by_year),
            under=Under(0, 4),
            denominator=denominator,
        )
        found.append(block)
    return [(series, block) for block in found]


def _comparable(figures: ToldFigures, series: Series, periods: Sequence[Period]) -> Pool:
    """What towns are compared with: the state, where the residents of all its towns are known."""
    pool = state_pools(figures, series, periods)
    known = np.isfinite(pool.person_years)
    return replace(pool, untold=pool.untold | ~known)


def _alike(
    figures: ToldFigures, series: Series, now: Sequence[Period], earlier: Sequence[Period | None]
) -> tuple[Pool, Pool]:
    """The state in two rows of periods, set against each other where the same towns reported the same months."""
    before = [p or _NEVER for p in earlier]
    same = same_towns(figures.yearly, now, before)
    one, other = state_pools(figures, series, now), state_pools(figures, series, before)
    return replace(one, untold=one.untold | ~same), replace(other, untold=other.untold | ~same)
