"""What agencies cannot work out, as the truth itself shows: the publisher knows all counts, and needs no program.

Where a call more or less in a town that is not the agency's leaves every told figure as it is, what it is in is not
exact. And where an agency's own calls fill what was told, nothing of others is left: a zero that rounding cannot keep
from it.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from candor.audit.givers import Givers
from candor.audit.holdings import Known, belongs
from candor.audit.public import Bools, Floats
from candor.audit.seen import Reach
from candor.audit.structure import moves
from candor.audit.walk import walk

_WORTH, _WALK_WORTH = 0.7, 0.95
"""A lot that leaves more than such a share ends the lots, and a table the tables: then programs are quicker."""
_WALKS = 24
"""From so many other tables at most,"""
_FEW = 3
"""and for more than so many agencies."""
SMALL = 4
"""Up to so many calls of others must not be exact."""


def judged(of: Known) -> Bools:
    """Which cells (cells, agencies) have a count in them that is not the agency's own."""
    return of.others_in(of.cells)


def true(of: Known) -> Floats | None:
    """The true value of each unknown; None where the truth is not what is told, so that nothing follows from it."""
    table = np.asarray(of.parts.sum(axis=1)).ravel()
    figures = of.system.figures @ table
    some = np.diff(of.system.figures.indptr) > 0
    return table if ((figures >= of.low) & (figures <= of.high))[some].all() else None


def small(of: Known) -> Bools:
    """Which cells (cells, agencies) hold few calls of others."""
    others = np.asarray((of.cells @ of.parts).sum(axis=1)) - np.asarray((of.cells @ of.own_parts).todense())
    return np.asarray(others <= SMALL)


def not_open(of: Known, left: Bools, table: Floats) -> Bools:
    """Which are left (cells, agencies) when a call more, less, or moved changes the cell in others' towns.

    First from the truth, then from tables some moves away from it (`walk`): to agencies of which these moves touch no
    town, such a table could be true as well.
    """
    truth, lot = np.zeros(of.unknown.shape), np.random.default_rng(of.kind)
    np.add.at(truth, of.holdings.town, of.counts)
    left = _left(of, left, table, truth, lot)
    for _ in range(_WALKS):
        before = int(left.sum())
        if left.any(axis=0).sum() <= _FEW:
            break
        away = walk(of, table, truth, lot)
        mine = left & away.unaware
        mine[np.asarray(of.cells @ (away.table - table) != 0)] = False
        left = (left & ~away.unaware) | _left(of, mine, away.table, away.counts, lot)
        if left.sum() > _WALK_WORTH * before:
            break
    return left


def _left(of: Known, left: Bools, table: Floats, counts: Floats, lot: np.random.Generator) -> Bools:
    """`not_open` from one table alone, which has these counts (towns, months)."""
    system, own, sole = of.system, of.holdings.own, of.holdings.sole
    figures = system.figures @ table
    bounds = table, np.zeros(table.size), np.full(table.size, np.inf), of.high - figures, figures - of.low
    rows = np.flatnonzero(left.any(axis=1))
    reach, steps = system.steps.only(rows)
    forwards, backwards = reach.room(*bounds)
    month, town = np.nonzero(system.known.by_town >= 0), moves(system.known).town
    there = np.ones(town.size, np.bool_)
    there[: month[0].size] = counts[month] > 0  # one call less takes a call that is there
    backwards *= there[steps]
    towns = belongs(town[steps], own.shape[0])
    # One call more may be another agency's in a town that is not an agency's alone; one less is not sure to be.
    more, fewer = (abs(reach.cells).T @ sparse.diags((room > 0) * 1.0) @ towns for room in (forwards, backwards))
    left[rows] &= ~np.asarray((more @ ~sole > 0) | (fewer @ ~own > 0))
    givers, worth = Givers(system.known, of.case.world, counts), True
    while worth and left.any():
        rows, before = np.flatnonzero(left.any(axis=1)), int(left.sum())
        wanted = np.asarray(abs(system.cells[rows]).sum(axis=0)).ravel() > 0
        moved = givers.moves(lot, wanted)
        reach, steps = Reach.of(moved.steps, system.steps.sums, sparse.csr_matrix(system.cells[rows].T))
        at = np.flatnonzero(reach.room(*bounds)[0] > 0)
        giver, taker = moved.town[steps[at]].T
        others = ~(own[giver] | sole[taker])
        left[rows] &= ~np.asarray(abs(reach.cells[at]).T @ others > 0)
        worth = bool(left.sum() <= _WORTH * before)
    return np.asarray(left)


def filled(of: Known) -> Bools:
    """Which cells (cells, agencies) hold no call of others, for an agency's own calls fill what was told."""
    figures, ties = of.system.figures, of.system.known.equations
    own = figures @ of.own_parts
    most = of.high[: own.shape[0], None]
    full = (np.asarray(own.todense()) >= most) & np.isfinite(most)
    # An unknown of which an agency knows every town has nothing of others either.
    others = of.others_in(sparse.csr_matrix(sparse.identity(of.system.known.size)))
    zero = (np.asarray(figures.T @ full) > 0) | ~others
    for side in (1.0, -1.0):
        # Where all months of a rectangle are 0, so are its towns.
        of_side = sparse.csr_matrix(ties.multiply(ties == side))
        empty = np.asarray(of_side.astype(np.bool_).astype(np.float64) @ ~zero == 0)
        zero |= np.asarray(np.abs(ties).T @ empty > 0)
    return np.asarray((np.abs(of.cells) @ ~zero == 0) & (np.diff(of.cells.indptr) > 0)[:, None])
