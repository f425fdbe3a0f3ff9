"""What was published once is not written again: versions that carry files of earlier ones on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.store.store_help import PORTAL, draft, everything, expected, publish, rows, rows_by_delta

from candor.errors import DataError
from candor.store.dataset_model import DatasetVersion
from candor.store.model import Release
from candor.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "data")


def month(store: Store, values: Sequence[int], carried: Sequence[str] = (), column: str = "a") -> Release:
    """A release whose one data set has one new file, with these values, after the carried ones."""
    with store.publication() as pub:
        path = pub.stage("calls")
        pq.write_table(pa.table({column: pa.array(values, pa.int64())}), path)
        pub.put(draft("calls", [column]), path, carried)
        return pub.bring_into_force(pub.preview(portal=PORTAL))


def calls(release: Release) -> DatasetVersion:
    [version] = release.datasets
    return version


def as_sha256sum(store: Store, version: DatasetVersion) -> str:
    """`sha256sum FILES | cut -c-64 | sha256sum`."""
    each = [hashlib.sha256(f.read_bytes()).hexdigest() for f in store.public.files(version)]
    assert tuple(each) == version.file_sha256
    return each[0] if len(each) == 1 else hashlib.sha256("".join(f"{h}\n" for h in each).encode()).hexdigest()


def test_months_that_are_added(store: Store) -> None:
    versions: list[DatasetVersion] = []
    for number in range(12):
        carried = versions[-1].files if versions else ()
        versions.append(calls(month(store, range(number * 10, number * 10 + number + 1), carried)))
    for number, version in enumerate(versions):
        wanted = [(v,) for n in range(number + 1) for v in range(n * 10, n * 10 + n + 1)]
        assert version.files == tuple(v.files[-1] for v in versions[: number + 1])
        assert version.file_rows == tuple(range(1, number + 2))
        assert rows(store.public, version) == wanted
        assert sorted(rows_by_delta(store.public, version)) == wanted
        assert (version.rows, version.content_sha256) == (len(wanted), as_sha256sum(store, version))
    assert versions[1].changes == "3 rows, 2 more than in version 1 (1)."
    assert everything(store.public.folder) == expected(store.public)
    logs = store.public.folder / "tables" / "calls" / "_delta_log"
    for log in sorted(logs.glob("*.json")):
        actions = [json.loads(line) for line in log.read_text().splitlines()]
        assert sum("add" in a for a in actions) == 1, "a file that stays is not named again"
        assert not any("remove" in a for a in actions)


def test_some_stay_some_go_and_some_come_back(store: Store) -> None:
    first = calls(month(store, [1]))
    second = calls(month(store, [2], first.files))
    third = calls(month(store, [3], first.files))
    assert sorted(rows_by_delta(store.public, third)) == rows(store.public, third) == [(1,), (3,)]
    fourth = calls(month(store, [4], (second.files[1], *third.files)))
    assert rows(store.public, fourth) == [(2,), (1,), (3,), (4,)]
    assert sorted(rows_by_delta(store.public, fourth)) == [(1,), (2,), (3,), (4,)]
    with store.publication() as pub:
        pub.put(draft("calls", ["a"]), [], fourth.files)
        same = pub.bring_into_force(pub.preview(portal=PORTAL))
    assert calls(same).changes == "The content is identical to that of version 4: 4 rows."
    back = calls(store.rollback_dataset("calls", 3))
    assert (back.files, back.file_rows, back.content_sha256) == (third.files, third.file_rows, third.content_sha256)
    assert sorted(rows_by_delta(store.public, back)) == [(1,), (3,)]
    # Other columns, and back to files of the old ones.
    publish(store, {"calls": "SELECT 'x' AS b"})
    old = calls(month(store, [9], fourth.files))
    assert sorted(rows_by_delta(store.public, old)) == [(1,), (2,), (3,), (4,), (9,)]
    for version in store.versions("calls"):
        assert sorted(rows(store.public, version)) == sorted(rows_by_delta(store.public, version))
    assert everything(store.public.folder) == expected(store.public)


def test_a_failed_publication_leaves_what_it_carried(store: Store) -> None:
    first = calls(month(store, [1]))
    second = calls(month(store, [2], first.files))
    with pytest.raises(ZeroDivisionError), store.publication() as pub:
        pub.put(draft("calls", ["a"]), [], second.files[:1])
        _ = 1 / 0
    assert everything(store.public.folder) == expected(store.public)
    assert rows(store.public, second) == [(1,), (2,)]
    table = DeltaTable(str(store.public.folder / "tables" / "calls"))
    assert sorted(table.to_pyarrow_table()["a"].to_pylist()) == [1, 2]


def test_carried_files_are_not_read(store: Store) -> None:
    first = calls(month(store, [1]))
    second = calls(month(store, [2], first.files))
    for file in store.public.files(second)[1:]:
        file.write_bytes(b"what reads this finds no Parquet")
    third = calls(month(store, [3], second.files))
    assert third.file_sha256[:2] == second.file_sha256
    assert third.rows == 3


def test_what_cannot_be_carried(store: Store) -> None:
    first = calls(month(store, [1]))
    other = publish(store, {"towns": "SELECT 1 AS a"}, keep=["calls"]).datasets[0]
    [known] = first.files
    for carried in (["tables/calls/v1-1-00000000.parquet"], ["current"], other.files, [known, known]):
        with pytest.raises(DataError, match="cannot carry these files on"):
            month(store, [2], carried)
    with pytest.raises(DataError, match="differ in their columns"):
        month(store, [2], first.files, column="z")
    with store.publication() as pub, pytest.raises(DataError, match="cannot carry"):
        pub.put(draft("new", ["a"]), [], first.files)
    assert everything(store.public.folder) == expected(store.public)


def test_releases_that_knew_no_hashes_of_files(store: Store) -> None:
    with store.publication() as pub:
        paths = [pub.stage("calls") for _ in range(2)]
        for number, path in enumerate(paths):
            pq.write_table(pa.table({"a": [number]}), path)
        pub.put(draft("calls", ["a"]), paths)
        first = calls(pub.bring_into_force(pub.preview(portal=PORTAL)))
    file = store.public.folder / "releases" / "1.json"
    old = json.loads(file.read_text())
    del old["datasets"][0]["file_rows"], old["datasets"][0]["file_sha256"]
    file.write_text(json.dumps(old))
    second = calls(month(store, [7], first.files))
    assert second.file_sha256[:2] == first.file_sha256
    assert second.content_sha256 == as_sha256sum(store, second)
    assert rows(store.public, second) == [(0,), (1,), (7,)]
