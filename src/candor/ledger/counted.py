"""What there is to tell of: counts of kinds by town and month, and the places and periods of what is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.periods import Period, named

TOWN, COUNTY, STATE = "town", "county", "state"
MONTH, QUARTER, YEAR, YEARS = "month", "quarter", "year", "years"

TOGETHER = 3
"""So many years are told together where a year alone would be too few."""

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class Counted:
    """What there is to tell of: C kinds, P towns, M consecutive months.

    `counts` (C, P, M) of everything that the sources hold now. `by_month`, `by_year` (P, M): which months of a town are
    in figures of months, and in those of years, where late ones are too. `used` (C, M): the kinds that were sensitive
    when a month was published. `residents`, and `persons`, whom rates are by (P, M).
    """

    layer: str
    categories: tuple[str, ...]
    groups: tuple[str, ...]
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    months: Months
    counts: Ints
    by_month: Bools
    by_year: Bools
    used: Bools
    residents: Floats
    persons: Floats


def periods_of(kind: str, months: Months) -> Iterator[Period]:
    """The periods of a kind that the months touch, in order."""
    length = {MONTH: 1, QUARTER: 3, YEAR: 12}[kind]
    numbers = months.astype("datetime64[M]").astype(np.int64) // length
    for number in range(int(numbers.min()), int(numbers.max()) + 1):
        first = np.datetime64(0, "M") + number * length
        yield named(first, first + length - 1)


def positions(column: pa.ChunkedArray, values: Sequence[str]) -> Ints:
    """Where each text is among `values`; -1 where it is not."""
    at = pc.index_in(column.cast(pa.string()), value_set=pa.array(list(values), pa.string()))
    return np.asarray(pc.fill_null(at, -1).to_numpy(zero_copy_only=False), np.int64)
