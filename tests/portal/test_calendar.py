"""When what is published, written out day by day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.portal.calendar import Calendar, complete_periods, last_day, months_over, quarter_end, year_of

USUAL = Calendar()


def month(text: str) -> np.datetime64:
    return np.datetime64(text, "M")


@pytest.mark.parametrize(
    ("of", "settles", "told"),
    [
        ("2025-01", date(2025, 3, 2), date(2025, 6, 29)),
        ("2024-02", date(2024, 3, 30), date(2024, 6, 29)),  # a leap year's February
        ("2025-02", date(2025, 3, 30), date(2025, 6, 29)),
        ("2025-03", date(2025, 4, 30), date(2025, 6, 29)),
        ("2025-12", date(2026, 1, 30), date(2026, 3, 31)),
    ],
)
def test_a_month_settles_30_days_after_its_end_and_is_told_90_days_after_its_quarter(
    of: str, settles: date, told: date
) -> None:
    assert USUAL.settles(month(of)) == settles
    assert USUAL.month_told(month(of)) == told
    assert not USUAL.is_settled(month(of), settles - timedelta(days=1))
    assert USUAL.is_settled(month(of), settles)


def test_a_year_is_told_90_days_after_its_end() -> None:
    assert USUAL.year_told(2025) == date(2026, 3, 31)
    assert USUAL.year_told(2023) == date(2024, 3, 30)
    assert not USUAL.is_closed(2025, date(2026, 3, 30))
    assert USUAL.is_closed(2025, date(2026, 3, 31))


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 366), st.integers(1, 366))
def test_days_are_counted_from_the_end(day: date, days: int, more: int) -> None:
    own = month(f"{day:%Y-%m}")
    calendar = Calendar(days, more, more)
    end = last_day(own)
    assert (end.year, end.month) == (day.year, day.month)
    assert (end + timedelta(days=1)).day == 1
    assert calendar.settles(own) == end + timedelta(days=days)
    assert year_of(own) == day.year
    quarter = quarter_end(own)
    assert str(quarter) == f"{day.year}-{(day.month + 2) // 3 * 3:02d}"
    assert calendar.month_told(own) == last_day(quarter) + timedelta(days=more)


def test_a_month_is_over_on_the_day_after_it() -> None:
    assert months_over(["2025-03", "2025-02"], date(2025, 3, 31)) == ["2025-02"]
    assert months_over(["2025-03", "2025-02"], date(2025, 4, 1)) == ["2025-02", "2025-03"]


def test_quarters_and_years_are_complete_with_all_of_their_months() -> None:
    year = [f"2025-{m:02d}" for m in range(1, 13)]
    assert complete_periods(year) == {"2025", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"}
    assert complete_periods(year[1:]) == {"2025-Q2", "2025-Q3", "2025-Q4"}
    assert complete_periods([]) == frozenset()
