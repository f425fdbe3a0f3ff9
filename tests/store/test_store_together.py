"""Two publications at once, and readers while others publish."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.store.store_help import everything, expected, publish_pair, rows, whole
from tests.store.store_worker import context, publish_and_hold, publish_some, start

from candor.store.errors import PublicationRunning
from candor.store.model import Release
from candor.store.store import Store


def test_the_second_publication_is_refused_and_told_why(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    publish_pair(store, 100)
    ready, go = context().Event(), context().Event()
    process = start(publish_and_hold, store.data, ready, go)
    assert ready.wait(60)
    attempts: list[Callable[[], Release]] = [
        lambda: publish_pair(store),
        lambda: store.rollback(1),
        lambda: store.rollback_dataset("calls", 1),
    ]
    for attempt in attempts:
        with pytest.raises(PublicationRunning) as refused:
            attempt()
        assert refused.value.pid == process.pid
        assert refused.value.since
        assert timedelta(0) <= datetime.now(UTC) - refused.value.since < timedelta(minutes=10)
        assert f"(process {process.pid}, since " in str(refused.value)
        assert "Wait until it has ended and run the command again." in str(refused.value)
        assert refused.value.exit_code == 1
    assert list((store.internal / "staging").iterdir()), "the refused one has removed what the running one staged"
    assert whole(store.public) == 1
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert publish_pair(store, 100).number == 2
    with store.publication(), pytest.raises(PublicationRunning, match=str(os.getpid())):
        publish_pair(store)
    assert publish_pair(store, 100).number == 3


def test_a_dead_ones_signature_is_not_taken_for_the_holders(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    with store.publication():
        (store.internal / "lock").write_text('{"pid": 4194304, "since": "2020-01-01T00:00:00+00:00"}')
        with pytest.raises(PublicationRunning, match="a process that has only just begun") as refused:
            publish_pair(store)
    assert refused.value.pid is None


def test_readers_see_whole_releases_while_two_publish(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    first = publish_pair(store, 500)
    opened = [f.open("rb") for d in first.datasets for f in store.public.files(d)]
    processes = [start(publish_some, store.data, 10) for _ in range(2)]
    seen = [whole(store.public)]
    while any(p.is_alive() for p in processes):
        seen.append(whole(store.public))
        mark = store.public.pointer()
        assert int(mark[2]) >= seen[-1]
    for process in processes:
        process.join()
    for file in opened:
        file.close()
    assert [p.exitcode for p in processes] == [0, 0]
    assert seen == sorted(seen)
    assert len(set(seen)) > 2, "the reader has seen no release come"
    assert whole(store.public) == 21
    assert [r.number for r in store.releases()] == list(range(1, 22))
    # Who holds an old release reads on.
    assert len(rows(store.public, first.datasets[0])) == 500
    assert everything(store.public.folder) == expected(store.public)
