"""What stands below the table: totals, remarks, the number of rows. It is told and is no row."""

from __future__ import annotations

import re
from collections.abc import Sequence

from candor.sources.cells import Cells, readings
from candor.sources.evidence import dashes
from candor.sources.layout import Layout

_MOST = 30
_WORDS = re.compile(
    r"\W*(?:(?:grand|sub|report|overall)[ -]?totals?|totals?|sum|count|records?|rows?|number of|end of|printed|"
    r"generated|created|exported|run (?:date|on|by)|report|page|sources?|notes?|disclaimer|copyright|prepared)\b"
    r"|\(?\d[\d,]* (?:rows?|records?|calls?|incidents?)\b",
    re.IGNORECASE,
)


def count_footers(lines: Sequence[str], layout: Layout, most: int, *, cut: bool = False) -> int:
    """How many lines below the table are no rows. `lines` are the file's last, the last one first; at most `most`.

    A line with a word of totals and hardly another cell, or a lone cell of words, is none; so are empty lines between
    them. A line that may be a row, or what was left of one where the file was `cut`, is never taken for a footer.
    """
    found = 0
    for number, text in enumerate(lines[: min(_MOST, most)], start=1):
        if not text.replace(layout.dialect.delimiter, "").strip():
            continue
        # A quote that is open may belong to the last row.
        if text.count(layout.dialect.quote) % 2 or not _is_footer(text, layout, cut=cut and number == 1):
            break
        found = number
    return found


def _is_footer(text: str, layout: Layout, *, cut: bool) -> bool:
    if dashes(text):
        return True
    cells = next(readings(text, layout.dialect), Cells((text,), False, False)).values
    filled = [" ".join(cell.split()).strip(layout.dialect.quote) for cell in cells if cell.strip()]
    if layout.width < 3 or not filled or layout.is_row(text):
        return False
    if _WORDS.match(filled[0]):
        return len(filled) <= 2 or len(filled) * 2 < layout.width
    return not cut and len(filled) == 1 and len(filled[0].split()) > 1 and any(map(str.isalpha, filled[0]))
