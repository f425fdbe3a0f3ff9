"""What the times of a block of rows came to, in numbers and in words. For those inside: it counts rows that wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from candor.privacy.times.cells import Cells
from candor.privacy.times.choice import in_complete
from candor.privacy.times.periods import LEVELS, WAITS, YEAR, Numbers


@dataclass(frozen=True)
class TimeReport:
    """Places by the level that they say, and rows by the level that they do say.

    `coarser`: published rows that say less than their place's level. `undecided`: places of which no row can be
    published yet. Not published are the rows `waiting` for a quarter or year that is not complete, those `too_few` for
    every level of a complete year, and those `untimed`.
    """

    places: Mapping[str, int]
    rows: Mapping[str, int]
    coarser: int
    undecided: int
    waiting: int
    too_few: int
    untimed: int

    @property
    def published(self) -> int:
        """The rows that are published."""
        return sum(self.rows.values())

    @property
    def share_coarser(self) -> float:
        """The share of published rows that say less than their place's level; 0 without rows."""
        return self.coarser / self.published if self.published else 0.0

    def lines(self) -> list[str]:
        """The report in words, for `candor check`."""
        told = [
            f"{_many(sum(self.places.values()), 'place')}: {_levels(self.places)}; {self.share_coarser:.1%} of rows "
            "say less than their place's level"
            if self.places
            else "No row can be published yet: there are too few of them",
        ]
        if self.places:
            told.append(f"{_many(self.published, 'row')}: {_levels(self.rows)}")
        if self.undecided and self.places:
            told.append(f"{_many(self.undecided, 'more place')} with too few rows to be published yet")
        for number, why in (
            (self.waiting, "wait until their quarter or year is complete"),
            (self.too_few, "are too few even by year: not published"),
            (self.untimed, "without a time: not published"),
        ):
            if number:
                told.append(f"{_many(number, 'row')} {why}")
        return told


def reported(cells: Cells, of_place: Numbers, label: Numbers, complete: Collection[str]) -> TimeReport:
    """Count what was decided: `of_place` is the level of each place, `label` that of each entry's rows."""
    usual = of_place[cells.place]
    out, whole = label == WAITS, in_complete(cells, complete)[YEAR]
    return TimeReport(
        _named(np.bincount(of_place, minlength=WAITS + 1)),
        _named(np.bincount(label, cells.rows, WAITS + 1)),
        int(cells.rows[~out & (label > usual)].sum()),
        int((of_place == WAITS).sum()),
        int(cells.rows[out & ~whole].sum()),
        int(cells.rows[out & whole].sum()),
        cells.untimed,
    )


def _named(counts: np.ndarray) -> dict[str, int]:
    return {level: int(n) for level, n in zip(LEVELS, counts[:WAITS], strict=True) if n}


def _levels(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} by {level}" for level, number in counts.items())


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
