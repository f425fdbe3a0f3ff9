"""How a count of a sensitive kind is told: "under 5" (0 to 4, zero included) or the nearest 5 (METHODS, Protection 6).

Deterministic rounding to a base with one class for all small numbers, as in the rounding of frequency tables
(Hundepool and others (2012), Statistical Disclosure Control, 5.4). A count that is told so leaves three to five whole
numbers that it may be.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BASE = 5
"""Counts are told as multiples of it; those under it as "under 5"."""

EARLY_BASE = 10
"""Counts of open kinds of months that are not settled are told as multiples of this."""

Ints = NDArray[np.int64]


class Rounded(NamedTuple):
    """Told counts: `value` is a multiple of 5, 0 where `under` says that the count is under 5."""

    value: Ints
    under: NDArray[np.bool_]


def rounded(counts: Ints) -> Rounded:
    """Each count as it is told. Raises `ValueError` for a negative count."""
    values = np.asarray(counts, np.int64)
    if (values < 0).any():
        raise ValueError("counts are 0 or more")
    under = values < BASE
    return Rounded(np.where(under, 0, nearest(values, BASE)), under)


def nearest(counts: Ints, base: int) -> Ints:
    """The nearest multiple of `base`; halves go up."""
    return np.asarray((np.asarray(counts, np.int64) + base // 2) // base * base, np.int64)


def least(told: Rounded) -> Ints:
    """The smallest count that is told so."""
    return np.asarray(np.where(told.under, 0, np.maximum(told.value - BASE // 2, BASE)), np.int64)


def greatest(told: Rounded) -> Ints:
    """The greatest count that is told so."""
    return np.asarray(np.where(told.under, BASE - 1, told.value + BASE // 2), np.int64)
