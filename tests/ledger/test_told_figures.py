"""The public lines of sensitive kinds: what was told, and of what is not told why, line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.ledger.counted import Telling, cells, counted
from tests.ledger.test_tell import SIZES, usual

from candor.ledger.counted import Counted
from candor.ledger.told_figures import told_figures
from candor.measures.sensitive_blocks import blocks, learned
from candor.measures.sensitive_table import COLUMNS, table
from candor.portal.calendar import Calendar
from candor.statistics.negative_binomial import mean_interval
from candor.statistics.wander import ASSUMED

Line = dict[str, Any]
GROUPS = {"overdose": "health", "suicide": "health"}


def lines(of: Counted, telling: Telling, today: date, covered: np.ndarray | None = None) -> dict[tuple[str, str], Line]:
    """By place (the name) and period what the table says of overdoses."""
    own = cells(of, of.by_month, covered), cells(of, of.by_year, covered)
    figures = told_figures(of, telling.ledger, Calendar(), today, *own, derived=False)
    made = table(figures, GROUPS, "Testland", "99", learned(figures, None))
    assert tuple(made.column_names) == COLUMNS
    found = {}
    for line in made.to_pylist():
        if line["category"] == "overdose":
            key = (line["place"], line["period"])
            assert key not in found
            found[key] = line
    return found


def said(found: dict[tuple[str, str], Line], place: str, *periods: str) -> list[tuple[str, int | None]]:
    return [(found[place, p]["coverage"], found[place, p]["calls"]) for p in periods]


def until(of: Counted, months: int) -> Counted:
    return replace(
        of, months=of.months[:months], counts=of.counts[:, :, :months], by_month=of.by_month[:, :months],
        by_year=of.by_year[:, :months], used=of.used[:, :months], residents=of.residents[:, :months],
        persons=of.persons[:, :months],
    )  # fmt: skip


@pytest.fixture
def told() -> tuple[Counted, Telling, date]:
    """The spring of 2026: four years are told, and the first quarter of the fifth is not."""
    telling, today = Telling(), date(2026, 5, 5)
    telling.on(today, counted(usual(51), SIZES))
    return until(counted(usual(51), SIZES), 51), telling, today


def test_a_told_figure_says_when_and_a_figure_to_come_when_it_will_be(told: tuple[Counted, Telling, date]) -> None:
    found = lines(*told)
    year = found["Town 0", "2025"]
    assert (year["level"], year["geoid"], year["period_kind"]) == ("town", "T0", "year")
    assert (year["coverage"], year["calls"], year["told_on"]) == ("reported", 145, date(2026, 5, 5))
    assert (year["months_reported"], year["residents"]) == (12, 30_000)
    assert (found["Ash", "2026-01"]["coverage"], found["Ash", "2026-01"]["told_on"]) == ("not yet", date(2026, 6, 29))
    assert (found["Testland", "2026"]["coverage"], found["Testland", "2026"]["told_on"]) == (
        "not yet", date(2027, 3, 31),
    )  # fmt: skip
    assert said(found, "Ash", "2025-11", "2025-12") == [("reported", 10), ("reported", 10)]


def test_a_towns_years_are_one_by_one_or_three_together(told: tuple[Counted, Telling, date]) -> None:
    found = lines(*told)
    assert said(found, "Town 1", "2022", "2023", "2024", "2025", "2023-2025") == [
        *[("by county only", None)] * 4, ("reported", 20),
    ]  # fmt: skip
    assert said(found, "Town 0", "2023", "2024", "2025", "2023-2025") == [
        *[("reported", 145)] * 3, ("by county only", None),
    ]  # fmt: skip
    assert said(found, "Town 2", "2023-2025") == [("under 5", None)]
    # Of the towns there is nothing by month.
    assert not [p for place, p in found if place.startswith("Town") and len(p) == 7]


def test_a_place_that_reported_nothing_and_one_that_nobody_covers() -> None:
    there = np.ones((3, 48), np.bool_)
    there[1, 12:24] = False
    covered = np.ones_like(there)
    covered[2] = there[2] = False
    of = counted(usual(), SIZES, counties=("Ash", "Brook", "Crag"), reported=there)
    telling, today = Telling(), date(2026, 4, 5)
    telling.on(today, of)
    found = lines(of, telling, today, covered)
    assert said(found, "Brook", "2023-05", "2023", "2024-05") == [
        ("not reported", None), ("not reported", None), ("under 5", None),
    ]  # fmt: skip
    assert said(found, "Crag", "2023-05", "2023") == [("not covered", None)] * 2
    assert said(found, "Town 2", "2023", "2023-2025") == [("not covered", None)] * 2
    state = found["Testland", "2023"]
    assert (state["coverage"], state["towns_reported"], state["calls"]) == ("partly reported", 1, 145)


def test_a_figure_that_is_never_told_says_so() -> None:
    counts = usual()
    counts[0, 0, 1] = 4
    of, telling, today = counted(counts, SIZES), Telling(), date(2026, 4, 5)
    telling.on(today, of)
    found = lines(of, telling, today)
    first = found["Testland", "2022-Q1"]
    assert (first["coverage"], first["calls"], first["told_on"]) == ("not told", None, None)
    assert said(found, "Testland", "2022-Q2") == [("reported", 40)]


def test_an_interval_holds_all_counts_that_a_told_figure_may_be(told: tuple[Counted, Telling, date]) -> None:
    year = lines(*told)["Town 0", "2025"]
    assert year["rate"] == pytest.approx(145 / 30, rel=1e-5)
    # Too few pairs of years are told to learn how much such counts wander: 5 % is assumed.
    assert year["rate_low"] == pytest.approx(float(mean_interval(143, ASSUMED).lower) / 30, rel=1e-5)
    assert year["rate_high"] == pytest.approx(float(mean_interval(147, ASSUMED).upper) / 30, rel=1e-5)


def test_rates_are_of_told_years_also_where_three_are_wanted(told: tuple[Counted, Telling, date]) -> None:
    """The state's three years are the sum of its told ones, each 2 more or less; so are those of a large town."""
    of, telling, today = told
    own = cells(of, of.by_month), cells(of, of.by_year)
    derived = told_figures(of, telling.ledger, Calendar(), today, *own, derived=True)
    three = np.datetime64("2023-01"), np.datetime64("2025-12")
    state, towns = derived.told["state", *three], derived.told["town", *three]
    assert (state.calls[0, 0], state.spread[0, 0]) == (3 * 150, 6)
    assert towns.calls[0].tolist() == [3 * 145, 20, 0]
    assert towns.spread[0].tolist() == [6, 2, 0]
    found = {
        (series.names[0], block.places.level, p.name)
        for series, block in blocks(derived, "Testland", "99", learned(derived, None))
        for p in block.periods
    }
    assert ("overdose", "town", "2023-2025") in found
    assert ("overdose", "state", "2023-2025") in found
