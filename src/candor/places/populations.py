"""Residents by year: `populations.csv` of a places pack, and a publisher's file that becomes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa

from candor.errors import Problem
from candor.places.table_file import Column, Lines, TableFile, place_code, whole_number

POPULATIONS_FILE: Final = "populations.csv"
POPULATIONS: Final = TableFile(
    (
        place_code(),
        Column("year", "a year such as 2024", "Correct the year.", r"^(1[789]|20)[0-9]{2}$", type=pa.int64()),
        whole_number("residents"),
    ),
    "Mend the line, or bring the file again with `candor places import --populations FILE`.",
    key=(("geoid", "year"), "place and year"),
)
"""One line for a place and year; `residents` is empty where nobody knows them."""


def no_populations() -> pa.Table:
    """A pack that has one number of residents for all years."""
    return POPULATIONS.schema.empty_table()


def read_populations(path: Path, geoids: pa.ChunkedArray | None, problems: list[Problem]) -> pa.Table:
    """The file of a pack, sorted by place and year; no line where it is not there. Without `geoids` of any places."""
    return _sorted(POPULATIONS.read(path, problems, {"geoid": geoids})) if path.is_file() else no_populations()


def checked_populations(file: str, text: pa.Table, geoids: pa.ChunkedArray, problems: list[Problem]) -> pa.Table:
    """Lines of text with the columns of `POPULATIONS`, typed and sorted; a problem for every line that is wrong."""
    return _sorted(POPULATIONS.check(text, Lines(file, problems), {"geoid": geoids}))


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([("geoid", "ascending"), ("year", "ascending")])
