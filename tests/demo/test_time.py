"""Local time as it passes in Vermont, across the two days on which it does not pass evenly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st
from tests.demo.conftest import Built

from candor.demo.hours import HourSampler, hours_of
from candor.demo.model import load_mix

EASTERN = ZoneInfo("America/New_York")
months = st.builds(lambda year, month: date(year, month, 1), st.integers(2007, 2060), st.integers(1, 12))


@given(months)
def test_the_hours_of_a_month_follow_each_other_without_gap(month: date) -> None:
    hours = hours_of(month)
    moments = [
        datetime.fromisoformat(f"{wall.isoformat()}{offset}").astimezone(UTC)
        for wall, offset in zip(hours.wall, hours.offset, strict=True)
    ]
    assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(hours=1)}
    assert {(wall.year, wall.month) for wall in hours.wall} == {(month.year, month.month)}
    after = (moments[-1] + timedelta(hours=1)).astimezone(EASTERN)
    assert (after.day, after.hour) == (1, 0)


def test_spring_skips_an_hour_and_autumn_has_one_twice() -> None:
    spring = [w for w in hours_of(date(2023, 3, 1)).wall if w.day == 12]
    autumn = hours_of(date(2023, 11, 1))
    assert [w.hour for w in spring[:4]] == [0, 1, 3, 4]
    twice = [(w.hour, o) for w, o in zip(autumn.wall, autumn.offset, strict=True) if w.day == 5 and w.hour == 1]
    assert twice == [(1, "-04:00"), (1, "-05:00")]


def test_no_call_is_in_the_hour_that_spring_skips(built: Built) -> None:
    assert not any(t.startswith("2023-03-12T02") for t in built.municipal["CallTime"].to_pylist())
    state = built.state["Reported"].to_pylist()
    assert not any(t.startswith("03/12/2023 02:") and t.endswith("AM") for t in state)
    assert any(t.startswith("2023-03-12T03") for t in built.municipal["CallTime"].to_pylist())


def test_the_hour_that_autumn_repeats_has_calls_with_either_offset(built: Built) -> None:
    repeated = [t for t in built.municipal["CallTime"].to_pylist() if t.startswith("2023-11-05T01")]
    assert {t[-6:] for t in repeated} == {"-04:00", "-05:00"}


def test_every_offset_is_the_one_that_held(built: Built) -> None:
    right = r"^202\d-(0\d|1[0-2])-\d\dT\d\d:\d\d:\d\d-0\d:00$"
    times = built.municipal["CallTime"]
    for text in times.filter(pc.match_substring_regex(times, right)).unique().to_pylist():
        stated = datetime.fromisoformat(text)
        assert stated.astimezone(EASTERN).utcoffset() == stated.utcoffset(), text


def test_hours_are_drawn_as_their_rhythm_says() -> None:
    mix, hours = load_mix(), hours_of(date(2023, 7, 1))
    night = mix.rhythms.index("night")
    drawn = HourSampler(hours, mix).draw(np.full(200_000, night), np.random.default_rng(1))
    of_day = np.array([wall.hour for wall in hours.wall])
    found = np.bincount(of_day[drawn], minlength=24) / len(drawn) * 24
    assert np.allclose(found, mix.hour[night], atol=0.08)
