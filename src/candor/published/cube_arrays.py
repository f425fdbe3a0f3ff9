"""The dense arrays that figures are held in, and how they are filled from published rows, batch by batch.

What stands in a column, and as which code, says `cube_columns.py`; `cubes.py` makes figures of what is held here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.published.columns import codes, floats, integers
from candor.published.cube_columns import (
    ABSENT,
    CODES,
    GROUPS,
    OF_PLACE,
    OF_SERIES,
    PLACE_WORDS,
    SIZES,
    UNDER,
    Line,
    code_of,
    line_of,
    numbers_of,
    six_digits,
)
from candor.published.model import INITIATORS
from candor.published.sparse import Numbers
from candor.vocabulary.comparison import WANDER_FROM

_WANDER: Final = {word: i for i, word in enumerate(WANDER_FROM)}
_NOT_SAID = -2
_YEAR = 4
_BASE = 5
"""Rounded counts are multiples of it; those under it have no number."""

Index = npt.NDArray[np.int64] | np.int64
Cells = npt.NDArray[np.int64]
"""Which figures: their places in an array of period x category x initiator x place, counted through."""


class CubeArrays:
    """Some categories with the places, periods and initiators that they are all published for; other figures are not
    there, and take no memory.

    Of a figure without a number nothing is held but why there is none, whatever else its line says. Numbers are held
    with the seven digits of 32 bits, one more than is published, and only where there are any (`sparse.Numbers`).

    Rows are taken in by `fill`, until `filled` says that these were all; then it is asked for the lines of some cells.
    """

    def __init__(
        self, places: Sequence[str], periods: Sequence[str], categories: Sequence[str], initiators: Sequence[str]
    ) -> None:
        self.periods, self.categories = tuple(periods), tuple(categories)
        self.initiators = tuple(i for i in INITIATORS if i in initiators)
        # In the order in which figures are published, so that they are put in order while they are read.
        self._period, self._category, self._initiator, self._place = (
            {name: i for i, name in enumerate(sorted(names))}
            for names in (periods, categories, self.initiators, places)
        )
        self._places = np.array([self._place[name] for name in places], np.int64)
        shape = (len(self._period), len(self._category), len(self.initiators), len(self._place))
        self._shape = shape
        of_place, of_kind = (shape[0], shape[3]), (shape[0], shape[1], shape[3])
        self._words = np.zeros(shape, np.min_scalar_type(math.prod(SIZES) - 1))
        self._provisional = np.zeros(of_place, np.bool_)
        self._months = np.zeros(of_place, np.int16)
        self._count = np.full(shape, ABSENT, np.int32)
        self._of_place = tuple(np.full(of_place, ABSENT, np.int32) for _ in OF_PLACE)
        self._of_series = tuple(np.full(shape[:3], np.nan, np.float32) for _ in OF_SERIES)
        self._wander_from = np.zeros(shape[:3], np.int8)
        self.place_words: dict[str, list[str]] = {name: [""] * len(self._place) for name in PLACE_WORDS}
        self._towns = np.full(of_place, ABSENT, np.int32)
        self._numbers = tuple(Numbers(len(group), math.prod(shape)) for group in GROUPS)
        # Without rows beside the counts, and without rounded counts, no memory is taken: one number stands for all.
        self._parts = np.broadcast_to(np.int32(ABSENT), shape)
        self._least = self._most = np.broadcast_to(np.int32(ABSENT), of_kind)
        self._on = np.full(shape[:2], np.datetime64("NaT", "D"))

    def fill(self, batch: pa.RecordBatch, count: str, of: str | None = None, parts: str = "") -> None:
        """Take in some rows; `count` is the column of the counts. `of`: the place of all, where no row says its own.

        `parts`: the column of the rows, where several may be of one event that is counted.
        """
        places = np.full(len(batch), self._place[of]) if of is not None else codes(batch["geoid"], self._place)
        index = (
            codes(batch["period"], self._period),
            codes(batch["category"], self._category),
            codes(batch["initiated_by"], self._initiator),
            places,
        )
        known = np.logical_and.reduce([i >= 0 for i in index])
        rows = slice(None) if known.all() else known
        period, category, initiator, place = (i[rows] for i in index)
        cells = self._cells(period, category, initiator, place)
        texts = {name: np.maximum(codes(batch[name], own)[rows], 0) for name, own in CODES.items()}
        over = codes(batch["compared_over"], self._period | {"": _NOT_SAID})[rows]
        texts["compared_over"] = ((over != _NOT_SAID) & (over != period)).astype(np.int64)
        hidden = texts["coverage"] <= UNDER
        for name, said in texts.items():
            if name not in ("coverage", "note"):
                said[hidden] = 0
        self._words.reshape(-1)[cells] = np.ravel_multi_index(list(texts.values()), SIZES)
        self._count.reshape(-1)[cells] = np.where(hidden, ABSENT, integers(batch[count], ABSENT)[rows])
        if parts:
            if not self._parts.flags.writeable:
                self._parts = self._parts.copy()
            self._parts.reshape(-1)[cells] = np.where(hidden, ABSENT, integers(batch[parts], ABSENT)[rows])
        at_place = period * self._shape[-1] + place
        self._months.reshape(-1)[at_place] = integers(batch["months_reported"], 0)[rows]
        for array, name in zip(self._of_place, OF_PLACE, strict=True):
            array.reshape(-1)[at_place] = integers(batch[name], ABSENT)[rows]
        self._towns.reshape(-1)[at_place] = integers(batch["towns_reported"], ABSENT)[rows]
        self._provisional.reshape(-1)[at_place] = integers(batch["provisional"], 0)[rows] > 0
        of_series = (period * self._shape[1] + category) * self._shape[2] + initiator
        for values, name in zip(self._of_series, OF_SERIES, strict=True):
            values.reshape(-1)[of_series] = floats(batch[name])[rows]
        self._wander_from.reshape(-1)[of_series] = np.maximum(codes(batch["wander_from"], _WANDER)[rows], 0)
        lines, shown = np.flatnonzero(known)[~hidden], cells[~hidden]
        for names, numbers in zip(GROUPS, self._numbers, strict=True):
            if all(batch[name].null_count == len(batch) for name in names):
                continue
            columns = [numbers_of(batch, name)[lines] for name in names]
            some = ~np.logical_and.reduce([np.isnan(c) for c in columns])
            numbers.add(shown[some], [c[some] for c in columns])

    def filled(self) -> None:
        """Say that all rows have been taken in."""
        for numbers in self._numbers:
            numbers.close()

    def name(self, words: Mapping[str, Mapping[str, str]]) -> None:
        """Note the words of each place (`PLACE_WORDS`), by its GEOID."""
        for place, own in words.items():
            if place in self._place:
                for name, word in own.items():
                    self.place_words[name][self._place[place]] = word

    def round(self, categories: Collection[str]) -> None:
        """Note of which counts the figures of some categories may be, for they are rounded.

        A figure of years together that are told one by one is their sum; each is rounded on its own.
        """
        which = [i for name, i in self._category.items() if name in categories]
        if not which:
            return
        counts = self._count[:, which].max(axis=2)
        under = (code_of("coverage", self._words[:, which]) == UNDER).any(axis=2)
        least = np.where(counts > 0, np.maximum(counts - _BASE // 2, _BASE), np.where(under, 0, ABSENT))
        most = np.where(counts > 0, counts + _BASE // 2, np.where(under, _BASE - 1, ABSENT))
        for years, i in self._period.items():
            first, _, last = years.partition("-")
            parts = [str(y) for y in range(int(first), int(last) + 1)] if len(last) == len(first) == _YEAR else []
            if parts and all(p in self._period for p in parts):
                at = [self._period[p] for p in parts]
                summed = (counts[at] > 0).all(axis=0) & (counts[i] > 0)
                least[i] = np.where(summed, least[at].sum(axis=0), least[i])
                most[i] = np.where(summed, most[at].sum(axis=0), most[i])
        self._least, self._most = self._least.copy(), self._most.copy()
        self._least[:, which], self._most[:, which] = least, most

    def appear(self, days: Mapping[str, date], categories: Collection[str]) -> None:
        """Note when the figures of some categories will be told, by period."""
        which = [i for name, i in self._category.items() if name in categories]
        for period, day in days.items():
            if period in self._period:
                self._on[self._period[period], which] = np.datetime64(day, "D")

    def has(self, place: str, period: str, initiated_by: str) -> bool:
        """Whether there are figures of these."""
        return place in self._place and period in self._period and initiated_by in self._initiator

    def cells(
        self,
        periods: Sequence[str],
        categories: Sequence[str],
        initiators: Sequence[str],
        places: Sequence[str] | None = None,
    ) -> Cells:
        """All combinations, one axis each in this order; without `places` every place, in the order they were given."""
        period, category, initiator = (
            np.array([of[name] for name in names], np.int64)
            for of, names in (
                (self._period, periods),
                (self._category, categories),
                (self._initiator, initiators),
            )
        )
        place = self._places if places is None else np.array([self._place[name] for name in places], np.int64)
        return self._cells(period[:, None, None, None], category[:, None, None], initiator[:, None], place)

    def codes(self, column: str, cells: Cells) -> npt.NDArray[np.intp]:
        """What some figures say in a column of text, as its place among the column's words."""
        return code_of(column, self._words.reshape(-1)[cells])

    def counts(self, cells: Cells) -> npt.NDArray[np.float64]:
        """The counts of some figures, NaN where there is none."""
        counts = self._count.reshape(-1)[cells]
        return np.where(counts == ABSENT, np.nan, counts)

    def numbers(self, column: str, cells: Cells) -> npt.NDArray[np.float64]:
        """A number of some figures, NaN where there is none."""
        group, at = next((i, names.index(column)) for i, names in enumerate(GROUPS) if column in names)
        return six_digits(self._numbers[group].at(cells)[at])

    def lines(self, cells: Cells) -> Iterator[Line]:
        """Some figures as they are held: the arrays become Python's numbers a column at a time."""
        period, category, initiator, place = np.unravel_index(cells, self._shape)
        counts = (self._count, self._parts)
        columns: list[npt.NDArray[Any]] = [place, *(a[period, category, initiator, place] for a in counts)]
        of_place: tuple[npt.NDArray[Any], ...] = (*self._of_place, self._months, self._towns, self._provisional)
        columns += [a[period, place] for a in of_place]
        columns += [six_digits(a[period, category, initiator]) for a in self._of_series]
        columns.append(self._wander_from[period, category, initiator])
        columns += [self._least[period, category, place], self._most[period, category, place]]
        columns.append(self._on[period, category])
        columns += np.unravel_index(self._words.reshape(-1)[cells], SIZES)
        numbers = six_digits(np.concatenate([group.at(cells) for group in self._numbers]))
        for values in zip(*(column.tolist() for column in columns), *numbers.tolist(), strict=True):
            yield line_of(*values)

    def _cells(self, period: Index, category: Index, initiator: Index, place: Index) -> Cells:
        _, categories, initiators, places = self._shape
        return np.asarray(((period * categories + category) * initiators + initiator) * places + place)
