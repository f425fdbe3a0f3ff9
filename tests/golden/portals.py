"""Small portals whose publications are recorded: one of each sort of data set, and one that publishes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from tests.once.world import Portal, Size, draw

from candor.places.builder.importer import import_files
from candor.profiles.check import open_portal
from candor.publish.run import publish

_SIZE = Size(towns=6, counties=2, agencies=3, first_year=2023, months=26, calls=0.6, seed=11)


def calls(root: Path) -> None:
    """Calls of six towns and three agencies, published once."""
    Portal(root, draw(_SIZE)).publish(date(2025, 2, 10))


def two_releases(root: Path) -> None:
    """The same calls before and after a year's day: corrections, late agencies, a kind that turned sensitive."""
    portal = Portal(root, draw(_SIZE))
    portal.publish(date(2025, 2, 10))
    portal.turn_sensitive("alarm")
    portal.publish(date(2025, 4, 10))


def calls_and_offences(root: Path) -> None:
    """Calls, and a table of verified offences by town and year."""
    world = draw(_SIZE)
    portal = Portal(root, world)
    lines = ["place,year,burglary,theft,rape"]
    for year in (2022, 2023, 2024):
        for town in range(world.size.towns):
            known = int(world.residents[town]) + year
            lines.append(f"Town {town:03d},{year},{known % 13},{known % 37},{known % 7}")
    (root / "offences.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "datasets" / "offences.toml").write_text(_OFFENCES, encoding="utf-8")
    portal.publish(date(2025, 6, 10))


def own_schema(root: Path) -> None:
    """Rows of a schema of the portal's own, generalised, beside calls."""
    kinds, places = ("Retail theft", "Vandalism", "Loitering"), ("Town 001", "Town 002", "Town 003")
    lines = ["case,when,age,fine,offence,town"]
    for n in range(240):
        day = f"2024-{n % 12 + 1:02d}-{n % 28 + 1:02d} {n % 24:02d}:10:00"
        lines.append(f"24-{n:04d},{day},{18 + n % 60},{n % 9 * 50},{kinds[n % 3]},{places[n * 7 % 3]}")
    portal = Portal(root, draw(_SIZE))
    (root / "arrests.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (root / "datasets" / "arrests.toml").write_text(_ARRESTS, encoding="utf-8")
    portal.publish(date(2025, 2, 10))


def areas(root: Path) -> None:
    """Calls of one town with coordinates, published by areas of at least eight addresses."""
    for folder in ("datasets", "crosswalks"):
        (root / folder).mkdir(parents=True)
    ring = [[-73, 44], [-72, 44], [-72, 45], [-73, 45], [-73, 44]]
    town = {"GEOID": "5000100001", "NAME": "Alder", "COUNTY": "Tree"}
    shape = {"type": "Feature", "properties": town, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (root / "towns.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [shape]}))
    (root / "residents.csv").write_text("geoid,residents\n5000100001,1000\n", encoding="utf-8")
    import_files(root / "places", root / "towns.geojson", root / "residents.csv")
    spots = [(-73 + (n * 37 % 101) / 102, 44 + (n * 53 % 97) / 98) for n in range(400)]
    homes = [f"{y},{n} Elm Street,{x}" for n, (x, y) in enumerate(spots)]
    (root / "addresses.csv").write_text("\n".join(["latitude,street,longitude", *homes]) + "\n", encoding="utf-8")
    rows = [
        f"C{n:05d},2024-{n % 6 + 1:02d}-{n % 28 + 1:02d}T{n % 24:02d}:15:00-05:00,{'Noise' if n % 2 else 'Alarm'},"
        f"{spots[n // 4][1]},{spots[n // 4][0]}"
        for n in range(1200)
    ]
    (root / "calls.csv").write_text("\n".join(["incident,when,nature,lat,lon", *rows]) + "\n", encoding="utf-8")
    (root / "crosswalks" / "alder.csv").write_text(
        "call_type,category,initiated_by,sensitivity,note\nNoise,noise,,,\nAlarm,alarm,,,\n", encoding="utf-8"
    )
    (root / "datasets" / "alder.toml").write_text(_AREAS, encoding="utf-8")
    (root / "portal.toml").write_text(
        'title = "Small"\njurisdiction = "Small"\nstate = "50"\ntime_zone = "America/New_York"\nclock = 2026-04-10\n',
        encoding="utf-8",
    )
    publish(open_portal(root))


PORTALS: dict[str, Callable[[Path], None]] = {
    "calls": calls,
    "two-releases": two_releases,
    "calls-and-offences": calls_and_offences,
    "own-schema": own_schema,
    "areas": areas,
}


def made(name: str, folder: Path) -> Path:
    """The portal of a name, published in a folder of that name."""
    root = folder / name
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    PORTALS[name](root)
    return root


_OFFENCES = """
id = "ab2d-9xyz"
title = "Offences"
schema = "offences_by_place"
origin = "A yearly table"
definition = "Offences that were recorded."

[source]
kind = "counts"
path = "offences.csv"

[columns]
place = "place"
period = "year"

[categories]
burglary = "burglary"
larceny-theft = "theft"
rape-revised = "rape"
"""

_ARRESTS = (
    """
id = "arre-2345"
title = "Arrests"

[source]
path = "arrests.csv"

[schema]
unit = "arrest"
unit_plural = "arrests"
"""
    + "".join(
        f'\n[[schema.columns]]\nname = "{name}"\nlabel = "{name}"\ntype = "{kind}"\npublish = {publish}\n'
        f'disclosure = "{disclosure}"\n{more}\n[columns.{name}]\nfrom = "{source}"\n'
        for name, kind, publish, disclosure, more, source in (
            ("case_number", "text", "false", "identifier", 'role = "key"\n', "case"),
            ("arrested_at", "timestamp", "true", "quasi", 'role = "time"\ngeneralise = "date"\n', "when"),
            ("age", "integer", "true", "quasi", 'generalise = "band10"\n', "age"),
            ("fine", "integer", "true", "quasi", 'generalise = "top"\ntop = 300\n', "fine"),
            ("offence", "category", "true", "open", "", "offence"),
            ("place", "category", "true", "quasi", 'role = "place"\ngeneralise = "town"\n', "town"),
        )
    )
    + '\n[disclosure.age]\nreason = "Readers asked for it."\napproved_by = "The chief"\ndate = 2025-01-31\n'
)

_AREAS = """
id = "abcd-2345"
title = "Alder calls"
schema = "calls_for_service"
crosswalk = "alder.csv"
crosswalk_review = { reviewed_by = "A. Clerk, records office", date = 2024-01-02 }

[source]
path = "calls.csv"

[columns]
incident_number = { from = "incident" }
called_at = { from = "when", format = "iso-offset" }
call_type = { from = "nature" }
latitude = { from = "lat" }
longitude = { from = "lon" }

[coverage]
agency = "Alder Police"
places = ["5000100001"]

[points]
addresses = "addresses.csv"
cells = 6
"""
