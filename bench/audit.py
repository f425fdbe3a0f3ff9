"""The audit at the size of a state: towns, counties and the state, 48 months, 21 sensitive kinds, 98 agencies.

`python -m bench.audit [SEED]` simulates counts, tells them as a release would, and attacks that release.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

import candor.demo
from candor.audit import Public, attack
from candor.store.dataset_model import DatasetVersion, PublicColumn
from candor.store.model import PublicCategory, PublicCoverage, PublicPortal, Release

AIM = 20.0
"""Seconds of one processor, for an outsider and all agencies."""

KINDS, MONTHS, AGENCIES = 21, 48, 98
FIRST = np.datetime64("2022-01")

Counts = NDArray[np.int64]


class World:
    """Counts (kinds, towns, months), what is reported, and which agency has which town."""

    def __init__(self, seed: int) -> None:
        with (Path(candor.demo.__path__[0]) / "gazetteer.csv").open(encoding="utf-8") as lines:
            self.towns = sorted(csv.DictReader(lines), key=lambda t: t["geoid"])
        rng = np.random.default_rng(seed)
        people = np.array([float(t["residents_2020"] or 0) for t in self.towns])
        size = people.size
        self.county = np.array([t["county"] for t in self.towns])
        large = np.argsort(-people)
        self.agency = np.full(size, -1)
        self.agency[large[: AGENCIES - 30]] = np.arange(AGENCIES - 30)
        names = np.unique(self.county).tolist()
        for town in large[AGENCIES - 30 : 235].tolist():  # the smallest are nobody's
            of = names.index(self.county[town])
            self.agency[town] = AGENCIES - 30 + (of if rng.random() < 0.3 else 14 + of)
        self.reported = np.ones((size, MONTHS), np.bool_) & (self.agency >= 0)[:, None]
        for agency, month in ((3, 20), (40, 31), (70, 9), (90, 44)):  # late in a month
            self.reported[self.agency == agency, month] = False
        self.reported[self.agency == 12, :14] = False  # joined later
        self.late = np.zeros_like(self.reported)
        for agency, month in ((3, 20), (90, 44)):
            self.late[self.agency == agency, month] = True
        self.rates = np.geomspace(0.05, 8, KINDS) / 1000 / 12
        means = self.rates[:, None] * people * rng.gamma(4, 0.25, (KINDS, size))
        self.counts = rng.poisson(means[:, :, None] * np.ones(MONTHS)) * (self.reported | self.late)
        self.by_year = people[None] * self.rates[:, None] * 12 >= 10

    def told(self) -> Iterator[dict[str, object]]:
        """The lines of `sensitive-calls`."""
        years = [(y, y + 11) for y in range(0, MONTHS, 12)]
        each = [(m, m) for m in range(MONTHS)]
        quarters = [(m, m + 2) for m in range(0, MONTHS, 3)]
        for kind in range(KINDS):
            for town in np.flatnonzero(self.agency >= 0).tolist():
                for span in years if self.by_year[kind, town] else [(12, 47)]:
                    yield self._line(kind, "town", np.arange(len(self.towns)) == town, self.towns[town]["geoid"], span)
            for county in np.unique(self.county).tolist():
                for span in (*each, *years):
                    yield self._line(kind, "county", self.county == county, county, span)
            state = {s: self._line(kind, "state", self.agency >= -1, "", s) for s in (*each, *quarters, *years)}
            for (first, last), line in state.items():
                # A quarter beside a month of under 10 can tell the month exactly: the audit would refuse the release.
                if last - first != 2 or all(state[m, m]["calls"] not in (None, 5) for m in range(first, last + 1)):
                    yield line

    def _line(
        self, kind: int, level: str, towns: NDArray[np.bool_], place: str, span: tuple[int, int]
    ) -> dict[str, object]:
        first, last = span
        there = self.reported | self.late if last - first >= 11 else self.reported
        mine = there[towns, first : last + 1]
        value = int(self.counts[kind][towns, first : last + 1][mine].sum())
        return {
            "level": level, "geoid": place if level == "town" else "", "place": place,
            "county": str(self.county[towns][0]),
            "first_month": day(first), "last_month": day(last), "category": f"kind-{kind:02d}",
            "coverage": "not reported" if not mine.any() else "under 5" if value < 5 else "reported",
            "months_reported": int(mine.sum()) if level == "town" else None,
            "calls": None if value < 5 else 5 * ((value + 2) // 5), "told_on": date(2026, 4, 1),
        }  # fmt: skip

    def months(self) -> pa.Table:
        """The months of an open kind."""
        town, month = (a.ravel() for a in np.indices(self.reported.shape))
        there = self.reported.ravel()
        return pa.table(
            {
                "geoid": [self.towns[t]["geoid"] for t in town],
                "county": self.county[town].tolist(),
                "month": [day(m) for m in month.tolist()],
                "category": ["noise"] * town.size,
                "category_group": ["noise"] * town.size,
                "initiated_by": ["citizen"] * town.size,
                "coverage": np.where(there, "reported", "not reported").tolist(),
                "calls": pa.array(np.ones(town.size, np.int64), mask=~there),
            }
        )

    def known(self) -> pa.Table:
        """What agencies know."""
        kind, town, month = np.nonzero(self.counts)
        return pa.table(
            {
                "agency": [f"agency {a}" for a in self.agency[town]],
                "geoid": [self.towns[t]["geoid"] for t in town],
                "month": [day(m) for m in month.tolist()],
                "category": [f"kind-{k:02d}" for k in kind],
                "calls": self.counts[kind, town, month],
            }
        )


def day(month: int) -> date:
    """The first day of a month."""
    found: date = (FIRST + month).astype("datetime64[D]").astype(object)
    return found


def release(folder: Path, world: World) -> Release:
    """A release of that world, as files."""
    tables = {"sensitive-calls": pa.Table.from_pylist(list(world.told())), "calls-by-town": world.months()}
    kinds = [("noise", "open"), *((f"kind-{k:02d}", "sensitive") for k in range(KINDS))]
    return Release(
        number=1,
        created_at=datetime(2026, 4, 1, tzinfo=UTC),
        program="bench",
        portal=PublicPortal(title="T", jurisdiction="T", time_zone="UTC"),
        datasets=tuple(_dataset(folder, name, table) for name, table in tables.items()),
        categories=tuple(
            PublicCategory(
                slug=s, label=s, group=s, group_label=s, definition="", initiated_by="citizen", sensitivity=how,
                release="aggregates",
            )
            for s, how in kinds
        ),
        coverage=tuple(
            PublicCoverage(
                dataset="calls", agency=f"agency {a}", first_month="2022-01", last_month="2025-12",
                places=tuple(world.towns[t]["geoid"] for t in np.flatnonzero(world.agency == a)),
            )
            for a in np.unique(world.agency[world.agency >= 0]).tolist()
        ),
    )  # fmt: skip


def _dataset(folder: Path, name: str, table: pa.Table) -> DatasetVersion:
    path = folder / f"{name}.parquet"
    pq.write_table(table, path)
    return DatasetVersion(
        name=name, id=name, kind="counts", title=name, version=1, delta_version=1, files=(path.name,),
        rows=table.num_rows,
        columns=tuple(PublicColumn(name=c, label=c, type="text") for c in table.column_names),
        published_at=datetime(2026, 4, 1, tzinfo=UTC), content_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )  # fmt: skip


def run(folder: Path, seed: int = 4) -> bool:
    """Attack one world, as an outsider and as each agency; whether the aim is met."""
    world = World(seed)
    (folder / "audit").mkdir()
    public = Public(folder / "audit", (release(folder / "audit", world),))
    seconds = 0.0
    for words, known in (("outsider", None), ("outsider and agencies", world.known())):
        begun, processor = time.monotonic(), sum(os.times()[:4])
        found = attack(public, 600, known).certificate
        seconds = sum(os.times()[:4]) - processor  # with that of the helper
        print(
            f"\nattack as {words}: {seconds:.1f} s of a processor, {time.monotonic() - begun:.1f} s (aim {AIM:g}); "
            f"{found.attacked:,} counts, {found.insider_attacked:,} of agencies, {found.programs:,} programs"
        )
    return seconds <= AIM


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as into:
        run(Path(into), int(sys.argv[1]) if len(sys.argv) > 1 else 4)
