"""Where a delivery begins and ends: no month at its edge is said to be whole, or a zero, before it can be known."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.measures.edges import edges
from candor.measures.silence import declared_coverage
from candor.portal.model import AgencyCoverage


def days(*ranges: tuple[str, str, int], agency: str = "P") -> pa.Table:
    """A row every so many days, from a day to a day, as `day_counts` gives them."""
    found = sorted(
        {
            date.fromisoformat(first) + timedelta(days=n)
            for first, last, every in ranges
            for n in range(0, (date.fromisoformat(last) - date.fromisoformat(first)).days + 1, every)
        }
    )
    columns = {"agency": [agency] * len(found), "day": pa.array(found, pa.date32()), "calls": [1] * len(found)}
    return pa.table({**columns, "calls": pa.array(columns["calls"], pa.int64())})


def covered(table: pa.Table, last: str = "2025-08", agency: str = "P") -> list[str]:
    one = AgencyCoverage(agency=agency, places=("1",), first_month="2025-01", last_month=last)
    return [str(m) for m in declared_coverage([one], table)[0].complete_months()]


@pytest.mark.parametrize("every", [1, 2, 3])
def test_half_a_last_month_is_not_whole(every: int) -> None:
    """Of an agency with few rows too, whose silence alone is no surprise."""
    table = days(("2025-01-01", "2025-07-11", every))
    assert covered(table)[-1] == "2025-06"
    assert edges(table).partly == {"2025-07"}


def test_behind_the_last_row_no_month_is_a_zero_whoever_declares_it() -> None:
    table = days(("2025-01-03", "2025-06-28", 12))
    assert covered(table)[-1] == "2025-06"
    # Rows that come later say that nobody called in July.
    assert covered(pa.concat_tables([table, days(("2025-08-02", "2025-08-30", 12))])) == [
        f"2025-0{m}" for m in range(1, 9)
    ]


def test_what_other_agencies_of_the_file_send_says_that_the_file_went_on() -> None:
    other = days(("2025-01-01", "2025-08-31", 1), agency="Q")
    small = days(("2025-01-03", "2025-06-28", 12))
    assert covered(pa.concat_tables([small, other]))[-1] in ("2025-07", "2025-08")


def test_a_first_month_that_begins_late_is_not_whole() -> None:
    table = days(("2025-01-18", "2025-06-30", 2))
    assert edges(table).partly == {"2025-01"}


@pytest.mark.parametrize("table", [days(("2025-01-01", "2025-08-01", 31)), days(("2025-01-06", "2025-07-28", 7))])
def test_rows_that_are_dated_to_one_day_of_a_month_or_a_week_end_where_they_do(table: pa.Table) -> None:
    assert not edges(table).partly


def test_of_a_few_rows_nothing_is_usual() -> None:
    assert not edges(days(("2025-01-01", "2025-01-02", 1))).partly
    assert edges(days(("2025-01-02", "2025-01-01", 1))) == edges(days())


@given(st.lists(st.integers(0, 800), min_size=1, max_size=60))
def test_only_the_months_at_the_edges_are_partly_there(offsets: list[int]) -> None:
    found = sorted({date(2024, 1, 1) + timedelta(days=n) for n in offsets})
    table = pa.table({"day": pa.array(found, pa.date32())})
    edge = edges(table)
    assert edge.partly <= {edge.first, edge.last}
    assert (edge.first, edge.last) == (f"{found[0]:%Y-%m}", f"{found[-1]:%Y-%m}")
