"""The smallest system of cells that knows of a set of published sums all that the counts themselves would tell.

A published figure is the sum of counts (of a town in a month, say) over a set. Nine thousand such counts make linear
programs slow; but most figures are either of one place over a long time or of many places in one month. Then the counts
in between need not be known:

1. Counts that are in exactly the same figures are one.
2. The figures are in two families, `narrow` (of one place) and the others. Counts in the same narrow figures form an
   across-cell (a town's year), counts in the same others a down-cell (a county's month). Across-cells and down-cells
   that share counts are connected. Where each across-cell of a connected block shares a count with each down-cell, the
   block is a table with its two margins, and for any two margins of counts >= 0 with the same total a table exists, a
   whole-number one for whole margins (north-west corner rule). So the margins with "both have the same total" say
   exactly what the table says, for real and for whole numbers.
3. Where a block is not complete, its counts stay.

Whatever the families are, the result is exact; they decide only how small it is.

Source: the transportation problem, Dantzig GB (1951), in Koopmans TC, Activity analysis of production and allocation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from candor.privacy.linear import Indices

Bools = NDArray[np.bool_]


class Cells(NamedTuple):
    """Cells, each the sum of counts >= 0 over a set, and the equations between them.

    `equations` (rows, cells): each row sums to 0, with coefficients 1 and -1. `members` (cells, counts), 0 and 1: what
    each cell is the sum of. `figure` (figures,): the cell that a figure is. `implied`: cells that no figure is and that
    differences of figures lead to (a town's second half-year, from a year and a twelve-month window).
    """

    equations: sparse.csr_matrix
    members: sparse.csr_matrix
    figure: Indices
    implied: Indices


def fold(sets: sparse.csr_matrix, narrow: Bools) -> Cells:
    """The cells of figures that are sums over `sets` (figures, counts), entries 0 and 1.

    `narrow` (figures,) marks the one family. Figures over the same set are one cell; a count in no figure is left out.

    Raises `ValueError` for an entry that is not 0 or 1, or an empty figure.
    """
    sets = sparse.csr_matrix(sets, dtype=np.float64)
    sets.eliminate_zeros()
    if (sets.data != 1).any() or (np.diff(sets.indptr) == 0).any():
        raise ValueError("a figure is a sum of at least one count, each taken once")
    told = [_classes(sets[narrow]), _classes(sets[~narrow])]
    across_of, down_of, block_of = _blocks(*told)
    complete = _complete(across_of, down_of, block_of)
    pair_of = np.where(complete, -1, across_of * (down_of.max(initial=0) + 1) + down_of)
    across, down = _members(across_of), _members(down_of)
    total, loose = _members(_numbered(np.where(complete, block_of, -1))), _members(_numbered(pair_of))
    kinds = [across, down, total, loose, sets]
    rows = []
    for kind, (margin, family) in enumerate(zip(kinds[:2], (narrow, ~narrow), strict=True)):
        within, apart = _shares(total, margin), _shares(margin, loose)
        rows.append({kind: within, 2: -sparse.identity(total.shape[0])})
        rows.append({3: apart, kind: -sparse.diags((apart.getnnz(axis=1) > 0).astype(np.float64))})
        own = sparse.diags(family.astype(np.float64))
        whole = _holds(own @ sets, total)
        rows.append({kind: _holds(own @ sets, margin) - whole @ within, 2: whole, 4: -own})
    members = sparse.vstack(kinds, format="csr")
    first, which = alike(members)
    equations = sparse.vstack([_row(row, kinds) for row in rows], format="csr") @ _members(which).T
    equations.eliminate_zeros()
    figure = which[members.shape[0] - sets.shape[0] :]
    led_to = [np.arange(t.max(initial=-1) + 1) + k * across.shape[0] for k, t in enumerate(told)]
    return Cells(
        sparse.csr_matrix(equations[equations.getnnz(axis=1) > 0]),
        members[first],
        figure,
        np.setdiff1d(which[np.concatenate(led_to)], figure),
    )


def _classes(family: sparse.csr_matrix) -> Indices:
    """The class of each count: counts in the same figures of the family are alike; -1 where none has it."""
    columns = sparse.csr_matrix(family.T)
    inside = columns.getnnz(axis=1) > 0
    which = np.full(columns.shape[0], -1, np.int64)
    which[inside] = alike(columns[inside])[1]
    return which


def alike(rows: sparse.csr_matrix) -> tuple[Indices, Indices]:
    """The first of each kind of row, and the kind of each row; kinds are equal exactly where the rows (of 1) are."""
    rows.sort_indices()
    kinds: dict[bytes, int] = {}
    spans = zip(rows.indptr[:-1], rows.indptr[1:], strict=True)
    which = np.array([kinds.setdefault(rows.indices[a:b].tobytes(), len(kinds)) for a, b in spans], np.int64)
    return np.unique(which, return_index=True)[1].astype(np.int64), which


def _blocks(across: Indices, down: Indices) -> tuple[Indices, Indices, Indices]:
    """The across-cell, the down-cell and the connected block of each count; -1 for a count in no figure.

    Counts that only one family has stand in one more cell of the other kind in their block, which nobody published.
    """
    a, d = across.max(initial=-1) + 1, down.max(initial=-1) + 1
    both = (across >= 0) & (down >= 0)
    links = sparse.coo_matrix((np.ones(both.sum()), (across[both], a + down[both])), shape=(a + d, a + d))
    label = csgraph.connected_components(links, directed=False)[1].astype(np.int64)
    block = np.full(across.size, -1, np.int64)
    block[down >= 0] = label[a + down[down >= 0]]
    block[across >= 0] = label[across[across >= 0]]
    across = np.where((across < 0) & (down >= 0), a + block, across)
    down = np.where((down < 0) & (block >= 0), d + block, down)
    return _numbered(across), _numbered(down), block


def _complete(across: Indices, down: Indices, block: Indices) -> Bools:
    """Whether the count is in a block in which each across-cell shares a count with each down-cell."""
    used = block >= 0
    pairs = np.unique(np.stack([block[used], across[used], down[used]]), axis=1)
    sizes = [np.bincount(np.unique(pairs[[0, i]], axis=1)[0]) for i in (1, 2)]
    full = np.bincount(pairs[0]) == sizes[0] * sizes[1]
    result = np.zeros(block.size, np.bool_)
    result[used] = full[block[used]]
    return result


def _numbered(labels: Indices) -> Indices:
    """The labels as 0, 1, 2.. in their order; -1 stays."""
    names = np.unique(labels[labels >= 0])
    return np.where(labels >= 0, np.searchsorted(names, labels), -1)


def _members(labels: Indices) -> sparse.csr_matrix:
    """Which counts each label has, 0 and 1, shape (labels, counts)."""
    at = np.flatnonzero(labels >= 0)
    return sparse.csr_matrix((np.ones(at.size), (labels[at], at)), shape=(labels.max(initial=-1) + 1, labels.size))


def _shares(one: sparse.csr_matrix, other: sparse.csr_matrix) -> sparse.csr_matrix:
    """1 where a cell of the one shares a count with a cell of the other."""
    return sparse.csr_matrix((one @ other.T) > 0, dtype=np.float64)


def _holds(sets: sparse.csr_matrix, cells: sparse.csr_matrix) -> sparse.csr_matrix:
    """1 where a set holds a whole cell."""
    held = sparse.coo_matrix(sets @ cells.T)
    whole = held.data == np.asarray(cells.sum(axis=1)).ravel()[held.col]
    return sparse.csr_matrix((np.ones(whole.sum()), (held.row[whole], held.col[whole])), shape=held.shape)


def _row(row: dict[int, sparse.spmatrix], kinds: list[sparse.csr_matrix]) -> sparse.csr_matrix:
    """Rows over all kinds of cells, of which some are named."""
    height = next(iter(row.values())).shape[0]
    parts = [row.get(k, sparse.csr_matrix((height, kind.shape[0]))) for k, kind in enumerate(kinds)]
    return sparse.hstack(parts, format="csr")
