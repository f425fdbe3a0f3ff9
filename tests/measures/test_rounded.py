"""Figures of counts that are told rounded: whatever is said of one holds for every count that it may be."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.measures import changes as of_changes
from candor.measures.changes import Changes, changes
from candor.measures.lines import Answers, Places, coverage_of, lines, note_of
from candor.measures.periods import Period
from candor.measures.pools import Pool, Series
from candor.measures.seasons import UsualMonths
from candor.measures.standing import Standing, Under, standing
from candor.measures.wander import Learned
from candor.statistics.negative_binomial import mean_interval
from candor.statistics.rate_ratio import rate_change
from candor.vocabulary.comparison import CHANGES, DIFFERENCES
from candor.vocabulary.coverage import BY_COUNTY_ONLY, COVERAGE, NOT_YET, UNDER

YEAR = Period("2024", np.datetime64("2024-01"), np.datetime64("2024-12"))
told = st.integers(1, 60).map(lambda n: 5 * n)
C = np.full((1, 2, 1), 0.0025)
EVERY = np.ones((1, 2), np.bool_)
SMALL = Under(0, 4)
HIGH, LOW = ("higher", "probably higher"), ("lower", "probably lower")


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


def stands(towns: Pool, whole: Pool, under: Under | None = SMALL, c: np.ndarray = C) -> Standing:
    return standing(towns, whole, c, compared=EVERY, under=under)


def said(found: Standing) -> list[str]:
    return [DIFFERENCES[i] for i in of_all(found.difference.label)]


def changed(now: Pool, earlier: Pool) -> tuple[of_changes.Tested, Changes]:
    found = of_changes.test(now, earlier, C)
    return found, changes(now, earlier, found, np.full(found.p.shape, np.nan))


@given(st.lists(told, min_size=1, max_size=5), st.sampled_from([0.0, 0.0025, 0.05]))
@settings(max_examples=40)
def test_an_interval_holds_those_of_all_counts_that_a_figure_may_be(counts: list[int], c: float) -> None:
    series = Series(("category",), ("overdose",), np.zeros((1, 2, 1, 1), np.int64), np.zeros((1, 2, 1, 1), np.bool_))
    names = tuple(str(i) for i in range(len(counts)))
    shape = (1, 2, 1, len(counts))
    empty = np.full(shape, np.nan)
    answers = Answers(
        Learned(np.full((1, 2, 1), c), np.full((1, 2, 1), 9), np.ones((1, 2, 1), np.int8)),
        Changes(empty, empty, empty, np.zeros(shape, np.int8), np.zeros(shape, np.int64)),
        None,
        UsualMonths(empty, empty, np.zeros(shape, np.int8)),
    )
    made = lines(series, [YEAR], Places("town", names, names, names), pool(counts), answers)
    found = [x for x in made.to_pylist() if x["initiated_by"] == "all"]
    for line, count in zip(found, counts, strict=True):
        assert line["calls"] == count
        if count < 10:
            assert (line["rate"], line["rate_low"], line["note"]) == (None, None, "too few to rate")
            continue
        every = mean_interval(np.arange(count - 2, count + 3), c)
        assert line["rate_low"] == pytest.approx(every.lower.min(), rel=1e-5)
        assert line["rate_high"] == pytest.approx(every.upper.max(), rel=1e-5)
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


@settings(max_examples=40)
@given(st.lists(st.one_of(st.just(0), told), min_size=6, max_size=12), st.integers(0, 10**6))
def test_a_label_is_that_of_every_count_at_both_ends(counts: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    persons = rng.uniform(500, 5000, len(counts))
    towns = pool(counts, persons.tolist())
    total = 5 * round(sum(counts) / 5) or 5
    whole = pool([total], [float(persons.sum())], 2)
    found = stands(towns, whole)
    words = said(found)
    for n, count in enumerate(counts):
        if count == 0:
            assert words[n] == "", "of under 5 nothing is said"
            continue
        rate = persons[n] / (persons.sum() - persons[n])
        for own, of_state in product((-2, 2), (-2, 0, 2)):
            x = count + own
            expected = max(total - count + of_state, 0) * rate
            lower, upper = (float(v) for v in mean_interval(x))
            if words[n] in HIGH:
                assert lower > expected * (1 - 1e-9)
            if words[n] in LOW:
                assert upper < expected * (1 + 1e-9)
        if words[n] == "cannot be told apart" and count >= 10:  # under ten a label has no number
            assert of_all(found.difference.lower)[n] <= 1 <= of_all(found.difference.upper)[n]
    known = np.array(counts) > 0
    assert np.isnan(of_all(found.expected)[~known]).all()
    low, mean, high = (of_all(a) for a in (found.smoothed.lower, found.smoothed.mean, found.smoothed.upper))
    shown = np.isfinite(mean)
    assert (low[shown] <= mean[shown]).all()
    assert (mean[shown] <= high[shown]).all()


def test_the_others_are_the_state_without_the_town_and_both_may_be_two_more_or_less() -> None:
    """160 beside 2,000 of twenty times as many people: 100 expected, and up to four in twenty thousand more."""
    towns, whole = pool([160, *[100] * 20]), pool([2160], [21_000.0])
    found = stands(towns, whole)
    assert of_all(found.expected)[0] == pytest.approx(100)
    assert said(found)[0] == "higher"
    c = 0.0025
    spread = c + 1 / 2000 + c * 20 * 100**2 / 2000**2
    more = 4 / 20
    lower = float(mean_interval(158, spread).lower) / (100 + more)
    upper = float(mean_interval(162, spread).upper) / (100 - more)
    assert of_all(found.difference.lower)[0] == pytest.approx(lower)
    assert of_all(found.difference.upper)[0] == pytest.approx(upper)


@pytest.mark.parametrize(
    ("count", "word"),
    [(160, "higher"), (145, "higher"), (130, "probably higher"), (100, "cannot be told apart"), (60, "lower")],
)  # of 100 expected, 20 times as many people elsewhere
def test_a_clear_difference_is_said_and_a_small_one_is_not(count: int, word: str) -> None:
    found = stands(pool([count, *[100] * 20]), pool([count + 2000], [21_000.0]))
    assert said(found)[0] == word
    assert of_all(found.smoothed.lower)[0] <= of_all(found.smoothed.mean)[0] <= of_all(found.smoothed.upper)[0]


def test_what_may_be_a_rounding_is_not_called_a_difference() -> None:
    """Exact counts would be called probably higher; 2 less, and they would not."""
    strength = {"higher": 2, "probably higher": 1}
    weaker = 0
    for count in range(105, 160, 5):
        towns, whole = pool([count, *[100] * 20]), pool([count + 2000], [21_000.0])
        of_exact = exact(towns, np.array([count, *[100] * 20])), exact(whole, whole.calls[0, 1, 0])
        sure, found = (strength.get(said(s)[0], 0) for s in (stands(*of_exact, under=None), stands(towns, whole)))
        assert found <= sure
        weaker += found < sure
    assert weaker >= 2


def test_where_the_state_is_not_told_nobody_is_compared() -> None:
    towns, whole = pool([160, *[100] * 20]), pool([0], [21_000.0])
    found = stands(towns, whole)
    assert set(said(found)) == {""}
    assert np.isnan(of_all(found.expected)).all()
    assert np.isnan(of_all(found.smoothed.mean)).all()


def test_what_is_under_5_tells_how_towns_differ_and_has_no_figure_itself() -> None:
    """Half of the towns are under 5 where 10 are expected: to leave them out would take the rest for alike."""
    rng = np.random.default_rng(12)
    counts = np.where(rng.random(60) < 0.5, 0, 5 * np.round(rng.gamma(9, 2.5, 60) / 5)).astype(int).tolist()
    persons = [1000.0] * 60
    whole = pool([5 * round((sum(counts) + 2 * counts.count(0)) / 5)], [60_000.0])
    found = stands(pool(counts, persons), whole)
    small = np.array(counts) == 0
    assert np.isnan(of_all(found.smoothed.mean)[small]).all()
    low, high = (float(end[0, 1, 0, 0]) for end in found.most)
    assert low < 0.6
    assert high > 1.4
    known = pool([n for n in counts if n], [1000.0] * int((~small).sum()))
    alone = stands(known, pool([5 * round(sum(counts) / 5)], [float(1000 * (~small).sum())]))
    assert not float(alone.most[1][0, 1, 0, 0]) - float(alone.most[0][0, 1, 0, 0]) >= high - low


@given(told, told, st.floats(0.2, 5))
@settings(max_examples=60)
def test_the_p_of_a_change_is_the_largest_of_all_counts_that_two_figures_may_be(
    before: int, after: int, persons: float
) -> None:
    now, earlier = pool([after], 1000 * persons), pool([before], 1000.0)
    found = float(of_all(of_changes.test(now, earlier, C).p)[0])
    pairs = np.array(list(product(range(before - 2, before + 3), range(after - 2, after + 3))))
    every = rate_change(pairs[:, 0], 1000, pairs[:, 1], 1000 * persons, 0.0025).p
    assert found >= every.max() - 1e-9
    if found < 1:
        assert found == pytest.approx(every.max(), rel=1e-6)


@given(told.filter(lambda n: n >= 10), told)
@settings(max_examples=60)
def test_the_interval_of_a_change_holds_those_of_all_counts(before: int, after: int) -> None:
    now, earlier = pool([after]), pool([before])
    found, change = changed(now, earlier)
    low, high = float(of_all(change.lower)[0]), float(of_all(change.upper)[0])
    pairs = np.array(list(product((before - 2, before, before + 2), (after - 2, after, after + 2))))
    every = rate_change(pairs[:, 0], 1000, pairs[:, 1], 1000, 0.0025)
    assert low == pytest.approx(every.lower.min())
    assert high == pytest.approx(every.upper.max())
    word = CHANGES[of_all(change.verdict)[0]]
    assert word in ("perhaps up", "perhaps down", "no change can be told")
    assert (word == "no change can be told") == (low <= 1 <= high)
    if of_all(found.p)[0] < 0.05:
        assert not low <= 1 <= high


def test_no_change_is_told_of_a_figure_under_5_or_not_yet_told() -> None:
    _, found = changed(pool([0, 20, 0]), pool([20, 0, 0]))
    assert [CHANGES[v] for v in of_all(found.verdict)] == ["", "", ""]
    assert np.isnan(of_all(found.ratio)).all()
    assert not of_all(found.months).any()


def test_a_series_that_is_not_compared_is_so_for_every_town() -> None:
    towns, whole = (
        exact(pool([160, *[100] * 20]), np.array([160, *[100] * 20])),
        exact(pool([2160], [21_000.0]), np.array([2160])),
    )
    off = np.array([[True, False]])
    found = standing(towns, whole, C, compared=off)
    assert set(said(found)) == {"not compared"}
    for values in (found.expected, found.difference.ratio, found.smoothed.mean, found.most[0], found.similar.ratio):
        assert np.isnan(of_all(values)).all()
    assert not of_all(found.place).any()
