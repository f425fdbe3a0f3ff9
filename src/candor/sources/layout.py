"""Where the table is in a file of text: what stands above it, its header, its columns, what stands below.

Only the file's head is looked at, and its last lines. A file without a header is told by its first row, which looks
like the rows below it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from candor.sources.cells import Cells, Dialect, fitted, is_digital, readings, resized
from candor.sources.evidence import Record, evidence, is_ragged, is_rule, is_shifted, typed_columns
from candor.sources.names import column_names, in_one_line, numbered_names

DELIMITERS = ",;\t|^~\x1f"
_MOST_LINES = 400
_MOST_ABOVE = 100
_MOST_TRIED = 12
_LONGEST_HEADER = 40
_OTHER_QUOTE = re.compile(r"'[^']*'")
_SEP = re.compile(r'"?sep=(.|\t)"?', re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How the table lies in the file. Lines are counted in the text with uniform line ends.

    `skip` lines stand above, then `header_lines` hold the names as written (`cells`), and a rule below them. A record
    has `width` cells, and `surplus` delimiters at its end that part nothing. `typed` are the columns of numbers and
    dates. `steady` is the share of the head's records that are so wide. `shifted` says that the header names all
    columns but the first, `ragged` that empty cells at a record's end are left off.
    """

    dialect: Dialect
    skip: int
    header_lines: int
    cells: tuple[str, ...]
    names: tuple[str, ...]
    width: int
    surplus: int
    typed: tuple[int, ...]
    steady: float
    shifted: bool = False
    ragged: bool = False

    @property
    def first_row(self) -> bool:
        """Whether the first row stands where a header would."""
        return not self.header_lines

    @property
    def worth(self) -> float:
        """How likely the file is written so, from 0 to 1."""
        if self.width < 2:
            return 0.0
        # A delimiter that parts the header like the rows is hardly one by chance, as a decimal comma may be.
        named = self.header_lines and len(self.cells) >= self.width - 1
        return round(self.steady, 1) * (1.0 if named else 0.5)

    @cached_property
    def least(self) -> int:
        """How many cells a record has at least: as many as are named, where it ends with all its delimiters."""
        if self.ragged:
            return 1
        return self.width if self.first_row else max(i for i, n in enumerate(self.cells, start=1) if n.strip())

    def record(self, text: str) -> Cells | None:
        """The cells of a record; None where it is none."""
        found = fitted(text, self.dialect, self.width, self.least)
        return found if found is None or not (self.ragged and found.padded) or self.fits(found) else None

    def is_row(self, text: str) -> bool:
        """Whether a line is a row by itself: as many cells, and numbers and dates where the others have them."""
        # By the first way in which its quotes can be read: what cannot be told from a part of a cell is no row.
        cells = next(readings(text, self.dialect), None)
        fit = resized(cells, self.width, self.least) if cells else None
        return fit is not None and self.fits(fit)

    def fits(self, cells: Cells) -> bool:
        """Whether a record has numbers and dates where the others have them."""
        found = [cells.values[place].strip() for place in self.typed]
        if not self.typed:
            return self.width > 2
        return any(found) and all(is_digital(value) for value in found if value)


def find(head: str, *, delimiter: str = "", quote: str = '"', wanted: Sequence[str] = (), header: bool = True,
         skip: int | None = None) -> Layout:  # fmt: skip
    """The layout of the file that begins with `head` (line feeds end its lines).

    `delimiter` where it is known; `wanted` names that the header is known to hold; without `header` no line is taken
    for one; `skip` where it is known how many lines stand above.
    """
    lines = head.split("\n")[:_MOST_LINES]
    declared = _SEP.fullmatch(lines[0].strip("\ufeff \r")) if lines else None
    above = 0
    if declared:
        delimiter, above = declared[1], 1
    choices = delimiter or DELIMITERS
    found = [
        _laid_out(_records(lines, above, Dialect(mark, quote)), Dialect(mark, quote), wanted, header, skip)
        for mark in choices
    ]
    # Of two that part the rows as steadily, the one that makes more of them.
    best = max(found, key=lambda one: (one.worth, one.width, one.dialect.delimiter == ","))
    if not wanted and quote == '"' and best.cells and all(_OTHER_QUOTE.fullmatch(c.strip()) for c in best.cells if c):
        return find(head, delimiter=best.dialect.delimiter, quote="'", header=header, skip=skip)
    return best


def _records(lines: Sequence[str], above: int, dialect: Dialect) -> list[Record]:
    """The head's records: a line by itself, or with those that close its quotes where that is soon."""
    found: list[Record] = []
    at = above
    while at < len(lines):
        text, taken = lines[at], 1
        if text.count(dialect.quote) % 2:
            for more in range(2, _LONGEST_HEADER):
                joined = "\n".join(lines[at : at + more])
                if at + more > len(lines):
                    break
                if not joined.count(dialect.quote) % 2:
                    text, taken = joined, more
                    break
        found.append(Record(at, taken, _parted(text, dialect)))
        at += taken
    return found


def _parted(text: str, dialect: Dialect) -> tuple[str, ...]:
    """A record's cells; by its delimiters alone where its quotes cannot be read."""
    import csv  # noqa: PLC0415 - the module of the same name in this room is not meant

    try:
        lines = io.StringIO(text, newline="")
        rows = list(csv.reader(lines, delimiter=dialect.delimiter, quotechar=dialect.quote))
    except csv.Error:
        rows = []
    return tuple(rows[0]) if len(rows) == 1 else tuple(text.split(dialect.delimiter))


def _laid_out(
    records: Sequence[Record], dialect: Dialect, wanted: Sequence[str], header: bool, skip: int | None
) -> Layout:
    filled = [r for r in records if r.filled]
    counts = Counter(len(r.cells) for r in filled)
    # Titles and remarks are lone cells, and in a short file as many as its rows.
    usual = max(counts, key=lambda w: (counts[w] if w > 1 else counts[w] / 4, w), default=1)
    most = max((r.filled for r in filled), default=0)
    rows = [r for r in filled if len(r.cells) == usual and r.filled * 2 > most]
    rows = rows or [r for r in filled if len(r.cells) == usual]
    top = _top(records, filled, rows, usual, wanted, header, skip)
    below = [r for r in rows if top is None or r.line > top.line]
    cells = top.cells if top else ()
    shifted = bool(top) and is_shifted(cells, usual, below)
    cells = ("", *cells) if shifted else cells
    width = _width(cells, usual, below) if top else usual
    typed = typed_columns(below, width)
    above = top.line if top else skip if skip is not None else rows[0].line if rows else 0
    lines = top.lines + sum(1 for r in records if r.line == top.line + top.lines and is_rule(r.cells)) if top else 0
    return Layout(
        dialect=dialect, skip=above, header_lines=lines, cells=cells[:width],
        names=column_names(cells, width) if top else numbered_names(width), width=width,
        surplus=0 if any(r.last > width for r in below) else max(usual - width, 0), typed=typed,
        steady=counts[usual] / max(len(filled), 1), shifted=shifted, ragged=is_ragged(filled[1:], width, typed),
    )  # fmt: skip


def _width(cells: Sequence[str], usual: int, below: Sequence[Record]) -> int:
    """How many columns there are: as the header has cells, but for those without a name that no row has."""
    named = max((i for i, cell in enumerate(cells, start=1) if cell.strip()), default=1)
    most = max((r.last for r in below), default=0)
    return max(named, min(len(cells), max(most, usual if usual <= len(cells) else named)))


def _top(
    records: Sequence[Record],
    filled: Sequence[Record],
    rows: Sequence[Record],
    width: int,
    wanted: Sequence[str],
    header: bool,
    skip: int | None,
) -> Record | None:
    """The record that is the header; None where the rows begin without one."""
    if not header:
        return None
    first = [r for r in filled if r.line < _MOST_ABOVE]
    if wanted:
        known = {in_one_line(name) for name in wanted}
        # The header may have moved: the record that holds most of the names, if it holds half of them.
        best = max(first, key=lambda r: (len(known & set(column_names(r.cells, len(r.cells)))), -r.line), default=None)
        if best and len(known & set(column_names(best.cells, len(best.cells)))) * 2 >= len(known):
            return best
    if skip is not None:
        there = next((r for r in records if r.line >= skip and r.filled), None)
        return None if there and wanted and evidence(there, [r for r in rows if r.line > there.line]) < 0 else there
    columns = sum(1 for place in range(width) if any(place < len(r.cells) and r.cells[place].strip() for r in rows[1:]))
    enough = max(min(width, 2), 0.6 * (columns or width))
    likely = [r for r in first if r.filled >= enough and len(r.cells) <= width + 1][:_MOST_TRIED] or first[:1]
    # A title with as many delimiters looks like no header, but one stands below it.
    return next((r for r in likely if evidence(r, [x for x in rows if x.line > r.line]) >= (r is not likely[0])), None)


def with_names(layout: Layout, names: Sequence[str]) -> Layout:
    """The layout with columns named as they were declared, where there are as many."""
    return replace(layout, names=tuple(names)) if len(names) == layout.width else layout
