"""Complementary suppression that scales: cell after cell, the cheapest change that opens it.

For each cell that is too well known, a linear program looks for another table: the cell moved as far as it has to, told
cells moved at their weight for each unit, the others nearly free. What moves is withheld; then that other table agrees
with everything published, so the cell is open that far, and so is every cell that moves with it. Then small parts are
made as cheap as can be (`polish`), and in the others each withheld cell is told again where the tables found, or new
ones, protect the rest without it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from candor.privacy.feasible import Bools
from candor.privacy.linear import EPSILON, Deadline, Floats, Indices, Program
from candor.privacy.pattern import Pattern, ProtectionError
from candor.privacy.polish import polish
from candor.privacy.propagation import propagate

_NO_COST = 1e-3
"""What a unit costs in a cell that is not told anyway: little, so that changes stay small."""

_ROUNDS = 30

Move = tuple[Indices, Floats]
"""Another table: the cells that differ from the true one, and by how much."""


def greedy(pattern: Pattern, deadline: Deadline) -> Bools:
    """The cells not told, the hidden ones among them: a protected pattern, not always the cheapest.

    Raises `ProtectionError` where no choice protects every cell, `UnfinishedError` at the deadline.
    """
    search = _Search(pattern, deadline)
    for _ in range(_ROUNDS):
        unsafe = search.unsafe()
        if not unsafe.size:
            search.settle()
            return search.secret
        for cell in unsafe:
            search.open(int(cell))
    raise ProtectionError(search.unsafe().size)


class _Search:
    """The pattern as far as it has come, and the other tables found, as moves away from the true one."""

    def __init__(self, pattern: Pattern, deadline: Deadline) -> None:
        self.pattern, self.deadline = pattern, deadline
        self.secret = pattern.hidden.copy()
        self.low, self.high = pattern.values.copy(), pattern.values.copy()
        self.moves: list[Move] = []
        self.program = _Moves(pattern)

    def unsafe(self) -> Indices:
        """Which cells are too well known, the dearest first; tables that show others to be open are kept."""
        pattern = self.pattern
        wanted = np.flatnonzero(self.secret & pattern.guarded)
        wanted = wanted[~pattern.needs_of(wanted).met(self.low[wanted], self.high[wanted])]
        if not wanted.size:
            return wanted
        found = pattern.intervals(self.secret, wanted, self.deadline.left())
        for witness in found.witnesses:
            self._keep(witness.cells, witness.values - pattern.values[witness.cells])
        unsafe = wanted[~pattern.needs_of(wanted).met(self.low[wanted], self.high[wanted])]
        return unsafe[np.argsort(-pattern.weights[unsafe], kind="stable")]

    def open(self, cell: int) -> None:
        """Withhold what opens the cell as far as it needs: up, down, and in width."""
        value = self.pattern.values[cell]
        need_low, need_high, width = (float(n[cell]) for n in self.pattern.needs)
        if self.high[cell] < need_high - EPSILON:
            self._withhold(self.program.cheapest(cell, need_high - value, self.deadline))
        if self.low[cell] > need_low + EPSILON:
            self._withhold(self.program.cheapest(cell, need_low - value, self.deadline))
        low, high = self.low[cell], self.high[cell]
        if high - low < width - EPSILON:
            targets = (low + width, high - width)
            moves = [self.program.cheapest(cell, target - value, self.deadline) for target in targets]
            found = min((m for m in moves if m is not None), key=self._price, default=None)
            if found is None:
                self._both_ways(cell, width)
            else:
                self._withhold(found)

    def _both_ways(self, cell: int, width: float) -> None:
        """Withhold what opens the cell as wide as it needs where one way alone does not go so far."""
        up, down = self.program.furthest(cell, width, self.deadline)
        if up + down < width - EPSILON:
            raise ProtectionError(1)
        ways = [(up, up - width), (width - down, -down)]
        moves = [[self.program.cheapest(cell, by, self.deadline) for by in way] for way in ways]
        whole = [[m for m in way if m is not None] for way in moves if None not in way]
        for move in min(whole, key=lambda way: sum(self._price(m) for m in way), default=[None]):
            self._withhold(move)

    def settle(self) -> None:
        """Make it cheaper."""
        pattern = self.pattern
        secret, settled = polish(pattern, self.secret, self.deadline)
        for cell in np.flatnonzero(self.secret & ~secret):
            self.program.tell(int(cell))
        for cell in np.flatnonzero(secret & ~self.secret):
            self.program.hide(int(cell))
        self.secret = secret
        # Parts do not reach into each other: what is settled needs no proof when a cell elsewhere is told again.
        left = ~settled
        proofs = _Proofs(pattern, [move for move in self.moves if left[move[0]].any() and secret[move[0]].all()])
        extra = np.flatnonzero(secret & ~pattern.hidden & left)
        for cell in extra[np.argsort(-pattern.weights[extra], kind="stable")]:
            secret = self.secret.copy()
            secret[cell] = False
            self.program.tell(int(cell))
            found = self._proven(np.flatnonzero(secret & pattern.guarded & left), secret, *proofs.without(int(cell)))
            if found is None:
                self.program.hide(int(cell))
            else:
                self.secret = secret
                proofs.drop(int(cell), found)

    def _proven(self, cells: Indices, secret: Bools, low: Floats, high: Floats) -> list[Move] | None:
        """Tables that move secret cells alone and, with those that show `low` to `high`, prove all these cells open.

        None where there are none.
        """
        pattern = self.pattern
        found: list[Move] = []
        for cell in cells[~pattern.needs_of(cells).met(low[cells], high[cells])]:
            value = pattern.values[cell]
            need_low, need_high, width = (float(n[cell]) for n in pattern.needs)
            for target in (need_high, need_low, low[cell] + width, high[cell] - width):
                met = pattern.needs_of(np.array([cell])).met(low[[cell]], high[[cell]])[0]
                if met or low[cell] - EPSILON <= target <= high[cell] + EPSILON:
                    continue
                move = self.program.cheapest(int(cell), target - value, self.deadline)
                if move is None or not secret[move[0]].all():
                    continue
                found.append(move)
                moved = pattern.values[move[0]] + move[1]
                low[move[0]], high[move[0]] = np.minimum(low[move[0]], moved), np.maximum(high[move[0]], moved)
            if not pattern.needs_of(np.array([cell])).met(low[[cell]], high[[cell]])[0]:
                return None
        return found

    def _withhold(self, move: Move | None) -> None:
        if move is None:
            raise ProtectionError(1)
        new = move[0][~self.secret[move[0]]]
        self.secret[new] = True
        for cell in new:
            self.program.hide(int(cell))
        self._keep(*move)

    def _keep(self, cells: Indices, by: Floats) -> None:
        moved = np.abs(by) > EPSILON
        cells, by = cells[moved], by[moved]
        self.moves.append((cells, by))
        values = self.pattern.values[cells] + by
        self.low[cells], self.high[cells] = np.minimum(self.low[cells], values), np.maximum(self.high[cells], values)

    def _price(self, move: tuple[Indices, Floats]) -> float:
        return float(self.pattern.weights[move[0]][~self.secret[move[0]]].sum())


class _Moves:
    """The linear program of the cheapest other table. Columns: each cell that can move, up; the same, down."""

    def __init__(self, pattern: Pattern) -> None:
        told = pattern.fixed
        low, high = np.where(told, pattern.values, pattern.low), np.where(told, pattern.values, pattern.high)
        low, high = propagate(pattern.equations, pattern.equations @ pattern.values, low, high)
        self.cells = np.flatnonzero(low < high)
        self.column = np.full(low.size, -1, np.int64)
        self.column[self.cells] = np.arange(self.cells.size)
        self.up = high[self.cells] - pattern.values[self.cells]
        self.down = pattern.values[self.cells] - low[self.cells]
        self.weights = pattern.weights[self.cells]
        matrix = sparse.csr_matrix(pattern.equations[:, self.cells])
        matrix = matrix[matrix.getnnz(axis=1) > 0]
        n = self.cells.size
        self.program = Program(
            sparse.csr_matrix(sparse.hstack([matrix, -matrix])),
            np.zeros(matrix.shape[0]),
            np.zeros(2 * n),
            np.concatenate([self.up, self.down]),
        )
        cost = np.where(pattern.hidden[self.cells], _NO_COST, self.weights)
        self.costs = np.concatenate([cost, cost])
        self.program.cost(np.arange(2 * n), self.costs)

    def cheapest(self, cell: int, by: float, deadline: Deadline) -> Move | None:
        """The cells that move, and by how much, in the cheapest table in which the cell moves `by` or further."""
        i, n = self.column[cell], self.cells.size
        if i < 0 or by > self.up[i] + EPSILON or -by > self.down[i] + EPSILON:
            return None
        pair = np.array([i, n + i])
        room = np.array([self.up[i], self.down[i]])
        ahead = np.array([by > 0, by < 0])
        self.program.bound(pair, np.where(ahead, min(abs(by), room[ahead][0]), 0.0), np.where(ahead, room, 0.0))
        found = self.program.solve(deadline)
        self.program.bound(pair, np.zeros(2), room)
        if found is None:
            return None
        by_cell = found.values[:n] - found.values[n:]
        moved = np.abs(by_cell) > EPSILON
        return self.cells[moved], by_cell[moved]

    def furthest(self, cell: int, by: float, deadline: Deadline) -> tuple[float, float]:
        """How far up and how far down the cell can move, whatever it costs; not further than `by`."""
        i, n = self.column[cell], self.cells.size
        if i < 0:
            return 0.0, 0.0
        pair, room = np.array([i, n + i]), np.array([self.up[i], self.down[i]])
        every = np.arange(2 * n)
        reached = []
        for side in range(2):
            ahead = np.arange(2) == side
            self.program.bound(pair, np.zeros(2), np.where(ahead, np.minimum(room, by), 0.0))
            self.program.cost(every, np.where(every == pair[side], -1.0, 0.0))
            found = self.program.solve(deadline)
            reached.append(0.0 if found is None else float(found.values[pair[side]]))
        self.program.cost(every, self.costs)
        self.program.bound(pair, np.zeros(2), room)
        return reached[0], reached[1]

    def hide(self, cell: int) -> None:
        """The cell is not told: it moves freely."""
        self._set(cell, _NO_COST, self.up, self.down)

    def tell(self, cell: int) -> None:
        """The cell is told: it does not move."""
        self._set(cell, _NO_COST, np.zeros_like(self.up), np.zeros_like(self.down))

    def _set(self, cell: int, cost: float, up: Floats, down: Floats) -> None:
        i = self.column[cell]
        pair = np.array([i, self.cells.size + i])
        self.costs[pair] = cost
        self.program.cost(pair, np.array([cost, cost]))
        self.program.bound(pair, np.zeros(2), np.array([up[i], down[i]]))


class _Proofs:
    """The tables found, and how far open they show each cell to be."""

    def __init__(self, pattern: Pattern, moves: list[Move]) -> None:
        self.values = pattern.values
        self.matrix = self._stack(moves)

    def without(self, cell: int) -> tuple[Floats, Floats]:
        """From where to where tables in which `cell` does not move show each cell to be open."""
        left = self._still(cell)
        if not left.shape[0]:
            return self.values.copy(), self.values.copy()
        # A move that a table does not have is 0 and takes part in these.
        return self.values + left.min(axis=0).toarray().ravel(), self.values + left.max(axis=0).toarray().ravel()

    def drop(self, cell: int, moves: list[Move]) -> None:
        """The cell is told: tables that move it are no longer possible; these are new."""
        self.matrix = sparse.vstack([self._still(cell), self._stack(moves)], format="csr")

    def _still(self, cell: int) -> sparse.csr_matrix:
        return self.matrix[np.flatnonzero(self.matrix[:, [cell]].toarray().ravel() == 0)]

    def _stack(self, moves: list[Move]) -> sparse.csr_matrix:
        spans = np.cumsum([0, *(c.size for c, _ in moves)])
        cells = np.concatenate([c for c, _ in moves]) if moves else np.empty(0, np.int64)
        by = np.concatenate([b for _, b in moves]) if moves else np.empty(0)
        return sparse.csr_matrix((by, cells, spans), shape=(len(moves), self.values.size))
