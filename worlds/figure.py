"""One null world three times: by raw counts, by crude rates, and as Candor colours it. SVG, a circle for each town."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from worlds.arrays import Floats, Judged
from worlds.maps import CITIZEN, candor_classes
from worlds.naive import FIFTHS, naive_map

SERIES, PERIOD = "noise", "last-12-months"
FILLS: Final = ("#d9ecec", "#93c4c8", "#4f99a4", "#23707f", "#0a3848")
"""Of the five classes of the other maps, each darker than the one before."""

WIDTH, HEIGHT, TOP, RADIUS, KEY = 250, 400, 44, 3.4, 15


@dataclass(frozen=True)
class Panel:
    """A map: its title, the class of each town, and of each class its colour and what it means."""

    title: str
    classes: Sequence[int]
    key: Sequence[tuple[str, str]]


def figure(world: Judged) -> str:
    """The three maps of calls about noise in the last 12 months of a world."""
    row, period = _series(world), world.periods.index(PERIOD)
    home = np.flatnonzero(world.towns.residents > 0)
    people = world.towns.residents[home].astype(np.float64)
    calls = world.numbers("calls")[row, CITIZEN, period, home]
    others = naive_map(calls, people)
    classes, key = candor_classes(world, row, period)
    panels = [
        Panel("Raw counts, in fifths", others.count_fifth.astype(int).tolist(),
              _key(calls, "{:,.0f} to {:,.0f} calls")),
        Panel("Crude rates, in fifths", others.rate_fifth.astype(int).tolist(),
              _key(calls / people * 1000, "{:.1f} to {:.1f} per 1,000")),
        Panel("Candor", [classes[i] for i in home], key),
    ]  # fmt: skip
    bounds = world.towns.bounds[home]
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2 * np.cos(np.radians(44)), (bounds[:, 1] + bounds[:, 3]) / 2
    return _svg(panels, x, y)


def _series(world: Judged) -> int:
    return next(i for i, (level, name) in enumerate(world.series) if (level, name) == ("category", SERIES))


def _key(values: Floats, form: str) -> list[tuple[str, str]]:
    of = np.quantile(values, np.arange(FIFTHS + 1) / FIFTHS)
    return [(fill, form.format(of[i], of[i + 1])) for i, fill in enumerate(FILLS)]


def _svg(panels: Sequence[Panel], x: Floats, y: Floats) -> str:
    most = max(len(panel.key) for panel in panels)
    height = TOP + HEIGHT + (most + 1) * KEY
    scale = min((WIDTH - 30) / np.ptp(x), (HEIGHT - 20) / np.ptp(y))
    px = 15 + (x - x.min()) * scale
    py = TOP + 5 + (y.max() - y) * scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {height}" role="img"'
        ' aria-labelledby="t d" font-family="sans-serif" font-size="11">',
        '<title id="t">One null world, SIMULATED: calls about noise in the last 12 months</title>',
        '<desc id="d">In truth all towns have the same rate. By raw counts the largest towns are darkest. By crude'
        " rates dark and light are spread over the state. In Candor’s map almost every town has the colour of the"
        " state’s own rate.</desc>",
        f'<rect width="{WIDTH * len(panels)}" height="{height}" fill="#fff"/>',
        '<text x="15" y="14">One null world (SIMULATED): in truth every town has the same rate of calls about noise.'
        "</text>",
    ]
    for n, panel in enumerate(panels):
        parts.append(f'<g transform="translate({n * WIDTH} 0)"><text x="15" y="34" font-weight="bold">'
                     f"{escape(panel.title)}</text>")  # fmt: skip
        chosen = np.array(panel.classes)
        for index, (fill, meaning) in enumerate(panel.key):
            circles = "".join(
                f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{RADIUS}"/>'
                for a, b in zip(px[chosen == index], py[chosen == index], strict=True)
            )
            parts.append(f'<g fill="{fill}" stroke="#33454f" stroke-width=".4">{circles}</g>')
            at = TOP + HEIGHT + index * KEY
            said = f"{meaning}: {int((chosen == index).sum())}"
            parts.append(f'<circle cx="20" cy="{at - 4}" r="4.5" fill="{fill}" stroke="#33454f" stroke-width=".4"/>'
                         f'<text x="30" y="{at}">{escape(said)}</text>')  # fmt: skip
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])
