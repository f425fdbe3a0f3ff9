"""Figures as dense arrays: the places, periods, categories and initiators that were published for each other."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from candor.published.model import (
    CHANGES,
    COMPARISONS,
    COVERAGES,
    EARLIER,
    INITIATORS,
    NO_CHANGE,
    NOTES,
    STATE,
    Change,
    Figure,
    LayerKey,
)

UNDER: Final = COVERAGES.index("under 5")

_TEXTS: Final = {
    "coverage": COVERAGES,
    "note": NOTES,
    "comparison": COMPARISONS,
    "change": CHANGES,
    "year_change": CHANGES,
}
_CODES: Final = {name: {v: i for i, v in enumerate(values)} for name, values in _TEXTS.items()}
_CODES["coverage"] |= {before: COVERAGES.index(now) for before, now in EARLIER.items()}
_CHANGE = ("change_ratio", "change_low", "change_high")
_NUMBERS: Final = (
    *("rate", "rate_low", "rate_high"),
    *("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher"),
    *_CHANGE,
    *(f"year_{name}" for name in _CHANGE),
)

COLUMNS: Final = (*_TEXTS, *_NUMBERS, "provisional", "months_reported", "towns_reported", "residents")
"""What is read of every line besides its keys and its count."""

_ABSENT = -1
_YEAR = 4
_BASE = 5
"""Rounded counts are multiples of it; those under it have no number."""

_Slice = tuple[slice | int | npt.NDArray[np.intp], ...]


class Cube:
    """Some categories with the places, periods and initiators that they are all published for; other figures are not
    there, and take no memory.

    Of a figure without a number nothing is held but why there is none, whatever else its line says. Numbers are held
    with the seven digits of 32 bits, one more than is published.
    """

    def __init__(
        self, places: Sequence[str], periods: Sequence[str], categories: Sequence[str], initiators: Sequence[str]
    ) -> None:
        self.periods, self.categories = tuple(periods), tuple(categories)
        self.initiators = tuple(i for i in INITIATORS if i in initiators)
        self._place, self._period, self._category, self._initiator = (
            {name: i for i, name in enumerate(names)} for names in (places, periods, categories, self.initiators)
        )
        shape = (len(self._place), len(self._period), len(self._category), len(self.initiators))
        self._texts = {name: np.zeros(shape, np.int8) for name in _TEXTS}
        self._provisional = np.zeros(shape[:2], np.bool_)
        self._months = np.zeros(shape[:2], np.int16)
        self._count = np.full(shape, _ABSENT, np.int32)
        self._residents = np.full(shape[:2], _ABSENT, np.int32)
        self._towns = np.full(shape[:2], _ABSENT, np.int32)
        self._numbers = {name: np.full(shape, np.nan, np.float32) for name in _NUMBERS}
        self._least, self._most = (np.full(shape[:3], _ABSENT, np.int32) for _ in range(2))
        self._on = np.full(shape[1:3], np.datetime64("NaT", "D"))

    def has(self, place: str, period: str, initiated_by: str) -> bool:
        """Whether it has figures of these."""
        return place in self._place and period in self._period and initiated_by in self._initiator

    def told(self, category: str) -> dict[str, int]:
        """Of each period, of how many places a figure is told, under 5 among them."""
        known = (self._texts["coverage"][:, :, self._category[category]] >= UNDER).any(axis=2).sum(axis=0)
        return dict(zip(self.periods, known.tolist(), strict=True))

    def round(self, categories: Collection[str]) -> None:
        """Note of which counts the figures of some categories may be, for they are rounded.

        A figure of years together that are told one by one is their sum; each is rounded on its own.
        """
        which = [i for name, i in self._category.items() if name in categories]
        counts = self._count[:, :, which].max(axis=3)
        under = (self._texts["coverage"][:, :, which] == UNDER).any(axis=3)
        least = np.where(counts > 0, np.maximum(counts - _BASE // 2, _BASE), np.where(under, 0, _ABSENT))
        most = np.where(counts > 0, counts + _BASE // 2, np.where(under, _BASE - 1, _ABSENT))
        for years, i in self._period.items():
            first, _, last = years.partition("-")
            parts = [str(y) for y in range(int(first), int(last) + 1)] if len(last) == len(first) == _YEAR else []
            if parts and all(p in self._period for p in parts):
                at = [self._period[p] for p in parts]
                summed = (counts[:, at] > 0).all(axis=1) & (counts[:, i] > 0)
                least[:, i] = np.where(summed, least[:, at].sum(axis=1), least[:, i])
                most[:, i] = np.where(summed, most[:, at].sum(axis=1), most[:, i])
        self._least[:, :, which], self._most[:, :, which] = least, most

    def appear(self, days: Mapping[str, date], categories: Collection[str]) -> None:
        """Note when the figures of some categories will be told, by period."""
        which = [i for name, i in self._category.items() if name in categories]
        for period, day in days.items():
            if period in self._period:
                self._on[self._period[period], which] = np.datetime64(day, "D")

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every place, in order."""
        p, *rest = self._at(period, category, initiated_by)
        return self._figures(np.s_[:, p, *rest], np.s_[:, p], np.s_[:, p, rest[0]])

    def against(self, period: str, category: str, initiated_by: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The count of every place and what is expected of it; both NaN where it is compared with nothing."""
        at = (slice(None), *self._at(period, category, initiated_by))
        expected = _six_digits(self._numbers["expected"][at])
        return np.where(np.isnan(expected), np.nan, self._count[at]), expected

    def comparisons(self, period: str, category: str, initiated_by: str) -> list[str]:
        """How every place compares, in order."""
        codes = self._texts["comparison"][(slice(None), *self._at(period, category, initiated_by))]
        return [COMPARISONS[code] for code in codes.tolist()]

    def pick(
        self, places: Sequence[str], periods: Sequence[str], categories: Sequence[str], initiated_by: str
    ) -> list[Figure]:
        """The figures of all combinations, of which only one of the three may be several."""
        at = np.broadcast_arrays(
            np.array([self._place[p] for p in places], np.intp),
            np.array([self._period[p] for p in periods], np.intp),
            np.array([self._category[c] for c in categories], np.intp),
            self._initiator[initiated_by],
        )
        return self._figures(tuple(at), tuple(at[:2]), tuple(at[:3]))

    def _at(self, period: str, category: str, initiated_by: str) -> tuple[int, int, int]:
        return self._period[period], self._category[category], self._initiator[initiated_by]

    def _figures(self, at: _Slice, of_place: _Slice, of_kind: _Slice) -> list[Figure]:
        """The figures of some places: the arrays become Python's numbers a column at a time."""
        columns: list[npt.NDArray[Any]] = [self._count[at], self._residents[of_place], self._months[of_place]]
        columns += [self._towns[of_place], self._provisional[of_place], self._least[of_kind], self._most[of_kind]]
        columns.append(np.broadcast_to(self._on[of_kind[1:]], columns[0].shape))
        columns += [codes[at] for codes in self._texts.values()]
        numbers = _six_digits(np.stack([numbers[at] for numbers in self._numbers.values()]))
        return [
            _figure(*values) for values in zip(*(column.tolist() for column in columns), *numbers.tolist(), strict=True)
        ]

    def fill(self, batch: pa.RecordBatch, count: LayerKey) -> None:
        """Take in some rows; `count` is the column of the counts."""
        geoids = pa.compute.if_else(
            pa.compute.equal(batch["level"], "state"), STATE, pa.compute.fill_null(batch["geoid"], STATE)
        )
        index = (
            _codes(geoids, self._place),
            _codes(batch["period"], self._period),
            _codes(batch["category"], self._category),
            _codes(batch["initiated_by"], self._initiator),
        )
        known = np.logical_and.reduce([i >= 0 for i in index])
        at = tuple(i[known] for i in index)
        texts = {name: np.maximum(_codes(batch[name], _CODES[name]), 0)[known] for name, values in _TEXTS.items()}
        hidden = texts["coverage"] <= UNDER
        for name, codes in texts.items():
            kept = codes if name in ("coverage", "note") else np.where(hidden, 0, codes)
            self._texts[name][at] = kept
        self._count[at] = np.where(hidden, _ABSENT, _integers(batch[count], _ABSENT)[known])
        self._months[at[:2]] = _integers(batch["months_reported"], 0)[known]
        self._residents[at[:2]] = _integers(batch["residents"], _ABSENT)[known]
        self._towns[at[:2]] = _integers(batch["towns_reported"], _ABSENT)[known]
        self._provisional[at[:2]] = _integers(batch["provisional"], 0)[known] > 0
        for name, array in self._numbers.items():
            values = pa.compute.fill_null(pa.compute.cast(batch[name], pa.float64()), np.nan)
            array[at] = np.where(hidden, np.nan, values.to_numpy(zero_copy_only=False)[known])


def _figure(
    count: int,
    residents: int,
    months: int,
    towns: int,
    provisional: bool,
    least: int,
    most: int,
    on: date | None,
    *rest: Any,  # noqa: ANN401
) -> Figure:
    coverage, note, comparison, change, year_change = (
        values[code] for values, code in zip(_TEXTS.values(), rest, strict=False)
    )
    rate, low, high, expected, relative, *more = (None if math.isnan(v) else v for v in rest[len(_TEXTS) :])
    smoothed, smoothed_low, smoothed_high, p_higher, *changes = more
    return Figure(
        coverage=coverage,
        count=None if count == _ABSENT else count,
        residents=None if residents == _ABSENT else residents,
        months_reported=months,
        rate=rate,
        low=low,
        high=high,
        note=note,
        towns_reported=None if towns == _ABSENT else towns,
        provisional=provisional,
        expected=expected,
        relative=relative,
        smoothed=smoothed,
        smoothed_low=smoothed_low,
        smoothed_high=smoothed_high,
        p_higher=p_higher,
        comparison=comparison,
        change=_change(changes[:3], change) if change else NO_CHANGE,
        year_change=_change(changes[3:], year_change) if year_change else NO_CHANGE,
        least=None if least == _ABSENT else least,
        most=None if most == _ABSENT else most,
        on=on if coverage == "not yet" else None,
    )


def _change(numbers: Sequence[float | None], verdict: str) -> Change:
    ratio, low, high = numbers
    return Change(ratio, low, high, verdict)


def _six_digits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What was published to six significant digits, as it was published."""
    wide = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(wide))))
        return np.where(wide == 0, 0.0, np.rint(wide * scale) / scale)


def _codes(column: pa.Array, codes: dict[str, int]) -> npt.NDArray[np.int64]:
    """The code of each text, -1 where it has none. The look-up is made once for each different text."""
    encoded = pa.compute.dictionary_encode(pa.compute.fill_null(pa.compute.cast(column, pa.string()), ""))
    table = np.array([codes.get(text, -1) for text in encoded.dictionary.to_pylist()], np.int64)
    return table[encoded.indices.to_numpy(zero_copy_only=False)] if len(table) else np.zeros(0, np.int64)


def _integers(column: pa.Array, absent: int) -> npt.NDArray[np.int64]:
    values: npt.NDArray[np.int64] = pa.compute.fill_null(pa.compute.cast(column, pa.int64()), absent).to_numpy(
        zero_copy_only=False
    )
    return values
