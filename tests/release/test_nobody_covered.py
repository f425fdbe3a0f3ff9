"""An agency for which no town is declared yet: its data set is published again and again like any other."""

from __future__ import annotations

import pytest
from tests.release.conftest import SmallPortal, lines

from candor.ledger.status import status


@pytest.mark.parametrize("clock", ["2024-06-01", "2026-01-05"])  # before the day of the year's figures, and after
def test_places_may_be_empty(portal: SmallPortal, clock: str) -> None:
    portal.replace('places = ["5000100001"]', "places = []")
    portal.write(lines(40))
    portal.clock(clock)
    rows = []
    for _ in range(3):
        run = portal.publish()
        assert run.release is not None
        assert [a.late for a in run.release.coverage] == [()]
        rows.append(portal.public("alder-calls"))
    assert rows[0].num_rows == 40
    assert all(again.equals(rows[0]) for again in rows)
    (found,) = status(portal.open()).datasets
    assert [a.late for a in found.agencies] == [()]
