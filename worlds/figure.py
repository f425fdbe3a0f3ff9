"""One world three times: by raw counts, by crude rates, and as Candor colours it. SVG, a circle for each town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from candor.graphics.palette import COMPARED_KEYS, RATIOS, STATE_KEYS, WIDTHS
from candor.messages.layers import CALLS
from candor.messages.maps import CERTAINTIES, STATE_LABELS, class_label
from worlds.arrays import Bools, Floats, Judged
from worlds.coloured import CITIZEN, LATEST, SHORT, Colours, fill
from worlds.naive import FIFTHS, naive_map

SERIES: Final = "noise"
FILLS: Final = ("#d9ecec", "#93c4c8", "#4f99a4", "#23707f", "#0a3848")
"""Of the five classes of the other maps, each darker than the one before."""

WIDTH, HEIGHT, TOP, RADIUS, KEY = 250, 400, 44, 3.4, 15
THIN: Final = 'stroke="#33454f" stroke-width=".4"'


@dataclass(frozen=True)
class Panel:
    """A map: its title, the class of each town, and of each class its colour and what it means."""

    title: str
    classes: Sequence[int]
    key: Sequence[tuple[str, str]]


def figure(world: Judged) -> str:
    """The three maps of calls about noise in the last 12 months of a world."""
    row, period = _series(world), world.periods.index(SHORT)
    home = np.flatnonzero(world.towns.residents > 0)
    people = world.towns.residents[home].astype(np.float64)
    calls = world.numbers("calls")[row, CITIZEN, period, home]
    others = naive_map(calls, people)
    drawn = Colours(world).map(row, LATEST).keys[home]
    kinds = [key for key in (*COMPARED_KEYS, *STATE_KEYS) if key in set(drawn)]
    panels = [
        Panel("Raw counts, in fifths", others.count_fifth.astype(int).tolist(),
              _key(calls, "{:,.0f} to {:,.0f} calls")),
        Panel("Crude rates, in fifths", others.rate_fifth.astype(int).tolist(),
              _key(calls / people * 1000, "{:.1f} to {:.1f} per 1,000")),
        Panel("Candor, times the state’s rate", [kinds.index(key) for key in drawn],
              [(fill(key), _words(key)) for key in kinds]),
    ]  # fmt: skip
    bounds = world.towns.bounds[home]
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2 * np.cos(np.radians(44)), (bounds[:, 1] + bounds[:, 3]) / 2
    return _svg(panels, x, y, world.relative_rate[home] > 1)


def _words(key: str) -> str:
    """A class in the words of the map's own legend."""
    if key in STATE_KEYS:
        return STATE_LABELS[key].format(many=CALLS.many)
    level = int(key[1]) - 1
    return f"{class_label(key, RATIOS[level], WIDTHS).split(' the state')[0]}, {CERTAINTIES[level]}"


def _series(world: Judged) -> int:
    return next(i for i, (level, name) in enumerate(world.series) if (level, name) == ("category", SERIES))


def _key(values: Floats, form: str) -> list[tuple[str, str]]:
    of = np.quantile(values, np.arange(FIFTHS + 1) / FIFTHS)
    return [(colour, form.format(of[i], of[i + 1])) for i, colour in enumerate(FILLS)]


TRUTHS: Final = {
    False: "in truth every town has the same rate of calls about noise",
    True: "in truth the ringed towns have twice the rate of all others, calls about noise",
}


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
