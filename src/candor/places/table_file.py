"""Declared CSV files: which columns each has, what their cells may hold, and what to do where they do not.

A reader states its file as a `TableFile` and adds what is truly its own. Blanks at the ends of a cell mean nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from candor.errors import Problem

Known = Mapping[str, pa.Array | pa.ChunkedArray | None]
"""By column, the values that its cells are among; None where they may be any."""

_NOTHING: Final[Known] = {}
_TEXT: Final = pa.string()
_TOLD: Final = 5
_QUOTED: Final = 20


@dataclass(frozen=True)
class Lines:
    """Where mistakes in the lines of one file are gathered. Line 1 is the header.

    `private`: what the lines say is nobody's business, and is quoted only so far as it shows what is wrong.
    """

    file: str
    problems: list[Problem]
    private: bool = False

    def report(self, mask: pa.ChunkedArray, found: pa.ChunkedArray, *, allowed: str, remedy: str) -> None:
        """One problem for each line where `mask` holds, naming the value in `found`; where private for the first."""
        rows = pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).to_pylist()
        for number, row in enumerate(rows[: _TOLD if self.private else None], start=1):
            value = found[row].as_py()[: _QUOTED if self.private else None]
            more = f", and {len(rows) - number:,} lines more" if self.private and number == _TOLD < len(rows) else ""
            self.problems.append(Problem(f"{self.file}:{row + 2}", f"{value!r}{more}", allowed, remedy))

    def report_twice(self, column: pa.ChunkedArray, what: str) -> None:
        """One problem for each line whose value stands on another line too."""
        counts = column.value_counts()
        double = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        mask = pc.is_in(column, value_set=double)
        self.report(mask, column, allowed=f"each {what} once", remedy="Keep one of the lines, or tell them apart.")


@dataclass(frozen=True)
class Column:
    """A column, and what is right in its cells: in words (`allowed`, and the `remedy` where they hold another) and as
    a `pattern`, which `blank` cells need not have.

    A number (`type`) is not beyond `most` on either side of 0. `once`: what a value is called that may stand on one
    line only. An `optional` column may be missing, and is blank then.
    """

    name: str
    allowed: str = ""
    remedy: str = "Correct or remove the line."
    pattern: str = ""
    blank: bool = False
    type: pa.DataType = _TEXT
    most: float = math.inf
    once: str = ""
    optional: bool = False

    def check(
        self, cells: pa.ChunkedArray, lines: Lines, known: pa.Array | pa.ChunkedArray | None = None
    ) -> pa.ChunkedArray:
        """The cells as the column's type; numbers are null where none is written. A problem for each wrong cell."""
        right = pc.match_substring_regex(cells, self.pattern)
        if known is not None:
            right = pc.and_(right, pc.is_in(cells, value_set=known))
        typed, nothing = cells, pc.equal(cells, "")
        if self.type != _TEXT:
            plain = pc.if_else(pc.and_not(right, nothing), pc.replace_substring(cells, ",", ""), pa.scalar(None, _TEXT))
            typed = plain.cast(self.type)
            right = pc.and_(right, pc.fill_null(pc.less_equal(pc.abs(typed), self.most), fill_value=True))
        wrong = pc.invert(pc.or_(right, nothing) if self.blank else right)
        lines.report(wrong, cells, allowed=self.allowed, remedy=self.remedy)
        if self.once:
            lines.report_twice(cells, self.once)
        return typed


def place_code(name: str = "geoid", *, once: str = "") -> Column:
    """The code of a place; the reader says which are known."""
    of = "" if name == "geoid" else f"{name}: "
    return Column(name, f"{of}a GEOID of the portal's places", once=once)


def whole_number(name: str) -> Column:
    """A whole number from 0, its thousands parted by commas or not, or nothing."""
    allowed = f"{name}: a whole number from 0, or nothing"
    return Column(name, allowed, "Correct the number.", r"^(,*[0-9]){1,12},*$", blank=True, type=pa.int64())


def degrees(name: str, most: int) -> Column:
    """A longitude or latitude."""
    allowed, pattern = f"{name}: degrees from -{most} to {most}", r"^-?[0-9]{1,3}(\.[0-9]+)?$"
    return Column(name, allowed, "Correct the number.", pattern, type=pa.float64(), most=most)


LONGITUDE: Final = degrees("longitude", 180)
LATITUDE: Final = degrees("latitude", 90)


@dataclass(frozen=True)
class TableFile:
    """A CSV file with these columns, in this order, and the `remedy` where it is none.

    `key`: columns whose values together stand on one line only, and what they are called. `rows`: what its lines are,
    where there has to be one. `others`: there may be other columns, which are not read. `private`: see `Lines`.
    """

    columns: tuple[Column, ...]
    remedy: str
    key: tuple[tuple[str, ...], str] | None = None
    rows: str = ""
    others: bool = False
    private: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns with their types."""
        return pa.schema([(c.name, c.type) for c in self.columns])

    def read(self, path: Path, problems: list[Problem], known: Known = _NOTHING, file: str = "") -> pa.Table:
        """The file as `schema`, empty where it cannot be read; every mistake is added to `problems`.

        They name it `file`, or by the last part of its path.
        """
        lines = Lines(file or path.name, problems, self.private)
        text = self._text(path, lines)
        return self.schema.empty_table() if text is None else self.check(text, lines, known)

    def check(self, text: pa.Table, lines: Lines, known: Known = _NOTHING) -> pa.Table:
        """Text in these columns as `schema`; every mistake goes to `lines`."""
        blank = pa.chunked_array([pa.repeat("", text.num_rows)])
        cells = {c.name: text[c.name] if c.name in text.column_names else blank for c in self.columns}
        typed = [c.check(cells[c.name], lines, known.get(c.name)) for c in self.columns]
        if self.key:
            names, what = self.key
            lines.report_twice(pc.binary_join_element_wise(*(cells[n] for n in names), " "), what)
        return pa.table(typed, schema=self.schema)

    def _text(self, path: Path, lines: Lines) -> pa.Table | None:
        names = ",".join(f"[{c.name}]" if c.optional else c.name for c in self.columns)
        allowed = f"a CSV file with the header {names}" + (f" and {self.rows} below it" if self.rows else "")
        where, remedy = lines.file, self.remedy
        try:
            there = header(path)
            wanted = [c.name for c in self.columns if c.name in there or not c.optional]
            missing = ", ".join(name for name in wanted if name not in there)
            if missing or (there != wanted and not self.others):
                found = (f"no column {missing}; its columns are " if missing else "the columns ") + ", ".join(there)
                where, remedy = f"{where}:1", "Write the header so."
            elif (text := read_text_csv(path, wanted)).num_rows or not self.rows:
                return text
            else:
                found = f"no {self.rows}"
        except OSError as error:
            why = "no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
            found = f"no {self.rows} ({why})" if self.rows else why
        except pa.ArrowInvalid as error:
            found, allowed = str(error).splitlines()[0], "a CSV file in UTF-8 with as many cells as columns"
        lines.problems.append(Problem(where, found, allowed, remedy))
        return None


def header(path: Path) -> list[str]:
    """The names of the columns. Raises as `read_text_csv` does."""
    with pa_csv.open_csv(path) as reader:
        return list(reader.schema.names)


def read_text_csv(path: Path, only: Sequence[str] = ()) -> pa.Table:
    """Every column, or `only` these, as text without blanks at its ends, nothing as the empty text.

    Raises FileNotFoundError, or pyarrow.ArrowInvalid where the file is no CSV in UTF-8 with a header.
    """
    types = dict.fromkeys(only or header(path), _TEXT)
    options = pa_csv.ConvertOptions(column_types=types, include_columns=list(only), strings_can_be_null=False)
    # A blank line is a line: the numbers of those behind it stay right.
    table = pa_csv.read_csv(path, parse_options=pa_csv.ParseOptions(ignore_empty_lines=False), convert_options=options)
    return pa.table([pc.utf8_trim_whitespace(c) for c in table.columns], names=table.column_names)
