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
from candor.places.table_file import LATITUDE, LONGITUDE, Column, Lines, TableFile, place_code

_STREET: Final = (
    r"(street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|circle|cir|place|pl|terrace|ter|way|boulevard|blvd)"
)
_HOUSE: Final = re.compile(
    rf"^\d+[a-z]?([-/]\d+[a-z]?)?,?\s+(?!(mile|th|st|nd|rd)\b)[a-z]|\b{_STREET}\.?,?\s+(no\.?\s*)?\d+[a-z]?\b"
    r"|\b(apt|apartment|unit|suite|lot|box)\.?\s*#?\s*\d|#\s*\d",
    re.IGNORECASE,
)
"""What reads like a door: a number before a name, a number behind a street, a flat. Not `5th Avenue`, not `Route 7`."""
_NAME: Final = Column("anchor", "a name of up to 80 characters", "Name the place.", "^.{1,80}$", once="anchor")
_REMEDY: Final = "Write the file, or correct its name under [points]."


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
    lines = Lines(file, own)
    allowed = f"an agency of the data set: {', '.join(sorted(agencies))}"
    whose = Column("agency", allowed, "Correct the name, or leave it empty for all.", blank=True, optional=True)
    declared = TableFile((_NAME, place_code(), LATITUDE, LONGITUDE, whose), _REMEDY, rows="anchors")
    known = {"geoid": pack.places["geoid"], "agency": pa.array(list(agencies), pa.string())}
    text = declared.read(path, own, known, file)
    name, geoid, agency = text["anchor"], text["geoid"], text["agency"]
    doors = pa.chunked_array([pa.array([bool(_HOUSE.search(n)) for n in name.to_pylist()], pa.bool_())])
    lines.report(
        doors, name, allowed="the name of a place that many share: a crossing, a square, a park, a quarter",
        remedy="Name no house: an area stands for all addresses in it.",
    )  # fmt: skip
    _check_towns(lines, geoid, agency, pack, agencies)
    if not own:
        town = pc.index_in(geoid, value_set=pack.places["geoid"].combine_chunks()).to_numpy().astype(np.int64)
        x, y = text["longitude"].to_numpy(), text["latitude"].to_numpy()
        _check_points(lines, name, town, x, y, pack, towns)
        if not own:
            return Anchors(tuple(name.to_pylist()), town, x, y, tuple(agency.to_pylist()))
    problems += own
    return None


def _check_towns(
    lines: Lines,
    geoid: pa.ChunkedArray,
    agency: pa.ChunkedArray,
    pack: PlacesPack,
    agencies: Mapping[str, frozenset[str]],
) -> None:
    known, every = frozenset(pack.places["geoid"].to_pylist()), frozenset[str]().union(*agencies.values())
    covered = {"": every, **agencies}
    pairs = zip(agency.to_pylist(), geoid.to_pylist(), strict=True)
    beyond = [g in known and g not in covered.get(a, known) for a, g in pairs]
    lines.report(
        pa.chunked_array([pa.array(beyond, pa.bool_())]), geoid,
        allowed="a town that the agency covers, or, where none is named, that any agency of the data set covers",
        remedy="Take the anchor out, or add the town to the agency's [coverage].",
    )  # fmt: skip
    whose = pa.table({"geoid": geoid, "agency": agency}).group_by("geoid").aggregate([("agency", "count_distinct")])
    several = whose.filter(pc.greater(whose["agency_count_distinct"], 1))["geoid"]
    lines.report(
        pc.is_in(geoid, value_set=several), geoid, allowed="the anchors of a town for one agency, or for all of them",
        remedy="A call that two agencies record would be known to lie where their areas overlap: choose one.",
    )  # fmt: skip


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
