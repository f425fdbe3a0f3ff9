"""Writes a whole portal of the simulated Vermont: text, places, exports, crosswalks, coverage."""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final

import shapely
from pyarrow import csv as arrow_csv

from candor.demo.agencies import Agencies, assign_agencies
from candor.demo.calls import Draw, simulate
from candor.demo.clerk import Clerk, local_types
from candor.demo.events import events
from candor.demo.layouts import WRITING, Words, table
from candor.demo.model import Expectation, SimulationModel, expect, load_mix
from candor.demo.names import Layout, TownNames
from candor.demo.offences import offences
from candor.demo.schematic import write_schematic_pack
from candor.demo.towns import PointSampler, Towns, read_towns
from candor.demo.visitors import FILE as VISITORS
from candor.demo.visitors import visitors
from candor.demo.worlds import World, draw_of
from candor.errors import UsageError

DATASETS: Final[dict[Layout, str]] = {"municipal": "municipal-calls", "state": "state-and-sheriff-calls"}
EVENTS: Final = "community-events"
OFFENCES: Final = "verified-offences"

CLOCK_AFTER: Final = 9
"""Days from the end of the last simulated month to where the clock of the portal stands."""

ALL_SETTLED: Final = 100
"""Days after which nothing waits any more."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class ExportSummary:
    """One export: its file, the calls that were simulated for it, and the rows written, duplicates among them."""

    path: Path
    calls: int
    rows: int
    bytes: int


@dataclass(frozen=True)
class Summary:
    """What was written. `exports` by data set; `towns` of the pack and how many of them an agency covers."""

    root: Path
    exports: dict[str, ExportSummary]
    towns: int
    covered: int
    agencies: int
    months: int

    @property
    def calls(self) -> int:
        """All simulated calls, without the rows that repeat one."""
        return sum(export.calls for export in self.exports.values())

    @property
    def rows(self) -> int:
        """All rows of the exports of calls."""
        return sum(export.rows for export in self.exports.values())


def build_demo_portal(
    root: Path,
    *,
    calls: int = 600_000,
    months: int = 39,
    seed: int = 2023,
    world: World | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Write the portal folder. The same arguments give the same bytes.

    With a `world`, its calls are drawn instead, and `calls`, `months` and `seed` say nothing: it has its own.

    `progress` is told how many months are done, and of how many. `portal.toml` is written last, so a folder that has
    one is whole. Raises `UsageError` where there is a portal already, `ValueError` where a parameter is out of range.
    """
    if (root / "portal.toml").exists():
        raise UsageError(f"a portal in {root}", "a folder without portal.toml", "Name another folder.")
    model = world.model() if world else SimulationModel(calls=calls, months=months, seed=seed)
    for folder in ("datasets", "sources", "crosswalks", "coverage", "denominators"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    write_schematic_pack(root / "places")
    towns = read_towns(root / "places")
    world = world.in_order(towns) if world else None
    agencies = world.agencies(towns) if world else assign_agencies(model, towns)
    source = draw_of(world) if world else _expectation(model, towns, agencies)
    exports = write_exports(root / "sources", source, towns, agencies, progress)
    names = [*DATASETS.values(), EVENTS]
    # Of a world only the calls are known.
    verified = offences(source, towns, agencies) if isinstance(source, Expectation) else None
    if verified is not None:
        arrow_csv.write_csv(verified, _source(root / "sources", OFFENCES))
        names.append(OFFENCES)
    arrow_csv.write_csv(events(model, towns, agencies), _source(root / "sources", EVENTS))
    for layout, name in DATASETS.items():
        _write_crosswalk(root / "crosswalks" / f"{name}.csv", layout, world.categories if world else None)
        lines = agencies.coverage(towns, [model.month(m) for m in range(model.months)], municipal=layout == "municipal")
        _write_rows(root / "coverage" / f"{name}.csv", ["agency", "geoid", "first_month", "last_month", "gaps"], lines)
    for name in names:
        (root / "datasets" / f"{name}.toml").write_bytes(_text(f"{name}.toml"))
    _write_rows(root / VISITORS, ["geoid", "month", "added"], world.visitors() if world else visitors(towns))
    (root / "portal.toml").write_bytes(
        _text("portal.toml").replace(b"@CLOCK@", _clock(model, whole=world is not None).encode())
    )
    covered = int((agencies.of_town >= 0).sum())
    return Summary(root, exports, len(towns), covered, len(agencies.name), model.months)


def _clock(model: SimulationModel, *, whole: bool) -> str:
    """Where the portal's clock stands: a few days into the month after the last one, which has not settled then.

    `whole`: where everything has settled, for a world that is held against what was published of it.
    """
    end = model.month(model.months - 1)
    after = date(end.year + end.month // 12, end.month % 12 + 1, 1)
    return str(after + timedelta(days=ALL_SETTLED if whole else CLOCK_AFTER))


def _expectation(model: SimulationModel, towns: Towns, agencies: Agencies) -> Draw:
    return expect(model, load_mix(), towns, agencies.of_town, agencies.towns_reported())


def write_exports(
    folder: Path, source: Draw, towns: Towns, agencies: Agencies, progress: Progress | None = None
) -> dict[str, ExportSummary]:
    """Simulate and write the two exports of calls, a month at a time: memory does not grow with the months."""
    model, mix = source.model, source.mix
    points = PointSampler(shapely.buffer(towns.boundary, -model.point_margin) if model.point_margin else towns.boundary)
    found: dict[str, ExportSummary] = {}
    desks: dict[Layout, tuple[Clerk, Words]] = {}
    for layout, name in DATASETS.items():
        names = TownNames(towns, model, layout)
        clerk = Clerk(layout, model, mix, names, points)
        desks[layout] = (clerk, Words(layout, agencies, clerk.types, names.pool, model.remarks))
        found[name] = ExportSummary(_source(folder, name), 0, 0, 0)
    writers: dict[Layout, arrow_csv.CSVWriter] = {}
    try:
        for month in simulate(source, agencies):
            for layout, name in DATASETS.items():
                clerk, words = desks[layout]
                mine = month.of(agencies.municipal[month.agency] == (layout == "municipal"))
                rows = clerk.write(mine)
                written = table(rows, month.hours, words)
                if layout not in writers:
                    path, options = found[name].path, WRITING[layout].options()
                    writers[layout] = arrow_csv.CSVWriter(path, written.schema, write_options=options)
                writers[layout].write_table(written)
                so_far = found[name]
                found[name] = ExportSummary(so_far.path, so_far.calls + len(mine), so_far.rows + len(rows), 0)
            if progress:
                progress(month.index + 1, model.months)
    finally:
        for writer in writers.values():
            writer.close()
    return {
        name: ExportSummary(done.path, done.calls, done.rows, done.path.stat().st_size) for name, done in found.items()
    }


def _source(folder: Path, name: str) -> Path:
    return folder / f"{name}-SIMULATED.csv"


def _text(name: str) -> bytes:
    return files("candor.demo").joinpath("text", name).read_bytes()


def _write_crosswalk(path: Path, layout: Layout, categories: Collection[str] | None) -> None:
    """The crosswalk of a layout's call types, or of those alone that mean one of the categories."""
    lines = [
        {"call_type": t.local_type, "category": t.category, "initiated_by": "", "sensitivity": "", "note": t.note}
        for t in local_types(layout)
        if t.listed and (categories is None or t.category in categories)
    ]
    _write_rows(path, ["call_type", "category", "initiated_by", "sensitivity", "note"], lines)


def _write_rows(path: Path, header: list[str], lines: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)
