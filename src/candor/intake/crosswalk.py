"""The agency's own words become standard categories: the crosswalk as a table, and its join."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from candor.engine.base import Engine
from candor.portal.crosswalks import folded
from candor.portal.model import CrosswalkEntry
from candor.profiles.taxonomy import Taxonomy

_KEY = "_type_key"
_SCHEMA = pa.schema(
    [
        (_KEY, pa.string()),
        ("category", pa.string()),
        ("category_group", pa.string()),
        ("_officer", pa.bool_()),
        ("sensitivity", pa.string()),
        ("_release", pa.string()),
    ]
)


def crosswalk_table(entries: Sequence[CrosswalkEntry], taxonomy: Taxonomy) -> pa.Table:
    """One line for each local call type: category, group, whether officers begin it, sensitivity, release mode.

    A portal may make a type more sensitive than its category, never less.
    """
    lines: list[dict[str, object]] = []
    for entry in entries:
        category = taxonomy.get(entry.category) or taxonomy.unmapped
        tightened = entry.sensitivity == "sensitive" and category.sensitivity == "open"
        lines.append(
            {
                _KEY: folded(entry.call_type),
                "category": category.slug,
                "category_group": category.group,
                "_officer": (entry.initiated_by or category.initiated_by) == "officer",
                "sensitivity": "sensitive" if tightened else category.sensitivity,
                "_release": "aggregates" if tightened else category.release,
            }
        )
    return pa.Table.from_pylist(lines, schema=_SCHEMA)


def categorised(
    table: ir.Table,
    type_column: str,
    origin_column: str | None,
    officer_labels: Sequence[str],
    entries: pa.Table,
    taxonomy: Taxonomy,
    engine: Engine,
) -> ir.Table:
    """The table with `category`, `category_group`, `initiated_by`, `sensitivity`, `_release`.

    A type that the crosswalk does not name is `unmapped`: it is counted, never published as a row. So is an empty cell,
    where no line of the crosswalk has an empty type. A call is officer-initiated if its type is, or if its origin says
    so.
    """
    unmapped = taxonomy.unmapped
    crosswalk = engine.table(entries)
    keyed = table.mutate(**{_KEY: table[type_column].lower().fill_null("")})
    joined = keyed.left_join(crosswalk, _KEY)
    from_origin: ir.BooleanValue = ibis.literal(False)
    if origin_column and officer_labels:
        from_origin = joined[origin_column].isin(list(officer_labels)).fill_null(False)
    return joined.mutate(
        category=joined.category.fill_null(unmapped.slug),
        category_group=joined.category_group.fill_null(unmapped.group),
        sensitivity=joined.sensitivity.fill_null(unmapped.sensitivity),
        _release=joined["_release"].fill_null(unmapped.release),
        initiated_by=ibis.ifelse(joined["_officer"].fill_null(False) | from_origin, "officer", "citizen"),
    ).drop(_KEY, f"{_KEY}_right", "_officer")
