"""What is the same for all kinds that have the same counts unknown: unknowns, told figures, cells, and steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.cells import Cells, matrix
from candor.audit.public import Ints
from candor.audit.seen import Steps
from candor.audit.structure import Lots, Structure, moves


class System(NamedTuple):
    """Unknowns, told figures, cells, and steps; `rows`: the equations that tie unknowns, and below them the figures."""

    known: Structure
    figures: sparse.csr_matrix
    cells: sparse.csr_matrix
    steps: Steps
    lots: Lots
    rows: sparse.csr_matrix


def with_deviations(of: System, told: Ints) -> sparse.csc_matrix:
    """The equations and told figures, each figure being a value in its middle, and what lies above and below that."""
    ties = of.known.equations.shape[0]
    rows = sparse.csc_matrix(of.rows[np.concatenate([np.arange(ties), ties + told])])
    more = 3 * told.size
    return sparse.csc_matrix(
        (
            np.concatenate([rows.data, np.repeat([-1.0, -1.0, 1.0], told.size)]),
            np.concatenate([rows.indices, np.tile(ties + np.arange(told.size), 3)]),
            np.concatenate([rows.indptr, rows.indptr[-1] + 1 + np.arange(more)]),
        ),
        shape=(rows.shape[0], rows.shape[1] + more),
    )


def system(known: Structure, cells: Cells, told: int) -> System:
    """The unknowns of a world with its cells, of which the first are the told figures."""
    lines = matrix(cells, known)
    figures = sparse.csr_matrix(lines[:told])
    rows = sparse.csr_matrix(sparse.vstack([known.equations, figures], format="csr"))
    steps = Steps(moves(known).steps, sparse.csr_matrix(figures.T), lines)
    return System(known, figures, lines, steps, Lots(known), rows)
