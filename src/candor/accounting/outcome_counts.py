"""How many rows of an accounted table ended how."""

from __future__ import annotations

import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.intake.outcomes import Outcome, unreadable_outcomes
from candor.sources.base import ROW, Landed


def outcomes_of(table: ir.Table, landed: Landed, engine: Engine) -> tuple[Outcome, ...]:
    """How many rows of an accounted table, and of lines that cannot be read as one, ended how and why."""
    return counts_of(table, "outcome", "reasons", engine) + unreadable_outcomes(landed.unreadable)


def counts_of(table: ir.Table, first: str, second: str | None, engine: Engine) -> tuple[Outcome, ...]:
    """How many rows have each value of a column, or of two: the texts, and the rows; the most frequent first."""
    by = [first, second] if second else [first]
    rows = engine.arrow(table.group_by(by).agg(rows=table[ROW].count())).to_pylist()
    counts = [Outcome(r[first] or "", (r[second] or "") if second else "", r["rows"]) for r in rows]
    return tuple(sorted(counts, key=lambda c: (c.outcome, -c.rows, c.reason)))
