"""Rows about people under 18 have neither age, sex nor race, nor what tells how they look (METHODS, Protection 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from candor.portal.schema_model import Schema, SchemaColumn
from candor.portal.words import header_words
from candor.privacy.people.headers import by_header
from candor.privacy.people.lists import words

Sources = Mapping[str, Sequence[str]]
"""By column of the schema, the columns of the source that it is read from."""

_GROWN = 18
_TRAITS = ("birth", "age", "sex", "race", "physique")
_AGES = ("birth", "age")
_YOUNG = words("young")
_GROUPS = (
    r"^\s*(?:juv|child|teen|youth|minor|infant|kid|(?:under|below|<|less than)\s*1[0-8]\b"
    r"|(?:[0-9]|1[0-7])\s*(?:-|to)\s*[0-9]|(?:[0-9]|1[0-7])\s*(?:and|or)\s*(?:under|younger))"
)


def telling_ages(schema: Schema, sources: Sources) -> tuple[str, ...]:
    """The columns that tell who is under 18, where the schema publishes a trait of persons; else none."""
    if not _traits(schema, sources):
        return ()
    return tuple(c.name for c in schema.columns if c.name in sources and _tells_age(c, sources))


def without_traits_of_juveniles(table: ir.Table, schema: Schema, sources: Sources) -> ir.Table:
    """The typed rows, with nothing in the published traits of persons where a row is about somebody under 18."""
    traits = [name for name in _traits(schema, sources) if name in table.columns]
    ages = [c for c in schema.columns if c.name in telling_ages(schema, sources) and c.name in table.columns]
    marks = [mark for c in ages if (mark := _young(table, c, schema)) is not None]
    if not traits or not marks:
        return table
    young = reduce(lambda one, other: one | other, (mark.fill_null(False) for mark in marks))
    return table.mutate(**{t: ibis.ifelse(young, ibis.null(table[t].type()), table[t]) for t in traits})


def _traits(schema: Schema, sources: Sources) -> list[str]:
    public = [c for c in schema.public_columns if not c.derived and c.role == "none" and c.name in sources]
    return [c.name for c in public if _fact(c, sources) in _TRAITS]


def _fact(column: SchemaColumn, sources: Sources) -> str:
    """The name of what a column tells of persons by its headers; empty where they tell nothing."""
    told = (by_header(header_words(h)) for h in (column.name, column.label, *sources[column.name]))
    return next((one.name for one in told if one), "")


def _tells_age(column: SchemaColumn, sources: Sources) -> bool:
    headers = (column.name, column.label, *sources[column.name])
    said = {word for header in headers for word in header_words(header)}
    return _fact(column, sources) in _AGES or (column.type == "boolean" and bool(said & _YOUNG))


def _young(table: ir.Table, column: SchemaColumn, schema: Schema) -> ir.BooleanValue | None:
    """Whether a row is about somebody under 18 by a column; None where the column cannot tell."""
    value = table[column.name]
    if column.type == "boolean":
        return value.cast("boolean")
    if column.type in ("integer", "number"):
        return (value >= 0) & (value < _GROWN)
    if column.type in ("text", "category"):
        return value.cast("string").lower().re_search(_GROUPS)
    time = schema.with_role("time")
    if column.type in ("date", "timestamp") and time and time.name in table.columns:
        return value.cast("date") > table[time.name].cast("date") - ibis.interval(years=_GROWN)
    return None
