"""Calls moved by lot from where there are some, to tables that are one such step away from the truth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.audit.public import Bools, Floats, Ints
from candor.audit.structure import Moves, Structure
from candor.audit.world import YEAR, World


class Givers:
    """Counts (towns, months) that are not 0: each may give a call to another count.

    That is another town of the county or the state in the same month, or another month of the town.
    """

    def __init__(self, known: Structure, of: World, counts: Floats) -> None:
        t, m = np.nonzero(known.by_town >= 0)
        self._town, self._size = t, known.size
        self._both = np.stack([known.by_town[t, m], known.by_month[t, m]])
        some = counts[t, m] > 0
        self._ways = [_Way.of(key, some) for key in (of.county[t] * 10_000 + m, m, t * 100 + m // YEAR, t)]

    def moves(self, lot: np.random.Generator, wanted: Bools) -> Moves:
        """One call by lot, in each way: from every giver to another count, and to every count of which an unknown is
        `wanted` from a giver. `town`: (moves, 2)."""
        takers: Bools = np.asarray(wanted[self._both].any(axis=0))
        return self._moved(
            np.concatenate([d for way in self._ways for d in (way.given(lot), way.taken(lot, takers))], axis=1)
        )

    def some(self, lot: np.random.Generator, number: int) -> tuple[Ints, Moves]:
        """So many at most of the moves from givers, by lot, and of each the counts (2, moves) that it is between, by
        their place among all unknown counts."""
        pairs = np.concatenate([way.given(lot) for way in self._ways], axis=1)
        pairs = pairs[:, lot.permutation(pairs.shape[1])[:number]]
        return pairs, self._moved(pairs)

    def _moved(self, pairs: Ints) -> Moves:
        giver, taker = pairs
        row = np.tile(np.arange(giver.size), 4)
        column = np.concatenate([*self._both[:, taker], *self._both[:, giver]])
        weight = np.repeat([1.0, -1.0], 2 * giver.size)
        moves = sparse.csr_matrix((weight, (row, column)), shape=(giver.size, self._size))
        moves.eliminate_zeros()
        return Moves(moves, np.stack([self._town[giver], self._town[taker]], axis=1))


class _Way(NamedTuple):
    """Counts in the `order` of a key, and givers likewise (`givers`); of each count and each giver, where those of its
    key begin in either (`start`, `giving`), and how many they are."""

    order: Ints
    start: Ints
    number: Ints
    givers: Ints
    giving: Ints
    gives: Ints

    @classmethod
    def of(cls, key: Ints, some: Bools) -> _Way:
        order = np.argsort(key, kind="stable")
        _, which, number = np.unique(key, return_inverse=True, return_counts=True)
        gives = np.bincount(which[some], minlength=number.size)
        start, giving = np.cumsum(number) - number, np.cumsum(gives) - gives
        return cls(order, start[which], number[which], order[some[order]], giving[which], gives[which])

    def given(self, lot: np.random.Generator) -> Ints:
        """Each giver, and another count with its key."""
        giver = self.givers[self.number[self.givers] > 1]
        return _different(giver, self.order[self.start[giver] + lot.integers(0, self.number[giver])])

    def taken(self, lot: np.random.Generator, takers: Bools) -> Ints:
        """A giver, and each of the takers that has one with its key."""
        taker = np.flatnonzero(takers & (self.gives > 0))
        return _different(self.givers[self.giving[taker] + lot.integers(0, self.gives[taker])], taker)


def _different(giver: Ints, taker: Ints) -> Ints:
    both = np.stack([giver, taker])
    return both[:, giver != taker]
