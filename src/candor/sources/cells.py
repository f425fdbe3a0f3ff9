"""One line becomes cells, as its writer meant them: by the rules of CSV, else by what stray quotes leave to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DIGITAL = re.compile(
    rf"\s*(?:(?:{_MONTH})[a-z]*\.?\s+)?[-+($]?\d(?:[\d\s/:.,+()TZ-]|(?<=[\d-])(?:st|nd|rd|th)?[\s-]*(?:{_MONTH})[a-z]*)*"
    r"(?:[ap]\.?m\.?)?\s*(?:UTC|GMT|[ECMP][SD]T)?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Dialect:
    """How cells are parted and quoted. `delimiter` and `quote` are one character each."""

    delimiter: str
    quote: str


@dataclass(frozen=True)
class Cells:
    """A record's cells, whether they were read by the rules of CSV (`regular`), and whether its quotes are `sure`.

    They are where every one of them opens, closes or is marked as a letter; elsewhere the record may go on. `padded`
    are cells that were added at its end.
    """

    values: tuple[str, ...]
    regular: bool
    sure: bool
    padded: bool = False


def split(text: str, dialect: Dialect, width: int) -> Cells | None:
    """The `width` cells of a record; None where no way of reading its quotes gives as many.

    The ways, in this order: quotes as CSV has them; a backslash before a quote within a cell; a quote that closes only
    before a delimiter or the end; quotes that are letters like others, of which one at a cell's start is left off.
    """
    return next((found for found in readings(text, dialect) if len(found.values) == width), None)


def readings(text: str, dialect: Dialect) -> Iterator[Cells]:
    """The ways in which a record can be read, in their order."""
    for way in (_by_rules, _by_backslash, _by_closing, _by_letters):
        values = way(text, dialect)
        if values is not None:
            yield Cells(tuple(values), way is _by_rules, way in (_by_rules, _by_backslash))
            if way is _by_rules and text.count(dialect.quote) % 2 == 0:
                # What its quotes say is clear.
                return


def fitted(text: str, dialect: Dialect, width: int, least: int) -> Cells | None:
    """The cells of a record as `split` has them, or with empty cells at its end taken off or added.

    Cells are added to a record that has at least `least`.
    """
    if text.count(dialect.delimiter) + 1 < least:
        return None
    found = []
    for one in readings(text, dialect):
        if len(one.values) == width:
            return one
        found.append(one)
    return next((fit for one in found if (fit := resized(one, width, least))), None)


def resized(cells: Cells, width: int, least: int) -> Cells | None:
    """A record with empty cells at its end taken off or added; None where others would have to be."""
    filled = max((i for i, value in enumerate(cells.values, start=1) if value.strip()), default=0)
    if filled > width or len(cells.values) < least:
        return None
    values = (*cells.values, *("",) * width)[:width]
    return Cells(values, cells.regular, cells.sure, len(cells.values) < width)


def written(values: Sequence[str], dialect: Dialect) -> str:
    """A record by the rules of CSV, without the end of its line."""
    quote, special = dialect.quote, (dialect.delimiter, dialect.quote, "\n", "\r")
    return dialect.delimiter.join(
        quote + value.replace(quote, quote * 2) + quote
        if any(mark in value for mark in special) or value != value.strip()
        else value
        for value in values
    )


def is_digital(value: str) -> bool:
    """Whether a cell is a number, a date or a time: digits and what stands between them."""
    return _DIGITAL.fullmatch(value) is not None


def _by_rules(text: str, dialect: Dialect) -> list[str] | None:
    if dialect.quote not in text:
        return text.split(dialect.delimiter)
    quote = re.escape(dialect.quote)
    return _scanned(text, dialect, rf"(?:[^{quote}]|{quote}{quote})*+")


def _by_backslash(text: str, dialect: Dialect) -> list[str] | None:
    if f"\\{dialect.quote}" not in text:
        return None
    quote = re.escape(dialect.quote)
    found = _scanned(text, dialect, rf"(?:[^{quote}\\]|\\.|{quote}{quote})*+")
    return None if found is None else [v.replace(f"\\{dialect.quote}", dialect.quote) for v in found]


def _by_closing(text: str, dialect: Dialect) -> list[str] | None:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    closed = rf"[ ]*(?:{delimiter}|\Z)"
    return _scanned(text, dialect, rf"(?:[^{quote}]|{quote}{quote}(?!{closed})|{quote}(?!{closed}))*+")


def _by_letters(text: str, dialect: Dialect) -> list[str] | None:
    if "\n" in text:
        return None
    values = text.split(dialect.delimiter)
    return [v[1:] if v.startswith(dialect.quote) and v.count(dialect.quote) % 2 else v for v in values]


def _scanned(text: str, dialect: Dialect, inside: str) -> list[str] | None:
    """Cells from left to right, `inside` being what a quoted cell holds; None where a quoted cell does not close."""
    quote = dialect.quote
    match = _cell(dialect, inside).match
    values: list[str] = []
    at = 0
    while found := match(text, at):
        quoted, first, plain, second = found.groups()
        values.append(plain if quoted is None else quoted.replace(quote * 2, quote))
        if not (first or second):
            return values
        at = found.end()
    return None


@cache
def _cell(dialect: Dialect, inside: str) -> re.Pattern[str]:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    return re.compile(
        rf"[ ]*{quote}({inside}){quote}[ ]*(?:({delimiter})|\Z)|(?![ ]*{quote})([^{delimiter}\n]*)(?:({delimiter})|\Z)",
        re.DOTALL,
    )
