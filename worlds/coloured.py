"""How Candor's own map draws a release of a world: the class of each town, and how far from grey it is.

The classes are those of the site (`candor.graphics.palette`), not an imitation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from candor.graphics.palette import COMPARED_KEYS, PALETTE, STATE_KEYS, Columns, colour_value, comparison_classes
from candor.measures.pools import INITIATED_BY
from worlds.arrays import Bools, Floats, Ints, Judged

CITIZEN: Final = INITIATED_BY.index("citizen")
LATEST: Final = "latest"
"""The map's default: of each town the last 12 months, or the last 36 where those have too few calls to give a rate."""

SHORT, LONG = "last-12-months", "last-36-months"


@dataclass(frozen=True)
class Map:
    """One map of calls from citizens: (P,) each. `value` is NaN where a town has a pattern and no colour.

    `smoothed` is the smoothed relative rate that the colour is of.
    """

    keys: NDArray[np.object_]
    value: Floats
    smoothed: Floats

    def only(self, towns: Ints) -> Map:
        """Of some towns."""
        return Map(self.keys[towns], self.value[towns], self.smoothed[towns])


class Colours:
    """The maps of a world."""

    def __init__(self, world: Judged) -> None:
        self._world = world

    def map(self, series: int, period: str) -> Map:
        """The map of a series (by index) over a period by its name, or over `LATEST`."""
        at = series, self._period_of(series, period), np.arange(len(self._world.towns))
        coverage, note, comparison = (column[at].tolist() for column in self._words)
        provisional, rate, smoothed, low, high = (column[at] for column in self._numbers)
        columns = Columns(
            coverage=coverage, note=note, comparison=comparison, provisional=(provisional == 1).tolist(),
            rate=_listed(rate), smoothed=_listed(smoothed), low=_listed(low), high=_listed(high),
        )  # fmt: skip
        keys = np.array(comparison_classes(columns), dtype=object)
        coloured = np.isin(keys, COMPARED_KEYS)
        return Map(keys, np.where(coloured, colour_value(smoothed, low, high), np.nan), smoothed)

    @cached_property
    def _words(self) -> tuple[NDArray[np.object_], ...]:
        """Words that decide the classes: (L, Q, P) each, of calls from citizens."""
        return tuple(self._world.words(name)[:, CITIZEN] for name in ("coverage", "note", "comparison"))

    @cached_property
    def _numbers(self) -> tuple[Floats, ...]:
        """Numbers that do."""
        names = ("provisional", "rate", "smoothed", "smoothed_low", "smoothed_high")
        return tuple(self._world.numbers(name)[:, CITIZEN] for name in names)

    def _period_of(self, series: int, period: str) -> Ints:
        """The period that each town is drawn by: (P,)."""
        periods = self._world.periods
        if period != LATEST:
            return np.full(len(self._world.towns), periods.index(period))
        short, long = periods.index(SHORT), periods.index(LONG if LONG in periods else SHORT)
        few: Bools = self._words[1][series] == "too few to rate"
        return np.where(few[short], long, short)


def _listed(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def fill(key: str) -> str:
    """The colour of a class in light mode; of a pattern its ground."""
    if key in STATE_KEYS:
        return PALETTE["states"][key]["light"]["fill"]
    return dict(PALETTE["compared"]["light"].items())[key]  # type: ignore[index]  # the keys are those of the palette
