"""A process killed with SIGKILL at any moment leaves the old release or the new one, whole."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable
from tests.store.store_help import PAIR, everything, expected, publish_pair, rows, whole
from tests.store.store_worker import die_at, publish_forever, roll_back_forever, start

from candor.store.public import PublicStore
from candor.store.store import Store

pytestmark = pytest.mark.long

KILLS = {"publish": 22, "rollback": 10}


def _at_work(store: Store) -> bool:
    """Whether a process is inside a publication, or was when it died: its signature is in the lock."""
    lock = store.internal / "lock"
    return lock.exists() and lock.stat().st_size > 0


def _check_delta(store: Store) -> None:
    release = store.current()
    assert release
    for dataset in release.datasets:
        table = DeltaTable(str(store.public.folder / "tables" / dataset.name))
        assert {Path(u).name for u in table.file_uris()} == {Path(f).name for f in dataset.files}
        table.load_as_version(dataset.delta_version)
        assert table.count() == dataset.rows


@pytest.mark.parametrize(("action", "target"), [("publish", publish_forever), ("rollback", roll_back_forever)])
def test_killed_at_random_moments(tmp_path: Path, action: str, target: Callable[[Path], None]) -> None:
    chance = random.Random(f"kill {action}")  # noqa: S311  a seed, so that a failure comes again
    store, public = Store(tmp_path / "data"), PublicStore(tmp_path / "data" / "public")
    if action == "rollback":
        for _ in range(4):
            publish_pair(store)
    number, hit = whole(public), 0
    for _ in range(KILLS[action]):
        process = start(target, store.data)
        while not _at_work(store) and process.is_alive():
            time.sleep(0.0005)
        time.sleep(chance.uniform(0, 0.25))
        assert process.is_alive(), f"the publisher ended by itself with {process.exitcode}"
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL
        hit += _at_work(store)
        seen = whole(public)
        assert seen >= number
        number = publish_pair(store).number
        assert number == seen + 1
        assert whole(public) == number
        assert everything(public.folder) == expected(public), "a leftover was not recognised"
        _check_delta(store)
    assert hit >= KILLS[action] // 2, "hardly any kill came in the middle of a publication"
    for name in PAIR:
        assert [v.version for v in public.versions(name)] == list(range(1, len(public.versions(name)) + 1))


@pytest.mark.parametrize("action", ["publish", "rollback"])
def test_killed_before_every_step(tmp_path: Path, action: str) -> None:
    store, public = Store(tmp_path / "data"), PublicStore(tmp_path / "data" / "public")
    number = 0
    if action == "rollback":
        number = [publish_pair(store, 100) for _ in range(2)][-1].number
    first = rows(public, public.current().datasets[0]) if public.current() else []  # type: ignore[union-attr]
    steps = came_into_force = 0
    while True:
        steps += 1
        process = start(die_at, steps, action, store.data)
        process.join()
        seen = whole(public)
        assert number <= seen <= number + 1
        came_into_force += seen > number
        number = seen
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
    assert steps > 15, "a publication of two tables has more steps than that"
    # Killed after `current` was renamed and before its folder was flushed, and the run that was not killed.
    assert came_into_force == 2
    assert whole(public) == number
    assert everything(public.folder) == expected(public)
    _check_delta(store)
    if action == "rollback":
        current = public.current()
        assert current
        assert rows(public, current.datasets[0]) != first
        assert rows(public, current.datasets[0]) == rows(public, public.release(1).datasets[0])
