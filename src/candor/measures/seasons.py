"""Months against the same month of earlier years, from the pools of consecutive months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools, Ints
from candor.measures.periods import Period
from candor.measures.pools import Pool, spread_of
from candor.statistics.intervals import Floats
from candor.statistics.season import usual


@dataclass(frozen=True)
class UsualMonths:
    """The counts that are usual and what each month is (index into `USUAL`): (L, 2, Q, R), NaN and 0 elsewhere."""

    lower: Floats
    upper: Floats
    mark: NDArray[np.int8]


def months_of(periods: Sequence[Period]) -> Ints:
    """The positions of the single months among some periods, in the order of time; none where one is missing."""
    at = [i for i, period in enumerate(periods) if period.months == 1]
    at.sort(key=lambda i: periods[i].first)
    first = [periods[i].first for i in at]
    consecutive = all(b - a == np.timedelta64(1, "M") for a, b in pairwise(first))
    return np.array(at if consecutive else [], np.int64)


def usual_of(pool: Pool, months: Ints, c: Floats, compared: Bools) -> UsualMonths:
    """Of the `months` (`months_of`) of a pool; `c` (L, 2, Q, R), `compared` (L, 2): of which series this is asked.

    Nothing is said of rounded counts, of months that not every agency reported, or of officers' own activity. The state
    is held against months of as many towns: one that joins is no more calls.
    """
    shape = pool.calls.shape
    lower, upper = np.full(shape, np.nan), np.full(shape, np.nan)
    mark = np.zeros(shape, np.int8)
    if len(months) and not spread_of(pool).any() and pool.state is None:
        known = pool.covered & pool.complete & ~pool.untold & compared[:, :, None, None]
        counts = np.where(known, pool.calls, np.nan)[:, :, months].swapaxes(2, 3)
        persons = np.where(pool.person_years > 0, pool.person_years, 0.0)[months].T
        towns = np.ones(persons.shape) if pool.towns is None else pool.towns[months].T
        found = usual(counts, persons, c[:, :, months].swapaxes(2, 3), of=towns)
        lower[:, :, months], upper[:, :, months] = (a.swapaxes(2, 3) for a in (found.lower, found.upper))
        mark[:, :, months] = found.mark.swapaxes(2, 3)
    return UsualMonths(lower, upper, mark)
