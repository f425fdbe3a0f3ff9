"""Figures of counts that are told rounded: whatever is said of one holds for every count that it may be."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.measures.changes import CHANGES, change_p, changes
from candor.measures.lines import Places, coverage_of, lines, note_of
from candor.measures.periods import Period
from candor.measures.pools import Pool, Series
from candor.measures.standing import Under, standing
from candor.statistics.comparison import VERDICTS
from candor.statistics.intervals import rate_per_1000
from candor.statistics.rate_ratio import rate_ratio_p
from candor.vocabulary.coverage import BY_COUNTY_ONLY, COVERAGE, NOT_YET, UNDER

YEAR = Period("2024", np.datetime64("2024-01"), np.datetime64("2024-12"))
told = st.integers(1, 60).map(lambda n: 5 * n)


def pool(calls: list[int], persons: list[float] | float = 1000.0, spread: int | None = 2) -> Pool:
    """One series of whole years, each place with a told count; 0 is "under 5"."""
    counts = np.zeros((1, 2, 1, len(calls)), np.int64)
    counts[0, 1, 0] = calls
    people = np.broadcast_to(np.array(persons, np.float64), (1, len(calls))).copy()
    under = counts == 0
    state = np.where(under, np.int8(UNDER), np.int8(-1))
    whole = np.ones((1, len(calls)), np.bool_)
    return Pool(
        calls=counts, untold=under, covered=whole, complete=whole, months=whole * 12, towns=None, residents=people,
        person_years=people, state=state, spread=None if spread is None else np.where(under, 0, spread),
    )  # fmt: skip


def exact(like: Pool, calls: np.ndarray) -> Pool:
    """The same places with counts that are known."""
    counts = like.calls.copy()
    counts[0, 1, 0] = calls
    return replace(like, calls=counts, untold=np.zeros_like(like.untold), state=None, spread=None)


def of_all(array: np.ndarray) -> np.ndarray:
    """The values of everybody's calls, by place."""
    return np.asarray(array[0, 1, 0])


@given(st.lists(told, min_size=1, max_size=5))
def test_an_interval_holds_those_of_all_counts_that_a_figure_may_be(counts: list[int]) -> None:
    series = Series(("category",), ("overdose",), np.zeros((1, 2, 1, 1), np.int64), np.zeros((1, 2, 1, 1), np.bool_))
    names = tuple(str(i) for i in range(len(counts)))
    nothing = changes(pool(counts), pool(counts), np.full((1, 2, 1, len(counts)), np.nan), 0.0)
    made = lines(series, [YEAR], Places("town", names, names, names), pool(counts), None, (nothing, nothing))
    found = [x for x in made.to_pylist() if x["initiated_by"] == "all"]
    for line, count in zip(found, counts, strict=True):
        assert line["calls"] == count
        if count < 10:
            assert (line["rate"], line["rate_low"], line["note"]) == (None, None, "too few to rate")
            continue
        for true in range(count - 2, count + 3):
            own = rate_per_1000(true, 1000, 1)
            assert line["rate_low"] <= float(own.lower) * (1 + 1e-5)
            assert line["rate_high"] >= float(own.upper) * (1 - 1e-5)
        assert line["rate"] == pytest.approx(count, rel=1e-5)


def test_what_is_known_of_a_figure_stands_before_what_its_months_say() -> None:
    five = pool([0, 15, 15, 15])
    state = five.state.copy()  # type: ignore[union-attr]  # it has one
    state[0, 1, 0, 2:] = NOT_YET, BY_COUNTY_ONLY
    five = replace(five, state=state, untold=five.untold | (state >= 0))
    assert [COVERAGE[i] for i in of_all(coverage_of(five))] == ["under 5", "reported", "not yet", "by county only"]
    notes = of_all(note_of(coverage_of(five), five))
    assert [int(n) for n in notes[2:]] == [0, 0]
    partly = replace(five, complete=np.zeros_like(five.complete))
    assert [COVERAGE[i] for i in of_all(coverage_of(partly))][1] == "partly reported"


@settings(max_examples=60)
@given(st.lists(st.one_of(st.just(0), told), min_size=6, max_size=12), st.integers(0, 10**6))
def test_a_verdict_is_that_of_every_count_at_both_ends(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons = rng.uniform(500, 5000, len(counts)).tolist()
    towns = pool(counts, persons)
    whole = pool([5 * round(sum(counts) / 5) or 5], [float(sum(persons))], 2)
    found = standing(towns, whole, Under(0, 4))
    verdict = of_all(found.comparison)
    middle = VERDICTS.index("as expected")
    for n, count in enumerate(counts):
        if count == 0:
            assert VERDICTS[verdict[n]] == "", "of under 5 nothing is said"
            continue
        ends = []
        for own, of_state in product((-2, 2), (-2, 2)):
            one = exact(towns, np.maximum(np.array(counts) + own, 0))
            state = exact(whole, whole.calls[0, 1, 0] + of_state)
            ends.append(int(of_all(standing(one, state).comparison)[n]))
        if verdict[n] > middle:
            # Learnt from large towns alone the funnel may be wider: no end is on the other side, and the sure one is.
            assert min(ends) >= middle or VERDICTS.index("too few to compare") in ends
        if verdict[n] < middle and VERDICTS[verdict[n]] not in ("", "too few to compare", "nothing to compare with"):
            assert max(ends) <= middle


@pytest.mark.parametrize(
    ("count", "said"), [(145, "higher"), (100, "as expected"), (60, "lower")]
)  # of 100 expected, 20 times as many people elsewhere
def test_a_clear_difference_is_said_and_a_small_one_is_not(count: int, said: str) -> None:
    towns = pool([count, *[100] * 20])
    whole = pool([count + 2000], [21_000.0])
    found = standing(towns, whole, Under(0, 4))
    assert VERDICTS[of_all(found.comparison)[0]] == said
    assert of_all(found.smoothed.lower)[0] <= of_all(found.smoothed.mean)[0] <= of_all(found.smoothed.upper)[0]


def test_what_may_be_a_rounding_is_not_called_a_difference() -> None:
    """Exact counts would be called perhaps higher; 2 less, and they would not."""
    for count in range(105, 140, 5):
        towns, whole = pool([count, *[100] * 20]), pool([count + 2000], [21_000.0])
        sure = of_all(
            standing(exact(towns, np.array([count, *[100] * 20])), exact(whole, whole.calls[0, 1, 0])).comparison
        )
        found = of_all(standing(towns, whole, Under(0, 4)).comparison)
        assert abs(int(found[0]) - VERDICTS.index("as expected")) <= abs(int(sure[0]) - VERDICTS.index("as expected"))


@given(told, told, st.floats(0.2, 5))
def test_the_p_of_a_change_is_the_largest_of_all_counts_that_two_figures_may_be(
    before: int, after: int, persons: float
) -> None:
    now, earlier = pool([after], 1000 * persons), pool([before], 1000.0)
    found = float(of_all(change_p(now, earlier))[0])
    every = [
        float(rate_ratio_p(x1, 1000, x2, 1000 * persons))
        for x1, x2 in product(range(before - 2, before + 3), range(after - 2, after + 3))
    ]
    assert found >= max(every) - 1e-9 or found == 1.0
    if found < 1:
        assert found == pytest.approx(max(every), rel=1e-6)


@given(told.filter(lambda n: n >= 10), told)
def test_the_interval_of_a_change_holds_those_of_all_counts(before: int, after: int) -> None:
    now, earlier = pool([after]), pool([before])
    found = changes(now, earlier, change_p(now, earlier), 0.05)
    low, high = float(of_all(found.lower)[0]), float(of_all(found.upper)[0])
    for x1, x2 in product((before - 2, before, before + 2), (after - 2, after, after + 2)):
        own = changes(exact(now, np.array([x2])), exact(earlier, np.array([x1])), np.full((1, 2, 1, 1), np.nan), 0.0)
        if x1 >= 10:
            assert low <= float(of_all(own.lower)[0]) + 1e-9
            assert high >= float(of_all(own.upper)[0]) - 1e-9
    if CHANGES[of_all(found.verdict)[0]] in ("up", "down"):
        assert not low <= 1 <= high


def test_no_change_is_told_of_a_figure_under_5_or_not_yet_told() -> None:
    now, earlier = pool([0, 20, 0]), pool([20, 0, 0])
    found = changes(now, earlier, change_p(now, earlier), 0.05)
    assert [CHANGES[v] for v in of_all(found.verdict)] == ["", "", ""]
    assert np.isnan(of_all(found.ratio)).all()
