"""The attack on all kinds with everything ever told, as somebody who kept every release would do it.

Kinds are attacked one by one, for no figure sums two of them; the number of rows that are not published does, and
bounds each kind by what the others are at least.

A year's figures come later than those of its months, and count what turned sensitive in between. So months and years of
a kind may contradict each other. Then the year is read apart from its months (`apart`): an outsider who adds them up is
wrong, and knows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from candor.audit.attack import ENOUGH, Found, Kind
from candor.audit.cells import Where, cells_of, name, where
from candor.audit.known import Caps, binding, capped, open_months, with_caps
from candor.audit.public import FAULT, Bools, Floats, Ints, Public
from candor.audit.remembered import Remembered, key_of
from candor.audit.structure import Spans, structure, totals
from candor.audit.system import System, system
from candor.audit.told import TOWN, told
from candor.audit.world import YEAR, spans, world
from candor.errors import DataError
from candor.solver.linear import Deadline

_MANY = 1e6
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

    def least(self, values: int, figure: str) -> None:
        """A cell with so many values."""
        if self.fewest is None or values < self.fewest:
            self.fewest, self.fewest_of = values, figure


class Case:
    """Everything told, in one world, with the systems of unknowns that kinds share."""

    def __init__(self, public: Public, deadline: Deadline, remembered: Remembered | None = None) -> None:
        self.deadline, self.remembered = deadline, remembered or Remembered()
        self.told, self.caps = with_caps(public, told(public))
        self.world = world(public, self.told)
        self.spans = Spans(self.told.figures.level, *spans(self.told.figures, self.world))
        self.cells = cells_of(self.world, self.spans)
        self.open = open_months(public, self.told, self.world)
        self._systems: dict[tuple[bytes, bool], System] = {}
        of = self.world
        self.key = key_of(
            *("|".join(texts) for texts in (of.geoids, of.counties, of.names, of.names.values())), of.county,
            str(of.first), of.reported, of.late, *self.spans,
        )  # fmt: skip
        """What is the same for all kinds."""

    def unknown(self, kind: int) -> Bools:
        """The counts of a kind that were never told (towns, months)."""
        known = self.open.get(kind)
        return self.world.reported if known is None else self.world.reported & np.isnan(known)

    def system(self, unknown: Bools, *, apart: bool = False, late: Bools | None = None) -> System:
        """The unknowns where these counts are; `apart` lets every year differ from its months."""
        late = self.world.late if late is None else late
        if apart:
            late = late | unknown.reshape(*late.shape, YEAR).any(axis=2)
        key = (unknown.tobytes() + late.tobytes(), apart)
        if key not in self._systems:
            known = structure(self.world, unknown, late)
            size = self.cells.spans.level.size if apart else self.spans.level.size
            self._systems[key] = system(known, self.cells, size)
        return self._systems[key]

    def bounds(self, kind: int, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Bounds of figures less what is known of them."""
        known = self.open.get(kind)
        if known is None:
            return low, high
        counts = np.where(self.world.reported, np.nan_to_num(known), 0.0)
        return less(low, high, totals(self.world, self.spans, counts, np.zeros(self.world.late.shape)))

    def opened(self, kind: int, bounds: tuple[Floats, Floats]) -> Opened | None:
        """`agreeing` for all cells of a kind; the same once more where it was asked before."""
        unknown = self.unknown(kind)
        found = self.remembered.once(key_of(self.key, unknown, *bounds), lambda: agreeing(self, unknown, *bounds))
        if found is not None:
            found.kind.deadline = self.deadline
        return found

    def named(self, kind: int, cell: int, of: System) -> str:
        """A cell of a kind, for people."""
        return f"{self.told.kinds[kind]}, {name(cell, self.cells, of.known, self.world)}"


def less(low: Floats, high: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Bounds of sums without a known part; where that is more than the sum may be, nothing is known."""
    wrong = high < base
    return np.where(wrong, 0.0, np.maximum(low - base, 0.0)), np.where(wrong, np.inf, high - base)


class Opened(NamedTuple):
    """A kind for which a table was found that agrees, with how many years are read apart from their months."""

    kind: Kind
    judged: Bools
    apart: int


def agreeing(
    case: Case,
    unknown: Bools,
    low: Floats,
    high: Floats,
    late: Bools | None = None,
    only: Ints | None = None,
    values: int = ENOUGH,
) -> Opened | None:
    """A kind whose bounds some table agrees with, years apart from months where they have to be; None without any.

    `only` these cells are to be attacked, else all that have a count; one with so many `values` is open.
    """
    late = case.world.late if late is None else late
    of = case.system(unknown, late=late)
    judged = _judged(of, only)
    free = np.zeros(of.known.size), np.full(of.known.size, np.inf)
    found = Kind(of, *on(of, low, high), case.deadline, *free, np.flatnonzero(judged), values)
    if found.centre(judged, None):
        return Opened(found, judged, 0)
    return _apart(case, unknown, low, high, late, only)


def _judged(of: System, only: Ints | None) -> Bools:
    judged = np.asarray(np.diff(of.cells.indptr) > 0)
    if only is not None:
        judged &= np.isin(np.arange(judged.size), only)
    return judged


def _apart(case: Case, unknown: Bools, low: Floats, high: Floats, late: Bools, only: Ints | None) -> Opened | None:
    of = case.system(unknown, apart=True)
    judged = _judged(of, only)
    judged[case.cells.plus.size :] = False  # by how much a year differs from its months is nobody's figure
    several = (case.spans.level == TOWN) & (case.spans.last - case.spans.first + 1 > YEAR)
    for aside in (np.zeros_like(several), several):
        own_low, own_high = on(of, np.where(aside, 0.0, low), np.where(aside, np.inf, high))
        # A town's year is a count as well, so it is not below 0.
        years = np.flatnonzero((case.cells.spans.level == TOWN) & np.isinf(own_high))
        own_high[years] = _MANY
        free = of.known.late
        least, most = np.zeros(of.known.size), np.full(of.known.size, np.inf)
        least[free[free >= 0]] = -np.inf
        found = Kind(of, own_low, own_high, case.deadline, least, most, np.flatnonzero(judged))
        if found.centre(judged, None):
            apart = 0
            for year in range(case.world.years):
                towns = np.flatnonzero(free[:, year] >= 0)
                most = np.where(late[towns, year], np.inf, 0.0)
                apart += not found.rebound(free[towns, year], np.zeros(towns.size), most)
            return Opened(found, judged & ~_set_aside(aside, judged.size), apart)
    return None


def _set_aside(aside: Bools, cells: int) -> Bools:
    found = np.zeros(cells, np.bool_)
    found[: aside.size] = aside
    return found


def on(of: System, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds for all figures of a system; a figure of which nothing is unknown bounds nothing."""
    size = of.figures.shape[0]
    own_low, own_high = np.zeros(size), np.full(size, np.inf)
    some = np.diff(of.figures.indptr)[: low.size] > 0
    own_low[: low.size][some], own_high[: low.size][some] = low[some], high[some]
    return own_low, own_high


def attack_all(case: Case) -> Outcome:
    """Attack every cell of every kind.

    Raises `DataError` where figures of one kind contradict each other, `UnfinishedError` after the deadline.
    """
    result = Outcome(told=int(case.told.judged.sum()))
    kinds = [k for k in range(len(case.told.kinds)) if case.told.judged[:, k].any()]
    bounds = {k: case.bounds(k, case.told.low[:, k], case.told.high[:, k]) for k in kinds}
    _bind(case, kinds, bounds)
    opened: dict[int, Opened] = {}
    for kind in kinds:
        found = case.opened(kind, bounds[kind])
        if found is None:
            raise DataError(
                f"What is told of {case.told.kinds[kind]} contradicts itself: no counts have these sums",
                "figures that are sums of one and the same set of counts, each rounded on its own",
                FAULT,
            )
        _judge(case, kind, found, found.kind.attack(found.judged), result)
        opened[kind] = found
        result.apart += found.apart
    if result.fewest is not None and result.fewest >= ENOUGH and not _fives(case, kinds, result):
        _fewest(case, opened, result)
    result.programs = sum(found.kind.programs for found in opened.values())
    return result


def _judge(case: Case, kind: int, opened: Opened, found: Found, to: Outcome) -> None:
    judged, of = opened.judged, opened.kind.system
    to.attacked += int(judged.sum())
    to.whole += int((judged & found.proven).sum())
    cells = np.flatnonzero(judged)
    if cells.size:
        least = cells[np.argmin(found.values[cells])]
        to.least(int(min(found.values[least], WIDE)), case.named(kind, int(least), of))
    narrow = cells[found.values[cells] < ENOUGH]
    old = _before(case, kind, narrow)
    to.before += int(old.sum())
    to.narrow += [
        Narrow(
            case.named(kind, int(c), of),
            found.low[c],
            found.high[c],
            int(found.values[c]),
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


def _fewest(case: Case, opened: dict[int, Opened], to: Outcome) -> None:
    to.fewest = None
    for kind, found in opened.items():
        values = found.kind.attack(found.judged, WIDE).values
        cells = np.flatnonzero(found.judged)
        least = cells[np.argmin(values[cells])]
        to.least(int(min(values[least], WIDE)), case.named(kind, int(least), found.kind.system))


def _bind(case: Case, kinds: list[int], bounds: dict[int, tuple[Floats, Floats]]) -> None:
    """Bound the kinds by the rows that are not published, where these are few enough to say something."""
    at = binding(case.told, case.caps)
    if not at.size:
        return
    caps = Caps(case.caps.figure[at], case.caps.most[at])
    least = np.zeros((at.size, len(case.told.kinds)))
    for kind in kinds:
        found = case.opened(kind, bounds[kind])
        if found is not None and not found.apart:
            # Rows of months in which a kind was open are published: only what is unknown is among the others.
            least[:, kind] = [found.kind.least_of(int(c)) if found.judged[c] else 0.0 for c in caps.figure]
    for kind in kinds:
        figure, most = capped(case.told, caps, least, kind)
        low, high = bounds[kind]
        high = high.copy()
        high[figure] = np.minimum(high[figure], most)
        bounds[kind] = (low, np.maximum(low, high))
