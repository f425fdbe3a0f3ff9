"""The attack on all kinds with everything ever told, as somebody who kept every release would do it.

Kinds are attacked one by one, for no figure sums two of them; the number of rows that are not published does, and
bounds each kind by what the others are at least.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from candor.audit.attack import ENOUGH, Found
from candor.audit.case import Case, Opened, agreeing
from candor.audit.cells import Where, where
from candor.audit.known import Caps, binding, capped
from candor.audit.public import FAULT, Bools, Floats, Ints
from candor.audit.remembered import key_of
from candor.errors import DataError

WIDE = 5
"""So many values does a told figure leave by itself, from 10 on."""


class Narrow(NamedTuple):
    """A cell of a kind that is known too closely: `low` to `high`, of which `values` are possible."""

    figure: str
    low: float
    high: float
    values: int
    kind: str
    where: Where


@dataclass
class Outcome:
    """What the attack found; `narrow`: cells with fewer than three values, but for what old releases gave away."""

    told: int = 0
    attacked: int = 0
    whole: int = 0
    apart: int = 0
    before: int = 0
    programs: int = 0
    fewest: int | None = None
    fewest_of: str = ""
    narrow: list[Narrow] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """What was found of one more kind."""
        self.attacked += other.attacked
        self.whole += other.whole
        self.apart += other.apart
        self.before += other.before
        self.programs += other.programs
        self.narrow += other.narrow
        if other.fewest is not None:
            self.least(other.fewest, other.fewest_of)

    def least(self, values: int, figure: str) -> None:
        """A cell with so many values."""
        if self.fewest is None or values < self.fewest:
            self.fewest, self.fewest_of = values, figure


def attack_all(case: Case) -> Outcome:
    """Attack every cell of every kind.

    Raises `DataError` where figures of one kind contradict each other, `UnfinishedError` after the deadline.
    """
    result = Outcome(told=int(case.told.judged.sum()))
    kinds = [k for k in range(len(case.told.kinds)) if case.told.judged[:, k].any()]
    bounds = {k: case.bounds(k, case.told.low[:, k], case.told.high[:, k]) for k in kinds}
    _bind(case, kinds, bounds)
    work = _Work(case, bounds)
    by_kind = case.remembered.all(
        {k: work.key(k) for k in kinds},
        lambda new: case.beside.all(_attacked, work, new, case.cells.plus.size),
    )
    for kind in kinds:
        result.add(by_kind[kind])
    if result.fewest is not None and result.fewest >= ENOUGH and not _fives(case, kinds, result):
        _fewest(work, kinds, result)
    return result


class _Work(NamedTuple):
    """What the attack on a kind depends on."""

    case: Case
    bounds: dict[int, tuple[Floats, Floats]]

    def key(self, kind: int) -> bytes:
        case = self.case
        before = case.bounds(kind, case.told.before_low[:, kind], case.told.before_high[:, kind])
        return key_of(case.key, case.told.kinds[kind], case.unknown(kind), *self.bounds[kind], *before)

    def opened(self, kind: int) -> Opened:
        opened = self.case.opened(kind, self.bounds[kind])
        if opened is None:
            raise DataError(
                f"What is told of {self.case.told.kinds[kind]} contradicts itself: no counts have these sums",
                "figures that are sums of one and the same set of counts, each rounded on its own",
                FAULT,
            )
        return opened


def _attacked(of: _Work, kind: int) -> Outcome:
    """What is found of one kind."""
    opened, result = of.opened(kind), Outcome()
    _judge(of.case, kind, opened, opened.kind.attack(opened.judged), result)
    result.apart, result.programs = opened.apart, opened.kind.programs
    return result


def _judge(case: Case, kind: int, opened: Opened, attacked: Found, to: Outcome) -> None:
    judged, of = opened.judged, opened.kind.system
    to.attacked += int(judged.sum())
    to.whole += int((judged & attacked.proven).sum())
    cells = np.flatnonzero(judged)
    if cells.size:
        least = cells[np.argmin(attacked.values[cells])]
        to.least(int(min(attacked.values[least], WIDE)), case.named(kind, int(least), of))
    narrow = cells[attacked.values[cells] < ENOUGH]
    old = _before(case, kind, narrow)
    to.before += int(old.sum())
    to.narrow += [
        Narrow(
            case.named(kind, int(c), of),
            attacked.low[c],
            attacked.high[c],
            int(attacked.values[c]),
            case.told.kinds[kind],
            where(int(c), case.cells, of.known, case.world),
        )
        for c in narrow[~old]
    ]


def _before(case: Case, kind: int, cells: Ints) -> Bools:
    """Which cells releases of the old form gave away already, by what they alone said."""
    result = np.zeros(cells.size, np.bool_)
    low, high = case.bounds(kind, case.told.before_low[:, kind], case.told.before_high[:, kind])
    if not cells.size or not ((low > 0) | np.isfinite(high)).any():
        return result
    opened = agreeing(case, case.unknown(kind), low, high)
    if opened is None or opened.apart:
        return result
    for i, cell in enumerate(cells.tolist()):
        least, most = opened.kind.ends(cell)
        result[i] = most - least + 1 < ENOUGH
    return result


def _fives(case: Case, kinds: list[int], to: Outcome) -> bool:
    """A told 5 is 5 to 7, whatever else is known: nothing that passes has fewer values."""
    for kind in kinds:
        at = np.flatnonzero(
            case.told.judged[:, kind] & (case.told.high[:, kind] - case.told.low[:, kind] == ENOUGH - 1)
        )
        if at.size:
            to.fewest, to.fewest_of = ENOUGH, case.named(kind, int(at[0]), case.system(case.unknown(kind)))
            return True
    return False


def _fewest(of: _Work, kinds: list[int], to: Outcome) -> None:
    to.fewest = None
    for kind in kinds:
        opened = of.opened(kind)
        values = opened.kind.attack(opened.judged, WIDE).values
        cells = np.flatnonzero(opened.judged)
        least = cells[np.argmin(values[cells])]
        to.least(int(min(values[least], WIDE)), of.case.named(kind, int(least), opened.kind.system))


def _bind(case: Case, kinds: list[int], bounds: dict[int, tuple[Floats, Floats]]) -> None:
    """Bound the kinds by the rows that are not published, where these are few enough to say something."""
    at = binding(case.told, case.caps)
    if not at.size:
        return
    caps = Caps(case.caps.figure[at], case.caps.most[at])
    least = np.zeros((at.size, len(case.told.kinds)))
    for kind in kinds:
        opened = case.opened(kind, bounds[kind])
        if opened is not None and not opened.apart:
            # Rows of months in which a kind was open are published: only what is unknown is among the others.
            least[:, kind] = [opened.kind.least_of(int(c)) if opened.judged[c] else 0.0 for c in caps.figure]
    for kind in kinds:
        figure, most = capped(case.told, caps, least, kind)
        low, high = bounds[kind]
        high = high.copy()
        high[figure] = np.minimum(high[figure], most)
        bounds[kind] = (low, np.maximum(low, high))
