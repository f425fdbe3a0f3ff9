"""The map's colours can be told apart, and its classes follow from the figures alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.frontend.colour_vision import contrast, luminance

from candor.graphics import palette
from candor.messages.maps import STATE_LABELS
from candor.published.model import UNTOLD

SCHEMES = ("light", "dark")


def columns(**given: list[Any]) -> palette.Columns:
    """Columns of figures: what is not given is a town that reported and has nothing else."""
    n = len(next(iter(given.values())))
    usual: dict[str, Any] = {"coverage": "reported", "note": "", "provisional": False, "comparison": ""}
    names = ("coverage", "note", "provisional", "comparison", "rate", "smoothed", "low", "high")
    return cast("palette.Columns", {name: given.get(name, [usual.get(name)] * n) for name in names})


rates = st.lists(st.floats(0.1, 2000).map(lambda r: round(r, 1)), max_size=60)


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
    assert len(set(pairs.values())) == len({s["path"] for s in states.values()}) == len(STATE_LABELS) == len(states)
    assert set(STATE_LABELS) == set(states)
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
        keys = palette.rate_classes(columns(rate=shown), cuts)
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
        ("reported", None, "no residents", "no-residents"),
        ("reported", None, "residents not known", "no-residents"),
        ("zero", None, "", "zero"),
        ("under 5", None, "under 5", "under-5"),
        ("not yet", None, "", "not-yet"),
        ("by county only", None, "", "by-county-only"),
        ("not reported", None, "", "not-reported"),
        ("not covered", None, "", "not-covered"),
    ],
)
def test_a_town_without_a_rate_is_drawn_as_why(coverage: str, rate: float | None, note: str, key: str) -> None:
    assert palette.rate_classes(columns(coverage=[coverage], rate=[rate], note=[note]), ()) == [key]


@pytest.mark.parametrize(
    ("coverage", "note", "provisional", "label", "smoothed", "key"),
    [
        ("reported", "", False, "about the same rate", 1.0, "c1-4"),
        ("reported", "", False, "higher", 2.4, "c1-7"),
        ("reported", "", False, "cannot be told apart", 2.4, "c1-4"),
        ("zero", "too few to rate", False, "lower", 0.4, "c1-1"),
        ("zero", "too few to rate", False, "cannot be told apart", 0.4, "c1-4"),
        ("reported", "too few to rate", False, "probably lower", 0.4, "c1-1"),
        ("reported", "too few to rate", False, "cannot be told apart", 0.4, "too-few"),
        ("reported", "too few to rate", False, "too few to compare", 0.4, "too-few"),
        ("reported", "no residents", False, "", None, "no-residents"),
        ("partly reported", "partly reported", True, "provisional", None, "provisional"),
        ("reported", "", True, "provisional", 1.0, "provisional"),
        ("reported", "", False, "nothing to compare with", None, "not-compared"),
        ("reported", "", False, "not compared", 1.4, "not-compared"),
        ("reported", "", False, "", 1.4, "not-compared"),
        ("zero", "too few to rate", False, "too few to compare", None, "zero"),
        ("under 5", "under 5", True, "", None, "under-5"),
        ("not yet", "", True, "", None, "not-yet"),
        ("by county only", "", True, "", None, "by-county-only"),
        ("not reported", "", True, "", None, "not-reported"),
        ("not covered", "", False, "", None, "not-covered"),
    ],
)
def test_beside_the_state_a_town_is_its_colour_or_why_it_has_none(
    coverage: str, note: str, provisional: bool, label: str, smoothed: float | None, key: str
) -> None:
    limits = [None if smoothed is None else smoothed * f for f in (0.9, 1.1)]
    given = columns(
        coverage=[coverage],
        note=[note],
        provisional=[provisional],
        comparison=[label],
        smoothed=[smoothed],
        low=limits[:1],
        high=limits[1:],
    )
    assert palette.comparison_classes(given) == [key]


@pytest.mark.parametrize(("comparison", "key"), [("lower", "c1-1"), ("too few to compare", "zero")])
def test_no_event_is_a_finding_only_where_some_were_expected(comparison: str, key: str) -> None:
    given = columns(
        coverage=["zero"], note=["too few to rate"], comparison=[comparison], smoothed=[0.4], low=[0.36], high=[0.44]
    )
    assert palette.comparison_classes(given) == [key]


def test_under_circles_only_what_is_not_known_has_a_pattern() -> None:
    given = columns(coverage=["reported", "zero", *UNTOLD], note=["too few to rate", *[""] * 6])
    assert palette.count_classes(given) == ["blank", "zero", *(state.replace(" ", "-") for state in UNTOLD)]


def test_every_state_has_its_pattern_on_the_page() -> None:
    for key in STATE_LABELS:
        assert f'<pattern id="p-{key}"' in palette.PATTERNS
