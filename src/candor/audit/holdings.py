"""What each agency knows: the calls of its own towns, kind by kind, and what they are in the unknowns of the attack."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from candor.audit.case import Case
from candor.audit.public import Bools, Floats, Ints, month_numbers, numbers, positions, texts, words
from candor.audit.remembered import key_of
from candor.audit.structure import Structure
from candor.audit.world import YEAR
from candor.errors import DataError
from candor.store.model import PublicCoverage

COLUMNS = ("agency", "geoid", "month", "category", "calls")


class Holdings(NamedTuple):
    """Which agency (`agency`) has calls in which town (`town`), with its counts (holdings, months) of each kind.

    `own` (towns, agencies): which towns are an agency's; `sole`: which are its alone, so that it knows everything of
    them.
    """

    agencies: tuple[str, ...]
    agency: Ints
    town: Ints
    counts: dict[int, Floats]
    own: Bools
    sole: Bools


def holdings_of(case: Case, coverage: tuple[PublicCoverage, ...], known: pa.Table) -> Holdings:
    """What agencies know; `known`: the true counts, one line an agency, town, month and kind.

    Raises `DataError` where it lacks a column.
    """
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
    own = np.zeros((len(of.geoids), len(agencies)), np.bool_)
    own[both[:, 1], both[:, 0]] = True
    sole = own & (own.sum(axis=1, keepdims=True) == 1)
    return Holdings(tuple(agencies), both[:, 0], both[:, 1], counts, own, sole)


class Known:
    """What agencies know of one kind: `counts` (holdings, months) and `late` months (holdings, years).

    Only of the counts that were never told (`unknown`). `low` and `high` bound the told figures.
    """

    def __init__(self, case: Case, holdings: Holdings, kind: int) -> None:
        self.case, self.holdings, self.kind = case, holdings, kind
        self.unknown = case.unknown(kind)
        self.low, self.high = case.bounds(kind, case.told.low[:, kind], case.told.high[:, kind])
        self.counts = holdings.counts[kind] * self.unknown[holdings.town]
        lost = holdings.counts[kind] * ~case.world.reported[holdings.town]
        late = lost.reshape(len(lost), case.world.years, YEAR).sum(axis=2)
        self.late = late * case.world.late[holdings.town]
        self.system = case.system(self.unknown)
        self.cells = self.system.cells[: case.cells.plus.size]

    def key(self, who: bytes) -> bytes:
        """The hash of all that is known; `who`: that of the world and the agencies."""
        name = self.case.told.kinds[self.kind]
        return key_of(who, name, str(self.kind), self.unknown, self.low, self.high, self.counts, self.late)

    @cached_property
    def parts(self) -> sparse.csr_matrix:
        """What each holding is of each unknown, (unknowns, holdings)."""
        return margins(self.system.known, self.holdings.town, self.counts, self.late)

    @cached_property
    def own_parts(self) -> sparse.csr_matrix:
        """What each agency's calls are of each unknown, (unknowns, agencies)."""
        return sparse.csr_matrix(self.parts @ belongs(self.holdings.agency, len(self.holdings.agencies)))

    @cached_property
    def places(self) -> sparse.csr_matrix:
        """How many counts and late months of each town are in each unknown, (unknowns, towns)."""
        towns = np.arange(self.unknown.shape[0])
        return margins(self.system.known, towns, np.ones(self.unknown.shape), np.ones(self.case.world.late.shape))

    def others_in(self, sums: sparse.csr_matrix) -> Bools:
        """Which of these sums (sums, unknowns) have a town in them that is not the agency's alone, (sums, agencies)."""
        size = sparse.csr_matrix(sums @ self.places)
        alone = size @ sparse.csr_matrix(self.holdings.sole * 1.0)
        return np.asarray(np.asarray(size.sum(axis=1)) - np.asarray(alone.todense()) > 0)


def belongs(of: Ints, size: int) -> sparse.csr_matrix:
    """1 where a row belongs to a column."""
    return sparse.csr_matrix((np.ones(of.size), (np.arange(of.size), of)), shape=(of.size, size))


def margins(known: Structure, town: Ints, counts: Floats, late: Floats) -> sparse.csr_matrix:
    """Counts (rows, months) and late months (rows, years) of towns as values of the unknowns, (unknowns, rows)."""
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]] = []
    for numbers_, values in ((known.by_town, counts), (known.by_month, counts), (known.late, late)):
        row, when = np.nonzero((numbers_[town] >= 0) & (values != 0))
        parts.append((numbers_[town[row], when], row, values[row, when]))
    column, row, value = (np.concatenate([p[i] for p in parts]) for i in range(3))
    return sparse.csr_matrix((value, (column, row)), shape=(known.size, town.size))
