"""One line becomes cells, as its writer meant them: by the rules of CSV, else by what stray quotes leave to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    """A record's cells, and whether they were read by the rules of CSV (`regular`)."""

    values: tuple[str, ...]
    regular: bool


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
            yield Cells(tuple(values), way is _by_rules)


def fitted(text: str, dialect: Dialect, width: int, least: int) -> Cells | None:
    """The cells of a record as `split` has them, or with empty cells at its end taken off or added.

    Cells are added to a record that has at least `least`.
    """
    found = tuple(readings(text, dialect))
    for one in found:
        if len(one.values) == width:
            return one
    for one in found:
        filled = max((i for i, value in enumerate(one.values, start=1) if value.strip()), default=0)
        if filled <= width and len(one.values) >= least:
            return Cells((*one.values, *("",) * width)[:width], one.regular)
    return None


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
    return _scanned(text, dialect, rf"(?:[^{re.escape(dialect.quote)}]|{re.escape(dialect.quote * 2)})*+")


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
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    cell = re.compile(
        rf"[ ]*{quote}({inside}){quote}[ ]*(?:({delimiter})|\Z)|(?![ ]*{quote})([^{delimiter}\n]*)(?:({delimiter})|\Z)",
        re.DOTALL,
    )
    values: list[str] = []
    at = 0
    while True:
        match = cell.match(text, at)
        if match is None:
            return None
        quoted, first, plain, second = match.groups()
        values.append(quoted.replace(dialect.quote * 2, dialect.quote) if quoted is not None else plain)
        if not (first or second):
            return values
        at = match.end()
