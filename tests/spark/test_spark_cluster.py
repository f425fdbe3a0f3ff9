"""Spark does what every engine must, reads as DuckDB does what nobody thought of, and publishes the same release.

All in one file: tests that run side by side are shared out by files, and a cluster is dear.
"""

from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.engine.conformance import ZONE, EngineConformance, Engines, cases, mutated, numbers, times
from tests.measures.synthetic import World, run, world
from tests.measures.test_cube import FEB, JAN, ROWS, call
from tests.privacy.test_anonymity import HIERARCHIES, QUASI, SENSITIVE, people
from tests.privacy.test_pseudonyms import KEYS, TEXTS, hashes_are_as_pythons
from tests.privacy.test_rows import ACCOUNTED, GENERAL, general_input, general_output, in_any_order
from tests.privacy.test_scan import cases as scan_cases
from tests.signing import add_signed as add_dataset
from tests.spark.cluster import WORKERS, Cluster
from tests.spark.locators import Broken, Traced
from tests.spark.releases import assert_same, published_on_both

from candor.demo.portal import build_demo_portal
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.errors import DataError, UsageError
from candor.measures.coverage import coverage_grid
from candor.measures.cube import call_counts, cube, in_order
from candor.places.builder.importer import import_files
from candor.portal.write import init_portal
from candor.privacy.records.anonymity import marked_alone, measure
from candor.privacy.records.lattice import search
from candor.privacy.records.rows import counted_apart, safe_rows
from candor.privacy.texts.scan import finds, tidied
from candor.privacy.texts.scan_rules import rules

pytestmark = [pytest.mark.spark, pytest.mark.usefixtures("application")]
SEED = 20260101


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
    texts = [c["text"] for c in listed] + mutated(right, 5_000, SEED, "0123456789 /-:.+TZapmAPMnov,\u2028é")
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


def test_a_process_runs_one_application(cluster: Cluster) -> None:
    with pytest.raises(UsageError) as raised:
        SparkEngine(ZONE, "local[1]")
    assert cluster.master in str(raised.value)
    assert "local[1]" in str(raised.value)


def test_what_fails_on_a_worker_is_told_in_a_line(cluster: Cluster, tmp_path: Path) -> None:
    engine = SparkEngine(ZONE, cluster.master, cluster.options)
    pq.write_table(pa.table({"x": [0.5], "y": [0.5]}), tmp_path / "points.parquet")
    table = engine.located(engine.read(tmp_path / "points.parquet"), "x", "y", "_town", Broken())
    for work in (lambda: engine.arrow(table), lambda: engine.write(table, tmp_path / "out.parquet")):
        with pytest.raises(DataError) as raised:
            work()
        assert "ValueError: no towns today" in str(raised.value)
        assert "Traceback" not in str(raised.value)
    assert [path.name for path in tmp_path.iterdir()] == ["points.parquet"]


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


def on_spark(engine: SparkEngine, made_up: World) -> pa.Table:
    grid = coverage_grid(made_up.declared, made_up.places)
    whole = cube(engine.table(made_up.counts), engine.table(grid), engine.table(made_up.categories))
    return engine.arrow(in_order(whole))


def test_the_protected_cube_is_the_same_row_for_row(application: SparkEngine) -> None:
    made_up = world(11)
    rows = [call("1", JAN), call(None, None), call("2", FEB, None, initiated_by=None), call("1", JAN, counted=False)]
    accounted = pa.Table.from_pylist(rows, schema=ROWS)
    grid = coverage_grid(made_up.declared, made_up.places)
    whole = cube(*map(ibis.memtable, (made_up.counts, grid, made_up.categories)))
    expected = run(in_order(whole)).to_pylist()
    assert on_spark(application, made_up).to_pylist() == expected
    counted = application.arrow(call_counts(application.table(accounted))).to_pylist()
    assert in_any_order(counted) == in_any_order(run(call_counts(ibis.memtable(accounted))).to_pylist())


def test_rows_are_made_safe_in_the_same_words(application: SparkEngine) -> None:
    rows = application.arrow(safe_rows(application.table(general_input()), GENERAL))
    assert in_any_order(rows.to_pylist()) == in_any_order(general_output())
    apart = application.arrow(counted_apart(application.table(ACCOUNTED), ["abuse"])).to_pylist()
    assert in_any_order(apart) == in_any_order(run(counted_apart(ibis.memtable(ACCOUNTED), ["abuse"])).to_pylist())


def test_hashes_are_hmac_on_the_cluster_too(application: SparkEngine) -> None:
    hashes_are_as_pythons(application, TEXTS, KEYS[0])


def test_both_engines_measure_and_propose_the_same(application: SparkEngine, duck: DuckEngine) -> None:
    data = people(200, 3)
    ours, theirs = (
        (measure(e.table(data), QUASI, SENSITIVE, e, 5), search(e.table(data), HIERARCHIES, 5, e, 0.05).applied(""))
        for e in (duck, application)
    )
    assert ours == theirs
    assert "generalise" in ours[1]


def test_both_engines_mark_the_same_rows_as_alone(application: SparkEngine, duck: DuckEngine) -> None:
    data = people(200, 4).select(["race", "day", "force"])
    ours, theirs = (
        e.arrow(marked_alone(e.table(data), ["race", "day"], ["force"], 3, 2, "alone")) for e in (duck, application)
    )
    assert in_any_order(ours.to_pylist()) == in_any_order(theirs.to_pylist())
    assert set(ours["alone"].to_pylist()) == {True, False}


def test_both_engines_find_the_same_in_text(application: SparkEngine, duck: DuckEngine) -> None:
    # Every rule's expression; of what is excepted, some: a plan with all of it takes Spark a minute to make ready.
    texts = [text for text, _ in scan_cases()]
    whole = [r for r in rules() if r.name in ("name-verb", "given-alone", "address", "vin", "plate")]
    found = []
    for engine in (duck, application):
        table = engine.table(pa.table({"n": range(len(texts)), "text": texts}))
        tidy = table.mutate(text=tidied(table.text))
        wanted = {r.name: tidy.text.re_search(r.find) for r in rules()} | {
            f"{r.name}!": finds(tidy.text, r) for r in whole
        }
        found.append(engine.arrow(tidy.filter(tidy.text != "").select("n", **wanted).order_by("n")).to_pylist())
    assert found[0] == found[1]
    assert {name for line in found[0] for name, said in line.items() if said} > {f"{r.name}!" for r in whole}
