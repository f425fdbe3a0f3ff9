"""What is said of months and agencies is decided from published rows, whatever the sensitive ones are."""

from __future__ import annotations

from datetime import datetime, timedelta

import ibis
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.measures.synthetic import run

from candor.measures.cube import day_counts
from candor.measures.silence import declared_coverage
from candor.portal.model import AgencyCoverage

START = datetime(2024, 1, 1, 9)
SCHEMA = pa.schema(
    [("agency", pa.string()), ("called_at", pa.timestamp("us")), ("counted", pa.bool_()), ("outcome", pa.string())]
)
Row = tuple[str, int, str]
"""Agency, day since the start, outcome."""


def days(rows: list[Row]) -> list[dict[str, object]]:
    lines = [
        {"agency": a, "called_at": START + timedelta(days=d), "counted": o != "quarantined", "outcome": o}
        for a, d, o in rows
    ]
    table = run(day_counts(ibis.memtable(pa.Table.from_pylist(lines, schema=SCHEMA)), "called_at"))
    found: list[dict[str, object]] = table.sort_by([("agency", "ascending"), ("day", "ascending")]).to_pylist()
    return found


def row(outcome: str) -> st.SearchStrategy[Row]:
    return st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 90), st.just(outcome))


@given(
    published=st.lists(row("published"), max_size=30),
    withheld=st.lists(row("withheld"), max_size=10),
    others=st.lists(row("withheld"), max_size=10),
)
def test_the_days_of_an_agency_are_those_of_its_published_rows(
    published: list[Row], withheld: list[Row], others: list[Row]
) -> None:
    everyday = [("A", 0, "published"), ("B", 0, "published"), *published]
    assert days([*everyday, *withheld]) == days([*everyday, *others]) == days(everyday)


def test_a_month_with_a_sensitive_call_alone_is_not_reported() -> None:
    agency = AgencyCoverage(agency="A", places=("1",), first_month="2024-01", last_month="2024-03")
    rows = [("A", day, "published") for day in (*range(31), *range(60, 91))]
    for secret in ([], [("A", 40, "withheld")]):
        table = pa.Table.from_pylist(days([*rows, *secret]))
        (found,) = declared_coverage([agency], table)
        assert found.sent == {"2024-01", "2024-03"}


def test_an_agency_without_any_published_row_has_sent_what_it_sent() -> None:
    assert [d["calls"] for d in days([("A", 1, "withheld"), ("A", 1, "withheld"), ("B", 2, "published")])] == [2, 1]
    assert days([("A", 1, "quarantined")]) == []
