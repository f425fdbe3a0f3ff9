"""What is told of sensitive kinds, when, in which form, and never twice: against counting by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.counted import FIRST, KINDS, Telling, counted

from candor.portal.calendar import Calendar

SIZES = (30_000, 900, 100)
"""A town of which 10 and more are expected in a year, and two of which they are not."""


def usual(months: int = 48) -> np.ndarray:
    """Two kinds; so many calls a month in the large town, one now and then in the others."""
    counts = np.zeros((2, 3, months), np.int64)
    counts[0, 0], counts[0, 1, ::4], counts[0, 2, ::20], counts[1, 0, ::2] = 12, 2, 1, 1
    return counts


def years(said: dict[tuple[str, str, str, str], int | None], level: str, kind: str = "overdose") -> dict[str, object]:
    return {f"{p} {s[:4]}-{s[9:13]}": v for (at, p, k, s), v in said.items() if at == level and k == kind}


def test_a_month_is_told_90_days_after_its_quarter_and_a_year_90_days_after_its_end() -> None:
    of, telling = counted(usual(), SIZES), Telling()
    before = telling.on(date(2022, 6, 28), of)
    assert before == {}
    spring = telling.on(date(2022, 6, 29), of)
    spans = {s for (level, _, _, s) in spring if level == "county"}
    assert spans == {"2022-01..2022-01", "2022-02..2022-02", "2022-03..2022-03"}
    assert spring["state", "Testland", "overdose", "2022-01..2022-01"] == 15  # 12 + 2 + 1
    assert spring["county", "Ash", "overdose", "2022-02..2022-02"] == 10
    assert spring["county", "Ash", "suicide", "2022-02..2022-02"] is None
    assert not [k for k in spring if k[0] == "town"]
    winter = telling.on(date(2023, 3, 30), of)
    assert not [k for k in winter if k[3] == "2022-01..2022-12"]
    told = telling.on(date(2023, 3, 31), of)
    assert told["state", "Testland", "overdose", "2022-01..2022-12"] == 150  # 144 + 6 + 1
    assert told["town", "T0", "overdose", "2022-01..2022-12"] == 145
    assert ("town", "T1", "overdose", "2022-01..2022-12") not in told


def test_a_town_has_years_where_10_are_expected_else_three_years_and_never_both() -> None:
    of, telling = counted(usual(), SIZES), Telling()
    said = telling.on(date(2026, 4, 5), of)  # all four years at once: the last of them are the last three
    assert years(said, "town") == {
        "T0 2022-2022": 145, "T0 2023-2023": 145, "T0 2024-2024": 145, "T0 2025-2025": 145,
        "T1 2023-2025": 20, "T2 2023-2025": None,
    }  # fmt: skip
    # Of suicides 6 a year are expected even of the large town: three years, of 18.
    assert years(said, "town", "suicide") == {"T0 2023-2025": 20, "T1 2023-2025": None, "T2 2023-2025": None}


def test_three_years_follow_on_three() -> None:
    of, telling = counted(usual(84), SIZES), Telling()
    telling.on(date(2025, 4, 5), of)  # 2022 to 2024
    assert years(telling.said(), "town")["T1 2022-2024"] == 20
    for year in (2026, 2027):
        telling.on(date(year, 4, 5), of)
        assert not [k for k in years(telling.said(), "town") if k.startswith("T1 2025")]
    said = years(telling.on(date(2028, 4, 5), of), "town")
    assert said["T1 2025-2027"] == 20
    assert [k for k in said if k.startswith("T1")] == ["T1 2022-2024", "T1 2025-2027"]


def test_a_form_does_not_hang_on_a_towns_own_count() -> None:
    """The same told rates and residents, other counts of towns: the same figures are there."""
    one = usual()
    other = one.copy()
    other[0, 1], other[0, 2], other[0, 0] = one[0, 2], one[0, 1], one[0, 0]
    said = [Telling().on(date(2026, 4, 5), counted(c, SIZES)) for c in (one, other)]
    assert said[0].keys() == said[1].keys()


def test_what_is_told_stays_and_what_comes_later_is_counted_only_in_what_is_not_told_yet() -> None:
    of, telling = counted(usual(), SIZES), Telling()
    first = telling.on(date(2022, 6, 29), of)
    more = replace(of, counts=of.counts + 7)
    said = telling.on(date(2023, 3, 31), more)
    assert {k: said[k] for k in first} == first
    assert said["state", "Testland", "overdose", "2022-04..2022-04"] == 35  # 12 and 21 more, of 33
    assert said["town", "T0", "overdose", "2022-01..2022-12"] == 230  # 144 and 84 more


def test_a_late_month_is_in_the_year_and_not_in_the_month() -> None:
    there = np.ones((3, 48), np.bool_)
    there[0, 2] = False  # March 2022
    of = counted(usual(), SIZES, reported=there)
    of = replace(of, by_year=np.ones((3, 48), np.bool_))
    said = Telling().on(date(2023, 4, 5), of)
    assert said["county", "Ash", "overdose", "2022-03..2022-03"] is None
    assert said["county", "Ash", "overdose", "2022-02..2022-02"] == 10
    assert said["town", "T0", "overdose", "2022-01..2022-12"] == 145
    lines = {(x["level"], f"{x['first_month']:%Y-%m}", f"{x['last_month']:%Y-%m}"): x for x in
             _lines(of, date(2023, 4, 5)) if x["category"] == "overdose"}  # fmt: skip
    march, year = lines["state", "2022-03", "2022-03"], lines["state", "2022-01", "2022-12"]
    assert (march["towns_reported"], march["complete"]) == (2, False)
    assert (year["towns_reported"], year["months_reported"], year["complete"]) == (3, 12, True)


def _lines(of: object, today: date) -> list[dict[str, object]]:
    telling = Telling()
    telling.on(today, of)  # type: ignore[arg-type]  # as it was made
    found: list[dict[str, object]] = telling.ledger.told.to_pylist()
    return found


def test_nothing_is_told_of_what_nobody_reported_and_of_months_in_which_a_kind_was_open() -> None:
    there = np.ones((3, 48), np.bool_)
    there[1, :12] = False
    of = counted(usual(), SIZES, counties=("Ash", "Brook", "Ash"), reported=there)
    used = of.used.copy()
    used[1, :6] = False  # suicides were open in the first half of 2022
    said = Telling().on(date(2023, 4, 5), replace(of, used=used))
    assert not [k for k in said if k[1] == "Brook"]
    assert ("county", "Ash", "suicide", "2022-06..2022-06") not in said
    assert ("county", "Ash", "suicide", "2022-07..2022-07") in said
    assert ("county", "Ash", "suicide", "2022-01..2022-12") in said


def test_a_quarter_of_the_state_is_told_where_its_months_are_all_10_or_more() -> None:
    counts = usual()
    counts[0, 0, 1] = 4  # February 2022
    said = Telling().on(date(2022, 10, 5), counted(counts, SIZES))
    quarters = {s: v for (level, _, k, s), v in said.items() if s[:7] != s[9:] and k == "overdose"}
    assert quarters == {"2022-04..2022-06": 40}  # 36 and 2
    assert not [k for k in said if k[2] == "suicide" and k[3] == "2022-04..2022-06"]


@st.composite
def worlds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, tuple[int, ...], list[date]]:
    seed = draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.5, 6, (2, 4, 1)), (2, 4, 40)).astype(np.int64)
    reported = rng.random((4, 40)) > 0.05
    sizes = tuple(int(n) for n in rng.integers(50, 40_000, 4))
    days = sorted({date(2022, 4, 1).fromordinal(int(d)) for d in rng.integers(738_000, 739_700, 5)})
    return counts, reported, sizes, days


@settings(max_examples=40)
@given(worlds())
def test_in_any_world_everything_is_told_once_rounded_and_when_it_is_due(
    world: tuple[np.ndarray, np.ndarray, tuple[int, ...], list[date]],
) -> None:
    counts, reported, sizes, days = world
    counties = ("Ash", "Ash", "Brook", "Brook")
    of, telling, calendar = counted(counts, sizes, counties=counties, reported=reported), Telling(), Calendar()
    before: dict[tuple[str, str, str, str], int | None] = {}
    for day in days:
        said = telling.on(day, of)
        assert {k: said[k] for k in before} == before
        before = said
    for (level, place, kind, span), value in before.items():
        first, last = (np.datetime64(m, "M") for m in span.split(".."))
        towns = [
            i for i in range(4)
            if level == "state" or place == of.geoids[i] or (level == "county" and counties[i] == place)
        ]  # fmt: skip
        inside = slice(int((first - FIRST).astype(int)), int((last - FIRST).astype(int)) + 1)
        true = int((counts[KINDS.index(kind)] * reported)[towns, inside].sum())
        assert value == (None if true < 5 else 5 * round(true / 5))
        due = calendar.year_told(int(str(last)[:4])) if (last - first).astype(int) >= 11 else calendar.month_told(last)
        assert due <= days[-1]
        assert reported[towns, inside].any()
    of_towns = [(p, k, s) for (level, p, k, s) in before if level == "town"]
    covered = [(p, k, year) for p, k, s in of_towns for year in range(int(s[:4]), int(s[9:13]) + 1)]
    assert len(covered) == len(set(covered)), "a year of a town and kind is in one figure"
