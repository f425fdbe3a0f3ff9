"""Leftovers of dead runs, power cuts, and hands that reach into the managed folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from deltalake import DeltaTable
from tests.store.store_help import PAIR, everything, expected, publish, publish_pair, rows_by_delta, whole

from candor.store.errors import StoreDamaged
from candor.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "data")
    for _ in range(3):
        publish_pair(store, 100)
    return store


def _log(store: Store, number: int) -> Path:
    return store.public.folder / "tables" / PAIR[0] / "_delta_log" / f"{number:020d}.json"


@pytest.mark.parametrize("torn", ["", '{"commitInfo":{"timest', "\0" * 40])
def test_a_delta_log_torn_by_a_power_cut(store: Store, torn: str) -> None:
    _log(store, 3).write_text(torn)
    assert whole(store.public) == 3
    release = publish_pair(store, 100)
    assert whole(store.public) == release.number == 4
    assert len(rows_by_delta(store.public, release.datasets[0])) == 100


def test_leftovers_are_removed_and_readers_never_see_them(store: Store) -> None:
    public = store.public.folder
    (public / "releases" / "4.json").write_text('{"half": ')
    (public / "releases" / ".4.json.1234abcd.tmp").write_text("{")
    (public / ".current.1234abcd.tmp").write_text("4")
    (public / "tables" / PAIR[0] / "v4-1-00000000.parquet").write_text("PAR1")
    (_log(store, 3).parent / f"{3:020d}.json#1").write_text("{")
    (public / "tables" / "never-published").mkdir()
    (public / "tables" / "never-published" / "v1-1-00000000.parquet").write_text("PAR1")
    (store.internal / "staging").mkdir(exist_ok=True)
    (store.internal / "staging" / "calls.parquet").write_text("PAR1")
    assert whole(store.public) == 3
    assert [r.number for r in store.releases()] == [1, 2, 3]
    assert publish_pair(store, 100).number == 4
    assert everything(public) == expected(store.public)
    assert not list(_log(store, 0).parent.glob("*#*"))
    assert not (public / "tables" / "never-published").exists()
    assert not (store.internal / "staging").exists()


def test_a_lost_pointer_is_never_taken_for_a_beginning(store: Store) -> None:
    before = everything(store.public.folder) - {"current"}
    (store.public.folder / "current").unlink()
    for read in (store.current, store.releases, lambda: publish_pair(store), lambda: store.rollback(1)):
        with pytest.raises(StoreDamaged, match=r"current is missing, but there are release files up to 3\.json"):
            read()
    assert everything(store.public.folder) == before
    (store.public.folder / "current").write_text("3\n")
    assert publish_pair(store).number == 4


def test_a_pointer_set_back_by_hand_removes_nothing(store: Store) -> None:
    before = everything(store.public.folder)
    (store.public.folder / "current").write_text("1")
    with pytest.raises(StoreDamaged, match="use candor rollback"):
        publish_pair(store)
    assert everything(store.public.folder) == before


@pytest.mark.parametrize("text", ["", "three", "-1", "³", "\x80"])
def test_a_pointer_that_is_no_number(store: Store, text: str) -> None:
    (store.public.folder / "current").write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreDamaged, match="the number of a release"):
        store.current()


def test_a_lost_or_broken_release_file(store: Store) -> None:
    path = store.public.folder / "releases" / "2.json"
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(StoreDamaged, match=r"2\.json is not a release file"):
        store.releases()
    path.unlink()
    before = everything(store.public.folder)
    with pytest.raises(StoreDamaged, match=r"2\.json is missing, though release 2 was published"):
        publish_pair(store)
    assert everything(store.public.folder) == before
    assert whole(store.public) == 3


def test_a_stranger_who_commits_to_the_table_is_overruled(store: Store) -> None:
    table = DeltaTable(str(store.public.folder / "tables" / PAIR[0]))
    table.delete("i < 50")
    assert whole(store.public) == 3
    release = publish(store, {PAIR[0]: "SELECT 1 AS a"}, keep=[PAIR[1]])
    assert rows_by_delta(store.public, release.datasets[0]) == [(1,)]
    assert everything(store.public.folder) == expected(store.public)


def test_everything_is_on_the_disk_before_the_pointer_names_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: set[str] = set()
    at_the_rename: set[str] = set()
    fsync, rename = os.fsync, os.replace

    def flush(descriptor: int) -> None:
        fsync(descriptor)
        flushed.add(f"{os.fstat(descriptor).st_ino}")

    def replace(source: str, target: str) -> None:
        if Path(target).name == "current":
            at_the_rename.update(flushed)
        rename(source, target)
        if Path(target).name == "current":
            flushed.clear()

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(os, "replace", replace)
    release = publish_pair(store)
    public = store.public.folder
    new = [f for d in release.datasets for f in store.public.files(d)]
    new += [public / "releases" / "4.json", public / "releases", public / "current"]
    for name, dataset in zip(PAIR, release.datasets, strict=True):
        log = public / "tables" / name / "_delta_log"
        new += [log / f"{dataset.delta_version:020d}.json", log, log.parent]
    missing = [p.name for p in new if str(p.stat().st_ino) not in at_the_rename]
    assert missing == []
    assert str(public.stat().st_ino) in flushed, "the folder of `current` is flushed after the rename"
