"""The colours of the comparison: a tree of classes that fade with doubt, and that any colour vision can tell apart."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.frontend.colour_vision import VISIONS, apart, contrast, seen

from candor.graphics import palette
from candor.graphics.palette import COMPARED_KEYS, RATIOS, WIDTHS

SCHEMES = ("light", "dark")
NEIGHBOURS = 4.0
"""CIEDE2000 between classes that touch in the tree: four times what can just be noticed."""
ENDS = 14.0
"""CIEDE2000 between certainly lower and certainly higher."""
ANY = 2.3
"""CIEDE2000 between any two classes: always more than can just be noticed."""

ratios = st.floats(0.02, 50)
numbers = st.tuples(ratios, st.floats(1, 40)).map(lambda v: (v[0], v[0] / v[1] ** 0.5, v[0] * v[1] ** 0.5))


def key(smoothed: float, low: float, high: float) -> str:
    return str(palette.compared_keys([smoothed], [low], [high])[0])


def level(name: str) -> int:
    return int(name[1])


def touching() -> list[tuple[str, str]]:
    """Classes beside each other in a level, and each class with the one that it becomes at less certainty."""
    beside = [(a, b) for a, b in pairwise(COMPARED_KEYS) if level(a) == level(b)]
    middles = [float(np.sqrt(a * b)) for a, b in pairwise((0.25, *RATIOS[0], 4.0))]
    widths = [w * 0.99 for w in WIDTHS] + [9.0]
    below = {
        (key(v, v / a**0.5, v * a**0.5), key(v, v / b**0.5, v * b**0.5)) for v in middles for a, b in pairwise(widths)
    }
    return [*beside, *sorted(below)]


def test_the_tree_has_seven_five_three_and_one_class() -> None:
    assert [sum(level(k) == n for k in COMPARED_KEYS) for n in (1, 2, 3, 4)] == [7, 5, 3, 1]
    assert all(set(coarse) <= set(fine) for fine, coarse in pairwise(RATIOS)), "a class lies within one of the next"
    assert [cuts for cuts in RATIOS if [round(1 / c, 9) for c in reversed(cuts)] != [round(c, 9) for c in cuts]] == []
    assert len(touching()) == 12 + 7 + 5 + 3


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("vision", VISIONS)
def test_classes_that_touch_and_the_two_ends_can_be_told_apart_by_everybody(scheme: str, vision: str) -> None:
    look = {k: seen(c, vision) for k, c in palette.PALETTE["compared"][scheme].items()}
    assert set(look) == set(COMPARED_KEYS)
    close = {(a, b): d for a, b in touching() if (d := apart(look[a], look[b])) < NEIGHBOURS}  # type: ignore[index]  # they are class keys
    assert close == {}
    assert apart(look["c1-1"], look["c1-7"]) >= ENDS
    assert min(apart(look[a], look[b]) for a, b in combinations(COMPARED_KEYS, 2)) >= ANY


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_class_is_divided_from_its_neighbours_by_three_to_one(scheme: str) -> None:
    """WCAG 2.2, 1.4.11: a town is told from the next by the line between them, which is 3:1 against either."""
    edge = palette.PALETTE["edge"][scheme]
    weak = {k: r for k, c in palette.PALETTE["compared"][scheme].items() if (r := contrast(c, edge)) < 3}
    assert weak == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_colour_fades_with_doubt(scheme: str) -> None:
    def chroma(name: str) -> float:
        look = seen(palette.PALETTE["compared"][scheme][name], "usual")  # type: ignore[index]
        return float(np.hypot(look[1], look[2]))

    for ends in (("c1-1", "c2-1", "c3-1", "c4-1"), ("c1-7", "c2-5", "c3-3", "c4-1")):
        assert [chroma(e) for e in ends] == sorted((chroma(e) for e in ends), reverse=True)
    assert all(chroma(grey) < 4 for grey in ("c1-4", "c2-3", "c3-2", "c4-1"))


@given(numbers)
def test_doubt_takes_colour_away_and_never_adds_or_turns_it(found: tuple[float, float, float]) -> None:
    smoothed, low, high = found
    values = [
        float(palette.colour_value([smoothed], [smoothed / w], [smoothed * w])[0]) for w in (1.01, 1.3, 1.8, 2.5, 9.0)
    ]
    strengths = [abs(v) for v in values]
    assert strengths == sorted(strengths, reverse=True)
    assert len({np.sign(v) for v in values if v}) <= 1
    assert values[-1] == 0 or not 1 / 2 < smoothed < 2, (
        "within the palette's range an interval of that width says nothing"
    )
    value = float(palette.colour_value([smoothed], [low], [high])[0])
    assert -1 <= value <= 1
    assert value >= 0 or smoothed < 1
    assert value <= 0 or smoothed > 1


@given(numbers, ratios)
def test_at_one_certainty_more_is_never_drawn_lower(found: tuple[float, float, float], more: float) -> None:
    smoothed, low, high = found
    factor = 1 + more
    first, second = palette.colour_value(
        [smoothed, smoothed * factor], [low, low * factor], [high, high * factor]
    ).tolist()
    # The width of the second may round to the other side of a level's limit; then it says nothing here.
    if level(key(smoothed, low, high)) == level(key(smoothed * factor, low * factor, high * factor)):
        assert second >= first


@given(numbers, st.sampled_from([-1, 0, 1]))
def test_a_colour_is_on_the_side_of_the_words_and_grey_where_they_take_none(
    found: tuple[float, float, float], side: int
) -> None:
    smoothed, low, high = found
    value = float(palette.colour_value([smoothed], [low], [high], [side])[0])
    assert np.sign(value) in (0, side)
    drawn = str(palette.compared_keys([smoothed], [low], [high], [side])[0])
    assert level(drawn) == level(key(smoothed, low, high)), "words change no width"
    assert value != 0 or side == 0 or level(drawn) == 4


def test_where_nothing_differs_every_town_is_certainly_like_the_state() -> None:
    """Full shrinkage: the smoothed rates are 1 and their intervals have no width."""
    ones = np.ones(255)
    assert set(palette.compared_keys(ones, ones, ones).tolist()) == {"c1-4"}
    assert not palette.colour_value(ones, ones, ones).any()


def test_how_far_beyond_the_last_class_a_town_is_takes_no_certainty_away() -> None:
    """Of a town without any call the lower end is next to nothing, and yet it is certain that it is far below half."""
    assert key(0.03, 0.0001, 0.18) == "c1-1"
    assert key(0.1, 0.005, 0.4) == "c2-1"
    assert key(0.2, 0.02, 0.7) == "c3-1"
    assert key(0.3, 0.0, 1.2) == "c4-1"
    assert key(6.0, 2.9, 12.0) == "c1-7"


def test_what_has_no_smoothed_rate_has_no_colour() -> None:
    nan = float("nan")
    assert palette.compared_keys([nan, 1.0], [nan, 1.0], [nan, 1.0]).tolist() == [None, "c1-4"]
    assert np.isnan(palette.colour_value([nan], [0.5], [1.0])).all()
    assert palette.compared_keys([], [], []).tolist() == []
    assert palette.compared_keys(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 3))).shape == (2, 3)


@pytest.mark.parametrize(
    ("smoothed", "low", "high", "expected"),
    [
        (0.49, 0.45, 0.53, "c1-1"), (0.5, 0.45, 0.55, "c1-2"), (1.0, 0.9, 1.1, "c1-4"), (1.2, 1.1, 1.3, "c1-5"),
        (2.0, 1.8, 2.2, "c1-7"), (2.0, 1.4, 2.8, "c2-5"), (2.0, 1.2, 3.4, "c3-3"), (2.0, 0.9, 4.0, "c4-1"),
        (1.3, 0.9, 1.9, "c2-4"), (1.3, 0.8, 2.1, "c3-2"), (1.0, 1.0, 1.5, "c1-4"), (1.0, 0.8, 1.21, "c2-3"),
    ],
)  # fmt: skip
def test_the_breaks_are_the_ones_that_the_legend_says(smoothed: float, low: float, high: float, expected: str) -> None:
    assert key(smoothed, low, high) == expected


def test_colours_are_as_far_apart_as_the_published_example_says() -> None:
    """Sharma, Wu and Dalal 2005, table 1: pairs 1, 7, 17, 25 and 31."""
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ]
    for one, other, published in pairs:
        assert apart(np.array(one), np.array(other)) == pytest.approx(published, abs=1e-4)
