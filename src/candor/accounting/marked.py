"""What of a data set its agency marks, kind by kind; and the data set without the rows of kinds that this closes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import ibis
import pyarrow as pa

from candor.accounting.anonymity import PUBLISHED, WITHHELD
from candor.accounting.context import Context
from candor.accounting.outcome_counts import outcomes_of
from candor.accounting.records import Accounted
from candor.engine.base import Engine
from candor.intake.account import COUNTS_ONLY, MARKED


def marks(accounted: Accounted, engine: Engine) -> pa.Table | None:
    """How many rows there are of types that are open, and how many are marked: `month, category, rows, marked`.

    None where the data set has no marks, or no kinds.
    """
    table = engine.read(accounted.path)
    if not {MARKED, "category", "month"} <= set(table.columns):
        return None
    rows = table.filter(table.outcome.isin([PUBLISHED, WITHHELD]) & table[MARKED].notnull() & table.month.notnull())
    return engine.arrow(
        rows.group_by(["month", "category"]).agg(
            rows=rows.count().cast("int64"), marked=rows[MARKED].cast("int64").sum().cast("int64")
        )
    )


def without_kinds(context: Context, accounted: Accounted, closed: Collection[str]) -> Accounted:
    """The data set with the rows of some kinds withheld: these are counted, as sensitive ones."""
    engine, table = context.engine, context.engine.read(accounted.path)
    if not closed or "sensitivity" not in table.columns:
        return accounted
    hit = table.category.isin(sorted(closed)) & table.outcome.isin([PUBLISHED, WITHHELD])
    reason = ibis.literal(COUNTS_ONLY).concat(table.category)
    result = table.mutate(
        outcome=ibis.ifelse(hit, WITHHELD, table.outcome),
        reasons=ibis.ifelse(hit, reason, table.reasons),
        sensitivity=ibis.ifelse(table.category.isin(sorted(closed)), "sensitive", table.sensitivity),
    )
    path = context.scratch / f"{accounted.dataset.name}.open.parquet"
    engine.write(result, path)
    return replace(accounted, path=path, outcomes=outcomes_of(engine.read(path), accounted.landed, engine))
