"""The scan in the way of a release: what it finds stops it, and a named reader passes what was read and no more."""

from __future__ import annotations

import json

import pytest
from tests.release.conftest import HEADER, SmallPortal, lines
from tests.release.test_points import ALDER, ANCHORS, addresses, declare, spread
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import PortalError
from candor.messages.privacy import unchecked_sentence
from candor.privacy.texts.scan import PersonalInformationError
from candor.store.dataset_model import DatasetVersion
from candor.store.store import Store

TAIL = ",origin,remark"
MAPPED = 'domestic_related = { from = "marked" }\n'
ORIGIN = MAPPED + 'call_origin = { from = "origin" }\n'
NARRATIVE = ORIGIN + 'narrative = { from = "remark" }\n'
APPROVAL = """
[disclosure.narrative]
publish = true
reason = "Dispatchers write set phrases into it."
approved_by = "J. Doe, Chief"
date = 2025-01-31
"""
SECRETS = ("Smith", "0147", "John")


@pytest.fixture(autouse=True)
def _any_header(portal: SmallPortal) -> None:
    portal.replace('columns = ["incident", "when", "nature", "lat", "lon", "town", "marked"]\n', "")


def written(portal: SmallPortal, origins: list[str], remarks: list[str] | None = None) -> None:
    said = remarks or [""] * len(origins)
    rows = [f'{line},"{origin}","{remark}"' for line, origin, remark in
            zip(of_month(portal, len(origins)), origins, said, strict=True)]  # fmt: skip
    portal.write(rows, HEADER + TAIL)


def of_month(portal: SmallPortal, count: int) -> list[str]:
    """Calls of a month that was not published yet, of a year that is over and done with: each release has its own."""
    release = Store(portal.root / "data").current()
    number = release.number if release else 0
    year = (2024, 2025, 2023, 2022)[number]
    return [line.replace("2024-03-", f"{year}-03-").replace("C0", f"C{number}", 1) for line in lines(count)]


def reviewed(portal: SmallPortal, column: str, hits: str) -> None:
    path = portal.root / "datasets" / "alder-calls.toml"
    text = path.read_text(encoding="utf-8").partition(f"[reviewed.{column}]")[0].rstrip("\n")
    path.write_text(
        f'{text}\n\n[reviewed.{column}]\nname = "A. Reader, Clerk"\ndate = 2025-02-01\nreason = "All read."\n'
        f"hits = {{ {hits} }}\n",
        encoding="utf-8",
    )


def current(portal: SmallPortal) -> DatasetVersion | None:
    release = Store(portal.root / "data").current()
    return release.dataset("alder-calls") if release else None


def test_a_hit_in_a_label_stops_the_release_and_is_masked(portal: SmallPortal) -> None:
    portal.publish()
    before = current(portal)
    portal.replace(MAPPED, ORIGIN)
    written(portal, ["911", "Phone", "Victim John Smith, 802-555-0147", "911", "911"])
    with pytest.raises(PersonalInformationError) as raised:
        portal.publish()
    said = str(raised.value)
    assert "call_origin: " in said
    assert "###-###-####" in said
    assert "candor review alder-calls" in said
    assert not any(secret in said for secret in SECRETS)
    assert current(portal) == before


def test_check_shows_the_same_and_ends_as_publishing_would(portal: SmallPortal) -> None:
    portal.replace(MAPPED, ORIGIN)
    written(portal, ["911", "Victim John Smith, 802-555-0147"])
    answer = CliRunner().invoke(app, ["check", "--portal", str(portal.root), "--json"])
    assert answer.exit_code == 1, answer.output
    hits = json.loads(answer.stdout)["texts"]["alder-calls"]
    assert {hit["rule"] for hit in hits} >= {"role-name", "phone"}
    assert [hit["passed"] for hit in hits] == [False] * len(hits)
    said = CliRunner().invoke(app, ["check", "--portal", str(portal.root)]).stdout
    assert "would stop the release" in said
    assert (
        'What looks like personal information in the text of "alder-calls"' in json.loads(answer.stdout)["refused"][0]
    )
    assert "###-###-####" in said
    assert not any(secret in said + answer.stdout for secret in SECRETS)


def test_what_a_reader_passed_is_published_and_shows_in_public_and_anything_new_stops(portal: SmallPortal) -> None:
    portal.replace(MAPPED, ORIGIN)
    written(portal, ["911", "Call 802-555-0147", "Call 802-555-0147"])
    reviewed(portal, "call_origin", "phone-said = 1, phone = 1")
    (texts,) = portal.publish().texts
    assert texts.hits
    assert texts.unpassed == ()
    version = current(portal)
    assert version is not None
    (review,) = version.reviews
    assert (review.column, review.label, review.name, str(review.reviewed_on), review.reason) == (
        "call_origin", "How the call came in", "A. Reader, Clerk", "2025-02-01", "All read.",
    )  # fmt: skip
    assert all("telephone" in passed for passed in review.passed)
    # Another number, and another kind of hit.
    for added in ("Call 802-555-0148", "Victim John Smith"):
        written(portal, ["911", "Call 802-555-0147", added])
        with pytest.raises(PersonalInformationError):
            portal.publish()
    assert current(portal) == version


def test_free_text_is_published_with_an_approver_and_a_reader_and_never_without(portal: SmallPortal) -> None:
    portal.replace(MAPPED, NARRATIVE)
    written(portal, ["911", "911"], ["Loud music", "Dog barks"])
    portal.publish()
    assert "narrative" not in portal.public("alder-calls").column_names
    path = portal.root / "datasets" / "alder-calls.toml"
    path.write_text(path.read_text(encoding="utf-8") + APPROVAL, encoding="utf-8")
    with pytest.raises(PortalError, match="which is published and which nobody has read"):
        portal.publish()
    reviewed(portal, "narrative", "")
    portal.publish()
    # Rows that were published without it stay without it: what they said was not kept.
    assert portal.public("alder-calls")["narrative"].to_pylist() == [None, None]
    written(portal, ["911", "911"], ["Loud music", "Dog barks"])
    portal.publish()
    assert sorted(portal.public("alder-calls")["narrative"].to_pylist(), key=str) == [
        "Dog barks", "Loud music", None, None,
    ]  # fmt: skip
    version = current(portal)
    assert version is not None
    (approval,) = version.approvals
    assert (approval.subject, approval.name, approval.approved_by) == ("column", "narrative", "J. Doe, Chief")
    assert [(c.key, c.was, c.now) for c in approval.changes] == [("publish", "false", "true")]
    assert "narrative" not in {w.name for w in version.withheld_columns}
    written(portal, ["911", "911"], ["Loud music", "Victim John Smith fled"])
    with pytest.raises(PersonalInformationError):
        portal.publish()
    # The whole data set stayed as it was, and so did every other one.
    assert current(portal) == version


def test_an_anchor_that_is_named_after_a_person_stops_the_release(portal: SmallPortal) -> None:
    """Areas are published under the names of their anchors, in the rows and in a data set of their own."""
    addresses(portal, spread(2000))
    named = ["Old Mill", "By Robert Smith", "Town Hall"]
    declare(portal, ANCHORS, [f"{name},{ALDER},44.{n}5,-72.{n}5" for n, name in enumerate(named, start=1)])
    with pytest.raises(PersonalInformationError, match=r"area: .*candor review") as raised:
        portal.publish()
    assert "Robert" not in str(raised.value)
    found = {hit.rule: hit.texts for hit in raised.value.hits}
    reviewed(portal, "area", ", ".join(f"{rule} = {texts}" for rule, texts in found.items()))
    portal.publish()
    assert any("By Robert Smith" in parts for parts in portal.public("catchments")["parts"].to_pylist())


def test_what_the_scan_leaves_unchecked_is_said_to_the_publisher_and_in_public(
    portal: SmallPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("candor.privacy.texts.scan.installed", lambda: False)
    portal.replace(MAPPED, ORIGIN)
    written(portal, ["911", "911", "Radio"])
    said = CliRunner().invoke(app, ["publish", "--portal", str(portal.root)])
    assert said.exit_code == 0, said.output
    assert "Install candor[scan]" in said.output
    release = Store(portal.open().data).current()
    assert release is not None
    left = unchecked_sentence(release.datasets)
    assert left.startswith("Unchecked in the texts of ")
    assert "small model" in left
