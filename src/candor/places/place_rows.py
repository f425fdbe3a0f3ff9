"""Every row gets a town, or is said to have none: by point, then by declared name, then by the agency's area."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from candor.places.changes import Formerly
from candor.places.locate import NOWHERE
from candor.places.names import normalised

PLACE_NOTE = "_place_note"
BY_AGENCY = "agency area"
"""How a row is said to be placed that neither its point nor a name places."""
_SEPARATOR = "; "


def placed(
    table: ir.Table,
    *,
    index_column: str | None,
    name_column: str | None,
    areas: ir.Table,
    places: ir.Table,
    aliases: ir.Table,
    time_column: str | None = None,
    formerly: Sequence[Formerly] = (),
    read: ir.Table | None = None,
) -> ir.Table:
    """Add `geoid`, `town`, `county`, `placed_by`, and in `_place_note` what was odd, each note behind a separator.

    `index_column` is dropped.

    `places` has `idx, geoid, name, county`; `aliases` has `alias, geoid, ambiguous` with normalised names; `areas` has
    `agency, area_geoid` for the agencies that cover exactly one town. A point wins over a declared name, a name over
    the area; an ambiguous name gives no town. The index is `NOWHERE` for a point outside every town, another negative
    number or null for no point at all. `formerly`: a row whose time lies before a place was one of its own goes to the
    place that it was part of. `read`: the rows as they were read; their names are those of `table`, which may be dear
    to compute twice. The order of rows is not kept.
    """
    nothing = ibis.null("string")
    if index_column:
        by_point = places.select(_idx=places.idx.cast("int32"), _point=places.geoid)
        table = table.left_join(by_point, table[index_column] == by_point["_idx"])
        # A row without coordinates has no point that could lie outside.
        off = (table[index_column] == NOWHERE).fill_null(False)
        table = table.mutate(_off=off).drop("_idx", index_column)
    else:
        table = table.mutate(_point=nothing, _off=ibis.literal(False))
    if name_column:
        # Names repeat: each is normalised once, not once a row.
        written = table if read is None else read
        distinct = written.filter(written[name_column].notnull()).select(_name=written[name_column]).distinct()
        names = distinct.mutate(_alias=normalised(distinct["_name"]))
        known = aliases.select(_known="alias", _named="geoid", _ambiguous="ambiguous")
        names = names.left_join(known, names["_alias"] == known["_known"]).select("_name", "_named", "_ambiguous")
        table = table.left_join(names, table[name_column] == names["_name"]).drop("_name")
        note = ibis.cases(
            (table[name_column].isnull(), ""),
            (table["_ambiguous"].fill_null(False), _SEPARATOR + "ambiguous town name"),
            (table["_named"].isnull() | (table["_named"] == ""), _SEPARATOR + "unknown town name"),
            else_="",
        )
        named = ibis.ifelse(table["_ambiguous"].fill_null(True), nothing, table["_named"].nullif(""))
        table = table.mutate(_name_note=note, _named=named).drop("_ambiguous")
    else:
        table = table.mutate(_named=nothing, _name_note=ibis.literal(""))
    table = table.left_join(areas.rename(_agency="agency"), table.agency == areas.agency).drop("_agency")
    geoid = ibis.coalesce(table["_point"], table["_named"], table["area_geoid"])
    placed_by = ibis.cases(
        (table["_point"].notnull(), "point"),
        (table["_named"].notnull(), "declared town"),
        (table["area_geoid"].notnull(), BY_AGENCY),
        else_="not placed",
    )
    off_note = ibis.ifelse(table["_off"], _SEPARATOR + "point outside every town", "")
    table = table.mutate(geoid=geoid, placed_by=placed_by, **{PLACE_NOTE: off_note.concat(table["_name_note"])})
    table = table.drop("_point", "_off", "_named", "_name_note", "area_geoid")
    if time_column and formerly:
        table = table.mutate(geoid=_at_its_time(table.geoid, table[time_column], formerly))
    towns = places.select(_geoid="geoid", town="name", county="county")
    return table.left_join(towns, table.geoid == towns["_geoid"]).drop("_geoid")


def _at_its_time(geoid: ir.StringValue, time: ir.Value, formerly: Sequence[Formerly]) -> ir.StringValue:
    """The place that a place was part of at that time; the place itself where it was one of its own."""
    cases: list[tuple[ir.BooleanValue, str]] = []
    day = time.cast("date")
    for span in formerly:
        then = (geoid == span.geoid) & (day < ibis.date(span.until.isoformat()))
        if span.first:
            then &= day >= ibis.date(span.first.isoformat())
        cases.append((then.fill_null(False), span.belongs_to))
    return ibis.cases(*cases, else_=geoid)
