"""The map in words: each town's sentence, the classes, the sums; a call is never an offence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.cards.legend import compared_legend, count_legend, rate_legend
from candor.graphics.model import Town
from candor.graphics.palette import COMPARED_KEYS, RATIOS, STATE_KEYS, WIDTHS
from candor.messages import maps
from candor.messages.layers import CALLS, Layer, layer_of
from candor.profiles.profile import standard_kinds
from candor.published.model import COVERAGES, NOTES, Figure, Period, Ratio
from candor.store.model import PublicBenchmark
from candor.vocabulary.comparison import DIFFERENCES, PLACES

OFFENCES = layer_of(standard_kinds()["offences"].profile)

YEAR = Period("last-12-months", date(2025, 1, 1), date(2025, 12, 1))
LONG = Period("last-36-months", date(2023, 1, 1), date(2025, 12, 1))
MONTH = Period("2025-01", date(2025, 1, 1), date(2025, 1, 1))
VIEWS: tuple[maps.View, ...] = ("compared", "rate", "counts")


def figure(count: int | None, label: str = "", *numbers: float, **more: object) -> Figure:
    """A figure of a town that reported, with what is given; `numbers`: how many times the others' rate, low, high."""
    value, low, high = numbers or (None, None, None)
    plain = Figure("reported", count, 5000, 12, None, None, None, "", beside=Ratio(value, low, high, label))
    return replace(plain, **cast("dict[str, Any]", more))


RATED: dict[str, Any] = {"rate": 24.0, "low": 20.1, "high": 28.4}
HIGHEST = {"among": "among the tenth with the highest rates"}


@pytest.mark.parametrize(
    ("shown", "period", "said"),
    [
        (
            figure(120, "higher", 1.42, 1.13, 1.81, **RATED, **HIGHEST),
            YEAR,
            "higher than in the rest of the state, 1.42 times (1.13 to 1.81), among the tenth with the highest rates;"
            " 120 calls, 24.0 per 1,000 people and year",
        ),
        (
            figure(120, "about the same rate", 1.02, 0.93, 1.11, **RATED),
            YEAR,
            "about the same rate as in the rest of the state, 1.02 times (0.93 to 1.11); 120 calls, 24.0 per 1,000"
            " people and year",
        ),
        (
            figure(120, "cannot be told apart", 1.2, 0.9, 1.5, **RATED),
            YEAR,
            "cannot be told apart from the rate in the rest of the state, 1.20 times (0.90 to 1.50); 120 calls, 24.0"
            " per 1,000 people and year",
        ),
        (
            figure(120, "probably lower", 0.7, 0.5, 0.97, over="2023-2025", **RATED),
            YEAR,
            "over 2023 to 2025, probably lower than in the rest of the state, 0.70 times (0.50 to 0.97); 120 calls,"
            " 24.0 per 1,000 people and year",
        ),
        (
            figure(1, "cannot be told apart", note="too few to rate"),
            LONG,
            "cannot be told apart from the rate in the rest of the state; 1 call in the last 36 months, too few to"
            " rate",
        ),
        (
            figure(3, "lower", note="too few to rate"),
            YEAR,
            "fewer than the rest of the state would bring; 3 calls in the last 12 months, too few to rate",
        ),
        (
            figure(0, "probably lower", coverage="zero", note="too few to rate"),
            YEAR,
            "probably fewer than the rest of the state would bring; no calls",
        ),
        (
            figure(0, "too few to compare", coverage="zero", note="too few to rate"),
            YEAR,
            "too few to compare; no calls",
        ),
        (
            figure(90, "nothing to compare with", **RATED),
            YEAR,
            "no other town to compare with; 90 calls, 24.0 per 1,000 people and year",
        ),
        (
            figure(90, "not compared", **RATED),
            YEAR,
            "not compared: officers’ own activity is in it; 90 calls, 24.0 per 1,000 people and year",
        ),
        (figure(90, **RATED), YEAR, "not compared; 90 calls, 24.0 per 1,000 people and year"),
        (
            figure(40, "provisional", coverage="partly reported", note="partly reported", provisional=True, **RATED),
            YEAR,
            "provisional, not compared; 40 calls, 24.0 per 1,000 people and year",
        ),
        (figure(7, note="no residents", residents=0), YEAR, "7 calls, no residents"),
        (figure(7, note="residents not known", residents=None), YEAR, "7 calls, residents not known"),
        (figure(None, coverage="under 5", note="under 5"), YEAR, "under 5 calls (0 to 4)"),
        (figure(None, coverage="not yet", on=date(2026, 3, 31)), YEAR, "not yet: from 31 March 2026 on"),
        (figure(None, coverage="by county only"), YEAR, "not told for this period alone"),
        (
            figure(45, "cannot be told apart", 1.1, 0.7, 1.6, least=43, most=47, **RATED),
            YEAR,
            "cannot be told apart from the rate in the rest of the state, 1.10 times (0.70 to 1.60); about 45 (43 to"
            " 47) calls, 24.0 per 1,000 people and year",
        ),
        (figure(None, coverage="not reported"), YEAR, "not reported"),
        (figure(None, coverage="not covered"), YEAR, "not covered"),
    ],
)
def test_a_town_says_its_comparison_its_count_and_its_rate_or_why_not(shown: Figure, period: Period, said: str) -> None:
    assert maps.town_text(shown, period, "Barre city") == f"Barre city: {said}"


def test_too_few_points_to_the_longer_period() -> None:
    text = maps.town_text(
        figure(4, "too few to compare", note="too few to rate"),
        MONTH,
        "Barre",
        longer=(figure(80, rate=24.0, low=20.1, high=28.4), YEAR),
    )
    assert text == (
        "Barre: too few to compare; 4 calls in January 2025, too few to rate; over the last 12 months, 24.0 per 1,000"
        " people and year (20.1 to 28.4)"
    )


numbers = st.none() | st.floats(0.001, 400)
figures = st.builds(
    Figure,
    coverage=st.sampled_from(COVERAGES),
    count=st.none() | st.integers(0, 10**7),
    residents=st.none() | st.integers(0, 10**6),
    months_reported=st.integers(0, 36),
    rate=numbers,
    low=st.floats(0, 1),
    high=st.floats(1, 9),
    note=st.sampled_from(NOTES),
    provisional=st.booleans(),
    expected=numbers,
    smoothed=numbers,
    smoothed_low=numbers,
    smoothed_high=numbers,
    beside=st.builds(Ratio, numbers, numbers, numbers, st.sampled_from(DIFFERENCES)),
    over=st.sampled_from(["", "2023-2025"]),
    among=st.sampled_from(PLACES),
)


@given(figures, st.sampled_from([YEAR, LONG, MONTH]), st.sampled_from(VIEWS), st.sampled_from([CALLS, OFFENCES]))
def test_whatever_the_figure_the_words_are_the_layer_s(
    shown: Figure, period: Period, view: maps.View, layer: Layer
) -> None:
    said = [
        maps.town_text(shown, period, "Barre", view, layer),
        maps.coverage_cell(shown),
        maps.colour_meaning(view, layer),
        maps.map_title([period], "", "Vermont", view, layer=layer),
        maps.label_counts([shown] * 3),
        maps.smoothed_note(layer),
    ]
    other = r"\bcalls?\b" if layer == OFFENCES else r"\boffences?\b"
    for text in said:
        assert not re.search(other, text), text
        assert not re.search(r"\bcrimes?\b|\bnan\b|\bNone (?!of)|  ", text), text
    assert said[0].startswith("Barre: ")


@pytest.mark.parametrize("layer", [CALLS, OFFENCES])
def test_the_legend_counts_every_town_once_and_says_every_class(layer: Layer) -> None:
    keys = [*COMPARED_KEYS, *STATE_KEYS]
    towns = [Town(f"{i}", f"Town {i}", k, "", "higher" if i == 0 else "") for i, k in enumerate(keys)]
    legend = compared_legend(towns, layer)
    items = [*legend.classes, *legend.states]
    assert [i.key for i in items] == keys
    assert all(i.towns == 1 for i in items)
    assert len({i.label for i in items}) == len(items), "no two classes are said alike"
    assert [(v, n) for v, _, n in legend.marks] == [("higher", 1), ("lower", 0)]
    assert legend.drawing.count("<rect") == len(COMPARED_KEYS)
    assert 'role="img"' in legend.drawing and "aria-label" in legend.drawing
    other = r"\bcalls?\b" if layer == OFFENCES else r"\boffences?\b"
    assert not re.search(other, " ".join(i.label for i in items) + legend.heading + legend.note)


def test_a_class_is_said_by_what_it_says_its_limits_and_its_interval() -> None:
    keys = ("c1-1", "c1-2", "c1-3", "c1-4", "c1-5", "c2-5", "c3-2", "c3-3", "c4-1")
    narrow = "interval: its upper end is at most 1.5 times its lower end"
    assert [maps.class_label(k, RATIOS[int(k[1]) - 1], WIDTHS) for k in keys] == [
        f"Lower than the rest of the state, under 0.50 times; {narrow}",
        f"Lower than the rest of the state, 0.50 to 0.67 times; {narrow}",
        f"Lower than the rest of the state, down to 0.67 times; {narrow}",
        f"Neither higher nor lower; {narrow}",
        f"Higher than the rest of the state, up to 1.5 times; {narrow}",
        "Higher than the rest of the state, 1.5 times or more; interval: its upper end is at most 2.5 times its lower"
        " end",
        "Neither higher nor lower; interval: its upper end is at most 4.0 times its lower end",
        "Higher than the rest of the state; interval: its upper end is at most 4.0 times its lower end",
        "Any value; interval: its upper end is over 4.0 times its lower end",
    ]


def test_the_legends_of_rates_and_of_circles_say_what_is_drawn() -> None:
    towns = [Town("1", "A", "rate-1", ""), Town("2", "B", "rate-5", ""), Town("3", "C", "zero", "")]
    assert [(i.label, i.towns) for i in rate_legend(towns, (21.0, 32.0, 45.0, 58.0), CALLS).classes] == [
        ("Under 21", 1),
        ("58 and more", 1),
    ]
    assert [i.label for i in rate_legend(towns[:1], (), CALLS).states] == []
    circles = count_legend([Town(str(n), f"Town {n}", "blank", "", count=n) for n in (1600, 390, 101, 5)], CALLS)
    assert [int(n) for n in re.findall(r"Town (\d+):", circles.drawing.split("<text", 1)[1])] == [1600, 390, 101]
    assert count_legend([], CALLS).drawing == ""


def test_the_sums_say_what_the_words_say_and_that_probably_is_little() -> None:
    same = figure(90, "cannot be told apart")
    assert maps.label_counts([same, same, figure(3)]) == (
        "Beside the rest of the state, 2 of 3 towns have a rate that cannot be told apart. 1 is not compared."
    )
    labels = ("higher", "probably lower", "about the same rate", "too few to compare", "higher")
    assert maps.label_counts([*(figure(9, label) for label in labels), figure(9, "higher", **HIGHEST)]) == (
        "Beside the rest of the state, 3 of 6 towns have a higher rate, 1 about the same rate, 1 probably a lower rate"
        " and 1 too few to compare. 1 is among the tenth with the highest rates. Where no town differs, up to 6 in 100"
        " would read “probably”. Higher says nothing of the reason."
    )
    assert maps.label_counts([figure(9, "lower")]) == "Beside the rest of the state, 1 of 1 town has a lower rate."
    none = [figure(9), figure(40, "provisional")]
    assert maps.label_counts(none) == "None of 2 towns can be compared with the others."
    assert maps.label_counts([]) == ""


def test_another_place_s_figure_has_place_year_and_source() -> None:
    nation = PublicBenchmark(
        layer="offences", category="burglary", year=2015, rate=4.914, place="United States", source="A table."
    )
    assert maps.benchmark_sentence(nation, OFFENCES) == (
        "Beside it: United States, 2015, 4.9 verified offences for every 1,000 residents. Source: A table."
    )
