"""Many worlds of every kind, on one process or several; their order, and so the sum, is always the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from worlds.draw import World
from worlds.judge import judge
from worlds.kinds import KINDS
from worlds.states import LAWS
from worlds.tally import Tallies, together


def worlds_of(kind: str, number: int, seed: int) -> Iterator[World]:
    """So many worlds of a kind, by the laws of population in turn; more of them begin with the same."""
    for i in range(number):
        yield KINDS[kind].draw(LAWS[i % len(LAWS)](), seed + i // len(LAWS))


def examine(kind: str, number: int, seed: int) -> Tallies:
    """Judge so many worlds of a kind."""
    return together(judge(world) for world in worlds_of(kind, number, seed))


def examine_all(kinds: Sequence[str], number: int, seed: int, jobs: int) -> Iterator[tuple[str, Tallies]]:
    """What was counted in the worlds of each kind, in order."""
    if jobs <= 1:
        yield from ((kind, examine(kind, number, seed)) for kind in kinds)
        return
    # Started afresh: a process forked from one that has threads may never end.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from zip(kinds, pool.map(examine, kinds, repeat(number), repeat(seed)), strict=True)
