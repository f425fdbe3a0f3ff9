"""Counts over time: months as a line with what is usual, years as points with intervals, small counts as dots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup, escape

from candor.graphics.charts import frame
from candor.graphics.charts.frame import BELOW, LEFT, RIGHT, TOP, WIDTH
from candor.messages.coverage import UNDER
from candor.messages.figures import count_words
from candor.messages.told import NEAREST, not_yet_words, number_words
from candor.messages.words import span
from candor.published.model import Figure, Period

_HEIGHT, _BOTTOM = 260, 52
_BASE = _HEIGHT - _BOTTOM
_KNOWN = ("reported", "zero", "partly reported")
AS_USUAL: Final = "as usual"
_UNKNOWN = ("not yet", "by county only", "not reported", "not covered")

Series = Sequence[tuple[Period, Figure]]
_Points = list[tuple[float, float]]


def trend(series: Series, name: str, title: str, description: str) -> Markup:
    """Counts by month as a line. The scale begins at zero; a month that is not known breaks the line.

    A reported month is a filled point, one that was reported in part an open one; one under 5 is a square with the
    map's pattern, under the axis; one that was not reported a hatched band, and one that is not covered or not yet told
    a band with the map's pattern for it. The patterns are in `base.html`.
    Where a month is set beside the same month of earlier years, the ends of what is usual are drawn, and a month
    outside of them as a diamond. Where no month has anything to mark there is no chart.
    """
    if all(f.coverage in _UNKNOWN for _, f in series):
        return Markup("")
    top = frame.nice(max((max(f.count or 0, *(f.usual_counts or (0,))) for _, f in series), default=0))
    step = (WIDTH - LEFT - RIGHT) / len(series)
    bands, points = list[str](), list[str]()
    runs, run = list[_Points](), _Points()
    for i, (period, figure) in enumerate(series):
        x, words = LEFT + step * (i + 0.5), _words(period, figure)
        if figure.coverage in _KNOWN and figure.count is not None:
            y = frame.scaled(figure.count, top, _BASE)
            run.append((x, y))
            points.append(_point(x, y, words, figure))
            continue
        runs, run = [*runs, run], _Points()
        (points if figure.coverage == UNDER else bands).append(_unknown(figure, x, step, words))
    lines = [frame.path("chart__line", r) for r in [*runs, run] if len(r) > 1]
    body = [*bands, frame.grid(top, _BASE), frame.months([p for p, _ in series], step, _BASE)]
    body += _limits(series, step, top)
    return frame.drawn(name, title, description, _HEIGHT, "".join([*body, *lines, *points]))


def years(series: Series, intervals: Sequence[tuple[float, float]], name: str, title: str, description: str) -> Markup:
    """Counts by year as points with their exact intervals; a year of which months are missing is an open point.

    A year that is not known is marked as a month is; where none is known there is no chart.
    """
    if all(f.count is None for _, f in series):
        return Markup("")
    highest = max((high for (_, f), (_, high) in zip(series, intervals, strict=True) if f.count is not None), default=0)
    top = frame.nice(highest)
    step = (WIDTH - LEFT - RIGHT) / len(series)
    marks, axis = [], []
    for i, ((period, figure), (low, high)) in enumerate(zip(series, intervals, strict=True)):
        x, words = LEFT + step * (i + 0.5), _words(period, figure)
        axis.append(frame.text(x, _BASE + 34, span(period)))
        if figure.coverage not in _KNOWN or figure.count is None:
            marks.append(_unknown(figure, x, min(step, 120), words))
            continue
        marks.append(frame.line("chart__whisker", x, *_ends(low, high, top, x)))
        kind = "chart__dot" if figure.coverage == "partly reported" else "chart__bar"
        marks.append(frame.circle(kind, x, frame.scaled(figure.count, top, _BASE), 6, words))
    return frame.drawn(name, title, description, _HEIGHT, frame.grid(top, _BASE) + "".join([*axis, *marks]))


def dots(series: Series, name: str, title: str, description: str) -> Markup:
    """Small counts by month, a dot for each: what is seen is how few there are, and no rate can be read from it."""
    if all(f.coverage in _UNKNOWN for _, f in series):
        return Markup("")
    step = (WIDTH - LEFT - RIGHT) / len(series)
    most = max((f.count or 0 for _, f in series), default=0)
    size = min(step, 16.0)
    base = TOP + size * max(most, 3) + 4
    parts = [frame.line("chart__axis", LEFT, base, WIDTH - RIGHT, base)]
    for i, (period, figure) in enumerate(series):
        x, words = LEFT + step * (i + 0.5), _words(period, figure)
        if figure.coverage in _KNOWN and figure.count is not None:
            stack = (f"M{x:.1f} {base - size * (n + 0.5) - 2:.1f}h.01" for n in range(figure.count))
            if figure.count:
                parts.append(
                    f'<path class="chart__events" stroke-width="{size * 0.75:.1f}" d="{"".join(stack)}">'
                    f"<title>{escape(words)}</title></path>"
                )
        else:
            parts.append(frame.band(_band(figure), x - step / 2, step, base, words))
    body = frame.months([p for p, _ in series], step, base)
    return frame.drawn(name, title, description, base + _BOTTOM, body + "".join(parts))


def trend_key(series: Series, *, dots_of: str = "", points_of: str = "", partly: str = "") -> Markup:
    """What the marks mean, for those that are there.

    `dots_of` is what a dot of `dots` stands for, `points_of` a point of the line, `partly` an open one.
    """
    found = {f.coverage for _, f in series}
    if found <= set(_UNKNOWN):
        return Markup("")
    items = []
    if dots_of and any(f.count for _, f in series):
        items.append(('<circle class="chart__bar" cx="14" cy="7" r="5"/>', dots_of))
    if points_of and found & {"reported", "zero"}:
        items.append(('<circle class="chart__bar" cx="14" cy="7" r="3"/>', points_of))
    if partly and "partly reported" in found:
        items.append(('<circle class="chart__dot" cx="14" cy="7" r="3.5"/>', partly))
    if any(f.usual_counts for _, f in series):
        items.append(('<path class="chart__limit" d="M0 7h28"/>', "Usual for the month, after earlier years"))
        if any(f.usual not in ("", AS_USUAL) for _, f in series):
            items.append((frame.diamond("chart__signal", 14, 7, 6), "More or fewer than usual"))
    return frame.key([*items, *_unknown_marks(found)])


def years_key(series: Series) -> Markup:
    """What the marks of `years` mean."""
    found = {f.coverage for _, f in series}
    if all(f.count is None for _, f in series):
        return Markup("")
    mark = '<path class="chart__whisker" d="M14 0v14"/><circle class="{}" cx="14" cy="7" r="5"/>'
    items = []
    if found & {"reported", "zero"}:
        rounded = f", {NEAREST}" if any(f.rounded for _, f in series) else ""
        items.append((mark.format("chart__bar"), f"Count of a year{rounded}, with its 95\N{NO-BREAK SPACE}% interval"))
    if "partly reported" in found:
        items.append((mark.format("chart__dot"), "Not every month reported"))
    return frame.key([*items, *_unknown_marks(found)])


def _unknown_marks(found: set[str]) -> list[tuple[str, str]]:
    """The marks of what is not known, for those coverage states that are there."""
    states = {
        UNDER: (frame.under(14, 7), "Under 5: 0 to 4"),
        "not yet": ('<rect class="k-not-yet" width="28" height="14"/>', "Not yet told"),
        "by county only": ('<rect class="k-by-county-only" width="28" height="14"/>', "Not told for this year alone"),
        "not reported": ('<rect class="chart__gap" width="28" height="14"/>', "Not reported: not known"),
        "not covered": ('<rect class="k-not-covered" width="28" height="14"/>', "Not covered: not known"),
    }
    return [mark for state, mark in states.items() if state in found]


def _point(x: float, y: float, words: str, figure: Figure) -> str:
    if figure.coverage == "partly reported":
        return frame.circle("chart__dot", x, y, 3.5, words)
    if figure.usual not in ("", AS_USUAL):
        return frame.diamond("chart__signal", x, y, 7, f"{words}; {figure.usual}")
    return frame.circle("chart__bar", x, y, 3, words)


def _unknown(figure: Figure, x: float, width: float, words: str) -> str:
    if figure.coverage == UNDER:
        return frame.under(x, _BASE + BELOW, words)
    return frame.band(_band(figure), x - width / 2, width, _BASE, words)


def _band(figure: Figure) -> str:
    """The class of the band of a time of which nothing is told."""
    return {"not reported": "chart__gap", "not yet": "k-not-yet", "by county only": "k-by-county-only"}.get(
        figure.coverage, "k-not-covered"
    )


def _limits(series: Series, step: float, top: int) -> list[str]:
    """The two ends of what is usual, a line through the months that are compared."""
    found, runs = [], [list[tuple[float, int, int]]()]
    for i, (_, figure) in enumerate(series):
        if figure.usual_counts is None:
            runs.append([])
        else:
            runs[-1].append((LEFT + step * (i + 0.5), *figure.usual_counts))
    for run in runs:
        if len(run) > 1:
            found += [
                frame.path("chart__limit", [(x, frame.scaled(ends[side], top, _BASE)) for x, *ends in run])
                for side in (0, 1)
            ]
    return found


def _ends(low: float, high: float, top: int, x: float) -> tuple[float, float, float]:
    return frame.scaled(low, top, _BASE), x, frame.scaled(high, top, _BASE)


def _words(period: Period, figure: Figure) -> str:
    if figure.coverage == "not yet":
        return f"{span(period)}: {not_yet_words(figure)}"
    return f"{span(period)}: {number_words(figure) or count_words(figure)}"
