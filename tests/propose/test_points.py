"""Where things were, as agencies write it: what is proposed for a file, and where its rows then lie."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from pyproj import Transformer

from candor.engine.duck import DuckEngine
from candor.intake.typed import Box, typed
from candor.portal.model import DatasetConfig
from candor.profiles.catalogue import standard_schemas
from candor.profiles.profile import standard_taxonomy
from candor.propose.coverage import Towns
from candor.propose.projections import Extent
from candor.propose.proposal import Proposal, propose
from candor.sources.base import ROW
from candor.sources.registry import land

CALLS = standard_schemas()["calls_for_service"]
Floats = npt.NDArray[np.float64]
ROWS = 60


@dataclass(frozen=True)
class World:
    """One place, a square of a tenth of a degree, and points in it, of which no two coordinates are alike."""

    west: float
    south: float

    @property
    def towns(self) -> Towns:
        def locate(x: Floats, y: Floats) -> npt.NDArray[np.int32]:
            inside = (x > self.west) & (x < self.west + 0.1) & (y > self.south) & (y < self.south + 0.1)
            return np.where(inside, 0, -1).astype(np.int32)

        extent = Extent(self.west, self.south, self.west + 0.1, self.south + 0.1)
        return Towns(pa.table({"geoid": ["11"], "name": ["Aton"]}), locate, lambda _: (), extent)

    @property
    def points(self) -> tuple[Floats, Floats]:
        """Longitudes and latitudes."""
        steps = np.arange(ROWS, dtype=np.float64)
        return self.west + 0.012 + (steps * 7 % ROWS) * 0.00127, self.south + 0.011 + (steps * 11 % ROWS) * 0.00129


HILLS = World(-78.53, 37.98)  # Virginia, in the south zone
VALLEY = World(-72.62, 44.21)  # Vermont
THAMES = World(-0.17, 51.46)  # of both sides of no sign: west of Greenwich
BERLIN = World(13.35, 52.47)  # a positive longitude, a decimal comma


def text(value: float) -> str:
    return f"{value:.6f}"


Cells = Callable[[float, float], Sequence[str]]


def projected(epsg: int, digits: int = 2, factor: float = 1) -> Cells:
    way = Transformer.from_crs(4326, epsg, always_xy=True)

    def cells(x: float, y: float) -> Sequence[str]:
        return [f"{v * factor:.{digits}f}" for v in way.transform(x, y)]

    return cells


def circle(value: float, sides: str) -> str:
    degrees, rest = divmod(abs(value) * 3600, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{degrees:.0f}°{minutes:.0f}'{seconds:.2f}\"{sides[value < 0]}"


FILES: dict[str, tuple[World, str, Cells]] = {
    "plain": (HILLS, "Lat;Lon", lambda x, y: [text(y), text(x)]),
    "a pair": (HILLS, "Where It Was", lambda x, y: [f"({y:.6f}, {x:.6f})"]),
    "a pair, longitude first": (HILLS, "coords", lambda x, y: [f"{x:.6f} {y:.6f}"]),
    "well-known text the wrong way round": (HILLS, "shape", lambda x, y: [f"POINT ({y:.6f} {x:.6f})"]),
    "geojson": (HILLS, "location", lambda x, y: [f'{{"type":"Point","coordinates":[{x:.6f},{y:.6f}]}}']),
    "names": (HILLS, "geocoded_column", lambda x, y: [f"{{'latitude': '{y:.6f}', 'longitude': '{x:.6f}'}}"]),
    "a decimal comma": (HILLS, "Latitude;Longitude", lambda x, y: [text(v).replace(".", ",") for v in (y, x)]),
    "a pair with decimal commas": (HILLS, "Position", lambda x, y: [f"{y:.5f}/{x:.5f}".replace(".", ",")]),
    "exchanged": (HILLS, "Latitude;Longitude", lambda x, y: [text(x), text(y)]),
    "no sign": (HILLS, "LATITUDE;LONGITUDE", lambda x, y: [text(y), text(-x)]),
    "columns called otherwise": (HILLS, "A1;A2", lambda x, y: [text(y), text(x)]),
    "millionths": (HILLS, "GPS_X;GPS_Y", lambda x, y: [f"{x * 1e6:.0f}", f"{y * 1e6:.0f}"]),
    "parts of a circle": (HILLS, "Latitude;Longitude", lambda x, y: [circle(y, "NS"), circle(x, "EW")]),
    "state plane feet": (HILLS, "XCOORD;YCOORD", projected(2284)),
    "state plane metres": (VALLEY, "Easting;Northing", projected(32145)),
    "state plane hundredths of feet": (HILLS, "geox;geoy", projected(2284, 0, 100)),
    "state plane, exchanged": (
        HILLS, "X;Y", lambda x, y: list(reversed(projected(2284)(x, y))),
    ),
    "state plane as text": (HILLS, "SHAPE", lambda x, y: ["POINT ({} {})".format(*projected(2284)(x, y))]),
    "thousands parted": (
        HILLS, "X Coordinate;Y Coordinate", lambda x, y: [f"{float(v):,.2f}" for v in projected(2284)(x, y)],
    ),
    "a zone of UTM": (HILLS, "UTM_X;UTM_Y", projected(26917)),
    "web mercator": (HILLS, "point_x;point_y", projected(3857)),
    "the British grid": (THAMES, "Easting;Northing", projected(27700, 0)),
    "a projection with decimal commas": (
        BERLIN, "Ostwert X;Nordwert Y",
        lambda x, y: [f"{float(v):_.2f}".replace(".", ",").replace("_", ".") for v in projected(25833)(x, y)],
    ),
}  # fmt: skip


def made(folder: Path, world: World, header: str, cells: Cells, odd: Sequence[Sequence[str]] = ()) -> Proposal:
    lines = [f"Number;Received;Nature;{header}"]
    xs, ys = world.points
    for n, (x, y) in enumerate(zip(xs.tolist(), ys.tolist(), strict=True)):
        quoted = ['"' + c.replace('"', '""') + '"' for c in cells(x, y)]
        lines.append(";".join([f"N{n:04d}", f"2024-01-{n % 28 + 1:02d} 10:{n:02d}:00", f"Noise {n % 3}", *quoted]))
    lines += [";".join([f"N9{n}", "2024-01-03 11:00:00", "Noise 1", *more]) for n, more in enumerate(odd)]
    file = folder / "export.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return propose(
        "some-calls", file, folder, schema=CALLS, taxonomy=standard_taxonomy("calls"), towns=world.towns,
        zone="America/New_York",
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    with DuckEngine("America/New_York", tmp_path_factory.mktemp("engine")) as opened:
        yield opened


def read(folder: Path, proposal: Proposal, world: World, engine: DuckEngine) -> pa.Table:
    """The typed rows by the proposal as it is."""
    declared = DatasetConfig.model_validate({**tomllib.loads(proposal.toml_text), "name": proposal.name})
    landed = land(declared.source, folder / "export.csv", folder / "landed.parquet")
    raw = engine.numbered(landed.path, ROW)
    box = Box(world.west, world.south, world.west + 0.1, world.south + 0.1)
    return engine.arrow(typed(raw, declared, CALLS, engine, datetime(2030, 1, 1), box, "UTC").order_by(ROW))


@pytest.mark.parametrize("name", FILES)
def test_every_row_lies_where_it_was(name: str, tmp_path: Path, engine: DuckEngine) -> None:
    world, header, cells = FILES[name]
    proposal = made(tmp_path, world, header, cells)
    rows = read(tmp_path, proposal, world, engine)
    xs, ys = world.points
    # Two metres: what whole feet, six decimals and the datum of a projection leave.
    assert np.allclose(rows["longitude"].to_numpy(), xs, atol=5e-5), proposal.toml_text
    assert np.allclose(rows["latitude"].to_numpy(), ys, atol=5e-5), proposal.toml_text
    assert set(rows["_notes"].to_pylist()) == {""}
