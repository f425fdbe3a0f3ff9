from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.errors import DataError
from candor.measures.coverage import DeclaredCoverage, coverage_grid, months_sent

PLACES = pa.table(
    {"geoid": ["3", "1", "2"], "name": ["C", "A", "B"], "county": ["X", "X", "Y"], "residents": [30, 10, 20]}
)
MONTHS = [f"{year}-{month:02d}" for year in (2024, 2025) for month in range(1, 13)]


def states(*declared: DeclaredCoverage) -> dict[tuple[str, str], str]:
    grid = coverage_grid(declared, PLACES).to_pylist()
    return {(line["geoid"], f"{line['month']:%Y-%m}"): line["coverage"] for line in grid}


def test_a_month_from_which_nothing_came_is_not_reported() -> None:
    found = states(DeclaredCoverage("P", ("1",), "2024-11", "2025-02", ("2025-01",), frozenset({"2024-11", "2025-01"})))
    assert {m: s for (g, m), s in found.items() if g == "1"} == {
        "2024-11": "covered",
        "2024-12": "not reported",  # no row
        "2025-01": "not reported",  # declared a gap, though a few rows came
        "2025-02": "not reported",
    }
    assert {s for (g, _), s in found.items() if g != "1"} == {"not covered"}


def test_a_town_is_complete_only_if_each_of_its_agencies_sent_something() -> None:
    sent = frozenset({"2024-01", "2024-02", "2024-03"})
    police = DeclaredCoverage("Police", ("1", "2"), "2024-01", "2024-03", (), sent)
    sheriff = DeclaredCoverage("Sheriff", ("2",), "2024-02", "2024-04", (), frozenset({"2024-03"}))
    found = states(police, sheriff)
    assert [found["1", f"2024-0{m}"] for m in (1, 2, 3, 4)] == ["covered"] * 3 + ["not covered"]
    assert [found["2", f"2024-0{m}"] for m in (1, 2, 3, 4)] == ["covered", "not reported", "covered", "not reported"]


def test_months_that_are_not_declared_are_those_with_rows() -> None:
    found = states(DeclaredCoverage("P", ("1",), sent=frozenset({"2024-02", "2024-04"})))
    assert [found["1", f"2024-0{m}"] for m in (2, 3, 4)] == ["covered", "not reported", "covered"]
    assert len(found) == 9


def test_the_grid_says_where_and_who_and_is_sorted() -> None:
    grid = coverage_grid([DeclaredCoverage("P", ("1",), "2024-01", "2024-02", (), frozenset({"2024-01"}))], PLACES)
    january, february = date(2024, 1, 1), date(2024, 2, 1)
    assert grid.column_names == ["geoid", "place", "county", "residents", "month", "coverage"]
    assert [tuple(line.values()) for line in grid.slice(0, 3).to_pylist()] == [
        ("1", "A", "X", 10, january, "covered"),
        ("1", "A", "X", 10, february, "not reported"),
        ("2", "B", "Y", 20, january, "not covered"),
    ]


def test_without_agencies_there_are_no_months() -> None:
    assert coverage_grid([], PLACES).num_rows == 0
    assert coverage_grid([DeclaredCoverage("P", ("1",))], PLACES).num_rows == 0


def test_a_place_that_is_not_known_is_told() -> None:
    with pytest.raises(DataError, match=r"Police declares that it covers 77.*GEOIDs"):
        coverage_grid([DeclaredCoverage("Police", ("1", "77"), "2024-01", "2024-02")], PLACES)


def test_the_months_sent_are_those_with_counted_rows() -> None:
    months = [date(2024, 1, 1), date(2024, 1, 1), date(2024, 3, 1), date(2024, 2, 1), None]
    counts = pa.table({"agency": ["P", "P", "Q", "P", "Q"], "month": months, "calls": [1, 2, 3, 4, 5]})
    assert months_sent(counts) == {"P": {"2024-01", "2024-02"}, "Q": {"2024-03"}}


month = st.sampled_from(MONTHS)
agency = st.builds(
    lambda places, span, gaps, sent: DeclaredCoverage("P", tuple(places), min(span), max(span), tuple(gaps), sent),
    st.sets(st.sampled_from(["1", "2", "3"])),
    st.tuples(month, month),
    st.sets(month, max_size=4),
    st.frozensets(month),
)


@settings(deadline=None)
@given(st.lists(agency, min_size=1, max_size=4))
def test_any_declarations_give_what_counting_by_hand_gives(declared: list[DeclaredCoverage]) -> None:
    first = min(a.first_month or "" for a in declared)
    last = max(a.last_month or "" for a in declared)
    expected = {}
    for geoid in ("1", "2", "3"):
        for at in (m for m in MONTHS if first <= m <= last):
            asked = [a for a in declared if geoid in a.places and (a.first_month or "") <= at <= (a.last_month or "")]
            sent = [at in a.sent and at not in a.gaps for a in asked]
            expected[geoid, at] = "not covered" if not asked else "covered" if all(sent) else "not reported"
    assert states(*declared) == expected
