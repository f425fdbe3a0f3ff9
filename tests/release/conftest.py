"""A small portal: three square towns, one agency, a handful of calls; each test spoils one thing.

Its clock stands two years after the calls: all of them have settled, and the figures of 2024 are told.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from candor.places.builder.importer import import_files
from candor.portal.model import Portal
from candor.profiles.check import open_portal
from candor.publish.result import Run
from candor.publish.run import check, publish
from candor.store.store import Store

TOWNS = {"5000100001": "Alder", "5000100002": "Birch", "5000100003": "Cedar"}
HEADER = "incident,when,nature,lat,lon,town,marked"


def call(
    number: int,
    when: str = "2024-03-05T10:15:00-05:00",
    nature: str = "Noise",
    lat: str = "44.5",
    lon: str = "-72.5",
    town: str = "",
    marked: str = "0",
) -> str:
    return f"C{number:05d},{when},{nature},{lat},{lon},{town},{marked}"


def lines(count: int = 6) -> list[str]:
    """Calls of one month, of two kinds in turn: two of them are enough to say their month."""
    return [
        call(n, f"2024-03-{n % 28 + 1:02d}T10:15:00-05:00", "Noise" if n % 2 else "Alarm") for n in range(1, count + 1)
    ]


@dataclass(frozen=True)
class SmallPortal:
    root: Path

    @property
    def export(self) -> Path:
        return self.root / "calls.csv"

    def write(self, rows: Sequence[str], header: str = HEADER) -> None:
        self.export.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    def replace(self, old: str, new: str, file: str = "datasets/alder-calls.toml") -> None:
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def clock(self, day: str) -> None:
        """Set the portal's clock."""
        path = self.root / "portal.toml"
        path.write_text(re.sub("clock = .*", f"clock = {day}", path.read_text(encoding="utf-8")), encoding="utf-8")

    def open(self) -> Portal:
        return open_portal(self.root)

    def publish(self) -> Run:
        return publish(self.open())

    def check(self) -> Run:
        return check(self.open(), [])

    def public(self, name: str) -> pa.Table:
        store = Store(self.root / "data")
        release = store.current()
        assert release is not None
        version = release.dataset(name)
        assert version is not None
        files = [str(p) for p in store.public.files(version)]
        return duckdb.sql(f"SELECT * FROM read_parquet({files!r})").to_arrow_table()

    def quarantine(self) -> list[dict[str, object]]:
        path = self.root / "data" / "quarantine" / "alder-calls.parquet"
        table: pa.Table = duckdb.sql(f"SELECT * FROM read_parquet('{path}') ORDER BY _row").to_arrow_table()
        found: list[dict[str, object]] = table.to_pylist()
        return found


DATASET = """
id = "abcd-2345"
title = "Alder calls"
schema = "calls_for_service"
crosswalk = "alder-calls.csv"
crosswalk_review = { reviewed_by = "A. Clerk, records office", date = 2024-01-02 }

[source]
path = "calls.csv"
columns = ["incident", "when", "nature", "lat", "lon", "town", "marked"]

[columns]
incident_number = { from = "incident" }
called_at = { from = "when", format = "iso-offset" }
call_type = { from = "nature" }
latitude = { from = "lat" }
longitude = { from = "lon" }
town_name = { from = "town" }
domestic_related = { from = "marked" }

[coverage]
agency = "Alder Police"
places = ["5000100001"]
first_month = "2024-03"
last_month = "2024-04"
"""

CROSSWALK = """call_type,category,initiated_by,sensitivity,note
Noise,noise,,,
Alarm,alarm,,,
Overdose,overdose,,,
Patrol,,officer,,
"""


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template")
    (root / "datasets").mkdir()
    (root / "crosswalks").mkdir()
    (root / "portal.toml").write_text(
        'title = "Small"\njurisdiction = "Small"\nstate = "50"\ntime_zone = "America/New_York"\n'
        "clock = 2026-04-10\n\n[privacy]\nk = 2\n",
        encoding="utf-8",
    )
    (root / "datasets" / "alder-calls.toml").write_text(DATASET, encoding="utf-8")
    (root / "crosswalks" / "alder-calls.csv").write_text(CROSSWALK, encoding="utf-8")
    features = []
    for index, (geoid, name) in enumerate(TOWNS.items()):
        west = -73 + index
        ring = [[west, 44], [west + 1, 44], [west + 1, 45], [west, 45], [west, 44]]
        features.append(
            {
                "type": "Feature",
                "properties": {"GEOID": geoid, "NAMELSAD": f"{name} town", "COUNTY": "Tree"},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    (root / "towns.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (root / "people.csv").write_text(
        "GEOID,NAME,County_Name,population_2020,housing_units_2020\n"
        + "".join(f"{g},{n} town,TREE COUNTY,{1000 * i},{400 * i}\n" for i, (g, n) in enumerate(TOWNS.items(), 1))
    )
    import_files(root / "places", root / "towns.geojson", root / "people.csv")
    return root


@pytest.fixture
def portal(_template: Path, tmp_path: Path) -> SmallPortal:
    root = tmp_path / "portal"
    shutil.copytree(_template, root)
    small = SmallPortal(root)
    small.write(lines())
    return small


@pytest.fixture
def sums() -> Callable[[Run], dict[str, int]]:
    def of(run: Run) -> dict[str, int]:
        (accounted,) = run.accounted
        found = accounted.sums
        assert found["read"] == sum(v for k, v in found.items() if k != "read")
        return found

    return of
