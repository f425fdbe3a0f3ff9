"""Every row that was read gets exactly one outcome: published, duplicate, quarantined or withheld."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from candor.intake.cases import without_fillers
from candor.intake.duplicates import DUPLICATE
from candor.intake.flags import FLAG
from candor.intake.said import SEPARATOR
from candor.intake.selection import LEFT_OUT
from candor.intake.typed import NOTES, PROBLEMS
from candor.portal.schema_model import Role, Schema, SchemaColumn
from candor.profiles.taxonomy import UNMAPPED
from candor.sources.base import ROW

_DERIVED = frozenset(
    (
        "agency",
        "geoid",
        "town",
        "county",
        "placed_by",
        "category",
        "category_group",
        "initiated_by",
        "sensitivity",
        "month",
    )
)
KEY, WHERE, CASE = "_key", "_where", "_case"
"""The fingerprints of a row's key, of what its place was found by, and of the case or person that it is about."""
MARKED = "_marked"
"""Whether its agency marks a row as sensitive; null where the row is so by its type. Of agencies that can; inside."""
_MARK = "_mark"
COUNTS_ONLY = "its category is published as counts only: "

OUTCOMES = ("published", "duplicate", "quarantined", "withheld", "left out")


def accounted(table: ir.Table, schema: Schema, note_columns: Sequence[str] = ()) -> ir.Table:
    """The table of docs/architecture.md, section 4: `outcome`, `reasons`, `notes`, `counted` for every row.

    The order of the rules: a row that does not count by declaration (`selection`) is left out; a row with a problem is
    quarantined; a row that repeats another is a duplicate; a row of a category that is not released as records, or
    that its agency flags as sensitive, is withheld; the rest is published.
    A row that is not marked itself is where another row of its case is. `note_columns` hold further notes, made on the
    way here.
    """
    table = _with_marks(without_fillers(table, schema), schema)
    withheld = _withheld(table, schema)
    problem, duplicate = table[PROBLEMS] != "", table[DUPLICATE]
    left_out: ir.StringValue = table[LEFT_OUT] if LEFT_OUT in table.columns else ibis.literal("")
    outcome = ibis.cases(
        (left_out != "", "left out"),
        (problem, "quarantined"),
        (duplicate, "duplicate"),
        (withheld != "", "withheld"),
        else_="published",
    )
    reasons = ibis.cases(
        (left_out != "", left_out),
        (problem, table[PROBLEMS]),
        (duplicate, "an earlier row with its key says the same in every column that is used"),
        (withheld != "", withheld),
        else_="",
    )
    counted: ir.BooleanValue = ibis.literal(False)
    if schema.counted:
        counted = (left_out == "") & ~problem & ~duplicate & (table["_release"] != "withheld")
    notes = ibis.literal("").join([table[name] for name in (NOTES, *note_columns)]).substr(len(SEPARATOR))
    result = table.mutate(outcome=outcome, reasons=reasons, notes=notes, counted=counted, **_of_open_type(table))
    if "sensitivity" in table.columns and _MARK in table.columns:
        # Of one call, whatever its category: its agency may mark it.
        result = result.mutate(sensitivity=ibis.ifelse(table[_MARK], "sensitive", table.sensitivity))
    time = schema.with_role("time")
    if time and time.name in table.columns:
        # Through a timestamp: cut to the month, DuckDB's date is one, whatever the expression says.
        result = result.mutate(month=result[time.name].cast("timestamp").truncate("M").cast("date"))
    result = result.mutate(**_fingerprints(result, schema))
    inside = [c for c in (KEY, WHERE, CASE, MARKED) if c in result.columns]
    first = [ROW, "outcome", "reasons", "notes", "counted", *inside]
    # An allow list here too: what identifies has done its work.
    public = {c.name for c in schema.public_columns} | _DERIVED
    return result.select(*first, *[c for c in result.columns if c in public and c not in first])


def _fingerprints(table: ir.Table, schema: Schema) -> dict[str, ir.StringValue]:
    """Hashes, for inside alone: of a row's key, of what its place was found by, of its case or person."""
    key, case = schema.with_role("key"), schema.with_role("case")
    of_case = {CASE: table[case.name].cast("string").hexdigest("md5")} if case and case.name in table.columns else {}
    if key is None or key.name not in table.columns:
        return of_case
    roles: tuple[Role, ...] = ("latitude", "longitude", "place")
    told = [c.name for role in roles if (c := schema.with_role(role)) and c.name in table.columns]
    where = ibis.literal("|").join([ibis.literal(""), *[table[n].cast("string").fill_null("") for n in told]])
    return of_case | {KEY: table[key.name].cast("string").hexdigest("md5"), WHERE: where.hexdigest("md5")}


def _with_marks(table: ir.Table, schema: Schema) -> ir.Table:
    """The table with `_mark`: whether the agency marks a row, or another of its case; as it is where there are none."""
    marks = [table[c.name].fill_null(False) for c in schema.columns if _marks(c, table)]
    marks += [table[FLAG] != ""] if FLAG in table.columns else []
    if not marks:
        return table
    mark, case = reduce(or_, marks), schema.with_role("case")
    if case and case.name in table.columns:
        of = [table[name] for name in (case.name, "agency") if name in table.columns]
        mark = mark | ((mark.cast("int64").max().over(group_by=of) == 1) & table[case.name].notnull())
    return table.mutate(**{_MARK: mark})


def _of_open_type(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """`_marked`, where there are marks."""
    if _MARK not in table.columns:
        return {}
    by_type: ir.BooleanValue = ibis.literal(False)
    if "sensitivity" in table.columns:
        by_type = (table.sensitivity == "sensitive").fill_null(False)
    return {MARKED: ibis.ifelse(by_type, ibis.null("boolean"), table[_MARK])}


def _marks(column: SchemaColumn, table: ir.Table) -> bool:
    return column.role == "sensitive_flag" and column.name in table.columns


def _withheld(table: ir.Table, schema: Schema) -> ir.StringValue:
    cases: list[tuple[ir.BooleanValue, ir.StringValue | str]] = []
    if "category" in table.columns and "_release" in table.columns:
        cases += [
            (table.category == UNMAPPED, "its call type is not mapped to a standard category"),
            (table["_release"] == "withheld", ibis.literal("its category is withheld: ").concat(table.category)),
            (table["_release"] == "aggregates", ibis.literal(COUNTS_ONLY).concat(table.category)),
        ]  # fmt: skip
    for column in schema.columns:
        if _marks(column, table):
            cases.append((table[column.name].fill_null(False), f"its agency marks it: {column.label.lower()}"))
    if FLAG in table.columns:
        cases.append((table[FLAG] != "", ibis.literal("its agency marks it: ").concat(table[FLAG].lower())))
    if _MARK in table.columns:
        cases.append((table[_MARK], "its agency marks another row of its case"))
    return ibis.cases(*cases, else_="") if cases else ibis.literal("")
