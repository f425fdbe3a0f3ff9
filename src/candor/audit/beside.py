"""Kinds attacked side by side: a second process takes some of them while this one attacks the others.

Kinds are attacked one by one, so the order says nothing and each finding is the same wherever it is made. The helper is
a new interpreter and no fork, for a fork copies the locks of other threads (of DuckDB, of Arrow) and waits for them
forever. It holds one case, so memory at most doubles; and it is started only where there is much to attack, for to
start takes a second.

Nothing depends on the helper. What it does not answer, because it was killed, failed, or found an error, is attacked
here: so errors and the deadline reach the caller as they do without it.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Thread
from typing import TypeVar

from candor.solver.linear import Deadline

Found = TypeVar("Found")
Given = TypeVar("Given")

_LARGE = 40_000
"""So many counts and kinds are worth a second process."""
_MODULE = "candor.audit.beside"


class Beside:
    """The helper of one attack, started when there is first something for it; `close` ends it."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._helper: subprocess.Popen[bytes] | None = None
        self._broken = (os.cpu_count() or 1) < 2

    def all(self, work: Callable[[Given, int], Found], of: Given, kinds: Sequence[int], cells: int) -> dict[int, Found]:
        """`work(of, kind)` for all kinds, of so many cells each; `work` is a function of a module.

        Raises what `work` raises, and `UnfinishedError` after the deadline.
        """
        outcomes: dict[int, Found] = {}
        waiting = deque(kinds)
        feeder: Thread | None = None
        if len(kinds) > 1 and cells * len(kinds) >= _LARGE and (helper := self._started()) is not None:
            feeder = Thread(target=self._feed, args=(helper, work, of, waiting, outcomes), daemon=True)
            feeder.start()
        while True:
            while (kind := _next(waiting.popleft)) is not None:
                outcomes[kind] = work(of, kind)
            while feeder is not None and feeder.is_alive():
                feeder.join(self._deadline.left())
            if not waiting:  # else the helper gave one back
                return outcomes

    def close(self) -> None:
        """End the helper, whatever it is at."""
        helper, self._helper, self._broken = self._helper, None, True
        if helper is not None:
            helper.kill()
            helper.wait()
            for pipe in (helper.stdin, helper.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was written to it, and not yet sent
                        pipe.close()

    def _started(self) -> subprocess.Popen[bytes] | None:
        if self._helper is None and not self._broken:
            with suppress(OSError):
                self._helper = _start()
        return None if self._broken else self._helper

    def _feed(
        self,
        helper: subprocess.Popen[bytes],
        work: Callable[[Given, int], Found],
        of: Given,
        waiting: deque[int],
        outcomes: dict[int, Found],
    ) -> None:
        """Hand the last kinds to the helper, one by one; one that it does not answer is put back."""
        kind: int | None = None
        sent, answers = helper.stdin, helper.stdout
        if sent is None or answers is None:
            return
        try:
            pickle.dump((work, of), sent)
            while (kind := _next(waiting.pop)) is not None:
                pickle.dump(kind, sent)
                sent.flush()
                outcomes[kind] = pickle.load(answers)  # noqa: S301  # of our own process
            pickle.dump(None, sent)
            sent.flush()
        except Exception:  # noqa: BLE001  # whatever it is: the kind is attacked here, and says so again
            self._broken = True
            if kind is not None:
                waiting.append(kind)


def _next(take: Callable[[], int]) -> int | None:
    """One more kind; None where the other process has taken the last one."""
    try:
        return take()
    except IndexError:
        return None


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", _MODULE]  # -P: what lies in the current folder is not imported
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen(  # noqa: S603  # ourselves
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )


def _help() -> None:
    """What the helper does: read a function and what it is about, answer kinds until nothing more comes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library may print is no answer
    try:
        while True:
            work, of = pickle.load(sys.stdin.buffer)  # noqa: S301  # of the process that started this one
            while (kind := pickle.load(sys.stdin.buffer)) is not None:  # noqa: S301
                pickle.dump(work(of, kind), answers)
                answers.flush()
    except EOFError:
        return


if __name__ == "__main__":
    _help()
