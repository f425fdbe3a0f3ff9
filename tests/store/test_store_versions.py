"""Versions, releases and the way back, as a publisher and a reader meet them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError
from tests.store.store_help import (
    PORTAL,
    draft,
    everything,
    expected,
    publish,
    put,
    rows,
    rows_by_delta,
    small_disk,
)

from candor.errors import DataError, UsageError
from candor.store import delta
from candor.store.model import PublicCoverage
from candor.store.public import PublicStore
from candor.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "my pörtal 100%" / "data")


def test_before_the_first_release(store: Store) -> None:
    public = PublicStore(store.data / "public")
    assert public.current() is store.current() is None
    assert public.releases() == store.releases() == []
    assert public.pointer() == (0, 0, "")
    with pytest.raises(UsageError, match="nothing has been published yet"):
        store.versions("calls")
    with pytest.raises(UsageError, match="There is no release 1"):
        store.rollback(1)


def test_a_version_after_another(store: Store) -> None:
    first = publish(store, {"calls": "SELECT i AS a FROM range(1200) r(i)", "towns": "SELECT 'Barre' AS name"})
    pointer = store.public.pointer()
    second = publish(store, {"calls": "SELECT i AS a FROM range(1300) r(i)"}, keep=["towns"])
    assert (first.number, second.number) == (1, 2)
    assert store.public.pointer() != pointer
    assert [r.number for r in store.releases()] == [1, 2]
    assert store.current() == second == PublicStore(store.data / "public").current()
    assert [(v.version, v.rows, v.changes) for v in store.versions("calls")] == [
        (1, 1200, "First version: 1,200 rows."),
        (2, 1300, "1,300 rows, 100 more than in version 1 (1,200)."),
    ]
    assert store.versions("towns") == [first.dataset("towns")] == [second.dataset("towns")]
    assert first.datasets[0].published_at == first.created_at
    assert abs((datetime.now(UTC) - second.created_at).total_seconds()) < 600
    assert second.program.startswith("candor ")
    for version in store.versions("calls") + store.versions("towns"):
        [file] = store.public.files(version)
        assert file.is_absolute()
        assert hashlib.sha256(file.read_bytes()).hexdigest() == version.content_sha256
        assert rows(store.public, version) == rows_by_delta(store.public, version)
    assert everything(store.public.folder) == expected(store.public)


def test_columns_may_change_with_a_version(store: Store) -> None:
    steps = [
        "SELECT 1 AS a",
        "SELECT 'one' AS a, TIMESTAMP '2024-03-10 02:30:00' AS called_at, 200::UTINYINT AS age",
        "SELECT DATE '2024-03-10' AS day, 1.5 AS rate, true AS counted, 18446744073709551615::UBIGINT AS big",
        "SELECT TIMESTAMPTZ '2024-03-10 02:30:00+00' AS at, NULL::VARCHAR AS nothing, ['a', 'b'] AS several",
        "SELECT 1 AS a WHERE false",
    ]
    for sql in steps:
        publish(store, {"calls": sql})
    for sql, version in zip(steps, store.versions("calls"), strict=True):
        assert rows(store.public, version) == duckdb.sql(sql).fetchall() == rows_by_delta(store.public, version)
        assert [c.name for c in version.columns] == duckdb.sql(sql).columns
    assert store.versions("calls")[1].changes == ("1 row, as many as in version 1. Columns added: called_at, age.")
    store.rollback(2)
    newest = store.versions("calls")[-1]
    assert newest.version == 6
    assert rows(store.public, newest) == duckdb.sql(steps[1]).fetchall() == rows_by_delta(store.public, newest)


def test_the_same_content_is_said_to_be_identical(store: Store) -> None:
    for _ in range(2):
        publish(store, {"calls": "SELECT i, hash(i) AS h FROM range(300000) r(i)"})
    first, second = store.versions("calls")
    assert second.changes == "The content is identical to that of version 1: 300,000 rows."
    assert (first.version, second.version) == (1, 2)
    assert first.files != second.files


def test_several_files_and_a_folder_as_spark_writes_it(store: Store) -> None:
    with store.publication() as pub:
        folder = pub.stage("calls")
        folder.mkdir()
        for part in range(3):
            pq.write_table(pa.table({"a": list(range(part * 10, part * 10 + part))}, pa.schema([("a", pa.int64())])),
                           folder / f"part-{part:05d}.snappy.parquet")  # fmt: skip
        (folder / "_SUCCESS").touch()
        pub.put(draft("calls", ["a"]), folder)
        paths = [pub.stage("towns") for _ in range(2)]
        for number, path in enumerate(paths):
            pq.write_table(pa.table({"n": [number]}), path)
        pub.put(draft("towns", ["n"]), paths)
        release = pub.bring_into_force(pub.preview(portal=PORTAL))
    calls, towns = release.datasets
    assert (len(calls.files), calls.rows, len(towns.files), towns.rows) == (3, 3, 2, 2)
    assert rows(store.public, calls) == [(10,), (20,), (21,)]
    assert sorted(rows_by_delta(store.public, calls)) == [(10,), (20,), (21,)]
    assert rows(store.public, towns) == [(0,), (1,)]
    assert not (store.internal / "staging").exists()


def test_roll_back_a_whole_release(store: Store) -> None:
    old = publish(store, {"calls": "SELECT 1 AS a", "towns": "SELECT 2 AS b", "gone": "SELECT 3 AS c"})
    publish(store, {"calls": "SELECT 4 AS z", "new": "SELECT 5 AS d"}, keep=["towns"])
    release = store.rollback(1)
    assert (release.number, release.note, release.portal) == (3, "Rollback to release 1.", old.portal)
    assert {d.name: rows(store.public, d) for d in release.datasets} == {
        "calls": [(1,)],
        "towns": [(2,)],
        "gone": [(3,)],
    }
    assert {d.name: d.version for d in release.datasets} == {"calls": 3, "towns": 1, "gone": 2}
    assert store.versions("calls")[-1].changes == (
        "Rollback to version 1. 1 row, as many as in version 2. Columns added: a. Columns removed: z."
    )
    assert (
        store.versions("gone")[-1].changes
        == "Rollback to version 1. The content is identical to that of version 1: 1 row."
    )
    # Time travel stays linear, and a data set that is out of the release keeps its versions.
    assert [v.delta_version for v in store.versions("calls")] == [0, 1, 2]
    assert rows_by_delta(store.public, store.versions("calls")[2]) == [(1,)]
    assert rows(store.public, store.versions("new")[0]) == [(5,)]
    assert publish(store, {"new": "SELECT 6 AS d"}).datasets[0].version == 2


def test_roll_back_one_data_set(store: Store) -> None:
    def release(a: int, places: tuple[str, ...]) -> None:
        coverage = [PublicCoverage(dataset=n, agency="PD", places=places, first_month="2024-01", last_month="2024-02")
                    for n in ("calls", "towns")]  # fmt: skip
        with store.publication() as pub:
            put(pub, "calls", f"SELECT {a} AS a")
            put(pub, "towns", f"SELECT {a} AS a")
            pub.bring_into_force(
                pub.preview(portal=PORTAL.model_copy(update={"title": f"Title {a}"}), coverage=coverage)
            )

    release(1, ("5000110675",))
    release(2, ("5000110675", "5002103250"))
    back = store.rollback_dataset("calls", 1)
    assert back.note == "Rollback of calls to version 1."
    assert back.portal.title == "Title 2"
    assert {d.name: (d.version, rows(store.public, d)) for d in back.datasets} == {
        "calls": (3, [(1,)]),
        "towns": (2, [(2,)]),
    }
    assert {c.dataset: len(c.places) for c in back.coverage} == {"calls": 1, "towns": 2}
    assert store.rollback_dataset("calls", 3).datasets[1].version == 4
    with pytest.raises(UsageError, match=r"has no version 9\. Allowed: 1, 2, 3, 4\."):
        store.rollback_dataset("calls", 9)
    with pytest.raises(UsageError, match=r"No data set named calsl .* Allowed: calls, towns\."):
        store.rollback_dataset("calsl", 1)
    with pytest.raises(UsageError, match=r"There is no release 7\. Allowed: 1, 2, 3, 4\."):
        store.rollback(7)
    with pytest.raises(UsageError, match="There is no release 0"):
        store.rollback(0)
    assert [r.number for r in store.releases()] == [1, 2, 3, 4]


def test_a_failing_publication_leaves_nothing(store: Store) -> None:
    publish(store, {"calls": "SELECT 1 AS a"})
    with pytest.raises(ZeroDivisionError), store.publication() as pub:
        put(pub, "calls", "SELECT 2 AS a")
        put(pub, "towns", "SELECT 2 AS a")
        pub.stage("more").write_text("half a")
        _ = 1 / 0
    with store.publication() as pub:
        put(pub, "calls", "SELECT 3 AS a")  # and no commit
    assert everything(store.public.folder) == expected(store.public)
    assert not (store.internal / "staging").exists()
    current = store.current()
    assert current
    assert current.number == 1
    assert not (store.public.folder / "tables" / "towns").exists()
    # What somebody else's reader takes for the newest is the published one again.
    assert DeltaTable(str(store.public.folder / "tables" / "calls")).to_pyarrow_table().to_pylist() == [{"a": 1}]
    release = publish(store, {"calls": "SELECT 4 AS a"})
    assert (release.number, release.datasets[0].version) == (2, 2)
    assert rows_by_delta(store.public, release.datasets[0]) == [(4,)]


def test_what_a_publication_refuses(store: Store) -> None:
    publish(store, {"calls": "SELECT 1 AS a"})
    before = everything(store.public.folder)
    with store.publication() as pub:
        with pytest.raises(UsageError, match=r"towns is not in the release in force\. Allowed: calls\."):
            pub.keep("towns")
        with pytest.raises(UsageError, match="cannot name a data set"):
            pub.stage("../calls")
        with pytest.raises(DataError, match="not declared and there: phone"):
            path = pub.stage("calls")
            pq.write_table(pa.table({"a": [1], "phone": ["802"]}), path)
            pub.put(draft("calls", ["a"]), path)
        with pytest.raises(DataError, match="declared and missing: b"):
            path = pub.stage("calls")
            pq.write_table(pa.table({"a": [1]}), path)
            pub.put(draft("calls", ["a", "b"]), path)
        with pytest.raises(DataError, match="Nothing was written for data set calls"):
            pub.put(draft("calls", ["a"]), pub.stage("calls"))
        with pytest.raises(DataError, match="is not whole"):
            path.write_bytes(path.read_bytes()[:-9])
            pub.put(draft("calls", ["a"]), path)
        with pytest.raises(DataError, match=r"cannot hold: t \(time64"):
            put(pub, "calls", "SELECT TIME '10:00' AS t, 1 AS a")
        with pytest.raises(DataError, match="differ in their columns"):
            one, two = pub.stage("calls"), pub.stage("calls")
            pq.write_table(pa.table({"a": [1]}), one)
            pq.write_table(pa.table({"a": ["x"]}), two)
            pub.put(draft("calls", ["a"]), [one, two])
        with pytest.raises(DataError, match="without any data set"):
            pub.bring_into_force(pub.preview(portal=PORTAL))
        pub.keep("calls")
        with pytest.raises(UsageError, match="twice"):
            pub.keep("calls")
        same = pub.stage("towns")
        pq.write_table(pa.table({"a": [1]}), same)
        pub.put(draft("towns", ["a"], id=draft("calls", ["a"]).id), same)
        with pytest.raises(DataError, match="same id"):
            pub.bring_into_force(pub.preview(portal=PORTAL))
    assert everything(store.public.folder) == before
    with store.publication() as pub:
        pub.keep("calls")
        pub.bring_into_force(pub.preview(portal=PORTAL))
        with pytest.raises(UsageError, match="already in force"):
            pub.stage("towns")


def test_who_may_open_what(store: Store) -> None:
    store.data.mkdir(parents=True)
    for loose in (store.internal, store.quarantine):
        loose.mkdir(mode=0o755)
    old = os.umask(0o077)
    try:
        publish(store, {"calls": "SELECT 1 AS a"})
    finally:
        os.umask(old)
    assert [f.stat().st_mode & 0o777 for f in (store.internal, store.quarantine)] == [0o700, 0o700]
    current = store.current()
    assert current
    public = [store.public.folder / "current", store.public.folder / "releases" / "1.json"]
    assert {f.stat().st_mode & 0o777 for f in [*public, *store.public.files(current.datasets[0])]} == {0o644}
    assert (store.internal / "lock").stat().st_mode & 0o777 == 0o600


def test_the_reader_needs_neither_the_writers_folders_nor_its_libraries(store: Store) -> None:
    publish(store, {"calls": "SELECT 1 AS a"})
    store.internal.rename(store.data.parent / "elsewhere")
    program = (
        "import sys, pathlib; from candor.store.public import PublicStore\n"
        "p = PublicStore(pathlib.Path(sys.argv[1])); r = p.current()\n"
        "assert p.files(r.datasets[0])[0].stat().st_size and p.pointer()[2] == '1' and len(p.releases()) == 1\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'deltalake', 'pyarrow', 'duckdb', 'fcntl'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(store.public.folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_old_versions_outlive_checkpoints_and_clean_ups(store: Store) -> None:
    first = publish(store, {"calls": "SELECT 'first' AS a"}).datasets[0]
    table = store.public.folder / "tables" / "calls"
    name = Path(first.files[0]).name
    for _ in range(3):
        delta.restore(table, 0, {name}, "again")
    DeltaTable(str(table)).create_checkpoint()
    second = publish(store, {"calls": "SELECT 'second' AS a, 2 AS b"}).datasets[0]
    DeltaTable(str(table)).create_checkpoint()
    delta.restore(table, second.delta_version, {Path(second.files[0]).name}, "again")
    logs = sorted((table / "_delta_log").glob("*.json"))
    # Years later somebody runs the library's own clean-ups on the table.
    for file in [*table.iterdir(), *(table / "_delta_log").iterdir()]:
        os.utime(file, (0, 0))
    DeltaTable(str(table)).cleanup_metadata()
    DeltaTable(str(table)).vacuum(dry_run=False)
    with pytest.raises(DeltaError, match="minimum retention"):
        DeltaTable(str(table)).vacuum(retention_hours=24 * 365, dry_run=False)
    assert rows_by_delta(store.public, first) == [("first",)]
    assert rows_by_delta(store.public, second) == [("second", 2)]
    assert sorted((table / "_delta_log").glob("*.json")) == logs


def test_the_writers_folder_on_another_file_system(store: Store) -> None:
    store.data.mkdir(parents=True)
    with small_disk(store.internal, "4m") as refused:
        if refused:
            pytest.skip(f"this machine does not permit mounting a file system: {refused}")
        release = publish(store, {"calls": "SELECT i AS a FROM range(1000) r(i)"})
        assert len(rows(store.public, release.datasets[0])) == 1000
        assert everything(store.public.folder) == expected(store.public)


def test_the_release_file_is_what_the_model_says(store: Store) -> None:
    release = publish(store, {"calls": "SELECT 1 AS a"})
    text = (store.public.folder / "releases" / "1.json").read_text(encoding="utf-8")
    assert type(release).model_validate_json(text) == release
    # What a person accepted, and what was not checked, is written only where there is something.
    rare = {"accepted", "unchecked"}
    assert set(json.loads(text)["datasets"][0]) == set(type(release.datasets[0]).model_fields) - rare
