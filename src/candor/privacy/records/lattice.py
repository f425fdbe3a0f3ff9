"""The least generalisation that reaches k and l: a search of all combinations of levels, by what is lost.

Going up one level anywhere merges classes and never splits one, so whatever lies below a combination that fails, fails
too (Samarati 2001; LeFevre, DeWitt and Ramakrishnan 2005, Incognito). Combinations are tried in the order of what they
lose, so the first that holds is the best. The same is true of l: merged classes have no fewer different values. What is
lost is the non-uniform entropy of Gionis and Tassa (2009),
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
from candor.errors import DataError
from candor.privacy.records.anonymity import asked_of
from candor.privacy.records.hierarchies import Hierarchy
from candor.privacy.records.proposal import Change, Proposal

_ROWS = "_rows"
_MOST = 50_000
"""Combinations. Ten columns of three levels have more: then some have to be declared coarser first."""

_Codes = npt.NDArray[np.int64]


class _Groups(NamedTuple):
    """Rows that are alike in everything: how many, and for each column and level the number of their value.

    `sensitive` has the number of the value of each sensitive column.
    """

    rows: _Codes
    codes: list[list[_Codes]]
    sensitive: list[_Codes]


def search(
    table: ir.Table,
    hierarchies: Sequence[Hierarchy],
    k: int,
    engine: Engine,
    suppress: float = 0.0,
    sensitive: Sequence[str] = (),
    l: int = 1,  # noqa: E741  # the field's standard name
) -> Proposal:
    """The change that reaches k, and l in the columns `sensitive`, with the least loss; none where they are reached.

    `table` has the exact values of the quasi-identifiers, and the sensitive columns as they are published. `suppress`
    is the share of the rows, from 0 to 1, that may be withheld instead because their classes stay below; such a row
    counts as lost in all its columns.

    Raises `DataError` where not even dropping every column reaches them, and where there are too many combinations.
    """
    asked_of(k)
    sizes = [len(h.levels) for h in hierarchies]
    if np.prod(sizes, dtype=float) > _MOST:
        raise DataError(f"{' x '.join(map(str, sizes))} combinations of levels are too many to search", f"{_MOST}",
                        "Declare some of the quasi-identifiers coarser, or do not publish them")  # fmt: skip
    groups = _groups(table, hierarchies, sensitive, engine)
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
        classes, alike = _classes(groups, node)
        small = (classes < k) | (alike < l)
        withheld = int(classes[small].sum())
        if withheld > most:
            failed.append(np.array(node))
            continue
        with_rows = lost + (1 - lost) * withheld / total if total else lost
        if best is None or with_rows < best[0]:
            kept = classes[~small]
            best = (with_rows, node, withheld, int(kept.min()) if kept.size else 0, kept.size)
    if best is None:
        asked = f"k = {k}" + (f" and l = {l} in {', '.join(sensitive)}" if l > 1 else "")
        raise DataError(f"No generalisation of {', '.join(h.column for h in hierarchies)} reaches {asked}: there are "
                        f"{total:,} rows", f"{k} rows or more" + (f", with {l} different values" if l > 1 else ""),
                        "Do not publish the rows; publish counts")  # fmt: skip
    loss, node, withheld, reached, number = best
    changes = [Change(h.column, h.levels[0], h.levels[i], h.also) for h, i in zip(hierarchies, node, strict=True) if i]
    return Proposal(k, reached, total, number, withheld, suppress, loss, tuple(changes))


def _groups(table: ir.Table, hierarchies: Sequence[Hierarchy], sensitive: Sequence[str], engine: Engine) -> _Groups:
    levels = {
        f"{i}_{j}": level.coarsen(table[h.column])
        for i, h in enumerate(hierarchies)
        for j, level in enumerate(h.levels)
    }
    levels |= {f"s_{i}": table[name] for i, name in enumerate(sensitive)}
    said = table.select(**levels) if levels else table
    grouped = said.group_by(list(levels)) if levels else said
    found = engine.arrow(grouped.aggregate(**{_ROWS: said.count()}))
    rows = found[_ROWS].to_numpy().astype(np.int64)
    if rows.sum() == 0:  # without columns there is a class even where there are no rows
        rows = rows[:0]
    return _Groups(
        rows,
        [[_numbered(found[f"{i}_{j}"])[: rows.size] for j in range(len(h.levels))] for i, h in enumerate(hierarchies)],
        [_numbered(found[f"s_{i}"])[: rows.size] for i in range(len(sensitive))],
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


def _classes(groups: _Groups, node: Sequence[int]) -> tuple[_Codes, _Codes]:
    """By class its rows, and the smallest number of different values that a sensitive column has in it."""
    combined = np.zeros(groups.rows.size, np.int64)
    for column, level in zip(groups.codes, node, strict=True):
        combined = _together(combined, column[level])
    sizes = np.bincount(combined, groups.rows).astype(np.int64)
    alike = np.full(sizes.size, np.iinfo(np.int64).max)
    for values in groups.sensitive:
        first = np.unique(_together(combined, values), return_index=True)[1]
        alike = np.minimum(alike, np.bincount(combined[first], minlength=sizes.size))
    return sizes, alike


def _together(one: _Codes, other: _Codes) -> _Codes:
    """Pairs as numbers, made small again each time: no product of cardinalities overflows."""
    width = int(other.max(initial=0)) + 1
    return np.asarray(np.unique(one * width + other, return_inverse=True)[1], dtype=np.int64)
