"""An SVG as PNG, by vl-convert (resvg).

The library is loaded for the first picture: 90 MB on disk, 15 ms to import, 55 ms for the first picture. Then a chart
takes some 0.2 s and a map of 255 towns 0.7 s, nearly all of it to compress the pixels; so finished pictures are kept.
"""

from __future__ import annotations

import math
import re
from typing import Final

SCALE: Final = 2.0
MOST_PIXELS: Final = 12_000_000
"""A picture that would be larger is drawn at a smaller scale: its memory is 4 bytes a pixel."""


def png(svg: str) -> bytes:
    """The picture at twice its size, or as much as `MOST_PIXELS` allows."""
    import vl_convert  # noqa: PLC0415 - 90 MB that a server that draws pages only need not load

    return vl_convert.svg_to_png(svg, scale=scale_of(svg))


def scale_of(svg: str) -> float:
    """The scale of an SVG whose root says its width and height."""
    size = re.search(r'<svg\b[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"', svg)
    if size is None:
        raise ValueError("the drawing does not say how large it is")
    area = float(size[1]) * float(size[2])
    return min(SCALE, math.sqrt(MOST_PIXELS / area))
