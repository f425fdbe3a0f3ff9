"""A portal's own groups of similar towns, where it does not leave them to residents and second homes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from candor.errors import PortalError, Problem
from candor.places.pack import PlacesPack
from candor.places.table_file import Column, TableFile, place_code

SIMILAR: Final = TableFile(
    (place_code(once="town"), Column("group", "a group", "Name the group, or remove the line.", ".")),
    "Write the file, or correct its name in portal.toml.",
)


def read_similar(file: str, root: Path, pack: PlacesPack) -> Mapping[str, str]:
    """The group of each town by GEOID, from a CSV below `root` with the columns `geoid, group`.

    A group is said as it reads in a sentence: "higher than in *college towns*". A town without a line has none. Raises
    `PortalError` with every mistake: a place that is not of the pack, a line twice, a group without a name.
    """
    problems: list[Problem] = []
    towns = SIMILAR.read(root / file, problems, {"geoid": pack.places["geoid"]}, file)
    if problems:
        raise PortalError(problems)
    return dict(zip(*(column.to_pylist() for column in towns.columns), strict=True))
