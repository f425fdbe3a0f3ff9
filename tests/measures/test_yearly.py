"""Counts by place and year as arrays and figures: totals, what is told rounded, and what nobody reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.measures.similar import Similar
from candor.measures.yearly import COLUMNS, dense_counts, yearly_cells
from candor.measures.yearly_figures import SCHEMA, yearly_rates
from candor.statistics.negative_binomial import mean_interval
from candor.statistics.rate_ratio import rate_change
from candor.statistics.wander import Pairs, estimate

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
@settings(max_examples=30)
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
@settings(max_examples=30)
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
@settings(max_examples=30)
def test_figures_are_numbers_or_empty(reports: dict[tuple[str, int, str], int | None]) -> None:
    lines = rates_of(reports)
    assert {line["initiated_by"] for line in lines} <= {"all"}
    for line in lines:
        for name in ("rate", "rate_low", "rate_high", "expected", "relative_rate", "smoothed", "year_change_ratio"):
            assert line[name] is None or (np.isfinite(line[name]) and line[name] >= 0)
        assert np.isfinite(line["wander"])
        assert line["wander"] > 0
        assert line["usual"] == ""
        if line["coverage"] in ("under 5", "not yet", "not reported", "not covered"):
            assert all(line[n] is None for n in ("events", "rate", "expected", "smoothed", "year_change_ratio"))
            assert line["comparison"] == line["among_towns"] == line["year_change"] == ""


@given(cells, st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=15)
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
    # The interval is that of every count that is told as 50, with the 5 % of wander that is assumed.
    assert (town["wander"], town["wander_from"]) == (0.0025, "assumed")
    assert town["rate_low"] == pytest.approx(float(mean_interval(48, 0.0025).lower) / 1.5, rel=1e-5)
    assert town["rate_high"] == pytest.approx(float(mean_interval(52, 0.0025).upper) / 1.5, rel=1e-5)
    # The other town is the middle of 0 to 4: 2 of its 4,000 residents.
    assert town["expected"] == pytest.approx(2 * 1500 / 4000, rel=1e-5)
    assert town["comparison"] == "too few to compare"


@pytest.mark.parametrize(("count", "said"), [(400, "higher"), (112, "cannot be told apart")])
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
    assert found["1", "2020"]["events"] == 30
    assert found["1", "2020"]["comparison"] in ("probably higher", "higher")
    assert found["2", "2020"]["comparison"] in ("probably lower", "lower")
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
    assert [found["2021"][n] for n in ("coverage", "year_change", "year_change_ratio")] == ["not reported", "", None]


def test_a_year_is_compared_with_the_year_before_and_never_across_a_gap() -> None:
    reports: dict[tuple[str, int, str], int | None] = {("1", 2019, "theft"): 100, ("1", 2021, "theft"): 10}
    found = {n["period"]: n for n in rates_of(reports) if n["geoid"] == "1" and n["category"] == "theft"}
    assert [found[str(y)]["year_change"] for y in YEARS] == ["", "", ""]


def test_a_town_of_unknown_residents_has_a_count_and_no_rate_and_nobody_is_compared_with_it() -> None:
    reports: dict[tuple[str, int, str], int | None] = {("3", 2021, "theft"): 50, ("1", 2021, "theft"): 30}
    lines = [n for n in rates_of(reports) if n["category"] == "theft" and n["period"] == "2021"]
    found = {n["geoid"]: n for n in lines}
    assert (found["3"]["events"], found["3"]["rate"], found["3"]["note"]) == (50, None, "residents not known")
    assert (found["1"]["expected"], found["1"]["comparison"]) == (None, "nothing to compare with")
    assert (found["50"]["events"], found["50"]["rate"]) == (80, None)


def many(counts: dict[str, np.ndarray], towns: int, groups: dict[str, str] = GROUPS) -> list[dict[str, Any]]:
    """Rates of `towns` towns of 1,000 residents, `counts` (years, towns) of each category from 2019 on."""
    places = [f"{i:02d}" for i in range(towns)]
    table = pa.table({"geoid": places, "name": places, "county": ["X"] * towns})
    years = range(2019, 2019 + max(len(c) for c in counts.values()))
    lines = [
        {"geoid": g, "year": y, "category": name, "events": int(values[i, j]), "source": "S", "reported_as": g}
        for name, values in counts.items()
        for i, y in enumerate(years)
        for j, g in enumerate(places)
    ]
    categories = pa.table({"category": list(counts), "category_group": [groups[name] for name in counts]})
    sizes = np.full((towns, len(years)), 1000.0)
    dense = dense_counts(pa.Table.from_pylist(lines, schema=REPORTS), table, categories, years, sizes)
    found: list[dict[str, Any]] = yearly_rates(yearly_cells(told(dense)), SENSITIVE, "State", "50").to_pylist()
    return found


def test_each_kind_learns_its_own_wander_and_else_has_that_of_its_group_or_of_all() -> None:
    rng = np.random.default_rng(41)
    own = rng.uniform(100, 800, 20)
    theft = rng.poisson(own * rng.gamma(1 / 0.02, 0.02, (4, 20)))
    lines = many({"theft": theft, "burglary": np.full((4, 20), 3), "robbery": np.full((4, 20), 2)}, 20)
    of = {x["category"]: x for x in lines if x["geoid"] == "00" and x["period"] == "2022"}
    assert {name: x["wander_from"] for name, x in of.items()} == {
        "all": "own", "property": "own", "violent": "all", "theft": "own", "burglary": "group", "robbery": "all",
    }  # fmt: skip
    pairs = Pairs(
        theft[1:].ravel().astype(float), theft[:-1].ravel().astype(float), np.repeat(np.arange(3), 20).astype(np.int64)
    )
    expected = estimate(pairs)
    assert expected is not None
    assert of["theft"]["wander"] == pytest.approx(expected.c, rel=1e-4)
    assert of["theft"]["wander_pairs"] == 60
    assert of["burglary"]["wander"] == of["property"]["wander"]
    assert of["robbery"]["wander"] == of["violent"]["wander"] == of["all"]["wander"]


def test_the_kinds_of_a_year_are_one_family_of_changes() -> None:
    """One town's burglaries go up, with p under 0.05 / 40 and over 0.05 / 160: among 40 towns that stands, and among
    their thefts, robberies and arsons as well it does not."""
    groups = GROUPS | {"arson": "property"}
    flat = np.full((2, 40), 60)
    after = next(n for n in range(61, 200) if rate_change(60, 1, n, 1, 0.0004).p < 0.0008)
    p = float(rate_change(60, 1, after, 1, 0.0004).p)
    assert 0.05 / 160 < p < 0.05 / 40
    up = flat.copy()
    up[1, 0] = after
    others = dict.fromkeys(("theft", "robbery", "arson"), flat)
    said = {}
    for name, counts in (("alone", {"burglary": up}), ("among", {"burglary": up, **others})):
        lines = [x for x in many(counts, 40, groups) if x["period"] == "2020" and x["geoid"] == "00"]
        (line,) = [x for x in lines if x["category"] == "burglary"]
        assert (line["wander"], line["wander_from"]) == (0.0004, "own")
        said[name] = line["year_change"]
        # The total is a family of its own, of one figure a town.
        (total,) = [x for x in lines if x["category"] == "all"]
        assert total["year_change"] == ("up" if name == "alone" else "no change can be told")
    assert said == {"alone": "up", "among": "perhaps up"}


def test_a_town_is_compared_with_the_others_and_beside_similar_ones() -> None:
    counts = np.full((2, 12), 100)
    counts[:, 11] = 300
    places = [f"{i:02d}" for i in range(12)]
    lines = [
        {"geoid": g, "year": 2019 + i, "category": "theft", "events": int(counts[i, j]), "source": "S",
         "reported_as": g}
        for i in range(2) for j, g in enumerate(places)
    ]  # fmt: skip
    table = pa.table({"geoid": places, "name": places, "county": ["X"] * 12})
    categories = pa.table({"category": ["theft"], "category_group": ["property"]})
    cells = yearly_cells(
        dense_counts(
            pa.Table.from_pylist(lines, schema=REPORTS), table, categories, [2019, 2020], np.full((12, 2), 1e3)
        )
    )
    similar = Similar(("small", "one"), {**dict.fromkeys(places[:11], 0), "11": 1})
    found = {
        x["geoid"]: x
        for x in yearly_rates(cells, (), "State", "50", similar).to_pylist()
        if x["category"] == "theft" and x["period"] == "2020"
    }
    last, first = found["11"], found["00"]
    assert (last["expected"], last["comparison"]) == (pytest.approx(100), "higher")
    assert last["relative_rate"] == pytest.approx(3)
    assert (last["similar_to"], last["similar_comparison"]) == ("one", "nothing to compare with")
    assert first["expected"] == pytest.approx(1300 / 11, rel=1e-5)
    assert (first["similar_to"], first["similar_rate"]) == ("small", pytest.approx(1))
    assert first["similar_comparison"] in ("about the same rate", "cannot be told apart")
    c = last["wander"]
    limits = mean_interval(300, c + 1 / 1100 + c * 11 * 100**2 / 1100**2)
    assert last["relative_low"] == pytest.approx(float(limits.lower) / 100, rel=1e-5)


@pytest.mark.parametrize(
    "line", [("9", 2019, "theft"), ("1", 1999, "theft"), ("1", 2019, "unknown")], ids=["place", "year", "category"]
)
def test_a_report_of_something_unknown_is_refused(line: tuple[str, int, str]) -> None:
    with pytest.raises(ValueError, match="known"):
        dense_of({line: 3})


def test_a_table_that_is_not_dense_is_refused() -> None:
    with pytest.raises(ValueError, match="one line for each"):
        yearly_cells(dense_of({("1", 2019, "theft"): 3}).slice(1))
