"""What a case's number must be to say which rows are of one: a filler that stands on rows of many days names none."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from candor.intake.said import SEPARATOR

MANY_ROWS, MANY_DAYS = 20, 60
"""A number on more rows than this, over more days than this, is no incident's: `PENDING`, `0`, `see report`."""

FILLER = "its incident number stands on many rows of many days: it is counted by itself"


def without_fillers(rows: ir.Table, case: str, time: str) -> ir.Table:
    """The rows with nothing in the column `case` where its text is a filler, which their `notes` then say."""
    alike, moment = ibis.window(group_by=rows[case]), rows[time].cast("timestamp")
    days = moment.max().over(alike).cast("date").epoch_days() - moment.min().over(alike).cast("date").epoch_days()
    filler = (rows[case].notnull() & (rows[case].count().over(alike) > MANY_ROWS) & (days > MANY_DAYS)).fill_null(False)
    said = ibis.ifelse(rows.notes == "", FILLER, rows.notes.concat(SEPARATOR + FILLER))
    return rows.mutate(
        **{case: ibis.ifelse(filler, ibis.null("string"), rows[case]), "notes": ibis.ifelse(filler, said, rows.notes)}
    )
