"""Where each town stands beside the others: whether its rate differs, and whether that is unusual among towns.

Everything is computed from published pools alone. A town is compared only over a period that is over and that it has
reported as a whole; a series of which the state has no figure (a cell that is not told is in it) compares nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools, Ints
from candor.measures.pools import Pool, only, spread_of
from candor.statistics.comparison import COMPARED_FROM, Difference, difference, others
from candor.statistics.intervals import Floats
from candor.statistics.smoothing import Smoothed
from candor.statistics.variety import Variety, fit, fit_between, most_towns, place, smoothed
from candor.vocabulary.comparison import DIFFERENCES
from candor.vocabulary.coverage import UNDER

POOLED_FROM: Final = 0.01
"""The wander above which a town is compared over all its whole years together: one period alone says too little."""


NUMBER_FROM: Final = 10
"""The events from which a label has a number."""


class Under(NamedTuple):
    """The counts that a figure told as "under 5" may be."""

    low: int
    high: int


@dataclass(frozen=True)
class Sums:
    """Of each town and series what it is compared by: arrays (L, 2, Q, R), NaN where there is nothing to say.

    `observed` and `expected` with how much more or less each may be; `own` the town's wander, `spread` that and the
    relative variance of what is expected.
    """

    observed: Floats
    expected: Floats
    observed_more: Floats
    expected_more: Floats
    own: Floats
    spread: Floats

    def of_places(self, places: NDArray[np.int64]) -> Sums:
        """Those of some of the towns."""
        return self._mapped(lambda values: values[..., places])

    def of_series(self, part: slice) -> Sums:
        """Those of some of the series."""
        return self._mapped(lambda values: values[part])

    def _mapped(self, of: Callable[[Floats], Floats]) -> Sums:
        return Sums(**{name: of(getattr(self, name)) for name in Sums.__dataclass_fields__})


@dataclass(frozen=True)
class Standing:
    """All (L, 2, Q, R); NaN where there is nothing to say. `most` is (L, 2, Q, 1): where 9 of 10 towns lie.

    `pooled`: where the answer is of all the town's whole years together. `similar`: against towns of similar size.
    """

    expected: Floats
    difference: Difference
    place: NDArray[np.int8]
    most: tuple[Floats, Floats]
    smoothed: Smoothed
    pooled: Bools
    similar: Difference


def whole(pool: Pool) -> Bools:
    """Where a period was reported as a whole and the number is published: (L, 2, Q, R)."""
    return np.asarray(pool.covered & pool.complete & ~pool.untold)


def provisional(pool: Pool) -> Bools:
    """Where a period is not over, or not every month of it was reported, and yet some: (Q, R)."""
    return np.asarray(pool.covered & ~pool.complete & (pool.months > 0))


def sums(towns: Pool, state: Pool, c: Floats) -> Sums:
    """The towns of a pool beside the others in the same periods; c is (L, 2, Q).

    `state` is what towns are compared with, all of them together: its count is taken where towns are told rounded, and
    where it has none nobody is compared.
    """
    persons = np.where(towns.person_years > 0, towns.person_years, np.nan)
    known = whole(towns) & (towns.person_years > 0) & ~state.untold & np.isfinite(state.person_years)
    observed = np.where(known, towns.calls, np.nan)
    wander = c[..., None]
    rounded = towns.spread is not None
    rest_more: NDArray[np.int64] = np.zeros(1, np.int64)
    if rounded:
        small = (towns.state == UNDER) if towns.state is not None else np.zeros(observed.shape, np.bool_)
        events = np.where(small, 2, np.where(towns.untold, 0, towns.calls)).astype(np.float64)
        found = others(events, np.broadcast_to(persons, events.shape), wander, total=state.calls)
        # The others' persons are the state's without this town's: towns that have figures of other years count too.
        found = found._replace(
            persons=np.maximum(state.person_years - np.where(np.isfinite(persons), persons, 0.0), 0.0)
        )
        rest_more = spread_of(state) + spread_of(towns)
    else:
        events = np.where(towns.months > 0, towns.calls, np.nan)
        found = others(events, np.broadcast_to(persons, events.shape), wander)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(found.persons > 0, 1 / np.where(found.persons > 0, found.persons, 1.0), np.nan)
        expected = np.where(known, found.events * rate * persons, np.nan)
        more = np.where(known, rest_more * rate * persons, np.nan)
    own = np.broadcast_to(wander, observed.shape)
    return Sums(observed, expected, spread_of(towns).astype(np.float64), more, own, own + found.variance)


def similar_sums(towns: Pool, state: Pool, c: Floats, groups: Ints) -> Sums:
    """The same beside the towns of the same group alone: `groups` (R,), -1 of a town that has none."""
    shape = towns.calls.shape
    found = {name: np.full(shape, np.nan) for name in Sums.__dataclass_fields__}
    for group in np.unique(groups[groups >= 0]):
        members = np.flatnonzero(groups == group)
        part = sums(only(towns, members), state, c)
        for name, values in found.items():
            values[..., members] = getattr(part, name)
    return Sums(**found)


def over_years(years: Sums) -> Sums:
    """All whole years of each town together: (L, 2, 1, R). `years` has a year in each place of Q."""
    known = np.isfinite(years.observed) & np.isfinite(years.expected)
    number = known.sum(axis=2, keepdims=True)

    def total(values: Floats) -> Floats:
        return np.asarray(np.where(known, values, 0.0).sum(axis=2, keepdims=True))

    expected = total(years.expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where nothing was expected of a year, it adds nothing; its relative variance is infinite.
        variance = np.where(years.expected > 0, (years.spread - years.own) * years.expected**2, 0.0)
        of_expected = total(variance) / expected**2
        own = total(years.own) / number**2
    some = number > 0
    return Sums(
        np.where(some, total(years.observed), np.nan),
        np.where(some, expected, np.nan),
        total(np.broadcast_to(years.observed_more, known.shape)),
        total(np.broadcast_to(years.expected_more, known.shape)),
        own,
        own + of_expected,
    )


def standing(
    towns: Pool,
    state: Pool,
    c: Floats,
    *,
    compared: Bools,
    pooled: Sums | None = None,
    similar: Sums | None = None,
    under: Under | None = None,
) -> Standing:
    """The towns of a pool beside the others.

    `c` (L, 2, Q); `compared` (L, 2): whether a series is compared at all. `pooled` (`over_years`): what towns are
    compared by where c is above 0.01. `similar`: the same towns beside those of similar size. `under`: what a figure
    told as "under 5" may be, where figures are told rounded.
    """
    own = sums(towns, state, c)
    waiting = provisional(towns) & ~towns.untold & ~state.untold
    chosen, is_pooled = _chosen(own, pooled, c)
    found = _difference(chosen)
    variety = _variety(chosen, towns, state, under)
    wander = _of_towns(chosen.own)
    rates = _smoothed(chosen, wander, variety)
    unusual = place(chosen.observed, chosen.expected, wander, variety, found.label)
    most = tuple(end[..., None] for end in most_towns(np.where(np.isfinite(found.ratio), rates.mean, np.nan), variety))
    label = np.where(waiting, np.int8(DIFFERENCES.index("provisional")), found.label)
    beside = _difference(similar) if similar is not None else _nothing(own.observed.shape)
    off = ~np.broadcast_to(compared[:, :, None, None], label.shape)
    label = np.where(off & (label != 0), np.int8(DIFFERENCES.index("not compared")), label).astype(np.int8)
    hidden = off | waiting

    def shown(values: Floats) -> Floats:
        return np.asarray(np.where(hidden, np.nan, values))

    def labels(of: Difference, label: NDArray[np.int8]) -> Difference:
        return Difference(shown(of.ratio), shown(of.lower), shown(of.upper), label.astype(np.int8))

    return Standing(
        shown(chosen.expected),
        labels(found, label),
        np.where(hidden, np.int8(0), unusual).astype(np.int8),
        (np.where(off[..., :1], np.nan, most[0]), np.where(off[..., :1], np.nan, most[1])),
        Smoothed(*(shown(a) for a in rates)),
        is_pooled & ~hidden & np.isfinite(chosen.observed),
        labels(beside, np.where(hidden, np.int8(0), beside.label)),
    )


def _chosen(own: Sums, pooled: Sums | None, c: Floats) -> tuple[Sums, Bools]:
    """The sums of the period, or of all whole years where a period wanders too much, and where the latter are."""
    nowhere = np.zeros(own.observed.shape, np.bool_)
    if pooled is None:
        return own, nowhere
    some = np.isfinite(pooled.observed) & np.isfinite(pooled.expected)
    where = nowhere | ((c[..., None] > POOLED_FROM) & some & np.isfinite(own.observed))
    picked = {name: np.where(where, getattr(pooled, name), getattr(own, name)) for name in Sums.__dataclass_fields__}
    return Sums(**picked), where


def _difference(of: Sums) -> Difference:
    about = (of.observed_more, of.expected_more)
    return difference(of.observed, of.expected, of.spread, about=about, own=of.own, told_from=NUMBER_FROM)


def _variety(of: Sums, towns: Pool, state: Pool, under: Under | None) -> Variety:
    c = _of_towns(of.own)
    if under is None:
        return fit(of.observed, of.expected, c)
    low, high = np.maximum(of.observed - of.observed_more, 0), of.observed + of.observed_more
    small = (towns.state == UNDER) if towns.state is not None else np.zeros(low.shape, np.bool_)
    small &= towns.complete & (towns.person_years > 0) & ~state.untold
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(state.untold | ~(state.person_years > 0), np.nan, state.calls / state.person_years)
    expected = np.where(small, rate * towns.person_years, of.expected)
    return fit_between(np.where(small, under.low, low), np.where(small, under.high, high), expected, c)


def _smoothed(of: Sums, c: Floats, variety: Variety) -> Smoothed:
    """Where towns are compared; of rounded counts the interval holds what each of all that they may be would give."""
    observed = np.where(of.expected >= COMPARED_FROM, of.observed, np.nan)
    found = smoothed(observed, of.expected, c, variety)
    if not (np.nan_to_num(of.observed_more).any() or np.nan_to_num(of.expected_more).any()):
        return found
    low, high = np.maximum(observed - of.observed_more, 0), observed + of.observed_more
    least, most = np.maximum(of.expected - of.expected_more, 0), of.expected + of.expected_more
    return found._replace(lower=smoothed(low, most, c, variety).lower, upper=smoothed(high, least, c, variety).upper)


def _of_towns(own: Floats) -> Floats:
    """The wander of each series and period: the same for all towns but those with fewer whole years."""
    known = np.where(np.isfinite(own), own, 0.0)
    number = np.isfinite(own).sum(axis=-1)
    return np.asarray(np.where(number > 0, known.sum(axis=-1) / np.maximum(number, 1), 0.0025))


def _nothing(shape: tuple[int, ...]) -> Difference:
    empty = np.full(shape, np.nan)
    return Difference(empty, empty, empty, np.zeros(shape, np.int8))


def concentration(towns: Pool) -> Floats:
    """sum x^2 / X^2 of the towns of a pool, (L, 2, Q, 1): a sum wanders by so much of what one town does."""
    x = np.where(towns.months > 0, towns.calls, 0).astype(np.float64)
    total = x.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(total > 0, (x**2).sum(axis=-1, keepdims=True) / total**2, 1.0))
