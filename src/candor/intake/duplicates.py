"""Rows that say the same thing twice, and rows that contradict each other under one key."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from candor.intake.said import SEPARATOR
from candor.intake.typed import NOTES, PROBLEMS
from candor.sources.base import ROW

DUPLICATE = "_duplicate"
_CONTENT = "_content"


def marked(table: ir.Table, key: str | None) -> ir.Table:
    """Mark, in `_duplicate`, every row after the first of a key whose columns are all alike.

    Columns are those that are read: what is neither published nor decides anything is not compared.

    Where a key stands for rows with different values, each of them gets a problem: which one is true is not ours to
    guess. Rows without a key are never duplicates. Without `key` nothing is marked.
    """
    if key is None or key not in table.columns:
        return table.mutate(**{DUPLICATE: ibis.literal(False)})
    # Only keys that repeat are compared by content: on a clean file that is next to nothing.
    repeated = (
        table.filter(table[key].notnull()).group_by(key).agg(_times=lambda t: t.count()).filter(ibis._._times > 1)
    )
    several = table.semi_join(repeated, key)
    values = [several[c].cast("string").fill_null("") for c in table.columns if c not in (ROW, PROBLEMS, NOTES)]
    several = several.mutate(**{_CONTENT: ibis.literal("\x1f").join(values)})
    verdict = several.group_by(_key=several[key]).agg(
        _first=several[ROW].min(), _alike=several[_CONTENT].min() == several[_CONTENT].max()
    )
    joined = table.left_join(verdict, table[key] == verdict["_key"])
    contradiction = f"{key} stands for rows with different values"
    problems = joined[PROBLEMS]
    added = ibis.ifelse(problems == "", contradiction, problems.concat(SEPARATOR + contradiction))
    return joined.mutate(
        **{
            DUPLICATE: (joined["_alike"] & (joined[ROW] != joined["_first"])).fill_null(False),
            PROBLEMS: ibis.ifelse((~joined["_alike"]).fill_null(False), added, problems),
        }
    ).drop("_key", "_first", "_alike")
