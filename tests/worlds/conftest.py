"""Small worlds, examined once for the room's tests. Every draw is fixed by its seed."""

from __future__ import annotations

import pytest
from worlds.many import Outcome, examine, towns_of_the_demo

from candor.demo.towns import Towns
from candor.demo.worlds import World, WorldKind

RATES = (("theft", 20.0), ("burglary", 3.0), ("suspicious-activity", 25.0), ("noise", 10.0), ("traffic-stop", 30.0))
MONTHS, EACH, SEED = 24, 8, 7


def small(kind: WorldKind, seed: int, *, months: int = MONTHS) -> World:
    return World(kind, seed, months=months, rates=RATES)


@pytest.fixture(scope="session")
def towns() -> Towns:
    return towns_of_the_demo()


@pytest.fixture(scope="session")
def null(towns: Towns) -> list[Outcome]:
    return [examine(small("null", SEED + i), towns) for i in range(EACH)]


@pytest.fixture(scope="session")
def planted(towns: Towns) -> list[Outcome]:
    return [examine(small("planted", SEED + i), towns) for i in range(EACH)]
