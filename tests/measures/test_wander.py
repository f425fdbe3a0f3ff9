"""How much counts wander, learned from the pools of a cube: whole periods alone, and what stands in where little is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from tests.measures.made import cells_of, months_from

from candor.measures.call_pools import CallPools
from candor.measures.periods import Period
from candor.measures.pools import Pool, Series
from candor.measures.rates import learned_from
from candor.measures.wander import LENGTHS, MONTH, QUARTER, Learned, Wander, learn
from candor.statistics.wander import ASSUMED, Pairs, estimate
from candor.vocabulary.comparison import WANDER_FROM

YEAR = 12


def named(*names: tuple[str, str]) -> Series:
    shape = (len(names), 2, 1, 1)
    levels, words = zip(*names, strict=True)
    return Series(levels, words, np.zeros(shape, np.int64), np.zeros(shape, np.bool_))


SERIES = named(("all", "all"), ("group", "peace"), ("group", "harm"), ("category", "noise"), ("category", "theft"))
GROUPS = {"noise": "peace", "theft": "harm"}


def pool(calls: Sequence[np.ndarray], complete: np.ndarray | None = None, spread: int = 0) -> Pool:
    """A year of towns, of several series; both initiators the same."""
    counts = np.stack([np.stack([c, c])[:, None, :] for c in calls]).astype(np.int64)
    towns = counts.shape[-1]
    whole = np.ones((1, towns), np.bool_)
    people = np.full((1, towns), 1000.0)
    return Pool(
        calls=counts, untold=np.zeros(counts.shape, np.bool_), covered=whole,
        complete=whole if complete is None else complete[None], months=whole * 12, towns=None, residents=people,
        person_years=people, spread=np.full(counts.shape, spread) if spread else None,
    )  # fmt: skip


def years(c: float, seed: int = 1, towns: int = 30) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    own = rng.uniform(100, 2000, towns)
    return tuple(rng.poisson(own * rng.gamma(1 / c, c, towns)) for _ in range(2))  # type: ignore[return-value]


NOTHING = (np.zeros(30, np.int64), np.zeros(30, np.int64))


def learned_of(of: Sequence[tuple[np.ndarray, np.ndarray]], beside: Wander | None = None, word: str = "all") -> Learned:
    pairs: Mapping[int, tuple[Pool, Pool]] = {YEAR: (pool([b for _, b in of]), pool([a for a, _ in of]))}
    return learn(SERIES, pairs, GROUPS, beside, word).by_length[YEAR]


def sources(found: Learned) -> list[str]:
    return [WANDER_FROM[i] for i in found.source[:, 0]]


def test_each_kind_has_its_own_else_its_groups_else_that_of_all() -> None:
    every, peace = years(0.003, 1), years(0.02, 2)
    found = learned_of([every, peace, NOTHING, NOTHING, years(0.1, 3)])
    assert sources(found) == ["own", "own", "all", "group", "own"]
    own = [estimate(Pairs(b.astype(float), a.astype(float), np.zeros(30, np.int64))) for a, b in (every, peace)]
    assert own[0] is not None
    assert own[1] is not None
    assert found.c[:, 0].tolist()[:4] == [own[0].c, own[1].c, own[0].c, own[1].c]
    assert found.pairs[:, 0].tolist() == [30] * 5
    assert found.c[0, 0] < found.c[1, 0] < found.c[4, 0]
    # Without its group, a kind has that of all; and where there is nothing at all it is assumed.
    assert sources(learned_of([every, NOTHING, NOTHING, NOTHING, NOTHING])) == ["own", *["all"] * 4]
    nothing = learned_of([NOTHING] * 5)
    assert sources(nothing) == ["assumed"] * 5
    assert (nothing.c == ASSUMED).all()
    assert ASSUMED == 0.0025
    assert not nothing.pairs.any()


def test_a_layer_that_is_too_small_has_it_from_the_layer_beside() -> None:
    beside = Wander(dict.fromkeys(LENGTHS, learned_of([years(0.05, 4), *[NOTHING] * 4])))
    found = learned_of([NOTHING] * 5, beside)
    assert sources(found) == ["all"] * 5
    assert (found.c == beside.by_length[YEAR].c[0, 0]).all()
    assert sources(learned_of([NOTHING] * 5, beside, "group")) == ["group"] * 5
    # What the layer beside has not learned itself is not its own to lend under its name.
    lent = Wander(dict.fromkeys(LENGTHS, found))
    assert sources(learned_of([NOTHING] * 5, lent, "group")) == ["all"] * 5
    assumed = Wander(dict.fromkeys(LENGTHS, learned_of([NOTHING] * 5)))
    assert sources(learned_of([NOTHING] * 5, assumed)) == ["assumed"] * 5


def test_only_periods_that_a_town_reported_whole_are_pairs() -> None:
    before, now = years(0.01, 5, towns=12)
    some = np.arange(12) < 7
    series = named(("all", "all"))
    full = learn(series, {YEAR: (pool([now]), pool([before]))}, {}).by_length[YEAR]
    part = learn(series, {YEAR: (pool([now], complete=some), pool([before]))}, {}).by_length[YEAR]
    also = learn(series, {YEAR: (pool([now]), pool([before], complete=some))}, {}).by_length[YEAR]
    assert (full.pairs[0, 0], WANDER_FROM[full.source[0, 0]]) == (12, "own")
    for found in (part, also):  # 7 pairs are not 8
        assert (found.pairs[0, 0], found.c[0, 0], WANDER_FROM[found.source[0, 0]]) == (0, ASSUMED, "assumed")


def test_of_rounded_counts_what_rounding_adds_is_taken_out() -> None:
    rng = np.random.default_rng(6)
    own = rng.uniform(25, 60, 400)
    x = [5 * np.round(rng.poisson(own * rng.gamma(100, 0.01, 400)) / 5) for _ in range(2)]
    series = named(("all", "all"))
    told = learn(series, {YEAR: (pool([x[1]], spread=2), pool([x[0]], spread=2))}, {}).by_length[YEAR].c[0, 0]
    as_exact = learn(series, {YEAR: (pool([x[1]]), pool([x[0]]))}, {}).by_length[YEAR].c[0, 0]
    expected = estimate(Pairs(x[1], x[0], np.zeros(400, np.int64), 2.0))
    assert expected is not None
    assert told == expected.c < as_exact


def test_each_length_of_period_has_its_own_and_years_together_wander_less() -> None:
    by_length = {
        n: Learned(np.full((1, 2), c), np.full((1, 2), n), np.ones((1, 2), np.int8))
        for n, c in ((12, 0.03), (3, 0.05), (1, 0.09))
    }
    wander = Wander(by_length)
    first = np.datetime64("2020-01")
    periods = [Period(str(n), first, first + n - 1) for n in (12, 3, 1, 36, 60, 18)]
    found = wander.over(periods)
    assert found.c[0, 0] == pytest.approx([0.03, 0.05, 0.09, 0.01, 0.006, 0.02])
    assert found.pairs[0, 0].tolist() == [12, 3, 1, 12, 12, 12]
    assert wander.over([]).c.shape == (1, 2, 0)


def test_a_cube_of_three_years_teaches_years_quarters_and_months() -> None:
    rng = np.random.default_rng(7)
    months = 36
    own = rng.uniform(60, 300, 25)[:, None]
    season = 1 + 0.5 * np.sin(np.arange(months) * 2 * np.pi / 12)  # the same every year: no wander
    calls = rng.poisson(own * season * rng.gamma(1 / 0.02, 0.02, (25, months)))
    pools = CallPools(cells_of(calls, months_from("2022-01", months)), None, ())
    wander = learned_from(pools)
    at = pools.series.levels.index("category")
    for length in LENGTHS:
        assert WANDER_FROM[wander.by_length[length].source[at, 0]] == "own"
    # Months wander each for itself, so a quarter wanders a third as much and a year a twelfth.
    assert wander.by_length[MONTH].c[at, 0] == pytest.approx(0.02, rel=0.15)
    assert wander.by_length[QUARTER].c[at, 0] == pytest.approx(0.02 / 3, rel=0.3)
    assert wander.by_length[YEAR].c[at, 0] == pytest.approx(0.02 / 12, rel=0.6)
    assert wander.by_length[YEAR].pairs[at, 0] == 50
    assert wander.by_length[MONTH].pairs[at, 0] == 25 * 24


def test_a_cube_that_begins_in_july_has_its_years_from_there() -> None:
    """30 months hold one calendar year: the last twelve months and the twelve before are the pair."""
    rng = np.random.default_rng(8)
    calls = rng.poisson(np.full((20, 30), 50.0))
    pools = CallPools(cells_of(calls, months_from("2022-07", 30)), None, ())
    now, before = pools.pairs(pools.span)[YEAR]
    assert now.calls[0, 0, 0].tolist() == calls[:, 18:].sum(axis=1).tolist()
    assert before.calls[0, 0, 0].tolist() == calls[:, 6:18].sum(axis=1).tolist()
    assert learned_from(pools).by_length[YEAR].pairs[0, 0] == 20


def test_a_cube_of_under_two_years_has_no_pair_of_years_and_some_of_months() -> None:
    calls = np.random.default_rng(9).poisson(np.full((20, 15), 50.0))
    wander = learned_from(CallPools(cells_of(calls, months_from("2022-01", 15)), None, ()))
    assert {WANDER_FROM[i] for i in wander.by_length[YEAR].source[:, 0]} == {"assumed"}
    assert wander.by_length[MONTH].pairs[0, 0] == 60
    assert wander.by_length[QUARTER].pairs[0, 0] == 20


def test_pairs_are_of_five_years_at_most() -> None:
    calls = np.full((3, 96), 50)
    pools = CallPools(cells_of(calls, months_from("2015-01", 96)), None, ())
    found = {length: now.calls.shape[2] for length, (now, _) in pools.pairs(pools.span).items()}
    assert found == {12: 5, 3: 20, 1: 60}
