"""What a case's number must be to say which rows are of one: a filler that stands on rows of many days names none."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from candor.intake.said import SEPARATOR
from candor.intake.typed import NOTES
from candor.portal.schema_model import Schema

MANY_ROWS, MANY_DAYS = 20, 60
"""A number on more rows of an agency than this, over more days than this, is no incident's: `PENDING`, `see report`."""

FILLER = "its incident number stands on many rows of many days: it is counted by itself"


def without_fillers(rows: ir.Table, schema: Schema) -> ir.Table:
    """The typed rows with nothing in the column of the case where its text is a filler, which their notes then say.

    Of rows that are counted: of people, one may well be in many rows.
    """
    case, time = schema.with_role("case"), schema.with_role("time")
    if not schema.counted or case is None or time is None or not {case.name, time.name} <= set(rows.columns):
        return rows
    number, moment = rows[case.name], rows[time.name].cast("timestamp")
    alike = ibis.window(group_by=[rows[name] for name in (case.name, "agency") if name in rows.columns])
    last, first = (of.over(alike).cast("date").epoch_days() for of in (moment.max(), moment.min()))
    many = (number.count().over(alike) > MANY_ROWS) & (last - first > MANY_DAYS)
    filler = (number.notnull() & many).fill_null(False)
    return rows.mutate(
        **{
            case.name: ibis.ifelse(filler, ibis.null(number.type()), number),
            NOTES: ibis.ifelse(filler, rows[NOTES].concat(SEPARATOR + FILLER), rows[NOTES]),
        }
    )
