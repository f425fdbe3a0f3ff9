"""Events of which several rows are, such as the offences of one incident: counted once in each cell.

A cell is a place, a month and a kind. An event counts once in each in which it has a row; in a group of kinds, and in
all, once in each place and month. So figures of months and towns add up to those of years and of the state, as those of
rows do, and each cell follows from its own rows alone: what was published once needs nothing of another month. Only
kinds do not add up: a sum over kinds has an event as often as it has kinds. By how much too often is told from the sets
of kinds that events have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.measures.dense import DenseCube, Ints

KIND = "category"
KINDS = "kinds"
"""The column of a set of kinds: their names in order, with blanks between."""


def number_of(rows: ir.Table, unit: str | None) -> ir.IntegerScalar:
    """How many events rows are: those with the same text in the column `unit` are of one, one without is its own."""
    if unit is None:
        return rows.count()
    return (rows[unit].nunique() + rows[unit].isnull().cast("int64").sum()).cast("int64")


def sets_of_kinds(rows: ir.Table, cell: Sequence[str], unit: str) -> ir.Table:
    """The sets of two kinds and more that events have: the columns of the `cell`, `kinds`, and their number, `calls`.

    `cell`: the columns of place, month and what else is counted apart.
    """
    each = rows.filter(rows[unit].notnull()).select(*cell, unit, KIND).distinct()
    events = each.group_by([*cell, unit]).agg(_kinds=each[KIND].collect())
    events = events.filter(events["_kinds"].length() > 1)
    events = events.mutate(**{KINDS: events["_kinds"].sort().join(" ")})
    return events.group_by([*cell, KINDS]).agg(calls=ibis._.count().cast("int64"))


def counted_again(sets: pa.Table, cells: DenseCube, apart: Collection[tuple[str, str]] = ()) -> Ints:
    """How much too often sums over the kinds of `cells` count events: (G + 1, 2, P, M).

    For each group, in the order of their names, and for all kinds together, the last. `sets`: `geoid, month,
    initiated_by, kinds, calls`. `apart`: kinds and months (`2025-03`) that are not among the counts of towns. Never so
    much that a total would have fewer events than one of its kinds.
    """
    groups = sorted(set(cells.groups))
    of_group = {name: groups.index(group) for name, group in zip(cells.categories, cells.groups, strict=True)}
    again = np.zeros((len(groups) + 1, *cells.calls.shape[1:]), np.int64)
    split = pc.split_pattern(sets[KINDS].combine_chunks(), " ")
    month = pc.strftime(sets["month"], format="%Y-%m").combine_chunks()
    of_set = pc.list_parent_indices(split)
    kind = pc.list_flatten(split)
    at_kind = pc.fill_null(pc.index_in(kind, value_set=pa.array(list(of_group), pa.string())), -1).to_numpy()
    keys = pa.array([f"{name} {when}" for name, when in sorted(apart)], pa.string())
    known = (at_kind >= 0) & ~pc.is_in(
        pc.binary_join_element_wise(kind, month.take(of_set), " "), value_set=keys
    ).to_numpy(zero_copy_only=False)
    group = np.array([*of_group.values(), 0], np.int64)[at_kind]
    where = of_set.to_numpy()
    kinds = np.zeros((len(groups) + 1, sets.num_rows), np.int64)
    np.add.at(kinds, (group[known], where[known]), 1)
    kinds[-1] = kinds[:-1].sum(axis=0)
    more = np.maximum(kinds - 1, 0) * sets["calls"].to_numpy()
    who = (pc.equal(sets["initiated_by"], "officer").to_numpy(zero_copy_only=False)).astype(np.int64)
    place = pc.fill_null(
        pc.index_in(sets["geoid"].combine_chunks(), value_set=pa.array(list(cells.geoids), pa.string())), -1
    ).to_numpy()
    first = cells.months[0] if len(cells.months) else np.datetime64(0, "M")
    when = (sets["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]") - first).astype(
        np.int64
    )
    inside = (place >= 0) & (when >= 0) & (when < len(cells.months))
    for i, each in enumerate(more):  # groups
        np.add.at(again[i], (who[inside], place[inside], when[inside]), each[inside])
    return np.minimum(again, _most(cells, groups))


def _most(cells: DenseCube, groups: Sequence[str]) -> Ints:
    """What the largest kind of each group, and of all, leaves of their sums."""
    own = np.array(cells.groups)
    members = [*(cells.calls[own == group] for group in groups), cells.calls]
    return np.stack([of.sum(axis=0) - of.max(axis=0, initial=0) for of in members])
