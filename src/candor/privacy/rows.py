"""Rows made safe: which rows, which of their columns, and how exactly they say it."""

from __future__ import annotations

from collections.abc import Collection

import ibis

from candor.portal.model import Schema, SchemaColumn
from candor.portal.problems import DataError
from candor.privacy.columns import public_columns
from candor.privacy.generalise import GENERALISERS

COUNTED_APART = "marked-sensitive"
"""The category, and its group, under which calls of open categories are counted whose rows are withheld."""


def safe_rows(accounted: ibis.Table, schema: Schema) -> ibis.Table:
    """The rows that are published, with the columns that may be, generalised as the schema declares.

    `accounted` has one line for every row read (docs/architecture.md, section 4). Kept are rows whose outcome is
    `published`, and of these the schema's public columns in the schema's order: an allow list, so that a column nobody
    thought of stays inside. The order of the rows is not defined, and nothing in them says where in the source they
    stood.

    Raises `DataError` where a public column is missing from `accounted`, is a coordinate, or cannot be generalised as
    declared.
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
    return rows.select(**{c.name: generalised(rows[c.name], c) for c in columns})


def counted_apart(accounted: ibis.Table, sensitive_categories: Collection[str]) -> ibis.Table:
    """The accounted table, with calls whose row is withheld counted under a sensitive category.

    A call of an open category may still be withheld as a row, because its agency marks it (as related to domestic
    violence, say) or because the crosswalk makes its call type sensitive. Counted as what it is, it could be had by
    subtraction: five disturbances in the table, four among the rows, so one was domestic. Here it moves to the category
    `marked-sensitive`, whose counts are protected like those of every sensitive category. After this the count of an
    open category is the number of its published rows, and the two releases say the same.
    """
    hidden = accounted.counted & (accounted.outcome != "published")
    moved = (hidden & ~accounted.category.isin(sorted(sensitive_categories))).fill_null(False)
    return accounted.mutate(
        category=ibis.ifelse(moved, COUNTED_APART, accounted.category),
        category_group=ibis.ifelse(moved, COUNTED_APART, accounted.category_group),
    )


def generalised(value: ibis.Value, column: SchemaColumn) -> ibis.Value:
    """The value, said as coarsely as `column.generalise` declares.

    How, says `generalise.GENERALISERS`. An empty value stays empty.

    Raises `DataError` where the column's type does not have what is asked for.
    """
    if column.generalise == "none":
        return value
    types, coarsen, _ = GENERALISERS[column.generalise]
    if column.type not in types:
        raise DataError(
            f"{column.name} is of type {column.type} and to be generalised to {column.generalise}",
            f"{column.generalise} for the types {', '.join(types)}",
            "Correct `generalise` or `type` of the column",
        )
    return coarsen(value)
