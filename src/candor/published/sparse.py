"""Numbers that only some cells have: held for those cells alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]
Cells = npt.NDArray[np.int64]

_BITS = 64


class Numbers:
    """Some numbers of each cell that has any of them; cells are counted through from 0 to `size`.

    First cells are added, then they are asked for. A cell takes four bytes for each number; one that has none takes
    nothing but the bit that says so: the place of a cell's numbers is how many cells before it have some. Where most
    have some, each takes its bytes.
    """

    def __init__(self, each: int, size: int) -> None:
        self._size = size
        # Room for all cells, of which the system gives only what is written to: nothing grows, nothing is copied.
        self._values: Values = np.empty((size, each), np.float32)
        self._cells: npt.NDArray[Any] = np.empty(size, np.uint32 if size <= np.iinfo(np.uint32).max else np.int64)
        self._end = 0
        self._has: npt.NDArray[np.uint64] | None = None
        self._before: npt.NDArray[np.int64] = np.zeros(0, np.int64)

    def add(self, cells: Cells, values: Sequence[npt.NDArray[np.float64]]) -> None:
        """Take in each of the numbers of some cells, each cell once. It is quickest where they come in order."""
        begin, end = self._end, self._end + len(cells)
        self._cells[begin:end] = cells
        for i, column in enumerate(values):
            self._values[begin:end, i] = column
        self._end = end

    def close(self) -> npt.NDArray[np.uint64]:
        """Put in order what was added, and say which cells have numbers. Nothing is added afterwards."""
        known, values = self._cells[: self._end], self._values[: self._end]
        if self._end > self._size / 2:
            # Where most cells have some, all have a place: that is quicker than to put them in order. Backwards: of a
            # cell that was added twice the first has the last word.
            every = np.full((self._size, values.shape[1]), np.nan, np.float32)
            every[known[::-1]] = values[::-1]
            known, values = np.arange(self._size), every
        elif (known[1:] <= known[:-1]).any():
            known, first = np.unique(known, return_index=True)
            values = values[first]
        else:
            values = values.copy()  # so that the room is free
        has = np.zeros(-(-self._size // _BITS) * _BITS, np.bool_)
        has[known] = True
        bits = np.packbits(has, bitorder="little").view(np.dtype("<u8"))
        count = np.bitwise_count(bits).cumsum(dtype=np.int64)
        self._before = np.concatenate([np.zeros(1, np.int64), count[:-1]])
        self._values, self._cells = values, known[:0].copy()
        self._has = bits
        return bits

    def at(self, cells: Cells) -> Values:
        """The numbers of some cells, a line for each number; NaN where there is none."""
        has = self.close() if self._has is None else self._has
        word, bit = cells // _BITS, (cells % _BITS).astype(np.uint64)
        bits = has[word]
        there = (bits >> bit) & np.uint64(1) == 1
        earlier = np.bitwise_count(bits & ((np.uint64(1) << bit) - np.uint64(1)))
        found = np.full((len(cells), self._values.shape[1]), np.nan, np.float32)
        found[there] = self._values[(self._before[word] + earlier)[there]]
        return found.T
