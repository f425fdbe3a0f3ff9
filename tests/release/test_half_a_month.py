"""A last month that is there in half is not reported, and nothing is told of it early, until it is whole."""

from __future__ import annotations

import pytest
from tests.release.conftest import SmallPortal, call

from candor.store.store import Store


def daily(april: int) -> list[str]:
    """Two calls a day of March, and of April until a day."""
    days = [(3, d) for d in range(1, 32)] + [(4, d) for d in range(1, april + 1)]
    return [
        call(2 * n + k, f"2024-{m:02d}-{d:02d}T10:15:00-04:00", kind)
        for n, (m, d) in enumerate(days)
        for k, kind in enumerate(("Noise", "Alarm"))
    ]


def months(portal: SmallPortal, name: str) -> set[str]:
    release = Store(portal.root / "data").current()
    assert release is not None
    there = release.dataset(name) is not None
    return {f"{m:%Y-%m}" for m in portal.public(name)["month"].to_pylist()} if there else set()


@pytest.mark.parametrize("april", [11, 30])
def test_half_a_month_waits(portal: SmallPortal, april: int) -> None:
    portal.write(daily(april))
    portal.clock("2024-05-10")  # March has settled; April is over
    portal.publish()
    assert months(portal, "early-calls") == ({"2024-04"} if april == 30 else set())
    portal.clock("2024-06-10")  # so has April
    portal.publish()
    assert ("2024-04" in months(portal, "calls-by-town")) == (april == 30)
    # What comes later says how it was.
    portal.write(daily(30))
    portal.publish()
    assert "2024-04" in months(portal, "calls-by-town")
