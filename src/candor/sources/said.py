"""What is odd about a file of text, in sentences. Nothing that stands in the file is said, only how it is written."""

from __future__ import annotations

from candor.portal.declared import SourceConfig
from candor.sources import names as named
from candor.sources.layout import Layout
from candor.sources.tally import Tally
from candor.sources.text import Scan


def about_text(scanned: Scan, source: SourceConfig) -> list[str]:
    """Its bytes: another encoding than declared, bytes that are not of it, what is no text."""
    notes = []
    if scanned.marked and scanned.encoding != "utf-8" and not source.encoding.startswith(scanned.encoding[:6]):
        notes.append(f"The file begins with a mark of {scanned.encoding.upper()} and was read so.")
    if scanned.bad:
        many = f"{scanned.bad:,} bytes are" if scanned.bad > 1 else "One byte is"
        where = f"the first in line {scanned.bad_line:,}" if scanned.bad > 1 else f"in line {scanned.bad_line:,}"
        become = (
            f"{'they were' if scanned.bad > 1 else 'it was'} read as Windows text"
            if scanned.encoding == "utf-8"
            else f"{'they stand' if scanned.bad > 1 else 'it stands'} as \N{REPLACEMENT CHARACTER}"
        )
        notes.append(f"{many} not {scanned.encoding} ({where}): {become}; the other lines are as they were.")
    if scanned.odd:
        notes.append("Zero bytes and ends of file (Ctrl-Z) within the text were left off.")
    return notes


def about_layout(layout: Layout) -> list[str]:
    """Where its table lies, and its columns' names."""
    notes = []
    if layout.skip:
        lines = f"{layout.skip} lines stand" if layout.skip > 1 else "One line stands"
        what = "the first row" if layout.first_row else "the header"
        notes.append(f"{lines} above {what} and {'were' if layout.skip > 1 else 'was'} skipped.")
    if layout.first_row and layout.names == named.numbered_names(layout.width):
        notes.append(
            "There is no header: the first row looks like data. The columns are called column_1, column_2 and so on: "
            "is that so? Write their names under [source] columns, or export with a header."
        )
    if layout.header_lines > 1:
        notes.append(f"The header takes {layout.header_lines} lines.")
    if layout.shifted:
        notes.append("The rows begin with their number, which the header does not name: it is called unnamed_1.")
    if double := named.repeated(layout.cells):
        notes.append(f"More than one column is called {', '.join(map(repr, double))}: the others have a number behind.")
    return notes


def about_lines(tally: Tally, layout: Layout) -> list[str]:
    """What became of lines that are no rows, and of those that were mended."""
    notes = []
    if tally.repeated:
        notes.append(_many(tally.repeated, "repeats what stands above the rows and was skipped"))
    if tally.footers:
        notes.append(_many(tally.footers, "below the rows is a total or a remark and was skipped"))
    if tally.mended:
        at = f"{'the first in' if tally.mended > 1 else 'in'} line {tally.first_mended:,}"
        notes.append(f"{_rows(tally.mended)} stray quotes, which were read as part of their cells ({at}).")
    if tally.rejoined:
        notes.append(f"{_rows(tally.rejoined)} a line break outside quotes, and was put together.")
    if tally.returns:
        notes.append(f"{_rows(tally.returns)} a carriage return within a cell, which became a blank.")
    if layout.ragged:
        notes.append("Rows whose last cells are empty end early in this file: those cells are missing.")
    return notes


def _many(lines: int, what: str) -> str:
    if lines == 1:
        return f"One line {what}."
    plural = what.replace("repeats", "repeat").replace(" is ", " are ").replace(" was ", " were ")
    return f"{lines:,} lines {plural.replace('a total or a remark', 'totals or remarks')}."


def _rows(rows: int) -> str:
    return "One row has" if rows == 1 else f"{rows:,} rows have"
