"""`candor places import`: boundary, population and alias files, whoever made them, become the portal's places pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from candor.errors import PortalError, Problem
from candor.places.builder.alias_file import AliasFile, read_aliases
from candor.places.builder.boundary_file import BoundaryFile, read_boundaries
from candor.places.builder.codes import Codes
from candor.places.builder.population_file import PopulationFile, read_population
from candor.places.builder.through_time import pack_through_time
from candor.places.builder.write import write_pack
from candor.places.names import plain_name
from candor.places.pack import ALIASES_SCHEMA, PLACES_SCHEMA, PlacesPack
from candor.places.table_file import read_text_csv
from candor.portal.jurisdictions import by_fips
from candor.vocabulary.nouns import plural

NOTE: Final = "Boundaries are drawn for statistics and maps; they are not legally definitive."


class PlacesError(PortalError):
    """The files given for the places cannot be used. The pack in the portal stands as it was."""

    exit_code = 1


@dataclass(frozen=True)
class ImportSummary:
    """What came of an import. `residents` is None where no place has any; `notes` are sentences for the publisher."""

    places: int
    residents: int | None
    aliases: int
    ambiguous: int
    repaired: tuple[str, ...]
    without_population: tuple[str, ...]
    without_boundary: tuple[str, ...]
    notes: tuple[str, ...]


def import_files(
    folder: Path,
    boundaries: Path,
    population: Path | None = None,
    aliases: Path | None = None,
    *,
    populations: Path | None = None,
    changes: Path | None = None,
    title: str = "",
    source: str = "",
    year: int | None = None,
    note: str = NOTE,
    code: str = "",
    name: str = "",
    kind: str = "",
    epsg: int | None = None,
) -> ImportSummary:
    """Write the places pack `folder` from files; the pack that was there is replaced as a whole.

    `boundaries`: polygons with a code and a name (GeoJSON, shapefile, zip of one, GeoPackage), in degrees or in a map
    projection that the file names, or `epsg`. `code` and
    `name`: the columns that have them, where the file does not tell. `kind`: what a place is called, such as beat.
    `population`: CSV with a code and population; without it the boundary file's own population column is taken.
    A file with a column `year` has residents by year; `populations` is such a file beside another `population`.
    `aliases`: see `alias_file`; `changes`: CSV as `changes.SCHEMA`. Without them, those that the pack had are kept, and
    so are its residents by year.
    `year` is that of the residents, by default the one in the column's name.
    Raises `UsageError` where a file is not there, `PlacesError` with every mistake in the files.
    """
    problems: list[Problem] = []
    areas = read_boundaries(boundaries, problems, code=code, name=name, kind=kind, epsg=epsg)
    if areas is None:
        raise PlacesError(problems)
    codes, counted = Codes(areas.table), population or populations
    people = read_population(counted, problems, codes) if counted else None
    if populations and (years := read_population(populations, problems, codes)) and years.by_year is None:
        remedy = "Name the column, or give the file as --population."
        problems.append(Problem(populations.name, "no column with the year", "GEOID, year, residents", remedy))
    if problems:
        raise PlacesError(problems)
    table, shapes, notes = _join(areas, people)
    through_time = pack_through_time(folder, table, populations or population, changes, problems)
    notes += through_time.notes
    files = [p.name for p in (boundaries, population, populations, aliases, changes) if p]
    known_year = year or (people.year if people else None) or areas.year or 0
    pack = PlacesPack(
        title=title or _title(table, areas),
        source=source or f"Imported from {', '.join(files)}",
        year=known_year,
        schematic=False,
        note=note,
        places=table,
        aliases=pa.table([[], []], schema=ALIASES_SCHEMA),
        boundaries=list(shapes),
        populations=through_time.populations,
        populations_source=through_time.populations_source,
        changes=through_time.changes,
        noun=areas.kind,
        nouns=plural(areas.kind) if areas.kind else "",
    )
    others = read_aliases(aliases, pack, problems) if aliases else None
    if problems:
        raise PlacesError(problems)
    known_names = others.aliases if others else _names_kept(folder / "aliases.csv", table, notes)
    pack = replace(pack, aliases=known_names)
    write_pack(folder, pack)
    return _summary(pack, areas, people, others, notes)


def display_names(full_names: Sequence[str], counties: Sequence[str], geoids: Sequence[str]) -> list[str]:
    """A name for each place that no other place has: Milton; Rutland city and Rutland town; else with the county."""
    names = [plain_name(full) for full in full_names]
    for longer in (full_names, counties, geoids):
        count = Counter(names)
        names = [
            name if count[name] == 1 or not more else more if longer is full_names else f"{name} ({more})"
            for name, more in zip(names, longer, strict=True)
        ]
    return names


def inner_points(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Longitude and latitude of a point inside each area: its centre of mass, unless that lies outside."""
    centres = shapely.centroid(shapes)
    points = np.where(shapely.contains(shapes, centres), centres, shapely.point_on_surface(shapes))
    coordinates: NDArray[np.float64] = shapely.get_coordinates(points)
    return coordinates


def _join(areas: BoundaryFile, people: PopulationFile | None) -> tuple[pa.Table, NDArray[np.object_], list[str]]:
    """The pack's `places` in the order of the GEOID, their polygons, and what was left out."""
    found = areas.table
    if people is not None:
        # The population file decides on residents, and knows the legal names where the boundary file does not.
        counted = people.table.rename_columns(["geoid", "_full", "_county", "_residents", "housing_units"])
        found = found.drop_columns(["residents"]).join(counted, "geoid", join_type="left outer")
        found = found.rename_columns({"_residents": "residents"})
    else:
        nothing = pa.nulls(found.num_rows, pa.string())
        found = found.append_column("_full", nothing).append_column("_county", nothing)
        found = found.append_column("housing_units", pa.nulls(found.num_rows, pa.int64()))
    # A join keeps no order; the polygons are in that of the sorted GEOID.
    found = found.sort_by("geoid")
    rows = found.to_pylist()
    water = [areas.census and len(r["geoid"]) == 10 and r["geoid"].endswith("00000") for r in rows]
    keep = [not (wet and not r["residents"]) for wet, r in zip(water, rows, strict=True)]
    notes = [f"{r['name']} ({r['geoid']}) is water without residents and is left out"
             for r, kept in zip(rows, keep, strict=True) if not kept]  # fmt: skip
    shapes = areas.polygons[np.array(keep)]
    rows = [r for r, kept in zip(rows, keep, strict=True) if kept]
    known = {r["geoid"][:5]: r["county"] or r["_county"] for r in rows if r["county"] or r["_county"]}
    county_of = known if areas.census else {}
    full = [r["full_name"] or r["_full"] or r["name"] for r in rows]
    county = [r["county"] or r["_county"] or county_of.get(r["geoid"][:5], "") for r in rows]
    points = np.round(inner_points(shapes), 6)
    table = pa.table(
        {
            "geoid": [r["geoid"] for r in rows],
            "name": display_names(full, county, [r["geoid"] for r in rows]),
            "full_name": full,
            "county": county,
            "residents": [r["residents"] for r in rows],
            "housing_units": [r["housing_units"] for r in rows],
            "longitude": points[:, 0],
            "latitude": points[:, 1],
        },
        schema=PLACES_SCHEMA,
    )
    return table, shapes, notes


def _names_kept(path: Path, places: pa.Table, notes: list[str]) -> pa.Table:
    """The other names that the pack to be replaced has; a meaning that is no longer a place stays as an empty GEOID."""
    if not path.is_file():
        return pa.table([[], []], schema=ALIASES_SCHEMA)
    try:
        found = read_text_csv(path).select(ALIASES_SCHEMA.names)
    except (pa.ArrowInvalid, KeyError) as error:
        remedy = "Mend or remove the file, or give another with --aliases."
        raise PlacesError([Problem(str(path), str(error), "the columns alias and geoid", remedy)]) from error
    here = pc.is_in(found["geoid"], value_set=places["geoid"])
    leads_somewhere = pc.is_in(found["alias"], value_set=found.filter(here)["alias"])
    geoid = pc.if_else(here, found["geoid"], "")
    kept = pa.table([found["alias"], geoid], schema=ALIASES_SCHEMA).filter(leads_somewhere)
    kept = kept.group_by(["alias", "geoid"]).aggregate([])
    notes.append(f"the {pc.count_distinct(kept['alias']).as_py():,} other names that the portal had are kept")
    return kept


def _title(places: pa.Table, areas: BoundaryFile) -> str:
    if areas.kind:
        return plural(areas.kind).capitalize()
    codes = {geoid[:2] for geoid in places.column("geoid").to_pylist()} if areas.census else set()
    names = [state.name for code, state in by_fips().items() if code in codes]
    return f"Towns of {' and '.join(names)}" if names else "Places"


def _summary(
    pack: PlacesPack,
    areas: BoundaryFile,
    people: PopulationFile | None,
    others: AliasFile | None,
    notes: list[str],
) -> ImportSummary:
    rows = pack.places.select(["geoid", "name", "residents", "county"]).to_pylist()
    here = {r["geoid"] for r in rows}
    nobody = tuple(f"{r['name']} ({r['geoid']})" for r in rows if r["residents"] is None)
    elsewhere: tuple[str, ...] = ()
    if people is not None:
        listed = people.table.select(["geoid", "full_name"]).to_pylist()
        elsewhere = tuple(f"{r['full_name']} ({r['geoid']})" for r in listed if r["geoid"] not in here)
    said = [*areas.notes, *notes]
    if areas.kind:
        said.append(f"a place is called a {areas.kind}, several {pack.nouns} (--place says another word)")
    elif pack.of_parts:
        said.append("what a place is called is not known, so it is called a place (--place says the word)")
    if areas.repaired:
        said.append(f"invalid boundaries were repaired: {', '.join(areas.repaired)}")
    if areas.merged:
        said.append(f"places drawn as several features were united: {', '.join(areas.merged)}")
    if len(nobody) == len(rows) and people is None:
        said.append("no place has residents, so there are counts and no rates (--population gives them)")
    elif nobody:
        said.append(f"boundaries without a population, which get counts and no rates: {', '.join(nobody)}")
    if elsewhere:
        said.append(f"population lines without a boundary, which are left out: {', '.join(elsewhere)}")
    if areas.census and any(not r["county"] for r in rows):
        said.append("no county is known for some places; a population file with a column county tells it")
    if pack.year == 0 and len(nobody) < len(rows):
        said.append("the year of the residents is not known; write it as `year` in pack.toml")
    known = [r["residents"] for r in rows if r["residents"] is not None]
    return ImportSummary(
        places=len(rows),
        residents=sum(known) if known else None,
        aliases=others.read if others else 0,
        ambiguous=others.ambiguous if others else 0,
        repaired=areas.repaired,
        without_population=nobody,
        without_boundary=elsewhere,
        notes=(*said, *(others.notes if others else ())),
    )
