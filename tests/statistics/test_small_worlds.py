"""The rules together in small worlds: what is learned, compared and called where the truth is known (METHODS, worlds).

`worlds` goes through whole releases; here a failure says which rule it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from candor.statistics.comparison import Difference, difference, others
from candor.statistics.rate_ratio import false_discovery, rate_change
from candor.statistics.wander import ASSUMED, Pairs, estimate
from candor.vocabulary.comparison import DIFFERENCES

TOWNS, YEARS = 120, 4
HIGH, LOW = (
    tuple(DIFFERENCES.index(w) for w in words) for words in (("higher", "probably higher"), ("lower", "probably lower"))
)


@dataclass(frozen=True)
class World:
    """Counts (years, towns), persons and the true rates per person; the wander that is learned from them."""

    counts: np.ndarray
    persons: np.ndarray
    rate: np.ndarray
    c: float

    @property
    def last(self) -> Difference:
        """The last year's towns beside the others."""
        x = self.counts[-1]
        beside = others(x, self.persons, np.array([self.c]))
        return difference(x, beside.events / beside.persons * self.persons, self.c + beside.variance, own=self.c)

    @property
    def truth(self) -> np.ndarray:
        """Each town's true rate over that of the others."""
        mean = self.rate * self.persons
        rest = (mean.sum() - mean) / (self.persons.sum() - self.persons)
        return np.asarray(self.rate / rest)

    @property
    def expected(self) -> np.ndarray:
        return np.asarray(self.rate * self.persons / self.truth)


def made(seed: int, c: float, spread: float, base: float = 0.05) -> World:
    rng = np.random.default_rng(seed)
    persons = np.round(rng.lognormal(7.3, 0.95, TOWNS))
    rate = base * np.exp(spread * rng.standard_normal(TOWNS))
    mean = rate * persons * (1 + 0.05 * rng.standard_normal((YEARS, 1)))  # a year that all share
    x = rng.poisson(mean * (rng.gamma(1 / c, c, mean.shape) if c else 1.0)).astype(float)
    of = np.broadcast_to(np.arange(YEARS - 1)[:, None], x[1:].shape).ravel().astype(np.int64)
    learned = estimate(Pairs(x[1:].ravel(), x[:-1].ravel(), of))
    return World(x, persons, rate, ASSUMED if learned is None else learned.c)


def pooled(c: float, spread: float, worlds: int = 80) -> list[World]:
    return [made(1000 + i, c, spread) for i in range(worlds)]


@pytest.mark.parametrize("c", [0.0, 0.0025, 0.01])
def test_where_no_town_differs_hardly_any_is_said_to(c: float) -> None:
    worlds = pooled(c, 0.0)
    labels = np.concatenate([w.last.label for w in worlds])
    compared = labels > DIFFERENCES.index("too few to compare")
    sure = np.isin(labels, [DIFFERENCES.index("higher"), DIFFERENCES.index("lower")])
    assert compared.sum() > 5000
    assert sure[compared].mean() <= 0.005
    assert np.isin(labels, HIGH + LOW)[compared].mean() <= 0.06


@pytest.mark.parametrize("spread", [0.0, 0.3, 0.55])
@pytest.mark.parametrize("c", [0.0, 0.0025, 0.04])
def test_intervals_hold_the_truth(spread: float, c: float) -> None:
    inside, large = [], []
    for world in pooled(c, spread, 60):
        found, truth = world.last, world.truth
        some = world.expected >= 20
        holds = (found.lower <= truth) & (truth <= found.upper)
        inside.append(holds[some & np.isfinite(found.lower)])
        large.append(holds[(world.expected >= 500) & np.isfinite(found.lower)])
    assert 0.935 <= np.concatenate(inside).mean() <= 0.985
    assert 0.92 <= np.concatenate(large).mean() <= 0.99


@pytest.mark.parametrize(("spread", "c"), [(0.3, 0.0025), (0.55, 0.0025), (0.3, 0.01)])
def test_where_towns_differ_the_side_is_right_and_clear_differences_are_said(spread: float, c: float) -> None:
    wrong = surely_wrong = compared = 0
    found_high, found_low = [], []
    for world in pooled(c, spread, 60):
        label, truth = world.last.label, world.truth
        up, down = np.isin(label, HIGH), np.isin(label, LOW)
        wrong += int((up & (truth < 1)).sum() + (down & (truth > 1)).sum())
        surely_wrong += int(((label == HIGH[0]) & (truth < 1)).sum() + ((label == LOW[0]) & (truth > 1)).sum())
        compared += int((label > DIFFERENCES.index("too few to compare")).sum())
        found_high.append(up[(truth >= 1.5) & (world.expected >= 150)])
        found_low.append(down[(truth <= 0.67) & (world.expected >= 300)])
    assert surely_wrong <= 0.003 * compared
    assert wrong <= 0.03 * compared
    if c <= 0.0025:
        assert np.concatenate(found_high).mean() >= 0.9
        assert np.concatenate(found_low).mean() >= 0.9


@pytest.mark.parametrize("c", [0.0, 0.0025, 0.01])
def test_in_worlds_without_a_change_a_family_seldom_has_one(c: float) -> None:
    """METHODS: at most 12 of 100 worlds. Eight kinds of all towns are a family, each with the wander it learned."""
    false = 0
    for seed in range(60):
        kinds = [made(5000 + 10 * seed + kind, c, 0.3, base) for kind, base in enumerate(np.geomspace(0.002, 0.1, 8))]
        # The year that all towns share is a change of the state, and not of a town.
        level = [k.counts[-1].sum() / k.counts[-2].sum() for k in kinds]
        p = [
            rate_change(k.counts[-2], k.persons / v, k.counts[-1], k.persons, k.c).p
            for k, v in zip(kinds, level, strict=True)
        ]
        false += bool((false_discovery(np.stack(p)) < 0.05).any())
    assert false <= 0.12 * 60


def test_a_true_change_of_half_is_found_as_often_as_with_the_true_wander() -> None:
    """Ten of 120 towns with 100 calls and more go up by half: within 10 points of the rule that knows c."""
    learned: list[float] = []
    known: list[float] = []
    for seed in range(60):
        world = made(9000 + seed, 0.0025, 0.0)
        rng = np.random.default_rng(seed)
        large = np.flatnonzero(world.rate * world.persons >= 100)[:10]
        mean = world.rate * world.persons * rng.gamma(400, 1 / 400, TOWNS)
        mean[large] *= 1.5
        later = rng.poisson(mean).astype(float)
        for c, found in ((world.c, learned), (0.0025, known)):
            q = false_discovery(rate_change(world.counts[-2], 1, later, 1, c).p)
            found.append(float((q < 0.05)[large].mean()))
    assert len(learned) == 60
    assert np.mean(known) > 0.5
    assert abs(np.mean(learned) - np.mean(known)) <= 0.1
