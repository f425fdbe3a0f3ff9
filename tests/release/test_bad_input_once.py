"""What can go wrong with publishing once: each a message, and nothing published or lost."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.release.conftest import SmallPortal, call
from tests.release.test_once import _changing_template, changing, everyday  # noqa: F401  # fixtures
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import DataError, PortalError, UsageError
from candor.store.model import Release
from candor.store.store import Store

pytestmark = pytest.mark.long


def current(portal: SmallPortal) -> Release | None:
    return Store(portal.root / "data").current()


def files(portal: SmallPortal) -> dict[str, bytes]:
    """Every public file."""
    public = portal.root / "data" / "public"
    return {str(p.relative_to(public)): p.read_bytes() for p in public.rglob("*") if p.is_file()}


def refused(portal: SmallPortal, kind: type[Exception], *words: str) -> None:
    """A publication is refused in these words, and nothing public has changed."""
    before = files(portal)
    with pytest.raises(kind) as caught:
        portal.publish()
    for word in words:
        assert word in str(caught.value), caught.value
    assert files(portal) == before


def command(portal: SmallPortal, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(app, [*words, "--portal", str(portal.root)])
    said = answer.output + (str(answer.exception) if answer.exception else "")
    assert "Traceback" not in said
    return answer.exit_code, said


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("portal.toml", "\n[settling]\ndays = -1\n", ("settling.days", "the number -1", "a number from 0")),
        ("portal.toml", "\n[settling]\ndays = 0\n", ("settling.days", "days = 0 for alder-calls", "sensitive kinds")),
        ("datasets/alder-calls.toml", "\n[settling]\ndays = 0\n", ("days = 0 for alder-calls", "Write days = 30")),
        ("datasets/alder-calls.toml", "\n[settling]\ndays = 120\n", ("days = 120", "at most quarter_days (90)")),
    ],
)
def test_days_that_keep_nothing(portal: SmallPortal, file: str, text: str, words: tuple[str, ...]) -> None:
    portal.publish()
    with (portal.root / file).open("a", encoding="utf-8") as config:
        config.write(text)
    refused(portal, PortalError, *words)


def test_a_clock_that_goes_back(portal: SmallPortal) -> None:
    portal.publish()
    portal.clock("2026-04-09")
    refused(portal, DataError, "clock stands at 2026-04-09", "2026-04-10", "a clock that goes forward")
    portal.clock("2026-04-11")
    assert portal.publish().release is not None


def test_a_clock_that_is_no_day(portal: SmallPortal) -> None:
    portal.clock('"April"')
    refused(portal, PortalError, "clock", "a day such as 2025-01-31")


def two_agencies(portal: SmallPortal, *second: str, until: str = "2025") -> None:
    """Everyday calls of one agency before a day, and those lines of another one, that covers Cedar."""
    (portal.root / "coverage.csv").write_text(
        "agency,geoid,first_month,last_month,gaps\n"
        "Alder Police,5000100001,2024-03,2024-12,\nAlder Police,5000100002,2024-03,2024-12,\n"
        "Cedar Police,5000100003,2024-03,2024-12,\n",
        encoding="utf-8",
    )
    file = portal.root / "datasets" / "alder-calls.toml"
    text = file.read_text(encoding="utf-8").partition("[coverage]")[0]
    if "agency = " not in text:
        text = text.replace('"marked"]', '"marked", "agency"]').replace(
            "domestic_related", 'agency = { from = "agency" }\ndomestic_related'
        )
    file.write_text(text + '[coverage]\nfile = "coverage.csv"\n', encoding="utf-8")
    rows = [f"{line},Alder Police" for line in everyday() if line.split(",")[1] < until]
    portal.write(
        [*rows, *(f"{line},Cedar Police" for line in second)], "incident,when,nature,lat,lon,town,marked,agency"
    )


def cedar(month: int) -> list[str]:
    return [
        call(
            70_000 + 100 * month + n,
            f"2024-{month:02d}-{n + 1:02d}T10:15:00-05:00",
            ("Noise", "Alarm")[n % 2],
            lon="-70.5",
        )
        for n in range(28)
    ]


def test_an_agencys_month_after_the_day_of_its_year(portal: SmallPortal) -> None:
    portal.clock("2024-06-05")
    two_agencies(portal, *cedar(3), until="2024-06-05")
    portal.publish()
    coverage = {c.agency: c for c in current(portal).coverage}  # type: ignore[union-attr]  # it was published
    assert "2024-04" in coverage["Cedar Police"].gaps
    # Before the day it is late, named, and counted in the year.
    two_agencies(portal, *cedar(3), *cedar(4))
    portal.clock("2025-03-30")
    portal.publish()
    coverage = {c.agency: c for c in current(portal).coverage}  # type: ignore[union-attr]  # it was published
    assert coverage["Cedar Police"].late == ("2024-04",)
    cube = portal.public("calls-by-town").to_pylist()
    april = [x for x in cube if x["place"] == "Cedar" and f"{x['month']:%Y-%m}" == "2024-04"]
    assert {(x["coverage"], x["calls"]) for x in april} == {("not reported", None)}
    # On it the year is told; what comes then is refused, until it is declared as a gap.
    two_agencies(portal, *cedar(3), *cedar(4), *cedar(5))
    portal.clock("2025-03-31")
    refused(
        portal, DataError, "alder-calls: Cedar Police sends 2024-05 now, after 2025-03-31", 'gaps = ["2024-05"]',
        "Nothing was published",
    )  # fmt: skip
    portal.replace("5000100003,2024-03,2024-12,", "5000100003,2024-03,2024-12,2024-05", "coverage.csv")
    portal.publish()
    year = [
        x for x in portal.public("call-rates-by-town").to_pylist()
        if (x["place"], x["period"], x["category"], x["initiated_by"]) == ("Cedar", "2024", "noise", "all")
    ]  # fmt: skip
    assert [(x["calls"], x["months_reported"]) for x in year] == [(28, 2)], "of March, and of April that came late"


def test_a_file_of_rows_to_withdraw_that_matches_nothing(changing: SmallPortal) -> None:  # noqa: F811
    before, listed = files(changing), changing.root / "sealed.csv"
    for text, words in (
        ("incident\nC77777\n", "No published row"),
        ("number\nC00001\n", "no column 'incident'"),
        ("incident\n", "names no row"),
    ):
        listed.write_text(text, encoding="utf-8")
        code, said = command(changing, "withdraw", "alder-calls", "--rows", str(listed), "--reason", "sealed")
        assert code != 0
        assert words in said, said
    code, said = command(
        changing, "withdraw", "alder-calls", "--rows", str(changing.root / "gone.csv"), "--reason", "sealed"
    )
    assert code != 0
    assert files(changing) == before


def test_a_version_that_was_withdrawn_is_asked_for_and_rolled_back_to(changing: SmallPortal) -> None:  # noqa: F811
    changing.clock("2025-03-05")
    changing.publish()
    code, said = command(changing, "withdraw", "alder-calls", "--version", "1", "--reason", "sealed", "--now")
    assert code == 0, said
    before = files(changing)
    for words in (("rollback", "alder-calls", "1"), ("rollback", "1"), ("withdraw", "alder-calls", "--version", "1",
                                                                       "--reason", "sealed")):  # fmt: skip
        code, said = command(changing, *words)
        assert code != 0, words
        assert "withdrawn" in said or "no version 1" in said, said
    assert files(changing) == before
    assert changing.public("alder-calls").num_rows


def test_an_audit_that_does_not_finish(changing: SmallPortal, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    changing.clock("2025-03-31")
    monkeypatch.setattr("candor.solver.linear.time.monotonic", _hurrying())
    refused(changing, DataError, "did not finish", "time_limit")
    monkeypatch.undo()
    assert changing.publish().release is not None


def _hurrying() -> object:
    """A clock by which an hour has passed each time that it is looked at."""
    hours = iter(range(0, 10**9, 3600))
    return lambda: float(next(hours))


@pytest.mark.parametrize("spoil", ["ledger.json", "told.parquet", "open.parquet"])
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_ledger_that_is_missing_or_damaged(portal: SmallPortal, spoil: str, how: str) -> None:
    portal.publish()
    (folder,) = (portal.root / "data" / "internal" / "ledger").iterdir()
    kept = portal.root / "kept"
    shutil.copytree(folder, kept)
    if how == "missing":
        (folder / spoil).unlink()
    else:
        (folder / spoil).write_bytes(b"not what it was")
    refused(portal, DataError, "The ledger", "cannot be read", "from your backup", "Nothing was published")
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)
    assert portal.publish().release is not None


def test_a_portal_of_an_earlier_candor(portal: SmallPortal) -> None:
    """Releases, and no ledger: what they told cannot be kept so by itself."""
    portal.publish()
    shutil.rmtree(portal.root / "data" / "internal" / "ledger")
    refused(portal, DataError, "Release 1 was made by an earlier Candor", "candor upgrade")
    code, said = command(portal, "publish")
    assert code == 1
    assert "candor upgrade" in said


def test_status_says_what_is_published_and_what_waits(changing: SmallPortal) -> None:  # noqa: F811
    code, said = command(changing, "status")
    assert code == 0, said
    assert "2024-12" in said
    assert "2025-03-02" in said or "2 March 2025" in said
    code, said = command(changing, "status", "--json")
    found = json.loads(said)
    assert json.dumps(found).count("2025-01")
    assert Path(changing.root).exists()


def test_status_of_a_portal_that_never_published(portal: SmallPortal) -> None:
    code, said = command(portal, "status")
    assert code == 0, said


@pytest.mark.parametrize(("words", "told"), [(("status",), "portal"), (("upgrade",), "portal")])
def test_commands_in_no_portal(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    answer = CliRunner().invoke(app, [*words, "--portal", str(tmp_path / "nowhere")])
    assert answer.exit_code != 0
    assert told in answer.output + str(answer.exception)
    assert isinstance(answer.exception, (PortalError, UsageError, SystemExit))
