"""Arrays of figures as the columns of a published table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.statistics.intervals import Floats

_T = TypeVar("_T", bound=np.generic)

TEXT = pa.dictionary(pa.int32(), pa.string())

_DIGITS = 6
"""Significant digits of a published figure: more than any of them is sure of."""

_NOTHING = 1e-12
"""What is smaller is 0."""


class Spread:
    """What is the same of several lines, as a column of all of them."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._shape = shape

    def along(self, axis: int) -> NDArray[np.int32]:
        """The position of each line on an axis."""
        at = [-1 if i == axis else 1 for i in range(len(self._shape))]
        return np.broadcast_to(np.arange(self._shape[axis], dtype=np.int32).reshape(at), self._shape).ravel()

    def of(self, values: NDArray[_T]) -> NDArray[_T]:
        """Values that broadcast to the lines."""
        return np.broadcast_to(values, self._shape).ravel()


def whole_numbers(values: Floats) -> pa.Array:
    """Amounts to the nearest whole number; what is not known is empty."""
    return pa.array(np.rint(values), from_pandas=True).cast(pa.int64())


def numbers(values: Floats) -> pa.Array:
    """Figures to six significant digits; what is not finite is empty."""
    flat = values.ravel()
    there = np.flatnonzero(np.isfinite(flat))
    if not len(there):
        return pa.nulls(len(flat), pa.float64())
    some = np.where(np.abs(flat[there]) < _NOTHING, 0.0, flat[there])
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(some))))
        rounded = np.where(some == 0, 0.0, np.rint(some * scale) / scale)
    found = np.full(len(flat), np.nan)
    found[there] = rounded
    return pa.array(found, from_pandas=True)


def texts(values: Sequence[str], index: NDArray[np.signedinteger]) -> pa.DictionaryArray:
    """A column of texts: `values` by their index."""
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(list(values), pa.string()))
