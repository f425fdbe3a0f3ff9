"""A withdrawal killed at any moment has not begun, or is finished by the next command; readers see whole files."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest
from tests.store.store_help import rows
from tests.store.store_worker import die_at, start, withdraw_forever
from tests.store.withdraw_help import DAY, PER_MONTH, agree, months, places, publish_month, word

from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Keys, Request, Withdrawals

pytestmark = pytest.mark.long

GONE = (word(0, 1), word(1, 0))
KILLS = 10


def readable(store: Store) -> None:
    """A reader who comes now finds every file of every release that it is told of."""
    for release in store.releases():
        for dataset in release.datasets:
            assert len(rows(store.public, dataset)) == dataset.rows


def test_killed_before_every_step(tmp_path: Path) -> None:
    base = months(Store(tmp_path / "base" / "data"), 2)
    Withdrawals(base).request(
        Request(dataset="calls", reason=WithdrawalReason.SEALED, keys=Keys(column="word", values=GONE), asked=DAY)
    )
    Withdrawals(base).request(Request(dataset="towns", reason=WithdrawalReason.MISTAKE, version=1, asked=DAY))
    outcomes = []
    for step in range(1, 1000):
        store = Store(tmp_path / str(step) / "data")
        shutil.copytree(base.data, store.data)
        process = start(die_at, step, "withdraw", store.data)
        process.join()
        readable(store)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        with store.publication():
            pass
        agree(store)
        done = bool(store.public.withdrawn())
        assert bool(places(store.public.folder, GONE)) != done
        assert len(Withdrawals(store).pending()) == (0 if done else 2)
        assert list((store.internal / "withdrawals").glob(".*")) == []
        outcomes.append(done)
        shutil.rmtree(store.data.parent)
    assert outcomes.count(False) > 10
    assert outcomes.count(True) > 20, "a withdrawal of so many files has more steps than that"
    assert outcomes == sorted(outcomes), "there is one moment from which on it is finished"


def test_killed_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random("kill a withdrawal")  # noqa: S311  a seed, so that a failure comes again
    store = months(Store(tmp_path / "data"))
    hit = 0
    for number in range(KILLS):
        process = start(withdraw_forever, store.data)
        lock = store.internal / "lock"
        while not lock.stat().st_size and process.is_alive():
            time.sleep(0.0005)
        time.sleep(chance.uniform(0, 1.2))
        assert process.is_alive(), f"it ended by itself with {process.exitcode}"
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        hit += lock.stat().st_size > 0
        readable(store)
        publish_month(store, 4 + number)
        agree(store)
    assert hit >= KILLS // 2, "hardly any kill came in the middle of a withdrawal"
    words = [r[4] for r in rows(store.public, store.versions("calls")[3])]
    gone = [w for m in range(4) for r in range(PER_MONTH) if (w := word(m, r)) not in words]
    assert gone
    assert places(store.public.folder, gone) == []
