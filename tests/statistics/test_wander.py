from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from candor.statistics.wander import LEAST, Pairs, estimate, kept

YEARS = 6


def counts(
    rng: np.random.Generator, c: float, towns: int = 200, years: int = YEARS, mean: tuple[float, float] = (30, 3000)
) -> np.ndarray:
    """Years of counts of towns, (years, towns): each year wanders about the town's own mean on its own."""
    own = np.exp(rng.uniform(np.log(mean[0]), np.log(mean[1]), towns)) * np.ones((years, 1))
    return np.asarray(rng.poisson(own * (rng.gamma(1 / c, c, own.shape) if c else 1.0)), dtype=np.float64)


def pairs(x: np.ndarray, rounding: float = 0.0) -> Pairs:
    of = np.broadcast_to(np.arange(len(x) - 1)[:, None], x[1:].shape)
    return Pairs(x[1:].ravel(), x[:-1].ravel(), of.ravel().astype(np.int64), rounding)


def learned(found: list[Pairs]) -> float:
    """The mean of what is learned in several worlds."""
    every = [estimate(one) for one in found]
    return float(np.mean([one.c for one in every if one is not None]))


def by_the_book(later: np.ndarray, earlier: np.ndarray, of: np.ndarray) -> float:
    """METHODS, Rates, written out slowly: a loop over pairs, a root finder, and no end until nothing moves."""
    towns = {g: int(((later + earlier >= 40) & (of == g)).sum()) for g in np.unique(of).tolist()}
    used = [i for i in range(len(of)) if later[i] + earlier[i] >= 40 and towns[int(of[i])] > 1]
    groups = {g: [i for i in used if of[i] == g] for g in towns if towns[g] > 1}
    ratio = {g: float(np.median([max(later[i], 0.5) / max(earlier[i], 0.5) for i in own])) for g, own in groups.items()}
    number = int(np.ceil(0.95 * len(used)))
    z = 1.959964
    aim = 1 - 2 * z * float(stats.norm.pdf(z)) / 0.95  # the mean of the square of a normal variable that is within z
    c = 0.0
    for _ in range(40):
        c = _solved(later, earlier, of, used, towns, ratio, number, aim)
        found = {i: _score(c, later[i], earlier[i], ratio[int(of[i])], towns[int(of[i])]) for i in used}
        limit = sorted(found.values())[number - 1]
        for g, own in groups.items():
            inside = [i for i in own if found[i] <= limit]
            m = {i: (later[i] + earlier[i]) / (1 + ratio[g]) for i in inside}
            w = {i: m[i] / (m[i] + m[i] / ratio[g] + 2 * c * m[i] ** 2) for i in inside}
            ratio[g] = float(sum(w[i] * later[i] for i in inside) / sum(w[i] * earlier[i] for i in inside))
    return max(c, 0.0004)


def _score(c: float, later: float, earlier: float, ratio: float, towns: int) -> float:
    m = (later + earlier) / (1 + ratio)
    return float((later / ratio - earlier) ** 2 / (m + m / ratio + 2 * c * m**2) * towns / (towns - 1))


def _solved(
    later: np.ndarray, earlier: np.ndarray, of: np.ndarray, used: list[int], towns: dict[int, int],
    ratio: dict[int, float], number: int, aim: float,
) -> float:  # fmt: skip
    def excess(c: float) -> float:
        scores = sorted(_score(c, later[i], earlier[i], ratio[int(of[i])], towns[int(of[i])]) for i in used)
        return float(np.mean(scores[:number])) - aim

    return 0.0 if excess(0.0) <= 0 else float(optimize.brentq(excess, 0, 25, xtol=1e-9))


@pytest.mark.parametrize(("seed", "c"), [(1, 0.0), (2, 0.0025), (3, 0.02), (4, 0.1)])
def test_what_is_learned_is_the_methods_formula(seed: int, c: float) -> None:
    x = counts(np.random.default_rng(seed), c, towns=40, years=4)
    x[2] = np.round(x[2] * 1.3)  # what all towns share
    made = pairs(x)
    found = estimate(made)
    assert found is not None
    assert found.c == pytest.approx(by_the_book(made.later, made.earlier, made.of), rel=0.02, abs=2e-5)
    assert found.pairs == np.count_nonzero(made.later + made.earlier >= 40)


@pytest.mark.parametrize(("c", "within"), [(0.0, 0.0005), (0.0025, 0.0005), (0.02, 0.002), (0.1, 0.01)])
def test_the_true_wander_is_found(c: float, within: float) -> None:
    rng = np.random.default_rng(5)
    assert abs(learned([pairs(counts(rng, c)) for _ in range(8)]) - c) < within


@pytest.mark.parametrize(("c", "within"), [(0.0, 0.001), (0.0025, 0.001), (0.02, 0.003), (0.1, 0.02)])
def test_towns_that_truly_changed_are_left_out(c: float, within: float) -> None:
    """One in twenty doubles or halves for good; without trimming they would be most of what is learned."""
    rng = np.random.default_rng(6)
    worlds = []
    for _ in range(8):
        x = counts(rng, c)
        changed = rng.random(x.shape[1]) < 0.05
        x[3:, changed] = np.round(x[3:, changed] * rng.choice([0.5, 2.0], np.count_nonzero(changed)))
        worlds.append(pairs(x))
    assert abs(learned(worlds) - c) < within
    plain = [np.mean((p.later / np.maximum(p.earlier, 1) - 1) ** 2) / 2 for p in worlds]
    assert np.mean(plain) > 0.005 + c


@pytest.mark.parametrize("c", [0.0025, 0.02, 0.1])
def test_rounding_to_the_nearest_5_is_taken_out(c: float) -> None:
    rng = np.random.default_rng(7)
    worlds = [counts(rng, c, mean=(25, 200)) for _ in range(12)]
    rounded = [5 * np.round(x / 5) for x in worlds]
    exact = learned([pairs(x) for x in worlds])
    with_it = learned([pairs(x, rounding=2.0) for x in rounded])
    without = learned([pairs(x) for x in rounded])
    assert with_it == pytest.approx(exact, rel=0.15, abs=0.0006)
    assert without > with_it


def test_what_all_towns_share_is_no_wander() -> None:
    """The state grows by half in a year and halves in another: R takes it out, whatever its scale."""
    rng = np.random.default_rng(8)
    own = np.exp(rng.uniform(4, 8, 150))
    level = np.array([1, 1.5, 0.75, 0.75, 2.0])[:, None]
    x = rng.poisson(own * level * rng.gamma(1 / 0.01, 0.01, (5, 150))).astype(float)
    found = estimate(pairs(x))
    assert found is not None
    assert found.c == pytest.approx(0.01, rel=0.2)
    made = pairs(x)
    back = estimate(Pairs(made.earlier, made.later, made.of))  # time turned round
    assert back is not None
    assert back.c == pytest.approx(found.c, rel=0.1)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02]), st.integers(8, 40))
@settings(max_examples=40)
def test_the_order_of_towns_and_the_names_of_periods_do_not_matter(seed: int, c: float, towns: int) -> None:
    rng = np.random.default_rng(seed)
    made = pairs(counts(rng, c, towns=towns, years=3))
    order = rng.permutation(len(made.later))
    other = Pairs(made.later[order], made.earlier[order], 7 - 3 * made.of[order])
    one, same = estimate(made), estimate(other)
    assert (one is None) == (same is None)
    if one is not None and same is not None:
        assert one.pairs == same.pairs
        assert one.c == pytest.approx(same.c, rel=1e-6)
        assert one.c >= LEAST


def test_counts_that_are_the_same_every_year_wander_by_no_less_than_2_in_100() -> None:
    x = np.full((4, 20), 500.0)
    found = estimate(pairs(x))
    assert found is not None
    assert found.c == LEAST == 0.0004


@pytest.mark.parametrize(("towns", "some"), [(7, False), (8, True)])
def test_from_eight_pairs_on(towns: int, some: bool) -> None:
    found = estimate(pairs(np.array([[100.0] * towns, [120.0] * towns])))
    assert (found is not None) == some


def test_only_pairs_of_forty_events_and_periods_of_two_towns_say_something() -> None:
    later = np.array([20.0, 19, 500, np.nan, 30, 400])
    earlier = np.array([20.0, 20, 500, 100, 30, 400])
    found = kept(Pairs(later, earlier, np.array([0, 0, 1, 0, 0, 3])))
    assert found.later.tolist() == [20, 30]
    assert found.of.tolist() == [0, 0]
    one_town = Pairs(np.arange(50.0, 70), np.arange(50.0, 70), np.arange(20))
    assert estimate(one_town) is None
    assert estimate(Pairs(np.zeros(0), np.zeros(0), np.zeros(0, np.int64))) is None


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_any_pairs_give_a_number(seed: int) -> None:
    """Zeros beside thousands, nothing at all, towns that vanish: c is at least its least, and never infinite."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(0, 60))
    later, earlier = rng.choice([0.0, 0.0, 1, 39, 40, 1e6, np.nan], (2, size)) + rng.poisson(3, (2, size))
    made = Pairs(later, earlier, rng.integers(0, 3, size).astype(np.int64))
    found = estimate(made)
    assert (found is not None) == (len(kept(made).later) >= 8)
    if found is not None:
        assert LEAST <= found.c <= 100
