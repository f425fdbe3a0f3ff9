"""Where something was, as a source writes it, becomes degrees; coordinates that cannot be are made null and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.engine.projection import ToDegrees
from candor.intake.said import SEPARATOR
from candor.portal.point_forms import PARTS_OF_CIRCLE, POINT_FORMS, Axis
from candor.portal.schema_model import Schema

NOTES: Final = "_notes"


@dataclass(frozen=True)
class Box:
    """Degrees that enclose the portal's places: what a swapped pair of coordinates is recognised by."""

    west: float
    south: float
    east: float
    north: float


def coordinate(text: ir.StringValue, axis: Axis, form: str, engine: Engine) -> ir.FloatingValue:
    """The number that a text stands for, null where it is none. `form` is one of `POINT_FORMS`."""
    read = POINT_FORMS[form]
    if read.found:
        pattern, group = read.found[axis]
        text = text.re_extract(pattern, group)
    if read.circle:
        return _of_circle(text, engine)
    match read.decimals:
        case "point":
            text = text.replace(",", "")
        case "either":
            text = text.replace(",", ".")
        case "comma":
            # "38,0477" and "1.148.213,5"; a cell with a point and no comma is written the other way after all.
            text = ibis.ifelse(text.contains(","), text.replace(".", "").replace(",", "."), text)
    value = engine.number(text)
    if read.west:
        value = -value.abs()
    return value * read.factor if read.factor != 1 else value


def _of_circle(text: ir.StringValue, engine: Engine) -> ir.FloatingValue:
    """Degrees, minutes and seconds, each of which may be missing from the end; a sign or a letter for the side."""

    def part(group: int) -> ir.FloatingValue:
        return engine.number(text.re_extract(PARTS_OF_CIRCLE, group))

    minutes, seconds = part(3).fill_null(0.0), part(4).fill_null(0.0)
    value = part(2) + minutes / 60 + seconds / 3600
    side = text.re_extract(PARTS_OF_CIRCLE, 1).concat(text.re_extract(PARTS_OF_CIRCLE, 5)).upper()
    signed = ibis.ifelse(side.isin(("S", "W", "-", "−")), -value, value)
    return ibis.ifelse((minutes < 60) & (seconds < 60), signed, ibis.null("float64"))


def usable_points(
    table: ir.Table,
    given: Mapping[str, ir.BooleanValue],
    schema: Schema,
    box: Box | None,
    epsg: int | None,
    engine: Engine,
) -> ir.Table:
    """Coordinates in degrees, and the column `NOTES`: what cannot be is made null, and the note says why.

    They are never guessed at. `given` says by column whether its cell holds anything; `epsg` is the projection that the
    numbers are in, None for degrees.
    """
    latitude, longitude = schema.with_role("latitude"), schema.with_role("longitude")
    if not (latitude and longitude and latitude.name in table.columns and longitude.name in table.columns):
        return table.mutate(**{NOTES: ibis.literal("")})
    unread = (given[latitude.name] & table[latitude.name].isnull()) | (
        given[longitude.name] & table[longitude.name].isnull()
    )
    table = table.mutate(_unread=unread, _null_island=(table[latitude.name] == 0) & (table[longitude.name] == 0))
    if epsg is not None:
        table = engine.projected(table, longitude.name, latitude.name, ToDegrees(epsg))
    y, x = table[latitude.name], table[longitude.name]
    null_island = table["_null_island"]
    on_earth = y.between(-90, 90) & x.between(-180, 180)
    swapped = ibis.literal(False)
    if box:
        swapped = (
            x.between(box.south, box.north) & y.between(box.west, box.east)
            & ~(y.between(box.south, box.north) & x.between(box.west, box.east))
        )  # fmt: skip
    good = (on_earth & ~null_island & ~swapped).fill_null(False)
    note = ibis.cases(
        (table["_unread"].fill_null(False), SEPARATOR + "coordinates are not of the form declared"),
        (null_island.fill_null(False), SEPARATOR + "coordinates are 0, 0"),
        (swapped.fill_null(False), SEPARATOR + "coordinates look swapped"),
        ((~on_earth).fill_null(False), SEPARATOR + "coordinates are off the globe"),
        else_="",
    )
    nothing = ibis.null("float64")
    return table.mutate(
        **{
            NOTES: note,
            latitude.name: ibis.ifelse(good, y, nothing),
            longitude.name: ibis.ifelse(good, x, nothing),
        }
    ).drop("_unread", "_null_island")
