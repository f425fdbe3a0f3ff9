"""What is read of every published figure, and how each column is held: words as codes, numbers of 32 bits in groups."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.published.columns import codes, floats
from candor.published.model import COVERAGES, EARLIER, NOTES
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
CODES: Final = {name: {v: i for i, v in enumerate(values)} for name, values in _TEXTS.items()}
SIZES: Final = tuple(len(values) for values in _TEXTS.values())
_RARE_CODES: Final = {name: {v: i for i, v in enumerate(values) if v} for name, values in _RARE.items()}
CODES["coverage"] |= {before: COVERAGES.index(now) for before, now in EARLIER.items()}
GROUPS: Final = (
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
_NUMBERS: Final = tuple(name for group in GROUPS for name in group)
_BEGIN: Final = tuple(_NUMBERS.index(group[0]) for group in GROUPS)
OF_SERIES: Final = ("wander", "towns_low", "towns_high")
"""Numbers that all places of a period, category and initiator have alike."""
OF_PLACE: Final = ("residents", "persons")

COLUMNS: Final = (*_TEXTS, *_NUMBERS, *OF_SERIES, "provisional", "months_reported", "towns_reported", *OF_PLACE)
"""What is read of every line besides its keys, its count and the words of `PLACE_WORDS`."""

TEXTS: Final[Mapping[str, Sequence[str]]] = {name: tuple(codes) for name, codes in (CODES | _RARE_CODES).items()}
"""The words that each column of text can say."""

PLACE_WORDS: Final = ("denominator", "similar_to", "compared_over")
"""Texts that a place has alike in all its lines, but for those of which they are empty."""

ABSENT: Final = -1
"""Held where there is no whole number."""


class Line(NamedTuple):
    """What is held of one figure; None where there is no such number.

    `words`: by column, in the place of rare texts none. `numbers`: by the first column of their group; a rare text is
    among them as its code. `place`: which of the places, as `CubeArrays.place_words` counts them.
    """

    place: int
    counted: int | None
    parts: int | None
    residents: int | None
    persons: int | None
    months: int
    towns: int | None
    provisional: bool
    wander: float | None
    most_towns: tuple[float, float] | None
    wander_from: str
    least: int | None
    most: int | None
    on: date | None
    words: Mapping[str, str]
    numbers: Mapping[str, Sequence[float | None]]


def line_of(
    place: int,
    count: int,
    parts: int,
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
) -> Line:
    """The values of a figure, one of each array, under their names."""
    numbers = [None if math.isnan(v) else v for v in rest[len(_TEXTS) :]]
    return Line(
        place,
        _or_none(count),
        _or_none(parts),
        _or_none(residents),
        _or_none(persons),
        months,
        _or_none(towns),
        provisional,
        None if math.isnan(wander) else wander,
        None if math.isnan(low) else (low, high),
        WANDER_FROM[wander_from],
        _or_none(least),
        _or_none(most),
        on,
        {name: values[code] for (name, values), code in zip(_TEXTS.items(), rest, strict=False)},
        {group[0]: numbers[begin : begin + len(group)] for group, begin in zip(GROUPS, _BEGIN, strict=True)},
    )


def numbers_of(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers; of a rare text its code, and NaN where it says nothing."""
    if name not in _RARE_CODES:
        return floats(batch[name])
    found = codes(batch[name], _RARE_CODES[name])
    return np.where(found > 0, found.astype(np.float64), np.nan)


def _or_none(value: int) -> int | None:
    return None if value == ABSENT else value


def six_digits(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """What was published to six significant digits, as it was published."""
    wide = values.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (5 - np.floor(np.log10(np.abs(wide))))
        return np.where(wide == 0, 0.0, np.rint(wide * scale) / scale)


def code_of(name: str, words: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """The code of one of the texts of some figures."""
    codes: npt.NDArray[np.intp] = np.unravel_index(words, SIZES)[list(_TEXTS).index(name)]
    return codes
