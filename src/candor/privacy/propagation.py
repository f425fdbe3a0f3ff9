"""What simple arithmetic tells of unknown cells: each equation bounds each of its cells by the bounds of the others."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from candor.portal.problems import DataError
from candor.privacy.linear import EPSILON, Floats

_ROUNDS = 200


class ContradictionError(DataError):
    """No table at all agrees with the published figures: one of them is wrong, or is of another truth."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The published figures contradict each other ({what})",
            "figures that are sums of one and the same set of counts",
            "Say which counts a later version corrected, or correct the figure",
        )


def propagate(equations: sparse.csr_matrix, constants: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The bounds of whole-number cells x with equations x = constants, drawn in until nothing moves.

    For every row and every cell j in it, a_j x_j = b - sum of the others, whose least and greatest value follow from
    their bounds; the result is rounded inward to whole numbers, for counts are whole (a reader with a pencil does the
    same). Bounds may be infinite. Shapes: `equations` (rows, cells), `constants` (rows,), `low` and `high` (cells,). At
    most 200 rounds: what still moves then is left to the linear programs.

    Every whole-number solution lies within the result; that there is a solution for each value in it is not said.
    Raises `ContradictionError` where a cell is left with nothing.

    Source: bound tightening (activity bounds), Savelsbergh MWP (1994), Preprocessing and probing techniques for mixed
    integer programming problems, ORSA Journal on Computing 6, 445-454.
    """
    matrix = sparse.coo_matrix(equations)
    row, column, weight = matrix.row, matrix.col, matrix.data.astype(np.float64)
    positive = weight > 0
    low, high = np.ceil(low - EPSILON), np.floor(high + EPSILON)
    for _ in range(_ROUNDS):
        near, far = np.where(positive, low[column], high[column]), np.where(positive, high[column], low[column])
        least, most = _others(weight * near, row, constants.size), _others(weight * far, row, constants.size)
        one, other = (constants[row] - least) / weight, (constants[row] - most) / weight
        upper, lower = np.where(positive, one, other), np.where(positive, other, one)
        new_low, new_high = low.copy(), high.copy()
        np.maximum.at(new_low, column, np.ceil(lower - EPSILON))
        np.minimum.at(new_high, column, np.floor(upper + EPSILON))
        if (new_low > new_high).any():
            raise ContradictionError(f"found while drawing in bounds, cell {int(np.argmax(new_low > new_high))}")
        moved = bool((new_low > low).any() or (new_high < high).any())
        low, high = new_low, new_high
        if not moved:
            break
    return low, high


def _others(part: Floats, row: Floats, rows: int) -> Floats:
    """For each entry the sum of the other entries of its row, where a single infinite one makes a sum infinite."""
    infinite = np.isinf(part)
    finite = np.where(infinite, 0.0, part)
    total = np.bincount(row, finite, rows)[row] - finite
    endless = np.bincount(row, infinite, rows)[row] - infinite
    side = np.sign(part[infinite][0]) if infinite.any() else 1.0
    return np.where(endless > 0, side * np.inf, total)
