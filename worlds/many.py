"""Many worlds, on several processes; their order, and so the sum, is always the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from candor.demo.schematic import write_schematic_pack
from candor.demo.towns import Towns, read_towns
from candor.demo.worlds import World, WorldKind
from worlds import fast
from worlds.arrays import judged
from worlds.judge import judge
from worlds.maps import MapFinding, map_findings
from worlds.tally import Tallies

_PLANTED_FROM = 100_000
"""Seeds of planted worlds lie so far from those of null worlds."""


@dataclass(frozen=True)
class Outcome:
    """What was counted in one world."""

    world: World
    tallies: Tallies
    maps: tuple[MapFinding, ...]


def worlds_of(kind: WorldKind, number: int, seed: int) -> tuple[World, ...]:
    """So many worlds of three years; each has its own seed, and more of them begin with the same."""
    first = seed + (_PLANTED_FROM if kind == "planted" else 0)
    return tuple(World(kind, first + i) for i in range(number))


def towns_of_the_demo() -> Towns:
    """The towns that every simulated portal has."""
    with tempfile.TemporaryDirectory(prefix="candor-places-") as folder:
        write_schematic_pack(Path(folder))
        return read_towns(Path(folder))


def examine(world: World, towns: Towns) -> Outcome:
    """Compute the figures of a world on the fast path, and hold them against what is true of it."""
    figures = fast.release(world, towns)
    lines = judged(world, towns, figures)
    tallies = judge(lines, figures)
    return Outcome(world, tallies, tuple(map_findings(lines, tallies)))


def examine_all(worlds: Sequence[World], towns: Towns, jobs: int) -> Iterator[Outcome]:
    """Each world's outcome, in order."""
    if jobs <= 1:
        yield from (examine(world, towns) for world in worlds)
        return
    # Started afresh: a process forked from one that has threads may never end.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(examine, worlds, [towns] * len(worlds))
