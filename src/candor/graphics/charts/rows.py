"""Rows of points with intervals, each below its name: rates of several towns, relative rates of several kinds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from markupsafe import Markup

from candor.graphics.charts import frame

_SIDE, _TOP, _ROW, _BOTTOM = 12, 8, 46, 40
_SPAN = frame.WIDTH - 2 * _SIDE


@dataclass(frozen=True)
class Row:
    """A name, the words on its right, and its value with limits; without a value the words say why there is none."""

    name: str
    words: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    marked: bool = False


Scale = Literal["rate", "ratio"]


def rows(
    lines: Sequence[Row], reference: tuple[float, str], scale: Scale, name: str, title: str, description: str
) -> Markup:
    """A point with its interval for each row, and a line at `reference` (value and words) through all of them.

    A `rate` begins at zero; a `ratio` is logarithmic, the same distance for twice and for half.
    """
    ends = [v for line in lines for v in (line.low, line.high, line.value) if v is not None] + [reference[0]]
    at = _rate(max(ends)) if scale == "rate" else _ratio(min(ends), max(ends))
    bottom = _TOP + _ROW * len(lines)
    x = at.x(reference[0])
    parts = [_axis(at, bottom), frame.line("chart__line--reference", x, _TOP, x, bottom)]
    anchor = "start" if x < frame.WIDTH * 0.3 else "end" if x > frame.WIDTH * 0.7 else "middle"
    parts.append(frame.text(x, bottom + 36, reference[1], anchor, "chart__label"))
    for i, line in enumerate(lines):
        parts.append(_row(line, at, _TOP + _ROW * i))
    return frame.drawn(name, title, description, bottom + _BOTTOM, "".join(parts))


def rows_key(town: str, others: str) -> Markup:
    """What the marks mean; without `town` there is one kind."""
    whisker = '<path class="chart__whisker" d="M0 7h28"/>'
    items = [(whisker + frame.diamond("chart__here", 14, 7, 6.5), f"{town}, with its 95\N{NO-BREAK SPACE}% interval")]
    other = (whisker + '<circle class="chart__bar" cx="14" cy="7" r="4.5"/>', others)
    return frame.key([*(items if town else []), other])


def mark(value: float | None, low: float | None, high: float | None) -> Markup:
    """A ratio with its interval as a small mark for a table's cell: the line is 1, the ends are a quarter and four.

    It is hidden from those who hear the table, for the cell beside it says the same. Nothing where there is no value.
    """
    if value is None or low is None or high is None:
        return Markup("")

    def x(ratio: float) -> float:
        return 60 + 56 * max(-1.0, min(1.0, math.log(max(ratio, 0.01)) / math.log(4)))

    body = frame.line("chart__line--reference", 60, 0, 60, 16)
    body += frame.line("chart__whisker", x(low), 8, x(high), 8) + frame.circle("chart__bar", x(value), 8, 4)
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="interval-mark" viewBox="0 0 120 16" aria-hidden="true" focusable="false">{body}</svg>'
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    unit: float
    log: bool
    ticks: tuple[float, ...]

    def x(self, value: float) -> float:
        if self.log:
            return _SIDE + self.unit * math.log(max(value, self.low) / self.low)
        return _SIDE + self.unit * value


def _rate(most: float) -> _Scale:
    size = 10.0 ** math.floor(math.log10(max(most, 0.01)))
    step = next(s * size for s in (0.2, 0.25, 0.5, 1, 2, 2.5) if most <= 5 * s * size)
    count = math.ceil(most / step)
    return _Scale(0.0, _SPAN / (step * count), log=False, ticks=tuple(step * i for i in range(count + 1)))


_RATIOS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


def _ratio(least: float, most: float) -> _Scale:
    low = max((r for r in _RATIOS if r <= max(least, 0.05)), default=0.05)
    high = min((r for r in _RATIOS if r >= most), default=most)
    low, high = min(low, 0.5), max(high, 2.0)
    return _Scale(low, _SPAN / math.log(high / low), log=True, ticks=tuple(r for r in _RATIOS if low <= r <= high))


def _axis(at: _Scale, bottom: float) -> str:
    parts = []
    for i, tick in enumerate(at.ticks):
        x = at.x(tick)
        anchor = "start" if i == 0 else "end" if i == len(at.ticks) - 1 else "middle"
        parts.append(frame.line("chart__grid", x, _TOP, x, bottom))
        words = f"{tick:g}\N{MULTIPLICATION SIGN}" if at.log else f"{tick:,g}"
        parts.append(frame.text(x, bottom + 16, words, anchor))
    return "".join(parts)


def _row(line: Row, at: _Scale, y: float) -> str:
    kind = "chart__label" if line.marked else "chart__tick"
    parts = [frame.text(0, y + 20, line.name, "start", kind)]
    parts.append(frame.text(frame.WIDTH, y + 20, line.words, "end", kind))
    if line.value is None:
        return "".join(parts)
    middle = y + 33
    if line.low is not None and line.high is not None:
        parts.append(frame.line("chart__whisker", at.x(line.low), middle, at.x(line.high), middle))
    words = f"{line.name}: {line.words}"
    mark = frame.diamond("chart__here", at.x(line.value), middle, 7.5, words)
    parts.append(mark if line.marked else frame.circle("chart__bar", at.x(line.value), middle, 4.5, words))
    return "".join(parts)
