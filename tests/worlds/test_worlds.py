"""What is true in a world is what it was made of."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest
from tests.worlds.conftest import MONTHS, RATES, small
from worlds.fast import months_of, world_cube

from candor.demo.towns import Towns
from candor.demo.worlds import PLANTED_RATE, PLANTED_TOWNS, World
from candor.measures.cube import COLUMNS
from candor.measures.dense import dense


def test_a_year_brings_each_town_its_residents_times_the_rates(towns: Towns) -> None:
    world = small("null", 1, months=12)
    year = sum((world.expected(towns.residents, m) for m in range(12)), np.zeros(1))
    assert year.sum(axis=-1) == pytest.approx(np.outer(towns.residents, [rate / 1000 for _, rate in RATES]))
    assert sum(world.years(m) for m in range(12)) == pytest.approx(1)


def test_months_are_as_long_as_their_days() -> None:
    world = World("null", 1, first_month="2023-01")
    assert [world.years(m) for m in (0, 1, 13)] == pytest.approx([31 / 365, 28 / 365, 29 / 366])


def test_ten_towns_with_residents_are_planted_and_none_in_a_null_world(towns: Towns) -> None:
    chosen = []
    for seed in range(30):
        relative = World("planted", seed).relative_rates(towns.residents)
        assert sorted(set(relative)) == [1, PLANTED_RATE]
        assert (relative > 1).sum() == PLANTED_TOWNS
        assert (towns.residents[relative > 1] > 0).all()
        chosen.append(tuple(np.flatnonzero(relative > 1)))
        assert (World("null", seed).relative_rates(towns.residents) == 1).all()
    assert len(set(chosen)) == 30


def test_counts_are_poisson_and_the_same_whenever_they_are_asked(towns: Towns) -> None:
    world = small("planted", 3)
    counts = np.stack([world.counts(towns.residents, m) for m in range(MONTHS)])
    assert (counts[5] == world.counts(towns.residents, 5)).all()
    assert (counts[5] != small("planted", 4).counts(towns.residents, 5)).any()
    expected = np.stack([world.expected(towns.residents, m) for m in range(MONTHS)])
    assert abs(counts.sum() - expected.sum()) < 5 * np.sqrt(expected.sum())
    some = expected > 2
    squares = ((counts - expected)[some] ** 2 / expected[some]).mean()
    assert squares == pytest.approx(1, abs=0.05)


def test_the_cube_has_every_call_and_the_columns_of_a_release(towns: Towns) -> None:
    world = small("null", 2, months=5)
    cube = world_cube(world, towns)
    assert cube.column_names == COLUMNS
    counts = np.stack([world.counts(towns.residents, m) for m in range(5)])
    assert pc.sum(cube["calls"]).as_py() == counts.sum()
    cells = dense(cube)
    assert (cells.months == months_of(world)).all()
    noise = world.categories.index("noise")
    assert (counts[:, :, noise, 0] == cells.calls[cells.categories.index("noise"), 0].T).all()
    assert cells.groups[cells.categories.index("burglary")] == "property"
    assert cells.reported.all()
