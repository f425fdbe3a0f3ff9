"""The cheapest protected pattern, proven: for a few hundred cells.

A master program chooses the cells to withhold at the least cost; for each withheld cell the public's linear programs
ask how far it is open. Where that is not far enough, the dual solution says which cells would have to open it: a cut

    sum over cells i of (worth of a unit of freedom of i) x (how free i is) x (i is withheld) >= what is needed,

with coefficients cut down to what is needed, for more than that no cell has to give. It holds for every protected
pattern, so the master program with enough of them ends at the cheapest one. Solved by HiGHS.

Source: Fischetti M, Salazar JJ (2001), Solving the cell suppression problem on tabular data with linear constraints,
Management Science 47, 1008-1027 (capacity constraints, section 4).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from candor.privacy.feasible import Bools
from candor.privacy.linear import EPSILON, Deadline, Floats, Indices, Program, TooHardError
from candor.privacy.pattern import Pattern, ProtectionError

Cut = tuple[Indices, Floats, float]
"""Columns, their weights, and the least that the weighted columns have to sum to."""

_FREE = 1e7
"""Stands for freedom without a bound; any coefficient is cut down to what is needed."""


def cheapest(pattern: Pattern, deadline: Deadline, rounds: int = 1000) -> Bools:
    """The cells not told, the hidden ones among them, at the least cost.

    Raises `ProtectionError` where no choice protects every cell, `TooHardError` after so many rounds,
    `UnfinishedError` at the deadline.
    """
    n = pattern.values.size
    open_ = ~pattern.hidden & ~pattern.fixed
    master = Program(
        sparse.csr_matrix((0, n)),
        np.empty(0),
        np.where(pattern.hidden, 1.0, 0.0),
        np.where(pattern.fixed, 0.0, 1.0),
        integer=np.ones(n, np.bool_),
    )
    master.cost(np.arange(n), np.where(open_, pattern.weights, 0.0))
    attack = _Attack(pattern)
    for _ in range(rounds):
        chosen = master.solve(deadline)
        if chosen is None:
            raise ProtectionError(int((pattern.hidden & pattern.guarded).sum()))
        secret = chosen.values > 0.5
        cuts = attack.cuts(secret, deadline)
        if not cuts:
            return secret
        for columns, weights, least in cuts:
            master.add_row(columns, weights, least)
    raise TooHardError


class _Attack:
    """The public's linear program: how far a cell is open when these cells are secret, and what would open it more."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern
        n = pattern.values.size
        self.up = np.minimum(pattern.high - pattern.values, _FREE)
        self.down = np.minimum(pattern.values - pattern.low, _FREE)
        self.program = Program(pattern.equations, np.zeros(pattern.equations.shape[0]), np.zeros(n), np.zeros(n))
        self.columns = np.arange(n)

    def cuts(self, secret: Bools, deadline: Deadline) -> list[Cut]:
        """The cuts that this choice of secret cells breaks; none where every cell is as open as it needs."""
        self.program.bound(self.columns, np.where(secret, -self.down, 0.0), np.where(secret, self.up, 0.0))
        self.low, self.high = self.pattern.values.copy(), self.pattern.values.copy()
        cuts: list[Cut] = []
        for cell in np.flatnonzero(secret & self.pattern.guarded):
            here = np.array([cell])
            if not self.pattern.needs_of(here).met(self.low[here], self.high[here])[0]:
                cuts += self._cuts_of(int(cell), deadline)
        return cuts

    def _cuts_of(self, cell: int, deadline: Deadline) -> list[Cut]:
        value = self.pattern.values[cell]
        low, high, width = (float(need[cell]) for need in self.pattern.needs)
        reach_up, worth_up = self._furthest(cell, 1.0, deadline)
        reach_down, worth_down = self._furthest(cell, -1.0, deadline)
        return [
            self._cut(cell, worth, need)
            for reach, worth, need in (
                (reach_up, worth_up, high - value),
                (reach_down, worth_down, value - low),
                (reach_up + reach_down, worth_up + worth_down, width),
            )
            if reach < need - 1e-4
        ]

    def _furthest(self, cell: int, sign: float, deadline: Deadline) -> tuple[float, Floats]:
        """How far the cell can move that way, and what withholding each cell is worth for it."""
        self.program.aim(np.array([cell]), np.array([-sign]))
        found = self.program.solve(deadline)
        if found is None:  # the true table is always possible
            raise ArithmeticError("HiGHS found no table where there is one")
        table = self.pattern.values + found.values
        self.low, self.high = np.minimum(self.low, table), np.maximum(self.high, table)
        # At the optimum a cell with a positive price is held by its upper bound, with a negative one by its lower.
        price = -found.reduced
        worth = np.where(price > EPSILON, price * self.up, np.where(price < -EPSILON, -price * self.down, 0.0))
        return -found.objective, worth

    def _cut(self, cell: int, worth: Floats, need: float) -> Cut:
        """The cell, where it is withheld, needs that much from all cells together."""
        worth = np.minimum(worth, need)
        least = need
        if not self.pattern.hidden[cell]:  # only as long as it is withheld: sum >= need * (cell is withheld)
            worth = worth.copy()
            worth[cell] -= need
            least = 0.0
        columns = np.flatnonzero(np.abs(worth) > EPSILON)
        return columns, worth[columns], least
