"""The areas in which calls are published, in words. Where in an area a call was is not known to the site."""

from __future__ import annotations

from datetime import date
from typing import Final

from candor.messages.words import month_name, number

CATCHMENT_NOTES: Final = (
    "The areas are drawn alike: how many calls an area has says above all how many people live in it or pass through.",
    "That an area has many addresses does not say that they are many buildings: a publisher counts doors at different "
    "points, and cannot know more.",
)
"""What to know of a map of areas."""

SCHEMATIC_AREAS: Final = "The borders of towns are drawn here, not surveyed, and so are the areas that end at them."


def catchments_sentence(town: str, areas: int, least: int, unit: str) -> str:
    """How closely a town's calls are placed: "Calls in Alder are placed in one of 24 areas, each with 8 ..."."""
    where = f"one of {number(areas)} areas, each with {number(least)} {unit} or more"
    if areas == 1:
        where = f"one area, with {number(least)} {unit} or more"
    return f"Calls in {town} whose place is known are published in {where}. Where in the area a call was is not told."


def catchments_caption(title: str, town: str, first: date | None, last: date | None) -> str:
    """The heading of the table of areas. `first`, `last`: the days of the data set's rows, where it says them."""
    when = f", {month_name(first)} to {month_name(last)}" if first and last else ""
    return f"{title}: areas in {town}, with the calls of open kinds that are published one by one{when}"


def area_words(number_on_map: int, area: str, parts: int) -> str:
    """An area as its outline says it: "1: Town Green and 2 more, joined of 3"."""
    return f"{number_on_map}: {area}" + (f", joined of {number(parts)}" if parts > 1 else "")


def without_area(calls: int) -> str:
    """Calls of the town that have no area."""
    have = "call has" if calls == 1 else "calls have"
    why = "no usable point was recorded, or the areas are not for the agency"
    return f"{number(calls)} published {have} no area: {why}."
