"""Small charts drawn on the server as SVG, without script. The table stands next to them and says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from candor.site import sentences
from candor.site.figures import Figure, Period

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 40
_KNOWN = ("reported", "zero", "partly reported")


def trend(series: Sequence[tuple[Period, Figure]], title: str, description: str) -> Markup:
    """Calls by month as a line. The scale begins at zero; a month that is not known breaks the line.

    A reported month is a filled point; a suppressed one an open marker on the axis; one that was not reported a hatched
    band; one that is not covered an empty band with a dotted edge.
    """
    if not series:
        return Markup("")
    top = _nice(max((f.calls or 0 for _, f in series), default=0))
    step = (_WIDTH - _LEFT - _RIGHT) / len(series)
    xs = [_LEFT + step * (i + 0.5) for i in range(len(series))]
    base = _HEIGHT - _BOTTOM

    def y(calls: float) -> float:
        return base - (base - _TOP) * calls / top

    parts = [_grid(top, y), _years(series, xs, base)]
    run: list[str] = []
    for (period, figure), x in zip(series, xs, strict=True):
        known = figure.coverage in _KNOWN and figure.calls is not None
        if not known and run:
            parts.append(_line(run))
            run = []
        label = escape(f"{sentences.month_name(period.first_month)}: {sentences.calls_words(figure)}")
        if known:
            height = y(figure.calls or 0)
            run.append(f"{x:.1f},{height:.1f}")
            parts.append(f'<circle class="trend-point" cx="{x:.1f}" cy="{height:.1f}" r="3"><title>{label}</title></circle>')
        elif figure.coverage == "suppressed":
            parts.append(f'<circle class="trend-open" cx="{x:.1f}" cy="{base:.1f}" r="4"><title>{label}</title></circle>')
        else:
            kind = "trend-gap" if figure.coverage == "not reported" else "trend-uncovered"
            fill = ' fill="url(#trend-hatch)"' if kind == "trend-gap" else ' fill="none"'
            parts.append(
                f'<rect class="{kind}"{fill} x="{x - step / 2:.1f}" y="{_TOP}" width="{step:.1f}"'
                f' height="{base - _TOP:.1f}"><title>{label}</title></rect>'
            )
    if run:
        parts.append(_line(run))
    return Markup(  # noqa: S704  # every text in it was escaped above
        f'<svg class="trend" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="trend-title trend-desc">'
        f'<title id="trend-title">{escape(title)}</title><desc id="trend-desc">{escape(description)}</desc>'
        '<defs><pattern id="trend-hatch" width="6" height="6" patternUnits="userSpaceOnUse"'
        ' patternTransform="rotate(45)"><line class="trend-hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>'
        f"{''.join(parts)}</svg>"
    )


def _line(points: Sequence[str]) -> str:
    return f'<polyline class="trend-line" fill="none" points="{" ".join(points)}"/>'


def _grid(top: int, y: object) -> str:
    at = y  # a function from calls to the height on the page
    assert callable(at)
    ticks = [top * i // 4 for i in range(5)] if top % 4 == 0 else [0, top]
    return "".join(
        f'<line class="trend-grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at(t):.1f}" y2="{at(t):.1f}"/>'
        f'<text class="trend-label" x="{_LEFT - 8}" y="{at(t) + 4:.1f}" text-anchor="end">{t:,}</text>'
        for t in ticks
    )


def _years(series: Sequence[tuple[Period, Figure]], xs: Sequence[float], base: float) -> str:
    parts = []
    for (period, _), x in zip(series, xs, strict=True):
        month = period.first_month
        if month.month == 1 or len(series) <= 12 or period is series[0][0]:
            text = f"{month:%b}" if len(series) <= 12 else f"{month:%b} {month.year}"
            parts.append(f'<line class="trend-tick" x1="{x:.1f}" x2="{x:.1f}" y1="{base}" y2="{base + 5}"/>')
            parts.append(f'<text class="trend-label" x="{x:.1f}" y="{base + 20}" text-anchor="middle">{text}</text>')
    return "".join(parts)


def _nice(most: int) -> int:
    """The end of the scale: the next of 4, 8, 12, 20, 40, 60, 80 x 10^k, so that it has four whole steps."""
    if most <= 4:
        return 4
    unit = 10 ** (math.floor(math.log10(most)) - 1) if most >= 10 else 1
    for factor in (4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 100, 120):
        if factor * unit >= most:
            return factor * unit
    return most
