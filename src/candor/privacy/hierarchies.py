"""How a column can be said more and more coarsely, from what is declared to not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import ibis.expr.types as ir

from candor.portal.model import SchemaColumn
from candor.privacy.generalise import GENERALISERS, dropped, parent, place_to_county

NONE, DROP = "none", "drop"


class Level(NamedTuple):
    """A step: its name in the data set's file, the function from the exact value, and what it says, in words."""

    name: str
    coarsen: Callable[[ir.Value], ir.Value]
    says: str


@dataclass(frozen=True)
class Hierarchy:
    """A column and its levels, each coarser than the one before; the first is what is declared today.

    `also` are columns that say the same less exactly or otherwise (the month of a time, the GEOID of a town): they are
    no longer published once the column changes.
    """

    column: str
    levels: tuple[Level, ...]
    also: tuple[str, ...] = ()


def hierarchy(
    column: SchemaColumn,
    parents: Mapping[str, str] | None = None,
    counties: Mapping[str, str] | None = None,
    also: tuple[str, ...] = (),
) -> Hierarchy:
    """The levels of a column: hour, date, month, year of a time; bands of 10 and 20 of a number; and at last, drop.

    A category with `parents` (value -> parent category) and a place with `counties` (place -> county) have that step
    between. It begins with the level that the column declares.
    """
    steps = [Level(NONE, lambda value: value, "as it is")]
    if parents is not None:
        steps.append(Level("parent", partial(parent, parents=parents), "its parent category"))
    elif counties is not None:
        steps.append(Level("county", partial(place_to_county, counties=counties), "its county"))
    else:
        # A date is said to the day already.
        steps += [
            Level(name, one.coarsen, one.says)
            for name, one in GENERALISERS.items()
            if column.type in one.types and (column.type, name) != ("date", "date")
        ]
    names = [level.name for level in steps]
    begin = names.index(column.generalise) if column.generalise in names else 0
    return Hierarchy(column.name, (*steps[begin:], Level(DROP, dropped, "not published")), also)
