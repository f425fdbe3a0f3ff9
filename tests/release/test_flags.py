"""Rows that their agency marks, in whatever column: in no row, in no figure of their kind, and never said to be so."""

from __future__ import annotations

import pytest
from tests.release.conftest import HEADER, SmallPortal, call

from candor.errors import PortalError

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
