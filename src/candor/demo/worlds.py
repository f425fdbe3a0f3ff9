"""Worlds whose counts are given, to try the whole chain on: a portal is simulated call by call from them.

A world says how many calls each town has in each month, by kind; the simulator gives each its hour, its point and its
local type, and writes the exports. Those have no slip that would move a call to another town or kind; what they have
are rows exported twice and calls without coordinates, which the chain has to see through. What is true in a world, and
by which chance its counts are drawn, is its maker's: see docs/worlds.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from string import capwords
from typing import Final

import numpy as np
from numpy.typing import NDArray

from candor.demo.agencies import Agencies, assign_agencies
from candor.demo.model import Mix, SimulationModel, load_mix
from candor.demo.towns import Towns

_NO_SUCH_AGENCY: Final = 100_000


@dataclass(frozen=True, eq=False)
class World:
    """Counts by kind, town and month: C categories, P towns, M months. All calls are begun by citizens.

    `geoids` are the towns in the order of the arrays: all towns of the demonstration. `reported` says of which months a
    town's calls are sent; a town that never sends is in nobody's data. `added` are persons present beside residents.
    """

    seed: int
    first_month: str
    geoids: tuple[str, ...]
    categories: tuple[str, ...]
    calls: NDArray[np.int64]  # (C, P, M), 0 where not reported
    reported: NDArray[np.bool_]  # (P, M)
    added: NDArray[np.int64]  # (P,)

    def in_order(self, towns: Towns) -> World:
        """The same world with its towns in the order of `towns`.

        Raises `ValueError` where these are not its towns.
        """
        if sorted(towns.geoid) != sorted(self.geoids):
            raise ValueError("a world has all towns of the demonstration and no others")
        at = [self.geoids.index(geoid) for geoid in towns.geoid]
        return replace(
            self, geoids=towns.geoid, calls=self.calls[:, at], reported=self.reported[at], added=self.added[at]
        )

    def model(self) -> SimulationModel:
        """The simulator's parameters for an export that tells a call's town and category rightly."""
        return SimulationModel(
            months=self.calls.shape[2], first_month=self.first_month, seed=self.seed,
            uncovered_towns=0, silent_agency=_NO_SUCH_AGENCY, late_agency=_NO_SUCH_AGENCY,
            # Written with six decimals, a point on a town's edge would be its neighbour's.
            point_margin=1e-5,
            outside_town=0, null_island=0, swapped_coordinates=0, village_names=0, ambiguous_names=0, misspelt_names=0,
            blank_towns=0, contradictory_duplicates=0, unparsable_dates=0, future_dates=0, unmapped_types=0,
            unlisted_types=0,
        )  # fmt: skip

    def agencies(self, towns: Towns) -> Agencies:
        """The simulator's agencies; a town of which some months are missing has one of its own, an uncovered one none.

        Every second police department is in the export of the State Police, so that neither is empty. The world is
        `in_order` of the towns.
        """
        usual = assign_agencies(self.model(), towns)
        of_town = np.where(self.reported.any(axis=1), usual.of_town, -1)
        own = np.flatnonzero(self.reported.any(axis=1) & ~self.reported.all(axis=1))
        of_town[own] = len(usual.name) + np.arange(len(own))
        names = tuple(f"{capwords(towns.name[town])} Town Police (simulated)" for town in own)
        return Agencies(
            (*usual.name, *names),
            (*usual.code, *(f"T{number:03d}" for number in range(len(own)))),
            np.concatenate([usual.municipal, np.ones(len(own), np.bool_)])
            & (np.arange(len(usual.name) + len(own)) % 2 == 0),
            np.concatenate([usual.reported, self.reported[own]]),
            of_town,
        )

    def visitors(self) -> list[dict[str, str]]:
        """The lines of the declared denominator: `geoid, month, added`, one a town."""
        return [
            {"geoid": geoid, "month": "", "added": str(added)}
            for geoid, added in zip(self.geoids, self.added.tolist(), strict=True)
        ]


def world_mix(world: World) -> Mix:
    """The simulator's mix for the categories of a world: when such a call comes."""
    mix = load_mix()
    index = [mix.categories.index(category) for category in world.categories]
    nothing = np.zeros(len(index))
    share = world.calls.sum(axis=(1, 2)) / max(int(world.calls.sum()), 1)
    return replace(
        mix, categories=world.categories, share=share, slope=nothing, officer=nothing, trend=nothing,
        rhythm=mix.rhythm[index],
    )  # fmt: skip


@dataclass(frozen=True)
class WorldDraw:
    """What the simulator draws a month's calls from, in a world."""

    model: SimulationModel
    mix: Mix
    world: World

    def draw(self, index: int, _rng: np.random.Generator) -> NDArray[np.int64]:
        """The world's own counts: they do not depend on what else the simulator draws."""
        citizen = self.world.calls[:, :, index].T
        return np.stack([citizen, np.zeros_like(citizen)], axis=-1)


def draw_of(world: World) -> WorldDraw:
    """The draw of a world."""
    return WorldDraw(world.model(), world_mix(world), world)
