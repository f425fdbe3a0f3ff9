"""Counts by place and year as arrays and figures: totals, what is told rounded, and what nobody reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.measures.yearly import COLUMNS, dense_counts, yearly_cells
from candor.measures.yearly_figures import SCHEMA, yearly_rates
from candor.statistics.intervals import rate_per_1000

PLACES = pa.table({"geoid": ["2", "1", "3"], "name": ["B", "A", "C"], "county": ["X", "X", "Y"]})
GROUPS = {"theft": "property", "burglary": "property", "rape": "sexual", "robbery": "violent"}
CATEGORIES = pa.table({"category": list(GROUPS), "category_group": list(GROUPS.values())})
YEARS = (2019, 2020, 2021)
SENSITIVE = {"rape"}
SIZES = np.array([[4000.0] * 3, [1500.0] * 3, [0.0, 0.0, np.nan]])
REPORTS = pa.schema(
    [("geoid", pa.string()), ("year", pa.int64()), ("category", pa.string()), ("events", pa.int64()),
     ("source", pa.string()), ("reported_as", pa.string())]
)  # fmt: skip

cells = st.dictionaries(
    st.tuples(st.sampled_from(["1", "2", "3"]), st.sampled_from(YEARS), st.sampled_from(sorted(GROUPS))),
    st.none() | st.integers(0, 30) | st.integers(0, 10**7),
)


def dense_of(reports: dict[tuple[str, int, str], int | None]) -> pa.Table:
    lines = [
        {"geoid": g, "year": y, "category": c, "events": n, "source": "S", "reported_as": g}
        for (g, y, c), n in reports.items()
    ]
    return dense_counts(pa.Table.from_pylist(lines, schema=REPORTS), PLACES, CATEGORIES, YEARS, SIZES)


def told(table: pa.Table) -> pa.Table:
    """Counts of the sensitive category as they are told, written out: under 5, or the nearest 5."""
    lines = table.to_pylist()
    for line in lines:
        if line["category"] in SENSITIVE and line["events"] is not None:
            small = line["events"] < 5
            line["events"] = None if small else 5 * round(line["events"] / 5)
            line["coverage"] = "under 5" if small else "reported"
    return pa.Table.from_pylist(lines, schema=table.schema)


def rates_of(reports: dict[tuple[str, int, str], int | None]) -> list[dict[str, Any]]:
    cells = yearly_cells(told(dense_of(reports)))
    table = yearly_rates(cells, SENSITIVE, "State", "50")
    assert table.schema.equals(SCHEMA)
    return [dict(line) for line in table.to_pylist()]


@given(cells)
def test_the_dense_table_has_every_cell_once_in_one_state(reports: dict[tuple[str, int, str], int | None]) -> None:
    table = dense_of(reports)
    assert table.column_names == list(COLUMNS)
    lines = table.to_pylist()
    assert len({(n["geoid"], n["year"], n["category"]) for n in lines}) == len(lines) == 3 * 3 * 4
    for line in lines:
        key = (line["geoid"], line["year"], line["category"])
        if key not in reports:
            assert (line["coverage"], line["events"], line["source"]) == ("not covered", None, "")
        elif reports[key] is None:
            assert (line["coverage"], line["events"]) == ("not reported", None)
        else:
            assert (line["coverage"], line["events"]) == ("reported" if reports[key] else "zero", reports[key])


@given(cells)
def test_a_total_is_the_sum_of_its_open_categories_where_each_was_reported(
    reports: dict[tuple[str, int, str], int | None],
) -> None:
    ever = {c for (_, _, c), n in reports.items() if n is not None} - SENSITIVE
    for line in rates_of(reports):
        if line["level"] == "town" and line["category"] in ("all", "property"):
            members = ever & ({"theft", "burglary"} if line["category"] == "property" else ever)
            found = [reports.get((line["geoid"], int(line["period"]), c)) for c in members]
            wanted = None if None in found else sum(n for n in found if n is not None)
            assert line["events"] == wanted
            assert line["coverage"] in (
                ("zero" if wanted == 0 else "reported",) if wanted is not None else ("not reported", "not covered")
            )


@given(cells)
def test_figures_are_numbers_or_empty(reports: dict[tuple[str, int, str], int | None]) -> None:
    lines = rates_of(reports)
    assert {line["initiated_by"] for line in lines} <= {"all"}
    for line in lines:
        for name in ("rate", "rate_low", "rate_high", "expected", "relative_rate", "smoothed", "change_ratio"):
            assert line[name] is None or (np.isfinite(line[name]) and line[name] >= 0)
        assert line["p_higher"] is None or 0 <= line["p_higher"] <= 1
        if line["coverage"] in ("under 5", "not yet", "not reported", "not covered"):
            assert all(line[n] is None for n in ("events", "rate", "expected", "smoothed", "change_ratio"))


@given(cells, st.integers(0, 4), st.integers(0, 4))
def test_two_worlds_that_differ_in_counts_under_5_have_the_same_figures(
    reports: dict[tuple[str, int, str], int | None], one: int, other: int
) -> None:
    worlds = [
        {k: small if k[2] in SENSITIVE and n is not None and n < 5 else n for k, n in reports.items()}
        for small in (one, other)
    ]
    assert rates_of(worlds[0]) == rates_of(worlds[1])


def test_a_sensitive_kind_has_figures_of_what_is_told_and_no_total() -> None:
    counts = {"1": 52, "2": 3, "3": None}
    reports: dict[tuple[str, int, str], int | None] = {(g, 2021, "rape"): n for g, n in counts.items()}
    found = {n["geoid"]: n for n in rates_of(reports) if n["category"] == "rape" and n["period"] == "2021"}
    assert {g: (n["coverage"], n["events"], n["note"]) for g, n in found.items()} == {
        "1": ("reported", 50, ""), "2": ("under 5", None, "under 5"), "3": ("not reported", None, ""),
    }  # fmt: skip
    town = found["1"]
    # The interval is that of every count that is told as 50.
    assert town["rate_low"] == pytest.approx(float(rate_per_1000(48, 1500, 1).lower), rel=1e-5)
    assert town["rate_high"] == pytest.approx(float(rate_per_1000(52, 1500, 1).upper), rel=1e-5)
    # All towns together: 50 and the middle of 0 to 4.
    assert town["expected"] == pytest.approx(52 * 1500 / 5500, rel=1e-5)


@pytest.mark.parametrize(("count", "said"), [(400, "higher"), (112, "as expected")])
def test_a_town_is_called_higher_where_it_is_whatever_the_counts_may_be(count: int, said: str) -> None:
    sizes = np.full((40, 1), 1000.0)
    places = [f"{i:02d}" for i in range(40)]
    table = pa.table({"geoid": places, "name": places, "county": ["X"] * 40})
    lines = [
        {"geoid": g, "year": 2021, "category": "rape", "events": count if g == "00" else 100, "source": "S",
         "reported_as": g}
        for g in places
    ]  # fmt: skip
    counts = dense_counts(pa.Table.from_pylist(lines, schema=REPORTS), table, CATEGORIES, [2021], sizes)
    rates = yearly_rates(yearly_cells(told(counts)), SENSITIVE, "State", "50").to_pylist()
    (found,) = [n for n in rates if n["category"] == "rape" and n["geoid"] == "00"]
    assert found["comparison"] == said


def test_what_is_not_told_yet_is_said_so_and_compares_nobody() -> None:
    table = dense_of({(g, y, "rape"): 30 for g in "12" for y in (2020, 2021)})
    lines = told(table).to_pylist()
    for line in lines:
        if line["year"] == 2021 and line["geoid"] == "1" and line["events"]:
            line["coverage"], line["events"] = "not yet", None
    cells = yearly_cells(pa.Table.from_pylist(lines, schema=table.schema))
    rates = yearly_rates(cells, SENSITIVE, "State", "50").to_pylist()
    found = {(n["geoid"], n["period"]): n for n in rates if n["category"] == "rape"}
    assert found["1", "2021"]["coverage"] == "not yet"
    assert (found["1", "2020"]["events"], found["1", "2020"]["comparison"]) == (30, "as expected")
    for geoid in "12":
        assert (found[geoid, "2021"]["comparison"], found[geoid, "2021"]["expected"]) == ("", None)


def test_a_category_that_nobody_reported_leaves_the_totals_alone() -> None:
    reports = {("1", 2019, "theft"): 12, ("1", 2019, "burglary"): 20, ("1", 2019, "robbery"): None}
    lines = [n for n in rates_of(reports) if n["level"] == "town" and n["geoid"] == "1" and n["period"] == "2019"]
    assert {n["category"]: n["events"] for n in lines} == {
        "all": 32, "property": 32, "theft": 12, "burglary": 20, "robbery": None, "rape": None,
    }  # fmt: skip


def test_a_category_that_disappears_takes_its_totals_along_and_no_change_is_called() -> None:
    reports: dict[tuple[str, int, str], int | None] = {("1", y, "theft"): 100 for y in YEARS}
    reports |= {("1", 2019, "burglary"): 100, ("1", 2020, "burglary"): 90, ("1", 2021, "burglary"): None}
    found = {n["period"]: n for n in rates_of(reports) if n["geoid"] == "1" and n["category"] == "property"}
    assert [found[str(y)]["events"] for y in YEARS] == [200, 190, None]
    assert [found["2021"][n] for n in ("coverage", "change", "change_ratio")] == ["not reported", "", None]


def test_a_year_is_compared_with_the_year_before_and_never_across_a_gap() -> None:
    reports: dict[tuple[str, int, str], int | None] = {("1", 2019, "theft"): 100, ("1", 2021, "theft"): 10}
    found = {n["period"]: n for n in rates_of(reports) if n["geoid"] == "1" and n["category"] == "theft"}
    assert [found[str(y)]["change"] for y in YEARS] == ["", "", ""]


def test_a_town_of_unknown_residents_has_a_count_and_no_rate_and_nobody_is_compared_with_it() -> None:
    reports: dict[tuple[str, int, str], int | None] = {("3", 2021, "theft"): 50, ("1", 2021, "theft"): 30}
    lines = [n for n in rates_of(reports) if n["category"] == "theft" and n["period"] == "2021"]
    found = {n["geoid"]: n for n in lines}
    assert (found["3"]["events"], found["3"]["rate"], found["3"]["note"]) == (50, None, "residents not known")
    assert found["1"]["expected"] == pytest.approx(30)
    assert (found["50"]["events"], found["50"]["rate"]) == (80, None)


@pytest.mark.parametrize(
    "line", [("9", 2019, "theft"), ("1", 1999, "theft"), ("1", 2019, "unknown")], ids=["place", "year", "category"]
)
def test_a_report_of_something_unknown_is_refused(line: tuple[str, int, str]) -> None:
    with pytest.raises(ValueError, match="known"):
        dense_of({line: 3})


def test_a_table_that_is_not_dense_is_refused() -> None:
    with pytest.raises(ValueError, match="one line for each"):
        yearly_cells(dense_of({("1", 2019, "theft"): 3}).slice(1))
