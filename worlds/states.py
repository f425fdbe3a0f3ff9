"""The states that worlds are drawn in: towns and their persons, by three laws of population.

Vermont's 255 towns as the demonstration has them; 120 towns whose sizes are lognormal; 90 towns whose sizes fall with
their rank as cities' do (Zipf GK (1949), Human Behavior and the Principle of Least Effort), the largest a fifth of all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from candor.demo.schematic import write_schematic_pack
from candor.demo.towns import Towns, read_towns
from worlds.tally import Bools, Floats

_OUTLINE: Final = 17
"""The stream of random numbers that towns are made with: the same in every world."""


@dataclass(frozen=True)
class State:
    """Towns, P of them: who they are, where they lie, how many live there, and which of them any agency covers."""

    law: str
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    residents: Floats
    at: Floats  # (P, 2), in the same unit both ways
    covered: Bools

    @property
    def home(self) -> Bools:
        """The towns that are covered and where somebody lives."""
        return np.asarray(self.covered & (self.residents > 0))

    def only(self, chosen: Bools) -> State:
        """The same state in which these towns alone are covered."""
        return replace(self, covered=self.covered & chosen)


@cache
def demo_towns() -> Towns:
    """The towns that every simulated portal has."""
    with tempfile.TemporaryDirectory(prefix="candor-places-") as folder:
        write_schematic_pack(Path(folder))
        return read_towns(Path(folder))


@cache
def vermont() -> State:
    """The demonstration's towns in the order in which they are published."""
    towns = demo_towns()
    order = np.argsort(towns.geoid)
    bounds = towns.bounds[order]
    at = (bounds[:, :2] + bounds[:, 2:]) / 2 * [np.cos(np.radians(44)), 1]

    def texts(values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(values[i] for i in order)

    return State(
        "Vermont’s towns", texts(towns.geoid), texts(towns.name), texts(towns.county),
        towns.residents[order].astype(np.float64), at, np.ones(len(towns), np.bool_),
    )  # fmt: skip


def _made(law: str, residents: Floats) -> State:
    number = len(residents)
    rng = np.random.default_rng([_OUTLINE, number])
    geoids = tuple(f"99{i:08d}" for i in range(number))
    names = tuple(f"Town {i + 1}" for i in range(number))
    counties = tuple(f"County {i % 6 + 1}" for i in range(number))
    return State(
        law, geoids, names, counties, np.rint(residents), rng.random((number, 2)) * 2, np.ones(number, np.bool_)
    )


def _sizes(number: int, median: float, sigma: float) -> Floats:
    return np.asarray(median * np.exp(sigma * np.random.default_rng([_OUTLINE, number, 1]).standard_normal(number)))


@cache
def lognormal() -> State:
    """120 towns."""
    return _made("lognormal sizes", _sizes(120, 2_500, 1.1))


@cache
def ranked() -> State:
    """90 towns; a fifth of all people live in the largest."""
    return _made("sizes by rank", 110_000 / np.arange(1, 91) ** 1.02)


LAWS: Final[tuple[Callable[[], State], ...]] = (vermont, lognormal, ranked)


def fourteen(state: State) -> State:
    """14 places: Vermont's largest towns, or made ones with the people of a county each."""
    if state is vermont():
        return state.only(state.residents >= np.sort(state.residents)[-14])
    if state is lognormal():
        return _made("14 of lognormal sizes", _sizes(14, 25_000, 0.9))
    return _made("14 by rank", 120_000 / np.arange(1, 15) ** 0.9)


def eighty(state: State) -> State:
    """80 neighbourhoods of a city: Vermont's towns of middle size, or made ones."""
    if state is vermont():
        rank = np.argsort(np.argsort(-state.residents))
        return state.only((rank >= 50) & (rank < 130))
    if state is lognormal():
        return _made("80 of lognormal sizes", _sizes(80, 3_000, 0.5))
    return _made("80 of even sizes", np.linspace(800, 6_000, 80))
