"""What is withheld, approved and read is said on the page of privacy and on the data set's."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import httpx
import pytest
from tests.release.conftest import HEADER, SmallPortal, call, lines
from tests.site.conftest import running

RULES = """
[disclosure.disposition]
publish = true
class = "open"
reason = "It says how calls end | and *nothing* of people."
approved_by = "J. Doe <b>Chief</b>"
date = 2025-01-31

[disclosure.priority]
publish = false
reason = "Records of investigation: how calls are ranked is exempt."

[reviewed.call_origin]
name = "A. Reader"
date = 2025-02-01
reason = "All labels read."
hits = { phone-said = 1, phone = 1 }

[categories.theft]
release = "withheld"
reason = "A judge ordered it."
"""


@pytest.fixture
def site(portal: SmallPortal) -> Iterator[httpx.Client]:
    portal.replace('"town", "marked"]', '"town", "marked", "dispo", "prio", "origin", "caller"]')
    portal.replace(
        'domestic_related = { from = "marked" }\n',
        'domestic_related = { from = "marked" }\ndisposition = { from = "dispo" }\npriority = { from = "prio" }\n'
        'call_origin = { from = "origin" }\n',
    )
    path = portal.root / "datasets" / "alder-calls.toml"
    path.write_text(path.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    with (portal.root / "crosswalks" / "alder-calls.csv").open("a", encoding="utf-8") as file:
        file.write("Theft,theft,,,\nSuicide,suicide,,,\n")
    rows = [*lines(27), *(call(n, nature="Overdose") for n in range(30, 32)), call(40, nature="Theft")]
    portal.write([f"{line},Closed,2,Call 802-555-0147,Jane Roe" for line in rows], f"{HEADER},dispo,prio,origin,caller")
    portal.publish()
    with running(portal.root / "data" / "public") as client:
        yield client


def text_of(site: httpx.Client, path: str) -> str:
    answer = site.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def test_the_page_of_privacy_says_it_all(site: httpx.Client) -> None:
    said = text_of(site, "/privacy")
    for words in (
        "Overdose or poisoning",
        "as counts only",
        "Medical privacy: records about a person's medical emergency are confidential.",
        "Other theft not at all: in no record and no count A judge ordered it.",
        "Column: Disposition",
        "Published, where the standard withholds it and held to be what tells nothing of a person, where the standard "
        "says that it could help to tell who a person is.",
        "J. Doe <b>Chief</b>, 31 January 2025",
        "It says how calls end | and *nothing* of people.",
        "A. Reader, 1 February 2025",
        "All labels read. Looked like it and is not:",
        "Records of investigation: how calls are ranked is exempt.",
        "caller Nobody has declared what it holds",
        "Counts attacked: of every sensitive kind, town and period, told or not",
        "What can still be learned",
    ):
        assert words in said, words
    assert "Jane Roe" not in said
    assert "0147" not in said
    assert "<b>Chief" not in site.get("/privacy", headers={"accept": "text/html"}).text


def test_how_many_numbers_are_told_is_said(site: httpx.Client) -> None:
    said = text_of(site, "/privacy")
    rows = site.get("/resource/sensitive-calls.json?$limit=5000").json()
    assert "under 5" in said
    states = [row["coverage"] for row in rows]
    assert states.count("under 5") > 0
    assert not {"suppressed", "zero"} & set(states)
    assert all(int(row["calls"]) % 5 == 0 for row in rows if row.get("calls"))
    # Rows withheld are told of all data sets together, by year, as any sensitive figure.
    release = site.get("/api/release").json()
    assert release["withheld_rows"] == [{"year": 2024, "rows": None}]
    assert not any("withheld" in (d.get("accounting") or {}) for d in release["datasets"])


def test_the_data_sets_page_says_what_is_withheld_approved_and_read(site: httpx.Client) -> None:
    said = text_of(site, "/datasets/alder-calls")
    for words in (
        "Published beyond the standard", "J. Doe <b>Chief</b>, 31 January 2025", "Texts that a person has read",
        "A. Reader, 1 February 2025", "Priority Records of investigation", "caller Nobody has declared",
        "Incident number Personal privacy",
    ):  # fmt: skip
        assert words in said, words
    version = next(d for d in site.get("/api/release").json()["datasets"] if d["name"] == "alder-calls")
    assert version["approvals"][0]["approved_by"] == "J. Doe <b>Chief</b>"
    assert version["reviews"][0]["column"] == "call_origin"
