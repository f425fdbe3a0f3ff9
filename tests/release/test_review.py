"""Reviews: what stops a release is shown to a person alone, and what they pass stays passed until it changes."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console
from tests.release.conftest import SmallPortal
from tests.release.test_public_texts import with_line
from tests.release.test_scan_release import MAPPED, ORIGIN, current, of_month, reviewed, written
from typer.testing import CliRunner, Result

from candor.cli import report
from candor.cli.app import app
from candor.errors import PortalError, UsageError
from candor.messages.privacy import review_words
from candor.privacy.texts.scan import PersonalInformationError
from candor.store.store import Store

DESK, OTHER = "Desk 802-555-0147", "Desk 802-555-0199"
WHO = ("--name", "A. Reader, Records", "--reason", "Numbers of public desks.")


@pytest.fixture(autouse=True)
def _with_origin(portal: SmallPortal) -> None:
    portal.replace('columns = ["incident", "when", "nature", "lat", "lon", "town", "marked"]\n', "")
    portal.replace(MAPPED, ORIGIN)


def candor(portal: SmallPortal, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--portal", str(portal.root)])


def listed(portal: SmallPortal, name: str = "alder-calls") -> list[dict[str, str]]:
    text = listing(portal, name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def listing(portal: SmallPortal, name: str = "alder-calls") -> Path:
    return portal.root / "data" / "internal" / "reviews" / f"{name}.csv"


def decide(portal: SmallPortal, text: str) -> None:
    """Mark a text in the list as a person does in a spreadsheet."""
    lines = listed(portal)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]))
    writer.writeheader()
    writer.writerows({**line, "decision": "Pass " if line["text"] == text else ""} for line in lines)
    listing(portal).write_text(out.getvalue(), encoding="utf-8")


def test_the_value_is_shown_to_the_reviewer_with_its_place_and_to_nobody_else(portal: SmallPortal) -> None:
    written(portal, ["911", "911", DESK, DESK])
    stopped = candor(portal, "check")
    assert stopped.exit_code == 1
    assert "candor review alder-calls" in stopped.output
    told = candor(portal, "review", "alder-calls")
    told_json = candor(portal, "review", "alder-calls", "--json")
    assert told.exit_code == 0, told.output
    for said in (stopped.output, told.output, told_json.output):
        assert "0147" not in said
    (line,) = json.loads(told_json.stdout)["waiting"]
    assert (line["column"], line["kind"], line["rows"], line["where"]) == (
        "call_origin", "phone", 2, "row 3 of the source",
    )  # fmt: skip
    (row,) = listed(portal)
    assert (row["text"], row["where"], row["decision"]) == (DESK, "row 3 of the source", "")
    assert listing(portal).stat().st_mode & 0o077 == 0


def test_a_terminal_shows_the_value(portal: SmallPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    written(portal, ["911", DESK])
    screen = io.StringIO()
    monkeypatch.setattr(report, "out", Console(file=screen, force_terminal=True, width=200))
    candor(portal, "review", "alder-calls")
    assert DESK in re.sub("\x1b[^m]*m", "", screen.getvalue())


def test_what_was_passed_stays_so_and_a_new_text_stops_though_there_are_fewer(portal: SmallPortal) -> None:
    written(portal, ["911", DESK, "Desk 802-555-0111"])
    candor(portal, "review", "alder-calls")
    done = candor(portal, "review", "alder-calls", "--pass", *WHO)
    assert done.exit_code == 0, done.output
    assert "Passed 2 texts" in done.output
    assert listed(portal) == []
    portal.publish()
    kept = (portal.root / "reviews" / "alder-calls.csv").read_text(encoding="utf-8")
    assert "A. Reader, Records" in kept
    assert not any(secret in kept for secret in ("0147", "0111", "Desk"))
    version = current(portal)
    assert version is not None
    (review,) = version.reviews
    assert (review.label, review.name, review.reason) == ("How the call came in", *WHO[1::2])
    assert review.passed == ("telephone numbers",)
    written(portal, ["911", DESK])
    portal.publish()
    written(portal, ["911", OTHER])
    with pytest.raises(PersonalInformationError, match="in 1 text") as raised:
        portal.publish()
    assert "0199" not in str(raised.value)
    written(portal, ["911", f"{DESK}."])
    with pytest.raises(PersonalInformationError):
        portal.publish()


def test_only_what_is_marked_in_the_list_is_passed(portal: SmallPortal) -> None:
    written(portal, ["911", DESK, OTHER])
    candor(portal, "review", "alder-calls")
    nothing = candor(portal, "review", "alder-calls", *WHO)
    assert isinstance(nothing.exception, UsageError)
    assert "Nothing is passed" in str(nothing.exception)
    decide(portal, DESK)
    assert candor(portal, "review", "alder-calls").exit_code == 0
    assert {line["text"]: line["decision"] for line in listed(portal)} == {DESK: "pass", OTHER: ""}
    assert "Passed 1 text " in candor(portal, "review", "alder-calls", *WHO).output
    assert [line["text"] for line in listed(portal)] == [OTHER]
    with pytest.raises(PersonalInformationError, match=r"in 1 text \(1 row\)"):
        portal.publish()
    candor(portal, "review", "alder-calls", "--pass", "--column", "call_origin", *WHO)
    portal.publish()


def test_what_was_not_shown_cannot_be_passed(portal: SmallPortal) -> None:
    written(portal, ["911", DESK])
    assert isinstance(candor(portal, "review", "alder-calls", "--pass", *WHO).exception, UsageError)
    candor(portal, "review", "alder-calls")
    written(portal, ["911", OTHER])
    candor(portal, "review", "alder-calls", "--pass", *WHO)
    with pytest.raises(PersonalInformationError):
        portal.publish()


def test_who_and_why_must_be_said(portal: SmallPortal) -> None:
    refused = candor(portal, "review", "alder-calls", "--pass", "--name", "A. Reader")
    assert isinstance(refused.exception, UsageError)
    assert "--reason" in str(refused.exception)
    assert isinstance(candor(portal, "review", "alder-cals").exception, UsageError)


def test_another_kind_of_hit_in_a_text_that_was_passed_is_shown_again(portal: SmallPortal) -> None:
    written(portal, ["911", f"{DESK}, SSN 123-45-6789"])
    candor(portal, "review", "alder-calls")
    lines = listed(portal)
    assert {line["kind"] for line in lines} >= {"phone", "ssn"}
    text = [line for line in lines if line["kind"] == "phone"]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(lines[0]))
    writer.writeheader()
    writer.writerows({**line, "decision": "pass"} for line in text)
    listing(portal).write_text(out.getvalue(), encoding="utf-8")
    candor(portal, "review", "alder-calls", *WHO)
    with pytest.raises(PersonalInformationError) as raised:
        portal.publish()
    assert "phone" not in {hit.kind for hit in raised.value.hits}


def test_counts_pass_what_they_passed_first_and_nothing_new(portal: SmallPortal) -> None:
    written(portal, ["911", DESK, "Desk 802-555-0111"])
    with pytest.raises(PersonalInformationError) as raised:
        portal.publish()
    counts = ", ".join(f"{hit.rule} = {hit.texts}" for hit in raised.value.hits)
    reviewed(portal, "call_origin", counts)
    portal.publish()
    written(portal, ["911", DESK])
    portal.publish()
    written(portal, ["911", OTHER])
    with pytest.raises(PersonalInformationError):
        portal.publish()


def test_texts_of_the_portal_are_passed_alike(portal: SmallPortal) -> None:
    written(portal, of_month(portal, 2))
    written(portal, ["911", "911"])
    with_line(portal, "portal.toml", 'about = "Ask the desk at 802-555-0147."')
    with_line(portal, "datasets/alder-calls.toml", 'description = "Questions: 802-555-0199."')
    with pytest.raises(PortalError) as raised:
        portal.publish()
    assert [p.remedy.partition("pass it: ")[2] for p in raised.value.problems] == [
        "candor review.", "candor review alder-calls.",
    ]  # fmt: skip
    for name in ((), ("alder-calls",)):
        candor(portal, "review", *name)
        candor(portal, "review", *name, "--pass", *WHO)
    portal.publish()
    release = Store(portal.root / "data").current()
    assert release is not None
    assert [line["title"] for line in review_words(release)] == ["Small", "Alder calls"]
    portal.replace("0199", "0198")
    with pytest.raises(PortalError):
        portal.publish()


def test_a_title_that_is_a_name_can_be_passed(portal: SmallPortal) -> None:
    portal.replace('title = "Alder calls"', 'title = "Harold Fenwick"')
    written(portal, ["911", "911"])
    with pytest.raises(PortalError, match="title"):
        portal.publish()
    candor(portal, "review", "alder-calls")
    candor(portal, "review", "alder-calls", "--pass", *WHO)
    portal.publish()


def test_a_spoilt_file_of_reviews_is_told_with_its_line(portal: SmallPortal) -> None:
    (portal.root / "reviews").mkdir()
    path = portal.root / "reviews" / "alder-calls.csv"
    path.write_text("column,kind,value,name,date,reason\ncall_origin,phone,802-555-0147,A,2025-01-01,x\n")
    with pytest.raises(PortalError) as raised:
        portal.open()
    assert "reviews/alder-calls.csv:2: value" in str(raised.value)
    assert "0147" not in str(raised.value)


def test_a_cell_that_a_spreadsheet_would_compute_is_no_formula(portal: SmallPortal) -> None:
    written(portal, ["911", "=1+802-555-0147"])
    candor(portal, "review", "alder-calls")
    (row,) = {line["text"] for line in listed(portal)}
    assert row == "'=1+802-555-0147"
