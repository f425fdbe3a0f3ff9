"""A data set's anchors: named points, each in the town that it is declared in. Rows are snapped to their catchments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.errors import Problem
from candor.places.cells import km_from
from candor.places.locate import TownIndex
from candor.places.pack import PlacesPack
from candor.places.text_csv import Lines, read_text_csv

COLUMNS: Final = ("anchor", "geoid", "latitude", "longitude")
_REMEDY: Final = "Write the file, or correct its name under [points]."
_NUMBER: Final = r"^-?[0-9]{1,3}(\.[0-9]+)?$"
_STREET: Final = (
    r"(street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|circle|cir|place|pl|terrace|ter|way|boulevard|blvd)"
)
_HOUSE: Final = re.compile(
    rf"^\d+[a-z]?([-/]\d+[a-z]?)?,?\s+(?!(mile|th|st|nd|rd)\b)[a-z]|\b{_STREET}\.?,?\s+(no\.?\s*)?\d+[a-z]?\b"
    r"|\b(apt|apartment|unit|suite|lot|box)\.?\s*#?\s*\d|#\s*\d",
    re.IGNORECASE,
)
"""What reads like a door: a number before a name, a number behind a street, a flat. Not `5th Avenue`, not `Route 7`."""
_LONGEST: Final = 80


@dataclass(frozen=True)
class Anchors:
    """Parallel: name, number of the town in the pack, degrees, and the agency whose rows are meant, empty for all."""

    name: tuple[str, ...]
    town: NDArray[np.int64]
    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    agency: tuple[str, ...]


def read_anchors(
    path: Path,
    file: str,
    pack: PlacesPack,
    towns: TownIndex,
    agencies: Mapping[str, frozenset[str]],
    problems: list[Problem],
) -> Anchors | None:
    """Read and check the anchors. `agencies`: the codes of the towns of each agency of the data set.

    None where the file is wrong; every mistake is added to `problems`: a name that is none, that stands twice or reads
    like a house's address; a town that is none, or none of the agency's; a point that does not lie in its town; two
    anchors at the same point; anchors of several agencies in one town.
    """
    own: list[Problem] = []
    text = _text(path, file, own)
    if text is not None:
        lines = Lines(file, own)
        name, geoid = pc.utf8_trim_whitespace(text["anchor"]), pc.utf8_trim_whitespace(text["geoid"])
        agency = pc.utf8_trim_whitespace(text["agency"])
        _check_names(lines, name)
        _check_towns(lines, geoid, agency, pack, agencies)
        x, y = (_degrees(lines, text[c], limit, c) for c, limit in (("longitude", 180), ("latitude", 90)))
        if not own:
            town = pc.index_in(geoid, value_set=pack.places["geoid"].combine_chunks()).to_numpy().astype(np.int64)
            _check_points(lines, name, town, x, y, pack, towns)
            if not own:
                return Anchors(tuple(name.to_pylist()), town, x, y, tuple(agency.to_pylist()))
    problems += own
    return None


def _text(path: Path, file: str, problems: list[Problem]) -> pa.Table | None:
    allowed = f"a CSV file with the header {','.join(COLUMNS)}, and agency where one is meant"
    try:
        text = read_text_csv(path)
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        problems.append(Problem(file, f"no anchors ({why})", allowed, _REMEDY))
        return None
    except pa.ArrowInvalid as error:
        problems.append(Problem(file, str(error).splitlines()[0], allowed, _REMEDY))
        return None
    names = tuple(text.column_names)
    if names not in (COLUMNS, (*COLUMNS, "agency")):
        problems.append(Problem(f"{file}:1", f"the header {','.join(names)}", allowed, "Write it so."))
        return None
    if text.num_rows == 0:
        problems.append(Problem(file, "no anchor", "a line for each anchor", _REMEDY))
        return None
    if "agency" in names:
        return text
    return text.append_column("agency", pa.chunked_array([pa.array([""] * text.num_rows, pa.string())]))


def _check_names(lines: Lines, name: pa.ChunkedArray) -> None:
    lines.report(
        pc.or_(pc.equal(name, ""), pc.greater(pc.utf8_length(name), _LONGEST)), name,
        allowed=f"a name of up to {_LONGEST} characters", remedy="Name the place.",
    )  # fmt: skip
    lines.report_twice(name, what="anchor")
    doors = pa.chunked_array([pa.array([bool(_HOUSE.search(n)) for n in name.to_pylist()], pa.bool_())])
    lines.report(
        doors, name, allowed="the name of a place that many share: a crossing, a square, a park, a quarter",
        remedy="Name no house: an area stands for all addresses in it.",
    )  # fmt: skip


def _check_towns(
    lines: Lines,
    geoid: pa.ChunkedArray,
    agency: pa.ChunkedArray,
    pack: PlacesPack,
    agencies: Mapping[str, frozenset[str]],
) -> None:
    known = pc.is_in(geoid, value_set=pack.places["geoid"])
    lines.report(pc.invert(known), geoid, allowed="a GEOID of the portal's places", remedy="Correct the code.")
    named = pc.or_(pc.equal(agency, ""), pc.is_in(agency, value_set=pa.array(list(agencies), pa.string())))
    allowed = f"an agency of the data set: {', '.join(sorted(agencies))}"
    lines.report(pc.invert(named), agency, allowed=allowed, remedy="Correct the name, or leave it empty for all.")
    every = frozenset[str]().union(*agencies.values())
    pairs = zip(agency.to_pylist(), geoid.to_pylist(), strict=True)
    beyond = pa.array([g not in (agencies.get(a, every) if a else every) for a, g in pairs], pa.bool_())
    lines.report(
        pc.and_(pc.and_(pa.chunked_array([beyond]), known), named), geoid,
        allowed="a town that the agency covers, or, where none is named, that any agency of the data set covers",
        remedy="Take the anchor out, or add the town to the agency's [coverage].",
    )  # fmt: skip
    whose = pa.table({"geoid": geoid, "agency": agency}).group_by("geoid").aggregate([("agency", "count_distinct")])
    several = whose.filter(pc.greater(whose["agency_count_distinct"], 1))["geoid"]
    lines.report(
        pc.is_in(geoid, value_set=several), geoid, allowed="the anchors of a town for one agency, or for all of them",
        remedy="A call that two agencies record would be known to lie where their areas overlap: choose one.",
    )  # fmt: skip


def _degrees(lines: Lines, column: pa.ChunkedArray, limit: int, what: str) -> NDArray[np.float64]:
    trimmed = pc.utf8_trim_whitespace(column)
    shaped = pc.match_substring_regex(trimmed, _NUMBER)
    number = pc.if_else(shaped, trimmed, pa.scalar(None, pa.string())).cast(pa.float64())
    inside = pc.fill_null(pc.less_equal(pc.abs(number), limit), fill_value=False)
    allowed = f"{what}: degrees from -{limit} to {limit}"
    lines.report(pc.invert(inside), column, allowed=allowed, remedy="Correct the number.")
    found: NDArray[np.float64] = number.to_numpy()
    return found


def _check_points(
    lines: Lines,
    name: pa.ChunkedArray,
    town: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    pack: PlacesPack,
    towns: TownIndex,
) -> None:
    names, lies = pack.places["full_name"].to_pylist(), towns.locate(x, y)
    for line in np.flatnonzero(lies != town).tolist():
        away = km_from(pack.boundaries[int(town[line])], float(x[line]), float(y[line]))
        where = f"in {names[lies[line]]}" if lies[line] >= 0 else "in no town of the portal"
        lines.problems.append(
            Problem(
                f"{lines.file}:{line + 2}",
                f"the anchor {name[line].as_py()!r}, {where}, {away:.1f} km from {names[town[line]]}",
                f"a point in {names[town[line]]}, the town that it is declared in",
                "Correct the coordinates or the geoid.",
            )
        )
    point = pa.chunked_array([pa.array([f"{a:.6f}, {b:.6f}" for a, b in zip(y, x, strict=True)], pa.string())])
    lines.report_twice(point, what="point")
