"""Spark does what every engine must, and reads as DuckDB does what nobody thought of."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engine.conformance import ZONE, EngineConformance, Engines, cases, mutated, numbers, times
from tests.spark.cluster import WORKERS, Cluster
from tests.spark.locators import Traced

from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.portal.problems import UsageError

pytestmark = pytest.mark.spark
SEED = 20260101


@pytest.mark.usefixtures("application")
class TestSparkEngine(EngineConformance):
    @pytest.fixture
    def engines(self, cluster: Cluster) -> Engines:
        return lambda zone: SparkEngine(zone, cluster.master, cluster.options)


@pytest.fixture
def duck(tmp_path: Path) -> DuckEngine:
    return DuckEngine(ZONE, tmp_path / "scratch")


def test_both_engines_read_the_same_times_of_texts_that_are_nearly_right(
    application: SparkEngine, duck: DuckEngine
) -> None:
    listed = [c for c in cases("times") if c["zone"] == ZONE]
    # Each text is read by each format: most are not of its form.
    formats = list(dict.fromkeys(c["format"] for c in listed))
    right = [c["text"] for c in listed if c["expected"]]
    texts = [c["text"] for c in listed] + mutated(right, 4_000, SEED, "0123456789 /-:.+TZapmAPMnov,\u2028é")
    ours, theirs = times(duck, texts, formats), times(application, texts, formats)
    differ = {
        (f, text): (a, b) for f in formats for text, a, b in zip(texts, ours[f], theirs[f], strict=True) if a != b
    }
    assert not differ
    assert sum(v is not None for v in ours["iso"]) > 300
    assert all(any(v is not None for v in ours[f]) for f in formats)


def test_both_engines_read_the_same_numbers_of_texts_that_are_nearly_right(
    application: SparkEngine, duck: DuckEngine
) -> None:
    texts = [c["text"] for c in cases("numbers")]
    texts += mutated(texts, 4_000, SEED, "0123456789.+-eE_ dfxDinaINF\u2028٣")
    ours, theirs = numbers(duck, texts), numbers(application, texts)
    assert not {text: (a, b) for text, a, b in zip(texts, ours, theirs, strict=True) if a != b}
    assert sum(v is not None for v in ours) > 500


@pytest.mark.usefixtures("application")
def test_the_towns_are_sent_to_each_worker_once(cluster: Cluster, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    paths = [tmp_path / f"{n}.parquet" for n in range(8)]
    for path in paths:
        pq.write_table(pa.table({"x": [0.5] * 500, "y": [0.5] * 500}), path)
    # Eight tasks, five batches each.
    options = {
        "spark.sql.files.minPartitionNum": "8", "spark.sql.files.openCostInBytes": "0",
        "spark.sql.files.maxPartitionBytes": "1k", "spark.sql.execution.arrow.maxRecordsPerBatch": "100",
    }  # fmt: skip
    engine = SparkEngine(ZONE, cluster.master, {**cluster.options, **options})
    traced = Traced(notes)
    table = engine.located(engine.read(*paths), "x", "y", "_town", traced)
    assert engine.arrow(table)["_town"].to_pylist() == [0] * 4_000
    workers = set(traced.notes("asked"))
    assert len(traced.notes("asked")) >= 40
    assert 1 <= len(workers) <= WORKERS
    assert sorted(traced.notes("unpickled")) == sorted(workers)


def test_an_engine_that_joined_an_application_leaves_it_running(application: SparkEngine, cluster: Cluster) -> None:
    with SparkEngine(ZONE, cluster.master, cluster.options):
        pass
    assert application.arrow(application.table(pa.table({"a": [1]}))).num_rows == 1


@pytest.mark.usefixtures("application")
def test_a_process_runs_one_application(cluster: Cluster) -> None:
    with pytest.raises(UsageError) as raised:
        SparkEngine(ZONE, "local[1]")
    assert cluster.master in str(raised.value)
    assert "local[1]" in str(raised.value)
