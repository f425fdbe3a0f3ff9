"""Rows that say the same thing twice, and rows that contradict each other under one key."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from candor.intake.typed import CONTENT, PROBLEMS, SEPARATOR
from candor.sources.csv import ROW

DUPLICATE = "_duplicate"


def marked(table: ir.Table, key: str | None) -> ir.Table:
    """Mark, in `_duplicate`, every row after the first of a key whose mapped columns are all alike.

    Where a key stands for rows with different values, each of them gets a problem: which one is true is not ours to
    guess. Rows without a key are never duplicates. Without `key` nothing is marked.
    """
    if key is None or key not in table.columns:
        return table.mutate(**{DUPLICATE: ibis.literal(False)}).drop(CONTENT)
    # Only keys that repeat are compared by content: on a clean file that is next to nothing.
    repeated = table.filter(table[key].notnull()).group_by(key).agg(_times=lambda t: t.count()).filter(ibis._._times > 1)
    several = table.semi_join(repeated, key)
    verdict = several.group_by(key).agg(
        _first=several[ROW].min(), _alike=several[CONTENT].min() == several[CONTENT].max()
    )
    verdict = verdict.rename(_key=key)
    joined = table.left_join(verdict, table[key] == verdict["_key"])
    return joined.mutate(
        **{
            DUPLICATE: (joined["_alike"] & (joined[ROW] != joined["_first"])).fill_null(False),
            PROBLEMS: joined[PROBLEMS].concat(
                ibis.ifelse((~joined["_alike"]).fill_null(False), f"{key} stands for rows with different values" + SEPARATOR, "")
            ),
        }
    ).drop("_key", "_first", "_alike", CONTENT)
