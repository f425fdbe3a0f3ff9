"""The comparison with the other towns, the change in a year and the usual months, as they come out of a cube."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.measures.made import cells_of, months_from
from tests.measures.synthetic import world

from candor.measures.call_pools import CallPools
from candor.measures.changes import discoveries
from candor.measures.dense import DenseCube
from candor.measures.periods import quarter_periods
from candor.measures.rates import SCHEMA, call_rate_parts, learned_from
from candor.measures.similar import Similar
from candor.statistics.negative_binomial import mean_interval
from candor.vocabulary.comparison import ANSWERED, CHANGES, DIFFERENCES, PLACES, USUAL, WANDER_FROM

pytestmark = pytest.mark.filterwarnings("error")

Line = dict[str, Any]
BESIDE = ("expected", "relative_rate", "relative_low", "relative_high", "smoothed", "smoothed_low", "smoothed_high")
CHANGE = ("year_change_ratio", "year_change_low", "year_change_high")
MONTHS = months_from("2023-01", 24)


def checked(table: pa.Table) -> list[Line]:
    """The lines; every number is one, and every word is one of those that there are."""
    assert table.schema == SCHEMA
    for field in table.schema:
        if pa.types.is_floating(field.type):
            assert np.isfinite(table[field.name].drop_null().to_numpy()).all(), field.name
    lines: list[Line] = table.to_pylist()
    for column, words in (
        ("comparison", DIFFERENCES), ("similar_comparison", DIFFERENCES), ("among_towns", PLACES),
        ("year_change", CHANGES), ("usual", USUAL), ("wander_from", WANDER_FROM[1:]),
    ):  # fmt: skip
        assert {x[column] for x in lines} <= set(words), column
    for x in lines:
        assert (x["comparison"] in ANSWERED or x["comparison"] == "too few to compare") or x["relative_rate"] is None
        if x["comparison"] == "cannot be told apart" and x["relative_low"] is not None:
            assert x["relative_low"] <= 1 <= x["relative_high"]
        if x["comparison"] == "about the same rate" and x["relative_low"] is not None:
            assert 0.8 <= x["relative_low"] <= x["relative_high"] <= 1.25
        assert not x["among_towns"] or x["comparison"] in ("higher", "lower")
    return lines


def rates_of(cells: DenseCube, similar: Similar | None = None, denominator: str = "residents") -> list[Line]:
    pools = CallPools(cells, None, ())
    parts = call_rate_parts(pools, learned_from(pools), "T", "99", similar=similar, denominator=denominator)
    return checked(pa.concat_tables(list(parts)))


def line(lines: Iterable[Line], town: int | None, period: str, who: str = "citizen") -> Line:
    """That of a town, or of the state."""
    (found,) = [
        x for x in lines
        if (x["category_level"], x["period"], x["initiated_by"]) == ("category", period, who)
        and (x["level"] == "state" if town is None else x["geoid"] == f"99{town:05d}")
    ]  # fmt: skip
    return found


def ordinary(*last: int | list[int], towns: int = 20, each: int = 10) -> np.ndarray:
    """`towns` towns of ten calls a month, and after them others: two years."""
    others = [np.full(24, one) if isinstance(one, int) else np.array(one) for one in last]
    return np.stack([*np.full((towns, 24), each), *others])


def test_a_town_is_compared_with_what_the_others_rate_would_bring() -> None:
    lines = rates_of(cells_of(ordinary(20), MONTHS))
    found = line(lines, 20, "2024")
    c = found["wander"]
    assert (c, found["wander_pairs"], found["wander_from"]) == (0.0004, 21, "own")
    # Twenty others with 120 calls each: 2,400 of as many people twenty times.
    assert found["expected"] == pytest.approx(120, rel=1e-5)
    assert found["relative_rate"] == pytest.approx(2)
    limits = mean_interval(240, c + 1 / 2400 + c * 20 * 120**2 / 2400**2)
    assert found["relative_low"] == pytest.approx(float(limits.lower) / 120, rel=1e-5)
    assert found["relative_high"] == pytest.approx(float(limits.upper) / 120, rel=1e-5)
    assert (found["comparison"], found["compared_over"]) == ("higher", "2024")
    own = mean_interval(240, c)
    assert [found["rate_low"], found["rate_high"]] == pytest.approx([float(own.lower), float(own.upper)], rel=1e-5)
    # A printed ratio is the one that two printed rates give.
    state = line(lines, None, "2024")
    rest = (state["calls"] - 240) / (state["persons"] - 1000) * 1000
    assert found["relative_rate"] == pytest.approx(found["rate"] / rest, rel=1e-5)
    other = line(lines, 1, "2024")
    assert other["comparison"] in ("about the same rate", "cannot be told apart")
    assert other["expected"] == pytest.approx((19 * 120 + 240) / 20, rel=1e-5)
    assert all(state[name] is None for name in BESIDE)
    assert (state["comparison"], state["among_towns"], state["compared_over"]) == ("", "", "")


def test_few_expected_are_too_few_to_compare() -> None:
    found = line(rates_of(cells_of(ordinary(1), MONTHS, np.append(np.full(20, 1000.0), 10))), 20, "2024")
    assert found["comparison"] == "too few to compare"
    assert (found["expected"], found["relative_rate"]) == (pytest.approx(1.2), None)
    assert found["smoothed"] is None


def test_under_ten_events_a_label_stands_without_a_number() -> None:
    """9 calls where 30 would be expected: surely lower; how many times is not printed."""
    few = [1] * 9 + [0] * 3
    found = line(rates_of(cells_of(ordinary([*few, *few], each=30, towns=20), MONTHS)), 20, "2024")
    assert (found["calls"], found["comparison"]) == (9, "lower")
    assert [found[name] for name in ("rate", "relative_rate", "relative_low", "relative_high")] == [None] * 4
    assert found["note"] == "too few to rate"


def test_what_is_not_whole_is_provisional_and_its_change_is_of_the_months_that_both_reported() -> None:
    there = np.ones((21, 24), np.bool_)
    there[20, 19:] = False
    lines = rates_of(cells_of(ordinary([10] * 12 + [20] * 12), MONTHS, reported=there, covered=True))
    found = line(lines, 20, "2024")
    assert (found["provisional"], found["comparison"], found["compared_over"]) == (True, "provisional", "")
    assert all(found[name] is None for name in BESIDE)
    # Seven months of 20 calls beside the same seven of 10: 213 days of 366 beside 212 of 365.
    assert (found["months_reported"], found["year_change_months"]) == (7, 7)
    assert found["year_change_ratio"] == pytest.approx(2 * (212 / 365) / (213 / 366), rel=1e-5)
    assert found["rate"] == pytest.approx(140 * 366 / 213, rel=1e-5)
    assert found["year_change"] == "up"
    before = line(lines, 20, "2023")
    assert (before["provisional"], before["year_change"], before["year_change_months"]) == (False, "", None)
    assert before["comparison"] in ANSWERED
    assert line(lines, 20, "2024-Q3")["comparison"] == "provisional"
    gone = line(lines, 20, "2024-Q4")
    assert (gone["coverage"], gone["comparison"], gone["year_change"]) == ("not reported", "", "")
    # The others are compared with what the provisional town reported too.
    assert line(lines, 1, "2024")["comparison"] in ANSWERED


def test_of_a_period_of_which_under_half_can_be_compared_no_change_is_told() -> None:
    there = np.ones((21, 24), np.bool_)
    there[20, 17:] = False
    found = line(rates_of(cells_of(ordinary(10), MONTHS, reported=there, covered=True)), 20, "2024")
    assert (found["year_change"], found["year_change_ratio"], found["year_change_months"]) == ("", None, None)


def test_a_year_that_is_not_over_is_provisional_everywhere() -> None:
    lines = rates_of(cells_of(ordinary(10)[:, :18], MONTHS[:18]))
    assert {line(lines, town, "2024")["comparison"] for town in range(21)} == {"provisional"}
    assert line(lines, None, "2024")["provisional"]
    assert line(lines, 1, "last-12-months")["comparison"] in ANSWERED
    # Of the twelve months before, six are here.
    assert line(lines, 1, "last-12-months")["year_change_months"] == 6


def test_a_change_is_since_the_same_time_a_year_before_with_the_wander_of_both() -> None:
    lines = rates_of(cells_of(ordinary([10] * 12 + [20] * 12), MONTHS))
    found = line(lines, 20, "2024")
    assert (found["year_change"], found["year_change_ratio"]) == ("up", 2)
    s = np.sqrt(1 / 120.5 + 1 / 240.5 + 2 * found["wander"])
    middle = np.log(240.5 / 120.5)
    assert found["year_change_low"] == pytest.approx(np.exp(middle - 1.959964 * s), rel=1e-4)
    assert found["year_change_high"] == pytest.approx(np.exp(middle + 1.959964 * s), rel=1e-4)
    assert line(lines, 1, "2024")["year_change"] == "no change can be told"
    assert line(lines, 20, "2023")["year_change"] == ""
    # Against the quarter a year before: the step between December and January is no change of the year.
    assert line(lines, 20, "2023-Q4")["year_change"] == ""
    assert line(lines, 20, "2024-Q1")["year_change_ratio"] == pytest.approx(2 * 90 / 365 * 366 / 91, rel=1e-5)
    assert line(lines, 20, "2024-01")["year_change_ratio"] == pytest.approx(2 * 366 / 365, rel=1e-5)
    assert "change" not in found
    assert "p_higher" not in found


def test_a_season_is_no_change() -> None:
    """Ten calls in winter and sixty in summer, in both years: no quarter and no month has changed."""
    season = [10, 10, 10, 20, 40, 60, 60, 60, 40, 20, 10, 10] * 2
    lines = rates_of(cells_of(np.array([season] * 12), MONTHS))
    said = {x["year_change"] for x in lines if x["period"].startswith("2024")}
    assert said == {"no change can be told"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(1, 2, "too few to tell"), (9, 9, "too few to tell"), (10, 10, "no change can be told")],
)
def test_a_small_earlier_count_has_no_ratio(before: int, after: int, said: str) -> None:
    own = [before, *[0] * 11, after, *[0] * 11]
    found = line(rates_of(cells_of(ordinary(own), MONTHS)), 20, "2024")
    assert (found["calls"], found["year_change"]) == (after, said)
    assert (found["year_change_ratio"] is None) == (before < 10)


def test_from_nothing_to_much_is_up_and_to_nothing_is_down_without_a_ratio() -> None:
    lines = rates_of(cells_of(ordinary([0] * 12 + [10] * 12, [10] * 12 + [0] * 12), MONTHS))
    up, down = line(lines, 20, "2024"), line(lines, 21, "2024")
    assert (up["year_change"], [up[name] for name in CHANGE]) == ("up", [None] * 3)
    assert (down["year_change"], down["year_change_ratio"]) == ("down", 0)
    assert 0 < down["year_change_low"] < down["year_change_high"] < 0.1
    assert down["coverage"] == "zero"


def test_perhaps_is_said_where_the_interval_holds_no_1_and_q_does_not_reach() -> None:
    """120 and 160 alone among 21 towns: p = 0.02, times 21."""
    lines = rates_of(cells_of(ordinary([10] * 12 + [14] * 4 + [13] * 8), MONTHS))
    found = line(lines, 20, "2024")
    assert found["year_change"] == "perhaps up"
    assert found["year_change_low"] > 1


def test_families_are_one_period_and_one_level() -> None:
    p = np.random.default_rng(3).uniform(0, 1, (5, 2, 3, 4)) ** 3
    p[1, 0, 0, 0] = np.nan
    levels = ["all", "group", "group", "category", "category"]
    q = discoveries(p, levels)
    for level in set(levels):
        own = [i for i, name in enumerate(levels) if name == level]
        for who in range(2):
            for period in range(3):
                family = p[own, who, period]
                known = np.isfinite(family)
                expected = stats.false_discovery_control(family[known])
                assert q[own, who, period][known] == pytest.approx(expected)
    assert np.isnan(q[1, 0, 0, 0])
    assert np.isfinite(q).sum() == p.size - 1


def test_the_states_change_is_that_of_the_towns_that_reported_both_and_its_own_family() -> None:
    """A city of nine times as many calls joins: the others are as they were."""
    there = np.ones((21, 24), np.bool_)
    there[20, :12] = False
    people = np.append(np.full(20, 1000.0), 50_000)
    lines = rates_of(cells_of(ordinary(900), MONTHS, people, reported=there))
    state = line(lines, None, "2024")
    assert state["calls"] == 20 * 120 + 12 * 900
    assert (state["year_change_ratio"], state["year_change"]) == (1, "no change can be told")
    # The city has no year before, and is compared all the same.
    city = line(lines, 20, "2024")
    assert (city["year_change"], city["comparison"]) == ("", "higher")
    assert line(lines, 20, "2023")["coverage"] == "not covered"
    assert line(lines, 20, "2023")["comparison"] == ""


def test_the_states_interval_wanders_by_what_of_it_one_town_is() -> None:
    rng = np.random.default_rng(4)
    calls = rng.poisson(np.append(np.full(20, 40.0), 2000)[:, None] * rng.gamma(25, 0.04, (21, 24)))
    lines = rates_of(cells_of(calls, MONTHS, np.append(np.full(20, 1000.0), 50_000)))
    town, state = line(lines, 1, "2024"), line(lines, None, "2024")
    x = calls[:, 12:].sum(axis=1)
    share = (x**2).sum() / x.sum() ** 2
    assert share > 0.4
    assert town["wander"] > 0.001
    assert state["wander"] == pytest.approx(town["wander"] * share, rel=1e-4)
    limits = mean_interval(x.sum(), state["wander"])
    assert state["rate_low"] == pytest.approx(float(limits.lower) / 70, rel=1e-4)
    assert state["rate_high"] == pytest.approx(float(limits.upper) / 70, rel=1e-4)


def wandering(c: float = 0.06, towns: int = 25, years: int = 5, seed: int = 5) -> np.ndarray:
    """Years that wander widely, each spread evenly over its months; the last town has thrice the rate."""
    rng = np.random.default_rng(seed)
    own = np.append(np.full(towns - 1, 20.0), 60.0)[:, None]
    return np.asarray(rng.poisson(np.repeat(own * rng.gamma(1 / c, c, (towns, years)), 12, axis=1)), np.int64)


def test_where_counts_wander_much_the_label_is_of_all_whole_years() -> None:
    calls = wandering()
    lines = rates_of(cells_of(calls, months_from("2020-01", 60)))
    found = line(lines, 24, "2024")
    c = found["wander"]
    assert 0.03 < c < 0.1
    assert (found["comparison"], found["compared_over"]) == ("higher", "2020-2024")
    years = calls.reshape(25, 5, 12).sum(axis=2)
    rest = years[:24].sum(axis=0)
    expected = rest / 24  # as many people in each town
    assert found["expected"] == pytest.approx(expected.sum(), rel=1e-5)
    assert found["relative_rate"] == pytest.approx(years[24].sum() / expected.sum(), rel=1e-5)
    of_rest = 1 / rest + c * (years[:24] ** 2).sum(axis=0) / rest**2
    spread = c / 5 + (of_rest * expected**2).sum() / expected.sum() ** 2
    limits = mean_interval(years[24].sum(), spread)
    assert found["relative_low"] == pytest.approx(float(limits.lower) / expected.sum(), rel=1e-4)
    assert found["relative_high"] == pytest.approx(float(limits.upper) / expected.sum(), rel=1e-4)
    # The same answer in every year, month and quarter; the rate and its interval stay the period's own.
    own = [x for x in lines if x["geoid"] == "9900024" and x["initiated_by"] == "citizen" and x["expected"] is not None]
    pooled = {(x["comparison"], x["relative_rate"]) for x in own if x["compared_over"] == "2020-2024"}
    assert pooled == {("higher", found["relative_rate"])}
    assert found["calls"] == years[24, 4]
    assert found["rate"] == pytest.approx(years[24, 4], rel=1e-5)
    # Three years and more wander less, and where that is under 0.01 they are compared themselves.
    for period, length in (("last-36-months", 3), ("all", 5)):
        other = line(lines, 24, period)
        assert other["wander"] == pytest.approx(c / length, rel=1e-4)
        assert (other["compared_over"] == "2020-2024") == (c / length > 0.01)


def test_where_counts_wander_little_each_period_is_compared_itself() -> None:
    lines = rates_of(cells_of(ordinary(20), MONTHS))
    assert {x["compared_over"] for x in lines if x["expected"] is not None} == {
        x["period"] for x in lines if x["expected"] is not None
    }
    assert all(x["compared_over"] in ("", x["period"]) for x in lines)


def test_an_agency_that_joins_midway_is_compared_over_its_own_whole_years() -> None:
    calls = wandering()
    there = np.ones(calls.shape, np.bool_)
    there[24, :30] = False
    lines = rates_of(cells_of(calls, months_from("2020-01", 60), reported=there))
    late, other = line(lines, 24, "2024"), line(lines, 3, "2024")
    assert (late["compared_over"], other["compared_over"]) == ("2023-2024", "2020-2024")
    years = calls.reshape(25, 5, 12).sum(axis=2)
    assert late["expected"] == pytest.approx(years[:24, 3:].sum() / 24, rel=1e-5)
    # Half of a year is provisional, and the years before are not covered.
    assert line(lines, 24, "2022")["comparison"] == "provisional"
    assert line(lines, 24, "2021")["comparison"] == ""
    # In its half year its persons and its calls are among the others', as long as they were there.
    beside = np.delete(years, 3, axis=0)  # 23 towns, and the late one
    of_2022 = (beside[:23, 2].sum() + calls[24, 30:36].sum()) / (23_000 + 1000 * 184 / 365) * 1000
    whole = [beside[:23, y].sum() / 23 for y in (0, 1)]
    full = [beside[:, y].sum() / 24 for y in (3, 4)]
    assert other["expected"] == pytest.approx(sum(whole) + of_2022 + sum(full), rel=1e-5)


def test_a_year_that_a_town_did_not_report_whole_is_named_among_those_together() -> None:
    calls = wandering()
    there = np.ones(calls.shape, np.bool_)
    there[24, 12] = there[3, 24:48] = False
    lines = rates_of(cells_of(calls, months_from("2020-01", 60), reported=there, covered=True))
    assert line(lines, 24, "2024")["compared_over"] == "2020-2024 without 2021"
    assert line(lines, 3, "2024")["compared_over"] == "2020-2024 without 2022, 2023"
    assert line(lines, 4, "2024")["compared_over"] == "2020-2024"


def test_officers_own_activity_is_counted_and_not_compared() -> None:
    lines = rates_of(cells_of(ordinary(20), MONTHS, officers=5))
    found = line(lines, 20, "2024", "all")
    assert (found["calls"], found["comparison"], found["compared_over"]) == (12 * 25, "not compared", "")
    assert all(found[name] is None for name in BESIDE)
    assert found["among_towns"] == found["usual"] == ""
    assert found["rate"] is not None
    assert line(lines, 20, "2024")["comparison"] == "higher"
    # Where no officer began anything, all are the public's, and are compared.
    assert line(rates_of(cells_of(ordinary(20), MONTHS)), 20, "2024", "all")["comparison"] == "higher"


def test_a_cell_that_is_told_by_county_only_compares_nobody() -> None:
    cells = cells_of(ordinary(10), MONTHS)
    untold = cells.untold.copy()
    untold[0, 0, 20, 0] = True
    calls = cells.calls.copy()
    calls[0, 0, 20, 0] = 0
    lines = rates_of(replace(cells, untold=untold, calls=calls))
    for town in (1, 20):
        found = line(lines, town, "2023")
        assert found["comparison"] == ""
        assert all(found[name] is None for name in BESIDE)
    assert (line(lines, 20, "2024")["year_change"], line(lines, 20, "2024")["year_change_ratio"]) == ("", None)
    assert line(lines, 1, "2024")["comparison"] in ANSWERED


def test_a_town_without_known_residents_takes_nobody_elses_comparison() -> None:
    lines = rates_of(cells_of(ordinary(500), MONTHS, np.append(np.full(20, 1000.0), np.nan)))
    assert line(lines, 1, "2024")["expected"] == pytest.approx(120)
    found = line(lines, 20, "2024")
    assert (found["calls"], found["rate"], found["note"], found["comparison"]) == (
        6000,
        None,
        "residents not known",
        "",
    )
    assert line(lines, None, "2024")["rate"] is None


def test_a_town_whose_visitors_nobody_declared_is_by_its_residents() -> None:
    """Persons present are declared of every town but two."""
    persons = np.full((21, 24), 3000.0)
    persons[[0, 20]] = np.nan
    lines = rates_of(cells_of(ordinary(20), MONTHS, persons=persons), denominator="visitors")
    found, other = line(lines, 20, "2024"), line(lines, 1, "2024")
    assert (found["denominator"], found["persons"], found["residents"]) == ("visitors", 1000, 1000)
    assert (other["denominator"], other["persons"], other["residents"]) == ("visitors", 3000, 1000)
    assert (found["rate"], other["rate"]) == (pytest.approx(240), pytest.approx(40))
    assert found["expected"] == pytest.approx(2400 / (19 * 3000 + 1000) * 1000, rel=1e-5)
    assert line(lines, None, "2024")["persons"] == 19 * 3000 + 2000


def test_similar_towns_are_a_second_benchmark() -> None:
    """Towns 0 to 9 are small, 10 to 19 have thrice the rate, the last is among these: as they are, not as the state."""
    calls = np.concatenate([np.full((10, 24), 10), np.full((10, 24), 30), np.full((1, 24), 30)])
    groups = Similar(("low", "high"), {f"99{i:05d}": int(i >= 10) for i in range(20)} | {"9900020": 1})
    found = line(rates_of(cells_of(calls, MONTHS), groups), 20, "2024")
    assert found["comparison"] == "higher"
    assert (found["similar_to"], found["similar_rate"]) == ("high", pytest.approx(1, rel=1e-5))
    assert found["similar_comparison"] in ("about the same rate", "cannot be told apart")
    c = found["wander"]
    limits = mean_interval(360, c + 1 / 3600 + c * 10 * 360**2 / 3600**2)
    assert found["similar_low"] == pytest.approx(float(limits.lower) / 360, rel=1e-5)
    assert found["similar_high"] == pytest.approx(float(limits.upper) / 360, rel=1e-5)


def test_quarters_are_the_calendars() -> None:
    months = np.arange(np.datetime64("2022-11"), np.datetime64("2023-05"))
    found = {p.name: (str(p.first), str(p.last)) for p in quarter_periods(months)}
    assert found == {
        "2022-Q4": ("2022-10", "2022-12"),
        "2023-Q1": ("2023-01", "2023-03"),
        "2023-Q2": ("2023-04", "2023-06"),
    }
    assert quarter_periods(months[:0]) == ()


def test_a_month_is_held_against_the_same_month_of_earlier_years() -> None:
    """A season, and one July of the fourth year at twice its own: the only mark of four years."""
    season = np.array([20, 20, 20, 40, 80, 120, 120, 120, 80, 40, 20, 20] * 4)
    calls = np.tile(season, (12, 1))
    calls[11, 42] = 240
    lines = rates_of(cells_of(calls, months_from("2021-01", 48)))
    months = [x for x in lines if x["period"].count("-") == 1 and x["first_month"] == x["last_month"]]
    own = [x for x in months if x["category_level"] == "category" and x["initiated_by"] == "citizen"]
    marked = [(x["geoid"], x["period"]) for x in own if x["usual"] in ("more than usual", "fewer than usual")]
    assert marked == [("9900011", "2024-07")]
    for x in own:
        assert (x["usual"] == "") == x["period"].startswith("2021")
        assert x["usual"] == "" or x["usual_low"] <= x["usual_high"]
    found = line(lines, 11, "2024-07")
    wander = found["wander"]
    mean = 120.0  # of three Julys, as long as this one
    spread = wander + wander / 3 + 1 / 360
    law = stats.nbinom(1 / spread, 1 / (1 + mean * spread))
    assert found["usual_low"] == pytest.approx(float(law.ppf(0.001)), abs=1)  # years have 365 and 366 days
    assert found["usual_high"] == pytest.approx(float(law.ppf(0.999)), abs=1)
    assert {x["usual"] for x in lines if x["first_month"] != x["last_month"]} == {""}


def test_a_growing_town_has_no_unusual_month_and_one_that_is_missing_is_not_asked() -> None:
    people = np.linspace(10_000, 16_000, 48)[None] * np.ones((12, 1))
    calls = np.round(people / 100).astype(np.int64)
    there = np.ones(calls.shape, np.bool_)
    there[3, 40] = False
    cells = replace(cells_of(calls, months_from("2021-01", 48), reported=there, covered=True), residents=people)
    lines = rates_of(cells)
    said = {x["usual"] for x in lines if x["period"] >= "2022-01"}
    assert said == {"", "as usual"}
    assert line(lines, 3, "2024-05")["usual"] == ""
    assert line(lines, None, "2024-05")["usual"] == ""
    assert line(lines, None, "2024-06")["usual"] == "as usual"


def test_a_town_that_joins_makes_no_month_of_the_state_unusual() -> None:
    """A city of other rates joins in the third year; its first months have nothing to be held against."""
    calls = np.concatenate([np.full((12, 48), 30), np.full((1, 48), 2000)])
    there = np.ones(calls.shape, np.bool_)
    there[12, :24] = False
    lines = rates_of(cells_of(calls, months_from("2021-01", 48), reported=there))
    said = {period: line(lines, None, period)["usual"] for period in ("2021-03", "2022-03", "2023-03", "2024-03")}
    assert said == {"2021-03": "", "2022-03": "as usual", "2023-03": "", "2024-03": "as usual"}


def test_a_state_of_towns_that_differ_says_where_nine_of_ten_lie_and_who_is_among_a_tenth() -> None:
    rng = np.random.default_rng(6)
    true = np.append(rng.gamma(4, 0.25, 79), 4.5)
    calls = rng.poisson(40 * true[:, None] * np.ones(24))
    lines = rates_of(cells_of(calls, MONTHS))
    towns = [line(lines, i, "2024") for i in range(80)]
    (low,), (high,) = ({x[name] for x in towns} for name in ("towns_low", "towns_high"))
    assert sum(low <= x["smoothed"] <= high for x in towns) >= 72
    assert towns[79]["among_towns"] == "among the tenth with the highest rates"
    assert 2 <= sum(x["among_towns"].endswith("highest rates") for x in towns) <= 12
    assert all(x["smoothed_low"] < x["smoothed"] < x["smoothed_high"] for x in towns)
    # Where all are alike, nobody is among a tenth, and nothing is said of most towns.
    flat = rates_of(cells_of(rng.poisson(np.full((80, 24), 40.0)), MONTHS))
    assert {x["among_towns"] for x in flat} == {""}
    assert {x["towns_low"] for x in flat} == {None}


BAD: dict[str, tuple[DenseCube, dict[str, set[str]]]] = {
    "one town, which is the whole state": (
        cells_of(np.full((1, 24), 30), MONTHS),
        {"comparison": {"nothing to compare with"}, "wander_from": {"assumed"}, "similar_comparison": {""}},
    ),
    "one place with half of all residents": (
        cells_of(ordinary(200), MONTHS, np.append(np.full(20, 1000.0), 20_000)),
        {"comparison": {"about the same rate", "cannot be told apart"}, "wander_from": {"own"}},
    ),
    "all zeros": (
        cells_of(np.zeros((12, 24), np.int64), MONTHS),
        {"comparison": {"too few to compare"}, "wander_from": {"assumed"}, "year_change": {"too few to tell", ""}},
    ),
    "zeros everywhere else": (
        cells_of(np.concatenate([np.full((1, 24), 30), np.zeros((11, 24), np.int64)]), MONTHS),
        {"comparison": {"too few to compare", "lower"}, "wander_from": {"assumed"}},
    ),
    "seven towns are too few pairs": (
        cells_of(np.full((7, 24), 30), MONTHS),
        {"wander_from": {"assumed"}},
    ),
    "nobody lives anywhere": (
        cells_of(np.full((12, 24), 30), MONTHS, 0.0),
        {"comparison": {""}, "note": {"no residents"}},
    ),
    "residents of nobody are known": (
        cells_of(np.full((12, 24), 30), MONTHS, np.nan),
        {"comparison": {""}, "note": {"residents not known"}},
    ),
    "three months": (
        cells_of(np.full((12, 3), 30), MONTHS[:3]),
        {"year_change": {""}, "usual": {""}, "wander_from": {"assumed"}},
    ),
    "one month": (cells_of(np.full((12, 1), 30), MONTHS[:1]), {"year_change": {""}, "usual": {""}}),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_has_its_word_and_no_number_that_is_none(name: str) -> None:
    cells, words = BAD[name]
    periods = {"2023", "2024"} if len(cells.months) == 24 else {"all"}
    similar = Similar(("all towns",), dict.fromkeys(cells.geoids, 0))
    if "similar_comparison" in words:
        similar = Similar((), dict.fromkeys(cells.geoids, -1))
    lines = rates_of(cells, similar)
    own = [x for x in lines if x["level"] == "town" and x["period"] in periods]
    assert own
    for column, said in words.items():
        assert {x[column] for x in own} <= said, column
    if "year_change" in words and words["year_change"] == {""}:
        assert all(x[c] is None for x in lines for c in CHANGE)


def test_a_group_of_one_has_nothing_to_be_compared_with() -> None:
    alone = Similar(("small", "large"), {f"99{i:05d}": 0 for i in range(20)} | {"9900020": 1})
    found = line(rates_of(cells_of(ordinary(20), MONTHS), alone), 20, "2024")
    assert (found["comparison"], found["similar_comparison"]) == ("higher", "nothing to compare with")
    assert (found["similar_to"], found["similar_rate"], found["similar_low"]) == ("large", None, None)
    nobody = Similar(("small",), dict.fromkeys((f"99{i:05d}" for i in range(20)), 0))
    found = line(rates_of(cells_of(ordinary(20), MONTHS), nobody), 20, "2024")
    assert (found["similar_comparison"], found["similar_to"]) == ("", "")


def test_a_year_of_which_an_agency_is_missing_compares_the_towns_that_are_there() -> None:
    calls = wandering(c=0.0025)
    there = np.ones(calls.shape, np.bool_)
    there[:6, 24:36] = False
    lines = rates_of(cells_of(calls, months_from("2020-01", 60), reported=there, covered=True))
    missing, other = line(lines, 0, "2022"), line(lines, 10, "2022")
    assert (missing["coverage"], missing["comparison"], missing["calls"]) == ("not reported", "", None)
    years = calls.reshape(25, 5, 12).sum(axis=2)[:, 2]
    assert other["expected"] == pytest.approx((years[6:].sum() - years[10]) / 18, rel=1e-5)
    assert line(lines, None, "2022")["coverage"] == "partly reported"
    assert (line(lines, 0, "2023")["year_change"], line(lines, 0, "2022")["year_change"]) == ("", "")
    assert line(lines, 10, "2023")["year_change"] != ""


def test_years_in_which_the_others_had_nothing_do_not_make_the_others_unknown() -> None:
    """Counts that wander much, and 2021 without any but in one town: all years together still have their answer."""
    calls = wandering(c=0.2)
    calls[:24, 12:24] = 0
    lines = rates_of(cells_of(calls, months_from("2020-01", 60)))
    found = line(lines, 24, "2024")
    assert found["compared_over"] == "2020-2024"
    assert found["comparison"] == "higher"
    assert found["relative_low"] is not None


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6))
def test_figures_of_any_world_are_in_their_range(seed: int) -> None:
    table = world(seed, mean=6, months=27).release()[1]
    for x in checked(table):
        given_ = [x[name] for name in (*BESIDE, *CHANGE, "similar_rate", "usual_low") if x[name] is not None]
        assert all(v >= 0 for v in given_)
        if x["smoothed"] is not None:
            assert x["smoothed_low"] <= x["smoothed"] <= x["smoothed_high"]
        if x["level"] == "town" and x["coverage"] not in ("reported", "zero"):
            assert x["comparison"] in ("", "provisional", "not compared")
            assert x["expected"] is None
        if x["year_change_ratio"] is not None and x["year_change_ratio"] > 0:
            assert x["year_change_low"] <= x["year_change_ratio"] * 1.2
            assert x["year_change_high"] >= x["year_change_ratio"] / 1.2
        if x["year_change"] in ("up", "perhaps up") and x["year_change_low"] is not None:
            assert x["year_change_low"] > 1
        if x["year_change"] in ("down", "perhaps down") and x["year_change_high"] is not None:
            assert x["year_change_high"] < 1
        if x["rate"] is not None:
            assert x["rate_low"] < x["rate"] < x["rate_high"]
            assert x["wander"] > 0
