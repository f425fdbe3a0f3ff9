"""A small portal with everything that Candor publishes, whose every call is known, so that a secret count is known too.

Fifteen towns in three counties, seven agencies, two of them of one small town, 38 months of calls (three whole years
and two months), verified offences, visitors as a denominator, a figure of another place, a gap, a town that nobody
covers and one without residents. Its clock stands where all months have settled. Calls are
drawn once from a fixed seed; a world is that list with some calls moved. Columns that are not published, rows that
cannot be read and words of the publisher's own files hold `CANARY`: it must be in nothing that is public.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from unittest import mock

import numpy as np

from candor.places.builder.importer import import_files
from candor.profiles.check import open_portal
from candor.publish.run import publish
from candor.store.model import Release
from candor.store.publication import Publication

CANARY = "zquxcanary"
"""In withheld columns, in rows that end in quarantine, and in the publisher's notes: lower case, never a real word."""

MONTHS, FIRST_YEAR = 38, 2023
CALLS, OFFENCES = "tree-calls", "tree-offences"
SECRET, SECRET_NATURE = "overdose", "Overdose"
"""The sensitive kind whose counts the worlds differ in, and the agency's word for it."""

GAP, OF_GAP = 18, "Brook Sheriff"
"""A month that an agency declares not to have reported, although there are calls in it."""


@dataclass(frozen=True)
class Town:
    geoid: str
    name: str
    county: str
    residents: int
    agency: str


TOWNS = (
    Town("5000100010", "Alder", "Ash", 6200, "Alder Police"),
    Town("5000100020", "Birch", "Ash", 1900, "Ash Sheriff"),
    Town("5000100030", "Cedar", "Ash", 860, "Ash Sheriff"),
    Town("5000100040", "Dogwood", "Ash", 540, "Dogwood Constable"),
    Town("5000100050", "Elder", "Ash", 410, "Ash Sheriff"),
    Town("5000300010", "Fern", "Brook", 3100, "Brook Sheriff"),
    Town("5000300020", "Gorse", "Brook", 1300, "Brook Sheriff"),
    Town("5000300030", "Hazel", "Brook", 700, "Brook Sheriff"),
    Town("5000300040", "Ivy", "Brook", 0, "Brook Sheriff"),
    Town("5000300050", "Juniper", "Brook", 480, "Brook Sheriff"),
    Town("5000500010", "Larch", "Crag", 4400, "Larch Police"),
    Town("5000500020", "Maple", "Crag", 1250, "Crag Sheriff"),
    Town("5000500030", "Nettle", "Crag", 820, "Crag Sheriff"),
    Town("5000500040", "Oak", "Crag", 520, "Oak Constable"),
    Town("5000500050", "Pine", "Crag", 150, ""),
)
COVERED = [i for i, town in enumerate(TOWNS) if town.agency]

NATURES = (
    # the agency's word, its standard category, who began it, calls a year for each 1,000 residents
    ("Noise", "noise", "", 26.0),
    ("Theft", "theft", "", 22.0),
    ("Fight", "disturbance", "", 9.0),
    ("Traffic stop", "traffic-stop", "officer", 24.0),
    ("Overdose", "overdose", "", 4.0),
    ("Suicidal person", "suicide", "", 2.2),
    ("Odd", "", "", 1.0),
)
MARKED = 0.04
"""The share of open calls that the agency marks as domestic: counted apart."""

ADDRESSES = tuple(
    (f"{43.5 + town // 5 + 0.0073113 * (n % 7 + 1):.7f}", f"{-73 + town % 5 + 0.0613171 * (n % 15 + 1):.7f}")
    for town in range(len(TOWNS))
    for n in range(60)
)
"""Where people live, which stays inside: latitude and longitude."""

BREACHES = ("rape-revised", "burglary", "larceny-theft")


@dataclass(frozen=True)
class Call:
    """A call as the agency has it. `town` is an index of `TOWNS`."""

    number: int
    when: datetime
    nature: str
    town: int
    marked: bool = False

    @property
    def month(self) -> int:
        """Months since the first."""
        return (self.when.year - FIRST_YEAR) * 12 + self.when.month - 1


@dataclass(frozen=True)
class World:
    """All calls and all offences: `offences[town, year]` are the counts of `BREACHES`."""

    calls: tuple[Call, ...]
    offences: Mapping[tuple[int, int], tuple[int, ...]]

    def replaced(self, *calls: Call) -> World:
        """The world in which the calls of these numbers are others."""
        others = {c.number: c for c in calls}
        return replace(self, calls=tuple(others.get(c.number, c) for c in self.calls))

    def with_offences(self, *changes: tuple[int, int, int, int]) -> World:
        """The world in which towns have other offences: town, year, number of the kind, how many more."""
        found = {key: list(value) for key, value in self.offences.items()}
        for town, year, kind, more in changes:
            found[town, year][kind] += more
        return replace(self, offences={key: tuple(value) for key, value in found.items()})

    def secret(self, *, in_gap: bool = False) -> list[Call]:
        """The calls of the secret kind that are counted, or those in the month that is not reported."""
        mine = (c for c in self.calls if c.nature == SECRET_NATURE)
        return [c for c in mine if (c.month == GAP and TOWNS[c.town].agency == OF_GAP) == in_gap]


def draw(seed: int = 4) -> World:
    """The world of a seed."""
    rng = np.random.default_rng(seed)
    calls: list[Call] = []
    for month in range(MONTHS):
        first = datetime(FIRST_YEAR + month // 12, month % 12 + 1, 1)
        after = datetime(FIRST_YEAR + (month + 1) // 12, (month + 1) % 12 + 1, 1)
        minutes = int((after - first).total_seconds()) // 60
        for town in COVERED:
            for nature, _, _, rate in NATURES:
                for at in rng.integers(0, minutes, rng.poisson(max(TOWNS[town].residents, 60) * rate / 12_000)):
                    marked = nature in ("Noise", "Theft") and bool(rng.random() < MARKED)
                    calls.append(Call(len(calls) + 1, first + timedelta(minutes=int(at)), nature, town, marked))
    offences = {
        (town, FIRST_YEAR + year): tuple(int(rng.poisson(TOWNS[town].residents * rate / 1000)) for rate in (1, 6, 15))
        for town in COVERED
        for year in range(3)
    }
    return World(tuple(calls), offences)


def build(root: Path, world: World, *, months: int = MONTHS, areas: bool = False) -> None:
    """Write the portal of a world, with the calls of the first months; what is there is written anew.

    With `areas` its rows say which part of their town they lie in.
    """
    for folder in ("datasets", "crosswalks", "coverage", "denominators", "sources"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    settled = months + 1  # the month after the next, from 0
    clock = f"{FIRST_YEAR + settled // 12}-{settled % 12 + 1:02d}-10"
    (root / "portal.toml").write_text(_PORTAL.replace("CLOCK", clock), encoding="utf-8")
    (root / "datasets" / f"{CALLS}.toml").write_text(_CALLS + (_AREAS if areas else ""), encoding="utf-8")
    _lines(root / "addresses.csv", "latitude,longitude", [f"{lat},{lon}" for lat, lon in ADDRESSES])
    anchors = [
        f"{t.name} {way} Corner,{t.geoid},{43.5 + i // 5},{-73 + i % 5 + at}"
        for i, t in enumerate(TOWNS)
        if t.agency
        for way, at in (("West", 0.3), ("East", 0.6))
    ]
    _lines(root / "anchors.csv", "anchor,geoid,latitude,longitude", anchors)
    (root / "datasets" / f"{OFFENCES}.toml").write_text(_OFFENCES, encoding="utf-8")
    crosswalk = [f"{n},{category},{who},,{CANARY} of the clerk" for n, category, who, _ in NATURES if category]
    _lines(root / "crosswalks" / f"{CALLS}.csv", "call_type,category,initiated_by,sensitivity,note", crosswalk)
    last = f"{FIRST_YEAR + (months - 1) // 12}-{(months - 1) % 12 + 1:02d}"
    covered = [
        f"{t.agency},{t.geoid},{FIRST_YEAR}-01,{last},{'2024-07' if t.agency == OF_GAP else ''}"
        for t in TOWNS
        if t.agency
    ]
    _lines(root / "coverage" / f"{CALLS}.csv", "agency,geoid,first_month,last_month,gaps", covered)
    visitors = [f"{t.geoid},{month},{40 * month}" for t in TOWNS for month in range(1, 13)]
    _lines(root / "denominators" / "visitors.csv", "geoid,month,added", visitors)
    write_sources(root, world, months=months)
    if not (root / "places").exists():
        _places(root)


def write_sources(root: Path, world: World, *, months: int = MONTHS) -> None:
    """Write the exports alone."""
    rows = [_row(call) for call in world.calls if call.month < months]
    rows.insert(100, f"Q1,{CANARY} Police,{CANARY}-time,Noise,Alder,0,,,{CANARY},{CANARY},{CANARY}")
    rows.insert(200, f"Q2,Alder Police,2099-01-01T00:00:00,Noise,{CANARY}ville,0,,,{CANARY},{CANARY},{CANARY}")
    rows.insert(300, rows[250])  # a row that came twice
    rows.append(f'Q3,"{CANARY}')  # a line that is no row
    _lines(root / "sources" / "calls.csv", _HEADER, rows)
    counted = [f"{TOWNS[t].name},{year},{','.join(map(str, n))}" for (t, year), n in sorted(world.offences.items())]
    _lines(root / "sources" / "offences.csv", "place,year,rape,burglary,theft", counted)


def release(root: Path) -> Release:
    """Publish, at a time that is the same in every world and with the same names of files."""
    with _clockwork():
        made = publish(open_portal(root)).release
    assert made is not None
    return made


@contextmanager
def _clockwork() -> Iterator[None]:
    """The store's clock, its random names, how long the audit took: what is of the run is not what is tested."""
    numbers = count()

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> Clock:
            return cls(2026, 3, 9, 12, 0, tzinfo=UTC if tz else None)

    def token(_size: int = 0) -> str:
        return f"{next(numbers):08x}"

    bring_into_force = Publication.bring_into_force

    def without_seconds(publication: Publication, made: Release) -> Release:
        audit = made.audit and made.audit.model_copy(update={"seconds": 0.0})
        return bring_into_force(publication, made.model_copy(update={"audit": audit}))

    with (
        mock.patch.object(Publication, "bring_into_force", without_seconds),
        mock.patch("candor.store.publication.datetime", Clock),
        mock.patch("candor.store.publication.secrets.token_hex", token),
    ):
        yield


def _row(call: Call) -> str:
    town = TOWNS[call.town]
    west, south = call.town % 5, call.town // 5
    lon = -73 + west + 0.5 + (call.number % 97 + 1) / 997  # never a town's middle, which is public
    lat = 43 + south + 0.5 + (call.number % 89 + 1) / 991
    person = f"{CANARY}{call.number}"
    return ",".join(
        (
            f"{CANARY}-{call.number}", town.agency, f"{call.when:%Y-%m-%dT%H:%M:%S}", call.nature, town.name,
            "1" if call.marked else "0", f"{lat:.9f}", f"{lon:.9f}", f"Caller {person}", f"{call.number} {person} St",
            f"Told by {person}",
        )
    )  # fmt: skip


def coordinates(call: Call) -> tuple[str, str]:
    """The point of a call as it stands in the export: in nothing that is public."""
    cells = _row(call).split(",")
    return cells[6], cells[7]


def _lines(path: Path, header: str, rows: Sequence[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def _places(root: Path) -> None:
    features = []
    for index, town in enumerate(TOWNS):
        west, south = -73 + index % 5, 43 + index // 5
        ring = [[west, south], [west + 1, south], [west + 1, south + 1], [west, south + 1], [west, south]]
        properties = {"GEOID": town.geoid, "NAMELSAD": f"{town.name} town", "COUNTY": town.county}
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    (root / "towns.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    people = [f"{t.geoid},{t.name} town,{t.county.upper()} COUNTY,{t.residents},{t.residents // 2}" for t in TOWNS]
    _lines(root / "people.csv", "GEOID,NAME,County_Name,population_2020,housing_units_2020", people)
    import_files(root / "places", root / "towns.geojson", root / "people.csv")


_HEADER = "Number,Agency,When,Nature,Town,Marked,Lat,Lon,Caller,Address,Remarks"
_PORTAL = f"""# {CANARY}
title = "Tree State"
jurisdiction = "Tree State"
state = "50"
time_zone = "America/New_York"
clock = CLOCK
contact = "data@example.org"

[[denominators]]
name = "visitors"
title = "residents and visitors"
file = "denominators/visitors.csv"
source = "Made up for tests"

[[benchmarks]]
layer = "offences"
category = "burglary"
year = 2024
rate = 2.5
place = "Whole Country"
source = "Made up for tests"
"""
_CALLS = f"""# {CANARY}
id = "tree-ca22"
title = "Tree calls"
schema = "calls_for_service"
crosswalk = "{CALLS}.csv"
crosswalk_review = {{ reviewed_by = "A. Clerk, records office", date = 2024-01-02 }}

[source]
path = "sources/calls.csv"
columns = ["Number", "Agency", "When", "Nature", "Town", "Marked", "Lat", "Lon", "Caller", "Address", "Remarks"]

[coverage]
file = "coverage/{CALLS}.csv"

[columns]
incident_number = {{ from = "Number" }}
agency = {{ from = "Agency" }}
called_at = {{ from = "When", format = "%Y-%m-%dT%H:%M:%S" }}
call_type = {{ from = "Nature" }}
town_name = {{ from = "Town" }}
domestic_related = {{ from = "Marked" }}
latitude = {{ from = "Lat" }}
longitude = {{ from = "Lon" }}
street = {{ from = "Address" }}
narrative = {{ from = "Remarks" }}
"""
_AREAS = """
[points]
addresses = "addresses.csv"
anchors = "anchors.csv"
"""
_OFFENCES = """
id = "tree-ff33"
title = "Tree offences"
schema = "offences_by_place"
origin = "A yearly table"
definition = "Offences that were recorded."

[source]
kind = "counts"
path = "sources/offences.csv"

[columns]
place = "place"
period = "year"

[categories]
rape-revised = "rape"
burglary = "burglary"
larceny-theft = "theft"
"""
