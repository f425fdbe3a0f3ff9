"""One publication at a time."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from candor.store.errors import PublicationRunning


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file, or raise `PublicationRunning` at once.

    The kernel lets go of it when the process ends, however it ends: what the file says is for people only.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PublicationRunning(*_holder(path)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat()}).encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _holder(path: Path) -> tuple[int | None, datetime | None]:
    # The holder may have taken the lock a moment ago and not have signed yet, over the signature of a dead one.
    for _ in range(20):
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            pid, since = int(said["pid"]), datetime.fromisoformat(said["since"])
        except (ValueError, KeyError, TypeError):
            time.sleep(0.01)
            continue
        if Path(f"/proc/{pid}").exists() or not Path("/proc/self").exists():
            return pid, since
        time.sleep(0.01)
    return None, None
