"""The same column under the names that different publishers give it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

# In order of preference; a name is compared in lower case, with everything but letters and digits taken out.
GEOID: Final = (r"geoid(\d{2}|\d{4})?", r"(town|cousub|municipal|mcd|place)geoid(\d{2}|\d{4})?", r"(town)?fips10")
FULL_NAME: Final = (r"namelsad(\d{2}|\d{4})?", r"fullname")
NAME: Final = (r"name(\d{2}|\d{4})?", r"townnamemc", r"(town|place|municipality|city)name", r"town|municipality|place")
COUNTY: Final = (r"county(name)?", r"namelsadco", r"cntyname|cnty")
RESIDENTS: Final = (
    r"population((19|20)\d\d)?",
    r"residents((19|20)\d\d)?",
    r"pop((19|20)?\d\d)?",
    r"tot(al)?pop(ulation)?((19|20)?\d\d)?",
    r"((19|20)\d\d)(total)?pop(ulation)?",
    r"pop(ulation)?tot(al)?((19|20)?\d\d)?",
    r"(usual|all)residents((19|20)\d\d)?",
    r"allpersons|persons|people",
    r"popestimate(20)\d\d",
)
YEAR: Final = (r"(population|census|estimate)?year",)
HOUSING: Final = (r"housingunits((19|20)?\d\d)?", r"(hu|housing)((19|20)?\d\d)?")


def find_column(names: Iterable[str], patterns: tuple[str, ...]) -> str | None:
    """The column that a pattern names, the first pattern first; among years the latest."""
    plain = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in names}
    for pattern in patterns:
        found = [name for name, short in plain.items() if re.fullmatch(pattern, short)]
        if found:
            return max(found, key=lambda n: year_in(n) or 0)
    return None


def year_in(text: str) -> int | None:
    """The year that a name of a column or file speaks of: `population_2020`, `POP2020`."""
    years = [int(y) for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)]
    return max(years, default=None)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as text without blanks at its ends; nothing becomes the empty text."""
    return pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), ""))


def as_code(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Codes as text. A whole number is one without a decimal point, also where a program made it 7.0."""
    return pc.replace_substring_regex(as_text(column), r"^([0-9]+)\.0+$", r"\1")


def as_geoid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """GEOIDs as text. A state below 10 has lost its zero where a program took the code for a number: nine digits."""
    text = as_text(column)
    return pc.if_else(pc.match_substring_regex(text, r"^[0-9]{9}$"), pc.binary_join_element_wise("0", text, ""), text)


_SHORT: Final = frozenset({"NE", "NW", "SE", "SW", "II", "III", "IV", "VI", "VII", "CBD"})
"""What people write in capitals: ends of the compass, numbers, a business district."""


def mixed_case(text: str) -> str:
    """A name as people write it where a file shouts it: "AVERY'S GORE" is Avery's Gore."""
    if text != text.upper():
        return text
    return re.sub(r"(?<![0-9A-Z])[A-Z][A-Z']*(?![0-9])", lambda word: _mixed(word[0]), text)


def _mixed(word: str) -> str:
    if word in _SHORT:
        return word
    # O'Hare, L'Isle; but Avery's.
    return word[:2] + word[2:].capitalize() if re.match(r"[A-Z]'[A-Z]{2}", word) else word.capitalize()


def county_names(column: pa.ChunkedArray) -> list[str]:
    """County names as people write them: "GRAND ISLE COUNTY" is Grand Isle. A code is no name."""
    return [_county(value) for value in as_text(column).to_pylist()]


def _county(value: str) -> str:
    name = re.sub(r"\s+county$", "", value, flags=re.IGNORECASE)
    if not re.search(r"[A-Za-z]", name):
        return ""
    return mixed_case(name)
