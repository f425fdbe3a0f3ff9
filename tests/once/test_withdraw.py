"""Rows that are sealed: gone from every version, from the counts that come, and not told by what is left."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.once.checks import ROWS, Public
from tests.once.world import NAME, Portal, Size, draw, months_of

from candor.errors import DataError
from candor.profiles.check import open_portal
from candor.publish import withdrawing
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Request

pytestmark = pytest.mark.long

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
    present = _of_the_first_months(portal, 7)
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


def test_a_kind_that_turned_sensitive_stays_as_it_was_told_after_a_row_of_it_is_withdrawn(tmp_path: Path) -> None:
    portal, days = Portal(tmp_path, draw(Size(seed=3))), months_of(date(2025, 3, 1), 3)
    portal.publish(days[0])
    portal.turn_sensitive("noise")
    portal.publish(days[1])
    told = pc.sum(_of_kind(Public(tmp_path), "noise")["calls"]).as_py()
    assert told, "months that were fixed before keep their counts"
    early = _of_the_first_months(portal, 3)
    withdraw(tmp_path, [f"C{c:07d}" for c in early])
    portal.publish(days[2])
    assert pc.sum(_of_kind(Public(tmp_path), "noise")["calls"]).as_py() == told - len(early)


def _of_kind(public: Public, kind: str) -> pa.Table:
    lines = public.table(public.releases[-1], "calls-by-town")
    return lines.filter(pc.equal(lines["category"].cast("string"), kind))


def _of_the_first_months(portal: Portal, number: int) -> list[int]:
    """Calls of the first kind that all versions hold, also from before a correction."""
    world = portal.world
    early = (world.nature == 0) & (world.minute < 400 * 1440) & (world.arrives < 700) & (world.deleted > 10**5)
    return [int(c) for c in early.nonzero()[0][:number]]
