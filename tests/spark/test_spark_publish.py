"""The same portal published on DuckDB and on a cluster: the same release, row for row."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.spark.cluster import Cluster

from candor.adding import add_dataset
from candor.demo.portal import build_demo_portal
from candor.places.importer import import_files
from candor.portal.write import init_portal
from candor.release import Run, publish
from candor.schemas.check import open_portal
from candor.store.store import Store

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("application")]


def published_on_both(root: Path, cluster: Cluster) -> tuple[tuple[Path, Run], tuple[Path, Run]]:
    """The portal, published as it is on DuckDB, and its copy on Spark."""
    copy = root.with_name(root.name + "-spark")
    shutil.copytree(root, copy)
    text = (copy / "portal.toml").read_text(encoding="utf-8").replace('engine = "duckdb"\n', "")
    # Keys of the first table come before the others.
    head, mark, rest = text.partition("\n[")
    (copy / "portal.toml").write_text(f"{head}\n{cluster.toml()}{mark}{rest}", encoding="utf-8")
    found = []
    for folder, engine in ((root, "duckdb"), (copy, "spark")):
        portal = open_portal(folder)
        assert portal.config.engine == engine
        run = publish(portal)
        assert run.release is not None
        assert {d.provenance.engine for d in run.release.datasets} == {engine}
        found.append((folder, run))
    return found[0], found[1]


def assert_same(ours: tuple[Path, Run], theirs: tuple[Path, Run]) -> None:
    """Sums, reasons, notes, and every published file: columns, types, rows, their order and their numbers."""
    for a, b in zip(ours[1].accounted, theirs[1].accounted, strict=True):
        assert a.sums == b.sums
        assert a.sums["read"] == sum(v for k, v in a.sums.items() if k != "read")
        assert (a.outcomes, a.placed_by, a.notes, a.new_types) == (b.outcomes, b.placed_by, b.notes, b.new_types)
    first, second = (Store(folder / "data").current() for folder, _ in (ours, theirs))
    assert first is not None
    assert second is not None
    for c, d in zip(first.datasets, second.datasets, strict=True):
        assert (c.name, c.columns, c.rows, c.first_date, c.last_date) == (
            d.name, d.columns, d.rows, d.first_date, d.last_date,
        )  # fmt: skip
        duck = pq.read_table([ours[0] / "data" / "public" / f for f in c.files])
        spark = pq.read_table([theirs[0] / "data" / "public" / f for f in d.files])
        assert duck.schema.equals(spark.schema), c.name
        assert duck.equals(spark), c.name
    for path in (ours[0] / "data" / "quarantine").glob("*.parquet"):
        assert pq.read_table(path).equals(pq.read_table(theirs[0] / "data" / "quarantine" / path.name)), path.name


def test_burlington(cluster: Cluster, shared_data: Path, tmp_path: Path) -> None:
    root = tmp_path / "vt"
    init_portal(root, title="Vermont public safety", jurisdiction="Vermont", state="50", time_zone="America/New_York")
    places = shared_data / "vermont_places"
    import_files(
        root / "places",
        places / "town_boundaries_2020.geojson",
        places / "town_population_2020.csv",
        places / "town_aliases.json",
    )
    add_dataset(
        root, "burlington-calls", shared_data / "burlington_calls" / "calls_2022_h1.csv", schema="calls_for_service"
    )
    ours, theirs = published_on_both(root, cluster)
    assert ours[1].accounted[0].sums["read"] == 10_830
    assert ours[1].accounted[0].sums["published"] > 1_000
    assert_same(ours, theirs)


def test_a_simulated_state(cluster: Cluster, tmp_path: Path) -> None:
    root = tmp_path / "simulated"
    build_demo_portal(root, calls=5_000, months=3)
    ours, theirs = published_on_both(root, cluster)
    # Both layouts, a set of another kind, and each way for a row to end.
    assert len(ours[1].accounted) == 3
    for outcome in ("published", "duplicates", "quarantined", "withheld"):
        assert sum(a.sums[outcome] for a in ours[1].accounted) > 0
    assert {o.outcome for a in ours[1].accounted for o in a.placed_by} >= {"point", "declared town", "not placed"}
    assert_same(ours, theirs)
