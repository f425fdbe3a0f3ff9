"""Worlds whose truth is known, to try the whole chain on: calls drawn from the number of residents alone.

In a null world every town has the same rate, every day of every year: whatever sets a town apart, or looks like a
change, is chance. In a planted world ten towns, drawn by lot, have twice that rate. A count is Poisson, and a month has
calls as it has days. Every town is covered in every month, and the export has no slip that would move a call to another
town; what it has are rows exported twice and calls without coordinates, which the chain has to see through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from candor.demo.model import Floats, Mix, SimulationModel, load_mix

WorldKind = Literal["null", "planted"]

BASE_RATES: Final = MappingProxyType(
    {
        "assault": 3.0, "threats": 6.0,
        "theft": 12.0, "vandalism": 5.0, "burglary": 3.0,
        "suspicious-activity": 25.0, "disturbance": 12.0, "noise": 10.0,
        "traffic-stop": 30.0, "traffic-complaint": 12.0,
        "crash-property": 15.0, "crash-injury": 4.0,
        "welfare-check": 16.0, "assist-public": 12.0,
    }
)  # fmt: skip
"""Calls per 1,000 residents and year, by category; all are open, so nothing is suppressed."""

PLANTED_TOWNS: Final = 10
PLANTED_RATE: Final = 2.0
"""How many towns of a planted world are raised, and how many times the rate of the others they have."""

# Streams of random numbers beside those of the simulator.
_PLANT, _COUNT = 11, 12
_NO_SUCH_AGENCY = 100_000


@dataclass(frozen=True)
class World:
    """One world: its kind, its seed, how long it is watched, and its rates (`BASE_RATES` or others like them)."""

    kind: WorldKind
    seed: int
    months: int = 36
    first_month: str = "2023-01"
    rates: tuple[tuple[str, float], ...] = tuple(BASE_RATES.items())

    @property
    def categories(self) -> tuple[str, ...]:
        """Slugs, in the order of `rates`."""
        return tuple(category for category, _ in self.rates)

    def relative_rates(self, residents: NDArray[np.int64]) -> Floats:
        """The true rate of each town, in times of the base rate: (P,), 1 or `PLANTED_RATE`."""
        relative = np.ones(len(residents))
        if self.kind == "planted":
            home = np.flatnonzero(residents > 0)
            chosen = np.random.default_rng([self.seed, _PLANT]).permutation(home)[:PLANTED_TOWNS]
            relative[chosen] = PLANTED_RATE
        return relative

    def years(self, index: int) -> float:
        """How much of its year the `index`-th month is, by days."""
        month = np.datetime64(self.first_month, "M") + index
        days, of_year = (
            (span + 1).astype("datetime64[D]") - span.astype("datetime64[D]")
            for span in (month, month.astype("datetime64[Y]"))
        )
        return float(days / of_year)

    def expected(self, residents: NDArray[np.int64], index: int) -> Floats:
        """Expected calls of the `index`-th month: towns x categories x (citizen, officer)."""
        officer = world_mix(self).officer
        per_person = np.array([rate for _, rate in self.rates]) / 1000 * self.years(index)
        split = np.stack([per_person * (1 - officer), per_person * officer], axis=1)
        return np.asarray((residents * self.relative_rates(residents))[:, None, None] * split)

    def counts(self, residents: NDArray[np.int64], index: int) -> NDArray[np.int64]:
        """The calls of the `index`-th month: towns x categories x (citizen, officer). The same whenever it is asked."""
        rng = np.random.default_rng([self.seed, _COUNT, index])
        return np.asarray(rng.poisson(self.expected(residents, index)), dtype=np.int64)

    def model(self) -> SimulationModel:
        """The simulator's parameters for an export that tells a call's town and category rightly."""
        return SimulationModel(
            months=self.months, first_month=self.first_month, seed=self.seed,
            uncovered_towns=0, silent_agency=_NO_SUCH_AGENCY, late_agency=_NO_SUCH_AGENCY,
            # Written with six decimals, a point on a town's edge would be its neighbour's.
            point_margin=1e-5,
            outside_town=0, null_island=0, swapped_coordinates=0, village_names=0, ambiguous_names=0, misspelt_names=0,
            blank_towns=0, contradictory_duplicates=0, unparsable_dates=0, future_dates=0, unmapped_types=0,
            unlisted_types=0,
        )  # fmt: skip


def world_mix(world: World) -> Mix:
    """The simulator's mix for the categories of a world: who begins such a call, and when it comes."""
    mix = load_mix()
    index = [mix.categories.index(category) for category in world.categories]
    rates = np.array([rate for _, rate in world.rates])
    return replace(
        mix,
        categories=world.categories,
        share=rates / rates.sum(),
        slope=np.zeros(len(index)),
        officer=mix.officer[index],
        trend=np.zeros(len(index)),
        rhythm=mix.rhythm[index],
    )


@dataclass(frozen=True)
class WorldDraw:
    """What the simulator draws a month's calls from, in a world."""

    model: SimulationModel
    mix: Mix
    world: World
    residents: NDArray[np.int64]

    def draw(self, index: int, _rng: np.random.Generator) -> NDArray[np.int64]:
        """The world's own counts: they do not depend on what else the simulator draws."""
        return self.world.counts(self.residents, index)


def draw_of(world: World, residents: NDArray[np.int64]) -> WorldDraw:
    """The draw of a world in which the towns have these residents."""
    return WorldDraw(world.model(), world_mix(world), world, residents)
