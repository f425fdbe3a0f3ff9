"""Which figures of a sensitive kind are withheld: the small ones, and others so that nothing gives the small ones away.

A small figure (1 to threshold - 1) is withheld: primary suppression. Others are withheld beside it (complementary
suppression), so that what the public knows leaves it open: its interval, given every published figure, that counts are 0
or more, and the bounds of a withheld figure, holds all of 1 to threshold - 1. A figure that is withheld only for the
sake of others is open by at least threshold - 1, so that nobody can tell it from a small one.

What the public knows of a withheld figure: not whether it is small itself, for one word, "suppressed", stands for both.
Where zeros are always told it is at least 1; a sum of three such figures is then at least 3, and no small figure can be
made to look smaller than that (`_floor`). Where zeros may be withheld, too, it is at least 0. Figures that are not published and that differences lead to (`Cells.implied`) are
protected where they are small, as if they had been suppressed; of them the public knows only that they are 0 or more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from candor.privacy.exact import cheapest
from candor.privacy.feasible import Bools, Needs, intervals
from candor.privacy.fold import Cells
from candor.privacy.greedy import greedy
from candor.privacy.linear import Floats, Indices
from candor.privacy.pattern import Pattern
from candor.privacy.polish import polish


Zeros = Literal["told", "may cover", "protected"]
"""What becomes of zeros: always told; told unless they have to cover others; withheld like small figures."""


@dataclass(frozen=True)
class Rule:
    """What is small: 1 to `threshold` - 1, and 0 as well where zeros are protected."""

    threshold: int = 5
    zeros: Zeros = "may cover"

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
    exact: bool = False,
    polishing: float = 4.0,
    seconds: float = 120.0,
) -> Suppression:
    """The figures to withhold. `cells` is the structure (`fold`), the same for every kind of call.

    `counts` (counts,): the true counts, whole numbers from 0. `weights` (figures,): what it costs to withhold each; a
    figure with infinite weight is not withheld beside others, only where it is small. `told` and `withheld` (figures,):
    what earlier releases published of the same counts, which cannot be taken back, or withheld, which stays so. With
    `exact` the cheapest choice is searched and proven (for a few hundred figures); else the heuristic's is made cheaper
    for at most `polishing` seconds.

    Raises `ProtectionError` where no choice protects everything, `UnfinishedError` after `seconds`.
    """
    begun = time.monotonic()
    problem = pattern(cells, counts, weights, rule, told=told, withheld=withheld, seconds=seconds)
    primary = problem.hidden[cells.figure]
    if exact:
        secret = cheapest(problem, seconds)
    else:
        secret = greedy(problem, seconds)
        left = seconds - (time.monotonic() - begun)
        secret = polish(problem, secret, min(polishing, left))
    return Suppression(secret[cells.figure], primary, time.monotonic() - begun)


def pattern(
    cells: Cells,
    counts: Floats,
    weights: Floats,
    rule: Rule,
    *,
    told: Bools | None = None,
    withheld: Bools | None = None,
    seconds: float = 60.0,
) -> Pattern:
    """The suppression problem of one kind of call, cell by cell; the arguments are those of `suppress`.

    Raises `ValueError` for counts that are not whole numbers from 0.
    """
    if (counts < 0).any() or (counts != np.rint(counts)).any():
        raise ValueError("counts are whole numbers from 0")
    values = cells.members @ counts.astype(np.float64)
    n = values.size
    figure = np.zeros(n, np.bool_)
    figure[cells.figure] = True
    small = rule.small(values)
    known = _any(told, cells.figure, n)
    cost = np.zeros(n)
    np.maximum.at(cost, cells.figure, weights)
    hidden = ~figure | ((small | _any(withheld, cells.figure, n)) & ~known)
    fixed = ~hidden & (known | (values < rule.least) | np.isinf(cost))
    implied = np.zeros(n, np.bool_)
    implied[cells.implied] = True
    guarded = (figure & ~known) | (implied & small)
    low = np.where(figure, float(rule.least), 0.0)
    small_ones = np.flatnonzero(guarded & small)
    floor = np.where(guarded & small, _floor(cells, values, low, rule.smallest, small_ones, seconds), values)
    return Pattern(
        equations=cells.equations,
        values=values,
        low=low,
        high=np.full(n, np.inf),
        weights=np.where(np.isinf(cost), 0.0, cost),
        hidden=hidden,
        fixed=fixed,
        needs=Needs(
            floor,
            np.where(guarded & small, rule.threshold - 1.0, values),
            np.where(guarded, rule.threshold - np.where(small, 1.0 + rule.smallest, 1.0), 0.0),
        ),
    )


def _floor(cells: Cells, values: Floats, low: Floats, smallest: int, small: Indices, seconds: float) -> Floats:
    """How low each small cell could be if everything but the zeros were withheld: that is as low as it can be made."""
    zero = values < low
    found = intervals(
        cells.equations,
        np.zeros(cells.equations.shape[0]),
        np.where(zero, 0.0, low),
        np.where(zero, 0.0, np.inf),
        small,
        needs=Needs(np.full(small.size, float(smallest)), np.full(small.size, -np.inf), np.zeros(small.size)),
        seconds=seconds,
    )
    floor = np.zeros(values.size)
    floor[small] = np.maximum(found.low, float(smallest))
    return floor


def _any(marks: Bools | None, figure: Indices, cells: int) -> Bools:
    """Which cells have a figure that is marked."""
    found = np.zeros(cells, np.bool_)
    if marks is not None:
        found[figure[marks]] = True
    return found
