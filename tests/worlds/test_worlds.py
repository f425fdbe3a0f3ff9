"""What is true in a world is what it was made of."""

from __future__ import annotations

import numpy as np
import pytest
from worlds.draw import BASE, MONTHS, World
from worlds.fast import Figures, cells_of
from worlds.kinds import KINDS, PLANTED_RATE, PLANTED_TOWNS
from worlds.states import LAWS, lognormal, ranked, vermont

from candor.measures.periods import YEAR, year_shares


def drawn(kind: str, seed: int = 1) -> World:
    return KINDS[kind].draw(vermont(), seed)


def test_a_year_brings_each_town_its_persons_times_the_rates() -> None:
    world = drawn("null")
    year = world.mean[..., :YEAR].sum(axis=-1)
    assert year == pytest.approx(np.outer(np.array(BASE) / 1000, vermont().residents))
    assert world.mean[0, 0, 1] / world.mean[0, 0, 0] == pytest.approx(28 / 31)


def test_three_laws_of_population() -> None:
    sizes = [law().residents for law in LAWS]
    assert [len(residents) for residents in sizes] == [255, 120, 90]
    shares = [residents.max() / residents.sum() for residents in sizes]
    assert shares[0] < 0.1
    assert shares[1] < 0.2
    assert shares[2] == pytest.approx(0.2, abs=0.02)
    assert (lognormal().residents > 0).all()
    assert (ranked().residents > 0).all()


@pytest.mark.parametrize("kind", ["null", "season"])
def test_counts_are_poisson_and_the_same_whenever_they_are_drawn(kind: str) -> None:
    world = drawn(kind)
    assert (world.calls == drawn(kind).calls).all()
    assert (world.calls != drawn(kind, 2).calls).any()
    some = world.mean > 2
    squares = ((world.calls - world.mean)[some] ** 2 / world.mean[some]).mean()
    assert squares == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("kind", "year", "month"), [("wander", 0.05, 0.05), ("noise", 0.15 / 12**0.5, 0.15)])
def test_a_town_wanders_as_it_is_said_to(kind: str, year: float, month: float) -> None:
    world = drawn(kind)
    assert world.true_wander(12) == pytest.approx(year**2)
    assert world.true_wander(1) == pytest.approx(month**2)
    by_year = world.mean.reshape(*world.mean.shape[:2], -1, YEAR).sum(axis=-1)
    counts = world.calls.reshape((*by_year.shape, YEAR)).sum(axis=-1)
    some = by_year > 500
    beyond = (((counts - by_year) ** 2 - by_year)[some] / by_year[some] ** 2).mean()
    assert beyond == pytest.approx(year**2, rel=0.3)


def test_a_season_is_in_no_year_and_in_every_month() -> None:
    world = drawn("season")
    mean = world.mean[2, vermont().residents.argmax()]
    assert mean[:YEAR].sum() == pytest.approx(mean[YEAR : 2 * YEAR].sum(), rel=0.001)
    a_day = mean[:YEAR] / year_shares(world.months)[:YEAR]
    assert a_day.max() / a_day.min() == pytest.approx(1.15 / 0.85, rel=0.03)


def test_ten_towns_where_somebody_lives_are_planted() -> None:
    chosen = set()
    for seed in range(20):
        relative = drawn("planted", seed).relative[0]
        assert sorted(set(relative)) == [1, PLANTED_RATE]
        assert (relative > 1).sum() == PLANTED_TOWNS
        assert (vermont().residents[relative > 1] > 0).all()
        chosen.add(tuple(np.flatnonzero(relative > 1)))
    assert len(chosen) == 20


def test_ten_towns_with_a_hundred_calls_have_half_as_many_more_in_the_last_year() -> None:
    world = drawn("growth")
    for c in range(len(BASE)):
        grown = world.changed[c] > 1
        assert grown.sum() == PLANTED_TOWNS
        before, after = (world.mean[c, grown, i : i + YEAR].sum(axis=-1) for i in (MONTHS - 2 * YEAR, MONTHS - YEAR))
        assert before == pytest.approx(np.full(PLANTED_TOWNS, 100.0))
        assert after == pytest.approx(np.full(PLANTED_TOWNS, 150.0))


def test_the_truth_of_a_town_is_its_rate_over_that_of_the_others() -> None:
    world = KINDS["city"].draw(ranked(), 1)
    truth = Figures(world).true_ratio[0, 0, 0]
    assert truth[0] == pytest.approx(3 / 0.7)
    people = ranked().residents
    others = (3 * people[0] + 0.7 * people[1:-1].sum()) / people[:-1].sum()
    assert truth[-1] == pytest.approx(0.7 / others, rel=1e-6)


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_cube_of_what_was_drawn(kind: str) -> None:
    for law in LAWS:
        world = KINDS[kind].draw(law(), 3)
        cells = cells_of(world)
        assert cells.calls.sum() == world.calls.sum() > 10_000
        assert not world.calls[:, ~world.reported].any()
        assert (cells.covered | ~cells.reported).all()


def test_towns_that_join_late_or_miss_months_are_so_in_the_cube() -> None:
    late, gaps = (cells_of(drawn(kind)) for kind in ("joining", "gaps"))
    began = late.reported.argmax(axis=1)
    assert (began > 0).sum() > 20
    assert (late.covered == late.reported).all()
    assert (gaps.covered & ~gaps.reported).sum() > 100
    assert cells_of(drawn("fourteen")).covered.any(axis=1).sum() == 14
    assert cells_of(drawn("eighty")).covered.any(axis=1).sum() == 80


def test_persons_present_are_what_rates_are_by_where_they_are_declared() -> None:
    world = drawn("day-declared")
    assert (world.persons > world.state.residents).sum() > 10
    assert cells_of(world).present[:, 0] == pytest.approx(world.persons)
    assert (drawn("day").persons == vermont().residents).all()
