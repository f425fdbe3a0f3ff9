"""Which figures of a sensitive kind are withheld: the small ones, and others so that nothing gives the small ones away.

A small figure (1 to threshold - 1) is withheld: primary suppression. Others are withheld beside it (complementary
suppression), so that what the public knows leaves it open: its interval, given every published figure, counts of 0 or
more and the bounds of a withheld figure, holds all of 1 to threshold - 1. A figure that is withheld only for the sake
of others is open by at least threshold - 1.

What the public knows of a withheld figure: not whether it is small itself, for one word, "suppressed", stands for both.
Where zeros are always told it is at least 1; a sum of three such figures is then at least 3, and no small figure can be
made to look smaller than that (`_reach`). Where zeros may be withheld, too, it is at least 0: fewer figures have to be
withheld, but as a withheld zero is rare, a reader who guesses that there is none is nearly always right, and then knows
much (docs/decisions/0008 has the numbers). So zeros are told, or protected.

Figures that are not published and that differences lead to (`Cells.implied`) are protected where they are small, as if
they had been suppressed; of them the public knows only that they are 0 or more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy import sparse

from candor.privacy.exact import cheapest
from candor.privacy.feasible import Bools, Needs, intervals
from candor.privacy.fold import Cells
from candor.privacy.greedy import greedy
from candor.privacy.linear import Deadline, Floats, Indices
from candor.privacy.pattern import Pattern

Zeros = Literal["told", "may cover", "protected"]
"""What becomes of zeros: always told; told unless they have to cover others; withheld like small figures."""


@dataclass(frozen=True)
class Rule:
    """What is small: 1 to `threshold` - 1, and 0 as well where zeros are protected."""

    threshold: int = 5
    zeros: Zeros = "told"

    def __post_init__(self) -> None:
        if self.threshold < 3:
            raise ValueError(f"the threshold is 3 or more, found {self.threshold}")

    @property
    def least(self) -> int:
        """The least value that the public must take a withheld figure to have."""
        return 1 if self.zeros == "told" else 0

    @property
    def smallest(self) -> int:
        """The least value that is withheld for its own sake."""
        return 0 if self.zeros == "protected" else 1

    def small(self, values: Floats) -> Bools:
        """Which values are withheld for their own sake."""
        return (values >= self.smallest) & (values < self.threshold)


class Suppression(NamedTuple):
    """What is withheld; arrays with one entry for each figure.

    `suppressed`: all withheld figures. `primary`: the small ones. `seconds`: how long it took.
    """

    suppressed: Bools
    primary: Bools
    seconds: float


def suppress(
    cells: Cells,
    counts: Floats,
    weights: Floats,
    rule: Rule,
    *,
    told: Bools | None = None,
    withheld: Bools | None = None,
    changes: Indices | None = None,
    exact: bool = False,
    seconds: float = 120.0,
) -> Suppression:
    """The figures to withhold. `cells` is the structure (`fold`), the same for every kind of call.

    `counts` (counts,): the true counts, whole numbers from 0. `weights` (figures,): what it costs to withhold each; a
    figure with infinite weight is not withheld beside others, only where it is small. `told` and `withheld` (figures,):
    what earlier releases published of the same counts, which cannot be taken back, or withheld, which stays so.
    `changes` (pairs, 2): figures before and after a correction (`statements.over_time`); where both are withheld and
    their difference is small and not 0, it is protected as well: nobody can tell that there is one. With `exact` the
    cheapest choice is searched and proven (for a few hundred figures, or it is too hard).

    Raises `ProtectionError` where no choice protects everything, `UnfinishedError` after `seconds`, with `exact`
    `TooHardError`.
    """
    begun = time.monotonic()
    deadline = Deadline(seconds)
    pairs = np.empty((0, 2), np.int64) if changes is None else changes
    primary, held = None, withheld
    while True:
        problem = pattern(
            cells, counts, weights, rule, told=told, withheld=held, changes=pairs, seconds=deadline.left()
        )
        before = problem.hidden[cells.figure]
        primary = before if primary is None else primary
        secret = cheapest(problem, deadline) if exact else greedy(problem, deadline)
        suppressed = secret[cells.figure]
        if not (suppressed[pairs].all(axis=1) & ~before[pairs].all(axis=1)).any():
            return Suppression(suppressed, primary, time.monotonic() - begun)
        held = suppressed  # now both ends of one more change are withheld, and the change has to be as well


def pattern(
    cells: Cells,
    counts: Floats,
    weights: Floats,
    rule: Rule,
    *,
    told: Bools | None = None,
    withheld: Bools | None = None,
    changes: Indices | None = None,
    seconds: float = 60.0,
) -> Pattern:
    """The suppression problem of one kind of call, cell by cell; the arguments are those of `suppress`.

    Raises `ValueError` for counts that are not whole numbers from 0.
    """
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise ValueError("counts are whole numbers from 0")
    nothing = np.zeros(cells.figure.size, np.bool_)
    own = (cells.members @ counts)[cells.figure]
    never = _of_cells(cells, nothing if told is None else told)
    held = (rule.small(own) | _of_cells(cells, nothing if withheld is None else withheld)) & ~never
    pairs = np.empty((0, 2), np.int64) if changes is None else changes
    cells, differences = _with_differences(cells, pairs[held[pairs].all(axis=1)])
    values = cells.members @ counts.astype(np.float64)
    n = values.size
    figure, implied, change = (_marked(at, n) for at in (cells.figure, cells.implied, differences))
    known = _marked(cells.figure[never], n)
    cost = np.zeros(n)
    np.maximum.at(cost, cells.figure, weights)
    small = rule.small(values) & ((figure & ~known) | implied)
    hidden = ~figure | _marked(cells.figure[held], n)
    low = np.where(figure, float(rule.least), np.where(change, -np.inf, 0.0))
    changed = change & (values != 0) & (np.abs(values) < rule.threshold)
    least = np.where(small, float(rule.smallest), np.minimum(values, 0.0))
    most = np.where(small, rule.threshold - 1.0, np.maximum(values, 0.0))
    floor, ceiling = _reach(cells, values, low, np.flatnonzero(small | changed), least, most, seconds)
    width = np.select(
        [small, figure & ~known, changed],
        [rule.threshold - 1.0 - rule.smallest, rule.threshold - 1.0, rule.threshold - 2.0],
    )
    return Pattern(
        equations=cells.equations,
        values=values,
        low=low,
        high=np.full(n, np.inf),
        weights=np.where(np.isinf(cost), 0.0, cost),
        hidden=hidden,
        fixed=~hidden & (known | (values < rule.least) | np.isinf(cost)),
        needs=Needs(
            np.where(small | changed, floor, values),
            np.select([small, changed], [most, ceiling], values),
            width,
        ),
    )


def _with_differences(cells: Cells, pairs: Indices) -> tuple[Cells, Indices]:
    """One more cell for each pair of figures, the second less the first; and the numbers of these cells."""
    size, k = cells.members.shape[0], pairs.shape[0]
    first, second = cells.figure[pairs[:, 0]], cells.figure[pairs[:, 1]]
    new = size + np.arange(k)
    row = np.tile(np.arange(k), 3)
    sign = np.repeat([1.0, -1.0, -1.0], k)
    more = sparse.csr_matrix((sign, (row, np.concatenate([second, first, new]))), shape=(k, size + k))
    wider = sparse.hstack([cells.equations, sparse.csr_matrix((cells.equations.shape[0], k))])
    equations = sparse.vstack([wider, more], format="csr")
    members = sparse.vstack([cells.members, cells.members[second] - cells.members[first]], format="csr")
    return Cells(equations, members, cells.figure, cells.implied), new


def _reach(
    cells: Cells, values: Floats, low: Floats, wanted: Indices, least: Floats, most: Floats, seconds: float
) -> tuple[Floats, Floats]:
    """How low and how high the wanted cells could be if everything but the zeros were withheld: no choice goes further.

    Not looked for beyond `least` and `most`. A zero that is told before or after a correction says of the difference
    which way it goes.
    """
    zero = values < low
    found = intervals(
        cells.equations,
        np.zeros(cells.equations.shape[0]),
        np.where(zero, 0.0, low),
        np.where(zero, 0.0, np.inf),
        wanted,
        needs=Needs(least[wanted], most[wanted], np.zeros(wanted.size)),
        seconds=seconds,
    )
    floor, ceiling = np.zeros(values.size), np.zeros(values.size)
    floor[wanted] = np.maximum(found.low, least[wanted])
    ceiling[wanted] = np.minimum(found.high, most[wanted])
    return floor, ceiling


def _of_cells(cells: Cells, marks: Bools) -> Bools:
    """The figures that are marked, and those over the same sets."""
    return np.isin(cells.figure, cells.figure[marks])


def _marked(at: Indices, cells: int) -> Bools:
    found = np.zeros(cells, np.bool_)
    found[at] = True
    return found
