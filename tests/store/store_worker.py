"""Publishers to be killed. Started by a fork server that has the imports done, so that a start costs little."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.store.store_help import PAIR, publish, publish_pair
from tests.store.withdraw_help import DAY, PER_MONTH, take_rows, word, words_of

from candor.store.errors import PublicationRunning, StorageFull
from candor.store.store import Store
from candor.store.withdrawals import Withdrawals


def context() -> ForkServerContext:
    """The fork server; it runs nothing itself, so its children start without foreign threads."""
    ctx = multiprocessing.get_context("forkserver")
    # pytest too: a child imports the main module of its parent.
    ctx.set_forkserver_preload(["candor.store.store", "duckdb", "deltalake", "pyarrow.dataset", "pytest"])
    return ctx


def start(target: Callable[..., None], *args: Any) -> BaseProcess:  # noqa: ANN401  whatever the target takes
    """Run `target(*args)` in a process of its own."""
    process = context().Process(target=target, args=args)
    process.start()
    return process


def publish_forever(data: Path) -> None:
    """Release after release, until somebody ends it."""
    while True:
        publish_pair(Store(data))


def roll_back_forever(data: Path) -> None:
    """Rollback after rollback, each to a release chosen by chance among the first four."""
    chance = random.Random(os.getpid())  # noqa: S311  no secret hangs on it
    while True:
        Store(data).rollback(chance.randint(1, 4))


def publish_some(data: Path, count: int) -> None:
    """That many releases, waiting for others where they publish."""
    done = 0
    while done < count:
        try:
            publish_pair(Store(data), 500)
            done += 1
        except PublicationRunning:
            time.sleep(0.002)


def publish_and_hold(data: Path, ready: Any, go: Any) -> None:  # noqa: ANN401  events of the context
    """Begin a publication, say so, and wait inside."""
    with Store(data).publication() as pub:
        pub.stage(PAIR[0]).write_bytes(b"half a file")
        ready.set()
        go.wait(60)


def withdraw_forever(data: Path) -> None:
    """Row after row, of any month, until somebody ends it."""
    chance = random.Random(os.getpid())  # noqa: S311  no secret hangs on it
    while True:
        take_rows(Store(data), [word(chance.randrange(4), chance.randrange(PER_MONTH))])


def carry_out_all(store: Store) -> None:
    """Carry out what waits, whatever the day."""
    Withdrawals(store).carry_out(
        DAY,
        now=True,
        rows_of=lambda _, file: words_of(store, file.read_text().split()[1:])(),
        figures_of=lambda _: ("counts",),
    )


def die_at(step: int, action: str, data: Path) -> None:
    """Publish or roll back, and be killed right before the step-th call that flushes or renames anything."""
    left = step

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **named: Any) -> Any:  # noqa: ANN401  whatever the system's call takes
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **named)

        return counted

    for name in ("fsync", "rename", "replace", "unlink"):
        setattr(os, name, deadly(getattr(os, name)))
    store = Store(data)
    if action == "publish":
        publish_pair(store, 100)
    elif action == "withdraw":
        carry_out_all(store)
    else:
        store.rollback(1)


def publish_with_limit(data: Path, limit: int, answer: Any) -> None:  # noqa: ANN401  a queue of the context
    """Publish under a limit on the size of a file, and send what was raised."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        publish(Store(data), dict.fromkeys(PAIR, "SELECT hash(i) AS stamp FROM range(100000) r(i)"))
    except StorageFull as error:
        answer.put(str(error))
    else:
        answer.put("")
