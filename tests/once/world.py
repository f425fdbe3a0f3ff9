"""A made-up state that publishes month after month while its records keep changing.

Towns are squares of a grid, agencies cover some of them each. Calls are drawn once; what an export of a day holds of
them depends on the day: calls come late, types, towns and times are corrected, open calls turn sensitive and sensitive
ones open, calls are deleted, an agency's month comes late, an agency joins, a town is split, the crosswalk changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from candor.places.builder.importer import import_files
from candor.profiles.check import open_portal
from candor.publish.result import Run
from candor.publish.run import publish

NATURES = (
    # the agency's word, its category, calls a year for each 1,000 residents
    ("Noise", "noise", 30.0),
    ("Theft", "theft", 25.0),
    ("Fight", "disturbance", 12.0),
    ("Alarm", "alarm", 12.0),
    ("Overdose", "overdose", 4.0),
    ("Suicidal person", "suicide", 2.0),
    ("Domestic violence", "domestic-violence", 3.0),
)
OPEN = (0, 1, 2, 3)
SENSITIVE = (4, 5, 6)
NAME = "state-calls"

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How large a world is, and how much happens to its records. Shares are of all calls."""

    towns: int = 12
    counties: int = 3
    agencies: int = 5
    first_year: int = 2023
    months: int = 36
    calls: float = 1.0
    late: float = 0.03
    corrected: float = 0.02
    turned: float = 0.02
    deleted: float = 0.005
    seed: int = 1


@dataclass(frozen=True)
class World:
    """The calls, and what happens to them: `events` are columns day, call, field and value, in order of days."""

    size: Size
    residents: Ints
    county: Ints
    agency: Ints
    town: Ints
    minute: Ints  # since the first day of the first month
    nature: Ints
    arrives: Ints  # days since then
    deleted: Ints
    events: tuple[Ints, Ints, Ints, Ints]
    joins: Ints  # of each agency: the first month that it sends

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.size.first_year, 1, 1)

    def geoid(self, town: int) -> str:
        """A town's code; the second half of the towns' split is the last one."""
        return f"5{self.county[town]:03d}{town:06d}"


SPLIT, _SPLIT_GEOID = "East Town", "5999999999"
_COUNTIES = tuple(
    f"{a}{b}" for a in ("North", "South", "East", "West") for b in ("hill", "lake", "ford", "wood", "vale")
)

_FIELDS = ("nature", "town", "minute")


def draw(size: Size) -> World:
    """The world of a size and seed."""
    rng = np.random.default_rng(size.seed)
    towns = size.towns
    residents = np.rint(np.exp(rng.normal(7.3, 1.0, towns))).astype(np.int64) + 60
    county = np.sort(rng.integers(0, size.counties, towns))
    agency = np.concatenate([np.arange(size.agencies), rng.integers(0, size.agencies, towns - size.agencies)])
    days = (_month(size.first_year, size.months) - date(size.first_year, 1, 1)).days
    rate = np.array([n[2] for n in NATURES]) / 1000 / 365 * days * size.calls
    number = rng.poisson(residents[:, None] * rate)
    town = np.repeat(np.repeat(np.arange(towns), len(NATURES)), number.ravel())
    nature = np.repeat(np.tile(np.arange(len(NATURES)), towns), number.ravel())
    minute = rng.integers(0, days * 1440, town.size)
    arrives = minute // 1440 + 1
    late = rng.random(town.size) < size.late
    arrives = np.where(late, arrives + rng.integers(20, 300, town.size), arrives)
    deleted = np.where(rng.random(town.size) < size.deleted, arrives + rng.integers(10, 400, town.size), 10**6)
    joins = np.zeros(size.agencies, np.int64)
    joins[-1] = size.months - 6  # the last agency joins
    parts = []
    for field, share in (
        ("nature", size.turned),
        ("nature", size.corrected),
        ("town", size.corrected),
        ("minute", size.corrected),
    ):
        hit = np.flatnonzero(rng.random(town.size) < share)
        at = arrives[hit] + rng.integers(5, 400, hit.size)
        if field == "nature" and share == size.turned:  # open to sensitive, and back
            value = np.where(np.isin(nature[hit], OPEN), rng.choice(SENSITIVE, hit.size), rng.choice(OPEN, hit.size))
        elif field == "nature":
            value = np.where(np.isin(nature[hit], OPEN), rng.choice(OPEN, hit.size), rng.choice(SENSITIVE, hit.size))
        elif field == "town":
            same = [rng.choice(np.flatnonzero(agency == a)) for a in agency[town[hit]]]
            value = np.array(same, np.int64)
        else:
            value = np.maximum(minute[hit] + rng.integers(-60 * 24 * 40, 60 * 24 * 5, hit.size), 0)
        parts.append((at, hit, np.full(hit.size, _FIELDS.index(field)), value))
    at, hit, field_, value_ = (np.concatenate([p[i] for p in parts]) for i in range(4))
    order = np.argsort(at, kind="stable")
    events = (at[order], hit[order], field_[order], value_[order])
    # An agency's month that comes three months late.
    month = _months(minute, size)
    one = (agency[town] == 1) & (month == size.months - 8)
    arrives = np.where(
        one,
        np.maximum(arrives, (_month(size.first_year, size.months - 8) - date(size.first_year, 1, 1)).days + 95),
        arrives,
    )
    keep = month >= joins[agency[town]]
    index = np.full(town.size, -1)
    index[keep] = np.arange(keep.sum())
    alive = keep[events[1]]
    events = (events[0][alive], index[events[1][alive]], events[2][alive], events[3][alive])
    return World(
        size,
        residents,
        county,
        agency,
        town[keep],
        minute[keep],
        nature[keep],
        arrives[keep],
        deleted[keep],
        events,
        joins,
    )


def _month(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)


def _months(minute: Ints, size: Size) -> Ints:
    start = np.datetime64(f"{size.first_year}-01-01T00:00", "m")
    return ((start + minute).astype("datetime64[M]") - np.datetime64(f"{size.first_year}-01", "M")).astype(np.int64)


@dataclass(frozen=True)
class Records:
    """What an export of a day holds: columns of one length. `call` is the number of the call."""

    call: Ints
    town: Ints
    minute: Ints
    nature: Ints


def records(world: World, day: date) -> Records:
    """The calls as their agencies had them on a day."""
    today = (day - world.start).days
    columns = {"nature": world.nature.copy(), "town": world.town.copy(), "minute": world.minute.copy()}
    at, call, field, value = world.events
    until = np.searchsorted(at, today, side="right")
    for i, name in enumerate(_FIELDS):
        own = field[:until] == i
        columns[name][call[:until][own]] = value[:until][own]  # in order: the newest stands
    there = (world.arrives <= today) & (world.deleted > today) & (columns["minute"] < today * 1440)
    kept = np.flatnonzero(there)
    return Records(kept, columns["town"][kept], columns["minute"][kept], columns["nature"][kept])


class Portal:
    """The portal of a world in a folder, and its publisher."""

    def __init__(self, root: Path, world: World, *, days: int = 30) -> None:
        self.root, self.world, self._days = root, world, days
        self._split: date | None = None
        self.natures = {n[0]: n[1] for n in NATURES}
        for folder in ("datasets", "crosswalks", "sources", "coverage"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self._places()
        (root / "datasets" / f"{NAME}.toml").write_text(_DATASET, encoding="utf-8")
        self.crosswalk()

    def crosswalk(self, **changed: str) -> None:
        """Write the crosswalk, some natures with another category."""
        self.natures |= {k.replace("_", " "): v for k, v in changed.items()}
        lines = ["call_type,category,initiated_by,sensitivity,note", *(f"{n},{c},,," for n, c in self.natures.items())]
        (self.root / "crosswalks" / f"{NAME}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def split(self, month: date) -> None:
        """From a month on the east of town 0 is a town of its own, as the publisher learns of it now."""
        self._split = month
        self._places()

    def turn_sensitive(self, kind: str) -> None:
        """From the next publication on a kind is sensitive that was open."""
        file = self.root / "datasets" / f"{NAME}.toml"
        rule = f'\n[categories.{kind}]\nsensitivity = "sensitive"\nreason = "A decision of the state."\n'
        file.write_text(file.read_text(encoding="utf-8") + rule, encoding="utf-8")

    def publish(self, day: date) -> Run:
        """Export what the agencies have on a day, and publish with the portal's clock on it."""
        self.write(records(self.world, day), day)
        return publish(open_portal(self.root))

    def write(self, found: Records, day: date) -> None:
        """Write the export, the coverage and the portal's text as of a day."""
        world, size = self.world, self.world.size
        start = np.datetime64(f"{size.first_year}-01-01T00:00", "m")
        when = np.datetime_as_string(start + found.minute, unit="m")
        agency = world.agency[found.town]
        town = np.array([f"Town {t:03d}" for t in found.town], np.object_)
        if self._split:
            later = found.minute >= (self._split - world.start).days * 1440
            town[(found.town == 0) & later & (found.call % 2 == 0)] = SPLIT
        export = pa.table(
            {
                "number": pa.array([f"C{c:07d}" for c in found.call]),
                "agency": pa.array([f"Agency {a:03d}" for a in agency]),
                "when": pa.array(when.astype(object), pa.string()),
                "nature": pa.array([NATURES[n][0] for n in found.nature]),
                "town": pa.array(town, pa.string()),
            }
        )
        pa_csv.write_csv(export, self.root / "sources" / "calls.csv")
        lines = ["agency,geoid,first_month,last_month,gaps"]
        lines += [
            f"Agency {a:03d},{world.geoid(t)},{_month(size.first_year, int(world.joins[a])):%Y-%m},,"
            for t, a in enumerate(world.agency)
        ]
        if self._split:
            lines.append(f"Agency {world.agency[0]:03d},{_SPLIT_GEOID},{self._split:%Y-%m},,")
        (self.root / "coverage" / f"{NAME}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self.root / "portal.toml").write_text(
            f'title = "State"\njurisdiction = "State"\nstate = "50"\ntime_zone = "America/New_York"\n'
            f"clock = {day}\n\n[settling]\ndays = {self._days}\n",
            encoding="utf-8",
        )

    def _places(self) -> None:
        world = self.world
        features = []
        squares = [(world.geoid(t), f"Town {t:03d}", world.county[t], -73 + (t % 20) * 0.1, 43 + (t // 20) * 0.1, 0.1)
                   for t in range(world.size.towns)]  # fmt: skip
        if self._split:
            squares[0] = (*squares[0][:5], 0.05)
            squares.append((_SPLIT_GEOID, SPLIT, world.county[0], -72.95, 43.0, 0.05))
        for geoid, name, county, west, south, wide in squares:
            ring = [[west, south], [west + wide, south], [west + wide, south + 0.1], [west, south + 0.1], [west, south]]
            features.append(
                {
                    "type": "Feature",
                    "properties": {"GEOID": geoid, "NAME": name, "COUNTY": _COUNTIES[county]},
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                }
            )
        sources = self.root / "sources"
        (sources / "towns.geojson").write_text(
            json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8"
        )
        rows = [f"{world.geoid(t)},{r}" for t, r in enumerate(world.residents)]
        rows += [f"{_SPLIT_GEOID},400"] if self._split else []
        (sources / "residents.csv").write_text("\n".join(["geoid,residents", *rows]) + "\n", encoding="utf-8")
        changes = sources / "changes.csv"
        if self._split:
            changes.write_text(
                f"geoid,from_month,before,note\n{_SPLIT_GEOID},{self._split:%Y-%m},{world.geoid(0)},\n",
                encoding="utf-8",
            )
        import_files(
            self.root / "places", sources / "towns.geojson", sources / "residents.csv",
            changes=changes if self._split else None,
        )  # fmt: skip


def months_of(first: date, count: int) -> Sequence[date]:
    """The tenth of so many months on end, from that of `first` on."""
    return [_month(first.year, first.month - 1 + i) + timedelta(days=9) for i in range(count)]


_DATASET = f"""
id = "cals-2342"
title = "Calls"
schema = "calls_for_service"
crosswalk = "{NAME}.csv"
crosswalk_review = {{ reviewed_by = "A. Clerk, records office", date = 2024-01-02 }}

[source]
path = "sources/calls.csv"
columns = ["number", "agency", "when", "nature", "town"]

[coverage]
file = "coverage/{NAME}.csv"

[columns.incident_number]
from = "number"

[columns.agency]
from = "agency"

[columns.called_at]
from = "when"
format = "iso"

[columns.call_type]
from = "nature"

[columns.town_name]
from = "town"
"""
