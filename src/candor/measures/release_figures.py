"""All figures of a layer, block by block: the state and its towns, over long periods and over short ones."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import pyarrow as pa

from candor.measures.changes import Tested, changes, discoveries, shared, test
from candor.measures.cube import PARTS
from candor.measures.dense import Bools, Ints
from candor.measures.lines import Answers, Places, lines
from candor.measures.periods import Period
from candor.measures.pools import Pool, Series
from candor.measures.seasons import months_of, usual_of
from candor.measures.standing import Standing, Sums, Under, concentration, similar_sums, standing
from candor.measures.wander import Learned
from candor.statistics.intervals import Floats

_CELLS_AT_ONCE = 120_000
"""Lines that are made at once: what a step holds does not grow with the release."""

Pair = tuple[Pool, Pool]


@dataclass(frozen=True)
class Block:
    """Some places over some periods, with what each figure is held against.

    `state` is what towns are compared with, None for the state's own lines. `since`: the later and the earlier pool of
    the change in a year, of the same series, periods and places as `now`. `wander` is (L, 2, Q); `share` (L, 2, Q, 1)
    what of it the sum of several towns has (`standing.concentration`), None for towns. `compared` (L, 2): which series
    are compared at all. `pooled`: see `standing`; `similar` (R,): the group of towns of similar size, -1 for none;
    `groups` names them. `denominator` is what rates are by.
    """

    periods: tuple[Period, ...]
    places: Places
    now: Pool
    state: Pool | None
    since: Pair
    wander: Learned
    compared: Bools
    share: Floats | None = None
    pooled: Sums | None = None
    pooled_years: tuple[tuple[str, ...], Ints] | None = None
    similar: Ints | None = None
    groups: tuple[str, ...] = ()
    under: Under | None = None
    denominator: str = "residents"

    @classmethod
    def of_state(cls, towns: Block, places: Places, state: Pool) -> Block:
        """The lines of the state in the same periods; its change is that of the towns that reported both."""
        return cls(
            towns.periods,
            places,
            state,
            None,
            shared(*towns.since),
            towns.wander,
            towns.compared,
            share=concentration(towns.now),
            denominator=towns.denominator,
        )

    @property
    def c(self) -> Floats:
        """The wander of each figure: (L, 2, Q, 1)."""
        c = self.wander.c[..., None]
        return c if self.share is None else np.asarray(c * self.share)


def figures(blocks: Sequence[tuple[Series, Block]], *, count: str = "calls") -> Iterator[pa.Table]:
    """The lines of all blocks, each with its series, in their order, a few series at a time (`lines.schema_of`)."""
    rows = PARTS if any(series.parts is not None for series, _ in blocks) else ""
    for series, block, tested, q in _tested(blocks):
        step = max(1, _CELLS_AT_ONCE // max(1, int(np.prod(block.now.calls.shape[1:]))))
        parts = [slice(i, i + step) for i in range(0, len(series.names), step)]

        def part_of(
            part: slice, series: Series = series, block: Block = block, tested: Tested = tested, q: Floats = q
        ) -> pa.Table:
            return _part(series, block, tested.of(part), q[part], part, (count, rows))

        yield from _ahead(part_of, parts)


def _tested(blocks: Sequence[tuple[Series, Block]]) -> Iterator[tuple[Series, Block, Tested, Floats]]:
    """Each block with the tests of its changes and their q. Blocks of the same periods and places that come one after
    another are of one family, though each has a series of its own."""
    for _, run in groupby(blocks, key=lambda pair: (pair[1].periods, pair[1].places)):
        members = list(run)
        found = [test(*block.since, block.c) for _, block in members]
        levels = [level for series, _ in members for level in series.levels]
        q = discoveries(np.concatenate([tested.p for tested in found]), levels)
        ends = np.cumsum([len(series.levels) for series, _ in members])[:-1]
        for (series, block), tested, own in zip(members, found, np.split(q, ends), strict=True):
            yield series, block, tested, own


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


def _part(series: Series, whole: Block, tested: Tested, q: Floats, part: slice, names: tuple[str, str]) -> pa.Table:
    """Some lines of a block. `names`: the columns of events and, where there is one, of their rows."""
    block = _of_series(whole, part)
    now, c = block.now, block.c
    answers = Answers(
        wander=block.wander._replace(c=np.broadcast_to(c, (*now.calls.shape[:3], c.shape[3]))[..., 0]),
        change=changes(*block.since, tested, q),
        standing=_standing(block),
        usual=usual_of(now, months_of(block.periods), np.broadcast_to(c, now.calls.shape), block.compared),
        pooled_years=block.pooled_years,
        similar=None if block.similar is None else (block.groups, block.similar),
        denominator=block.denominator,
    )
    named = replace(series, levels=series.levels[part], names=series.names[part])
    return lines(named, block.periods, block.places, now, answers, count=names[0], parts=names[1])


def _standing(block: Block) -> Standing | None:
    if block.state is None:
        return None
    c = block.wander.c
    beside = None if block.similar is None else similar_sums(block.now, block.state, c, block.similar)
    return standing(
        block.now,
        block.state,
        c,
        compared=block.compared,
        pooled=block.pooled,
        similar=beside,
        under=block.under,
    )


def _of_series(block: Block, part: slice) -> Block:
    def some(pool: Pool) -> Pool:
        state = None if pool.state is None else pool.state[part]
        spread = None if pool.spread is None else pool.spread[part]
        parts = None if pool.parts is None else pool.parts[part]
        return replace(pool, calls=pool.calls[part], untold=pool.untold[part], state=state, spread=spread, parts=parts)

    return replace(
        block,
        now=some(block.now),
        state=None if block.state is None else some(block.state),
        since=(some(block.since[0]), some(block.since[1])),
        wander=block.wander.of_series(part),
        compared=block.compared[part],
        share=None if block.share is None else block.share[part],
        pooled=None if block.pooled is None else block.pooled.of_series(part),
    )


def years_together(years: Sequence[Period], towns: Pool) -> tuple[tuple[str, ...], Ints]:
    """Names of the whole years that towns have together, and which each has: (R,). `towns` has the `years` as Q.

    `2020-2024`, and `2020-2024 without 2022` where that was not reported as a whole.
    """
    known = towns.covered & towns.complete
    names: list[str] = []
    index = []
    for town in known.T:
        own = np.flatnonzero(town).tolist()
        name = "" if not own else years[own[0]].name if len(own) == 1 else f"{years[own[0]].name}-{years[own[-1]].name}"
        missing = [years[i].name for i in range(own[0], own[-1]) if i not in own] if own else []
        name += f" without {', '.join(missing)}" if missing else ""
        if name not in names:
            names.append(name)
        index.append(names.index(name))
    return tuple(names), np.array(index, np.int64)
