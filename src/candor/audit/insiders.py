"""The attack by each agency that publishes: it knows the calls of its own towns, and looks for another's.

A count of another agency is found where it is exact at 1 to 4. The publisher knows all counts, so the first table is
the truth: where a call more or less in a town that is not the agency's leaves every told figure as it is, what it is in
is not exact. Then tables in which the towns of several agencies are as they are; what is open to all of these together
is open to each. What is left is solved for the agency by itself.

An exact zero cannot be kept from an agency whose own calls fill an "under 5": these are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from candor.audit.attack import Kind, System
from candor.audit.cells import where
from candor.audit.outsider import Case, Narrow, Opened, agreeing, less
from candor.audit.public import Bools, Floats, Ints, month_numbers, numbers, positions, texts, words
from candor.audit.remembered import key_of
from candor.audit.seen import Reach
from candor.audit.structure import Givers, Structure, moves, totals
from candor.audit.told import COUNTY, TOWN
from candor.audit.world import YEAR
from candor.errors import DataError
from candor.store.model import PublicCoverage

_GROUPS, _WAYS = 5, 3
"""Agencies are put into so many groups, in so many ways."""
_MANY = 3
"""So many agencies of a group make it worth a program."""
_LOTS = 24
"""So often every call is moved somewhere else, by lot."""
_SMALL = 4
_OPEN = 2
"""So many values keep a count from being exact."""
COLUMNS = ("agency", "geoid", "month", "category", "calls")


@dataclass
class Insiders:
    """What agencies learn: other agencies' counts that are `exact` at 1 to 4, and at 0 (`zeros`), of those `attacked`.

    `misfits`: agencies and kinds of which the own counts are not those in the told figures; they can conclude nothing.
    """

    agencies: int = 0
    attacked: int = 0
    zeros: int = 0
    misfits: int = 0
    programs: int = 0
    exact: list[Narrow] = field(default_factory=list)

    def add(self, other: Insiders) -> None:
        """Those of one more kind."""
        self.attacked += other.attacked
        self.zeros += other.zeros
        self.misfits += other.misfits
        self.programs += other.programs
        self.exact += other.exact


class _Holdings(NamedTuple):
    """Which agency (`agency`) has calls in which town (`town`), with its counts (holdings, months) of each kind."""

    agencies: tuple[str, ...]
    agency: Ints
    town: Ints
    counts: dict[int, Floats]


def attack_insiders(case: Case, coverage: tuple[PublicCoverage, ...], known: pa.Table) -> Insiders:
    """Attack with what each agency knows; `known`: the true counts, one line an agency, town, month and kind.

    Raises `UnfinishedError` after the deadline.
    """
    holdings = _holdings(case, coverage, known)
    result = Insiders(agencies=len(holdings.agencies))
    own = np.zeros((len(case.world.geoids), result.agencies), np.bool_)
    own[holdings.town, holdings.agency] = True
    groups = [g for seed in range(_WAYS) for g in _groups(own, case.world.county, seed)]
    who = key_of(case.key, "|".join(holdings.agencies), holdings.agency, holdings.town)
    for kind in range(len(case.told.kinds)):
        if case.told.judged[:, kind].any():
            one = _Attack(case, holdings, own, kind)
            result.add(case.remembered.once(one.key(who), lambda one=one: one.run(groups)))  # type: ignore[misc]
    return result


def _holdings(case: Case, coverage: tuple[PublicCoverage, ...], known: pa.Table) -> _Holdings:
    if lacking := set(COLUMNS) - set(known.column_names):
        raise DataError(f"What agencies know lacks {', '.join(sorted(lacking))}", ", ".join(COLUMNS))
    of, kinds = case.world, case.told.kinds
    agencies = sorted({c.agency for c in coverage} | set(texts(known["agency"]).tolist()))
    index = {g: i for i, g in enumerate(of.geoids)}
    number = {a: i for i, a in enumerate(agencies)}
    line = (positions(words(known["agency"]), agencies), positions(words(known["geoid"]), of.geoids))
    month, kind = month_numbers(known["month"]) - of.first, positions(known["category"], kinds)
    calls = numbers(known["calls"])
    use = (line[1] >= 0) & (month >= 0) & (month < of.reported.shape[1]) & (kind >= 0)
    pairs = {(number[c.agency], index[g]) for c in coverage for g in c.places if g in index}
    pairs |= set(zip(line[0][use].tolist(), line[1][use].tolist(), strict=True))
    both = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    keys = both[:, 0] * len(of.geoids) + both[:, 1]
    at = np.searchsorted(keys, line[0] * len(of.geoids) + line[1])
    counts = {}
    for one in range(len(kinds)):
        rows = use & (kind == one)
        counts[one] = np.zeros((keys.size, of.reported.shape[1]))
        np.add.at(counts[one], (at[rows], month[rows]), calls[rows])
    return _Holdings(tuple(agencies), both[:, 0], both[:, 1], counts)


def _groups(own: Bools, county: Ints, seed: int) -> list[Ints]:
    """Agencies in groups, those of one county apart as far as that goes."""
    lot = np.random.default_rng(seed)
    counties = np.zeros((county.max(initial=-1) + 1, own.shape[1]))
    np.add.at(counties, county, own)
    filled = np.zeros((counties.shape[0], _GROUPS))
    members: list[list[int]] = [[] for _ in range(_GROUPS)]
    for agency in np.lexsort((lot.random(own.shape[1]), -(counties > 0).sum(axis=0))).tolist():
        here = counties[:, agency] > 0
        cost = filled[here].sum(axis=0) + np.array([len(m) for m in members]) / 1000 + lot.random(_GROUPS) / 2000
        group = int(np.argmin(cost))
        filled[here, group] += 1
        members[group].append(agency)
    return [np.array(m, np.int64) for m in members if m]


class _Attack:
    """The attack on one kind by all agencies."""

    def __init__(self, case: Case, holdings: _Holdings, own: Bools, kind: int) -> None:
        self.case, self.holdings, self.own, self.kind, self.to = case, holdings, own, kind, Insiders()
        self.unknown = case.unknown(kind)
        self.low, self.high = case.bounds(kind, case.told.low[:, kind], case.told.high[:, kind])
        mask = self.unknown[holdings.town]
        self.counts = holdings.counts[kind] * mask
        lost = holdings.counts[kind] * ~case.world.reported[holdings.town]
        late = lost.reshape(len(lost), case.world.years, YEAR).sum(axis=2)
        self.late = late * case.world.late[holdings.town]
        self.size = case.cells.plus.size

    def key(self, who: bytes) -> bytes:
        """The hash of all that this attack depends on; `who`: that of the world and the agencies."""
        name = self.case.told.kinds[self.kind]
        return key_of(who, name, str(self.kind), self.unknown, self.low, self.high, self.counts, self.late)

    def run(self, groups: list[Ints]) -> Insiders:
        """What every agency learns, all together first, and each by itself at last."""
        left, fits = self._by_truth()
        if fits:
            nothing = left & self._filled()
            self.to.zeros += int(nothing.sum())
            left &= ~nothing
            for group in groups:
                cells = np.flatnonzero(left[:, group].any(axis=1))
                if left[:, group].any(axis=0).sum() >= _MANY:
                    left[np.ix_(cells, group)] &= ~self._together(group, cells)[:, None]
            self._by_county(left)
        for agency in np.flatnonzero(left.any(axis=0)).tolist():
            self._alone(agency, np.flatnonzero(left[:, agency]))
        return self.to

    def _by_truth(self) -> tuple[Bools, bool]:
        """Which cells (cells, agencies) may be exact: of other agencies, small, and not open by a step from the truth.

        False where the truth is not what is told: then nothing is known of their values.
        """
        of = self.case.system(self.unknown)
        of_holding = _margins(of.known, self.holdings.town, self.counts, self.late)
        members = _belongs(self.holdings.agency, self.own.shape[1])
        parts = of.cells[: self.size] @ of_holding
        other = np.asarray(parts.sum(axis=1)) - np.asarray((parts @ members).todense())
        towns = np.arange(self.own.shape[0])
        ones = _margins(of.known, towns, np.ones(self.unknown.shape), np.ones(self.case.world.late.shape))
        size = of.cells[: self.size] @ ones
        alone = self._sole()
        there = np.asarray(size.sum(axis=1)) - np.asarray((size @ sparse.csr_matrix(alone * 1.0)).todense()) > 0
        table = np.asarray(of_holding.sum(axis=1)).ravel()
        figures = of.figures @ table
        some = np.diff(of.figures.indptr) > 0
        fits = bool(((figures >= self.low) & (figures <= self.high))[some].all())
        if not fits:
            self.to.attacked += int(there.sum())
            return there, False
        left = there & (other <= _SMALL)
        self.to.attacked += int(left.sum())
        return self._open(of, left, table, figures), True

    def _open(self, of: System, left: Bools, table: Floats, figures: Floats) -> Bools:
        """Which are left (cells, agencies) when one call more, less, or moved changes the cell in others' towns."""
        truth = np.zeros(self.unknown.shape)
        np.add.at(truth, self.holdings.town, self.counts)
        bounds = table, np.zeros(table.size), np.full(table.size, np.inf), self.high - figures, figures - self.low
        rows = np.flatnonzero(left.any(axis=1))
        reach = of.steps.only(sparse.csr_matrix(of.cells[rows].T))
        forwards, backwards = reach.room(*bounds)
        month, town = np.nonzero(of.known.by_town >= 0), moves(of.known).town
        there = np.ones(town.size, np.bool_)
        there[: month[0].size] = truth[month] > 0  # one call less takes a call that is there
        backwards *= there[reach.rows]
        towns = _belongs(town[reach.rows], self.own.shape[0])
        # One call more may be another agency's in a town that is not an agency's alone; one less is not sure to be.
        more, fewer = (abs(reach.cells).T @ sparse.diags((room > 0) * 1.0) @ towns for room in (forwards, backwards))
        left[rows] &= ~np.asarray((more @ ~self._sole() > 0) | (fewer @ ~self.own > 0))
        lot, givers = np.random.default_rng(self.kind), Givers(of.known, self.case.world, truth)
        for _ in range(_LOTS):
            rows = np.flatnonzero(left.any(axis=1))
            moved = givers.moves(lot)
            reach = Reach(moved.steps, of.steps.sums).only(sparse.csr_matrix(of.cells[rows].T))
            at = np.flatnonzero(reach.room(*bounds)[0] > 0)
            giver, taker = moved.town[reach.rows[at]].T
            others = ~(self.own[giver] | self._sole()[taker])
            left[rows] &= ~np.asarray(abs(reach.cells[at]).T @ others > 0)
        return np.asarray(left)

    def _by_county(self, left: Bools) -> None:
        """Take out of what is left what an agency finds open though it knew all towns outside of the cell's county.

        What is open to who knows more is open to who knows less; and these programs are small.
        """
        county, cells, sole = self.case.world.county, self._counties(), self._sole()
        for one in np.unique(cells[(cells >= 0) & left.any(axis=1)]).tolist():
            rows = np.flatnonzero((cells == one) & left.any(axis=1))
            elsewhere = np.asarray(county != one)
            here = self._known_in(~elsewhere)
            agencies = np.flatnonzero(left[rows].any(axis=0))
            alike = np.unique(here[agencies], return_inverse=True)[1]
            for group in (agencies[alike == i] for i in range(alike.max() + 1)):
                mine = rows[left[np.ix_(rows, group)].any(axis=1)]
                known = elsewhere[self.holdings.town] | (self.holdings.agency == group[0])
                found = self._agreeing(elsewhere | sole[:, group[0]], known, mine)
                if found is not None:
                    found.kind.search(found.judged, _OPEN, 1)
                    self.to.programs += found.kind.programs
                    left[np.ix_(mine[np.asarray(found.kind.runs.values[mine] > 1)], group)] = False

    def _known_in(self, towns: Bools) -> NDArray[np.bytes_]:
        """For each agency a hash of what it knows of these towns: nothing, for most agencies and counties."""
        sole = self._sole()[towns]
        some = self.counts.any(axis=1) | self.late.any(axis=1)
        held = np.where(towns[self.holdings.town] & some, self.holdings.agency, -1)
        return np.array(
            [key_of(sole[:, a], np.flatnonzero(held == a)) for a in range(self.own.shape[1])], np.dtype("S32")
        )

    def _counties(self) -> Ints:
        """The county that each cell is in; -1 for those of the state."""
        of, spans = self.case.world, self.case.cells.spans
        level, place = spans.level[self.case.cells.plus], spans.place[self.case.cells.plus]
        town = np.where(level == TOWN, place, 0)
        return np.where(level == COUNTY, place, np.where(level == TOWN, of.county[town], -1))

    def _filled(self) -> Bools:
        """Which cells (cells, agencies) hold no call of others, for an agency's own calls fill what was told.

        As `_nothing_left`, for all agencies at once and without a program.
        """
        of = self.case.system(self.unknown)
        members = _belongs(self.holdings.agency, self.own.shape[1])
        own = of.figures @ (_margins(of.known, self.holdings.town, self.counts, self.late) @ members)
        most = self.high[: own.shape[0], None]
        full = (np.asarray(own.todense()) >= most) & np.isfinite(most)
        towns = np.arange(self.own.shape[0])
        ones = _margins(of.known, towns, np.ones(self.unknown.shape), np.ones(self.case.world.late.shape))
        # An unknown of which an agency knows every town has nothing of others either.
        others = np.asarray(ones.sum(axis=1)) - np.asarray((ones @ sparse.csr_matrix(self._sole() * 1.0)).todense())
        zero = (np.asarray(of.figures.T @ full) > 0) | (others <= 0)
        for side in (1.0, -1.0):
            ties = sparse.csr_matrix(of.known.equations.multiply(of.known.equations == side))
            filled = np.asarray(ties.astype(np.bool_).astype(np.float64) @ ~zero == 0)
            zero |= np.asarray(np.abs(of.known.equations).T @ filled > 0)
        cells = of.cells[: self.size]
        return np.asarray((np.abs(cells) @ ~zero == 0) & (np.diff(cells.indptr) > 0)[:, None])

    def _sole(self) -> Bools:
        """Towns (towns, agencies) that are one agency's alone: of these it knows everything."""
        return np.asarray(self.own & (self.own.sum(axis=1, keepdims=True) == 1))

    def _together(self, group: Ints, cells: Ints) -> Bools:
        """Which of the cells are open to all agencies of a group together, even to who knows all about their towns."""
        towns: Bools = np.asarray(self.own[:, group].any(axis=1))
        found = self._agreeing(towns, towns[self.holdings.town], cells)
        if found is None:
            return np.zeros(cells.size, np.bool_)
        found.kind.search(found.judged, _OPEN, 1)
        self.to.programs += found.kind.programs
        return np.asarray(found.kind.runs.values[cells] > 1)

    def _alone(self, agency: int, cells: Ints) -> None:
        found = self._agreeing(self._sole()[:, agency], self.holdings.agency == agency, cells)
        if found is None:
            self.to.misfits += 1
            return
        zero = _nothing_left(found.kind)[cells]
        self.to.zeros += int((zero & found.judged[cells]).sum())
        found.judged[cells[zero]] = False
        seen = found.kind.attack(found.judged, _OPEN, 1)
        self.to.programs += found.kind.programs
        exact = cells[found.judged[cells] & (seen.values[cells] <= 1)]
        low = seen.low[exact]
        self.to.zeros += int((low == 0).sum())
        for cell in exact[(low >= 1) & (low <= _SMALL)].tolist():
            what = self.case.named(self.kind, cell, found.kind.system)
            value = seen.low[cell]
            at = where(cell, self.case.cells, found.kind.system.known, self.case.world)
            name = f"{what}, to {self.holdings.agencies[agency]}"
            self.to.exact.append(Narrow(name, value, value, 1, self.case.told.kinds[self.kind], at))

    def _agreeing(self, towns: Bools, inside: Bools, cells: Ints) -> Opened | None:
        """The attack on these cells by who knows all of these towns, and these holdings; None where no table agrees."""
        case = self.case
        counts, late = np.zeros(self.unknown.shape), np.zeros(case.world.late.shape)
        np.add.at(counts, self.holdings.town[inside], self.counts[inside])
        np.add.at(late, self.holdings.town[inside], self.late[inside])
        low, high = less(self.low, self.high, totals(case.world, case.spans, counts, late))
        unknown, late_unknown = self.unknown & ~towns[:, None], case.world.late & ~towns[:, None]
        return agreeing(case, unknown, low, high, late_unknown, cells, _OPEN)


def _nothing_left(kind: Kind) -> Bools:
    """Which cells hold only unknowns of figures that are 0: an agency's own calls fill what was told."""
    of = kind.system
    zero = np.asarray((kind.high == 0) @ of.figures > 0)
    ties = of.known.equations
    for side in (1.0, -1.0):
        # Where all months of a rectangle are 0, so are its towns.
        of_side = sparse.csr_matrix(ties.multiply(ties == side))
        filled = np.asarray(of_side.astype(np.bool_).astype(np.float64) @ ~zero == 0)
        zero |= np.asarray(np.abs(ties).T @ filled > 0)
    return np.asarray((of.cells @ ~zero == 0) & (np.diff(of.cells.indptr) > 0))


def _belongs(of: Ints, size: int) -> sparse.csr_matrix:
    """1 where a row belongs to a column."""
    return sparse.csr_matrix((np.ones(of.size), (np.arange(of.size), of)), shape=(of.size, size))


def _margins(known: Structure, town: Ints, counts: Floats, late: Floats) -> sparse.csr_matrix:
    """Counts (rows, months) and late months (rows, years) of towns as values of the unknowns, (unknowns, rows)."""
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]] = []
    for numbers_, values in ((known.by_town, counts), (known.by_month, counts), (known.late, late)):
        row, when = np.nonzero((numbers_[town] >= 0) & (values != 0))
        parts.append((numbers_[town[row], when], row, values[row, when]))
    column, row, value = (np.concatenate([p[i] for p in parts]) for i in range(3))
    return sparse.csr_matrix((value, (column, row)), shape=(known.size, town.size))
