"""A publication that is killed at any moment leaves the old release or the new one, whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pyarrow.compute as pc
from tests.release.conftest import SmallPortal, lines

from candor.store.store import Store

# The store's own tests kill some thirty times; here it is the whole command.
KILLS = 6
SIZES = (40, 90)


def in_step(portal: SmallPortal) -> int:
    """The rows in force, having seen that the counts are those of the same rows."""
    rows: int = portal.public("alder-calls").num_rows
    assert pc.sum(portal.public("calls-by-town")["calls"]).as_py() == rows
    return rows


def test_killed_at_random_moments(portal: SmallPortal) -> None:
    chance = random.Random(2)  # noqa: S311  # moments, not secrets
    portal.write(lines(SIZES[0]))
    began = time.monotonic()
    command = [sys.executable, "-m", "candor", "publish", "--portal", str(portal.root), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - began
    assert in_step(portal) == SIZES[0]
    killed = 0
    for attempt in range(KILLS):
        before = in_step(portal)
        wanted = SIZES[(attempt + 1) % 2]
        portal.write(lines(wanted))
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(whole * chance.uniform(0.5, 0.95))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        assert in_step(portal) in ({wanted} if process.returncode == 0 else {before, wanted})
    assert killed, "no publication was killed before its end"
    portal.write(lines(SIZES[1]))
    assert portal.publish().release is not None
    assert in_step(portal) == SIZES[1]
    internal = Store(portal.root / "data").internal
    assert not (internal / "scratch").exists()
    assert not list((internal / "staging").glob("*"))
