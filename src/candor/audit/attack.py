"""The attack on one kind: how many whole values can each cell have, given all that was told?

Told figures are bounds on sums of unknowns. A first linear program looks for a table in the middle of all bounds, for
from there most cells are seen to be open by steps (`seen`); the next ones favour cells that are not yet. What is left
gets its own least and greatest value. Those are of real numbers, rounded inward: whole numbers can only be narrower, so
what is found narrow is narrow. What is said to be open is proven by tables of whole numbers; where that fails, `proven`
says so.

Source: Fischetti M, Salazar JJ (2001), Solving the cell suppression problem on tabular data with linear constraints,
Management Science 47, 1008-1027 (the attacker's programs).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.public import Bools, Floats, Ints
from candor.audit.seen import EPSILON, Reach, Runs
from candor.audit.system import System, with_deviations
from candor.solver.linear import Deadline, Program, Solution, TooHardError

ENOUGH = 3
"""So many values must every cell have."""

_VAIN = 6
"""So many programs in a row that show nothing end the search for many cells at once."""
_SHARES = (1.0, 0.3, 0.1)
"""Of the cells that are not yet open, such a share is driven up or down at once,"""
_FEW = 4
"""but so many at least,"""
_PUSH = 20.0
"""with so much more weight than figures are kept in the middle;"""
_ANEW = 0.15
"""so often with new weights of the figures, which costs more."""
_LOTS = 2
"""So often calls are moved by lot in every table found."""
_FAR = 1e6
_ROUNDING = 1e-4
_HARD = 12
"""So many values of a cell are tried one by one."""


class Found(NamedTuple):
    """Of each cell the least and the greatest value as far as shown, how many whole values at least, and whether the
    ends were computed (`ends`); `proven`: by whole-number tables. `programs` were solved."""

    low: Floats
    high: Floats
    values: Floats
    ends: Bools
    proven: Bools
    programs: int


class Kind:
    """One kind's bounds on the told figures (`low`, `high`), and on the unknowns (`least`, `most`)."""

    def __init__(
        self,
        system: System,
        low: Floats,
        high: Floats,
        deadline: Deadline,
        least: Floats,
        most: Floats,
        look_at: Ints,
        values: int = ENOUGH,
    ) -> None:
        """`look_at`: the cells that are attacked, each open once so many `values` are shown."""
        self.system, self.low, self.high, self.deadline = system, low, high, deadline
        self.least, self.most = least, most
        self.told = np.flatnonzero((low > 0) | np.isfinite(high))
        self.runs = Runs(system.cells.shape[0])
        self.programs, self.probe = 0, -1
        self.lot = np.random.default_rng(0)
        self.wanted, self.focus = values, np.empty(0, np.int64)
        self.lines = sparse.csr_matrix((system.known.size, 0))
        self.touched = np.zeros(system.known.size, np.bool_)
        self.steps: Reach | None = None
        self.look_at(look_at)
        n, k = system.known.size, self.told.size
        self.n, self.k, self.away = n, k, np.ones(k)
        self.equations = with_deviations(system, self.told)
        width = np.minimum(high - low, 2 * _FAR)[self.told]
        step = np.where(width >= 2, 1.0, 0.0)  # a figure told exactly has no middle
        far = 4 * (float(np.where(np.isfinite(high), high, 0).sum()) + _FAR)
        self.column_low = np.concatenate([np.maximum(least, -far), low[self.told] + step, np.zeros(2 * k)])
        ceiling = np.minimum(high[self.told], far)
        self.column_high = np.concatenate([np.minimum(most, far), ceiling - step, step, step])
        self.program = Program(self.equations, np.zeros(self.equations.shape[0]), self.column_low, self.column_high)
        self.far = far / 2

    def table(self, columns: Ints, cost: Floats) -> Solution | None:
        """The best table for a cost; what it shows is kept."""
        order = np.argsort(columns)
        self.program.aim(columns[order], cost[order])
        solution = self.program.solve(self.deadline)
        if not self.programs:
            self.program.primal()  # from nothing the dual simplex is quicker; from then on only costs change
        self.programs += 1
        if solution is not None:
            self.show(solution.values[: self.n])
        return solution

    def show(self, values: Floats) -> bool:
        """Keep what a table and the steps from it show. False where its numbers are not whole."""
        table = np.rint(values)
        if np.abs(values - table).max(initial=0) > EPSILON:
            return False
        figures = self.system.figures @ table
        off = self.system.known.equations @ table
        if (figures < self.low - EPSILON).any() or (figures > self.high + EPSILON).any() or np.abs(off).max(initial=0):
            return False
        for reach in self._reaches(table):
            room = reach.room(table, self.least, self.most, self.high - figures, figures - self.low)
            rise, fall = reach.around(*room)
            at = table @ self.lines
            self.runs.add(self.focus, at - fall, at + rise)
        return True

    def look_at(self, cells: Ints) -> None:
        """From now on tables are read for these cells alone."""
        if cells.size == self.focus.size and (cells == self.focus).all():
            return
        self.focus, self.lines = cells, sparse.csr_matrix(self.system.cells[cells].T)
        self.steps, self.touched = None, np.diff(self.lines.indptr) > 0

    def _reaches(self, table: Floats) -> Iterator[Reach]:
        """Steps for the cells looked at, and lots for as long as one of them is not open."""
        self.steps = self.steps or self.system.steps.only(self.focus)[0]
        yield self.steps
        for _ in range(_LOTS):
            if not self._look_closer():
                return
            swaps = self.system.lots.swaps(table, self.lot, self.touched)
            yield Reach.of(swaps, self.system.steps.sums, self.lines)[0]

    def _look_closer(self) -> int:
        """How many of the cells looked at are not yet open; soon only these are."""
        left = self.focus[self.runs.values[self.focus] < self.wanted]
        if 2 * left.size < self.focus.size:
            self.look_at(left)
        return int(left.size)

    def centre(self, judged: Bools, lot: np.random.Generator | None, values: int = ENOUGH) -> bool:
        """A table in the middle of its bounds, for the cells that are not yet open rather than for others.

        False where no table agrees.
        """
        cost = np.zeros(self.n + 3 * self.k)
        if lot is not None:
            lacking = np.flatnonzero(self.runs.lacking(values, judged))
            own = np.zeros(self.system.cells.shape[0])
            lacking = lot.permutation(lacking)[: max(_FEW, int(lacking.size * lot.choice(_SHARES)))]
            own[lacking] = lot.choice([-1.0, -1.0, 1.0], lacking.size) * lot.random(lacking.size) * _PUSH
            cost[: self.n] = own @ self.system.cells
            if lot.random() < _ANEW:
                self.away = lot.random(self.k) * 4
        cost[self.n + self.k :] = np.concatenate([self.away, self.away])
        return self.table(np.arange(cost.size), cost) is not None

    def search(self, judged: Bools, values: int, vain: int) -> int:
        """Look at many cells at once, until so many programs in a row show nothing; how many cells are left."""
        self.wanted = values
        self.look_at(np.flatnonzero(self.runs.lacking(values, judged)))
        left, without = self.focus.size, 0
        while left and without < vain:
            self.centre(judged, self.lot, values)
            now = self._lacking(values, judged)
            without = without + 1 if now == left else 0
            left = now
        return left

    def attack(self, judged: Bools, values: int = ENOUGH, vain: int = _VAIN) -> Found:
        """How many values each judged cell has. There must be a table that agrees (`centre`)."""
        self.search(judged, values, vain)
        cells = self.system.cells.shape[0]
        low, high = self.runs.low.copy(), self.runs.high.copy()
        count, ends, proven = self.runs.values.copy(), np.zeros(cells, np.bool_), np.ones(cells, np.bool_)
        for cell in np.flatnonzero(self.runs.lacking(values, judged)).tolist():
            if self.runs.values[cell] >= values:
                continue  # shown by what was found for another one
            low[cell], high[cell] = self.ends(cell)
            self._lacking(values, judged)
            ends[cell], count[cell] = True, max(high[cell] - low[cell] + 1, 0)
            if count[cell] >= values and self.runs.values[cell] < values:
                whole, proven[cell] = self.whole(cell, low[cell], high[cell], values)
                if proven[cell]:
                    count[cell] = whole
        known = self.runs.values
        open_ = ~ends | (known > count)
        low, high = np.where(~ends, self.runs.low, low), np.where(~ends, self.runs.high, high)
        return Found(low, high, np.where(open_, known, count), ends, proven, self.programs)

    def _lacking(self, values: int, judged: Bools) -> int:
        """How many cells are not yet open; soon only these are looked at."""
        at = np.flatnonzero(self.runs.lacking(values, judged))
        if 2 * at.size < self.focus.size:
            self.look_at(at)
        return at.size

    def rebound(self, columns: Ints, least: Floats, most: Floats) -> bool:
        """Other bounds for some unknowns, ascending; taken back, with False, where no table agrees."""
        self.program.bound(columns, least, np.minimum(most, self.far))
        if self.centre(np.zeros(self.runs.low.size, np.bool_), None):
            self.least[columns], self.most[columns] = least, most
            self.column_low[columns], self.column_high[columns] = least, np.minimum(most, self.far)
            self.runs = Runs(self.system.cells.shape[0])  # what was seen under wider bounds is forgotten
            return True
        self.program.bound(columns, self.column_low[columns], self.column_high[columns])
        return False

    def begin(self) -> bool:
        """Find the table in the middle from which `knowing` goes on. False where no table agrees."""
        agrees = self.centre(np.zeros(self.runs.low.size, np.bool_), None)
        self.program.remember()
        return agrees

    def knowing(self, least: Floats, most: Floats, cells: Ints) -> bool:
        """From now on with these bounds of the unknowns, for these cells; nothing is shown yet. False: as `begin`."""
        self.least, self.most = least, most
        self.column_low[: self.n], self.column_high[: self.n] = least, np.minimum(most, self.far)
        self.program.bound(np.arange(self.n), self.column_low[: self.n], self.column_high[: self.n])
        self.program.recall()
        self.runs, self.away = Runs(self.system.cells.shape[0]), np.ones(self.k)
        self.look_at(cells)
        agrees = self.centre(np.zeros(self.runs.low.size, np.bool_), None)
        self.program.primal()
        return agrees

    def ends(self, cell: int) -> tuple[float, float]:
        """The least and the greatest value of a cell, of real numbers rounded inward."""
        return self.least_of(cell), float(np.floor(self._end(cell, -1.0) + _ROUNDING))

    def least_of(self, cell: int) -> float:
        """The least value of a cell, likewise; without a program where a table has the least that it was told to be."""
        if cell < self.low.size and self.runs.low[cell] <= self.low[cell] <= self.runs.high[cell]:
            return float(self.low[cell])
        return float(np.ceil(self._end(cell, 1.0) - _ROUNDING))

    def _end(self, cell: int, sign: float) -> float:
        row = self.system.cells[[cell]]
        columns, weights = row.indices.astype(np.int64), row.data
        solution = self.table(columns, sign * weights)
        if solution is None:
            raise ArithmeticError("HiGHS lost a table that it had found")
        return float(weights @ solution.values[columns])

    def whole(self, cell: int, low: float, high: float, values: int) -> tuple[int, bool]:
        """How many values of a cell whole tables have, up to `values`, from the middle outwards; False: given up."""
        last = min(high, low + _HARD)
        middle = np.floor((low + last) / 2)
        exact: Program | None = None
        shown = 0
        for value in sorted(np.arange(low, last + 1).tolist(), key=lambda v: abs(v - middle)):
            run = int(self.runs.values[cell])
            if max(run, shown) >= values:
                break
            if self.runs.low[cell] <= value <= self.runs.high[cell] or self._at(cell, value):
                shown += 1
                continue
            exact = exact or self._of_whole_numbers(cell)
            exact.bound_row(self.equations.shape[0], value, value)
            self.programs += 1
            try:
                shown += exact.solve(self.deadline) is not None
            except TooHardError:
                return shown, False
        count = max(shown, int(self.runs.values[cell]))
        return count, count >= values or last == high

    def _of_whole_numbers(self, cell: int) -> Program:
        line = sparse.hstack([self.system.cells[[cell]], sparse.csr_matrix((1, 3 * self.k))])
        rows = sparse.vstack([self.equations, line], format="csr")
        whole = np.ones(self.n + 3 * self.k, np.bool_)
        return Program(rows, np.zeros(rows.shape[0]), self.column_low, self.column_high, whole)

    def _at(self, cell: int, value: float) -> bool:
        """Look for a whole table from the middle of the bounds with this value of a cell; True where one is found."""
        row = self.system.cells[[cell]]
        self.probe = max(self.probe + 1, self.equations.shape[0])
        # A row cannot be taken out of a program that is warm; it is left without bounds.
        self.program.add_row(row.indices.astype(np.int64), row.data, value, value)
        cost = np.zeros(self.n + 3 * self.k)
        cost[self.n + self.k :] = 1.0
        solution = self.table(np.arange(cost.size), cost)
        self.program.bound_row(self.probe, -np.inf, np.inf)
        return solution is not None and bool(self.runs.low[cell] <= value <= self.runs.high[cell])
