"""What whole-number tables show: for each cell a run of whole values that it can have.

A table is a value for each unknown that agrees with everything told. From one table many others are one step away: one
call more in a town and month, two more, one less, for as long as no told figure leaves its bounds. Each step is a table
of whole numbers that could be true, so what steps reach is proven, and needs no program of its own.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from scipy import sparse

from candor.audit.public import Bools, Floats, Ints

_ENDLESS = 1e6
"""What stands for no bound; counts of calls are smaller."""

EPSILON = 1e-6


class Reach:
    """Steps between tables (steps, unknowns), and what each does to the told `figures` (steps, figures).

    `cells` (steps, cells) is what steps do to the cells that are looked at.
    """

    def __init__(self, steps: sparse.csr_matrix, figures: sparse.csr_matrix, cells: sparse.csc_matrix) -> None:
        """All that is known of some steps."""
        self.steps, self.figures, self.cells = steps, figures, cells

    @classmethod
    def of(cls, steps: sparse.csr_matrix, sums: sparse.csr_matrix, cells: sparse.csr_matrix) -> tuple[Reach, Ints]:
        """Those of these steps that change one of the cells (unknowns, cells), and which they are: of the others
        nothing need be computed. `sums` (unknowns, figures): which figures each unknown is in."""
        changes = steps @ cells
        changes.eliminate_zeros()
        rows = np.flatnonzero(np.diff(changes.indptr))
        if rows.size < steps.shape[0]:
            steps, changes = steps[rows], changes[rows]
        figures = steps @ sums
        figures.eliminate_zeros()
        return cls(steps, figures, changes.tocsc()), rows

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
        """By how much each cell can rise and fall from the table by steps of one kind, one by one: a step that changes
        a cell by two at once does not show the value between."""
        rise, fall = np.zeros(self.cells.shape[1]), np.zeros(self.cells.shape[1])
        columns = np.flatnonzero(np.diff(self.cells.indptr))
        if columns.size:
            starts = self.cells.indptr[:-1][columns]
            plus = self.cells.data > 0
            one = np.abs(self.cells.data) == 1
            there, back = forwards[self.cells.indices] * one, backwards[self.cells.indices] * one
            rise[columns] = np.maximum.reduceat(np.where(plus, there, back), starts)
            fall[columns] = np.maximum.reduceat(np.where(plus, back, there), starts)
        return rise, fall


class Steps:
    """Steps between tables that are the same for every table, (steps, unknowns), with what they do to everything."""

    def __init__(self, steps: sparse.csr_matrix, sums: sparse.csr_matrix, cells: sparse.csr_matrix) -> None:
        """`sums` (unknowns, figures): which figures each unknown is in; `cells` (cells, unknowns)."""
        self.sums, self._steps, self._cells = sums, sparse.csr_matrix(steps), cells

    @cached_property
    def _all(self) -> Reach:
        figures = sparse.csr_matrix(self._steps @ self.sums)
        figures.eliminate_zeros()
        changes = sparse.csc_matrix(self._steps @ sparse.csr_matrix(self._cells.T))
        changes.eliminate_zeros()
        return Reach(self._steps, figures, changes)

    def only(self, cells: Ints) -> tuple[Reach, Ints]:
        """Those that change one of these cells, and which steps these are."""
        every = self._all
        changes = every.cells[:, cells]
        some = np.zeros(every.steps.shape[0], np.bool_)
        some[changes.indices] = True
        rows = np.flatnonzero(some)
        place = np.zeros(some.size, changes.indices.dtype)
        place[rows] = np.arange(rows.size)
        shape = (rows.size, cells.size)
        own = sparse.csc_matrix((changes.data, place[changes.indices], changes.indptr), shape=shape)
        return Reach(every.steps[rows], every.figures[rows], own), rows


class Runs:
    """For each cell the longest run of whole values shown so far, `low` to `high`; nothing is low > high."""

    def __init__(self, cells: int) -> None:
        self.low, self.high = np.full(cells, np.inf), np.full(cells, -np.inf)

    def add(self, cells: Ints, low: Floats, high: Floats) -> None:
        """Of these cells all whole values from `low` to `high` can be."""
        a, b = self.low[cells], self.high[cells]
        touches = (low <= b + 1) & (high >= a - 1)
        longer = ~touches & (high - low > b - a)
        self.low[cells] = np.where(touches, np.minimum(a, low), np.where(longer, low, a))
        self.high[cells] = np.where(touches, np.maximum(b, high), np.where(longer, high, b))

    @property
    def values(self) -> Floats:
        """How many whole values each cell is shown to have."""
        return np.asarray(np.maximum(self.high - self.low + 1, 0))

    def lacking(self, values: int, judged: Bools) -> Bools:
        """Which judged cells are not shown to have so many."""
        return judged & (self.values < values)
