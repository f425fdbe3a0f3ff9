"""Drawing a world: the counts of every town and month, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from zlib import crc32

import numpy as np

from candor.measures.periods import YEAR, Months, year_shares
from worlds.states import State
from worlds.tally import Bools, Floats, Ints

CATEGORIES: Final = ("disturbance", "noise", "welfare-check")
GROUPS: Final = ("disorder", "disorder", "assistance")
BASE: Final = (10.0, 10.0, 137.0)
"""Calls per 1,000 persons and year where nothing else is true: 157 together."""

MONTHS: Final = 48
FIRST: Final = np.datetime64("2021-01", "M")
PLACE, COUNT, WANDER = 1, 2, 3

Rng = np.random.Generator
Relative = Callable[[State, Rng], Floats]
Coverage = Callable[[State, Rng], Bools]


def alike(state: State, _rng: Rng) -> Floats:
    """Every town has the same rate."""
    return np.ones(len(state.residents))


def always(state: State, _rng: Rng) -> Bools:
    """Every month of the covered towns is reported."""
    return np.repeat(state.covered[:, None], MONTHS, axis=1)


@dataclass(frozen=True)
class Kind:
    """A kind of world: its law, from which any number of worlds is drawn.

    `relative` gives the towns' true rates in times of the base rate, (P,) or (C, P). `wander` is the variance of a
    town's own factor from year to year, one for each kind of call, or a function of the towns; `noise` the same from
    month to month; `season` the swing of the months, in all towns. `last_year` gives the factor of the last year,
    (P,) or (C, P), beside the relative rates. `persons` are what rates are by, where that is not residents: (P,).
    """

    name: str
    title: str
    part: str
    relative: Relative = alike
    wander: float | Callable[[State, Rng], Floats] = 0.0
    noise: float = 0.0
    season: float = 0.0
    coverage: Coverage = always
    last_year: Callable[[State, Floats, Rng], Floats] | None = None
    persons: Callable[[State, Rng], Floats] | None = None
    among: Callable[[State], State] = field(default=lambda state: state)

    def draw(self, state: State, seed: int) -> World:
        """One world of this kind; the same seed gives the same world."""
        return World(self, self.among(state), seed)


@dataclass(frozen=True)
class World:
    """A drawn world: C categories, P towns, M months."""

    kind: Kind
    state: State
    seed: int

    def _rng(self, stream: int) -> Rng:
        return np.random.default_rng([self.seed, crc32(self.kind.name.encode()), stream])

    @property
    def months(self) -> Months:
        """The months, datetime64[M]."""
        return np.arange(FIRST, FIRST + MONTHS)

    @cached_property
    def _laid_out(self) -> tuple[Floats, Floats, Floats | None, Bools, Floats]:
        """Relative rates, factor of the last year, persons, reported months, wander: drawn in this order."""
        rng = self._rng(PLACE)
        relative = np.broadcast_to(self.kind.relative(self.state, rng), (len(BASE), len(self.state.residents)))
        # Someone's calls need persons: a town of nobody has none.
        last = np.ones(relative.shape)
        if self.kind.last_year is not None:
            last = np.broadcast_to(self.kind.last_year(self.state, relative, rng), (2, *relative.shape))
            relative, last = last[0], last[1]
        persons = None if self.kind.persons is None else self.kind.persons(self.state, rng)
        reported = self.kind.coverage(self.state, rng)
        wander = self.kind.wander
        return (
            relative,
            last,
            persons,
            reported,
            np.asarray(wander if isinstance(wander, float) else wander(self.state, rng)),
        )

    @property
    def relative(self) -> Floats:
        """True rates in times of the base rate, before the last year: (C, P)."""
        return self._laid_out[0]

    @property
    def changed(self) -> Floats:
        """The factor of the last year: (C, P)."""
        return self._laid_out[1]

    @property
    def persons(self) -> Floats:
        """What rates are by: (P,)."""
        return self.state.residents if self._laid_out[2] is None else self._laid_out[2]

    @property
    def reported(self) -> Bools:
        """(P, M)."""
        return self._laid_out[3]

    @property
    def wander(self) -> Floats:
        """The true variance of a town's own factor of a year: () or (P,)."""
        return self._laid_out[4]

    @cached_property
    def mean(self) -> Floats:
        """What is to be expected of each category, town and month, without wander and noise: (C, P, M)."""
        month = (self.months.astype(np.int64) % YEAR + 0.5) / YEAR
        season = 1 + self.kind.season * np.cos(2 * np.pi * (month - 0.6))
        rate = np.array(BASE)[:, None] / 1000 * self.relative * self.persons
        mean = rate[..., None] * (year_shares(self.months) * season)
        mean[..., -YEAR:] *= self.changed[..., None]
        return np.asarray(mean)

    @cached_property
    def calls(self) -> Ints:
        """The counts, 0 where a month is not reported: (C, P, M)."""
        rng, of_year = self._rng(COUNT), self._rng(WANDER)
        shape = self.mean.shape
        factor = _factors(np.broadcast_to(self.wander, shape[:2])[..., None], (*shape[:2], MONTHS // YEAR), of_year)
        factor = np.repeat(factor, YEAR, axis=2)
        if self.kind.noise:
            factor = factor * _factors(np.asarray(self.kind.noise), shape, of_year)
        return np.asarray(np.where(self.reported, rng.poisson(self.mean * factor), 0), np.int64)

    def true_wander(self, length: int) -> float:
        """The true c of one kind of call over a period of this many months up to a year; of towns alike in it."""
        return float(self.wander.mean()) + self.kind.noise / length


def _factors(c: Floats, shape: tuple[int, ...], rng: Rng) -> Floats:
    """Gamma factors with mean 1 and variance c."""
    c = np.broadcast_to(c, shape)
    some = c > 0
    shapes = 1 / np.where(some, c, 1.0)
    return np.asarray(np.where(some, rng.gamma(shapes) / shapes, 1.0))
