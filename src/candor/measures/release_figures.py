"""All figures of a layer, block by block: the state and its towns, over long periods and over short ones."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from candor.measures.changes import Changes, change_p, changes, critical_p, shared
from candor.measures.lines import Places, lines
from candor.measures.periods import YEAR, Period
from candor.measures.pools import Pool, Series
from candor.measures.standing import Under, standing
from candor.statistics.intervals import Floats

_CELLS_AT_ONCE = 120_000
"""Lines that are made at once: what a step holds does not grow with the release."""

_NEVER = Period("never", np.datetime64("0001-01"), np.datetime64("0001-01"))
"""Stands for the earlier period of one that has none: nothing was covered in it."""

Pools = Callable[[Sequence[Period]], Pool]


@dataclass(frozen=True)
class Block:
    """Some places over some periods, with the same two pools of what went before.

    `state` is what towns are compared with, None for the state's own lines. The earlier pools, and the later ones that
    are set against them, are of the same series, periods and places as `now`. `under`: see `standing`.
    """

    periods: tuple[Period, ...]
    places: Places
    now: Pool
    state: Pool | None
    pairs: tuple[tuple[Pool, Pool], tuple[Pool, Pool]]
    under: Under | None = None

    @classmethod
    def of_towns(cls, periods: Sequence[Period], places: Places, towns: Pools, state: Pools) -> Block:
        """The lines of towns."""
        now = towns(periods)
        previous, before = (towns(earlier) for earlier in _earlier(periods))
        return cls(tuple(periods), places, now, state(periods), ((now, previous), (now, before)))

    @classmethod
    def of_state(cls, towns: Block, places: Places, state: Pool) -> Block:
        """The lines of the state in the same periods; its change is that of the towns that reported both in full."""
        previous, before = (shared(now, earlier) for now, earlier in towns.pairs)
        return cls(towns.periods, places, state, None, (previous, before))


def figures(blocks: Sequence[tuple[Series, Block]], *, count: str = "calls") -> Iterator[pa.Table]:
    """The lines of all blocks, each with its series, in their order, a few series at a time (`lines.schema_of`).

    What is a change is decided over all blocks together.
    """
    p = [[change_p(now, earlier) for now, earlier in block.pairs] for _, block in blocks]
    critical = critical_p(values for of_block in p for values in of_block)
    for (series, block), of_block in zip(blocks, p, strict=True):
        step = max(1, _CELLS_AT_ONCE // max(1, int(np.prod(block.now.calls.shape[1:]))))
        parts = [slice(i, i + step) for i in range(0, len(series.names), step)]

        def part_of(
            part: slice, series: Series = series, block: Block = block, of_block: list[Floats] = of_block
        ) -> pa.Table:
            return _part(series, block, of_block, critical, part, count)

        yield from _ahead(part_of, parts)


def _ahead(make: Callable[[slice], pa.Table], parts: Sequence[slice]) -> Iterator[pa.Table]:
    """What `make` makes of each part, in order; no more are held than are being made on the machine's cores."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        waiting = deque(pool.submit(make, part) for part in parts[:cores])
        for part in [*parts[cores:], *[None] * len(waiting)]:
            table = waiting.popleft().result()
            if part is not None:
                waiting.append(pool.submit(make, part))
            yield table


def _part(series: Series, block: Block, p: Sequence[Floats], critical: float, part: slice, count: str) -> pa.Table:
    now = _of(block.now, part)
    found = [
        changes(_of(later, part), _of(earlier, part), values[part], critical)
        for (later, earlier), values in zip(block.pairs, p, strict=True)
    ]
    since = found[0], _same_where_a_year(block.periods, *found)
    stands = standing(now, _of(block.state, part), block.under) if block.state is not None else None
    named = replace(series, levels=series.levels[part], names=series.names[part])
    return lines(named, block.periods, block.places, now, stands, since, count=count)


def _earlier(periods: Sequence[Period]) -> tuple[tuple[Period, ...], tuple[Period, ...]]:
    """The period before each, and the one a year before where that is another."""
    previous = tuple(p.previous or _NEVER for p in periods)
    return previous, tuple((p.months != YEAR and p.year_before) or _NEVER for p in periods)


def _same_where_a_year(periods: Sequence[Period], previous: Changes, before: Changes) -> Changes:
    """Of a period of twelve months the one before is that of a year before: it is tested once and said twice."""
    year = np.array([p.months == YEAR for p in periods])[:, np.newaxis]
    return Changes(
        np.where(year, previous.ratio, before.ratio),
        np.where(year, previous.lower, before.lower),
        np.where(year, previous.upper, before.upper),
        np.where(year, previous.verdict, before.verdict),
    )


def _of(pool: Pool, part: slice) -> Pool:
    state = None if pool.state is None else pool.state[part]
    spread = None if pool.spread is None else pool.spread[part]
    return replace(pool, calls=pool.calls[part], untold=pool.untold[part], state=state, spread=spread)
