"""What a reader is told of time: how exact a row's is, when what appears, who came late."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from tests.site.conftest import PAGE, running
from tests.site.tiny_release import PORTAL, publish_tiny

from candor.cards.moments import moment_words
from candor.messages.coverage import agency_sentences
from candor.messages.privacy import audit_words
from candor.messages.release import withheld_by_year
from candor.messages.settling import corrected_sentence, late_sentences, next_sentences, rule_sentences, told_next
from candor.store.model import AuditCertificate, PublicCoverage, PublicNext, PublicSettling, Release

AT = datetime(2025, 3, 3, 12)


@pytest.mark.parametrize(
    ("start", "precision", "said"),
    [
        (datetime(2025, 3, 3, 14), "hour", "3 March 2025, 14:00 to 15:00"),
        (datetime(2025, 3, 3, 23), "hour", "3 March 2025, 23:00 to 24:00"),
        (datetime(2025, 3, 3), "hour", "3 March 2025, 0:00 to 1:00"),
        (datetime(2025, 3, 3), "part of day", "night (0 to 6) of 3 March 2025"),
        (datetime(2025, 3, 3, 6), "part of day", "morning (6 to 12) of 3 March 2025"),
        (datetime(2025, 3, 3, 12), "part of day", "afternoon (12 to 18) of 3 March 2025"),
        (datetime(2025, 3, 3, 18), "part of day", "evening (18 to 24) of 3 March 2025"),
        (datetime(2025, 3, 3), "date", "3 March 2025"),
        (date(2025, 3, 3), "date", "3 March 2025"),
        (datetime(2025, 3, 3), "week", "week of 3 March 2025"),
        (date(2025, 3, 1), "month", "March 2025"),
        (datetime(2025, 1, 1), "quarter", "January to March 2025"),
        (date(2025, 10, 1), "quarter", "October to December 2025"),
        (datetime(2025, 1, 1), "year", "2025"),
        (datetime(2025, 1, 1), "decade", "1 January 2025 (decade)"),
        (datetime(2025, 3, 3, 14, 5), None, "2025-03-03 14:05"),
        (date(2025, 3, 3), "", "2025-03-03"),
        (None, "week", ""),
    ],
)
def test_a_time_is_said_as_exactly_as_its_row_says_it(start: date | None, precision: str | None, said: str) -> None:
    assert moment_words(start, precision) == said
    assert not precision or "00:00" not in said.replace(":00 to", "").replace("24:00", "")


def test_rows_on_a_page_say_their_time_so(tmp_path: Path) -> None:
    publish_tiny(tmp_path / "data")
    with running(tmp_path / "data" / "public") as client:
        text = client.get("/datasets/tiny-force", headers=PAGE).text
        rows = client.get("/resource/tiny-fe22.json").json()
    table = text[text.index('id="row-table"') :]
    assert '<td class="nowrap">May 2024</td><td>month</td>' in table
    assert '<td class="nowrap">2 May 2024</td><td>date</td>' in table
    assert "2024-05-01" not in table
    assert rows[0]["used_on"] == "2024-05-01T00:00:00.000"  # a program gets the start of the cell, and how exact it is
    assert rows[0]["used_on_precision"] == "month"


def release(**more: object) -> Release:
    given: dict[str, object] = {
        "number": 3, "created_at": datetime(2026, 4, 10, tzinfo=UTC), "program": "candor", "portal": PORTAL,
        "datasets": (),
    }  # fmt: skip
    return Release.model_validate({**given, **more})


SETTLING = PublicSettling(
    days=30, quarter_days=90, year_days=90, clock=date(2026, 4, 10),
    coming=(
        PublicNext(dataset="one", what="2026-03", on=date(2026, 4, 30)),
        PublicNext(dataset="two", what="2026-03", on=date(2026, 4, 30)),
        PublicNext(dataset="slow", what="2026-02", on=date(2026, 5, 14)),
        PublicNext(dataset="", what="2026", on=date(2027, 3, 31)),
    ),
)  # fmt: skip


def test_what_appears_next_is_said_with_its_day() -> None:
    found = release(settling=SETTLING)
    assert next_sentences(found) == (
        "March 2026 appears on 30 April 2026.",
        "February 2026 appears on 14 May 2026.",
    )
    assert next_sentences(found, "slow") == ("February 2026 appears on 14 May 2026.",)
    assert next_sentences(release()) == rule_sentences(release()) == ()
    days = {"2026-01": date(2026, 6, 29), "2026-Q1": date(2026, 6, 29), "2026": date(2027, 3, 31)}
    assert told_next(days) == (
        "January 2026 and the first quarter of 2026 appear on 29 June 2026.",
        "2026 appears on 31 March 2027.",
    )
    assert len(rule_sentences(found)) == 4


def test_who_came_late_is_named() -> None:
    late = PublicCoverage(
        dataset="one", agency="Elm Police", places=("1",), first_month="2024-01", last_month="2025-12",
        gaps=("2024-05", "2024-07"), late=("2024-07",),
    )  # fmt: skip
    said = late_sentences((late,))
    assert said == ("Elm Police sent July 2024 late: the month is missing among the months, and counted in the year.",)
    assert late_sentences((late,), "two") == ()
    town = agency_sentences((late,), "1", "Elm")[0]
    assert "except for May 2024, when it sent nothing." in town
    assert "July 2024 came late, after the month was published" in town


def test_what_was_corrected_and_withheld_is_said() -> None:
    found = release(corrected=(2024,), withheld_rows=({"year": 2023, "rows": None}, {"year": 2024, "rows": 6465}))
    assert corrected_sentence(found).endswith("of open kinds of 2024.")
    assert corrected_sentence(release()) == ""
    assert [w["rows"] for w in withheld_by_year(found)] == ["under 5 (0 to 4)", "about 6,465"]


def test_a_certificate_says_what_it_has() -> None:
    assert audit_words(None) == []
    old = SimpleNamespace(attacked=7, told=1234, versions=2, seconds=1.25)
    assert [value for _, value in audit_words(cast("AuditCertificate", old))] == ["2", "1,234", "7", "1.2"]
    new = SimpleNamespace(
        attacked=7,
        told=1234,
        versions=2,
        seconds=0.0,
        fewest=3,
        fewest_of="overdose in Elm, 2025",
        exact=0,
        insiders=98,
    )
    assert [value for _, value in audit_words(cast("AuditCertificate", new))] == [
        "2",
        "1,234",
        "7",
        "0",
        "3",
        "98",
        "overdose in Elm, 2025",
    ]
