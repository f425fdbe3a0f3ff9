"""Towns of similar size and kind: the second benchmark of a town.

Declared by the portal, or made from what the places pack knows: residents, and how many of the housing units are
second homes. A group is of a few towns at least, or it is no benchmark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from candor.measures.dense import Ints
from candor.statistics.intervals import Floats

SIZES: Final = (1_000, 2_500, 5_000, 10_000, 25_000, 100_000)
"""Where the sizes of towns are cut, in residents."""

HOME: Final = 2.3
"""The residents of a home that is lived in all year, about (US Census Bureau, American Community Survey)."""

SECOND_HOMES_FROM: Final = 0.4
"""The share of second homes from which a town is of another kind."""

TOWNS_FROM: Final = 5
"""The towns of which a benchmark is made; a smaller group is joined with the next size of its kind."""


@dataclass(frozen=True)
class Similar:
    """Of each town (by GEOID) its group, an index into `groups`, -1 where it has none."""

    groups: tuple[str, ...]
    by_geoid: dict[str, int]

    def of(self, geoids: Sequence[str]) -> Ints:
        """The groups of some towns."""
        return np.array([self.by_geoid.get(geoid, -1) for geoid in geoids], np.int64)


def declared_groups(groups: Mapping[str, str]) -> Similar:
    """Groups that a portal declares: the name of each town's, by GEOID."""
    names = tuple(sorted(set(groups.values())))
    return Similar(names, {geoid: names.index(name) for geoid, name in groups.items()})


def similar_towns(geoids: Sequence[str], residents: Floats, homes: Floats) -> Similar:
    """Towns by size and share of second homes; `residents` and `homes` (housing units) are NaN where not known.

    Where nothing is known of homes, size alone counts.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        second = np.clip(1 - residents / HOME / homes, 0, 1)
    many = np.nan_to_num(second) >= SECOND_HOMES_FROM
    size = np.digitize(np.nan_to_num(residents), SIZES)
    known = residents > 0
    names: list[str] = []
    group = np.full(len(geoids), -1, np.int64)
    for kind, suffix in ((False, ""), (True, " and many second homes")):
        for first, last in _bands(size[known & (many == kind)]):
            members = known & (many == kind) & (size >= first) & (size <= last)
            group[members] = len(names)
            names.append(f"{_size(first, last)}{suffix}")
    return Similar(tuple(names), dict(zip(geoids, group.tolist(), strict=True)))


def _bands(sizes: Ints) -> list[tuple[int, int]]:
    """Runs of sizes, each with enough towns where there are any."""
    count = np.bincount(sizes, minlength=len(SIZES) + 1)
    bands: list[tuple[int, int]] = []
    first, number = None, 0
    for size, towns in enumerate(count.tolist()):
        first = size if first is None and towns else first
        number += towns
        if first is not None and number >= TOWNS_FROM:
            bands.append((first, size))
            first, number = None, 0
    if number and bands:
        bands[-1] = (bands[-1][0], len(SIZES))
    elif number and first is not None:
        bands.append((first, len(SIZES)))
    return bands


def _size(first: int, last: int) -> str:
    low = SIZES[first - 1] if first else 0
    if last >= len(SIZES):
        return f"towns with {low:,} residents and more" if low else "all towns"
    return f"towns with {low:,} to {SIZES[last]:,} residents" if low else f"towns with under {SIZES[last]:,} residents"
