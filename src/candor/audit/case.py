"""Everything ever told as systems of unknowns, one for each kind, and whether any table agrees with it.

A year's figures come later than those of its months, and count what turned sensitive in between. So months and years of
a kind may contradict each other. Then the year is read apart from its months (`apart`): an outsider who adds them up is
wrong, and knows it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from candor.audit.attack import ENOUGH, Kind
from candor.audit.beside import Beside
from candor.audit.cells import cells_of, name
from candor.audit.known import open_months, with_caps
from candor.audit.public import Bools, Floats, Ints, Public
from candor.audit.remembered import Remembered, key_of
from candor.audit.structure import Spans, structure, totals
from candor.audit.system import System, system
from candor.audit.told import TOWN, told
from candor.audit.world import YEAR, spans, world
from candor.solver.linear import Deadline

_MANY = 1e6


class Case:
    """Everything told, in one world, with the systems of unknowns that kinds share."""

    def __init__(self, public: Public, deadline: Deadline, remembered: Remembered | None = None) -> None:
        self.deadline, self.remembered, self.beside = deadline, remembered or Remembered(), Beside(deadline)
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

    def __getstate__(self) -> dict[str, Any]:
        """For the helper (`beside`): without what is here alone."""
        return {k: v for k, v in self.__dict__.items() if k not in ("remembered", "beside", "_systems")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self.remembered, self.beside, self._systems = Remembered(), Beside(self.deadline), {}

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
        opened = self.remembered.once(key_of(self.key, unknown, *bounds), lambda: agreeing(self, unknown, *bounds))
        if opened is not None:
            opened.kind.deadline = self.deadline
        return opened

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
    kind = Kind(of, *on(of, low, high), case.deadline, *free, np.flatnonzero(judged), values)
    if kind.centre(judged, None):
        return Opened(kind, judged, 0)
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
        kind = Kind(of, own_low, own_high, case.deadline, least, most, np.flatnonzero(judged))
        if kind.centre(judged, None):
            apart = 0
            for year in range(case.world.years):
                towns = np.flatnonzero(free[:, year] >= 0)
                most = np.where(late[towns, year], np.inf, 0.0)
                apart += not kind.rebound(free[towns, year], np.zeros(towns.size), most)
            return Opened(kind, judged & ~_set_aside(aside, judged.size), apart)
    return None


def _set_aside(aside: Bools, cells: int) -> Bools:
    marked = np.zeros(cells, np.bool_)
    marked[: aside.size] = aside
    return marked


def on(of: System, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Bounds for all figures of a system; a figure of which nothing is unknown bounds nothing."""
    size = of.figures.shape[0]
    own_low, own_high = np.zeros(size), np.full(size, np.inf)
    some = np.diff(of.figures.indptr)[: low.size] > 0
    own_low[: low.size][some], own_high[: low.size][some] = low[some], high[some]
    return own_low, own_high
