"""Linear programs that are solved again and again with other costs or bounds: a thin cover over HiGHS.

HiGHS keeps the last basis, so a program of which only the cost or a few bounds changed is solved in a few steps.
Source: Huangfu Q, Hall JAJ (2018), Parallelizing the dual revised simplex method, Mathematical Programming Computation
10, 119-142.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from candor.errors import DataError

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

EPSILON = 1e-6
"""Under this a difference is rounding; HiGHS itself keeps to 1e-7."""

_NODES = 1000
"""The nodes after which the search for whole numbers is given up."""

_STATUS = highspy.HighsModelStatus

_SAID = {
    _STATUS.kOptimal,
    _STATUS.kModelEmpty,
    _STATUS.kInfeasible,
    _STATUS.kTimeLimit,
    _STATUS.kSolutionLimit,
}
"""What a run may end with. Anything else (unknown, unbounded where every column has bounds) is numerical trouble."""


class UnfinishedError(DataError):
    """The time limit passed before everything was looked at. Nothing is then known to be safe."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "The audit did not finish in its time limit",
            f"{seconds:g} seconds",
            "Nothing is published. Raise `[privacy] time_limit`",
        )


class TooHardError(Exception):
    """The search for whole numbers was given up; a heuristic has to do."""


class Deadline:
    """A moment that must not pass: `left()` is the number of seconds until then, and raises when there are none."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def __getstate__(self) -> tuple[float, float]:
        """For another process, whose clock may be another."""
        return self.seconds, self._end - time.monotonic()

    def __setstate__(self, state: tuple[float, float]) -> None:
        self.seconds, left = state
        self._end = time.monotonic() + left

    def left(self) -> float:
        """Seconds left. Raises `UnfinishedError` when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise UnfinishedError(self.seconds)
        return left


class Solution(NamedTuple):
    """An optimal solution: a value for each column, the objective, and for each column its reduced cost."""

    values: Floats
    objective: float
    reduced: Floats


class Program:
    """Minimise cost x subject to equations x = constants, low <= x <= high; costs and bounds may be changed."""

    def __init__(
        self,
        equations: sparse.csr_matrix,
        constants: Floats,
        low: Floats,
        high: Floats,
        integer: NDArray[np.bool_] | None = None,
        constants_high: Floats | None = None,
    ) -> None:
        """With `constants_high` the rows lie between `constants` and it; columns marked `integer` are whole."""
        matrix = sparse.csc_matrix(equations)
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_ = np.zeros(lp.num_col_)
        lp.col_lower_, lp.col_upper_ = low, high
        lp.row_lower_, lp.row_upper_ = constants, constants if constants_high is None else constants_high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data.astype(np.float64)
        if integer is not None:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(i)] for i in integer]
        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy leaves this one bare
        presolve = "off" if integer is None else "on"  # without integers it would throw the last basis away
        self._options: dict[str, str | int | bool] = {"output_flag": False, "threads": 1, "presolve": presolve}
        for option, value in self._options.items():
            self._solver.setOptionValue(option, value)
        if integer is not None:
            # The end of a search must not depend on how busy the machine is: nodes are counted, not seconds.
            for option, limit in (("mip_rel_gap", 0.0), ("mip_max_nodes", _NODES)):
                self._solver.setOptionValue(option, limit)
        self._solver.passModel(lp)
        self._size = int(matrix.shape[1])
        self._aimed: Indices = np.empty(0, np.int64)
        self.solved = 0

    def aim(self, columns: Indices, cost: Floats) -> None:
        """These columns cost that much, those aimed at before nothing. Columns ascend."""
        if columns.size < self._size:
            touched = np.arange(self._size) if self._aimed.size == self._size else np.union1d(self._aimed, columns)
            full = np.zeros(touched.size)
            full[np.searchsorted(touched, columns)] = cost
            self.cost(touched, full)
        else:
            self.cost(columns, cost)
        self._aimed = columns

    def cost(self, columns: Indices, cost: Floats) -> None:
        """A new cost for some columns."""
        self._solver.changeColsCost(columns.size, columns.astype(np.int32), cost)

    def bound(self, columns: Indices, low: Floats, high: Floats) -> None:
        """New bounds for some columns."""
        self._solver.changeColsBounds(columns.size, columns.astype(np.int32), low, high)

    def add_row(self, columns: Indices, weights: Floats, low: float, high: float = np.inf) -> None:
        """One more row: low <= weights x[columns] <= high."""
        self._solver.addRow(low, high, columns.size, columns.astype(np.int32), weights)

    def bound_row(self, row: int, low: float, high: float) -> None:
        """New bounds for one row."""
        self._solver.changeRowBounds(row, low, high)

    def primal(self) -> None:
        """Prefer the primal simplex: quicker where only the cost changes, for the last solution stays feasible."""
        self._options["simplex_strategy"] = 4
        self._solver.setOptionValue("simplex_strategy", 4)

    def remember(self) -> None:
        """Keep the last basis for `recall`."""
        self._basis = self._solver.getBasis()

    def recall(self) -> None:
        """Go on from the basis that was kept, by the dual simplex: quicker where only bounds have changed since, and
        costs are what they were then. No row may have been added."""
        self._solver.setBasis(self._basis)
        self._options["simplex_strategy"] = 1
        self._solver.setOptionValue("simplex_strategy", 1)

    def restart(self) -> None:
        """Forget the last basis: the next solution is sought from nothing."""
        self._solver.clearSolver()

    def solve(self, deadline: Deadline) -> Solution | None:
        """The optimal solution, or None where no solution exists.

        Raises `UnfinishedError` when the deadline passes, `ArithmeticError` where the solver gives up or the objective
        has no bound.
        """
        status = self._run(deadline)
        if status not in _SAID:
            # The warm start went astray, numerically: once more from nothing, with everything HiGHS has.
            self.restart()
            for option, value in (("presolve", "choose"), ("simplex_strategy", 1)):
                self._solver.setOptionValue(option, value)
            status = self._run(deadline)
            for option, value in self._options.items():
                self._solver.setOptionValue(option, value)
        if status == _STATUS.kTimeLimit:
            raise UnfinishedError(deadline.seconds)
        if status == _STATUS.kSolutionLimit:
            raise TooHardError
        if status == _STATUS.kInfeasible:
            return None
        if status not in (_STATUS.kOptimal, _STATUS.kModelEmpty):
            raise ArithmeticError(f"HiGHS ended with: {self._solver.modelStatusToString(status)}")
        found = self._solver.getSolution()
        return Solution(
            np.asarray(found.col_value, np.float64),
            float(self._solver.getInfo().objective_function_value),
            np.asarray(found.col_dual, np.float64),
        )

    def _run(self, deadline: Deadline) -> highspy.HighsModelStatus:
        # The solver's clock does not start anew with each run.
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + deadline.left())
        self._solver.run()
        self.solved += 1
        return self._solver.getModelStatus()
