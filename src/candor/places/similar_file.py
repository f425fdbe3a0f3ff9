"""A portal's own groups of similar towns, where it does not leave them to residents and second homes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pyarrow.compute as pc

from candor.errors import PortalError, Problem
from candor.places.pack import PlacesPack
from candor.places.text_csv import Lines, table_with_header

COLUMNS: Final = ("geoid", "group")
_REMEDY: Final = "Write the file, or correct its name in portal.toml."


def read_similar(file: str, root: Path, pack: PlacesPack) -> Mapping[str, str]:
    """The group of each town by GEOID, from a CSV below `root` with the columns `geoid, group`.

    A group is said as it reads in a sentence: "higher than in *college towns*". A town without a line has none. Raises
    `PortalError` with every mistake: a place that is not of the pack, a line twice, a group without a name.
    """
    problems: list[Problem] = []
    text = table_with_header(root / file, COLUMNS, problems, _REMEDY)
    lines = Lines(file, problems)
    unknown = pc.invert(pc.is_in(text["geoid"], value_set=pack.places["geoid"]))
    lines.report(unknown, text["geoid"], allowed="a GEOID of the portal's places", remedy="Correct or remove the line.")
    lines.report_twice(text["geoid"], what="town")
    name = pc.utf8_trim_whitespace(text["group"])
    lines.report(pc.equal(name, ""), text["geoid"], allowed="a group", remedy="Name the group, or remove the line.")
    if problems:
        raise PortalError(problems)
    return dict(zip(text["geoid"].to_pylist(), name.to_pylist(), strict=True))
