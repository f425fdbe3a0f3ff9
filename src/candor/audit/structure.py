"""The counts that figures sum, as few unknowns as say exactly the same.

Nine thousand counts of towns by months make linear programs slow, and they need not be known. Take a county's year.
Towns that reported in the same months are a class, months in which the same towns reported are a class; so the county's
year falls into rectangles of towns by months in which everything was reported. In a rectangle counts >= 0 with given
sums by town and by month exist exactly where both have the same total, whole ones for whole sums (the transportation
problem; north-west corner rule, Dantzig 1951). As no figure cuts a rectangle otherwise (towns have whole years,
counties all their towns), its sums by town and by month say all that its counts say, for real and for whole numbers.

Unknowns: a town's count in a class of months; a county's in a month, in a class of towns; a town's late months of a
year.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.public import Bools, Floats, Ints
from candor.audit.told import COUNTY, STATE, TOWN
from candor.audit.world import YEAR, World


class Spans(NamedTuple):
    """Figures as numbers in a world: level, place, first and last month, both in."""

    level: Ints
    place: Ints
    first: Ints
    last: Ints

    def take(self, at: Ints) -> Spans:
        """Some of them."""
        return Spans(*(column[at] for column in self))


class Structure(NamedTuple):
    """Unknowns (columns) and what ties them.

    `equations` (rectangles, unknowns) sum to 0. `by_town`, `by_month` (towns, months): the two unknowns that a count is
    in, -1 where it is not unknown. `late` (towns, years): likewise. `town`, `county`, `first`, `last` of each unknown
    say where it is (`town` -1 for a county's).
    """

    equations: sparse.csr_matrix
    by_town: Ints
    by_month: Ints
    late: Ints
    town: Ints
    county: Ints
    first: Ints
    last: Ints

    @property
    def size(self) -> int:
        """How many unknowns."""
        return self.town.size


def structure(of: World, unknown: Bools, late: Bools) -> Structure:
    """The unknowns where these counts (towns, months) and these late months (towns, years) are not known."""
    months = unknown.shape[1]
    by_town, by_month = np.full(unknown.shape, -1, np.int64), np.full(unknown.shape, -1, np.int64)
    mine: list[tuple[int, int, int, int]] = []
    rows: list[tuple[Ints, Ints]] = []
    counts = [0, 0]
    for county in range(len(of.counties)):
        own = np.flatnonzero(of.county == county)
        for start in range(0, months, YEAR):
            part = unknown[own, start : start + YEAR]
            if not part.any():
                continue
            town_class = np.unique(part, axis=0, return_inverse=True)[1].ravel()
            month_class = np.unique(part, axis=1, return_inverse=True)[1].ravel()
            for i in range(town_class.max() + 1):
                for j in range(month_class.max() + 1):
                    at, when = np.flatnonzero(town_class == i), np.flatnonzero(month_class == j)
                    if not part[at[0], when[0]]:
                        continue
                    a = counts[0] + np.arange(at.size)
                    b = counts[1] + np.arange(when.size)
                    counts = [counts[0] + at.size, counts[1] + when.size]
                    by_town[np.ix_(own[at], start + when)] = a[:, None]
                    by_month[np.ix_(own[at], start + when)] = b[None, :]
                    mine += [(own[t], county, start + when[0], start + when[-1]) for t in at]
                    rows.append((a, b))
    n_a, n_b = counts
    by_month = np.where(by_month >= 0, by_month + n_a, -1)
    number = np.full(late.shape, -1, np.int64)
    who, year = np.nonzero(late)
    number[who, year] = n_a + n_b + np.arange(who.size)
    size = n_a + n_b + who.size
    where = np.full((4, size), -1, np.int64)
    where[:, :n_a] = np.array(mine, np.int64).reshape(-1, 4).T
    t, m = np.nonzero(by_month >= 0)
    where[1, by_month[t, m]], where[2, by_month[t, m]], where[3, by_month[t, m]] = of.county[t], m, m
    where[:, n_a + n_b :] = who, of.county[who], year * YEAR, year * YEAR + YEAR - 1
    row = np.repeat(np.arange(len(rows)), [a.size + b.size for a, b in rows])
    column = np.concatenate([np.zeros(0, np.int64), *(np.concatenate([a, n_a + b]) for a, b in rows)])
    weight = np.where(column < n_a, 1.0, -1.0)
    equations = sparse.csr_matrix((weight, (row, column)), shape=(len(rows), size))
    return Structure(equations, by_town, by_month, number, *where)


def sets(known: Structure, of: Spans) -> sparse.csr_matrix:
    """What each figure sums, (figures, unknowns).

    Late months are in figures of whole years alone.
    """
    late = np.zeros(known.size, np.bool_)
    late[known.late[known.late >= 0]] = True
    years = (of.last - of.first + 1) % YEAR == 0
    parts = []
    for level, columns in (
        (TOWN, known.town >= 0),
        (COUNTY, (known.town < 0) | late),
        (STATE, (known.town < 0) | late),
    ):
        rows, cols = np.flatnonzero(of.level == level), np.flatnonzero(columns)
        inside = (known.first[cols] >= of.first[rows, None]) & (known.last[cols] <= of.last[rows, None])
        inside &= years[rows, None] | ~late[cols]
        if level != STATE:
            where = known.town if level == TOWN else known.county
            inside &= where[cols] == of.place[rows, None]
        r, c = np.nonzero(inside)
        parts.append((rows[r], cols[c]))
    row, column = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
    return sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(of.level.size, known.size))


def totals(of: World, figures: Spans, counts: Floats, late: Floats) -> Floats:
    """What figures sum over known counts (towns, months) and late months (towns, years)."""
    years = (figures.last - figures.first + 1) % YEAR == 0
    result = np.zeros(figures.level.size)
    for values, scale, chosen in ((counts, 1, np.ones_like(years)), (late, YEAR, years)):
        county = np.zeros((len(of.counties), values.shape[1]))
        np.add.at(county, of.county, values)
        for level, table in ((TOWN, values), (COUNTY, county), (STATE, values.sum(axis=0, keepdims=True))):
            rows = np.flatnonzero((figures.level == level) & chosen & (figures.place >= 0))
            running = np.concatenate([np.zeros((table.shape[0], 1)), np.cumsum(table, axis=1)], axis=1)
            start, end = figures.first[rows] // scale, (figures.last[rows] + 1) // scale
            result[rows] += running[figures.place[rows], end] - running[figures.place[rows], start]
    return result


class Moves(NamedTuple):
    """Steps from one table to another: `steps` (moves, unknowns), and the `town` or towns that each is about."""

    steps: sparse.csr_matrix
    town: Ints


def moves(known: Structure) -> Moves:
    """One call more in each count, and one moved between counts that are alike but for town, month or year."""
    t, m = np.nonzero(known.by_town >= 0)
    n = t.size
    who, year = np.nonzero(known.late >= 0)
    row = np.concatenate([np.arange(n), np.arange(n), n + np.arange(who.size)])
    column = np.concatenate([known.by_town[t, m], known.by_month[t, m], known.late[who, year]])
    one = sparse.csr_matrix((np.ones(row.size), (row, column)), shape=(n + who.size, known.size))
    return Moves(one, np.concatenate([t, who]))


class Lots:
    """Steps by lot between the unknowns of a structure."""

    def __init__(self, known: Structure) -> None:
        ties = sparse.coo_matrix(known.equations)
        self._size = known.size
        self._group = np.full(known.size, -1, np.int64)
        self._group[ties.col] = ties.row * 2 + (ties.data > 0)
        self._to = np.flatnonzero(self._group >= 0)
        self._most = _Most(self._group)
        self._month = np.flatnonzero((self._group >= 0) & (known.town < 0))
        self._when = np.full(known.size, -1, np.int64)
        self._when[self._month] = known.first[self._month]
        self._most_when = _Most(self._when)

    def swaps(self, table: Floats, lot: np.random.Generator, wanted: Bools) -> sparse.csr_matrix:
        """Calls moved from where there are some: between towns or months of a rectangle, and between counties.

        Only the steps that touch an unknown that is `wanted`.
        """
        group, month, to = self._group, self._month, self._to
        if not to.size:
            return sparse.csr_matrix((0, self._size))
        donor = self._most(table, lot)[group]
        # To a county's month from another county's: with it goes a town of each.
        giver = self._most_when(table, lot)[self._when[month]]
        other = group[giver] != group[month]
        month, giver = month[other], giver[other]
        town = self._most(lot.random(self._size), lot)
        away, taker, donor = _town_of(group, giver, donor), town[group[month] + 1], donor[to]
        use = (wanted[to] | wanted[donor]) & (to != donor)
        to, donor = to[use], donor[use]
        use = wanted[month] | wanted[giver] | wanted[taker] | wanted[away]
        month, giver, taker, away = month[use], giver[use], taker[use], away[use]
        more, less = np.concatenate([to, month, taker]), np.concatenate([donor, giver, away])
        of = np.concatenate([np.arange(to.size), *[to.size + np.arange(month.size)] * 2])
        weights = np.repeat([1.0, -1.0], of.size)
        shape = (to.size + month.size, self._size)
        moves = sparse.csr_matrix((weights, (np.tile(of, 2), np.concatenate([more, less]))), shape=shape)
        moves.eliminate_zeros()
        return moves


def _town_of(group: Ints, month: Ints, donor: Ints) -> Ints:
    """The town with most calls in the rectangle of each month."""
    of = np.full(group.max() + 2, -1, np.int64)
    of[group[group >= 0]] = donor[group >= 0]
    return of[group[month] + 1]


class _Most:
    """By group, by lot one of those with the greatest values; the last entry is for -1."""

    def __init__(self, group: Ints) -> None:
        order = np.argsort(group, kind="stable")
        self._order = order[group[order] >= 0]
        self._of = group[self._order]
        self._starts = np.flatnonzero(np.diff(self._of, prepend=-1))
        self._lengths = np.diff(self._starts, append=self._of.size)
        self._size = group.max(initial=-1) + 2

    def __call__(self, value: Floats, lot: np.random.Generator) -> Ints:
        drawn = (value * (0.2 + lot.random(value.size)))[self._order]
        chosen = np.full(self._size, -1, np.int64)
        if drawn.size:
            most = np.repeat(np.maximum.reduceat(drawn, self._starts), self._lengths)
            at = np.flatnonzero(drawn == most)
            chosen[self._of[at]] = self._order[at]  # of equal ones the last
        return chosen
