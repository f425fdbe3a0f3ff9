"""The least generalisation that reaches k: a search of the lattice of all combinations of levels, by what is lost.

Going up one level anywhere merges classes and never splits one, so whatever lies below a combination that fails, fails
too (Samarati 2001; LeFevre, DeWitt and Ramakrishnan 2005, Incognito). Combinations are tried in the order of what they
lose, so the first that holds is the best. What is lost is the non-uniform entropy of Gionis and Tassa (2009),
k-Anonymization with minimal loss of information, IEEE TKDE 21(2): for each cell, -log2 P(value | what is published of
it), as a share of what dropping the column loses, averaged over the columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any, NamedTuple

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.engine.base import Engine
from candor.portal.problems import DataError
from candor.privacy.anonymity import asked_of
from candor.privacy.hierarchies import Hierarchy
from candor.privacy.proposal import Change, Proposal

_ROWS = "_rows"
_MOST = 50_000
"""Combinations. Ten columns of three levels have more: then some have to be declared coarser first."""

_Codes = npt.NDArray[np.int64]


class _Groups(NamedTuple):
    """Rows that are alike in everything: how many, and for each column and level the number of their value."""

    rows: _Codes
    codes: list[list[_Codes]]


def search(
    table: ir.Table, hierarchies: Sequence[Hierarchy], k: int, engine: Engine, suppress: float = 0.0
) -> Proposal:
    """The change that reaches k with the least loss; no change where k is reached already.

    `table` has the exact values of the columns. `suppress` is the share of the rows, from 0 to 1, that may be withheld
    instead because their classes stay below k; such a row counts as lost in all its columns.

    Raises `DataError` where not even dropping every column reaches k, and where there are too many combinations.
    """
    asked_of(k)
    sizes = [len(h.levels) for h in hierarchies]
    if np.prod(sizes, dtype=float) > _MOST:
        raise DataError(f"{' x '.join(map(str, sizes))} combinations of levels are too many to search", f"{_MOST}",
                        "Declare some of the quasi-identifiers coarser, or do not publish them")  # fmt: skip
    groups = _groups(table, hierarchies, engine)
    total = int(groups.rows.sum())
    most = int(suppress * total)
    losses = [[_loss(groups.rows, column[0], level) for level in column] for column in groups.codes]
    share = 1 / max(len(hierarchies), 1)
    nodes = sorted(
        (share * sum(losses[i][level] for i, level in enumerate(node)), sum(node), node)
        for node in product(*map(range, sizes))
    )
    failed: list[npt.NDArray[np.int64]] = []
    best: tuple[float, tuple[int, ...], int, int, int] | None = None
    for lost, _, node in nodes:
        if best and lost >= best[0]:
            break
        if any((below >= node).all() for below in failed):
            continue
        classes = _class_sizes(groups, node)
        withheld = int(classes[classes < k].sum())
        if withheld > most:
            failed.append(np.array(node))
            continue
        with_rows = lost + (1 - lost) * withheld / total if total else lost
        if best is None or with_rows < best[0]:
            kept = classes[classes >= k]
            best = (with_rows, node, withheld, int(kept.min()) if kept.size else 0, kept.size)
    if best is None:
        raise DataError(f"No generalisation of {', '.join(h.column for h in hierarchies)} reaches k = {k}: there are "
                        f"{total:,} rows", f"{k} rows or more", "Do not publish the rows; publish counts")  # fmt: skip
    loss, node, withheld, reached, number = best
    changes = [Change(h.column, h.levels[0], h.levels[i], h.also) for h, i in zip(hierarchies, node, strict=True) if i]
    return Proposal(k, reached, total, number, withheld, suppress, loss, tuple(changes))


def _groups(table: ir.Table, hierarchies: Sequence[Hierarchy], engine: Engine) -> _Groups:
    levels = {
        f"{i}_{j}": level.coarsen(table[h.column])
        for i, h in enumerate(hierarchies)
        for j, level in enumerate(h.levels)
    }
    said = table.select(**levels) if levels else table
    grouped = said.group_by(list(levels)) if levels else said
    found = engine.arrow(grouped.aggregate(**{_ROWS: said.count()}))
    rows = found[_ROWS].to_numpy().astype(np.int64)
    if rows.sum() == 0:  # without columns there is a class even where there are no rows
        rows = rows[:0]
    return _Groups(
        rows,
        [[_numbered(found[f"{i}_{j}"])[: rows.size] for j in range(len(h.levels))] for i, h in enumerate(hierarchies)],
    )


def _numbered(column: pa.ChunkedArray) -> _Codes:
    """Each value as a number, nothing being a value; equal values have equal numbers."""
    if column.null_count == len(column):
        return np.zeros(len(column), np.int64)
    encoded: Any = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _loss(rows: _Codes, exact: _Codes, level: _Codes) -> float:
    """The share of the column's information that the level loses: 0 at the first level, 1 where it is dropped."""
    if rows.size == 0:
        return 0.0
    values, said = np.bincount(exact, rows), np.bincount(level, rows)
    whole = float((rows * np.log2(rows.sum() / values[exact])).sum())
    return float((rows * np.log2(said[level] / values[exact])).sum()) / whole if whole else 0.0


def _class_sizes(groups: _Groups, node: Sequence[int]) -> _Codes:
    combined = np.zeros(groups.rows.size, np.int64)
    for column, level in zip(groups.codes, node, strict=True):
        # Made small again after each column: no product of cardinalities overflows.
        width = int(column[level].max(initial=0)) + 1
        combined = np.unique(combined * width + column[level], return_inverse=True)[1]
    return np.bincount(combined, groups.rows).astype(np.int64)
