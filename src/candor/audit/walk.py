"""Other tables that agree with everything told, a few moves of a call away from the truth.

An agency knows its own calls. A move takes a call from one town and gives it to another; an agency that has no calls in
the first, and not the second for itself alone, cannot see it. So a table that such moves lead to could as well be true
to that agency, and what differs from it in one step is not exact.

Moves are taken that bring told figures to the middle of their bounds, for there most steps have room.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.givers import Givers
from candor.audit.holdings import Known
from candor.audit.public import Bools, Floats

_TRIED, _MOVES = 3000, (6, 12, 25)
"""Of so many moves by lot, so many are taken at most, by lot: the more, the more agencies see one of them."""


class Away(NamedTuple):
    """A table (unknowns), its counts (towns, months), and which agencies do not see that it is not the truth."""

    table: Floats
    counts: Floats
    unaware: Bools


def walk(of: Known, table: Floats, counts: Floats, lot: np.random.Generator) -> Away:
    """From a table with these counts to another one, by lot."""
    known, own, sole = of.system.known, of.holdings.own, of.holdings.sole
    at = np.nonzero(known.by_town >= 0)
    pairs, moved = Givers(known, of.case.world, counts).some(lot, _TRIED)
    changes = sparse.csr_matrix(moved.steps @ of.system.steps.sums)
    changes.eliminate_zeros()
    figures = of.system.figures @ table
    middle = np.where(np.isfinite(of.high), (of.low + of.high) / 2, figures)
    weight = lot.random(figures.size) * np.isfinite(of.high)
    # How much nearer to the middle a move brings its figures, as long as no other is taken.
    one = np.repeat(np.arange(changes.shape[0]), np.diff(changes.indptr))
    gain = np.bincount(one, _nearer(changes.indices, changes.data, figures, middle, weight), changes.shape[0])
    table, counts, unaware, taken = table.copy(), counts.copy(), np.ones(own.shape[1], np.bool_), 0
    enough = lot.choice(_MOVES)
    for move in np.argsort(-gain)[: np.count_nonzero(gain > 0)].tolist():
        cells, by = (a[changes.indptr[move] : changes.indptr[move + 1]] for a in (changes.indices, changes.data))
        giver, taker = (tuple(axis[pairs[side, move]] for axis in at) for side in (0, 1))
        new = figures[cells] + by
        if counts[giver] < 1 or (new < of.low[cells]).any() or (new > of.high[cells]).any():
            continue
        if _nearer(cells, by, figures, middle, weight).sum() <= 0:
            continue
        figures[cells] = new
        counts[giver] -= 1
        counts[taker] += 1
        table = table + np.asarray(moved.steps[[move]].todense()).ravel()
        unaware &= ~(own[giver[0]] | sole[taker[0]])
        taken += 1
        if taken == enough:
            break
    return Away(table, counts, unaware)


def _nearer(cells: Floats, by: Floats, figures: Floats, middle: Floats, weight: Floats) -> Floats:
    far = np.abs(figures[cells] - middle[cells])
    return np.asarray((far - np.abs(figures[cells] + by - middle[cells])) * weight[cells])
