"""One world three times: by raw counts, by crude rates, and as Candor colours it. SVG, a circle for each town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast
from xml.sax.saxutils import escape

import numpy as np

from candor.graphics.model import ClassKey
from candor.graphics.palette import COMPARED_KEYS, PALETTE, RATIOS, compared_keys
from candor.measures.lines import RATE_FROM
from worlds.fast import Figures
from worlds.kinds import PLANTED_RATE
from worlds.naive import FIFTHS, naive_map
from worlds.tally import Bools, Floats

SERIES: Final = "noise"
FILLS: Final = ("#d9ecec", "#93c4c8", "#4f99a4", "#23707f", "#0a3848")
"""Of the five classes of the other maps, each darker than the one before."""

INTERVALS: Final = ("narrow", "fairly narrow", "fairly wide", "wide")
TOO_FEW: Final = "too-few"
WIDTH, HEIGHT, TOP, RADIUS, KEY = 250, 400, 44, 3.4, 15
THIN: Final = 'stroke="#33454f" stroke-width=".4"'

TRUTHS: Final = {
    False: "in truth every town has the same rate of calls about noise",
    True: "in truth the ringed towns have twice the rate of all others, calls about noise",
}


@dataclass(frozen=True)
class Panel:
    """A map: its title, the class of each town, and of each class its colour and what it means."""

    title: str
    classes: Sequence[int]
    key: Sequence[tuple[str, str]]


def figure(world: Figures) -> str:
    """The three maps of calls about noise in the last year of a world; Candor's of towns with few by three years."""
    row, period = world.series.names.index(SERIES), world.last_year
    home = np.flatnonzero(world.world.state.home)
    people = world.world.state.residents[home]
    calls = world.now.calls[row, 0, period, home].astype(np.float64)
    others = naive_map(calls, people)
    drawn = _drawn(world, row)[home]
    kinds = [key for key in (*COMPARED_KEYS, TOO_FEW) if key in set(drawn)]
    panels = [
        Panel("Raw counts, in fifths", others.count_fifth.astype(int).tolist(),
              _key(calls, "{:,.0f} to {:,.0f} calls")),
        Panel("Crude rates, in fifths", others.rate_fifth.astype(int).tolist(),
              _key(calls / people * 1000, "{:.1f} to {:.1f} per 1,000")),
        Panel("Candor, times the others’ rate", [kinds.index(key) for key in drawn],
              [(_fill(key), _words(key)) for key in kinds]),
    ]  # fmt: skip
    at = world.world.state.at[home]
    return _svg(panels, at[:, 0], at[:, 1], world.world.relative[0, home] == PLANTED_RATE)


def _drawn(world: Figures, row: int) -> np.ndarray:
    """The class of each town: of the last year, or of the last 36 months where that has too few calls for a rate."""
    smoothed = world.standing(world.learned).smoothed
    long = next(i for i, p in enumerate(world.periods) if p.months == 36)
    few = world.now.calls[row, 0, world.last_year] < RATE_FROM
    keys = np.where(few, *(compared_keys(*(a[row, 0, q] for a in smoothed)) for q in (long, world.last_year)))
    return np.where(world.now.calls[row, 0, long] < RATE_FROM, TOO_FEW, keys)


def _fill(key: str) -> str:
    if key == TOO_FEW:
        return PALETTE["states"][key]["light"]["fill"]
    return PALETTE["compared"]["light"][cast("ClassKey", key)]


def _words(key: str) -> str:
    """A class in words: between which ratios, and how wide the interval is."""
    if key == TOO_FEW:
        return "too few to rate"
    level, step = (int(part) - 1 for part in key.removeprefix("c").split("-"))
    wide = f"interval {INTERVALS[level]}"
    cuts = [f"{cut:.2g}" for cut in RATIOS[level]]
    if not cuts:
        return f"any; {wide}"
    if step in (0, len(cuts)):
        return f"under {cuts[0]}; {wide}" if step == 0 else f"{cuts[-1]} and more; {wide}"
    return f"{cuts[step - 1]} to {cuts[step]}; {wide}"


def _key(values: Floats, form: str) -> list[tuple[str, str]]:
    of = np.quantile(values, np.arange(FIFTHS + 1) / FIFTHS)
    return [(colour, form.format(of[i], of[i + 1])) for i, colour in enumerate(FILLS)]


def _svg(panels: Sequence[Panel], x: Floats, y: Floats, planted: Bools) -> str:
    most = max(len(panel.key) for panel in panels)
    height = TOP + HEIGHT + (most + 1) * KEY
    scale = min((WIDTH - 30) / np.ptp(x), (HEIGHT - 20) / np.ptp(y))
    px = 15 + (x - x.min()) * scale
    py = TOP + 5 + (y.max() - y) * scale
    truth = f"One simulated world: {TRUTHS[bool(planted.any())]}."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {height}" role="img"'
        ' aria-labelledby="t d" font-family="sans-serif" font-size="11">',
        '<title id="t">One world, SIMULATED, as three maps of calls about noise</title>',
        f'<desc id="d">{escape(truth)} Three maps with a circle for each town: by raw counts, by crude rates, and as'
        " Candor colours them. Under each map: what its colours mean, and how many towns have them.</desc>",
        f'<rect width="{WIDTH * len(panels)}" height="{height}" fill="#fff"/>',
        f'<text x="15" y="14">{escape(truth)}</text>',
    ]
    for n, panel in enumerate(panels):
        parts.append(f'<g transform="translate({n * WIDTH} 0)"><text x="15" y="34" font-weight="bold">'
                     f"{escape(panel.title)}</text>")  # fmt: skip
        chosen = np.array(panel.classes)
        for index, (colour, meaning) in enumerate(panel.key):
            of_class = chosen == index
            parts.append(f'<g fill="{colour}" {THIN}>{_circles(px[of_class], py[of_class], RADIUS)}</g>')
            at = TOP + HEIGHT + index * KEY
            said = f"{meaning}: {int(of_class.sum())}"
            parts.append(f'<circle cx="20" cy="{at - 4}" r="4.5" fill="{colour}" {THIN}/>'
                         f'<text x="30" y="{at}">{escape(said)}</text>')  # fmt: skip
        if planted.any():
            rings = _circles(px[planted], py[planted], RADIUS + 3)
            parts.append(f'<g fill="none" stroke="#17212b" stroke-width="1.4">{rings}</g>')
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _circles(x: Floats, y: Floats, radius: float) -> str:
    return "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{radius:g}"/>' for a, b in zip(x, y, strict=True))
