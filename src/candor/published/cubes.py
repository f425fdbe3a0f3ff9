"""Figures as dense arrays: the places, periods, categories and initiators that were published for each other."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.published.columns import codes, floats, integers
from candor.published.model import (
    COVERAGES,
    EARLIER,
    INITIATORS,
    NO_CHANGE,
    NO_RATIO,
    NOTES,
    Change,
    Figure,
    Ratio,
)
from candor.published.sparse import Numbers
from candor.vocabulary.comparison import CHANGES, DIFFERENCES, PLACES, USUAL, WANDER_FROM

UNDER: Final = COVERAGES.index("under 5")

WHOLE_YEARS: Final = "years"
"""That a figure is compared over whole years together and not over its own period."""

_TEXTS: Final = {
    "coverage": COVERAGES,
    "note": NOTES,
    "comparison": DIFFERENCES,
    "compared_over": ("", WHOLE_YEARS),
    "among_towns": PLACES,
    "year_change": CHANGES,
}
_RARE: Final = {"similar_comparison": DIFFERENCES, "usual": USUAL}
"""Texts that few figures have: held as numbers, with those that stand beside them."""
_CODES: Final = {name: {v: i for i, v in enumerate(values)} for name, values in _TEXTS.items()}
_SIZES: Final = tuple(len(values) for values in _TEXTS.values())
_RARE_CODES: Final = {name: {v: i for i, v in enumerate(values) if v} for name, values in _RARE.items()}
_CODES["coverage"] |= {before: COVERAGES.index(now) for before, now in EARLIER.items()}
_GROUPS: Final = (
    ("rate", "rate_low", "rate_high"),
    ("expected",),
    ("smoothed", "smoothed_low", "smoothed_high"),
    ("relative_rate", "relative_low", "relative_high"),
    ("similar_rate", "similar_low", "similar_high", "similar_comparison"),
    ("year_change_ratio", "year_change_low", "year_change_high"),
    ("year_change_months",),
    ("usual_low", "usual_high", "usual"),
)
"""The numbers of a figure; those of a group are published for much the same figures."""
_NUMBERS: Final = tuple(name for group in _GROUPS for name in group)
_OF_SERIES: Final = ("wander", "towns_low", "towns_high")
"""Numbers that all places of a period, category and initiator have alike."""
_OF_PLACE: Final = ("residents", "persons")

COLUMNS: Final = (*_TEXTS, *_NUMBERS, *_OF_SERIES, "provisional", "months_reported", "towns_reported", *_OF_PLACE)
"""What is read of every line besides its keys, its count and the words of `PLACE_WORDS`."""

TEXTS: Final[Mapping[str, Sequence[str]]] = {name: tuple(codes) for name, codes in (_CODES | _RARE_CODES).items()}
"""The words that each column of text can say."""

PLACE_WORDS: Final = ("denominator", "similar_to", "compared_over")
"""Texts that a place has alike in all its lines, but for those of which they are empty."""

_WANDER: Final = {word: i for i, word in enumerate(WANDER_FROM)}
_ABSENT = -1
_NOT_SAID = -2
_YEAR = 4
_EXPECTED: Final = next((i, group.index("expected")) for i, group in enumerate(_GROUPS) if "expected" in group)
_RATIO: Final = next((i, 0) for i, group in enumerate(_GROUPS) if group[0] == "relative_rate")
_BASE = 5
"""Rounded counts are multiples of it; those under it have no number."""

Index = npt.NDArray[np.int64] | np.int64
Cells = npt.NDArray[np.int64]
"""Which figures: their places in an array of period x category x initiator x place, counted through."""


class Cube:
    """Some categories with the places, periods and initiators that they are all published for; other figures are not
    there, and take no memory.

    Of a figure without a number nothing is held but why there is none, whatever else its line says. Numbers are held
    with the seven digits of 32 bits, one more than is published, and only where there are any (`sparse.Numbers`).
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
        self._words = np.zeros(shape, np.min_scalar_type(math.prod(_SIZES) - 1))
        self._provisional = np.zeros(of_place, np.bool_)
        self._months = np.zeros(of_place, np.int16)
        self._count = np.full(shape, _ABSENT, np.int32)
        self._of_place = tuple(np.full(of_place, _ABSENT, np.int32) for _ in _OF_PLACE)
        self._of_series = tuple(np.full(shape[:3], np.nan, np.float32) for _ in _OF_SERIES)
        self._wander_from = np.zeros(shape[:3], np.int8)
        self._place_words: dict[str, list[str]] = {name: [""] * len(self._place) for name in PLACE_WORDS}
        self._towns = np.full(of_place, _ABSENT, np.int32)
        self._numbers = tuple(Numbers(len(group), math.prod(shape)) for group in _GROUPS)
        # Without rounded counts no memory is taken: one number stands for all.
        self._least = self._most = np.broadcast_to(np.int32(_ABSENT), of_kind)
        self._on = np.full(shape[:2], np.datetime64("NaT", "D"))

    def filled(self) -> None:
        """Say that all rows have been taken in."""
        for numbers in self._numbers:
            numbers.close()

    def name(self, words: Mapping[str, Mapping[str, str]]) -> None:
        """Note the words of each place (`PLACE_WORDS`), by its GEOID."""
        for place, own in words.items():
            if place in self._place:
                for name, word in own.items():
                    self._place_words[name][self._place[place]] = word

    def has(self, place: str, period: str, initiated_by: str) -> bool:
        """Whether it has figures of these."""
        return place in self._place and period in self._period and initiated_by in self._initiator

    def told(self, category: str) -> dict[str, int]:
        """Of each period, of how many places a figure is told, under 5 among them."""
        coverage = _text("coverage", self._words[:, self._category[category]])
        known = (coverage >= UNDER).any(axis=1).sum(axis=1)
        return {period: int(known[self._period[period]]) for period in self.periods}

    def round(self, categories: Collection[str]) -> None:
        """Note of which counts the figures of some categories may be, for they are rounded.

        A figure of years together that are told one by one is their sum; each is rounded on its own.
        """
        which = [i for name, i in self._category.items() if name in categories]
        if not which:
            return
        counts = self._count[:, which].max(axis=2)
        under = (_text("coverage", self._words[:, which]) == UNDER).any(axis=2)
        least = np.where(counts > 0, np.maximum(counts - _BASE // 2, _BASE), np.where(under, 0, _ABSENT))
        most = np.where(counts > 0, counts + _BASE // 2, np.where(under, _BASE - 1, _ABSENT))
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

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every place, in order."""
        return self._figures(self._every_place(period, category, initiated_by))

    def against(self, period: str, category: str, initiated_by: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """What is expected of every place, and how many times that it has; NaN where it is compared with nothing."""
        cells = self._every_place(period, category, initiated_by)
        expected, ratio = (_six_digits(self._numbers[group].at(cells)[at]) for group, at in (_EXPECTED, _RATIO))
        # Under ten events a ratio is not published; where the period itself is compared it is that of the two counts.
        own = _text("compared_over", self._words.reshape(-1)[cells]) == 0
        with np.errstate(divide="ignore", invalid="ignore"):
            plain = np.where(own, self._count.reshape(-1)[cells] / expected, np.nan)
        return expected, np.where(np.isnan(ratio), plain, ratio)

    def comparisons(self, period: str, category: str, initiated_by: str) -> list[str]:
        """How every place compares, in order."""
        codes = _text("comparison", self._words.reshape(-1)[self._every_place(period, category, initiated_by)])
        return [DIFFERENCES[code] for code in codes.tolist()]

    def pick(
        self, places: Sequence[str], periods: Sequence[str], categories: Sequence[str], initiated_by: str
    ) -> list[Figure]:
        """The figures of all combinations, of which only one of the three may be several."""
        return self._figures(
            self._cells(
                np.array([self._period[p] for p in periods], np.int64),
                np.array([self._category[c] for c in categories], np.int64),
                np.int64(self._initiator[initiated_by]),
                np.array([self._place[p] for p in places], np.int64),
            )
        )

    def _cells(self, period: Index, category: Index, initiator: Index, place: Index) -> Cells:
        _, categories, initiators, places = self._shape
        return np.asarray(((period * categories + category) * initiators + initiator) * places + place)

    def _every_place(self, period: str, category: str, initiated_by: str) -> Cells:
        kind = np.int64(self._category[category])
        return self._cells(np.int64(self._period[period]), kind, np.int64(self._initiator[initiated_by]), self._places)

    def _figures(self, cells: Cells) -> list[Figure]:
        """Some figures: the arrays become Python's numbers a column at a time."""
        period, category, initiator, place = np.unravel_index(cells, self._shape)
        columns: list[npt.NDArray[Any]] = [place, self._count.reshape(-1)[cells]]
        of_place: tuple[npt.NDArray[Any], ...] = (*self._of_place, self._months, self._towns, self._provisional)
        columns += [a[period, place] for a in of_place]
        columns += [_six_digits(a[period, category, initiator]) for a in self._of_series]
        columns.append(self._wander_from[period, category, initiator])
        columns += [self._least[period, category, place], self._most[period, category, place]]
        columns.append(self._on[period, category])
        columns += np.unravel_index(self._words.reshape(-1)[cells], _SIZES)
        numbers = _six_digits(np.concatenate([group.at(cells) for group in self._numbers]))
        return [
            self._figure(*values)
            for values in zip(*(column.tolist() for column in columns), *numbers.tolist(), strict=True)
        ]

    def _figure(
        self,
        place: int,
        count: int,
        residents: int,
        persons: int,
        months: int,
        towns: int,
        provisional: bool,
        wander: float,
        low: float,
        high: float,
        wander_from: int,
        least: int,
        most: int,
        on: date | None,
        *rest: Any,  # noqa: ANN401
    ) -> Figure:
        words = [values[code] for values, code in zip(_TEXTS.values(), rest, strict=False)]
        coverage, note, comparison, over, among, change = words
        numbers = [None if math.isnan(v) else v for v in rest[len(_TEXTS) :]]
        of = {group[0]: numbers[_NUMBERS.index(group[0]) :][: len(group)] for group in _GROUPS}
        changed = int(of["year_change_months"][0] or 0)
        usual_low, usual_high, usual_code = of["usual_low"]
        usual = USUAL[int(usual_code or 0)]
        *similar_numbers, similar_code = of["similar_rate"]
        similar = DIFFERENCES[int(similar_code or 0)]
        own = {name: texts[place] for name, texts in self._place_words.items()}
        rate, smoothed = of["rate"], of["smoothed"]
        return Figure(
            coverage=coverage,
            count=_or_none(count),
            residents=_or_none(residents),
            months_reported=months,
            rate=rate[0],
            low=rate[1],
            high=rate[2],
            note=note,
            towns_reported=_or_none(towns),
            provisional=provisional,
            persons=_or_none(persons),
            denominator=own["denominator"],
            expected=of["expected"][0],
            beside=_ratio(of["relative_rate"], comparison),
            over=own["compared_over"] if over else "",
            among=among,
            most_towns=None if math.isnan(low) else (low, high),
            smoothed=smoothed[0],
            smoothed_low=smoothed[1],
            smoothed_high=smoothed[2],
            similar=_ratio(similar_numbers, similar),
            similar_to=own["similar_to"] if similar else "",
            change=_change(of["year_change_ratio"], change, changed),
            usual=usual,
            usual_counts=None if usual_low is None or usual_high is None else (int(usual_low), int(usual_high)),
            wander=None if math.isnan(wander) else wander,
            wander_from=WANDER_FROM[wander_from],
            least=_or_none(least),
            most=_or_none(most),
            on=on if coverage == "not yet" else None,
        )

    def fill(self, batch: pa.RecordBatch, count: str, of: str | None = None) -> None:
        """Take in some rows; `count` is the column of the counts. `of`: the place of all, where no row says its own."""
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
        texts = {name: np.maximum(codes(batch[name], _CODES[name])[rows], 0) for name in _TEXTS}
        over = codes(batch["compared_over"], self._period | {"": _NOT_SAID})[rows]
        texts["compared_over"] = ((over != _NOT_SAID) & (over != period)).astype(np.int64)
        hidden = texts["coverage"] <= UNDER
        for name, said in texts.items():
            if name not in ("coverage", "note"):
                said[hidden] = 0
        self._words.reshape(-1)[cells] = np.ravel_multi_index(list(texts.values()), _SIZES)
        self._count.reshape(-1)[cells] = np.where(hidden, _ABSENT, integers(batch[count], _ABSENT)[rows])
        at_place = period * self._shape[-1] + place
        self._months.reshape(-1)[at_place] = integers(batch["months_reported"], 0)[rows]
        for array, name in zip(self._of_place, _OF_PLACE, strict=True):
            array.reshape(-1)[at_place] = integers(batch[name], _ABSENT)[rows]
        self._towns.reshape(-1)[at_place] = integers(batch["towns_reported"], _ABSENT)[rows]
        self._provisional.reshape(-1)[at_place] = integers(batch["provisional"], 0)[rows] > 0
        of_series = (period * self._shape[1] + category) * self._shape[2] + initiator
        for values, name in zip(self._of_series, _OF_SERIES, strict=True):
            values.reshape(-1)[of_series] = floats(batch[name])[rows]
        self._wander_from.reshape(-1)[of_series] = np.maximum(codes(batch["wander_from"], _WANDER)[rows], 0)
        lines, shown = np.flatnonzero(known)[~hidden], cells[~hidden]
        for names, numbers in zip(_GROUPS, self._numbers, strict=True):
            if all(batch[name].null_count == len(batch) for name in names):
                continue
            columns = [_number(batch, name)[lines] for name in names]
            some = ~np.logical_and.reduce([np.isnan(c) for c in columns])
            numbers.add(shown[some], [c[some] for c in columns])


def _number(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers; of a rare text its code, and NaN where it says nothing."""
    if name not in _RARE_CODES:
        return floats(batch[name])
    found = codes(batch[name], _RARE_CODES[name])
    return np.where(found > 0, found.astype(np.float64), np.nan)


def _or_none(value: int) -> int | None:
    return None if value == _ABSENT else value


def _ratio(numbers: Sequence[float | None], label: str) -> Ratio:
    value, low, high = numbers
    return Ratio(value, low, high, label) if label else NO_RATIO


def _change(numbers: Sequence[float | None], verdict: str, months: int) -> Change:
    ratio, low, high = numbers
    return Change(ratio, low, high, verdict, months) if verdict else NO_CHANGE


def _six_digits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What was published to six significant digits, as it was published."""
    wide = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(wide))))
        return np.where(wide == 0, 0.0, np.rint(wide * scale) / scale)


def _text(name: str, words: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """The code of one of the texts of some figures."""
    codes: npt.NDArray[np.intp] = np.unravel_index(words, _SIZES)[list(_TEXTS).index(name)]
    return codes
