"""How a column can be said more and more coarsely, from what is declared to not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import ibis.expr.types as ir

from candor.portal.generalisations import bands
from candor.portal.schema_model import SchemaColumn
from candor.privacy.records.generalise import TIMES, band, dropped, generaliser, parent, place_to_county

NONE, DROP = "none", "drop"

_WIDTHS = (10, 20, 40)
_LAST_BAND = 80
_SAYS = {"hour": "the hour", "date": "the day", "month": "the month", "year": "the year"}


class Level(NamedTuple):
    """A step: its name, the function from the exact value, what it says, in words, and its keys in a data set's file.

    The last level, `drop`, has no keys: the column is not published.
    """

    name: str
    coarsen: Callable[[ir.Value], ir.Value]
    says: str
    keys: Mapping[str, str | int] = {}


@dataclass(frozen=True)
class Hierarchy:
    """A column and its levels, each coarser than the one before; the first is what is declared today.

    `also` are columns that say the same less exactly or otherwise (the month of a time, the GEOID of a town): they are
    no longer published once the column changes.
    """

    column: str
    levels: tuple[Level, ...]
    also: tuple[str, ...] = ()


def hierarchy(column: SchemaColumn, counties: Mapping[str, str] | None = None, also: tuple[str, ...] = ()) -> Hierarchy:
    """The levels of a column: hour, date, month, year of a time; bands of a number; and at last, drop.

    A category with `parents` has its parent category between, and a column that is published as its row's town has its
    county, where `counties` (town -> county) are given. It begins with what the column declares; a level that would not
    be coarser for every value is left out.
    """
    begin = Level(
        column.generalise, generaliser(column), says(column), {"generalise": column.generalise, **_numbers(column)}
    )
    steps = [begin, *_steps(column, counties), Level(DROP, dropped, "not published")]
    return Hierarchy(column.name, tuple(steps), also)


def says(column: SchemaColumn) -> str:
    """What is published of the column, in words."""
    width_and_top = bands(column)
    if width_and_top:
        return "bands of {}, the last from {}".format(*width_and_top)
    return {
        **_SAYS,
        "top": f"its number, {column.top} for all above",
        "parent": "its parent category",
        "town": "its town",
        "county": "its county",
        "hash": "a keyed hash",
    }.get(column.generalise, "as it is")


def _steps(column: SchemaColumn, counties: Mapping[str, str] | None) -> Iterator[Level]:
    """What lies between what is declared and nothing."""
    declared = column.generalise
    if column.type in ("timestamp", "date"):
        order = list(TIMES)
        # A date is said to the day already.
        first = order.index(declared) + 1 if declared in TIMES else (0 if column.type == "timestamp" else 2)
        for name in order[first:]:
            yield Level(name, TIMES[name], _SAYS[name], {"generalise": name})
    elif column.type in ("integer", "number"):
        yield from _bands(column)
    elif column.parents and declared == NONE:
        yield Level("parent", partial(parent, parents=column.parents), "its parent category", {"generalise": "parent"})
    elif counties and declared == "town":
        yield Level("county", partial(place_to_county, counties=counties), "its county", {"generalise": "county"})


def _bands(column: SchemaColumn) -> Iterator[Level]:
    """Wider bands whose last one holds the last one of today, so that each is made of whole bands of today."""
    width, top = bands(column) or (1, column.top or _LAST_BAND)
    for wider in _WIDTHS:
        last = min(top, _LAST_BAND) - min(top, _LAST_BAND) % wider
        if wider > width and wider % width == 0 and last >= wider:
            keys: dict[str, str | int] = {"generalise": f"band{wider}"}
            if wider not in (10, 20):
                keys = {"generalise": "band", "band": wider}
            if last != _LAST_BAND:
                keys["top"] = last
            yield Level(f"band{wider}", partial(band, width=wider, top=last),
                        f"bands of {wider}, the last from {last}", keys)  # fmt: skip
            width = wider


def _numbers(column: SchemaColumn) -> dict[str, int]:
    return {name: value for name, value in (("band", column.band), ("top", column.top)) if value is not None}
