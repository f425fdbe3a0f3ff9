from __future__ import annotations

import calendar
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.measures.synthetic import World, world

from candor.measures.call_pools import calendar_years
from candor.measures.cube import COLUMNS
from candor.measures.dense import dense
from candor.measures.periods import month_periods, pooled_periods, year_shares
from candor.measures.rates import SCHEMA, call_rates, monthly_rates
from candor.measures.wander import LENGTHS, Learned, Wander
from candor.statistics.negative_binomial import mean_interval

CASES = tomllib.loads((Path(__file__).parent / "cases" / "pools.toml").read_text(encoding="utf-8"))["case"]
WORDS = {"C": "by county only", "-": "not reported", ".": "not covered"}
CUBE = pa.schema(
    [
        *((c, pa.string()) for c in ("geoid", "place", "county")),
        ("month", pa.date32()),
        *((c, pa.string()) for c in ("category", "category_group", "initiated_by", "coverage")),
        ("calls", pa.int64()),
        ("residents", pa.int64()),
        *((c, pa.float64()) for c in ("rate", "rate_low", "rate_high")),
    ]
)
Line = dict[str, Any]


def cube_of(towns: dict[str, tuple[int | None, str]], category: str = "mischief", officer: str = "0") -> pa.Table:
    """A cube of one category from texts as in `cases/pools.toml`, the officers' months all `officer` where reported."""

    def lines() -> Iterator[Line]:
        for geoid, (residents, months) in towns.items():
            for i, word in enumerate(months.split()):
                for who in ("citizen", "officer"):
                    said = word if who == "citizen" or word in "-." else officer
                    calls = None if said in WORDS else int(said)
                    yield {
                        "geoid": geoid, "place": f"Town {geoid}", "county": "C", "month": date(2024, i + 1, 1),
                        "category": category, "category_group": "G", "initiated_by": who,
                        "coverage": WORDS.get(said, "zero" if calls == 0 else "reported"),
                        "calls": calls, "residents": residents,
                    }  # fmt: skip

    return pa.Table.from_pylist(list(lines()), schema=CUBE)


def line_of(table: pa.Table, **key: str) -> Line:
    (found,) = [x for x in table.to_pylist() if all(x[k] == v for k, v in key.items())]
    result: Line = found
    return result


YEAR = {"period": "2024", "category_level": "category", "initiated_by": "citizen"}
COVERED = (1, "0 0 0 0 0 0 0 0 0 0 0 0")  # keeps the span of months where the town in question has none


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_year_pools_its_months(case: Line) -> None:
    months = case["months"]
    beside = {"2": COVERED} if len(months.split()) == 12 else {}
    cube = cube_of({"1": (case["residents"], months), **beside})
    line = line_of(call_rates(cube, [], "Testland"), geoid="1", **YEAR)
    got = {k: line[k] for k in ("coverage", "months_reported", "calls", "note")}
    assert got == {k: case.get(k) for k in got}
    if "rate" in case:
        assert line["rate"] == pytest.approx(case["rate"], rel=1e-5)
        assert line["rate_low"] < line["rate"] < line["rate_high"]
    else:
        assert line["rate"] is line["rate_low"] is line["rate_high"] is None


def test_the_interval_of_a_year_is_over_the_time_that_was_reported_and_wanders_by_what_is_assumed() -> None:
    """65 calls, c = 0.0025 and k = 400: from scipy's negative binomial law, P(X >= 65 | 49.397) = P(X <= 65 | 83.879)
    = 0.025. Poisson's limits would be 50.166 and 82.848."""
    cube = cube_of({"1": (2_000, "65 0 0 0 0 0 - - - - - -")})
    line = line_of(call_rates(cube, [], "Testland"), geoid="1", **YEAR)
    assert (line["wander"], line["wander_from"], line["wander_pairs"]) == (0.0025, "assumed", 0)
    half = 182 / 366  # January to June 2024, of a year's days
    low, high = line["rate_low"] * 2 * half, line["rate_high"] * 2 * half
    assert stats.nbinom.sf(64, 400, 400 / (400 + low)) == pytest.approx(0.025, rel=1e-3)
    assert stats.nbinom.cdf(65, 400, 400 / (400 + high)) == pytest.approx(0.025, rel=1e-3)
    assert low < 50.16
    assert high > 82.85


def test_the_state_weighs_each_town_by_the_months_that_it_reported() -> None:
    full, half = "10 10 10 10 10 10 10 10 10 10 10 10", "5 5 5 5 5 5 - - - - - -"
    uncovered = ". . . . . . . . . . . ."
    cube = cube_of({"1": (1_000, full), "2": (2_000, half), "3": (9_999, uncovered)})
    line = line_of(call_rates(cube, [], "Testland", "99"), level="state", **YEAR)
    assert (line["geoid"], line["place"], line["county"]) == ("99", "Testland", "")
    assert (line["calls"], line["months_reported"], line["towns_reported"]) == (150, 12, 2)
    assert line["residents"] == 2_000
    assert line["rate"] == pytest.approx(150 / (1_000 + 2_000 * 182 / 366) * 1000, rel=1e-5)
    assert line["coverage"] == line["note"] == "partly reported"


def test_the_state_is_reported_where_all_declared_towns_are() -> None:
    cube = cube_of({"1": (1_000, "10 10 10 10 10 10 10 10 10 10 10 10"), "3": (9_999, ". . . . . . . . . . . .")})
    line = line_of(call_rates(cube, [], "Testland"), level="state", **YEAR)
    assert (line["coverage"], line["calls"], line["residents"], line["note"]) == ("reported", 120, 1_000, "")


def test_one_town_told_by_county_only_leaves_the_state_without_a_figure() -> None:
    cube = cube_of({"1": (1_000, "10 C 10"), "2": (1_000, "10 10 10")})
    rates = call_rates(cube, [], "Testland")
    year = line_of(rates, level="state", **YEAR)
    assert (year["coverage"], year["calls"], year["rate"]) == ("by county only", None, None)
    assert line_of(rates, level="state", **{**YEAR, "period": "2024-01"})["calls"] == 20


def test_a_total_is_of_the_kinds_that_were_open_then() -> None:
    theft = cube_of({"1": (1_000, "10 10 10")}, "theft")
    opened = cube_of({"1": (1_000, "C C 7")}, "opened", officer="0")
    rates = call_rates(pa.concat_tables([theft, opened]), [], "Testland")
    key = {"geoid": "1", "initiated_by": "citizen", "category_level": "all"}
    assert line_of(rates, period="2024", **key)["calls"] == 37
    assert line_of(rates, period="2024-01", **key)["calls"] == 10
    assert line_of(rates, period="2024-03", **key)["calls"] == 17


def test_totals_are_of_open_categories_and_there_are_none_of_sensitive_ones_alone() -> None:
    theft = cube_of({"1": (1_000, "10 10 10")}, "theft")
    abuse = cube_of({"1": (1_000, "20 20 20")}, "abuse")
    both = pa.concat_tables([theft, abuse])
    key = {"geoid": "1", "period": "all", "initiated_by": "citizen"}
    rates = call_rates(both, ["abuse"], "Testland")
    assert line_of(rates, category_level="all", **key)["calls"] == 30
    assert line_of(rates, category_level="group", **key)["calls"] == 30
    assert line_of(rates, category="abuse", **key)["calls"] == 60
    alone = call_rates(abuse, ["abuse"], "Testland")
    assert set(alone["category_level"].to_pylist()) == {"category"}


def test_residents_that_are_not_known_give_no_rate_to_town_or_state() -> None:
    rates = call_rates(cube_of({"1": (None, "50 50"), "2": (1_000, "50 50")}), [], "Testland")
    for key in ({"geoid": "1"}, {"level": "state"}):
        line = line_of(rates, **key, **YEAR)
        assert (line["residents"], line["rate"], line["note"]) == (None, None, "residents not known")


def test_periods_are_years_the_last_months_all_and_each_month() -> None:
    months = np.arange(np.datetime64("2022-11"), np.datetime64("2025-12"))
    found = {p.name: (str(p.first), str(p.last), p.months) for p in pooled_periods(months)}
    assert found == {
        "2022": ("2022-01", "2022-12", 12),
        "2023": ("2023-01", "2023-12", 12),
        "2024": ("2024-01", "2024-12", 12),
        "2025": ("2025-01", "2025-12", 12),
        "last-12-months": ("2024-12", "2025-11", 12),
        "last-36-months": ("2022-12", "2025-11", 36),
        "all": ("2022-11", "2025-11", 37),
    }
    assert [p.name for p in pooled_periods(months[:11])] == ["2022", "2023", "all"]
    assert [p.name for p in month_periods(months[:3])] == ["2022-11", "2022-12", "2023-01"]
    assert pooled_periods(months[:0]) == ()


def test_the_last_twelve_months_are_no_year_more_where_they_are_a_calendar_year() -> None:
    """What whole years say together holds each of them once."""
    months = np.arange(np.datetime64("2022-01"), np.datetime64("2025-01"))
    assert [p.name for p in calendar_years(pooled_periods(months))] == ["2022", "2023", "2024"]
    assert [p.name for p in calendar_years(pooled_periods(months[:12]))] == ["2022"]
    assert [p.name for p in calendar_years(pooled_periods(months[3:]))] == ["2022", "2023", "2024"]
    assert calendar_years(()) == ()


def test_months_that_nobody_covers_at_either_end_belong_to_no_period() -> None:
    rates = call_rates(cube_of({"1": (1_000, ". . 5 5 - .")}), [], "Testland")
    line = line_of(rates, geoid="1", **{**YEAR, "period": "all"})
    assert (line["first_month"], line["last_month"]) == (date(2024, 3, 1), date(2024, 5, 1))
    assert {p for p in rates["period"].to_pylist() if "-" in p} == {
        "2024-Q1",
        "2024-Q2",
        "2024-03",
        "2024-04",
        "2024-05",
    }


def test_february_is_shorter_than_march_and_twelve_months_are_a_year() -> None:
    shares = year_shares(np.arange(np.datetime64("2023-01"), np.datetime64("2025-01")))
    assert shares[1] == 28 / 365
    assert shares[13] == 29 / 366
    assert shares[:12].sum() == pytest.approx(1)
    assert shares[12:].sum() == pytest.approx(1)


def test_towns_never_covered_have_their_years_and_no_months() -> None:
    rates = call_rates(cube_of({"1": (1_000, "5 5"), "2": (1_000, ". .")}), [], "Testland").to_pylist()
    assert {x["period"] for x in rates if x["geoid"] == "2"} == {"2024", "all"}
    assert {x["period"] for x in rates if x["geoid"] == "1"} == {"2024", "all", "2024-Q1", "2024-01", "2024-02"}


def test_without_any_coverage_there_are_no_figures() -> None:
    assert call_rates(cube_of({"1": (1_000, ". .")}), [], "Testland").num_rows == 0
    assert call_rates(CUBE.empty_table(), [], "Testland").schema == SCHEMA


def test_a_cube_with_a_hole_or_a_contradiction_is_refused() -> None:
    cube = cube_of({"1": (1_000, "5 5"), "2": (1_000, "5 5")})
    with pytest.raises(ValueError, match="one line for each"):
        dense(cube.slice(1))
    with pytest.raises(ValueError, match="one line for each"):
        dense(pa.concat_tables([cube.slice(1), cube.slice(1, 1)]))
    other = pa.concat_tables([cube, cube_of({"1": (1_000, "5 -"), "2": (1_000, "5 5")}, "other")])
    with pytest.raises(ValueError, match="same for all categories"):
        dense(other)
    with pytest.raises(ValueError, match="found guessed"):
        dense(cube.set_column(7, "coverage", pa.array(["guessed"] * cube.num_rows)))


def learned(*c: float) -> Wander:
    """A wander of several series, the same for every length."""
    one = np.array([[v, v] for v in c])
    return Wander(dict.fromkeys(LENGTHS, Learned(one, np.zeros(one.shape, np.int64), np.ones(one.shape, np.int8))))


def test_monthly_rates_are_per_year_and_leave_the_rest_alone() -> None:
    cube = cube_of({"1": (1_200, "10 9 0 C - ."), "2": (0, "10 9 0 C - .")})
    rated = monthly_rates(cube, dense(cube), learned(0.5, 0.5, 0.04))
    assert rated.column_names == COLUMNS
    assert rated.drop_columns(["rate", "rate_low", "rate_high"]) == cube.drop_columns(["rate", "rate_low", "rate_high"])
    lines = [x for x in rated.to_pylist() if x["rate"] is not None]
    assert len(lines) == 1
    assert lines[0]["rate"] == pytest.approx(10 / 1_200 * 366 / 31 * 1000)
    limits = mean_interval(10, 0.04)
    assert lines[0]["rate_low"] == pytest.approx(float(limits.lower) / 1_200 * 366 / 31 * 1000)
    assert lines[0]["rate_high"] == pytest.approx(float(limits.upper) / 1_200 * 366 / 31 * 1000)
    assert sum(x is not None for x in rated["rate_high"].to_pylist()) == 1


def test_a_months_interval_is_as_wide_as_its_own_kind_wanders() -> None:
    """Totals and groups come before the categories in what is learned, and none of them is a category's."""
    cube = pa.concat_tables([cube_of({"1": (1_000, "50 50")}, name) for name in ("assault", "noise", "theft")])
    wander = learned(0.9, 0.8, 0.001, 0.02, 0.1)  # all, the group G, and the three categories by name
    found = {x["category"]: x for x in monthly_rates(cube, dense(cube), wander).to_pylist() if x["rate"]}
    for name, c in (("assault", 0.001), ("noise", 0.02), ("theft", 0.1)):
        line = found[name]
        limits = mean_interval(50, c)
        assert line["rate_low"] / line["rate"] == pytest.approx(float(limits.lower) / 50)
        assert line["rate_high"] / line["rate"] == pytest.approx(float(limits.upper) / 50)


def years_of(figure: Line) -> float:
    """The time of a figure in years: of each calendar year, the days that it has."""
    months = np.arange(np.datetime64(figure["first_month"], "M"), np.datetime64(figure["last_month"], "M") + 1)
    days = [
        calendar.monthrange(m.year, m.month)[1] / (366 if calendar.isleap(m.year) else 365) for m in months.tolist()
    ]
    return sum(days)


def recounted(made_up: World, cube: list[Line], figure: Line) -> tuple[str, int, int | None]:
    """Coverage, months reported and calls of a figure, counted again in plain Python."""
    months = {x["month"] for x in cube if x["geoid"]}
    who = ("citizen",) if figure["initiated_by"] == "citizen" else ("citizen", "officer")
    cells = [
        x
        for x in cube
        if x["geoid"]
        and (figure["level"] == "state" or x["geoid"] == figure["geoid"])
        and figure["first_month"] <= x["month"] <= figure["last_month"]
        and x["initiated_by"] in who
        and _counts_in(x, figure, made_up.sensitive)
    ]
    reported = {(x["geoid"], x["month"]) for x in cells if x["coverage"] in ("zero", "reported", "by county only")}
    silent = {(x["geoid"], x["month"]) for x in cells if x["coverage"] == "not reported"}
    declared = {geoid for geoid, _ in reported | silent}
    span = (figure["last_month"].year - figure["first_month"].year) * 12 + figure["last_month"].month
    span += 1 - figure["first_month"].month
    complete = all(len({m for g, m in reported if g == town}) == span for town in declared)
    calls = sum(x["calls"] or 0 for x in cells)
    months_reported = len({m for _, m in reported})
    assert months_reported <= len(months)
    if not declared:
        return "not covered", 0, None
    if not reported:
        return "not reported", 0, None
    if figure["category_level"] == "category" and any(x["coverage"] == "by county only" for x in cells):
        return "by county only", months_reported, None
    if not complete:
        return "partly reported", months_reported, calls
    return ("reported" if calls else "zero"), months_reported, calls


def _counts_in(cell: Line, figure: Line, sensitive: frozenset[str]) -> bool:
    if figure["category_level"] == "category":
        return bool(cell["category"] == figure["category"])
    inside = figure["category_level"] == "all" or cell["category_group"] == figure["category"]
    return inside and cell["category"] not in sensitive


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_any_figure_is_what_counting_by_hand_gives(seed: int, draw: int) -> None:
    made_up = world(seed, mean=1.5)
    cube, rates = made_up.release()
    lines, figures = cube.to_pylist(), rates.to_pylist()
    keys = ("level", "geoid", "period", "category_level", "category", "initiated_by")
    assert len({tuple(x[k] for k in keys) for x in figures}) == len(figures)
    rng = np.random.default_rng(draw)
    for figure in rng.choice(np.array(figures, dtype=object), 60, replace=False):
        assert (figure["coverage"], figure["months_reported"], figure["calls"]) == recounted(made_up, lines, figure)


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6))
def test_a_rate_is_printed_from_ten_calls_with_somebody_to_divide_by(seed: int) -> None:
    for x in world(seed, mean=6).release()[1].to_pylist():
        wanted = x["calls"] is not None and x["calls"] >= 10 and (x["residents"] or 0) > 0
        assert (x["rate"] is not None) == wanted
        assert (x["note"] in ("", "partly reported")) == (wanted or x["calls"] is None)
        if wanted and x["level"] == "town" and x["coverage"] == "reported":
            assert x["rate"] == pytest.approx(x["calls"] / x["residents"] / years_of(x) * 1000, rel=1e-5)
        if wanted:
            assert x["rate_low"] < x["rate"] < x["rate_high"]
