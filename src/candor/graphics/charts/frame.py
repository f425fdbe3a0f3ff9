"""What every chart shares: the frame with its title and description, the scales, the marks, the list of their meaning.

A chart is 720 units wide. Colours and sizes come from the style sheet by class, and shapes differ where colours do. The
words of a mark are in its `<title>`. `name` begins the ids of a chart, so that several can stand on one page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from candor.published.model import Period

WIDTH: Final = 720
LEFT, RIGHT, TOP = 52, 12, 14
BELOW: Final = 13
"""How far under an axis a number under 5 is marked: not at zero, for it need not be zero."""

_FEW = 12


def drawn(name: str, title: str, description: str, height: float, body: str) -> Markup:
    """The chart as an image with words for those who do not see it. `body` is SVG whose texts were escaped."""
    return Markup(  # noqa: S704 - every text in it was escaped
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f"{body}</svg>"
    )


def key(items: Sequence[tuple[str, str]]) -> Markup:
    """What marks mean: pairs of a mark (in a box of 28 x 14) and its words; nothing where there are none."""
    listed = [
        f'<li><svg viewBox="0 0 28 14" aria-hidden="true" focusable="false">{mark}</svg>{escape(words)}</li>'
        for mark, words in items
    ]
    return Markup(f'<ul class="chart-key">{"".join(listed)}</ul>' if listed else "")  # noqa: S704 - escaped above


def text(x: float, y: float, words: str, anchor: str = "middle", kind: str = "chart__tick") -> str:
    """A text; `anchor` is `start`, `middle` or `end`."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def circle(kind: str, x: float, y: float, radius: float, words: str = "") -> str:
    """A round mark."""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}">{_titled(words)}</circle>'


def under(x: float, y: float, words: str = "") -> str:
    """The mark of a number under 5: a square with the map's pattern, like no other mark."""
    at = f'x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11"'
    return f'<rect class="chart__under" {at}>{_titled(words)}</rect>'


def diamond(kind: str, x: float, y: float, radius: float, words: str = "") -> str:
    """A mark that differs from the round ones also without its colour."""
    path = f"M{x:.1f} {y - radius:.1f}l{radius:g} {radius:g}l-{radius:g} {radius:g}l-{radius:g} -{radius:g}z"
    return f'<path class="{kind}" d="{path}">{_titled(words)}</path>'


def band(kind: str, x: float, width: float, bottom: float, words: str) -> str:
    """A time that is not known, as tall as the chart."""
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{TOP}" width="{width:.1f}" height="{bottom - TOP:.1f}">'
        f"{_titled(words)}</rect>"
    )


def path(kind: str, points: Sequence[tuple[float, float]]) -> str:
    """A line through points."""
    return f'<polyline class="{kind}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def grid(top: int, base: float) -> str:
    """Lines at quarters of a scale of counts from 0 to `top`, the axis at `base`."""
    parts = []
    for value in range(0, top + 1, top // 4):
        y = scaled(value, top, base)
        parts.append(line("chart__grid" if value else "chart__axis", LEFT, y, WIDTH - RIGHT, y))
        parts.append(text(LEFT - 8, y + 4, f"{value:,}", "end"))
    return "".join(parts)


def scaled(value: float, top: float, base: float) -> float:
    """Where a count stands on a scale from 0 at `base` to `top`."""
    return base - (base - TOP) * value / top


def months(periods: Sequence[Period], step: float, base: float) -> str:
    """The months along the axis: each of them where there are few, else January and July."""
    few = len(periods) <= _FEW
    parts = []
    for i, period in enumerate(periods):
        month = period.first_month
        if few or month.month == 1 or (month.month == 7 and len(periods) <= 5 * _FEW):
            x = LEFT + step * (i + 0.5)
            words = f"{month:%b} {month.year}" if not few or i == 0 or month.month == 1 else f"{month:%b}"
            parts.append(line("chart__axis", x, base, x, base + 5))
            parts.append(text(x, base + 34, words))
    return "".join(parts)


def nice(most: float) -> int:
    """The end of the scale, at least `most`: a round number that four equal steps of whole counts reach."""
    unit: int = 10 ** max(0, math.floor(math.log10(max(most, 1))) - 1)
    return next(factor * unit for factor in (4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100) if factor * unit >= most)


def _titled(words: str) -> str:
    return f"<title>{escape(words)}</title>" if words else ""
