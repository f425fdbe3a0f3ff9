"""What a figure shows, as CSV: its table, with what it is of on every line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO

from candor.query.formats.csv import GUARDED

_NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


def table_csv(of: Mapping[str, str], columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows under the columns' headings. `of` (town, category, version, ..) stands before them on every line, less
    what a column says itself.

    A number is written as programs read it (1234, not 1,234); a text that a spreadsheet would run as a formula gets an
    apostrophe.
    """
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    headings = [_heading(c) for c in columns]
    constant = [guarded(value) for name, value in of.items() if name not in headings]
    writer.writerow([*(name for name in of if name not in headings), *headings])
    writer.writerows([*constant, *(cell(text) for text in row)] for row in rows)
    return out.getvalue()


def cell(text: str) -> str:
    """A cell of a figure's table as programs read it."""
    return text.replace(",", "") if _NUMBER.fullmatch(text) else guarded(text)


def guarded(text: str) -> str:
    """A text that a spreadsheet does not run. A plain number below zero is none."""
    if re.fullmatch(r"-\d[\d.]*", text):
        return text
    return f"'{text}" if text.startswith(tuple(GUARDED)) else text


def _heading(label: str) -> str:
    """A heading as the name of a column: "95 % interval" is "95_percent_interval"."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower().replace("%", " percent ")).strip("_")
