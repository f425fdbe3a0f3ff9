"""A portal's own denominators: persons present beyond the residents, by town and month of the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.errors import PortalError, Problem
from candor.places.pack import PlacesPack
from candor.places.table_file import Column, Lines, TableFile, place_code
from candor.portal.config_model import DenominatorConfig

PRESENT: Final = TableFile(
    (
        place_code(),
        Column("month", "a month from 1 to 12, or nothing", "Correct the month.", r"^(0?[1-9]|1[0-2])$", blank=True,
               type=pa.int64()),
        Column("added", "added: a whole number of persons", "Correct the number.", r"^-?[0-9]{1,9}$",
               type=pa.float64()),
    ),
    "Write the file, or correct its name in portal.toml.",
    key=(("geoid", "month"), "place and month"),
)  # fmt: skip
_MONTHS: Final = 12


@dataclass(frozen=True)
class Denominator:
    """What a portal declares beside residents. `added`: (places of the pack, 12), NaN where a place is not known."""

    name: str
    title: str
    description: str
    source: str
    added: NDArray[np.float64]


def read_denominators(declared: Sequence[DenominatorConfig], root: Path, pack: PlacesPack) -> tuple[Denominator, ...]:
    """The declared denominators with their tables, which lie below `root`.

    A table has the columns `geoid, month, added`: a month from 1 to 12, or nothing for every month that has no line of
    its own. A place without a line is not known, which is not zero. Raises `PortalError` with every mistake: a place
    that is not of the pack, a month that is none, a line twice, a month left out, fewer persons than none.
    """
    problems: list[Problem] = []
    found = tuple(
        Denominator(d.name, d.title, d.description, d.source, _added(root / d.file, d.file, pack, problems))
        for d in declared
    )
    if problems:
        raise PortalError(problems)
    return found


def _added(path: Path, file: str, pack: PlacesPack, problems: list[Problem]) -> NDArray[np.float64]:
    own: list[Problem] = []
    geoids = pack.places["geoid"]
    lines = PRESENT.read(path, own, {"geoid": geoids}, file)
    table = np.full((len(geoids), _MONTHS), np.nan)
    if not own:
        place = pc.index_in(lines["geoid"], value_set=geoids.combine_chunks()).to_numpy()
        number, persons = lines["month"].fill_null(0).to_numpy(), lines["added"].to_numpy()
        every = number == 0
        table[place[every]] = persons[every, None]
        table[place[~every], number[~every] - 1] = persons[~every]
        _check(table, place, persons, Lines(file, own), pack)
    problems += own
    return table


def _check(
    table: NDArray[np.float64], place: NDArray[np.int64], persons: NDArray[np.float64], lines: Lines, pack: PlacesPack
) -> None:
    """A place with lines for some months only, and lines by which fewer persons than none would be there."""
    geoids = pack.places["geoid"].to_pylist()
    gone = np.isnan(table)
    for index in np.flatnonzero(gone.any(axis=1) & ~gone.all(axis=1)):
        months = ", ".join(str(m + 1) for m in np.flatnonzero(gone[index]))
        lines.problems.append(
            Problem(
                lines.file, f"{geoids[index]} without month {months}", "every month, or a line without a month",
                "Add the lines.",
            )
        )  # fmt: skip
    fewest = _fewest(pack)
    under = pa.chunked_array([pa.array(fewest[place] + persons < 0)])
    said = pa.chunked_array([pa.array([f"{p:.0f}" for p in persons], pa.string())])
    lines.report(
        under, said, allowed="not fewer than the residents that there are to leave", remedy="Correct the number."
    )


def _fewest(pack: PlacesPack) -> NDArray[np.float64]:
    """The fewest residents that each place has in any year, NaN where none are known."""
    residents = pack.places["residents"].cast(pa.float64()).to_numpy()
    if not pack.populations.num_rows:
        return np.asarray(residents, np.float64)
    fewest = np.full(len(residents), np.inf)
    known = pack.populations.filter(pc.is_valid(pack.populations["residents"]))
    place = pc.index_in(known["geoid"], value_set=pack.places["geoid"].combine_chunks()).to_numpy()
    np.minimum.at(fewest, place, known["residents"].cast(pa.float64()).to_numpy())
    return np.where(np.isinf(fewest), np.nan, fewest)
