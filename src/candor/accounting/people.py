"""Columns that tell of persons and are published: a person has to have opened each of them by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import ibis
import ibis.expr.types as ir

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.engine.base import Engine
from candor.errors import Problem
from candor.portal.generalisations import BY_PLACE
from candor.portal.lines import where
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import OwnSchema, Schema, SchemaColumn
from candor.privacy.people.columns import PersonFact, some_name_persons, tells_of_persons
from candor.privacy.people.headers import Fact, fact
from candor.privacy.people.values import Values

_LOOKED_AT = 2_000
_READ = ("text", "category", "integer")
_TIMES = ("date", "timestamp")
_COARSE = ("hash", "parent", *BY_PLACE)
"""What is published so is no longer what stood there."""


def opened_by_nobody(context: Context, accounted: Accounted) -> list[Problem]:
    """The columns that a data set publishes, that tell of persons, and that nobody opened by name.

    In a schema of the portal's own the header tells, and the values; in a standard one, whose columns are known, the
    values alone. Nothing of a value is said.
    """
    dataset, schema = accounted.dataset, accounted.schema
    columns = [c for c in schema.public_columns if not c.derived and c.name in dataset.columns]
    columns = [c for c in columns if c.generalise not in _COARSE and not _opened(dataset, c)]
    if not columns:
        return []
    table = context.engine.read(accounted.path)
    read = [c.name for c in columns if c.type in _READ and c.name in table.columns and c.role != "category"]
    values = _values(table.filter(table.outcome == "published"), read, context.engine)
    return [
        _problem(context, dataset, column, found)
        for column in columns
        if (found := _found(dataset, schema, column, values.get(column.name), context.place_names))
    ]


def some_named(context: Context, accounted: Accounted, scanned: Collection[str]) -> list[Problem]:
    """The published columns of plain labels of which some read like a person's name or an address.

    Not those in which the scan of texts found something (`scanned`): it says that better, and a review passes it.
    """
    dataset, table = accounted.dataset, context.engine.read(accounted.path)
    columns = [
        c
        for c in accounted.schema.public_columns
        if c.type in ("text", "category") and c.role != "category" and c.generalise not in _COARSE
        and not c.derived and c.name in table.columns and c.name not in scanned and not _opened(dataset, c)
    ]  # fmt: skip
    values = _values(table.filter(table.outcome == "published"), [c.name for c in columns], context.engine)
    return [p for c in columns for p in _some(context, dataset, c, values.get(c.name))]


def _some(context: Context, dataset: DatasetConfig, column: SchemaColumn, values: Values | None) -> Iterator[Problem]:
    """The problem of a column of plain labels of which some read like names of persons or addresses."""
    headers = [column.name, column.label, *dataset.columns[column.name].sources]
    named = some_name_persons(headers, values, context.place_names) if values else 0
    if values and named:
        yield Problem(
            _where(context, dataset, column),
            f"the column {column.name!r}, which is published; {named:,} of its {values.distinct:,} different values "
            f"{'reads' if named == 1 else 'read'} like a person's name or an address",
            "values that name nobody",
            "Correct them in the source, or withhold the column. Where they are none, write "
            f"[reviewed.{column.name}] with name, date and reason.",
        )


def _found(
    dataset: DatasetConfig, schema: Schema, column: SchemaColumn, values: Values | None, places: Collection[str]
) -> PersonFact | None:
    """What the column tells of persons; None where that is nothing, or where a rule of k protects it."""
    if not _is_own(dataset):
        return tells_of_persons(["measure count"], values, places) if values else None
    if column.role == "time":
        return None
    found = tells_of_persons([column.name, column.label, *dataset.columns[column.name].sources], values, places)
    if column.type in _TIMES and (found is None or found.fact.name == "clock"):
        found = PersonFact(fact("moment"), "header") if _says_more(schema, column) else None
    return None if found and found.fact.trait and _alike(dataset, column) else found


def _says_more(schema: Schema, column: SchemaColumn) -> bool:
    """Whether a time may say more exactly when a row was than the row's own time does, or says its minute."""
    time = schema.with_role("time")
    beside = time is not None and time.publish and column.generalise == "hour"
    return column.type == "timestamp" and (beside or column.generalise == "none")


def _alike(dataset: DatasetConfig, column: SchemaColumn) -> bool:
    """Whether the data set's file asks that enough rows are alike in the column."""
    rule = dataset.anonymity
    if rule is None:
        return False
    return column.name in rule.quasi or (not rule.quasi and column.disclosure == "quasi")


def _opened(dataset: DatasetConfig, column: SchemaColumn) -> bool:
    """Whether a person opened the column by name, or read all of it and passed it."""
    rule = dataset.disclosure.get(column.name)
    return column.name in dataset.reviewed or bool(rule and rule.approved_by.strip() and rule.date)


def _is_own(dataset: DatasetConfig) -> bool:
    return isinstance(dataset.schema_, OwnSchema) or dataset.of_profile is not None


def _values(rows: ir.Table, names: Sequence[str], engine: Engine) -> dict[str, Values]:
    """By column, its commonest values with their rows."""
    if not names:
        return {}
    cells = ibis.union(
        *(rows.select(column=ibis.literal(n), value=rows[n].cast("string")) for n in names), distinct=False
    )
    cells = cells.filter(cells.value.notnull())
    counted = cells.group_by("column", "value").aggregate(rows=cells.count())
    of_column = ibis.window(group_by="column")
    ranked = counted.mutate(
        place=ibis.row_number().over(group_by="column", order_by=[ibis.desc("rows"), "value"]),
        of=counted.rows.sum().over(of_column),
        several=counted.count().over(of_column),
    )
    found: dict[str, Values] = {}
    lines = engine.arrow(ranked.filter(ranked.place < _LOOKED_AT).order_by("column", "place")).to_pydict()
    for name in dict.fromkeys(lines["column"]):
        at = [i for i, column in enumerate(lines["column"]) if column == name]
        labels = [(" ".join(lines["value"][i].split()), int(lines["rows"][i])) for i in at]
        found[name] = Values(labels, int(lines["of"][at[0]]), int(lines["several"][at[0]]))
    return found


def _problem(context: Context, dataset: DatasetConfig, column: SchemaColumn, found: PersonFact) -> Problem:
    told, own = found.fact, isinstance(dataset.schema_, OwnSchema)
    inside = (
        f'publish = false and reason = "{told.reason}"' if own
        else f"publish = false and a reason under [disclosure.{column.name}]"
    )  # fmt: skip
    return Problem(
        _where(context, dataset, column),
        f"the column {column.name!r}, which is published; {found.words}",
        "such a column inside, or opened by a person by name",
        f"Write {inside}. {_on_purpose(column, told)}",
    )


def _on_purpose(column: SchemaColumn, told: Fact) -> str:
    alike = f", or [anonymity] with k and {column.name} among quasi, for rows that are alike" if told.trait else ""
    return (
        f"To publish it on purpose, write [disclosure.{column.name}] with reason, approved_by and date, all of them "
        f"public{alike}."
    )


def _where(context: Context, dataset: DatasetConfig, column: SchemaColumn) -> str:
    own = isinstance(dataset.schema_, OwnSchema)
    path = ("schema", "columns", _position(dataset, column)) if own else ("columns", column.name)
    return where(context.portal.root, f"datasets/{dataset.name}.toml", *path)


def _position(dataset: DatasetConfig, column: SchemaColumn) -> int:
    declared = dataset.schema_
    return [c.name for c in declared.columns].index(column.name) if isinstance(declared, OwnSchema) else 0
