"""Small charts drawn on the server as SVG, without script. The table stands next to them and says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from candor.site import sentences
from candor.site.figures import Figure, Period

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 52
_KNOWN = ("reported", "zero", "partly reported")
_FEW = 12
_BELOW = 13
"""How far under the axis a withheld month is marked: not at zero, for it is not zero."""


def trend(series: Sequence[tuple[Period, Figure]], name: str, title: str, description: str) -> Markup:
    """Calls by month as a line. The scale begins at zero; a month that is not known breaks the line.

    A reported month is a filled point; a suppressed one an open marker under the axis; one that was not reported a
    hatched band, and one that is not covered a band with the map's pattern for it. Both patterns are in `base.html`.
    Where no month has anything to mark there is no chart. `name` begins the ids, so that charts of one page differ.
    """
    if all(f.coverage in ("not reported", "not covered") for _, f in series):
        return Markup("")
    top = _nice(max((f.count or 0 for _, f in series), default=0))
    step = (_WIDTH - _LEFT - _RIGHT) / len(series)
    base = _HEIGHT - _BOTTOM
    bands, points, runs, run = [], [], [], list[str]()
    for i, (period, figure) in enumerate(series):
        x = _LEFT + step * (i + 0.5)
        label = escape(f"{sentences.month_name(period.first_month)}: {sentences.count_words(figure)}")
        if figure.coverage in _KNOWN and figure.count is not None:
            height = _height(figure.count, top)
            run.append(f"{x:.1f},{height:.1f}")
            points.append(_circle("chart__bar", x, height, 3, label))
            continue
        if run:
            runs.append(run)
            run = []
        if figure.coverage == "suppressed":
            points.append(_circle("chart__dot", x, base + _BELOW, 4, label))
        else:
            kind = "chart__gap" if figure.coverage == "not reported" else "k-not-covered"
            bands.append(
                f'<rect class="{kind}" x="{x - step / 2:.1f}" y="{_TOP}" width="{step:.1f}" height="{base - _TOP}">'
                f"<title>{label}</title></rect>"
            )
    lines = [f'<polyline class="chart__line" points="{" ".join(r)}"/>' for r in [*runs, run] if len(r) > 1]
    return Markup(  # noqa: S704 - every text in it was escaped
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f"{''.join(bands)}{_grid(top)}{_months(series, step)}{''.join(lines)}{''.join(points)}</svg>"
    )


def trend_key(series: Sequence[tuple[Period, Figure]]) -> Markup:
    """What the marks mean, for those that are there."""
    found = {f.coverage for _, f in series}
    if found <= {"not reported", "not covered"}:
        return Markup("")
    marks = {
        "suppressed": ('<circle class="chart__dot" cx="14" cy="7" r="4"/>', "Small number withheld"),
        "not reported": ('<rect class="chart__gap" width="28" height="14"/>', "Not reported: not known"),
        "not covered": ('<rect class="k-not-covered" width="28" height="14"/>', "Not covered: not known"),
    }
    items = [
        f'<li><svg viewBox="0 0 28 14" aria-hidden="true" focusable="false">{mark}</svg>{words}</li>'
        for state, (mark, words) in marks.items()
        if state in found
    ]
    return Markup(f'<ul class="chart-key">{"".join(items)}</ul>' if items else "")  # noqa: S704 - constants only


def _circle(kind: str, x: float, y: float, radius: int, label: str) -> str:
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{label}</title></circle>'


def _height(calls: float, top: int) -> float:
    base = _HEIGHT - _BOTTOM
    return base - (base - _TOP) * calls / top


def _grid(top: int) -> str:
    return "".join(
        f'<line class="chart__{"grid" if t else "axis"}" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}"'
        f' y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="chart__tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{t:,}</text>'
        for t, y in ((t, _height(t, top)) for t in range(0, top + 1, top // 4))
    )


def _months(series: Sequence[tuple[Period, Figure]], step: float) -> str:
    """The months along the axis: each of them where there are few, else January and July."""
    base = _HEIGHT - _BOTTOM
    few = len(series) <= _FEW
    parts = []
    for i, (period, _) in enumerate(series):
        month = period.first_month
        if few or month.month == 1 or (month.month == 7 and len(series) <= 5 * _FEW):
            x = _LEFT + step * (i + 0.5)
            text = f"{month:%b} {month.year}" if not few or i == 0 or month.month == 1 else f"{month:%b}"
            parts.append(f'<line class="chart__axis" x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 5}"/>')
            parts.append(f'<text class="chart__tick" x="{x:.1f}" y="{base + 34}" text-anchor="middle">{text}</text>')
    return "".join(parts)


def _nice(most: int) -> int:
    """The end of the scale, at least `most`: a round number that four equal steps of whole calls reach."""
    unit: int = 10 ** max(0, math.floor(math.log10(max(most, 1))) - 1)
    return next(factor * unit for factor in (4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100) if factor * unit >= most)
