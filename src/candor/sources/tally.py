"""What became of the lines of a file of text: rows, what is no row, and what could not be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

TOO_FEW = "the line has fewer cells than the header"
TOO_MANY = "the line has more cells than the header"
UNCLOSED = "a quoted cell is not closed"
TOO_LONG = "the line is longer than 16 million characters"


@dataclass(frozen=True)
class Refused:
    """A line that is no row, as it is, and why."""

    line: int
    reason: str
    text: str


@dataclass
class Tally:
    """What became of the lines so far: their sum is the number of lines read."""

    records: int = 0
    within: int = 0
    blank: int = 0
    above: int = 0
    header: int = 0
    repeated: int = 0
    footers: int = 0
    refused: int = 0
    mended: int = 0
    first_mended: int = 0
    rejoined: int = 0
    returns: int = 0
    padded: int = 0
    lines: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def accounted(self) -> int:
        """Every line, by what became of it: rows and the line breaks within them, and what is no row."""
        return (
            self.records + self.within + self.blank + self.above + self.header + self.repeated + self.footers
            + self.refused
        )  # fmt: skip
