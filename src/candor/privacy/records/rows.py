"""Rows made safe: which rows, which of their columns, and how exactly they say it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis

from candor.engine.base import Engine
from candor.errors import DataError
from candor.portal.generalisations import BY_PLACE, TYPES
from candor.portal.keys import Key
from candor.portal.schema_model import Schema, SchemaColumn
from candor.privacy.records.columns import public_columns
from candor.privacy.records.generalise import generaliser
from candor.privacy.records.pseudonyms import pseudonymise
from candor.profiles.taxonomy import COUNTED_APART


@dataclass(frozen=True)
class Hashing:
    """What keyed hashes are made with, and of which data set: its columns have a context of their own each."""

    key: Key
    engine: Engine
    dataset: str


def safe_rows(
    accounted: ibis.Table, schema: Schema, hashing: Hashing | None = None, exactly: Collection[str] = ()
) -> ibis.Table:
    """The rows that are published, with the columns that may be, generalised and hashed as the schema declares.

    `accounted` has one line for every row read (docs/architecture.md, section 4). Kept are rows whose outcome is
    `published`, and of these the schema's public columns in the schema's order: an allow list, so that a column nobody
    thought of stays inside. The order of the rows is not defined, and nothing in them says where in the source they
    stood. The columns `exactly` are not generalised yet, and columns that only the inside needs (`privacy.times`) come
    along where they begin with `_`: both are for the step behind this one.

    Raises `DataError` where a public column is missing from `accounted`, is a coordinate, cannot be generalised as
    declared, or is to be hashed and there is no key.
    """
    columns = public_columns(schema)
    missing = [c.name for c in columns if c.name not in accounted.columns]
    if missing:
        raise DataError(
            f'The schema "{schema.name}" publishes {", ".join(missing)}, which the rows do not have',
            ", ".join(accounted.columns),
            "Map the column to one of the source, or set publish = false",
        )
    rows = accounted.filter(accounted.outcome == "published")
    said = {c.name: exact(rows, c) if c.name in exactly else generalised(exact(rows, c), c) for c in columns}
    inside = [name for name in exactly if name.startswith("_") and name in rows.columns]
    safe = rows.select(**said, **{name: rows[name] for name in inside})
    hashed = [c for c in columns if c.generalise == "hash"]
    if not hashed:
        return safe
    if hashing is None:
        raise DataError(
            f'The schema "{schema.name}" publishes {", ".join(c.name for c in hashed)} as keyed hashes, and there is '
            "no key",
            "key_file under [privacy] in portal.toml",
            "Make one with `candor key new FILE`. Nothing was published",
        )
    contexts = {c.name: c.context or f"{hashing.dataset}.{c.name}" for c in hashed}
    return pseudonymise(safe, contexts, hashing.key, hashing.engine).select(*[c.name for c in columns], *inside)


def exact(rows: ibis.Table, column: SchemaColumn) -> ibis.Value:
    """What is generalised: the column's own value, or the town or county of the row. Raises `DataError` without one."""
    if column.generalise not in BY_PLACE:
        return rows[column.name]
    if column.generalise not in rows.columns:
        raise DataError(
            f"{column.name} is to be published as the {column.generalise} of its row, and the rows have no place",
            "rows that were placed",
            "This is a fault of the program: nothing was published.",
        )
    return rows[column.generalise]


def counted_apart(accounted: ibis.Table, sensitive_categories: Collection[str]) -> ibis.Table:
    """The accounted table, with calls whose row is withheld counted under a sensitive category.

    A call of an open category may still be withheld as a row, because its agency marks it (as related to domestic
    violence, say) or because the crosswalk makes its call type sensitive. Counted as what it is, it could be had by
    subtraction: five disturbances in the table, four among the rows, so one was domestic. Here it moves to the category
    `marked-sensitive`, whose counts are protected like those of every sensitive category. After this the count of an
    open category is the number of its published rows, and the two releases say the same. (An open category that the
    portal publishes as counts only has no rows; what is `sensitive` in it moves all the same.)
    """
    hidden = accounted.counted & (accounted.outcome != "published") & (accounted.sensitivity == "sensitive")
    moved = (hidden & ~accounted.category.isin(sorted(sensitive_categories))).fill_null(False)
    return accounted.mutate(
        category=ibis.ifelse(moved, COUNTED_APART, accounted.category),
        category_group=ibis.ifelse(moved, COUNTED_APART, accounted.category_group),
    )


def generalised(value: ibis.Value, column: SchemaColumn) -> ibis.Value:
    """The value, said as coarsely as `column.generalise` declares; an identifier that is to be hashed as text.

    An empty value stays empty. Raises `DataError` where the column's type does not have what is asked for.
    """
    if column.generalise == "none":
        return value
    types = TYPES[column.generalise]
    if column.type not in types:
        raise DataError(
            f"{column.name} is of type {column.type} and to be generalised to {column.generalise}",
            f"{column.generalise} for the types {', '.join(types)}",
            "Correct `generalise` or `type` of the column",
        )
    if column.generalise == "hash":
        return value.cast("string")
    return generaliser(column)(value)
