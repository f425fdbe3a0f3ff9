"""Markdown: numbers and tables as the report has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from worlds.tally import Share


def percent(value: float) -> str:
    """Two digits after the point under 1 %, one elsewhere; nothing can be a share of nothing."""
    if np.isnan(value):
        return "–"
    return f"{value * 100:.2f} %" if 0 < value < 0.01 else f"{value * 100:.1f} %"


def worlds_in_100(share: Share) -> str:
    """So many worlds in 100."""
    return "–" if not share.of else f"{share.value * 100:.0f}"


def in_words(share: Share) -> str:
    """So many of so many; none is 0."""
    return "0" if not share.hits else f"{share.hits:,.0f} of {share.of:,.0f}"


def marked(text: str, held: bool) -> str:
    """Bold where a limit is not held."""
    return text if held else f"**{text}**"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---" for _ in head], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
