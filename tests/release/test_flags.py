"""Rows that their agency marks, in whatever column: in no row, in no figure of their kind, and never said to be so."""

from __future__ import annotations

from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest
from tests.release.conftest import HEADER, SmallPortal, call

from candor.errors import PortalError
from candor.intake.account import accounted
from candor.intake.duplicates import DUPLICATE
from candor.intake.flags import FLAG
from candor.intake.typed import NOTES, PROBLEMS
from candor.profiles.profile import standard_kinds
from candor.publish.guards.base import Looked
from candor.publish.guards.delivery import Delivery
from candor.publish.guards.marks import MARKS
from candor.sources.base import ROW

FLAGS = """
[flags."Peril code"]
about = "Mental health"
no = ["none", ""]

[flags.tags]
about = "Domestic violence"
yes = ["dv"]

[coverage]"""


def rows(count: int, peril: str = "none", tags: str = "", nature: str = "Noise", first: int = 0) -> list[str]:
    return [
        f"{call(first + n, f'2024-03-{n % 28 + 1:02d}T10:15:00-05:00', nature)},{peril},{tags}" for n in range(count)
    ]


@pytest.fixture
def marked(portal: SmallPortal) -> SmallPortal:
    """Sixty calls of two kinds, of which nine are marked in one of two columns."""
    portal.replace('"marked"]', '"marked", "Peril code", "tags"]')
    portal.replace("[coverage]", FLAGS)
    written = [
        *rows(30),
        *rows(21, nature="Alarm", first=100),
        *rows(4, peril="P1", nature="Alarm", first=200),
        *rows(3, peril=" NONE ", tags="Gang; DV", first=300),
        *rows(2, peril="P1", tags="DV", first=400),
    ]
    portal.write(written, f"{HEADER},Peril code,tags")
    return portal


def test_marked_rows_are_withheld_and_said_why_to_the_publisher(marked: SmallPortal) -> None:
    (accounted,) = marked.check().accounted
    why = {o.reason: o.rows for o in accounted.outcomes if o.outcome == "withheld"}
    assert why == {"its agency marks it: mental health": 6, "its agency marks it: domestic violence": 3}
    assert accounted.rows("published") == 51


def test_no_row_and_no_figure_of_an_open_kind_has_them(marked: SmallPortal) -> None:
    marked.publish()
    counts = marked.public("calls-by-town").to_pylist()
    of = {k: sum(r["calls"] or 0 for r in counts if r["category"] == k) for k in ("noise", "alarm")}
    assert of == {"noise": 30, "alarm": 21}
    published = marked.public("alder-calls")
    assert published.num_rows == 51
    assert not {"Peril code", "tags", "_flag", "_marked"} & set(published.column_names)


def test_what_is_published_names_the_column_and_no_mark(marked: SmallPortal) -> None:
    run = marked.publish()
    assert run.release is not None
    version = run.release.dataset("alder-calls")
    assert version is not None
    reasons = {c.name: c.reason for c in version.withheld_columns}
    assert "mental health" in reasons["Peril code"]
    assert "P1" not in version.model_dump_json()


def test_a_mark_cannot_be_published(marked: SmallPortal) -> None:
    marked.replace("[columns]", '[columns]\npriority = { from = "tags" }')
    with pytest.raises(PortalError, match=r"a mark by which rows are withheld, published as 'priority'"):
        marked.check()


def test_a_flag_that_the_source_does_not_have_is_told(marked: SmallPortal) -> None:
    marked.replace('[flags."Peril code"]', '[flags."Peril cod"]')
    with pytest.raises(PortalError, match=r"the source column 'Peril cod'"):
        marked.check()


def test_a_case_of_which_one_row_is_marked_is_marked() -> None:
    """Several offences of one incident: the mark on one of its lines is of all of it, whose number others may share."""
    reports = standard_kinds()["incidents"].rows
    assert reports is not None
    rows = pa.table(
        {
            ROW: pa.array([0, 1, 2, 3, 4], pa.int64()),
            "report_number": pa.array(["R1", "R1", "R1", "R2", None]),
            "agency": pa.array(["A", "A", "B", "A", "A"]),
            "occurred_at": pa.array([datetime(2024, 3, 1)] * 5, pa.timestamp("us")),  # local wall time
            "category": pa.array(["theft", "vandalism", "theft", "theft", "theft"]),
            "category_group": pa.array(["property"] * 5),
            "sensitivity": pa.array(["open"] * 5),
            "_release": pa.array(["records"] * 5),
            FLAG: pa.array(["Domestic violence", "", "", "", "Domestic violence"]),
            PROBLEMS: pa.array([""] * 5),
            NOTES: pa.array([""] * 5),
            DUPLICATE: pa.array([False] * 5),
        }
    )
    case = reports.with_role("case")
    assert case is not None
    table = ibis.memtable(rows.rename_columns([case.name if c == "report_number" else c for c in rows.column_names]))
    found = {line[ROW]: line for line in accounted(table, reports).to_pyarrow().to_pylist()}
    assert [found[n]["outcome"] for n in range(5)] == ["withheld", "withheld", "published", "published", "withheld"]
    assert found[1]["reasons"] == "its agency marks another row of its case"
    assert [found[n]["sensitivity"] for n in range(3)] == ["sensitive", "sensitive", "open"]


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ((90, 110), 0, "rows that were withheld would be published"),
        ((90, 110), 20, "rows that were withheld would be published"),
        ((90, 110), 60, ""),
        ((90, 110), 300, "told in counts only, for good"),
        ((90, 110), 150, ""),
        ((2, 3), 0, ""),
        ((0, 0), 400, "told in counts only, for good"),
        ((None, None), 400, ""),
        ((90, 110), None, ""),
    ],
)
def test_a_column_of_marks_that_is_not_what_it_was(before: tuple[int | None, ...], now: int | None, words: str) -> None:
    def delivery(marked: int | None) -> Delivery:
        return Delivery(on=date(2024, 5, 1), read=1000, published=900, quarantined=0, sound=1000, marked=marked)

    found = MARKS.find(Looked("calls", delivery(now), tuple(delivery(marked) for marked in before)))
    assert bool(found) is bool(words)
    assert found is None or words in found.words
