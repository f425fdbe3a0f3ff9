"""The calls of a month, as arrays: where, what, who began it, when. No imperfection is in them yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from candor.demo.agencies import Agencies
from candor.demo.hours import Hours, HourSampler, hours_of
from candor.demo.model import Mix, SimulationModel

Ints = NDArray[np.int64]


class Draw(Protocol):
    """What calls are drawn from: the model's `Expectation`, or a world whose truth is known."""

    @property
    def model(self) -> SimulationModel:
        """The parameters of the simulation."""

    @property
    def mix(self) -> Mix:
        """The mix of categories that calls are drawn from."""

    def draw(self, index: int, rng: np.random.Generator) -> Ints:
        """The calls of the `index`-th month: towns x categories x (citizen, officer)."""


@dataclass(frozen=True)
class MonthOfCalls:
    """Parallel columns, one element a call, in the order of time.

    `hour` indexes `hours`, `second` counts inside it; `number` counts the agency's calls of the calendar year from 1.
    """

    index: int
    hours: Hours
    town: Ints
    category: Ints
    officer: NDArray[np.bool_]
    hour: Ints
    second: Ints
    agency: Ints
    number: Ints

    def __len__(self) -> int:
        return len(self.town)

    def of(self, chosen: NDArray[np.bool_]) -> MonthOfCalls:
        """Only the calls where `chosen` is true."""
        columns = ("town", "category", "officer", "hour", "second", "agency", "number")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})


def simulate(source: Draw, agencies: Agencies) -> Iterator[MonthOfCalls]:
    """The calls, a month at a time, so that no more than a month is in memory.

    Each month has its own stream of random numbers, so it does not depend on how many were drawn before.
    """
    model, mix = source.model, source.mix
    patrol = mix.rhythms.index("patrol")
    last_number = np.zeros(len(agencies.name), dtype=np.int64)
    for index in range(model.months):
        rng = np.random.default_rng([model.seed, 2, index])
        month = model.month(index)
        if month.month == 1:
            last_number[:] = 0
        counts = source.draw(index, rng)
        town, category, officer = (
            np.repeat(part, counts.ravel()) for part in np.unravel_index(np.arange(counts.size), counts.shape)
        )
        hours = hours_of(month)
        hour = HourSampler(hours, mix).draw(np.where(officer == 1, patrol, mix.rhythm[category]), rng)
        second = rng.integers(0, 3600, len(hour))
        order = np.argsort(hour * 3600 + second, kind="stable")
        town, category, officer, hour, second = (a[order] for a in (town, category, officer, hour, second))
        agency = agencies.of_town[town]
        number = last_number[agency] + _running_count(agency, len(last_number))
        last_number += np.bincount(agency, minlength=len(last_number))
        yield MonthOfCalls(index, hours, town, category, officer == 1, hour, second, agency, number)


def _running_count(group: Ints, groups: int) -> Ints:
    """For each element how many of its group there are up to and with it: [a b a a] gives [1 1 2 3]."""
    order = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=groups))[:-1]])
    count = np.empty(len(group), dtype=np.int64)
    count[order] = np.arange(len(group)) - starts[group[order]] + 1
    return count
