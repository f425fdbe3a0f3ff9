"""What whole-number tables show: for each cell a run of whole values that it can have.

A table is a value for each unknown that agrees with everything told. From one table many others are one step away: one
call more in a town and month, two more, one less, for as long as no told figure leaves its bounds. Each step is a table
of whole numbers that could be true, so what steps reach is proven, and needs no program of its own.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from candor.audit.public import Bools, Floats

_ENDLESS = 1e6
"""What stands for no bound; counts of calls are smaller."""

EPSILON = 1e-6


class Reach:
    """Steps between tables, with what each does to the told figures and to the cells."""

    def __init__(self, steps: sparse.csr_matrix, figures: sparse.csr_matrix, cells: sparse.csr_matrix) -> None:
        self.steps = sparse.csr_matrix(steps)
        self.figures = sparse.csr_matrix(steps @ figures.T)
        self.figures.eliminate_zeros()
        self.cells = sparse.csc_matrix(steps @ cells.T)
        self.cells.eliminate_zeros()

    def room(self, table: Floats, least: Floats, most: Floats, up: Floats, down: Floats) -> tuple[Floats, Floats]:
        """How often each step can be taken forwards and backwards; `up` and `down` is the room that figures have."""
        forwards, backwards = np.full(self.steps.shape[0], _ENDLESS), np.full(self.steps.shape[0], _ENDLESS)
        for changes, more, less in ((self.figures, up, down), (self.steps, most - table, table - least)):
            size = np.abs(changes.data)
            rising = changes.data > 0
            first = np.where(rising, more[changes.indices], less[changes.indices]) / size
            other = np.where(rising, less[changes.indices], more[changes.indices]) / size
            rows = np.flatnonzero(np.diff(changes.indptr))
            starts = changes.indptr[:-1][rows]
            if rows.size:
                forwards[rows] = np.minimum(forwards[rows], np.minimum.reduceat(first, starts))
                backwards[rows] = np.minimum(backwards[rows], np.minimum.reduceat(other, starts))
        return np.floor(np.maximum(forwards, 0) + EPSILON), np.floor(np.maximum(backwards, 0) + EPSILON)

    def around(self, forwards: Floats, backwards: Floats) -> tuple[Floats, Floats]:
        """By how much each cell can rise and fall from the table by steps of one kind."""
        rise, fall = np.zeros(self.cells.shape[1]), np.zeros(self.cells.shape[1])
        columns = np.flatnonzero(np.diff(self.cells.indptr))
        if columns.size:
            starts = self.cells.indptr[:-1][columns]
            plus = self.cells.data > 0
            there, back = forwards[self.cells.indices], backwards[self.cells.indices]
            rise[columns] = np.maximum.reduceat(np.where(plus, there, back), starts)
            fall[columns] = np.maximum.reduceat(np.where(plus, back, there), starts)
        return rise, fall


class Runs:
    """For each cell the longest run of whole values shown so far, `low` to `high`; nothing is low > high."""

    def __init__(self, cells: int) -> None:
        self.low, self.high = np.full(cells, np.inf), np.full(cells, -np.inf)

    def add(self, low: Floats, high: Floats) -> None:
        """All whole values from `low` to `high` can be."""
        touches = (low <= self.high + 1) & (high >= self.low - 1)
        longer = ~touches & (high - low > self.high - self.low)
        self.low = np.where(touches, np.minimum(self.low, low), np.where(longer, low, self.low))
        self.high = np.where(touches, np.maximum(self.high, high), np.where(longer, high, self.high))

    def add_one(self, cell: int, value: float) -> None:
        """One cell can have this value."""
        low, high = np.full(self.low.size, np.inf), np.full(self.low.size, -np.inf)
        low[cell] = high[cell] = value
        self.add(low, high)

    @property
    def values(self) -> Floats:
        """How many whole values each cell is shown to have."""
        return np.maximum(self.high - self.low + 1, 0)

    def lacking(self, values: int, judged: Bools) -> Bools:
        """Which judged cells are not shown to have so many."""
        return judged & (self.values < values)
