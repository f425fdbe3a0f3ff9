"""So many of so many: what is counted in every world and added up over all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Key = tuple[str, ...]


class Share(NamedTuple):
    """`hits` of `of`; both may be sums of amounts."""

    hits: float
    of: float

    @property
    def value(self) -> float:
        """0 to 1 of a share; NaN of nothing."""
        return self.hits / self.of if self.of else float("nan")


@dataclass
class Tallies:
    """Shares by key: the measure, then what it was counted for."""

    shares: dict[Key, Share] = field(default_factory=dict)

    def add(self, key: Key, hits: float, of: float) -> None:
        """Count these too."""
        before = self.shares.get(key, Share(0, 0))
        self.shares[key] = Share(before.hits + hits, before.of + of)

    def count(self, key: Key, hit: NDArray[np.bool_], among: NDArray[np.bool_]) -> None:
        """How many of `among` are a `hit`."""
        self.add(key, int((hit & among).sum()), int(among.sum()))

    def merge(self, other: Tallies) -> None:
        """Count all of another's too."""
        for key, share in other.shares.items():
            self.add(key, *share)

    def total(self, *start: str) -> Share:
        """Over all keys that begin so."""
        found = [share for key, share in self.shares.items() if key[: len(start)] == start]
        return Share(sum(s.hits for s in found), sum(s.of for s in found))

    def names(self, measure: str) -> list[str]:
        """The second parts of the keys of a measure, as they came."""
        return list(dict.fromkeys(key[1] for key in self.shares if key[0] == measure and len(key) > 1))


def together(tallies: Iterable[Tallies]) -> Tallies:
    """The sum of all."""
    found = Tallies()
    for one in tallies:
        found.merge(one)
    return found
