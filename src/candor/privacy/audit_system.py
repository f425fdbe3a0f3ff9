"""The audit: what an attacker learns who has every published figure, a sheet of paper and linear programming.

Independent of the suppression: it takes published statements (`statements`), builds the attacker's system of equations,
and for each suppressed figure asks how low and how high it could be. It knows nothing of how the figures were chosen.

Attacked are
- every suppressed figure. It fails where its interval is narrower than it has to be: with the true values at hand
  (`needs`), a small figure must look like any of 1 to threshold - 1, another one be open by threshold - 1; from public
  data alone, any must be open by threshold - 2, as wide as 1 to threshold - 1 is;
- every figure that nobody published and that differences of published sets lead to. It fails where it is known to be
  small, 1 to threshold - 1, more narrowly than this;
- every difference of one figure between two versions, both suppressed. It fails where it is known to be small
  and not 0, up or down by 1 to threshold - 1, more narrowly than by threshold - 2.

Intervals are those of the real-valued relaxation, rounded inward. Whole numbers could only be narrower; `whole` counts
the figures for which whole-number tables show that they are not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse

from candor.privacy.feasible import Bools, Intervals, Needs, intervals
from candor.privacy.fold import alike, fold
from candor.privacy.linear import Floats, Indices
from candor.privacy.propagation import ContradictionError
from candor.privacy.statements import Statements

_LISTED = 20


class Known(NamedTuple):
    """What is known of a figure: `low` to `high`; where not `exact`, it is at least as open as this."""

    figure: str
    low: float
    high: float
    exact: bool


@dataclass(frozen=True)
class Certificate:
    """The result of an audit. It is kept with the version, and says nothing that the public could not find itself.

    `statements`: published statements, `told` of them with a value. `attacked`: suppressed figures, each set once;
    `recovered` exactly; `narrow`: narrower than they have to be, the recovered ones among them; `whole`: of which
    whole-number tables prove the width. `led_to`: unpublished figures to which differences lead, `led_to_small` of them
    found to be small. `changes`: differences between versions, `changes_found` of them known too well. `narrowest`: the
    narrowest intervals, those that fail first. `programs`: linear programs solved.
    """

    threshold: int
    statements: int
    told: int
    attacked: int
    recovered: int
    narrow: int
    whole: int
    led_to: int
    led_to_small: int
    changes: int
    changes_found: int
    narrowest: tuple[Known, ...]
    programs: int
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing is known better than it may be."""
        return not (self.narrow or self.led_to_small or self.changes_found)


class Structure(NamedTuple):
    """The attacker's equations over cells, each summing to 0, and the cell of each statement.

    It is the same for every kind of call of which the same figures are published. `led_to`: cells that only differences
    of figures lead to.
    """

    equations: sparse.csr_matrix
    figure: Indices
    led_to: Indices


def structure(sets: sparse.csr_matrix, narrow: Bools) -> Structure:
    """The cells of statements about `sets` (statements, unknowns); equal sets, as of versions, are one."""
    first, which = alike(sets)
    cells = fold(sets[first], narrow[first])
    return Structure(cells.equations, cells.figure[which], cells.implied)


def audit(
    statements: Statements,
    threshold: int = 5,
    *,
    needs: Needs | None = None,
    changes: Indices | None = None,
    least: int = 1,
    known: Structure | None = None,
    folded: bool = True,
    seconds: float = 120.0,
) -> Certificate:
    """Attack everything that is suppressed in these statements, or what they ask for.

    `needs` (one entry for each statement; read where it is suppressed): how open each must be, where true values are at
    hand. `changes` (pairs, 2): statements whose difference is attacked (`statements.over_time`), where both are
    attacked. `least`: the least value that counts as small, 1, or 0 where zeros are protected as well. `known`: the
    structure of these very statements, made before. `folded=False` solves over the unknowns themselves instead of the
    smaller system of `fold`: slow, and without `led_to`; for tests.

    Raises `UnfinishedError` when `seconds` pass before the end (nothing is then known to be safe), `ContradictionError`
    where no counts agree with the statements.
    """
    begun = time.monotonic()
    system = _System(statements, known or (structure(statements.sets, statements.narrow) if folded else None))
    pairs = np.empty((0, 2), np.int64) if changes is None else changes
    hidden = statements.attacked
    pairs = pairs[hidden[pairs].all(axis=1)]
    differences = system.with_differences(pairs)
    cells, first = np.unique(system.figure[hidden], return_index=True)
    of = np.flatnonzero(hidden)[first]
    if needs is None:
        width = np.full(cells.size, threshold - 1.0 - least)
        required = Needs(np.full(cells.size, np.inf), np.full(cells.size, -np.inf), width)
    else:
        required = Needs(*(need[of] for need in needs))

    def left() -> float:
        return max(seconds - (time.monotonic() - begun), 1e-3)

    found = system.attack(cells, required, left())
    met = required.met(found.low, found.high)
    small, programs = system.small(system.led_to, threshold, least, left())
    changed, more = system.changed(differences, threshold, left())
    order = np.lexsort((found.high - found.low, met))[:_LISTED]
    ends = zip(statements.figure[of[order]], found.low[order], found.high[order], found.exact[order], strict=True)
    narrowest = tuple(Known(str(name), float(low), float(high), bool(exact)) for name, low, high, exact in ends)
    return Certificate(
        threshold=threshold,
        statements=statements.value.size,
        told=int((~np.isnan(statements.value)).sum()),
        attacked=cells.size,
        recovered=int((found.low == found.high).sum()),
        narrow=int((~met).sum()),
        whole=int(found.whole.sum()),
        led_to=system.led_to.size,
        led_to_small=int(small.sum()),
        changes=differences.size,
        changes_found=int(changed.sum()),
        narrowest=narrowest,
        programs=found.programs + programs + more,
        seconds=time.monotonic() - begun,
    )


def strict_needs(
    statements: Statements, true: Floats, threshold: int = 5, *, zeros: bool = False, seconds: float = 120.0
) -> Needs:
    """How open each statement must be while it is suppressed, by its `true` value (statements,).

    A small one, 1 to threshold - 1 (0 as well with `zeros`), must look like any small value, another one be open by
    threshold - 1. Where suppressed figures are known to be at least 1, a sum of them cannot look smaller than the
    public zeros around it allow: then it must look as small as if everything but zeros were suppressed.
    """
    least = 0 if zeros else 1
    small = (true >= least) & (true < threshold)
    blind = statements._replace(
        value=np.where(true == 0, statements.value, np.nan), low=np.minimum(statements.low, np.where(true == 0, 0, 1))
    )
    system = _System(blind, structure(blind.sets, blind.narrow))
    cells = np.unique(system.figure[small])
    downward = Needs(np.full(cells.size, float(least)), np.full(cells.size, -np.inf), np.zeros(cells.size))
    floor = np.full(system.low.size, float(least))
    floor[cells] = np.maximum(system.attack(cells, downward, seconds).low, least)
    return Needs(
        np.where(small, floor[system.figure], true),
        np.where(small, threshold - 1.0, true),
        np.where(small, threshold - 1.0 - least, threshold - 1.0),
    )


def interval(statements: Statements, at: int, known: Structure, seconds: float = 60.0) -> tuple[float, float]:
    """What is known of one statement's figure: its least and its greatest value.

    Raises `UnfinishedError` and `ContradictionError` as `audit` does.
    """
    system = _System(statements, known)
    nothing = np.zeros(system.equations.shape[0])
    found = intervals(system.equations, nothing, system.low, system.high, system.figure[[at]], seconds=seconds)
    return float(found.low[0]), float(found.high[0])


class _System:
    """The attacker's equations and bounds over cells; `figure` is the cell of each statement."""

    def __init__(self, statements: Statements, known: Structure | None) -> None:
        if known is not None:
            self.equations, self.figure, self.led_to = known
        else:
            n, unknowns = statements.sets.shape
            self.equations = sparse.hstack([statements.sets, -sparse.identity(n)], format="csr")
            self.figure, self.led_to = unknowns + np.arange(n), np.empty(0, np.int64)
        size = self.equations.shape[1]
        hidden = np.isnan(statements.value)
        self.low, self.high = np.zeros(size), np.full(size, np.inf)
        np.maximum.at(self.low, self.figure, np.where(hidden, statements.low, statements.value))
        np.minimum.at(self.high, self.figure, np.where(hidden, statements.high, statements.value))
        if (self.low > self.high).any():
            at = int(np.flatnonzero((self.low > self.high)[self.figure])[0])
            raise ContradictionError(f"about the set of {statements.figure[at]}")
        self.seen_low, self.seen_high = np.full(size, np.inf), np.full(size, -np.inf)

    def with_differences(self, pairs: Indices) -> Indices:
        """One more cell for each pair, the later figure less the earlier; their numbers."""
        height, size = self.equations.shape
        k = pairs.shape[0]
        new: Indices = size + np.arange(k)
        row = np.tile(np.arange(k), 3)
        column = np.concatenate([self.figure[pairs[:, 1]], self.figure[pairs[:, 0]], new])
        sign = np.repeat([1.0, -1.0, -1.0], k)
        more = sparse.csr_matrix((sign, (row, column)), shape=(k, size + k))
        wider = sparse.hstack([self.equations, sparse.csr_matrix((height, k))])
        self.equations = sparse.vstack([wider, more], format="csr")
        self.low = np.concatenate([self.low, np.full(k, -np.inf)])
        self.high = np.concatenate([self.high, np.full(k, np.inf)])
        self.seen_low = np.concatenate([self.seen_low, np.full(k, np.inf)])
        self.seen_high = np.concatenate([self.seen_high, np.full(k, -np.inf)])
        return new

    def attack(self, cells: Indices, needs: Needs, seconds: float) -> Intervals:
        """The intervals of some cells. What the tables found say of all the others is kept."""
        nothing = np.zeros(self.equations.shape[0])
        found = intervals(self.equations, nothing, self.low, self.high, cells, needs=needs, seconds=seconds)
        for at, values in found.witnesses:
            self.seen_low[at] = np.minimum(self.seen_low[at], values)
            self.seen_high[at] = np.maximum(self.seen_high[at], values)
        return found

    def small(self, cells: Indices, threshold: int, least: int, seconds: float) -> tuple[Bools, int]:
        """Which cells are known to be `least` to threshold - 1, and more narrowly; and the programs solved."""
        return self._caught(cells, 0.0 if least else -np.inf, float(threshold), threshold - 1.0 - least, seconds)

    def changed(self, cells: Indices, threshold: int, seconds: float) -> tuple[Bools, int]:
        """Which differences are known to be small and not 0, and more narrowly than by threshold - 2."""
        down, programs = self._caught(cells, 0.0, float(threshold), threshold - 2.0, seconds)
        up, more = self._caught(cells, -float(threshold), 0.0, threshold - 2.0, seconds)
        return down | up, programs + more

    def _caught(self, cells: Indices, low: float, high: float, width: float, seconds: float) -> tuple[Bools, int]:
        """Cells whose interval reaches neither `low` nor `high` (where these are finite), nor is `width` wide."""
        caught, programs = np.ones(cells.size, np.bool_), 0
        ends = [need for need in ((low, -np.inf, 0.0), (np.inf, high, 0.0)) if np.isfinite(need[:2]).any()]
        for need in (*ends, (np.inf, -np.inf, width)):
            every = Needs(*(np.full(cells.size, n) for n in need))
            caught &= ~every.met(self.seen_low[cells], self.seen_high[cells])
            at = np.flatnonzero(caught)
            if not at.size:
                break
            needs = Needs(*(n[at] for n in every))
            found = self.attack(cells[at], needs, seconds)
            caught[at] = ~needs.met(found.low, found.high)
            programs += found.programs
        return caught, programs
