"""A population file as residents and housing units by GEOID: of one year, or a line for each place and year."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from candor.errors import Problem, UsageError
from candor.places import columns
from candor.places.builder.codes import Codes
from candor.places.pack import CODE, GEOID
from candor.places.table_file import Column, Lines, read_text_csv, whole_number

_FEWEST: Final = 0.5
"""Of a column's values, how many have to be codes of the places for it to be the column of codes."""


@dataclass(frozen=True)
class PopulationFile:
    """`geoid, full_name, county, residents, housing_units`; each GEOID once; names empty where the file has none.

    A file with a column `year` has lines of several years: `table` has those of the newest, and `by_year` the text of
    all, `geoid, year, residents`, in the order of the file.
    """

    table: pa.Table
    year: int | None
    by_year: pa.Table | None = None


def read_population(path: Path, problems: list[Problem], codes: Codes | None = None) -> PopulationFile | None:
    """Read a CSV file with a header. None where it cannot be used; every mistake is added to `problems`.

    `codes`: those of the boundaries. The column of codes is then that whose values they are, whatever it is called.
    """
    if not path.is_file():
        raise UsageError(
            f"no file {path}", "a CSV file with the code of each place and population", "Correct the path."
        )
    where = path.name
    try:
        table = read_text_csv(path)
    except pa.ArrowInvalid as error:
        allowed = "a CSV file in UTF-8 with a header, as many cells as columns"
        problems.append(Problem(where, str(error), allowed, "Export it again."))
        return None
    names = table.column_names
    code, residents = code_column(table, codes), columns.find_column(names, columns.RESIDENTS)
    if code is None or residents is None:
        missing = "no column with the GEOID or code of the places" if code is None else "no column with the population"
        found = f"{missing}; its columns are {', '.join(names)}"
        problems.append(Problem(where, found, "GEOID, population_2020", "Rename the column."))
        return None
    housing, county = columns.find_column(names, columns.HOUSING), columns.find_column(names, columns.COUNTY)
    name = columns.find_column(names, columns.FULL_NAME) or columns.find_column(names, columns.NAME)
    empty = pa.array([""] * table.num_rows, pa.string())
    year = columns.find_column(names, columns.YEAR)
    before, lines = len(problems), Lines(where, problems)
    geoid = column_of_codes(codes, once=not year).check(_codes_in(table[code], codes), lines)
    by_year = None
    if year:
        by_year = pa.table({"geoid": geoid, "year": table[year], "residents": table[residents]})
        lines.report_twice(pc.binary_join_element_wise(geoid, by_year["year"], " "), "place and year")
    result = pa.table(
        {
            "geoid": geoid,
            # The Census API writes "Addison town, Addison County, Vermont".
            "full_name": pc.replace_substring_regex(table[name], r",.*$", "") if name else empty,
            "county": pa.array(columns.county_names(table[county]), pa.string()) if county else empty,
            "residents": whole_number(residents).check(table[residents], lines),
            "housing_units": whole_number(housing).check(table[housing], lines)
            if housing
            else pa.nulls(table.num_rows, pa.int64()),
        }
    )
    if len(problems) > before:
        return None
    if by_year is None:
        return PopulationFile(result, columns.year_in(residents))
    newest = pc.max(by_year["year"]).as_py() or ""
    return PopulationFile(result.filter(pc.equal(by_year["year"], newest)), columns.year_in(newest), by_year)


def column_of_codes(codes: Codes | None, *, once: bool) -> Column:
    """What is right in a column of codes: the form of the Census Bureau's where the boundaries have these."""
    if codes is None or codes.census:
        allowed, remedy, pattern = "a GEOID of 5 to 12 digits", "Keep the code as text, with all its digits.", GEOID
    else:
        allowed, remedy, pattern = "the code of a place", "Write it as the boundary file does.", CODE
    return Column("geoid", allowed, remedy, pattern, once="GEOID" if once else "")


def code_column(table: pa.Table, codes: Codes | None) -> str | None:
    """The column called a GEOID, if its values are codes of the places; else the one most of whose values are."""
    called = columns.find_column(table.column_names, columns.GEOID)
    if codes is None or not table.num_rows:
        return called
    share = {name: codes.share(table[name]) for name in table.column_names}
    best = max(share, key=lambda name: share[name])
    if called and (codes.census or share[called] >= share[best]):
        return called
    return best if share[best] >= _FEWEST else called


def _codes_in(column: pa.ChunkedArray, codes: Codes | None) -> pa.ChunkedArray:
    return codes.found(column) if codes else columns.as_geoid(column)
