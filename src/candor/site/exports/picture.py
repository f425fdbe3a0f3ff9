"""An SVG as PNG, by vl-convert (resvg).

The library is only loaded for the first picture (some 90 MB on disk, 15 ms to import, 55 ms for the first picture, then
10 to 60 ms each). Two pictures at most are drawn at once, so that readers of pages keep a processor.
"""

from __future__ import annotations

import re
import threading
from typing import Final

SCALE: Final = 2.0
MOST_PIXELS: Final = 12_000_000
"""A picture that would be larger is drawn at a smaller scale: its memory is 4 bytes a pixel."""

_AT_ONCE = threading.BoundedSemaphore(2)


def png(svg: str) -> bytes:
    """The picture at twice its size, or as much as `MOST_PIXELS` allows."""
    import vl_convert  # noqa: PLC0415 - heavy; most servers draw pages only

    with _AT_ONCE:
        return vl_convert.svg_to_png(svg, scale=scale_of(svg))


def scale_of(svg: str) -> float:
    """The scale of an SVG whose root says its width and height."""
    size = re.search(r'<svg\b[^>]*?\bwidth="([\d.]+)"[^>]*?\bheight="([\d.]+)"', svg)
    if size is None:
        raise ValueError("the drawing does not say how large it is")
    area = float(size[1]) * float(size[2])
    return min(SCALE, (MOST_PIXELS / area) ** 0.5)
