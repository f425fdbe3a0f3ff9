"""What published figures tell of the ones that are not: the interval of each unknown cell.

The cells x are whole numbers, the public knows equations x = constants and bounds low <= x <= high. The interval of a
cell is the least and the greatest value that any x in agreement with this gives it: of real numbers (the relaxation,
which one linear program an end finds), rounded inward to whole numbers, as a reader would. Where `whole` is true
whole-number tables reach both ends, so that not even a reader who uses that counts are whole learns more.

In order: bounds are drawn in by arithmetic (`propagation`); what is fixed is taken out; the rest falls into connected
parts, and each part gets linear programs, warm from one to the next. Every solution is a table that could be true; its
values are kept for all cells at once, and a cell that two of them show to be open enough needs no program of its own.

Sources: Fischetti M, Salazar JJ (2001), Solving the cell suppression problem on tabular data with linear constraints,
Management Science 47, 1008-1027 (the attacker's programs); METHODS, Protection 5.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from candor.privacy.linear import EPSILON, Deadline, Floats, Indices, Program
from candor.privacy.propagation import ContradictionError, propagate

Bools = NDArray[np.bool_]

_SWEEPS = 24
_WORTH = 0.97
"""Three sweeps that leave more than this share of the cells as they were end the sweeps."""
_ENDLESS, _FAR = 100.0, 4.0
"""In sums of all that is known: what stands for "no bound" in a program, and from where a value means that."""

_ROUNDING = 1e-4
"""An end of a linear program this close to a whole number is that number."""


class Needs(NamedTuple):
    """How open an interval has to be: down to `low`, up to `high`, and `width` wide. One value for each wanted cell."""

    low: Floats
    high: Floats
    width: Floats

    def met(self, low: Floats, high: Floats) -> Bools:
        """Which intervals are open enough."""
        with np.errstate(invalid="ignore"):  # nothing seen yet: inf - inf
            wide = high - low >= self.width - _ROUNDING
        return np.asarray((low <= self.low + _ROUNDING) & (high >= self.high - _ROUNDING) & wide)


class Witness(NamedTuple):
    """A table that could be true: these cells have these values, the others their true ones (or fixed ones)."""

    cells: Indices
    values: Floats


class Intervals(NamedTuple):
    """The intervals of the wanted cells, in their order.

    `low`, `high`: whole numbers; -inf or inf where nothing bounds the cell. `exact`: these are the ends; elsewhere the
    interval is at least this wide, which was enough. `whole`: whole-number tables reach what is said. `programs`: how
    many linear programs were solved. `witnesses`: the tables found.
    """

    low: Floats
    high: Floats
    exact: Bools
    whole: Bools
    programs: int
    witnesses: list[Witness]


def intervals(
    equations: sparse.csr_matrix,
    constants: Floats,
    low: Floats,
    high: Floats,
    wanted: Indices,
    *,
    needs: Needs | None = None,
    seconds: float = 60.0,
) -> Intervals:
    """The interval of each wanted cell, or enough of it.

    Shapes: `equations` (rows, cells), `constants` (rows,), `low` and `high` (cells,), `wanted` (k,), no cell twice.
    With `needs` the search for a cell ends when its interval is shown to be open enough; without, every end is exact.

    Raises `UnfinishedError` when `seconds` pass before the end, `ContradictionError` where no x agrees.
    """
    deadline = Deadline(seconds)
    equations = sparse.csr_matrix(equations, dtype=np.float64)
    low, high = propagate(equations, constants, low, high)
    open_ = low < high
    rest = constants - equations @ np.where(open_, 0.0, low)
    used = np.diff(sparse.csr_matrix(equations[:, open_]).indptr) > 0
    if (np.abs(rest[~used]) > _ROUNDING).any():
        raise ContradictionError("an equation of which every cell is known does not hold")
    seen = _Seen(wanted, low, high, needs, equations.shape[1])
    part, free = parts(equations[used][:, open_]), np.flatnonzero(open_)
    order = np.argsort(part, kind="stable")
    edges = np.flatnonzero(np.diff(part[order], prepend=-1, append=-1)) if order.size else np.zeros(1, np.int64)
    for start, stop in pairwise(edges):
        cells = free[order[start:stop]]
        if seen.place[cells].max() >= 0:
            _explore(equations, rest, cells, seen, deadline)
    return seen.result()


def parts(equations: sparse.csr_matrix) -> NDArray[np.int32]:
    """For each cell the number of its connected part; cells are connected where an equation has both."""
    both = sparse.bmat([[None, equations], [equations.T, None]], format="csr")
    labels: NDArray[np.int32] = csgraph.connected_components(both, directed=False)[1]
    return labels[equations.shape[0] :]


class _Seen:
    """What the tables found so far show of the wanted cells."""

    def __init__(self, wanted: Indices, low: Floats, high: Floats, needs: Needs | None, cells: int) -> None:
        self.bound_low, self.bound_high = low, high
        self.wanted, self.needs = wanted, needs
        self.place = np.full(cells, -1, np.int64)
        self.place[wanted] = np.arange(wanted.size)
        fixed = low[wanted] == high[wanted]
        self.low, self.high = np.where(fixed, low[wanted], np.inf), np.where(fixed, low[wanted], -np.inf)
        self.whole_low, self.whole_high = self.low.copy(), self.high.copy()
        self.low_done, self.high_done = fixed.copy(), fixed.copy()
        self.far = np.full(wanted.size, np.inf)
        self.programs = 0
        self.witnesses: list[Witness] = []

    def add(self, cells: Indices, values: Floats) -> None:
        """One more table: these cells can have these values."""
        rounded = np.rint(values)
        near = np.abs(values - rounded) < EPSILON
        whole, values = bool(near.all()), np.where(near, rounded, values)
        self.witnesses.append(Witness(cells, values))
        at = self.place[cells]
        at, values = at[at >= 0], values[at >= 0]
        self.low[at], self.high[at] = np.minimum(self.low[at], values), np.maximum(self.high[at], values)
        if whole:
            self.whole_low[at] = np.minimum(self.whole_low[at], values)
            self.whole_high[at] = np.maximum(self.whole_high[at], values)

    def settle(self, cells: Indices) -> None:
        """The bounds of these cells are the ends of their intervals."""
        at = self.place[cells]
        cells, at = cells[at >= 0], at[at >= 0]
        for end, bound in (
            ((self.low, self.whole_low), self.bound_low),
            ((self.high, self.whole_high), self.bound_high),
        ):
            for array in end:
                array[at] = bound[cells]
        self.low_done[at] = self.high_done[at] = True

    def open(self, at: Indices) -> Bools:
        """Which of these wanted cells still need a look."""
        done = self.low_done[at] & self.high_done[at]
        if self.needs is None:
            return np.asarray(~done)
        return np.asarray(~done) & ~Needs(*(n[at] for n in self.needs)).met(self.low[at], self.high[at])

    def result(self) -> Intervals:
        """Rounded inward; a cell that no equation holds has the bounds that it came with."""
        untouched = self.low > self.high
        at = self.wanted[untouched]
        for end, whole, bound in (
            (self.low, self.whole_low, self.bound_low),
            (self.high, self.whole_high, self.bound_high),
        ):
            end[untouched], whole[untouched] = bound[at], bound[at]
        exact = (self.low_done & self.high_done) | untouched
        low, high = np.ceil(self.low - _ROUNDING) + 0.0, np.floor(self.high + _ROUNDING) + 0.0
        whole = (self.whole_low <= low) & (self.whole_high >= high)
        if self.needs is not None:
            whole |= ~exact & self.needs.met(self.whole_low, self.whole_high)
        low, high = np.where(low < -self.far, -np.inf, low), np.where(high > self.far, np.inf, high)
        return Intervals(low, high, exact, whole, self.programs, self.witnesses)


def _explore(equations: sparse.csr_matrix, rest: Floats, cells: Indices, seen: _Seen, deadline: Deadline) -> None:
    """The linear programs of one connected part."""
    columns = sparse.csc_matrix(equations[:, cells])
    rows = np.unique(columns.indices)
    matrix, constants = sparse.csr_matrix(columns[rows]), rest[rows]
    low, high = seen.bound_low[cells], seen.bound_high[cells]
    if rows.size == 1 and (np.abs(matrix.data) == 1).all():
        seen.settle(cells)  # under a single sum the bounds drawn in by arithmetic are the ends, and whole numbers
        return
    # No end of an interval lies beyond what all known numbers add up to, so a value far beyond says: no bound.
    finite = np.concatenate([low[np.isfinite(low)], high[np.isfinite(high)], constants])
    known = float(np.abs(finite).sum()) + 1.0
    program = Program(matrix, constants, np.maximum(low, -_ENDLESS * known), np.minimum(high, _ENDLESS * known))
    program.primal()
    column = np.flatnonzero(seen.place[cells] >= 0)
    at = seen.place[cells[column]]
    seen.far[at] = _FAR * known

    def look(chosen: Indices, signs: Floats) -> None:
        """Drive the chosen columns down (1) or up (-1) together, and keep the table found."""
        program.aim(chosen, signs)
        found = program.solve(deadline)
        if found is None:
            raise ContradictionError("no counts of 0 or more have these sums")
        if not _agrees(found.values, matrix, constants, low, high):  # as HiGHS may say after a warm start gone wrong
            program.restart()
            found = program.solve(deadline)
            if found is None or not _agrees(found.values, matrix, constants, low, high):
                raise ArithmeticError("HiGHS found no table that agrees with the published figures")
        seen.add(cells, found.values)

    _sweep(seen, at, column, look)
    for i, where in zip(column, at, strict=True):
        here = np.array([where])
        for sign, done in ((1.0, seen.low_done), (-1.0, seen.high_done)):
            if not seen.open(here)[0]:
                break
            if not _already(seen, where, sign):
                look(np.array([i]), np.array([sign]))
                done[where] = True
    seen.programs += program.solved


def _sweep(seen: _Seen, at: Indices, column: Indices, look: Callable[[Indices, Floats], None]) -> None:
    """Drive many cells at once, some up and some down by lot, for as long as that shows a good part of them open."""
    if seen.needs is None:
        return
    lot = np.random.default_rng(0)
    before = int(seen.open(at).sum())
    for sweep in range(1, _SWEEPS + 1):
        still = seen.open(at)
        if still.sum() < 2:
            break
        cells = at[still]
        up, down = seen.high[cells] < seen.needs.high[cells], seen.low[cells] > seen.needs.low[cells]
        signs = np.where(up == down, lot.choice([-1.0, 1.0], cells.size), np.where(up, -1.0, 1.0))
        # Half of them at a time: cells that have a sum cannot all go the same way.
        chosen = lot.random(cells.size) < 0.5
        if chosen.any():
            look(column[still][chosen], signs[chosen])
        if sweep % 3 == 0:
            after = int(seen.open(at).sum())
            if after > _WORTH * before:
                break
            before = after


def _agrees(values: Floats, matrix: sparse.csr_matrix, constants: Floats, low: Floats, high: Floats) -> bool:
    """Whether a table has the published sums and keeps to the bounds: no cell is said to be open on trust."""
    slack = EPSILON * (1 + 1e-3 * float(np.abs(values).max(initial=0)))
    inside = ((values >= low - slack) & (values <= high + slack)).all()
    return bool(inside and (np.abs(matrix @ values - constants) <= 10 * slack).all())


def _already(seen: _Seen, where: int, sign: float) -> bool:
    """Whether a table found before reaches the bound that arithmetic gave: then this end needs no program."""
    cell = seen.wanted[where]
    if sign > 0 and seen.low[where] <= seen.bound_low[cell]:
        seen.low_done[where] = True
        return True
    if sign < 0 and seen.high[where] >= seen.bound_high[cell]:
        seen.high_done[where] = True
        return True
    return False
