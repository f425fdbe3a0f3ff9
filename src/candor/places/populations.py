"""Residents by year: `populations.csv` of a places pack, and a publisher's file that becomes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from candor.errors import Problem
from candor.places.text_csv import Lines, table_with_header

POPULATIONS_FILE: Final = "populations.csv"
SCHEMA: Final = pa.schema([("geoid", pa.string()), ("year", pa.int64()), ("residents", pa.int64())])
"""One line for a place and year; `residents` is empty where nobody knows them."""

_REMEDY: Final = "Mend the line, or bring the file again with `candor places import --populations FILE`."


def no_populations() -> pa.Table:
    """A pack that has one number of residents for all years."""
    return SCHEMA.empty_table()


def read_populations(path: Path, geoids: pa.ChunkedArray, problems: list[Problem]) -> pa.Table:
    """The file of a pack with the places `geoids`, as `SCHEMA` sorted by place and year; none where it is not there."""
    if not path.is_file():
        return no_populations()
    text = table_with_header(path, SCHEMA.names, problems, _REMEDY)
    return checked_populations(path.name, text, geoids, problems)


def checked_populations(
    file: str, text: pa.Table, geoids: pa.ChunkedArray, problems: list[Problem], *, what: str = "residents"
) -> pa.Table:
    """Lines of text with the columns of `SCHEMA`, typed and sorted; a problem for every line that is wrong.

    A negative number, a place that is not among `geoids`, a year that is none, a place and year on two lines.
    """
    lines = Lines(file, problems)
    known = pc.is_in(text["geoid"], value_set=geoids)
    lines.report(
        pc.invert(known), text["geoid"], allowed="a GEOID of the portal's places", remedy="Correct or remove the line."
    )
    year = pc.utf8_trim_whitespace(text["year"])
    is_year = pc.match_substring_regex(year, r"^(1[789]|20)[0-9]{2}$")
    lines.report(pc.invert(is_year), text["year"], allowed="a year such as 2024", remedy="Correct the year.")
    lines.report_pairs_twice((text["geoid"], year), what="place and year")
    residents = lines.whole_numbers(text["residents"], what=what)
    typed = pc.if_else(is_year, year, pa.scalar(None, pa.string())).cast(pa.int64())
    table = pa.table([text["geoid"], typed, residents], schema=SCHEMA)
    return table.sort_by([("geoid", "ascending"), ("year", "ascending")])
