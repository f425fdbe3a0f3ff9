"""Codes of places: made fit for addresses and files, and found again however another file writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from candor.places import columns
from candor.places.names import normalise_name, plain_name
from candor.places.pack import CODE, GEOID

_LONGEST: Final = 40


def is_census(codes: Iterable[str]) -> bool:
    """Whether all of these have the form of the Census Bureau's codes."""
    return all(re.search(GEOID, code) for code in codes)


def census_kind(codes: Sequence[str]) -> str:
    """What the Census Bureau's places are called, where they are no towns, cities or counties; else empty."""
    return {11: "census tract", 12: "block group"}.get(len(codes[0]), "") if codes else ""


def fit(code: str) -> str:
    """A code as it can stand in an address: itself where it can, else its letters and digits, parted by dashes.

    >>> fit("7C20"), fit("E05000026"), fit("District 3/A"), fit("Côte")
    ('7C20', 'E05000026', 'District-3-A', 'Cote')
    """
    if re.search(CODE, code):
        return code
    plain = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._]+", "-", plain).strip("-._")[:_LONGEST].rstrip("-._")


def from_names(names: Sequence[str]) -> list[str]:
    """A code for each name where nobody gave one; equal names have equal codes, others never.

    >>> from_names(["Fell's Point", "Old Town", "Old-Town", "Old Town"])
    ['fells-point', 'old-town', 'old-town-2', 'old-town']
    """
    made: dict[str, str] = {}
    for name in names:
        if name not in made:
            stem = fit(re.sub(r"['’]", "", name.lower()).replace(".", " ").replace("_", " ").strip()) or "place"
            code, number = stem, 1
            while code in made.values():
                number += 1
                code = f"{stem}-{number}"
            made[name] = code
    return [made[name] for name in names]


class Codes:
    """The codes of the places that there are, as other files may write them.

    A code is found as it is; with other capitals, without the zeros before it, or with blanks and signs in it; and by
    the place's name. What could mean two places means none.
    """

    def __init__(self, places: pa.Table) -> None:
        """`places` has `geoid`, `name`, `full_name`."""
        self._exact = set(places["geoid"].to_pylist())
        self.census = is_census(self._exact)
        """Whether all of them have the form of the Census Bureau's."""
        self._likely: dict[str, set[str]] = {}
        rows = places.select(["geoid", "name", "full_name"]).to_pylist()
        for row in rows:
            for written in (row["geoid"], row["name"], row["full_name"], plain_name(row["full_name"])):
                if written:
                    self._likely.setdefault(_loose(written), set()).add(row["geoid"])

    def find(self, written: str) -> str:
        """The code that is meant; empty where there is none, or more than one."""
        if written in self._exact:
            return written
        found = self._likely.get(_loose(written), set())
        return next(iter(found)) if len(found) == 1 else ""

    def found(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The codes that a column of text means, and its text where it means none."""
        coded = columns.as_geoid(columns.as_code(column)) if self.census else columns.as_code(column)
        distinct = pc.unique(coded)
        meant = pa.array([self.find(w) or w for w in distinct.to_pylist()], pa.string())
        return pa.chunked_array([meant.take(pc.index_in(coded, value_set=distinct).combine_chunks())])

    def share(self, column: pa.ChunkedArray) -> float:
        """How many of a column's values mean a place, as a share of those that are not blank."""
        found = self.found(column)
        written = found.filter(pc.not_equal(found, ""))
        known = pc.is_in(written, value_set=pa.array(sorted(self._exact), pa.string()))
        return float(pc.mean(known.cast(pa.float64())).as_py() or 0)


def _loose(text: str) -> str:
    """What two spellings of a code or a name have in common."""
    name = normalise_name(text).replace(" ", "")
    return name.lstrip("0") or name
