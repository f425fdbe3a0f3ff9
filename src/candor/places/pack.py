"""The places pack: the towns that a portal's figures stand for, with boundaries, residents and other names.

Its files are described in docs/architecture.md. Reading one tells every mistake in it at once.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

from candor.errors import PortalError, Problem, UsageError
from candor.places.changes import CHANGES_FILE, no_changes, read_changes
from candor.places.populations import POPULATIONS_FILE, no_populations, read_populations
from candor.places.table_file import LATITUDE, LONGITUDE, Column, TableFile, whole_number
from candor.vocabulary.nouns import is_parts

GEOID: Final = r"^[0-9]{5,12}$"
"""A code of the Census Bureau."""
CODE: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"
"""A code of a place, whoever gave it: it stands in addresses, files and tables as it is."""
_REMEDY: Final = "Mend the line, or bring the pack again with `candor places import` or `candor places fetch`."
PLACES: Final = TableFile(
    (
        Column("geoid", "a code of letters, digits, dots and dashes", "Correct the code.", CODE, once="geoid"),
        Column("name", "a name", "Write it.", ".", once="name"),
        Column("full_name"),
        Column("county"),
        whole_number("residents"),
        whole_number("housing_units"),
        LONGITUDE,
        LATITUDE,
    ),
    _REMEDY,
    rows="places",
)
ALIASES: Final = TableFile(
    (
        Column("alias", "a name", pattern="."),
        Column("geoid", "a geoid of places.csv, or nothing for a place outside the pack", blank=True),
    ),
    _REMEDY,
)
PLACES_SCHEMA: Final = PLACES.schema
ALIASES_SCHEMA: Final = ALIASES.schema
FILES: Final = ("pack.toml", "places.csv", "boundaries.geojson", "aliases.csv", POPULATIONS_FILE, CHANGES_FILE)
"""Every file that can be part of a pack; the last two exist only where there is something in them."""

_ABOUT: Final[dict[str, tuple[type, ...]]] = {
    "title": (str,),
    "source": (str,),
    "year": (int,),
    "schematic": (bool,),
    "note": (str,),
    "populations_source": (str,),
    "place": (str,),
    "places": (str,),
}
_OPTIONAL: Final = ("populations_source", "place", "places")


@dataclass(frozen=True)
class PlacesPack:
    """A places pack in memory; everything in the order of `places`, which is that of the GEOID.

    `places` has the columns of `PLACES_SCHEMA` (`residents` and `housing_units` null where nobody said), `aliases`
    those of `ALIASES_SCHEMA` (an empty GEOID is a meaning outside the pack), `boundaries` polygons in degrees
    (EPSG:4326).
    `year` is the year of the residents, 0 where nobody said. `schematic`: boundaries are drawn, not surveyed.
    `populations` has residents by year (`POPULATIONS`) and `populations_source` says whose they are; without a line
    in it, the residents of `places` stand for every year. `changes` (`changes.SCHEMA`): places that were part of
    another before a month. `noun` and `nouns`: what one and several of the places are called; empty where nobody said.
    """

    title: str
    source: str
    year: int
    schematic: bool
    note: str
    places: pa.Table
    aliases: pa.Table
    boundaries: list[BaseGeometry]
    populations: pa.Table = field(default_factory=no_populations)
    populations_source: str = ""
    changes: pa.Table = field(default_factory=no_changes)
    noun: str = ""
    nouns: str = ""

    @property
    def of_parts(self) -> bool:
        """Whether the places are parts of one, such as a city's beats or wards, and no towns of the Census Bureau."""
        return is_parts(self.noun, self.places["geoid"].to_pylist())


def load_pack(folder: Path) -> PlacesPack:
    """Read a pack. Raises `UsageError` where there is none, `PortalError` with every mistake where it is wrong."""
    if not (folder / "pack.toml").is_file() and not (folder / "places.csv").is_file():
        raise UsageError(
            f"no places in {folder}",
            "a places pack: pack.toml, places.csv, boundaries.geojson, aliases.csv",
            "Bring the towns with `candor places import --boundaries FILE --population FILE`, "
            "or with `candor places fetch --state 50`.",
        )
    problems: list[Problem] = []
    about = _about(folder / "pack.toml", problems)
    places = PLACES.read(folder / "places.csv", problems)
    geoids: list[str] = places.column("geoid").to_pylist()
    boundaries = _boundaries(folder / "boundaries.geojson", geoids, problems)
    aliases = ALIASES.read(folder / "aliases.csv", problems, {"geoid": places["geoid"]})
    populations = read_populations(folder / POPULATIONS_FILE, places["geoid"], problems)
    changes = read_changes(folder / CHANGES_FILE, places["geoid"], problems)
    if problems:
        raise PortalError(problems)
    order = pc.sort_indices(places, sort_keys=[("geoid", "ascending")])
    places = places.take(order)
    return PlacesPack(
        title=str(about["title"]),
        source=str(about["source"]),
        year=int(about.get("year", 0)),
        schematic=bool(about["schematic"]),
        note=str(about["note"]),
        places=places,
        aliases=aliases,
        boundaries=[boundaries[g] for g in places.column("geoid").to_pylist()],
        populations=populations,
        populations_source=str(about.get("populations_source", "")),
        changes=changes,
        noun=str(about.get("place", "")),
        nouns=str(about.get("places", "")),
    )


def _about(path: Path, problems: list[Problem]) -> dict[str, Any]:
    where = path.name
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(Problem(where, "no such file", f"the keys {', '.join(_ABOUT)}", _REMEDY))
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Problem(where, str(error), "TOML in UTF-8", _REMEDY))
        return {}
    for key in found.keys() - _ABOUT.keys():
        problems.append(Problem(f"{where}: {key}", f"the key {key}", ", ".join(_ABOUT), "Remove or rename the key."))
    for key, types in _ABOUT.items():
        if key not in found and key in _OPTIONAL:
            continue
        if key not in found:
            problems.append(Problem(f"{where}: {key}", "no such key", types[0].__name__, "Write the key."))
        elif type(found[key]) not in types:
            problems.append(Problem(f"{where}: {key}", repr(found[key]), types[0].__name__, "Correct the value."))
    return found


def _boundaries(path: Path, geoids: list[str], problems: list[Problem]) -> dict[str, BaseGeometry]:
    file = path.name
    try:
        collection = json.loads(path.read_text(encoding="utf-8"))
        features = list(collection["features"])
    except FileNotFoundError:
        problems.append(Problem(file, "no such file", "a GeoJSON FeatureCollection", _REMEDY))
        return {}
    except (ValueError, KeyError, TypeError) as error:
        problems.append(Problem(file, f"{type(error).__name__}: {error}", "a GeoJSON FeatureCollection", _REMEDY))
        return {}
    known = set(geoids)
    found: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(features, start=1):
        where = f"{file}: feature {number}"
        try:
            geoid = str(feature["properties"]["geoid"])
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        except (KeyError, TypeError, shapely.errors.GEOSException) as error:
            problems.append(
                Problem(where, f"{type(error).__name__}: {error}", "a property geoid and a polygon", _REMEDY)
            )
            continue
        if geoid not in known:
            problems.append(Problem(where, f"the geoid {geoid}", "those of places.csv", _REMEDY))
        elif geoid in found:
            problems.append(Problem(where, f"the geoid {geoid} once more", "one feature a place", _REMEDY))
        elif shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
            kind = "no geometry" if shape is None or shape.is_empty else shape.geom_type
            problems.append(Problem(where, kind, "a Polygon or MultiPolygon that is not empty", _REMEDY))
        elif not shape.is_valid:
            problems.append(Problem(where, shapely.is_valid_reason(shape), "a valid polygon", _REMEDY))
        found.setdefault(geoid, shape)
    for geoid in sorted(known - found.keys()):
        problems.append(Problem(file, f"no feature for geoid {geoid}", "one feature a place", _REMEDY))
    return found
