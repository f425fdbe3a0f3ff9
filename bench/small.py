"""The processor time of publishing six rows, against plain DuckDB turning them into Parquet, each in its own process.

Nothing of it grows with the rows: it is what every publication takes, and every test that publishes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from candor.places.builder.importer import import_files

FIRST, SECOND = 1.2, 0.7
"""Seconds of the first publication of a process, which compiles what it asks, and of each that follows."""
TIMES = 5

TOWNS = {"5000100001": "Alder", "5000100002": "Birch", "5000100003": "Cedar"}

_PLAIN = """
import sys, time
import duckdb
duckdb.connect().execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
print(time.process_time())
"""

_PUBLISHED = """
import json, shutil, sys, time
from pathlib import Path
from candor.profiles.check import open_portal
from candor.publish.run import publish
took = [time.process_time()]
root = Path(sys.argv[1])
for number in range(int(sys.argv[2])):
    copied = root.with_name(f"{root.name}-{number}")
    shutil.copytree(root, copied)
    began = time.process_time()
    publish(open_portal(copied))
    took.append(time.process_time() - began)
    shutil.rmtree(copied)
print(json.dumps(took))
"""

_PORTAL = """
title = "Small"
jurisdiction = "Small"
state = "50"
time_zone = "America/New_York"
clock = 2026-04-10

[privacy]
k = 2
"""

_DATASET = """
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
town_name = { from = "town" }

[coverage]
agency = "Alder Police"
places = ["5000100001"]
first_month = "2024-03"
last_month = "2024-04"
"""


@dataclass(frozen=True)
class Result:
    """Seconds of the processor: of plain DuckDB's process, and of the imports, the first and a later publication."""

    plain: float
    imports: float
    first: float
    second: float


def portal(root: Path) -> Path:
    """Write a portal of six calls and three square towns."""
    for folder in ("datasets", "crosswalks"):
        (root / folder).mkdir(parents=True)
    features = [
        {
            "type": "Feature",
            "properties": {"GEOID": geoid, "NAMELSAD": f"{name} town", "COUNTY": "Tree"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[west, 44], [west + 1, 44], [west + 1, 45], [west, 45], [west, 44]]],
            },
        }
        for west, (geoid, name) in enumerate(TOWNS.items(), -73)
    ]
    calls = [f"C{n},2024-03-{n:02d}T10:15:00-05:00,{'Noise' if n % 2 else 'Alarm'},44.5,-72.5," for n in range(1, 7)]
    for name, text in {
        "portal.toml": _PORTAL,
        "datasets/alder-calls.toml": _DATASET,
        "crosswalks/alder.csv": "call_type,category,initiated_by,sensitivity,note\nNoise,noise,,,\nAlarm,alarm,,,\n",
        "calls.csv": "\n".join(["incident,when,nature,lat,lon,town", *calls, ""]),
        "towns.geojson": json.dumps({"type": "FeatureCollection", "features": features}),
        "residents.csv": "\n".join(["geoid,residents", *(f"{geoid},1000" for geoid in TOWNS), ""]),
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    import_files(root / "places", root / "towns.geojson", root / "residents.csv")
    return root


def measure(folder: Path) -> Result:
    """Publish the portal some times in one process, and let plain DuckDB copy its calls in another."""
    root = portal(folder / "six")
    plain = min(float(_said(_PLAIN, root / "calls.csv", folder / "six.parquet")) for _ in range(3))
    imports, first, *more = json.loads(_said(_PUBLISHED, root, TIMES))
    return Result(plain, imports, first, min(more))


def _said(code: str, *words: object) -> str:
    asked = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def run(folder: Path) -> bool:
    """Print what it takes, in seconds and as a ratio; whether the aims are met."""
    found = measure(folder)
    print(f"\nsix rows, seconds of the processor; plain DuckDB {found.plain:.2f}")
    for name, seconds, aim in (
        ("imports", found.imports, None),
        ("the first publication", found.first, FIRST),
        ("one after it", found.second, SECOND),
    ):
        print(f"  {name:<24}{seconds:>6.2f}  x {seconds / found.plain:<6.1f}" + (f"aim {aim}" if aim else ""))
    return found.first <= FIRST and found.second <= SECOND
