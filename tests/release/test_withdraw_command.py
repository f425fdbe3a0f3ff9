"""`candor withdraw` as a publisher runs it: wait for the day, or now; then the next release without it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.release.conftest import SmallPortal, call
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import DataError, UsageError
from candor.publish import withdrawing
from candor.store.store import Store

pytestmark = pytest.mark.long

FIGURES = ["call-denominators-by-town", "call-rates-by-town", "calls-by-town"]
MARCH = [call(n, f"2024-03-{5 * n % 28 + 1:02d}T10:15:00-05:00", ("Noise", "Alarm")[n % 2]) for n in range(1, 7)]
APRIL = [call(n, f"2024-04-{5 * n % 28 + 1:02d}T10:15:00-05:00", ("Noise", "Alarm")[n % 2]) for n in range(7, 13)]


def run(portal: SmallPortal, *arguments: str) -> Any:  # noqa: ANN401  whatever the command said
    answer = CliRunner().invoke(app, ["withdraw", *arguments, "--portal", str(portal.root), "--json"])
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return json.loads(answer.stdout)


@pytest.fixture
def published(portal: SmallPortal, monkeypatch: pytest.MonkeyPatch) -> SmallPortal:
    """Two releases, of March and of March and April; the clock stands on the third of April."""
    portal.replace("clock = 2026-04-10", "clock = 2024-05-05", "portal.toml")
    portal.write(MARCH)
    portal.publish()
    portal.replace("clock = 2024-05-05", "clock = 2024-06-10", "portal.toml")
    portal.write([*MARCH, *APRIL])
    portal.publish()
    monkeypatch.setattr(withdrawing, "today", lambda _: date(2026, 4, 3))
    return portal


def test_a_version_waits_for_its_day(published: SmallPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run(published, "alder-calls", "--version", "1", "--reason", "personal")
    assert said["withdrawn"] == []
    assert said["next_day"] == "2026-05-01"
    assert [(w["dataset"], w["version"], w["reason"]) for w in said["waiting"]] == [
        ("alder-calls", 1, "personal information")
    ]
    assert run(published)["withdrawn"] == []
    monkeypatch.setattr(withdrawing, "today", lambda _: date(2026, 5, 1))
    said = run(published)
    assert [(t["dataset"], t["what"], t["version"], t["on"]) for t in said["withdrawn"]] == [
        ("alder-calls", "version", 1, "2026-05-01")
    ]
    assert said["waiting"] == []
    published.publish()
    first, second, third = Store(published.root / "data").versions("alder-calls")
    assert first.withdrawn
    assert (second.rows, third.rows) == (12, 12)


def test_rows_now_and_figures_anew(published: SmallPortal) -> None:
    store = Store(published.root / "data")
    keys = published.root / "keys.csv"
    keys.write_text("note,incident\nnothing of this is kept,C99999\n")
    with pytest.raises(DataError, match="No published row of alder-calls has any of these 1 keys"):
        run(published, "alder-calls", "--rows", str(keys), "--reason", "sealed", "--now")
    assert store.public.withdrawn() == ()
    keys.write_text("note,incident\nnothing of this is kept,C00003\nnor this,C00003\n")
    said = run(
        published, "alder-calls", "--rows", str(keys), "--reason", "sealed or expunged by law", "--now", "--inside"
    )
    assert {t["dataset"] for t in said["withdrawn"]} == {"alder-calls", *FIGURES}
    assert [v.rows for v in store.versions("alder-calls")] == [5, 11]
    kept = "".join(p.read_text() for p in (store.internal / "withdrawals").iterdir())
    assert kept == ""
    current = store.current()
    assert current
    assert not {d.name for d in current.datasets} & set(FIGURES)
    # The agency's export still has it: it does not come back, in no row and in no count.
    made = published.publish().release
    assert made
    assert {d.name for d in made.datasets} >= set(FIGURES)
    assert [v.rows for v in store.versions("alder-calls")] == [5, 11, 11]
    assert all(v.withdrawn for v in store.versions("calls-by-town")[:-1])
    assert pc.sum(published.public("calls-by-town")["calls"]).as_py() == 11


def test_a_data_set_for_good(published: SmallPortal) -> None:
    run(published, "alder-calls", "--reason", "agency", "--now")
    with pytest.raises(UsageError, match=r"for good.*Remove datasets/alder-calls\.toml"):
        published.publish()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["alder-calls"], "'' is no class of reasons. Allowed: sealed"),
        (["alder-calls", "--reason", "because"], "'because' is no class of reasons"),
        (["nope", "--reason", "sealed"], "No data set named nope has been published"),
        (["alder-calls", "--version", "9", "--reason", "sealed"], "has no version 9. Allowed: 1, 2."),
        (["alder-calls", "--version", "1", "--rows", "x.csv", "--reason", "sealed"], "Both --version and --rows"),
        (["alder-calls", "--rows", "x.csv", "--reason", "sealed"], "x.csv cannot be read"),
        (["towns", "--rows", "x.csv", "--reason", "sealed"], "No data set of rows is declared as towns"),
        (["--reason", "sealed"], "Nothing says which data set"),
    ],
)
def test_what_is_refused(published: SmallPortal, arguments: list[str], words: str) -> None:
    with pytest.raises(DataError) as caught:
        run(published, *arguments)
    assert words in str(caught.value)
    store = Store(published.root / "data")
    assert store.public.withdrawn() == ()
    assert not list((store.internal / "withdrawals").glob("*.json"))


def test_a_file_of_keys(published: SmallPortal, tmp_path: Path) -> None:
    portal, file = published.open(), tmp_path / "keys.csv"
    file.write_text("number\nC00001\n")
    with pytest.raises(UsageError, match=r"has no column 'incident'\. Allowed: number"):
        withdrawing.keys_of(portal, "alder-calls", file)
    file.write_text("incident\n\n")
    with pytest.raises(DataError, match="names no row"):
        withdrawing.keys_of(portal, "alder-calls", file)
    file.write_text("\ufeffincident,note\nC00002,x\nC00001,y\nC00002,z\n", encoding="utf-8")
    assert withdrawing.keys_of(portal, "alder-calls", file).values == ("C00002", "C00001")
