"""What an import does with residents by year and with changes of places: takes them from a file, or keeps what was."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from candor.errors import Problem, UsageError
from candor.places import changes as place_changes
from candor.places import populations as place_populations
from candor.places.builder.codes import Codes
from candor.places.builder.population_file import read_population


@dataclass(frozen=True)
class ThroughTime:
    """The parts of a pack that know of years and months; `notes` are sentences for the publisher."""

    populations: pa.Table
    populations_source: str
    changes: pa.Table
    notes: tuple[str, ...]


def pack_through_time(
    folder: Path, places: pa.Table, population: Path | None, changes: Path | None, problems: list[Problem]
) -> ThroughTime:
    """For a pack with these `places` that replaces the one in `folder`.

    `population` becomes residents by year where it has a column `year`; else, and without `changes`, what the folder
    has is kept, without the lines of places that are no longer there. Mistakes are added to `problems`.
    """
    notes: list[str] = []
    geoids = places["geoid"]
    people = read_population(population, problems, Codes(places)) if population else None
    if population and people and people.by_year is not None:
        by_year = place_populations.checked_populations(population.name, people.by_year, geoids, problems)
        span = pc.min_max(by_year["year"]).as_py()
        source = f"Imported from {population.name}"
        notes.append(f"residents by year, {span['min']} to {span['max']}, from {population.name}")
    else:
        by_year, source = _populations_kept(folder, geoids, problems, notes), _source_kept(folder)
    if changes and not changes.is_file():
        raise UsageError(f"no file {changes}", "a CSV file with geoid, from_month, before, note", "Correct the path.")
    changed = (
        place_changes.read_changes(changes, geoids, problems)
        if changes
        else _changes_kept(folder, geoids, problems, notes)
    )
    return ThroughTime(by_year, source if by_year.num_rows else "", changed, tuple(notes))


def _populations_kept(folder: Path, geoids: pa.ChunkedArray, problems: list[Problem], notes: list[str]) -> pa.Table:
    path = folder / place_populations.POPULATIONS_FILE
    found = place_populations.read_populations(path, None, problems)
    return _still_there(found, ("geoid",), geoids, f"lines of residents by year ({path.name})", notes)


def _changes_kept(folder: Path, geoids: pa.ChunkedArray, problems: list[Problem], notes: list[str]) -> pa.Table:
    path = folder / place_changes.CHANGES_FILE
    found = place_changes.read_changes(path, None, problems)
    return _still_there(found, ("geoid", "before"), geoids, f"changes of places ({path.name})", notes)


def _still_there(
    found: pa.Table, columns: tuple[str, ...], geoids: pa.ChunkedArray, what: str, notes: list[str]
) -> pa.Table:
    kept = found
    for column in columns:
        kept = kept.filter(pc.is_in(kept[column], value_set=geoids))
    if found.num_rows:
        gone = found.num_rows - kept.num_rows
        left = f"; {gone} of places that are no longer there are left out" if gone else ""
        notes.append(f"the portal's {kept.num_rows:,} {what} are kept{left}")
    return kept


def _source_kept(folder: Path) -> str:
    path = folder / "pack.toml"
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8")).get("populations_source", ""))
    except (OSError, ValueError):
        return ""
