"""The charts: what they draw is what the figures say, and their lines are the ranges that they are called."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from tests.site.tiny_release import TOWNS

from candor.cards.town import TownView, select_for_town
from candor.cards.town_cards import place_figures
from candor.graphics import charts
from candor.published.model import Figure, Period
from candor.published.release import Catalogue
from candor.statistics.negative_binomial import at_least, at_most

DIFFER = charts.Ranges(0.0025, (0.5, 1.8))


def parsed(drawn: Markup) -> ET.Element:
    text = str(drawn)
    assert "nan" not in text
    assert "inf" not in text
    return ET.fromstring(text)  # noqa: S314 - our own drawing


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter() if e.attrib.get("class") == name]


def months(*counts: int | str) -> list[tuple[Period, Figure]]:
    """Months from January 2024: a count, or the coverage of a month without one."""
    found = []
    for i, count in enumerate(counts):
        day = date(2024 + i // 12, i % 12 + 1, 1)
        coverage = count if isinstance(count, str) else "reported" if count else "zero"
        known = count if isinstance(count, int) else None
        found.append((Period(f"{day:%Y-%m}", day, day), Figure(coverage, known, 100, 1, None, None, None, "")))
    return found


@given(expected=st.floats(5, 5_000), wander=st.sampled_from([0.0, 0.0004, 0.0025, 0.02]))
def test_the_range_of_chance_is_where_a_count_that_wanders_lies_in_95_of_100_times(
    expected: float, wander: float
) -> None:
    low, high = charts.limits_at(expected, charts.Ranges(wander), towns=False)
    assert low < 1 < high
    # Half a count beyond either end, so that a limit between two counts is not held against the picture.
    inside = 1 - at_most(low * expected - 0.5, expected, wander) - at_least(high * expected + 0.5, expected, wander)
    assert 0.93 <= float(inside) <= 0.99


@given(
    expected=st.floats(1, 5_000),
    wander=st.floats(0, 0.1),
    most=st.tuples(st.floats(0, 1), st.floats(1, 9)),
)
def test_the_range_of_chance_and_of_towns_is_the_wider_one(
    expected: float, wander: float, most: tuple[float, float]
) -> None:
    ranges = charts.Ranges(wander, most)
    low, high = charts.limits_at(expected, ranges, towns=False)
    wide_low, wide_high = charts.limits_at(expected, ranges, towns=True)
    assert 0 <= wide_low <= max(low, 0.01) + 1e-9
    assert wide_high >= high - 1e-9
    assert wide_low <= max(most[0], 0.01) + 1e-9
    assert wide_high >= most[1] - 1e-9


def funnel(
    expected: list[float], ratios: list[float], town: charts.Marked, ranges: charts.Ranges = DIFFER
) -> ET.Element:
    return parsed(charts.funnel(np.array(expected), np.array(ratios), ranges, town, "f", "Title <b>", "What & why"))


def test_a_funnel_marks_and_names_its_town_and_leaves_nobody_out() -> None:
    town = charts.Marked("Elm & Oak", 40.0, 1.2, "Elm: 48 calls")
    usual = [50.0] * 60, [1.0] * 60
    root = funnel([40.0, 12.0, 8.0, 0.4, np.nan, 6.0, *usual[0]], [1.2, 0.5, 0.0, 3.0, np.nan, 9.0, *usual[1]], town)
    (here,) = of_class(root, "chart__here")
    assert here.findtext("title") == "Elm: 48 calls"
    assert [e.text for e in of_class(root, "chart__label")] == ["Elm & Oak"]
    (dots,) = of_class(root, "chart__towns")
    assert dots.attrib["d"].count("M") == 63  # what is not compared, or hardly expected, has no place on the scale
    assert len(of_class(root, "chart__town-beyond")) == 1
    assert root.findtext("title") == "Title <b>"
    assert len(of_class(root, "chart__limit")) == 2
    assert len(of_class(root, "chart__limit--sure")) == 2
    key = str(charts.funnel_key("Elm & Oak", Markup("chart__town-beyond"), DIFFER, few=True))
    assert re.findall(r"</svg>([^<]+)</li>", key) == [
        "Elm &amp; Oak", "Another town", "A town above the scale", "Range of chance, 95\N{NO-BREAK SPACE}%",
        "Range of chance and of towns: 9 of 10", "Too few expected to compare",
    ]  # fmt: skip


def test_where_towns_do_not_clearly_differ_only_chance_has_a_range() -> None:
    town = charts.Marked("Elm", 40.0, 1.2, "Elm: 48 calls")
    alike = charts.Ranges(0.0025)
    root = funnel([40.0, 12.0], [1.2, 0.5], town, alike)
    assert len(of_class(root, "chart__limit")) == 2
    assert not of_class(root, "chart__limit--sure")
    assert "of towns" not in charts.funnel_key("Elm", Markup(""), alike, few=False)


@given(
    towns=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 50)), min_size=1, max_size=60),
    ranges=st.builds(charts.Ranges, st.floats(0, 0.5), st.none() | st.tuples(st.floats(0, 1), st.floats(1, 9))),
)
def test_a_funnel_is_drawn_whatever_the_towns_are(towns: list[tuple[float, float]], ranges: charts.Ranges) -> None:
    own = max(towns)
    town = charts.Marked("Elm", max(own[0], charts.LEAST), own[1], "Elm")
    root = funnel([e for e, _ in towns], [r for _, r in towns], town, ranges)
    height = float(root.attrib["viewBox"].split()[3])
    for line in [*of_class(root, "chart__limit"), *of_class(root, "chart__limit--sure")]:
        for point in line.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= 720
            assert 0 <= y <= height


def test_months_that_are_not_as_usual_have_a_mark_of_their_own() -> None:
    series = months(10, 12, 30, 11, "not reported", 10)
    as_usual = {"usual": "as usual", "usual_counts": (3, 22)}
    more = {"usual": "more than usual", "usual_counts": (4, 24)}
    said: tuple[dict[str, Any], ...] = ({}, as_usual, more, as_usual, {}, {})
    series = [(p, replace(f, **how)) for (p, f), how in zip(series, said, strict=True)]
    root = parsed(charts.trend(series, "t", "T", "D"))
    (outside,) = of_class(root, "chart__signal")
    assert outside.findtext("title") == "March 2024: 30; more than usual"
    limits = of_class(root, "chart__limit")
    assert [len(e.attrib["points"].split()) for e in limits] == [3, 3]  # only the months that are compared
    assert len(of_class(root, "chart__line")) == 1  # the last month stands alone: no line leads over the gap
    (gap,) = of_class(root, "chart__gap")
    assert gap.findtext("title") == "May 2024: not reported"
    words = re.findall(r"</svg>([^<]+)</li>", str(charts.trend_key(series)))
    assert words == ["Usual for the month, after earlier years", "More or fewer than usual", "Not reported: not known"]
    without = months(10, 12, 30, 11)
    assert not of_class(parsed(charts.trend(without, "t", "T", "D")), "chart__limit")


def test_small_counts_are_a_dot_for_each() -> None:
    series = months(2, 0, 3, "by county only", "not reported", "not covered", 1)
    root = parsed(charts.dots(series, "d", "D", "D"))
    stacks = of_class(root, "chart__events")
    assert [e.attrib["d"].count("M") for e in stacks] == [2, 3, 1]
    assert [e.findtext("title") for e in stacks] == ["January 2024: 2", "March 2024: 3", "July 2024: 1"]
    assert len(of_class(root, "k-by-county-only")) == 1
    assert len(of_class(root, "chart__gap")) == 1
    assert len(of_class(root, "k-not-covered")) == 1
    assert charts.dots(months("not reported", "not covered"), "d", "D", "D") == ""


def test_years_have_their_intervals_and_one_in_part_is_open() -> None:
    years = [
        (Period(str(y), date(y, 1, 1), date(y, 12, 1)), Figure(coverage, count, 100, n, None, None, None, ""))
        for y, coverage, count, n in (
            (2022, "reported", 12, 12), (2023, "partly reported", 5, 8), (2024, "under 5", None, 12),
            (2025, "not reported", None, 0), (2026, "not yet", None, 2),
        )
    ]  # fmt: skip
    nothing = float("nan")
    limits = [(6.2, 21.0), (1.6, 11.7), *[(nothing, nothing)] * 3]
    root = parsed(charts.years(years, limits, "y", "Y", "Y"))
    assert len(of_class(root, "chart__whisker")) == 2
    assert len(of_class(root, "chart__bar")) == 1
    assert len(of_class(root, "chart__dot")) == 1  # the year in part
    assert len(of_class(root, "chart__under")) == 1  # under the axis
    assert len(of_class(root, "chart__gap")) == 1
    assert len(of_class(root, "k-not-yet")) == 1
    words = re.findall(r"</svg>([^<]+)</li>", str(charts.years_key(years)))
    assert words[1:] == [
        "Not every month reported", "Under 5: 0 to 4", "Not yet told", "Not reported: not known",
    ]  # fmt: skip
    assert charts.years(years[2:], limits[2:], "y", "Y", "Y") == ""  # nothing known: no scale to read from


ratios = st.none() | st.floats(0, 60)


@given(
    lines=st.lists(st.tuples(ratios, st.floats(0, 60), st.floats(0, 60)), min_size=1, max_size=12),
    scale=st.sampled_from(["rate", "ratio"]),
)
def test_rows_stay_inside_their_frame(lines: list[tuple[float | None, float, float]], scale: charts.Scale) -> None:
    rows = [
        charts.Row(f"Row {i}", "words", v, None if v is None else min(v, a), None if v is None else max(v, b))
        for i, (v, a, b) in enumerate(lines)
    ]
    root = parsed(charts.rows(rows, (1.0, "State"), scale, "r", "R", "R"))
    for mark in of_class(root, "chart__bar"):
        assert 0 <= float(mark.attrib["cx"]) <= 720
    for whisker in of_class(root, "chart__whisker"):
        assert -1 <= float(whisker.attrib["x1"]) <= float(whisker.attrib["x2"]) <= 721
    assert len(of_class(root, "chart__bar")) == sum(row.value is not None for row in rows)


@pytest.fixture(scope="module")
def tiny_held(tiny_data: Path) -> Catalogue:
    return Catalogue(tiny_data / "public")


@pytest.mark.parametrize("query", [{}, {"category": "domestic-violence"}, {"category": "noise", "period": "2024"}])
def test_each_figure_of_a_town_says_the_same_in_its_drawing_and_its_table(
    tiny_held: Catalogue, query: dict[str, str]
) -> None:
    held = tiny_held.current()
    assert held.figures is not None
    drawn = 0
    for town in TOWNS:
        place = held.figures.place(town.geoid)
        assert place is not None
        names: set[str] = set()
        for figure in place_figures(TownView(held, place, select_for_town(held, place, query))):
            assert all(len(row) == len(figure.columns) for row in figure.rows)
            assert figure.sentence.endswith(".")
            if not figure.svg:
                continue
            root, drawn = parsed(figure.svg), drawn + 1
            ids = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
            assert set(root.attrib["aria-labelledby"].split()) == set(ids)
            assert not names & set(ids)
            names |= set(ids)
            assert root.findtext("desc") == figure.sentence
            if figure.key in ("trend", "small-counts"):
                cells = {row[0]: row[1] for row in figure.rows}
                for mark in root.iter("title"):
                    when, _, count = (mark.text or "").partition(": ")
                    number = re.match(r"[\d,]+", count)
                    if when in cells and number:
                        assert cells[when] == number.group()
    assert drawn >= 5
