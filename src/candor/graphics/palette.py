"""The colours and patterns of the map, and which class a town is drawn in.

Two views have colours. How a town compares with the state is drawn in a value-suppressing uncertainty palette: teal is
lower, purple is higher, grey is like the state, and the less certain a value is, the fewer classes it can be in and the
paler they are. Rates have one of five steps of one hue, each darker than the one before (lighter in dark mode). What
has no such value has a pattern: zero, under 5, too few to rate, not yet, not reported, not covered, and more. Colour,
pattern and words: never colour alone.

`palette.json` is the one source: this module, the style sheets and the map island all read it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Final, TypedDict, cast

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from candor.graphics.model import ClassKey
from candor.published.model import UNTOLD
from candor.vocabulary.comparison import ANSWERED


class Pair(TypedDict):
    """The ground of a pattern and its marks, as #rrggbb."""

    fill: str
    mark: str


class State(TypedDict):
    """A pattern: a square tile of `tile` units with a stroked path."""

    light: Pair
    dark: Pair
    tile: float
    width: float
    path: str
    cap: str


class Palette(TypedDict):
    """`palette.json`."""

    rates: dict[str, list[str]]
    compared: dict[str, dict[ClassKey, str]]
    edge: dict[str, str]
    circle: dict[str, str]
    blank: dict[str, str]
    boundary: dict[str, str]
    outline: dict[str, str]
    states: dict[str, State]


PALETTE: Final = cast("Palette", json.loads(files("candor.graphics").joinpath("palette.json").read_text("utf-8")))

RATE_KEYS: Final[tuple[ClassKey, ...]] = ("rate-1", "rate-2", "rate-3", "rate-4", "rate-5")

STATE_KEYS: Final[tuple[ClassKey, ...]] = cast("tuple[ClassKey, ...]", tuple(PALETTE["states"]))
"""The classes that have a pattern, in the order of the legend."""

RATIOS: Final[tuple[tuple[float, ...], ...]] = (
    (1 / 2, 2 / 3, 5 / 6, 6 / 5, 3 / 2, 2.0),
    (2 / 3, 5 / 6, 6 / 5, 3 / 2),
    (2 / 3, 3 / 2),
    (),
)
"""Where one class ends and the next begins, in times the state's rate, for each level of certainty: 7, 5, 3 and 1
classes. Each class of a level lies within one class of the next: a tree."""

WIDTHS: Final = (1.5, 2.5, 4.0)
"""The levels of certainty: how many times its lower end the upper end of the 95 % interval may be, at most."""

FURTHEST: Final = (1 / 4, 4.0)
"""An end of an interval beyond these counts as these: how far below a half a town is decides no colour."""

_VALUES: Final = (
    (-1.0, -2 / 3, -1 / 3, 0.0, 1 / 3, 2 / 3, 1.0),
    (-1 / 2, -1 / 4, 0.0, 1 / 4, 1 / 2),
    (-1 / 4, 0.0, 1 / 4),
    (0.0,),
)
"""How far from grey each class is, signed: the furthest certain one is 1."""

_TREE_KEYS: Final = np.array([f"c{i + 1}-{j + 1}" for i, row in enumerate(_VALUES) for j in range(len(row))], object)
_TREE_VALUES: Final = np.array([v for row in _VALUES for v in row])
_FIRST: Final = np.cumsum([0, *(len(row) for row in _VALUES)])
_MIDDLE: Final = np.array([len(row) // 2 for row in _VALUES])
COMPARED_KEYS: Final[tuple[ClassKey, ...]] = cast("tuple[ClassKey, ...]", tuple(_TREE_KEYS.tolist()))
"""The classes of the comparison: `c2-1` is the lowest of the second level of certainty."""

_SPREAD: Final[dict[int, tuple[ClassKey, ...]]] = {
    0: (),
    1: ("rate-3",),
    2: ("rate-2", "rate-4"),
    3: ("rate-1", "rate-3", "rate-5"),
    4: ("rate-1", "rate-2", "rate-4", "rate-5"),
    5: RATE_KEYS,
}


def _patterns() -> Markup:
    """The `<pattern>`s of the states in an SVG of no size; their colours come from the style sheet."""
    parts = [
        f'<pattern id="p-{key}" width="{s["tile"]}" height="{s["tile"]}" patternUnits="userSpaceOnUse">'
        f'<path class="p-{key}" d="M0 0h{s["tile"]}v{s["tile"]}H0z"/>'
        f'<path class="m-{key}" d="{s["path"]}" stroke-width="{s["width"]}" stroke-linecap="{s["cap"]}"/></pattern>'
        for key, s in PALETTE["states"].items()
    ]
    return Markup(  # noqa: S704 - made of the package's own constants
        f'<svg class="pattern-defs" width="0" height="0" aria-hidden="true" focusable="false">'
        f"<defs>{''.join(parts)}</defs></svg>"
    )


PATTERNS: Final = _patterns()
"""The pattern definitions; `base.html` puts them on every page once."""


def _two_digits(value: float) -> float:
    """`value` rounded to two significant digits: what a legend can say and a reader can remember."""
    if value <= 0:
        return 0.0
    magnitude = int(np.floor(np.log10(value)))
    return float(round(value, 1 - magnitude))


def breaks(rates: Sequence[float]) -> tuple[float, ...]:
    """Where one class ends and the next begins: at most four, ascending, of the rates that are shown.

    The quintiles of the distinct rates (Hyndman and Fan's type 7), rounded to two significant digits; a break that
    leaves a class without a town is dropped. So the same rates give the same classes, whatever their order, and
    a state with one rated town has one class.
    """
    shown = np.unique(np.asarray(rates, dtype=float))
    shown = shown[np.isfinite(shown)]
    if shown.size < 2:
        return ()
    wanted = sorted({_two_digits(float(q)) for q in np.quantile(shown, [0.2, 0.4, 0.6, 0.8])})
    kept: list[float] = []
    for cut in wanted:
        below = shown[(shown >= kept[-1]) & (shown < cut)] if kept else shown[shown < cut]
        if below.size and (shown >= cut).any():
            kept.append(cut)
    return tuple(kept)


def compared_keys(
    smoothed: ArrayLike, low: ArrayLike, high: ArrayLike, side: ArrayLike | None = None
) -> NDArray[np.object_]:
    """The class of each smoothed relative rate with its 95 % interval: a value-suppressing uncertainty palette.

    `side` is what is said of each: 1 higher, -1 lower, 0 neither, whether probably or not. A colour says no more than
    the words: where neither is said it is the middle of its level, and never on the other side.

    The certainty is that of ln(high / low), in four levels (`WIDTHS`), the ends no further than `FURTHEST`; the value,
    ln(smoothed), falls into the classes that its level has (`RATIOS`): fixed ones, for quantiles would colour a state
    in which nothing differs. Arrays of one shape
    in, keys of that shape out, None where there is no smoothed rate.

    Source: Correll, Moritz and Heer 2018, Value-Suppressing Uncertainty Palettes, CHI '18, doi:10.1145/3173574.3174216.
    """
    index, known = _in_tree(smoothed, low, high, side)
    keys: NDArray[np.object_] = np.asarray(_TREE_KEYS[index], dtype=object)
    keys[~known] = None
    return keys


def colour_value(
    smoothed: ArrayLike, low: ArrayLike, high: ArrayLike, side: ArrayLike | None = None
) -> NDArray[np.float64]:
    """How far from grey each town is drawn: from -1, certainly the lowest, to 1, certainly the highest.

    It is what the eye gets of `compared_keys`: 0 where a town is like the state, or where nothing certain can be said;
    the less certain, the nearer to 0. NaN where there is no smoothed rate.
    """
    index, known = _in_tree(smoothed, low, high, side)
    return np.where(known, _TREE_VALUES[index], np.nan)


def _in_tree(
    smoothed: ArrayLike, low: ArrayLike, high: ArrayLike, side: ArrayLike | None = None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The place of each value among `COMPARED_KEYS`, and whether it has one."""
    value, lower, upper = (np.asarray(v, dtype=np.float64) for v in (smoothed, low, high))
    known = np.isfinite(value) & np.isfinite(lower) & np.isfinite(upper)
    width = np.clip(upper, *FURTHEST) / np.clip(lower, *FURTHEST)
    level = np.digitize(width, WIDTHS, right=True)
    level = np.where(known, level, 0)
    levels = [level == i for i in range(len(RATIOS))]
    steps = np.select(levels, [np.digitize(value, cuts) for cuts in RATIOS], default=0)
    if side is not None:
        way, middle = np.asarray(side), _MIDDLE[level]
        # What is said to differ is at least a step from the middle, where its level has one.
        away = np.minimum(middle, 1)
        steps = np.select(
            [way > 0, way < 0], [np.maximum(steps, middle + away), np.minimum(steps, middle - away)], middle
        )
    return np.where(known, _FIRST[level] + steps, 0), known


_SIDES: Final = {"lower": -1, "probably lower": -1, "probably higher": 1, "higher": 1}


class Columns(TypedDict):
    """What decides the class of each town: columns of the figures, a value for each town; None where there is none."""

    coverage: Sequence[str]
    note: Sequence[str]
    provisional: Sequence[bool]
    comparison: Sequence[str]
    rate: Sequence[float | None]
    smoothed: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


def _numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in values], dtype=float)


def comparison_classes(columns: Columns) -> list[ClassKey]:
    """The class of each town beside the state: of its smoothed relative rate, else of why it has none.

    A town of which some events are known, and fewer than a rate is given from, is too few, unless even so few are told
    apart from what the others' rate would bring. One without any is coloured where enough were expected to compare it,
    for none is then a finding; else it is drawn as zero.
    """
    covered, note = np.asarray(columns["coverage"], dtype=object), np.asarray(columns["note"], dtype=object)
    label = columns["comparison"]
    side = np.array([_SIDES.get(word, 0) for word in label])
    none, answered = covered == "zero", np.array([word in ANSWERED for word in label])
    nothing_expected = none & ~answered
    few = (note == "too few to rate") & ~none & (side == 0)
    smoothed, low, high = (_numbers(columns[name]) for name in ("smoothed", "low", "high"))
    keys = compared_keys(np.where(answered, smoothed, np.nan), low, high, side)
    found = np.select(
        [
            *_unknown(covered),
            np.asarray(columns["provisional"], dtype=bool),
            _nobody(note),
            nothing_expected,
            few,
        ],
        [*_UNKNOWN, "provisional", "no-residents", "zero", "too-few"],
        default=keys,
    )
    no_state = np.where(none, "zero", "not-compared")
    nothing = np.array([key is None for key in found], dtype=bool)
    return cast("list[ClassKey]", np.where(nothing, no_state, found).tolist())


def rate_classes(columns: Columns, cuts: Sequence[float]) -> list[ClassKey]:
    """The class of each town by its rate, else by why it has none. `cuts` come from `breaks`."""
    covered, note = np.asarray(columns["coverage"], dtype=object), np.asarray(columns["note"], dtype=object)
    value = _numbers(columns["rate"])
    spread = np.array(_SPREAD[len(cuts) + 1], dtype=object)
    rated = spread[np.digitize(np.nan_to_num(value), np.asarray(cuts, dtype=float))]
    keys = np.select(
        [*_unknown(covered), covered == "zero", np.isfinite(value), _nobody(note)],
        [*_UNKNOWN, "zero", rated, "no-residents"],
        default="too-few",
    )
    return cast("list[ClassKey]", keys.tolist())


def count_classes(columns: Columns) -> list[ClassKey]:
    """The ground on which a town's circle stands: blank where its number is known, else a pattern."""
    covered = np.asarray(columns["coverage"], dtype=object)
    keys = np.select([*_unknown(covered), covered == "zero"], [*_UNKNOWN, "zero"], default="blank")
    return cast("list[ClassKey]", keys.tolist())


_UNKNOWN: Final[tuple[ClassKey, ...]] = ("not-covered", "not-yet", "not-reported", "by-county-only", "under-5")
"""The states of which no number is told, as classes."""


def _unknown(covered: NDArray[np.object_]) -> list[NDArray[np.bool_]]:
    """For each of `_UNKNOWN`, which towns are so."""
    return [covered == state for state in UNTOLD]


def _nobody(note: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.isin(note, ("no residents", "residents not known"))


def spread(cuts: Sequence[float]) -> tuple[ClassKey, ...]:
    """The rate classes that so many breaks make."""
    return _SPREAD[len(cuts) + 1]
