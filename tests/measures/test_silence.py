from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.measures.silence import declared_coverage, heard_months
from candor.portal.model import AgencyCoverage

FIRST = date(2024, 1, 1)


def agency(
    name: str = "P", first: str = "2024-01", last: str = "2024-12", gaps: tuple[str, ...] = ()
) -> AgencyCoverage:
    return AgencyCoverage(agency=name, places=("1",), first_month=first, last_month=last, gaps=gaps)


def table(rows: np.ndarray, name: str = "P") -> pa.Table:
    """Rows of each day from January 2024 on, as `day_counts` gives them: no line for a day without a row."""
    there = np.flatnonzero(rows)
    return pa.table(
        {
            "agency": [name] * len(there),
            "day": pa.array([FIRST + timedelta(days=int(d)) for d in there], pa.date32()),
            "calls": pa.array(rows[there], pa.int64()),
        }
    )


def found(rows: np.ndarray, *agencies: AgencyCoverage) -> set[str]:
    declared = declared_coverage(agencies or (agency(),), table(rows))
    return {month for d in declared for month in d.incomplete}


def steady(mean: float, seed: int = 1, days: int = 366) -> np.ndarray:
    return np.random.default_rng(seed).poisson(mean, days)


def day(month: int, number: int) -> int:
    return (date(2024, month, number) - FIRST).days


@pytest.mark.parametrize("mean", [1.5, 4, 40, 2000])
def test_an_agency_that_stops_half_way_through_a_month(mean: float) -> None:
    rows = steady(mean)
    rows[day(6, 16) :] = 0
    assert found(rows, agency(last="2024-06")) == {"2024-06"}


def test_it_comes_back_and_the_months_between_are_not_reported_anyway() -> None:
    rows = steady(3)
    rows[day(6, 16) : day(9, 12)] = 0
    declared = declared_coverage([agency()], table(rows))[0]
    assert declared.incomplete == {"2024-06", "2024-09"}
    assert {"2024-07", "2024-08"}.isdisjoint(declared.sent)


def test_it_begins_in_the_middle_of_its_first_declared_month() -> None:
    rows = steady(3)
    rows[: day(1, 20)] = 0
    assert found(rows) == {"2024-01"}


def test_a_hole_inside_a_month() -> None:
    rows = steady(5)
    rows[day(5, 9) : day(5, 15)] = 0
    assert found(rows) == {"2024-05"}


def test_a_month_that_the_silence_only_touches_stays() -> None:
    rows = steady(5)
    rows[day(5, 20) : day(6, 2)] = 0
    assert found(rows) == {"2024-05"}


def test_quiet_days_beside_a_month_that_is_missing_are_no_silence_of_their_own() -> None:
    rows = steady(1.2)
    rows[day(5, 28) : day(7, 4)] = 0  # June is missing; the last four days of May and the first three of July are quiet
    declared = declared_coverage([agency()], table(rows))[0]
    assert declared.incomplete == set()
    assert "2024-06" not in declared.sent
    assert {"2024-05", "2024-07"} <= declared.sent


def test_a_declared_gap_and_what_lies_outside_the_declared_months_are_no_silence() -> None:
    rows = steady(5)
    rows[day(4, 1) : day(5, 1)] = 0
    rows[day(11, 1) :] = 0
    assert found(rows, agency(last="2024-10", gaps=("2024-04",))) == set()


def test_a_closed_office_on_sundays_and_a_few_calls_a_month_are_no_silence() -> None:
    rows = steady(30)
    rows[np.arange(366) % 7 == 6] = 0
    assert found(rows) == set()
    rare = np.zeros(366, np.int64)
    rare[::19] = 1
    assert found(rare) == set()


def quiet(rows: np.ndarray, one: AgencyCoverage) -> set[str]:
    """The months without a row that count as sent."""
    [declared] = declared_coverage([one], table(rows))
    there = {f"2024-{m:02d}" for m in range(1, 13) if rows[day(m, 1) : day(m, 28)].any()}
    return set(declared.sent) - there


def test_a_month_in_which_nobody_calls_a_small_agency_is_a_zero() -> None:
    rows = np.zeros(366, np.int64)
    rows[[day(1, 5), day(2, 11), day(4, 2), day(5, 20), day(6, 7), day(8, 1), day(8, 9), day(10, 3), day(12, 24)]] = 1
    assert quiet(rows, agency()) == {"2024-03", "2024-07", "2024-09", "2024-11"}
    [declared] = declared_coverage([agency()], table(rows))
    assert [str(m) for m in declared.complete_months()] == [f"2024-{m:02d}" for m in range(1, 13)]
    assert declared.small


def test_a_month_of_a_busy_agency_without_a_row_is_missing() -> None:
    rows = steady(3)
    rows[day(7, 1) : day(8, 1)] = 0
    assert quiet(rows, agency()) == set()
    assert not declared_coverage([agency()], table(rows))[0].small


def test_a_small_agency_that_stops_for_good_is_not_zero_for_years() -> None:
    rows = np.zeros(366, np.int64)
    rows[: day(4, 1) : 4] = 1  # eight a month, then nothing
    assert "2024-12" not in quiet(rows, agency())


def test_a_declared_gap_is_no_zero_and_neither_is_an_agency_that_never_sent_a_row() -> None:
    rows = np.zeros(366, np.int64)
    rows[[day(1, 5), day(6, 7), day(12, 24)]] = 1
    assert "2024-09" not in quiet(rows, agency(gaps=("2024-09",)))
    never = declared_coverage([agency("Q")], table(rows))[0]
    assert not never.sent


def test_an_agency_that_does_not_say_until_when_reports_as_long_as_the_data_set_does() -> None:
    rows = np.zeros(366, np.int64)
    rows[[day(1, 5), day(3, 7), day(6, 7), day(9, 24)]] = 1
    days = pa.concat_tables([table(rows, "P"), table(steady(4), "Q")])
    open_ended = AgencyCoverage(agency="P", places=("1",), first_month="2024-01")
    declared = declared_coverage([open_ended, agency("Q")], days)[0]
    assert str(declared.declared_months()[-1]) == "2024-12"


def test_a_quiet_season_is_no_silence() -> None:
    season = 0.25 + 5 * (np.cos(np.arange(366) / 366 * 2 * np.pi) > 0)
    rows = np.random.default_rng(4).poisson(season)
    assert found(rows) == set()


@pytest.mark.parametrize("every", [7, 14, 30])
def test_rows_that_are_all_dated_to_one_day_of_a_week_or_a_month_are_no_silence(every: int) -> None:
    heaps = np.where(np.arange(366) % every == 0, 200, 0)
    assert found(heaps) == set()
    firsts = np.zeros(366, np.int64)
    firsts[[day(m, 1) for m in range(1, 13)]] = 150
    assert found(firsts) == set()


def test_one_agencys_silence_is_not_anothers() -> None:
    quiet = steady(4)
    quiet[day(6, 10) :] = 0
    days = pa.concat_tables([table(quiet, "P"), table(steady(4, 2), "Q")])
    agencies = [agency("P", last="2024-06"), agency("Q"), agency("R")]
    found = {d.agency: d.incomplete for d in declared_coverage(agencies, days)}
    assert found == {"P": {"2024-06"}, "Q": set(), "R": set()}
    assert heard_months(days, []) == {}


def test_agencies_that_send_all_are_left_alone() -> None:
    """Sixty agencies of every size for three years, whose rows are a Poisson process: hardly a month is partial."""
    alarms = 0
    for seed in range(4):
        rng = np.random.default_rng(seed)
        means = np.exp(rng.uniform(np.log(0.05), np.log(50), 60))
        names = [f"A{i}" for i in range(60)]
        days = pa.concat_tables([table(rng.poisson(m, 1096), n) for m, n in zip(means, names, strict=True)])
        declared = declared_coverage([agency(n, last="2026-12") for n in names], days)
        alarms += sum(len(d.incomplete) for d in declared)
    assert alarms <= 1


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=366), st.sampled_from(["2024-01", "2024-05"]))
def test_whatever_days_there_are_only_months_that_were_sent_are_partial(counts: list[int], first: str) -> None:
    declared = declared_coverage([agency(first=first)], table(np.array(counts)))[0]
    assert declared.incomplete <= declared.sent
    assert all(month >= first for month in declared.incomplete)
