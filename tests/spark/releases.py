"""A portal published on both engines, and the two releases compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
from tests.spark.cluster import Cluster

from candor.profiles.check import open_portal
from candor.publish.result import Run
from candor.publish.run import publish
from candor.store.store import Store


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
