"""A publication that is killed at any moment leaves the old release or the new one, whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time

import pyarrow.compute as pc
import pytest
from tests.release.conftest import SmallPortal, call

from candor.store.store import Store

pytestmark = pytest.mark.long

# The store's own tests kill some thirty times; here it is the whole command.
KILLS = 6
EACH = 56


def exported(portal: SmallPortal, months: int) -> int:
    """Write the calls of so many months from March 2024 on, with the clock where all of them have settled."""
    portal.write(
        [
            call(1000 * m + n, f"2024-{m:02d}-{n // 2 + 1:02d}T10:15:00-05:00", "Noise" if n % 2 else "Alarm")
            for m in range(3, 3 + months)
            for n in range(EACH)
        ]
    )
    settled = 3 + months + 1  # the month after the next
    portal.clock(f"{2024 + settled // 13}-{(settled - 1) % 12 + 1:02d}-05")
    return months * EACH


def in_step(portal: SmallPortal) -> int:
    """The rows in force, having seen that the counts are those of the same rows."""
    rows: int = portal.public("alder-calls").num_rows
    assert pc.sum(portal.public("calls-by-town")["calls"]).as_py() == rows
    return rows


def test_killed_at_random_moments(portal: SmallPortal) -> None:
    chance = random.Random(2)  # noqa: S311  # moments, not secrets
    portal.replace('last_month = "2024-04"', 'last_month = "2024-12"')
    first = exported(portal, 1)
    began = time.monotonic()
    command = [sys.executable, "-m", "candor", "publish", "--portal", str(portal.root), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - began
    assert in_step(portal) == first
    killed = 0
    for attempt in range(KILLS):
        before = in_step(portal)
        wanted = exported(portal, attempt + 2)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(whole * chance.uniform(0.5, 0.95))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        assert in_step(portal) in ({wanted} if process.returncode == 0 else {before, wanted})
    assert killed, "no publication was killed before its end"
    wanted = exported(portal, KILLS + 2)
    release = portal.publish().release
    assert release is not None
    assert in_step(portal) == wanted
    # No row twice: what a killed run had put into the archive was never published, and is not now.
    assert len(set(portal.public("alder-calls")["id"].to_pylist())) == wanted
    internal = Store(portal.root / "data").internal
    assert not (internal / "scratch").exists()
    assert not list((internal / "staging").glob("*"))
    ledgers = sorted(int(p.name) for p in (internal / "ledger").iterdir())
    assert ledgers[-1] == release.number
    assert len(ledgers) <= 2
