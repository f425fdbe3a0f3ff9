"""The comparison with the state and the change, as they come out of a cube."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measures.synthetic import world
from tests.measures.test_rates import CUBE

from candor.measures.periods import quarter_periods
from candor.measures.rates import call_rates
from candor.statistics.rate_ratio import rate_ratio

Line = dict[str, Any]
COMPARED = ("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher")


def cube_of(towns: dict[str, tuple[int | None, list[str]]]) -> pa.Table:
    """One category; a town's months from January 2023 on: a number, `-` not reported, `C` by county only."""
    words = {"C": "by county only", "-": "not reported", ".": "not covered"}
    lines = [
        {
            "geoid": geoid, "place": f"Town {geoid}", "county": "C", "month": date(2023 + i // 12, i % 12 + 1, 1),
            "category": "noise", "category_group": "G", "initiated_by": who,
            "coverage": words.get(said, "zero" if int_of(said, who) == 0 else "reported"),
            "calls": None if said in words else int_of(said, who), "residents": residents,
        }
        for geoid, (residents, months) in towns.items()
        for i, said in enumerate(months)
        for who in ("citizen", "officer")
    ]  # fmt: skip
    return pa.Table.from_pylist(lines, schema=CUBE)


def int_of(said: str, who: str) -> int:
    return int(said) if said.isdigit() and who == "citizen" else 0


def line(rates: pa.Table, geoid: str, period: str, level: str = "town") -> Line:
    (found,) = [
        x for x in rates.to_pylist()
        if (x["level"], x["period"], x["category_level"], x["initiated_by"]) == (level, period, "category", "citizen")
        and (level == "state" or x["geoid"] == geoid)
    ]  # fmt: skip
    result: Line = found
    return result


def year(calls: int) -> list[str]:
    return [str(calls)] * 12


ORDINARY = {f"{i:02d}": (1_000, year(10) + year(10)) for i in range(20)}


def test_a_town_is_compared_with_what_the_states_rate_would_bring() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, year(20) + year(20))}), [], "Testland")
    found = line(rates, "99", "2024")
    state = 120 * 22 / 21
    assert found["expected"] == pytest.approx(state, rel=1e-5)
    assert found["relative_rate"] == pytest.approx(240 / state, rel=1e-5)
    assert found["comparison"] == "higher"
    assert 1 < found["smoothed_low"] < found["smoothed"] < found["relative_rate"]
    assert found["p_higher"] > 0.99
    assert line(rates, "01", "2024")["comparison"] == "as expected"
    assert all(line(rates, "", "2024", "state")[name] is None for name in COMPARED)
    assert line(rates, "", "2024", "state")["comparison"] == ""


def test_few_expected_are_too_few_to_compare() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (10, ["1"] * 24)}), [], "Testland")
    found = line(rates, "99", "2024")
    assert found["comparison"] == "too few to compare"
    assert found["relative_rate"] == pytest.approx(12 / found["expected"], rel=1e-5)
    assert found["smoothed"] is not None


def test_what_is_not_whole_is_provisional_and_compared_with_nothing() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, year(10) + ["10"] * 7 + ["-"] * 5)}), [], "Testland")
    found = line(rates, "99", "2024")
    assert found["provisional"]
    assert (found["comparison"], found["change"], found["year_change"]) == ("provisional",) * 3
    assert all(found[name] is None for name in (*COMPARED, "change_ratio", "year_change_ratio"))
    assert found["rate"] == pytest.approx(70 * 366 / 213, rel=1e-5)  # seven months of days
    assert not line(rates, "99", "2023")["provisional"]
    assert line(rates, "99", "2023")["comparison"] == "as expected"
    assert line(rates, "99", "2024-Q3")["provisional"]
    assert line(rates, "99", "2024-Q4")["coverage"] == "not reported"
    assert line(rates, "99", "2024-Q4")["comparison"] == ""


def test_a_year_that_is_not_over_is_provisional_everywhere() -> None:
    rates = call_rates(cube_of({g: (n, months[:18]) for g, (n, months) in ORDINARY.items()}), [], "Testland")
    assert {line(rates, g, "2024")["comparison"] for g in ORDINARY} == {"provisional"}
    assert line(rates, "", "2024", "state")["provisional"]
    assert line(rates, "01", "last-12-months")["comparison"] == "as expected"
    assert line(rates, "01", "last-12-months")["change"] == "provisional"  # of the 12 before, 6 are here


def test_a_change_is_called_once_it_stands_over_the_whole_release() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, year(10) + year(20))}), [], "Testland")
    found = line(rates, "99", "2024")
    expected = rate_ratio(120, 1_000, 240, 1_000)
    assert found["change"] == found["year_change"] == "up"
    assert found["change_ratio"] == found["year_change_ratio"] == 2
    assert found["change_low"] == pytest.approx(float(expected.lower), rel=1e-5)
    assert found["change_high"] == pytest.approx(float(expected.upper), rel=1e-5)
    assert line(rates, "01", "2024")["change"] == "within chance"
    assert line(rates, "99", "2023")["change"] == ""
    assert line(rates, "99", "2024-01")["change"] == "within chance"  # 10 and 20 in one month
    assert line(rates, "99", "2024-Q1")["year_change_ratio"] == pytest.approx(2 * 90 / 365 * 366 / 91, rel=1e-5)
    assert line(rates, "99", "2024-Q2")["change"] == "within chance"


def test_a_small_earlier_count_has_no_ratio() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, ["1", *"0" * 11, "2", *"0" * 11])}), [], "Testland")
    found = line(rates, "99", "2024")
    assert (found["calls"], found["change"], found["change_ratio"]) == (2, "too few to tell", None)


def test_from_nothing_to_much_is_up_without_a_ratio() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, year(0) + year(10))}), [], "Testland")
    found = line(rates, "99", "2024")
    assert (found["change"], found["change_ratio"], found["change_high"]) == ("up", None, None)


def test_the_states_change_is_that_of_the_towns_that_reported_both() -> None:
    late = {"99": (50_000, ["-"] * 12 + year(900))}
    rates = call_rates(cube_of({**ORDINARY, **late}), [], "Testland")
    found = line(rates, "", "2024", "state")
    assert found["calls"] == 20 * 120 + 12 * 900
    assert (found["change_ratio"], found["change"]) == (1, "within chance")


def test_a_cell_that_is_told_by_county_only_compares_nobody() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (1_000, ["C", *year(10)[1:], *year(10)])}), [], "T")
    for geoid in ("01", "99"):
        found = line(rates, geoid, "2023")
        assert found["comparison"] == ""
        assert all(found[name] is None for name in COMPARED)
    assert line(rates, "99", "2024")["change"] == ""
    assert line(rates, "99", "2024")["change_ratio"] is None
    assert line(rates, "01", "2024")["comparison"] == "as expected"


def test_a_town_without_known_residents_takes_nobody_elses_comparison() -> None:
    rates = call_rates(cube_of({**ORDINARY, "99": (None, year(500) + year(500))}), [], "Testland")
    assert line(rates, "01", "2024")["expected"] == pytest.approx(120)
    found = line(rates, "99", "2024")
    assert (found["calls"], found["rate"], found["note"]) == (6000, None, "residents not known")
    assert found["comparison"] == ""
    assert line(rates, "", "2024", "state")["rate"] is None


def test_quarters_are_the_calendars() -> None:
    months = np.arange(np.datetime64("2022-11"), np.datetime64("2023-05"))
    found = {p.name: (str(p.first), str(p.last)) for p in quarter_periods(months)}
    assert found == {
        "2022-Q4": ("2022-10", "2022-12"),
        "2023-Q1": ("2023-01", "2023-03"),
        "2023-Q2": ("2023-04", "2023-06"),
    }
    assert quarter_periods(months[:0]) == ()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_figures_of_any_world_are_in_their_range(seed: int) -> None:
    for x in world(seed, mean=6, months=27).release()[1].to_pylist():
        given_ = [x[name] for name in (*COMPARED, "change_ratio", "change_low", "change_high") if x[name] is not None]
        assert all(np.isfinite(v) and v >= 0 for v in given_)
        if x["smoothed"] is not None:
            assert x["smoothed_low"] <= x["smoothed"] <= x["smoothed_high"]
            assert x["p_higher"] <= 1
        if x["level"] == "town" and x["coverage"] not in ("reported", "zero"):
            assert x["comparison"] in ("", "provisional")
            assert x["expected"] is x["change_ratio"] is None
        if x["change_ratio"] is not None:
            assert x["change_low"] <= x["change_ratio"] <= (x["change_high"] or np.inf)
