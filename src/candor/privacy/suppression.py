"""Which figures of a sensitive kind are withheld: the small ones, and others so that nothing gives the small ones away.

A small figure (1 to threshold - 1) is withheld: primary suppression. Others are withheld beside it (complementary
suppression), so that what the public knows leaves it open: its interval, given every published figure, that counts are 0
or more, and the bounds of a withheld figure, holds all of 1 to threshold - 1. A figure that is withheld only for the
sake of others is open by at least threshold - 1, so that nobody can tell it from a small one.

What the public knows of a withheld figure: not whether it is small itself, for one word, "suppressed", stands for both.
Zeros are published, so it is at least 1, unless the kind is protected with its zeros: then zeros are withheld like
small figures and it is at least 0. Figures that are not published and that differences lead to (`Cells.implied`) are
protected where they are small, as if they had been suppressed; of them the public knows only that they are 0 or more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from candor.privacy.exact import cheapest
from candor.privacy.feasible import Bools, Needs
from candor.privacy.fold import Cells
from candor.privacy.greedy import greedy
from candor.privacy.linear import Floats, Indices
from candor.privacy.pattern import Pattern


@dataclass(frozen=True)
class Rule:
    """What is small: 1 to `threshold` - 1; with `zeros`, 0 as well."""

    threshold: int = 5
    zeros: bool = False

    def __post_init__(self) -> None:
        if self.threshold < 3:
            raise ValueError(f"the threshold is 3 or more, found {self.threshold}")

    @property
    def least(self) -> int:
        """The least value that a withheld figure can have."""
        return 0 if self.zeros else 1

    def small(self, values: Floats) -> Bools:
        """Which values are withheld for their own sake."""
        return (values >= self.least) & (values < self.threshold)


class Suppression(NamedTuple):
    """What is withheld; arrays with one entry for each figure.

    `suppressed`: all withheld figures. `primary`: the small ones. `optimal`: proven that no other choice costs less.
    `seconds`: how long it took.
    """

    suppressed: Bools
    primary: Bools
    optimal: bool
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
    seconds: float = 120.0,
) -> Suppression:
    """The figures to withhold. `cells` is the structure (`fold`), the same for every kind of call.

    `counts` (counts,): the true counts, whole numbers from 0. `weights` (figures,): what it costs to withhold each; a
    figure with infinite weight is not withheld beside others, only where it is small. `told` and `withheld` (figures,):
    what earlier releases published of the same counts, which cannot be taken back, or withheld, which stays so. With
    `exact` the cheapest choice is searched and proven (for a few hundred figures).

    Raises `ProtectionError` where no choice protects everything, `UnfinishedError` after `seconds`.
    """
    begun = time.monotonic()
    problem = pattern(cells, counts, weights, rule, told=told, withheld=withheld)
    primary = problem.hidden[cells.figure]
    if exact:
        secret, optimal = cheapest(problem, seconds)
    else:
        secret, optimal = greedy(problem, seconds), False
    return Suppression(secret[cells.figure], primary, optimal, time.monotonic() - begun)


def pattern(
    cells: Cells,
    counts: Floats,
    weights: Floats,
    rule: Rule,
    *,
    told: Bools | None = None,
    withheld: Bools | None = None,
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
    guarded = figure & ~known | implied & small
    return Pattern(
        equations=cells.equations,
        values=values,
        low=np.where(figure, float(rule.least), 0.0),
        high=np.full(n, np.inf),
        weights=np.where(np.isinf(cost), 0.0, cost),
        hidden=hidden,
        fixed=fixed,
        needs=Needs(
            np.where(guarded & small, float(rule.least), values),
            np.where(guarded & small, rule.threshold - 1.0, values),
            np.where(guarded & ~small & figure, rule.threshold - 1.0, 0.0),
        ),
    )


def _any(marks: Bools | None, figure: Indices, cells: int) -> Bools:
    """Which cells have a figure that is marked."""
    found = np.zeros(cells, np.bool_)
    if marks is not None:
        found[figure[marks]] = True
    return found
