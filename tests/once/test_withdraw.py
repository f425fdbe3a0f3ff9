"""Rows that are sealed: gone from every version, from the counts that come, and not told by what is left."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pyarrow.compute as pc
import pytest
from tests.once.checks import ROWS, Public
from tests.once.world import NAME, Portal, Size, draw, months_of

from candor import withdrawing
from candor.portal.problems import DataError
from candor.schemas.check import open_portal
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Request

DAYS = months_of(date(2025, 3, 1), 4)


def withdraw(root: Path, keys: list[str]) -> None:
    file = root / "sealed.csv"
    file.write_text("number\n" + "\n".join(keys) + "\n", encoding="utf-8")
    portal = open_portal(root)
    waiting = withdrawing.withdrawals(portal)
    asked = Request(
        dataset=NAME, reason=WithdrawalReason.SEALED, keys=withdrawing.keys_of(portal, NAME, file), asked=DAYS[-1]
    )
    waiting.request(asked, partial(withdrawing.rows_of, portal))
    withdrawing.remember_rows(portal, waiting.pending())
    waiting.carry_out(
        DAYS[-1],
        now=True,
        rows_of=partial(withdrawing.rows_of, portal),
        figures_of=partial(withdrawing.figures_of, portal),
        inside=withdrawing.copies_inside(portal),
    )


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Portal:
    made = Portal(tmp_path_factory.mktemp("withdraw"), draw(Size(seed=3)))
    for day in DAYS:
        made.publish(day)
    return made


def test_a_row_that_is_withdrawn_is_gone_from_every_version_and_every_count(portal: Portal) -> None:
    before = Public(portal.root)
    rows = {r.number: before.table(r, ROWS).num_rows for r in before.releases}
    counted = pc.sum(before.table(before.releases[-1], "calls-by-town")["calls"]).as_py()
    world = portal.world
    # Calls of the first months, which all versions hold, also from before a correction.
    early = [int(c) for c in range(world.town.size) if world.nature[c] == 0 and world.minute[c] < 400 * 1440][:7]
    present = [c for c in early if world.arrives[c] < 700 and world.deleted[c] > 10**5]
    withdraw(portal.root, [f"C{c:07d}" for c in present])
    after = Public(portal.root)
    for release in after.releases:
        assert rows[release.number] - after.table(release, ROWS).num_rows == len(present)
        ids = after.table(release, ROWS)["id"].to_pylist()
        assert ids == list(range(1, len(ids) + 1))
        assert release.dataset("calls-by-town") is None, "figures that counted it are withdrawn"
    portal.publish(DAYS[-1])
    now = Public(portal.root)
    last = now.releases[-1]
    assert now.table(last, ROWS).num_rows == rows[last.number - 1] - len(present)
    assert pc.sum(now.table(last, "calls-by-town")["calls"]).as_py() == counted - len(present)


def test_keys_of_no_row_withdraw_nothing(portal: Portal) -> None:
    with pytest.raises(DataError, match="No published row"):
        withdraw(portal.root, ["C9999999"])
