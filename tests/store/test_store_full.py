"""A disk that is full: said in plain words, and the old release stays in force."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.store.store_help import PAIR, everything, expected, publish, publish_pair, small_disk, whole
from tests.store.store_worker import context, publish_with_limit, start

from candor.store.errors import StorageFull
from candor.store.store import Store

pytestmark = pytest.mark.long

BIG = "SELECT hash(i) AS stamp FROM range(1000000) r(i)"


def _fill(folder: Path, leave: int) -> Path:
    """Fill the disk but for `leave` blocks of 4 KiB."""
    path = folder / "something else"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while os.statvfs(folder).f_bavail > leave:
            os.write(descriptor, b"\0" * 4096)
    finally:
        os.close(descriptor)
    return path


def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as refused:
        if refused:
            pytest.skip(f"this machine does not permit mounting a file system: {refused}")
        store = Store(tmp_path / "disk" / "data")
        with pytest.raises(StorageFull) as full:
            publish(store, dict.fromkeys(PAIR, BIG))
        assert str(full.value).startswith("The storage is full: data set calls could not be written (No space left")
        assert "No release has been published yet" in str(full.value)
        assert publish_pair(store, 500).number == 1
        with pytest.raises(StorageFull) as full:
            publish(store, dict.fromkeys(PAIR, BIG))
        assert "Release 1 is still in force" in str(full.value)
        assert "run the command again" in str(full.value)
        assert full.value.exit_code == 1
        assert whole(store.public) == 1
        assert everything(store.public.folder) == expected(store.public), "the failed run has not freed what it took"


def test_a_disk_that_fills_up_anywhere_on_the_way(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "2m") as refused:
        if refused:
            pytest.skip(f"this machine does not permit mounting a file system: {refused}")
        store = Store(tmp_path / "disk" / "data")
        number = publish_pair(store, 50).number
        writing = []
        for leave in range(40):
            filler = _fill(tmp_path / "disk", leave)
            try:
                number = publish_pair(store, 50).number
            except StorageFull as full:
                writing.append(full.writing)
            assert whole(store.public) == number
            filler.unlink()
            if number > 1:
                break
        assert number == 2, "the release never found room"
        assert {"data set calls", "data set calls-by-town", "release 2"} <= set(writing), writing
        assert publish_pair(store, 50).number == 3
        assert everything(store.public.folder) == expected(store.public)


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """The same without a file system of our own: the kernel refuses to let a file grow."""
    store = Store(tmp_path / "data")
    publish_pair(store, 100)
    answer = context().Queue()
    process = start(publish_with_limit, store.data, 100_000, answer)
    said = answer.get(timeout=120)
    process.join()
    assert said.startswith("The storage is full: data set calls could not be written (File too large)")
    assert "Release 1 is still in force" in said
    assert whole(store.public) == 1
    assert everything(store.public.folder) == expected(store.public)
