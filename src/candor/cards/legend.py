"""The legends of the map: what each colour, mark, circle and pattern says, as a picture and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from markupsafe import Markup, escape

from candor.cards.model import Legend, LegendItem
from candor.graphics.map import radius
from candor.graphics.model import ClassKey, Town, Verdict
from candor.graphics.palette import COMPARED_KEYS, RATIOS, STATE_KEYS, WIDTHS, spread
from candor.messages.layers import Layer
from candor.messages.maps import WIDTH_WORDS, class_label, smoothed_note, state_label
from candor.messages.told import NEAREST

_TICKS: Final = ("½", "⅔", "⅚", "1.2", "1.5", "2")
"""`RATIOS[0]` as the picture writes them."""

_CELL, _ROW, _LEFT, _TOP = 34, 26, 76, 40


def _picture() -> Markup:
    """The classes as a tree: a row for each width of the interval, wider classes where less can be told."""
    fine = RATIOS[0]
    width, height = _LEFT + _CELL * (len(fine) + 1) + 2, _TOP + _ROW * len(RATIOS) + 6
    parts = []
    for level, cuts in enumerate(RATIOS):
        edges = [0, *(fine.index(c) + 1 for c in cuts), len(fine) + 1]
        y = _TOP + _ROW * level
        parts += [
            f'<rect class="k-c{level + 1}-{i + 1}" x="{_LEFT + _CELL * a}" y="{y}" width="{_CELL * (b - a)}"'
            f' height="{_ROW}"/>'
            for i, (a, b) in enumerate(pairwise(edges))
        ]
        parts.append(f'<text x="{_LEFT - 8}" y="{y + _ROW / 2 + 4}" text-anchor="end">{WIDTH_WORDS[level]}</text>')
    ends = _LEFT + _CELL * (len(fine) + 1)
    parts += [
        f'<text x="{_LEFT + _CELL * (i + 1)}" y="{_TOP - 7}" text-anchor="middle">{tick}</text>'
        for i, tick in enumerate(_TICKS)
    ]
    parts += [
        f'<text class="wedge__end" x="{_LEFT}" y="13">lower</text>',
        f'<text x="{(_LEFT + ends) / 2}" y="13" text-anchor="middle">like the rest</text>',
        f'<text class="wedge__end" x="{ends}" y="13" text-anchor="end">higher</text>',
        f'<text x="{_LEFT - 8}" y="{_TOP - 7}" text-anchor="end">interval</text>',
    ]
    label = (
        "The colours of the map, as a tree. From left to right: lower than the rest of the state, like it, higher. From"
        " top to bottom the interval is wider; the wider it is, the fewer and the paler the colours."
    )
    return Markup(  # noqa: S704 - made of the package's own constants
        f'<svg class="wedge" viewBox="0 0 {width} {height}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
    )


_PICTURE: Final = _picture()


def compared_legend(towns: Sequence[Town], layer: Layer, on: date | None = None) -> Legend:
    """Of the comparison with the rest of the state: every colour, for the picture shows them all."""
    found = Counter(t.key for t in towns)
    classes = []
    for key in COMPARED_KEYS:
        cuts = RATIOS[int(key[1]) - 1]
        classes.append(LegendItem(key, class_label(key, cuts, WIDTHS), found[key]))
    marked: Counter[Verdict] = Counter(t.verdict for t in towns)
    marks: tuple[tuple[Verdict, str], ...] = (("higher", "highest"), ("lower", "lowest"))
    return Legend(
        heading=f"{layer.title} beside the rest of the state",
        note=smoothed_note(layer),
        drawing=_PICTURE,
        classes=tuple(classes),
        states=_states(found, layer, on),
        marks=tuple((mark, f"Among the tenth of towns with the {end} rates", marked[mark]) for mark, end in marks),
    )


def rate_legend(towns: Sequence[Town], cuts: Sequence[float], layer: Layer, on: date | None = None) -> Legend:
    """Of rates: every class that the breaks make, and every pattern that is on the map."""
    found = Counter(t.key for t in towns)
    bounds = [_written(c) for c in cuts]
    if not cuts:
        labels = ["Every rate shown: one class"]
    else:
        labels = [f"Under {bounds[0]}", *(f"{low} to under {high}" for low, high in pairwise(bounds))]
        labels += [f"{bounds[-1]} and more"]
    rates = [(key, label) for key, label in zip(spread(cuts), labels, strict=True) if found[key]]
    return Legend(
        heading=f"{layer.many[0].upper()}{layer.many[1:]} per 1,000 people and year",
        note="Rates as they are: those of small towns swing widely. A count is a number to read in the table.",
        classes=tuple(LegendItem(key, label, found[key]) for key, label in rates),
        states=_states(found, layer, on),
    )


def count_legend(towns: Sequence[Town], layer: Layer, on: date | None = None, *, rounded: bool = False) -> Legend:
    """Of counts: three towns as examples, the largest, one of about a quarter of it, and one of about a sixteenth."""
    counted = sorted((t for t in towns if t.count), key=lambda t: -t.count)
    examples: list[Town] = []
    if counted:
        largest = counted[0].count
        for share in (1, 1 / 4, 1 / 16):
            nearest = min(counted, key=lambda t: abs(t.count - largest * share))
            if nearest not in examples:
                examples.append(nearest)
    return Legend(
        heading=f"Number of {layer.many}{f', {NEAREST}' if rounded else ''}",
        note="The area of a circle is the number. A map of counts is mostly a map of where people live.",
        classes=(),
        states=_states(Counter(t.key for t in towns), layer, on),
        drawing=_circles(examples, layer),
    )


def _circles(examples: Sequence[Town], layer: Layer) -> Markup:
    if not examples:
        return Markup("")
    largest = examples[0].count
    radii = [radius(t.count, largest) for t in examples]
    left, y = max(radii) + 1, 2.0
    parts = []
    for town, r in zip(examples, radii, strict=True):
        middle = y + max(r, 9)
        parts.append(
            f'<circle class="circle" cx="{left:.1f}" cy="{middle:.1f}" r="{r:.1f}"/>'
            f'<text x="{2 * left + 8:.1f}" y="{middle + 4:.1f}">{escape(f"{town.name}: {town.count:,}")}</text>'
        )
        y = middle + max(r, 9) + 5
    label = "; ".join(f"{t.name}: {t.count:,} {layer.noun(t.count)}" for t in examples)
    return Markup(  # noqa: S704 - what comes from data is escaped
        f'<svg class="wedge" viewBox="0 0 300 {y:.0f}" role="img" aria-label="{escape(f"Circles: {label}")}">'
        f"{''.join(parts)}</svg>"
    )


def _states(found: Mapping[ClassKey, int], layer: Layer, on: date | None) -> tuple[LegendItem, ...]:
    """Every pattern that a town is in; a legend says what is on the map, and when what is not yet told will be."""
    return tuple(LegendItem(key, state_label(key, layer, on), found[key]) for key in STATE_KEYS if found[key])


def _written(value: float) -> str:
    """A break as the legend writes it: no more digits than it has."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"
