"""A few worlds of some kinds, examined once for the room's tests. Every draw is fixed by its seed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from worlds.many import examine
from worlds.tally import Tallies

SEED, EACH = 7, 3
EXAMINED = ("null", "wander", "differ", "differ-restless", "planted", "growth", "gaps", "city-grows")


@pytest.fixture(scope="session")
def found() -> Mapping[str, Tallies]:
    return {kind: examine(kind, EACH, SEED) for kind in EXAMINED}
