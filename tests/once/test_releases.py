"""Eight releases of a state whose records keep changing: what was published stays, and no more can be subtracted.

Late reports, corrections, reclassifications both ways, deletions, a late agency and one that joins (`world`), and, one
after another, a new crosswalk, a split town, and rows that are sealed. `make fuzz` has 37 releases of 255 towns.
"""

from __future__ import annotations

import json
import os
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from tests.once.checks import Public, require_cells_stay, require_rows_stay, require_tables_are_rows, require_told_once
from tests.once.world import NAME, Portal, Size, World, draw, months_of
from typer.testing import CliRunner

from candor.cli.app import app
from candor.profiles.check import open_portal
from candor.publish import withdrawing
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawals import Request

pytestmark = pytest.mark.long

LONG = bool(os.environ.get("CANDOR_FUZZ"))
"""37 releases of a state of 255 towns and 100,000 calls."""

SIZE = (
    Size(towns=255, counties=14, agencies=98, months=66, calls=0.6) if LONG else Size(towns=24, counties=4, agencies=6)
)
DAYS = months_of(date(2025, 1, 1), 37 if LONG else 8)
CROSSWALK, SPLIT, SEALED = 2, 4, 6
"""Before which release what happens, from 0."""


def seal(root: Path, world: World, day: date) -> None:
    """Withdraw five rows that were published, and have them gone at once."""
    early = [c for c in range(world.town.size) if world.nature[c] == 0 and world.minute[c] < 300 * 1440][:5]
    file = root / "sealed.csv"
    file.write_text("number\n" + "\n".join(f"C{c:07d}" for c in early) + "\n", encoding="utf-8")
    portal = open_portal(root)
    waiting, rows_of = withdrawing.withdrawals(portal), partial(withdrawing.rows_of, portal)
    keys = withdrawing.keys_of(portal, NAME, file)
    waiting.request(Request(dataset=NAME, reason=WithdrawalReason.SEALED, keys=keys, asked=day), rows_of)
    withdrawing.remember_rows(portal, waiting.pending())
    waiting.carry_out(day, now=True, rows_of=rows_of, figures_of=partial(withdrawing.figures_of, portal))


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Public:
    root: Path = tmp_path_factory.mktemp("once")
    portal = Portal(root, draw(SIZE))
    for number, day in enumerate(DAYS):
        if number == CROSSWALK:
            portal.crosswalk(Fight="domestic-disturbance")
        if number == SPLIT:
            portal.split(date(DAYS[SPLIT].year, DAYS[SPLIT].month - 1, 1))
        if number == SEALED:
            seal(root, portal.world, day)
        portal.publish(day)
    return Public(root)


def test_what_is_told_of_sensitive_kinds_is_told_once(public: Public) -> None:
    require_told_once(public)


def test_rows_stay(public: Public) -> None:
    require_rows_stay(public)


def test_cells_stay(public: Public) -> None:
    require_cells_stay(public)


def test_tables_say_what_rows_say(public: Public) -> None:
    require_tables_are_rows(public)


def test_every_release_was_attacked(public: Public) -> None:
    for release in public.releases:
        assert release.audit is not None
        assert release.audit.passed
        assert release.audit.versions == release.number


def test_corrections_are_made_on_one_day(public: Public) -> None:
    corrected = [(r.number, r.corrected) for r in public.releases if r.corrected]
    assert corrected[0] == (4, (2024,))
    assert all(years for _, years in corrected)
    assert len(corrected) == sum(day.month == 4 for day in DAYS)


def test_a_late_agency_is_named(public: Public) -> None:
    assert {(c.agency, m) for c in public.releases[-1].coverage for m in c.late}


def test_a_kind_that_turned_sensitive_is_told_of_counties_from_then_on(public: Public) -> None:
    cube = public.table(public.releases[-1], "calls-by-town").to_pylist()
    own = [line for line in cube if line["category"] == "disturbance"]
    assert {line["coverage"] for line in own} >= {"reported"}


def test_a_release_costs_the_same_however_many_there_were(public: Public) -> None:
    """What is kept inside does not grow with the releases but with what was published; old ledgers go."""
    ledgers = sorted((public.folder.parent / "internal" / "ledger").iterdir())
    assert len(ledgers) == 2


def test_the_publisher_sees_what_waits_and_why(public: Public) -> None:
    root = public.folder.parents[1]
    answer = CliRunner().invoke(app, ["status", "--portal", str(root), "--json"])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.stdout)
    [dataset] = found["datasets"]
    # The clock stands on the tenth: the month before is over and has not settled, the one before that is published.
    months = [f"{d:%Y-%m}" for d in months_of(date(DAYS[-1].year, DAYS[-1].month - 2, 1), 2)]
    assert [dataset["through"], dataset["next_month"]] == months
    assert found["early"] == months[1:]
    assert dataset["settles_on"] > str(DAYS[-1])
    assert any(agency["late"] for agency in dataset["agencies"])
    assert [line["on"] for line in found["coming"]] == sorted(line["on"] for line in found["coming"])
    said = CliRunner().invoke(app, ["status", "--portal", str(root)]).stdout
    assert "out of the month, counted in its year" in said
    checked = CliRunner().invoke(app, ["check", "--portal", str(root)])
    assert checked.exit_code == 0, checked.output
    assert "classes that changed later" in checked.stdout
    assert "settling] days = " in checked.stdout or "still change after" in checked.stdout
