"""The attack by each agency that publishes: it knows the calls of its own towns, and looks for another's.

A count of another agency is found where it is exact at 1 to 4. Most are seen to be open by steps from the truth
(`steps`). Then tables in which the towns of several agencies are as they are; what is open to all of these together is
open to each. Then tables for each agency, from the same program (`shared`). What is left is solved for the agency by
itself.

An exact zero cannot be kept from an agency whose own calls fill an "under 5": these are counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from scipy import sparse

from candor.audit import steps
from candor.audit.attack import Kind
from candor.audit.case import Case, Opened, agreeing, less
from candor.audit.cells import where
from candor.audit.holdings import Holdings, Known, holdings_of
from candor.audit.outsider import Narrow
from candor.audit.public import Bools, Ints
from candor.audit.remembered import key_of
from candor.audit.shared import OPEN, Shared
from candor.audit.structure import totals
from candor.store.model import PublicCoverage

_GROUPS = 5
"""Agencies are put into so many groups."""
_MANY = 3
"""So many agencies of a group make it worth a program."""


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


def attack_insiders(case: Case, coverage: tuple[PublicCoverage, ...], known: pa.Table) -> Insiders:
    """Attack with what each agency knows; `known`: the true counts, one line an agency, town, month and kind.

    Raises `UnfinishedError` after the deadline.
    """
    holdings = holdings_of(case, coverage, known)
    result = Insiders(agencies=len(holdings.agencies))
    groups = _groups(holdings.own, case.world.county)
    who = key_of(case.key, "|".join(holdings.agencies), holdings.agency, holdings.town)
    kinds = [k for k in range(len(case.told.kinds)) if case.told.judged[:, k].any()]
    by_kind = case.remembered.all(
        {k: Known(case, holdings, k).key(who) for k in kinds},
        lambda new: case.beside.all(_learnt, (case, holdings, groups), new, case.cells.plus.size),
    )
    for kind in kinds:
        result.add(by_kind[kind])
    return result


def _groups(own: Bools, county: Ints) -> list[Ints]:
    """Agencies in groups, those of one county apart as far as that goes."""
    lot = np.random.default_rng(0)
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


def _learnt(given: tuple[Case, Holdings, list[Ints]], kind: int) -> Insiders:
    """What every agency learns of a kind."""
    case, holdings, groups = given
    of, to = Known(case, holdings, kind), Insiders()
    left, table = steps.judged(of), steps.true(of)
    if table is not None:
        left &= steps.small(of)
        to.attacked = int(left.sum())
        left = steps.not_open(of, left, table)
        nothing = left & steps.filled(of)
        to.zeros = int(nothing.sum())
        left &= ~nothing
        if left.any():
            _by_tables(of, left, groups, to)
    else:
        to.attacked = int(left.sum())
    for agency in np.flatnonzero(left.any(axis=0)).tolist():
        _alone(of, agency, np.flatnonzero(left[:, agency]), to)
    return to


def _by_tables(of: Known, left: Bools, groups: list[Ints], to: Insiders) -> None:
    """Take out of what is left (cells, agencies) what tables show to be open, to many agencies and to each."""
    shared = Shared(of)
    for group in groups:
        if left[:, group].any(axis=0).sum() >= _MANY:
            cells = np.flatnonzero(left[:, group].any(axis=1))
            left[np.ix_(cells, group)] &= ~shared.to_all(group, cells)[:, None]
    for agency in np.flatnonzero(left.any(axis=0)).tolist():
        cells = np.flatnonzero(left[:, agency])
        left[cells, agency] = ~shared.to_one(agency, cells)
    to.programs += shared.kind.programs


def _alone(of: Known, agency: int, cells: Ints, to: Insiders) -> None:
    """What an agency learns of these cells by itself, with its own calls taken out of everything told."""
    case, holdings = of.case, of.holdings
    opened = _agreeing(of, holdings, agency, cells)
    if opened is None:
        to.misfits += 1
        return
    zero = _nothing_left(opened.kind)[cells]
    to.zeros += int((zero & opened.judged[cells]).sum())
    opened.judged[cells[zero]] = False
    seen = opened.kind.attack(opened.judged, OPEN, 1)
    to.programs += opened.kind.programs
    exact = cells[opened.judged[cells] & (seen.values[cells] <= 1)]
    low = seen.low[exact]
    to.zeros += int((low == 0).sum())
    for cell in exact[(low >= 1) & (low <= steps.SMALL)].tolist():
        what = case.named(of.kind, cell, opened.kind.system)
        at = where(cell, case.cells, opened.kind.system.known, case.world)
        name, value = f"{what}, to {holdings.agencies[agency]}", seen.low[cell]
        to.exact.append(Narrow(name, value, value, 1, case.told.kinds[of.kind], at))


def _agreeing(of: Known, holdings: Holdings, agency: int, cells: Ints) -> Opened | None:
    """The attack on these cells by an agency; None where no table agrees with what it knows."""
    case, inside, sole = of.case, holdings.agency == agency, holdings.sole[:, agency, None]
    counts, late = np.zeros(of.unknown.shape), np.zeros(case.world.late.shape)
    np.add.at(counts, holdings.town[inside], of.counts[inside])
    np.add.at(late, holdings.town[inside], of.late[inside])
    low, high = less(of.low, of.high, totals(case.world, case.spans, counts, late))
    return agreeing(case, of.unknown & ~sole, low, high, case.world.late & ~sole, cells, OPEN)


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
