"""A funnel plot: every town's rate, times that of the others, against what would be expected of it at theirs.

Two ranges are drawn, each called what it is: that of chance, and that of chance and of towns. They are a picture; what
is said of a town is decided by its own interval.

Source: Spiegelhalter DJ (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24,
1185-1202. The range of chance is on the scale on which a count that wanders has an even spread (asinh).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from candor.graphics.charts import frame
from candor.graphics.charts.frame import LEFT, RIGHT, TOP, WIDTH
from candor.statistics.intervals import Floats
from candor.statistics.quantiles import normal_quantile

COMPARED_FROM: Final = 5
"""The expected events from which a place is compared."""

LEVEL: Final = 0.95
_NEARLY_NONE: Final = 0.01

LEAST: Final = 1.0
"""The expected count from which a town is drawn; the funnel of smaller ones is as wide as the sky."""

_HEIGHT, _BOTTOM = 340, 66
_BASE = _HEIGHT - _BOTTOM
_TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True)
class Marked:
    """The town that the chart is about, with its words."""

    name: str
    expected: float
    ratio: float
    words: str


@dataclass(frozen=True)
class Ranges:
    """How much a count wanders beyond chance (c), and between which ratios 9 of 10 towns lie; None: not said."""

    wander: float
    towns: tuple[float, float] | None = None


def funnel(
    expected: Floats, ratios: Floats, ranges: Ranges, town: Marked, name: str, title: str, description: str
) -> Markup:
    """The towns as quiet dots and one of them marked and named.

    `expected` and `ratios` are of all towns, NaN where one is not compared. A town above the scale stands at its edge
    as a triangle.
    """
    shown = np.isfinite(expected) & np.isfinite(ratios) & (expected >= LEAST)
    most = float(max(expected[shown].max(initial=town.expected), town.expected, 2 * COMPARED_FROM))
    across = _Across(most * 1.15)
    _, edge = limits_at(across.most, ranges, towns=True)
    top = _top(expected[shown], ratios[shown], max(town.ratio, edge))
    body = [_axes(across, top)]
    kinds = [("chart__limit", False), *([("chart__limit--sure", True)] if ranges.towns else [])]
    for kind, towns in kinds:
        body += [frame.path(kind, points) for points in _curves(across, top, ranges, towns=towns)]
    inside = shown & (ratios <= top)
    body.append(_dots(across, expected[inside], ratios[inside], top))
    body += [_beyond("chart__town-beyond", across.x(float(e))) for e in expected[shown & ~inside]]
    return frame.drawn(name, title, description, _HEIGHT, "".join([*body, _mark(across, town, top)]))


def funnel_key(town: str, drawn: Markup, ranges: Ranges, *, few: bool) -> Markup:
    """What the marks mean; `few` where towns of which too few are expected are among those `drawn`."""
    above = '<path class="chart__town-beyond" d="M10 11h8l-4 -7z"/>'
    items = [
        (frame.diamond("chart__here", 14, 7, 6.5), town),
        ('<circle class="chart__town" cx="14" cy="7" r="3.5"/>', "Another town"),
        *([(above, "A town above the scale")] if "chart__town-beyond" in drawn else []),
        ('<path class="chart__limit" d="M0 7h28"/>', "Range of chance, 95\N{NO-BREAK SPACE}%"),
    ]
    if ranges.towns:
        sure = '<path class="chart__limit--sure" d="M0 7h28"/>'
        items.append((sure, "Range of chance and of towns: 9 of 10"))
    if few:
        items.append(('<rect class="chart__few" width="28" height="14"/>', "Too few expected to compare"))
    return frame.key(items)


def limits_at(expected: float, ranges: Ranges, *, towns: bool) -> tuple[float, float]:
    """The ends of a range for a town of which so much is expected, as ratios."""
    lower, upper = _range(np.array([expected]), ranges, towns=towns)
    return float(lower[0]), float(upper[0])


class _Across:
    """The scale of what is expected: logarithmic, from `LEAST` to `most`."""

    def __init__(self, most: float) -> None:
        self.most = most
        self._unit = (WIDTH - LEFT - RIGHT) / math.log(most / LEAST)

    def x(self, expected: float) -> float:
        return LEFT + self._unit * math.log(max(expected, LEAST) / LEAST)


def _top(expected: Floats, ratios: Floats, own: float) -> float:
    """The end of the scale: it holds the town and the end of the limits, and nearly all towns that vary little."""
    steady = ratios[expected >= COMPARED_FROM / 2]
    usual = float(np.quantile(steady, 0.98)) if steady.size else 0.0
    wanted = max(2.0, own * 1.08, usual * 1.08)
    return float(next((t for t in (2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0) if t >= wanted), math.ceil(wanted)))


def _axes(across: _Across, top: float) -> str:
    few = across.x(COMPARED_FROM)
    parts = [f'<rect class="chart__few" x="{LEFT}" y="{TOP}" width="{few - LEFT:.1f}" height="{_BASE - TOP}"/>']
    step = 0.5 if top <= 3 else 1.0 if top <= 6 else 2.0 if top <= 12 else math.ceil(top / 5)
    for i in range(int(top / step) + 1):
        y = frame.scaled(i * step, top, _BASE)
        kind = "chart__axis" if i == 0 else "chart__line--reference" if i * step == 1 else "chart__grid"
        parts.append(frame.line(kind, LEFT, y, WIDTH - RIGHT, y))
        parts.append(frame.text(LEFT - 8, y + 4, f"{i * step:g}\N{MULTIPLICATION SIGN}", "end"))
    if step > 1:
        y = frame.scaled(1, top, _BASE)
        parts.append(frame.line("chart__line--reference", LEFT, y, WIDTH - RIGHT, y))
    ticks = [t for t in _TICKS if t <= across.most]
    for tick in ticks if len(ticks) <= 8 else [t for t in ticks if str(t)[0] == "1"]:
        parts.append(frame.line("chart__axis", across.x(tick), _BASE, across.x(tick), _BASE + 5))
        parts.append(frame.text(across.x(tick), _BASE + 24, f"{tick:,}"))
    parts.append(frame.text((LEFT + WIDTH - RIGHT) / 2, _HEIGHT - 8, "Expected at the rate of the rest of the state"))
    return "".join(parts)


def _curves(across: _Across, top: float, ranges: Ranges, *, towns: bool) -> list[list[tuple[float, float]]]:
    expected = np.geomspace(LEAST, across.most, 48)
    found = []
    for side, limits in enumerate(_range(expected, ranges, towns=towns)):
        keep = limits <= top if side else limits > 0
        points = [
            (across.x(float(e)), frame.scaled(float(v), top, _BASE))
            for e, v in zip(expected[keep], limits[keep], strict=True)
        ]
        if len(points) > 1:
            found.append(points)
    return found


def _range(expected: Floats, ranges: Ranges, *, towns: bool) -> tuple[Floats, Floats]:
    z, c = -normal_quantile((1 - LEVEL) / 2), max(ranges.wander, 1e-9)
    middle = np.arcsinh(np.sqrt(c * expected)) / np.sqrt(c)
    ends = [np.sinh(np.sqrt(c) * np.maximum(middle + side * z / 2, 0)) ** 2 / c / expected for side in (-1, 1)]
    if towns and ranges.towns is not None:
        low, high = (max(end, _NEARLY_NONE) for end in ranges.towns)
        # Both spreads together, on the log scale, on each side of the others' rate.
        down, up = (np.sqrt(np.log(np.maximum(end, _NEARLY_NONE)) ** 2) for end in ends)
        below = np.exp(-np.hypot(down, np.log(low))) if low < 1 else low * ends[0]
        above = np.exp(np.hypot(up, np.log(high))) if high > 1 else high * ends[1]
        return below, above
    return ends[0], ends[1]


def _dots(across: _Across, expected: Floats, ratios: Floats, top: float) -> str:
    """All other towns in one path of round points: hundreds of elements would say no more."""
    at = "".join(
        f"M{across.x(e):.1f} {frame.scaled(r, top, _BASE):.1f}h.01"
        for e, r in zip(expected.tolist(), ratios.tolist(), strict=True)
    )
    return f'<path class="chart__towns" d="{at}"/>' if at else ""


def _beyond(kind: str, x: float) -> str:
    return f'<path class="{kind}" d="M{x - 4:.1f} {TOP + 7}h8l-4 -7z"/>'


def _mark(across: _Across, town: Marked, top: float) -> str:
    x, y = across.x(town.expected), frame.scaled(town.ratio, top, _BASE)
    end = x > (LEFT + WIDTH) * 0.6
    label = frame.text(x - 12 if end else x + 12, y - 8, town.name, "end" if end else "start", "chart__label")
    return frame.diamond("chart__here", x, y, 8, town.words) + label
