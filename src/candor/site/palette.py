"""The colours and patterns of the map, and which class a town is drawn in.

Rates have one of five steps of one hue, each darker than the one before (lighter in dark mode), so that they can be
told apart with any colour vision. What is not a rate has a pattern: zero, too few to rate, suppressed, not reported,
not covered. Colour, pattern and words: never colour alone.

`palette.json` is the one source: this module, the style sheets and the map island all read it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Final, TypedDict, cast

import numpy as np
from markupsafe import Markup

from candor.site.contexts import ClassKey, LegendItem


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
    boundary: dict[str, str]
    outline: dict[str, str]
    states: dict[str, State]


PALETTE: Final = cast("Palette", json.loads(files("candor.site").joinpath("palette.json").read_text("utf-8")))

RATE_KEYS: Final[tuple[ClassKey, ...]] = ("rate-1", "rate-2", "rate-3", "rate-4", "rate-5")

STATE_LABELS: Final[dict[ClassKey, str]] = {
    "zero": "Zero: reported, none",
    "too-few": "Too few calls, or no residents, to give a rate",
    "suppressed": "Suppressed: a small number is withheld",
    "not-reported": "Not reported: the agency sent nothing",
    "not-covered": "Not covered: no agency in the data",
}

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


def class_keys(
    coverage: Sequence[str], rates: Sequence[float | None], notes: Sequence[str], cuts: Sequence[float]
) -> list[ClassKey]:
    """The class of each town: of its rate where it has one, else of why it has none.

    `coverage` and `notes` are the columns of `call-rates-by-town`; `cuts` come from `breaks`.
    """
    covered, said = np.asarray(coverage, dtype=object), np.asarray(notes, dtype=object)
    value = np.array([np.nan if r is None else r for r in rates], dtype=float)
    spread = np.array(_SPREAD[len(cuts) + 1], dtype=object)
    rated = spread[np.digitize(np.nan_to_num(value), np.asarray(cuts, dtype=float))]
    keys = np.select(
        [
            covered == "not covered",
            covered == "not reported",
            (covered == "suppressed") | (said == "suppressed"),
            covered == "zero",
            np.isfinite(value),
        ],
        [
            np.full(covered.shape, "not-covered", dtype=object),
            np.full(covered.shape, "not-reported", dtype=object),
            np.full(covered.shape, "suppressed", dtype=object),
            np.full(covered.shape, "zero", dtype=object),
            rated,
        ],
        default="too-few",
    )
    return cast("list[ClassKey]", keys.tolist())


def _written(value: float) -> str:
    """A break as the legend writes it: no more digits than it has."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def legend(keys: Sequence[ClassKey], cuts: Sequence[float]) -> tuple[LegendItem, ...]:
    """The classes in words, the rates first: every rate class that the breaks make, and every state.

    `towns` counts how many of `keys` are drawn so; a state that no town is in is left out, for a legend says what is
    on the map.
    """
    spread = _SPREAD[len(cuts) + 1]
    bounds = [_written(c) for c in cuts]
    if not cuts:
        labels = ["Every rate shown: one class"]
    else:
        labels = [f"Under {bounds[0]}"]
        labels += [f"{low} to under {high}" for low, high in pairwise(bounds)]
        labels += [f"{bounds[-1]} and more"]
    found = {key: list(keys).count(key) for key in set(keys)}
    rates = [LegendItem(k, label, found.get(k, 0)) for k, label in zip(spread, labels, strict=True) if k in found]
    states = [LegendItem(k, label, found[k]) for k, label in STATE_LABELS.items() if k in found]
    return (*rates, *states)
