"""What a guard is: it looks at a delivery beside the ones before it, and says what nobody would expect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from candor.portal.declared import GuardName
from candor.publish.guards.delivery import Delivery

FEW = 10
"""Rows that are too few to say anything of a whole file."""

_SURPRISE = 4.0
"""Standard deviations beyond which a number is no chance."""


@dataclass(frozen=True)
class Looked:
    """What guards are given of a data set: what was delivered `now` and `before`, the newest last; none at the first.

    `category_of`: the label of the category that a call type leads to by today's crosswalk; empty where to none.
    `shape`: the form of most of the times that cannot be read, digits as 9 and letters as A. `form`: the declared one.
    """

    name: str
    now: Delivery
    before: tuple[Delivery, ...] = ()
    category_of: Mapping[str, str] = field(default_factory=dict)
    form: str = ""
    shape: Callable[[], str] = str

    @property
    def last(self) -> Delivery | None:
        """The delivery of the release before; None at the first."""
        return self.before[-1] if self.before else None


class Finding(NamedTuple):
    """What is not as it was: `found`, short and the same as often as it is found; in words; what would be; a remedy."""

    found: str
    words: str
    allowed: str
    remedy: str


@dataclass(frozen=True)
class Guard:
    """`says`: what a person who says yes has accepted, in words for the public, without a number.

    `explains`: the guards that stay silent where this one speaks, for they would say the same in other words.
    """

    name: GuardName
    says: str
    find: Callable[[Looked], Finding | None]
    explains: Sequence[GuardName] = ()


def usual(before: Sequence[tuple[int, int]]) -> float:
    """The largest share so far, of pairs of a part and its whole."""
    return max((part / whole for part, whole in before if whole), default=0.0)


def jumped(part: int, whole: int, before: Sequence[tuple[int, int]], by: float) -> bool:
    """Whether a share of rows lies more than `by` above all that it was, and chance does not explain it."""
    if part < FEW or not whole:
        return False
    then = usual(before)
    largest = max((w for _, w in before), default=whole)
    # As it was measured, so it is known: of few rows only roughly.
    chance = _SURPRISE * sqrt(max(then, 1 / max(largest, 1)) * (1 + whole / max(largest, 1)) / whole)
    return part / whole > max(then + by, 1.5 * then, then + chance)


def fell(now: int, then: float, to: float) -> bool:
    """Whether of `then` rows fewer than the share `to` are left, and chance does not explain it."""
    return now < to * then and then - now >= FEW and then - now > _SURPRISE * sqrt(then)
