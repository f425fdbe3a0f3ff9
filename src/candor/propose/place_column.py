"""The column that names the places of rows, found by its values: those of the portal's own places, names or codes."""

from __future__ import annotations

import dataclasses

from candor.portal.schema_model import Schema
from candor.propose.coverage import Towns
from candor.propose.mapping import Mapped, StandardMapping
from candor.propose.profiling import Column, Profile
from candor.vocabulary.nouns import kind_in

_MOST = 0.7
"""Of the rows, how many have to name a place."""
_FEWEST = 0.1
_NUMBERS = 0.5


def with_place(mapping: StandardMapping, profile: Profile, schema: Schema, towns: Towns | None) -> StandardMapping:
    """The mapping with the column of places, where none was found by its header, or one whose values are no places."""
    wanted = schema.with_role("place")
    if wanted is None or towns is None or towns.places.num_rows < 2:
        return mapping
    now = next((m for m in mapping.columns if m.name == wanted.name), None)
    named = naming(profile.column(now.source), towns) if now else 0.0
    if named >= _FEWEST:
        return mapping
    free = {c.source for c in mapping.left_out}
    share = {c.name: naming(c, towns) for c in profile.columns if c.name in free}
    best = max(share, key=lambda name: share[name], default="")
    if not best or share[best] < _MOST:
        return mapping
    why = f"{best} is taken for the place of a row: {share[best]:.0%} of its values are places of the portal."
    kept = [m for m in mapping.columns if m.name != wanted.name]
    order = {c.name: i for i, c in enumerate(schema.columns)}
    columns = sorted([*kept, Mapped(wanted.name, best, remarks=(why,))], key=lambda m: order.get(m.name, 0))
    left = tuple(c for c in mapping.left_out if c.source != best)
    if now:
        gone = dataclasses.replace(mapping.left_out[0], source=now.source, reason=f"{best} names the places")
        left = (*left, gone)
    return StandardMapping(tuple(columns), left, mapping.unsure)


def naming(column: Column, towns: Towns) -> float:
    """The share of a column's rows that name one place of the portal.

    Numbers are codes of places only in a column that is called after what a place is: a priority may be 1 to 5 too.
    """
    total = sum(rows for _, rows in column.labels)
    if not total or (column.share("number") >= _NUMBERS and not _called(column, towns)):
        return 0.0
    return sum(rows for label, rows in column.labels if len(towns.named(label)) == 1) / total


def _called(column: Column, towns: Towns) -> bool:
    return bool(towns.parts) and kind_in(column.name) == (towns.parts or ("",))[0]
