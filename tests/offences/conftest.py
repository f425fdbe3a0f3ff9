"""Five square towns, two of them of one name, and a portal whose only data set is counts by place and year."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from candor.places.builder.write import write_pack
from candor.places.pack import ALIASES_SCHEMA, PLACES_SCHEMA, PlacesPack
from candor.profiles.check import open_portal
from candor.publish.result import Run
from candor.publish.run import publish
from candor.store.model import Release
from candor.store.public import PublicStore

TOWNS = (
    ("5000100001", "Alder city", "Alder city", 8000),
    ("5000100002", "Alder town", "Alder town", 1500),
    ("5000100003", "Birch", "Birch town", 4000),
    ("5000100004", "Cedar", "Cedar town", 2000),
    ("5000100005", "Dogwood", "Dogwood town", 0),
)
PORTAL = 'title = "Small"\njurisdiction = "Small"\nstate = "50"\ntime_zone = "America/New_York"\nclock = 2022-06-01\n'
DATASET = """
id = "ab2d-9xyz"
title = "Offences"
schema = "offences_by_place"
origin = "A yearly table"
definition = "Offences that were recorded."

[source]
kind = "counts"
path = "offences.csv"
missing = ["", "n/a"]

[columns]
place = "place"
period = "year"
residents = "residents"

[categories]
burglary = "burglary"
larceny-theft = "theft"
rape-revised = "rape"

[withheld]
total = "It holds a sensitive category."
"""
HEADER = "place,year,residents,burglary,theft,rape,total"


@pytest.fixture(scope="session")
def pack() -> PlacesPack:
    geoids, names, full, residents = zip(*TOWNS, strict=True)
    size = len(TOWNS)
    columns = [geoids, names, full, ["Tree"] * size, residents, [100] * size]
    columns += [[-72.5 + i for i in range(size)], [44.5] * size]
    places = pa.table([pa.array(c, f.type) for c, f in zip(columns, PLACES_SCHEMA, strict=True)], schema=PLACES_SCHEMA)
    aliases = pa.table(
        [pa.array(["BIRCH FALLS", "OLD CEDAR"]), pa.array(["5000100003", "5000100004"])], schema=ALIASES_SCHEMA
    )
    boundaries = [shapely.box(-73 + i, 44, -72 + i, 45) for i in range(size)]
    return PlacesPack("Small", "made for a test", 2020, False, "", places, aliases, boundaries)


@dataclass(frozen=True)
class Offences:
    """The small portal."""

    root: Path

    def write(self, *lines: str, header: str = HEADER, file: str = "offences.csv") -> None:
        (self.root / file).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    def declare(self, text: str = DATASET, name: str = "small-offences") -> None:
        (self.root / "datasets" / f"{name}.toml").write_text(text, encoding="utf-8")

    def clock(self, day: str) -> None:
        """Set the portal's clock."""
        path = self.root / "portal.toml"
        path.write_text(re.sub("clock = .*", f"clock = {day}", path.read_text(encoding="utf-8")), encoding="utf-8")

    def publish(self, *names: str) -> Run:
        return publish(open_portal(self.root), names)

    @property
    def release(self) -> Release:
        found = PublicStore(self.root / "data" / "public").current()
        assert found is not None
        return found

    def public(self, name: str) -> pa.Table:
        return public_table(self.root, name)


def public_table(root: Path, name: str) -> pa.Table:
    """A data set of the release in force, as the public store names its files."""
    store = PublicStore(root / "data" / "public")
    release = store.current()
    assert release is not None
    version = release.dataset(name)
    assert version is not None, name
    return pa.concat_tables([pq.read_table(path) for path in store.files(version)])


def one(table: pa.Table, **wanted: object) -> dict[str, object]:
    """The one line in which every column named has that value."""
    found = [line for line in table.to_pylist() if all(line[k] == v for k, v in wanted.items())]
    assert len(found) == 1, f"{len(found)} lines of {wanted}"
    return dict(found[0])


@pytest.fixture
def make_portal(tmp_path: Path, pack: PlacesPack) -> Callable[[], Offences]:
    def make() -> Offences:
        root = tmp_path / "portal"
        (root / "datasets").mkdir(parents=True)
        (root / "portal.toml").write_text(PORTAL, encoding="utf-8")
        write_pack(root / "places", pack)
        return Offences(root)

    return make


@pytest.fixture
def portal(make_portal: Callable[[], Offences]) -> Offences:
    made = make_portal()
    made.declare()
    return made
