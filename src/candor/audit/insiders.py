"""The attack by each agency that publishes: it knows the calls of its own towns, and looks for another's.

A count of another agency is found where it is exact at 1 to 4. The publisher knows all counts, so the first table is the
truth: where a call more or less in a town that is not the agency's leaves every told figure as it is, what it is in is not
exact. Then tables in which the towns of several agencies are as they are; what is open to all of these together is open to
each. What is left is solved for the agency by itself.

An exact zero cannot be kept from an agency whose own calls fill an "under 5": these are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from candor.audit.attack import System
from candor.audit.outsider import Case, Narrow, agreeing, less
from candor.audit.public import Bools, Floats, Ints, month_numbers, numbers, positions, texts, words
from candor.audit.structure import Structure, moves, totals
from candor.audit.world import YEAR
from candor.portal.problems import DataError
from candor.store.model import PublicCoverage

_GROUPS = 5
_SMALL = 4
COLUMNS = ("agency", "geoid", "month", "category", "calls")


@dataclass
class Insiders:
    """What agencies learn: other agencies' counts that are `exact` at 1 to 4, and at 0 (`zeros`), of those `attacked`.

    `misfits`: of so many agencies and kinds the own counts are not those in the told figures; they can conclude nothing.
    """

    agencies: int = 0
    attacked: int = 0
    zeros: int = 0
    misfits: int = 0
    programs: int = 0
    exact: list[Narrow] = field(default_factory=list)


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
    groups = _groups(own, case.world.county)
    for kind in range(len(case.told.kinds)):
        if case.told.judged[:, kind].any():
            _Attack(case, holdings, own, kind, result).run(groups)
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


def _groups(own: Bools, county: Ints) -> list[Ints]:
    """Agencies in groups, those of one county apart as far as that goes."""
    counties = np.zeros((county.max(initial=-1) + 1, own.shape[1]))
    np.add.at(counties, county, own)
    filled = np.zeros((counties.shape[0], _GROUPS))
    members: list[list[int]] = [[] for _ in range(_GROUPS)]
    for agency in np.argsort(-own.sum(axis=0), kind="stable").tolist():
        here = counties[:, agency] > 0
        cost = filled[here].sum(axis=0) + np.array([len(m) for m in members]) / 1000
        group = int(np.argmin(cost))
        filled[here, group] += 1
        members[group].append(agency)
    return [np.array(m, np.int64) for m in members if m]


class _Attack:
    """The attack on one kind by all agencies."""

    def __init__(self, case: Case, holdings: _Holdings, own: Bools, kind: int, to: Insiders) -> None:
        self.case, self.holdings, self.own, self.kind, self.to = case, holdings, own, kind, to
        self.unknown = case.unknown(kind)
        self.low, self.high = case.bounds(kind, case.told.low[:, kind], case.told.high[:, kind])
        mask = self.unknown[holdings.town]
        self.counts = holdings.counts[kind] * mask
        lost = holdings.counts[kind] * ~case.world.reported[holdings.town]
        late = lost.reshape(len(lost), case.world.years, YEAR).sum(axis=2)
        self.late = late * case.world.late[holdings.town]
        self.size = case.cells.plus.size

    def run(self, groups: list[Ints]) -> None:
        """Every agency, all together first, and by itself at last."""
        left, fits = self._by_truth()
        self.to.attacked += int(left.sum())
        if fits:
            left &= ~self._opened
            for group in groups:
                cells = np.flatnonzero(left[:, group].any(axis=1))
                if cells.size:
                    left[np.ix_(cells, group)] &= ~self._together(group, cells)[:, None]
        for agency in np.flatnonzero(left.any(axis=0)).tolist():
            self._alone(agency, np.flatnonzero(left[:, agency]))

    def _by_truth(self) -> tuple[Bools, bool]:
        """Which cells (cells, agencies) are to be attacked: of other agencies, and small; and whether the truth fits.

        Which of them a step from the truth opens is in `_opened`.
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
            return there, False
        self._opened = self._steps(of, table, figures)
        return there & (other <= _SMALL), True

    def _steps(self, of: System, table: Floats, figures: Floats) -> Bools:
        """Which cells (cells, agencies) change by a call more or less in a town that is not the agency's."""
        least = np.zeros(of.known.size)
        forwards, backwards = of.steps.room(
            table, least, np.full(least.size, np.inf), self.high - figures, figures - self.low
        )
        every = moves(of.known)
        # One call less takes a call that is there.
        truth = np.zeros(self.unknown.shape)
        np.add.at(truth, self.holdings.town, self.counts)
        month = np.nonzero(of.known.by_town >= 0)
        backwards[: month[0].size] *= truth[month] > 0
        open_ = (forwards > 0) | (backwards > 0)
        by_town = _belongs(every.town, self.own.shape[0])
        changes = sparse.csr_matrix(of.steps.cells[:, : self.size].T)
        changes.data = np.ones_like(changes.data)
        ways = changes @ sparse.diags(open_ * 1.0) @ by_town
        others = np.asarray(ways.sum(axis=1)) - np.asarray((ways @ sparse.csr_matrix(self.own * 1.0)).todense())
        return np.asarray(others > 0)

    def _sole(self) -> Bools:
        """Towns (towns, agencies) that are one agency's alone: of these it knows everything."""
        return self.own & (self.own.sum(axis=1, keepdims=True) == 1)

    def _together(self, group: Ints, cells: Ints) -> Bools:
        """Which of the cells are open to all agencies of a group together, even to who knows all about their towns."""
        towns = self.own[:, group].any(axis=1)
        inside = towns[self.holdings.town]
        return self._attacked(towns, inside, cells)[0] > 1

    def _alone(self, agency: int, cells: Ints) -> None:
        inside = self.holdings.agency == agency
        values, low = self._attacked(self._sole()[:, agency], inside, cells)
        if not values.size:
            self.to.misfits += 1
            return
        name = self.holdings.agencies[agency]
        self.to.zeros += int(((values == 1) & (low == 0)).sum())
        for i in np.flatnonzero((values <= 1) & (low >= 1) & (low <= _SMALL)).tolist():
            what = self.case.named(self.kind, int(cells[i]), self.case.system(self.unknown))
            self.to.exact.append(Narrow(f"{what}, to {name}", low[i], low[i], int(values[i])))

    def _attacked(self, towns: Bools, inside: Bools, cells: Ints) -> tuple[Floats, Floats]:
        """How many values the cells have for who knows these towns, and these holdings' counts; and the least one.

        Nothing where no table agrees.
        """
        case = self.case
        counts, late = np.zeros(self.unknown.shape), np.zeros(case.world.late.shape)
        np.add.at(counts, self.holdings.town[inside], self.counts[inside])
        np.add.at(late, self.holdings.town[inside], self.late[inside])
        low, high = less(self.low, self.high, totals(case.world, case.spans, counts, late))
        found = agreeing(case, self.kind, self.unknown & ~towns[:, None], low, high, case.world.late & ~towns[:, None])
        if found is None:
            return np.zeros(0), np.zeros(0)
        judged = np.zeros_like(found.judged)
        judged[cells] = found.judged[cells]
        seen = found.kind.attack(judged, 2)
        self.to.programs += found.kind.programs
        values = np.where(judged[cells], seen.values[cells], 0.0)
        return values, np.where(judged[cells], seen.low[cells], np.nan)


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
