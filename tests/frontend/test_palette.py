"""The map's colours can be told apart, and its classes follow from the rates alone."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.site import palette

SCHEMES = ("light", "dark")
rates = st.lists(st.floats(0.1, 2000).map(lambda r: round(r, 1)), max_size=60)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_rates_grow_in_one_direction_so_that_any_colour_vision_orders_them(scheme: str) -> None:
    steps = [luminance(c) for c in palette.PALETTE["rates"][scheme]]
    assert steps == sorted(steps, reverse=scheme == "light")
    assert len(steps) == len(palette.RATE_KEYS)
    assert all(contrast(a, b) >= 1.45 for a, b in pairwise(palette.PALETTE["rates"][scheme]))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_neighbours_are_divided_by_three_to_one(scheme: str) -> None:
    boundary = palette.PALETTE["boundary"][scheme]
    for one, other in pairwise(palette.PALETTE["rates"][scheme]):
        assert max(contrast(one, other), contrast(one, boundary), contrast(other, boundary)) >= 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_states_differ_by_colour_and_by_a_pattern_that_can_be_seen(scheme: str) -> None:
    states = palette.PALETTE["states"]
    pairs = {key: (s[scheme]["fill"], s[scheme]["mark"]) for key, s in states.items()}  # type: ignore[literal-required]
    assert len(set(pairs.values())) == len({s["path"] for s in states.values()}) == len(palette.STATE_LABELS) == 5
    assert all(contrast(fill, mark) >= 3 for fill, mark in pairs.values())


@given(rates, st.randoms())
def test_classes_follow_from_the_rates_whatever_their_order(shown: list[float], shuffle: object) -> None:
    cuts = palette.breaks(shown)
    mixed = list(shown)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert palette.breaks(mixed) == cuts
    assert list(cuts) == sorted(set(cuts))
    assert len(cuts) <= 4
    if shown:
        keys = palette.class_keys(["reported"] * len(shown), shown, [""] * len(shown), cuts)
        assert len(set(keys)) == len(cuts) + 1, "a class of the legend has no town"
        assert set(keys) <= set(palette.RATE_KEYS)
        ordered = [key for _, key in sorted(zip(shown, keys, strict=True))]
        assert ordered == sorted(ordered), "a higher rate has a higher class"


def test_breaks_are_quintiles_that_a_reader_can_remember() -> None:
    assert palette.breaks([float(r) for r in range(1, 101)]) == (21.0, 41.0, 60.0, 80.0)
    assert palette.breaks([11.63, 23.71, 38.24, 55.19, 71.02]) == (21.0, 32.0, 45.0, 58.0)
    assert palette.breaks([]) == palette.breaks([12.3]) == palette.breaks([12.3, 12.3]) == ()


@pytest.mark.parametrize(
    ("coverage", "rate", "note", "key"),
    [
        ("reported", 10.0, "", "rate-3"),
        ("partly reported", 10.0, "partly reported", "rate-3"),
        ("reported", None, "too few to rate", "too-few"),
        ("reported", None, "no residents", "too-few"),
        ("zero", None, "", "zero"),
        ("suppressed", None, "suppressed", "suppressed"),
        ("reported", None, "suppressed", "suppressed"),
        ("not reported", None, "", "not-reported"),
        ("not covered", None, "", "not-covered"),
    ],
)
def test_a_town_without_a_rate_is_drawn_as_why(coverage: str, rate: float | None, note: str, key: str) -> None:
    assert palette.class_keys([coverage], [rate], [note], ()) == [key]


def test_the_legend_says_each_class_once_with_its_towns() -> None:
    shown = [float(r) for r in range(1, 101)]
    cuts = palette.breaks(shown)
    keys = palette.class_keys(["reported"] * 100 + ["not covered"] * 3, [*shown, None, None, None], [""] * 103, cuts)
    items = palette.legend(keys, cuts)
    assert [i.label for i in items] == [
        "Under 21",
        "21 to under 41",
        "41 to under 60",
        "60 to under 80",
        "80 and more",
        "Not covered: no agency in the data",
    ]
    assert sum(i.towns for i in items) == 103
    alone = palette.legend(["rate-3", *["not-covered"] * 254], ())  # type: ignore[list-item]
    assert [(i.key, i.towns) for i in alone] == [("rate-3", 1), ("not-covered", 254)]


def test_every_state_has_its_pattern_on_the_page() -> None:
    for key in palette.STATE_LABELS:
        assert f'<pattern id="p-{key}"' in palette.PATTERNS
