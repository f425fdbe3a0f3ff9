"""CSV files of the places as text columns, with a problem for each line that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from candor.errors import Problem


@dataclass(frozen=True)
class Lines:
    """Where mistakes in the lines of one file are gathered. Line 1 is the header."""

    file: str
    problems: list[Problem]

    def report(self, mask: pa.ChunkedArray, found: pa.ChunkedArray, *, allowed: str, remedy: str) -> None:
        """One problem for each line where `mask` holds, naming the value in `found`."""
        rows = pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).to_pylist()
        self.problems.extend(
            Problem(f"{self.file}:{row + 2}", repr(found[row].as_py()), allowed, remedy) for row in rows
        )

    def report_twice(self, column: pa.ChunkedArray, *, what: str) -> None:
        """One problem for each line whose value stands on another line too."""
        counts = column.value_counts()
        double = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        mask = pc.is_in(column, value_set=double)
        self.report(mask, column, allowed=f"each {what} once", remedy="Keep one of the lines, or tell them apart.")

    def report_pairs_twice(self, columns: Sequence[pa.ChunkedArray], *, what: str) -> None:
        """One problem for each line whose values in several columns together stand on another line too."""
        self.report_twice(pc.binary_join_element_wise(*columns, " "), what=what)

    def whole_numbers(self, column: pa.ChunkedArray, *, what: str) -> pa.ChunkedArray:
        """Text as whole numbers from 0, thousands parted by commas or not; null where nothing is written."""
        text = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", "")
        whole = pc.match_substring_regex(text, r"^[0-9]{1,12}$")
        wrong = pc.invert(pc.or_(whole, pc.equal(text, "")))
        allowed = f"{what}: a whole number from 0, or nothing"
        self.report(wrong, column, allowed=allowed, remedy="Correct the number.")
        return pc.if_else(whole, text, pa.scalar(None, pa.string())).cast(pa.int64())


def read_text_csv(path: Path) -> pa.Table:
    """Every column as text, nothing as the empty text.

    Raises FileNotFoundError, or pyarrow.ArrowInvalid where the file is no CSV in UTF-8 with a header.
    """
    with pa_csv.open_csv(path) as reader:
        names = reader.schema.names
    return pa_csv.read_csv(
        path,
        # A blank line is a line: the numbers of those behind it stay right.
        parse_options=pa_csv.ParseOptions(ignore_empty_lines=False),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def table_with_header(path: Path, columns: Sequence[str], problems: list[Problem], remedy: str) -> pa.Table:
    """A CSV file with exactly these `columns`, as text. Where it cannot be read so: a problem, and an empty table."""
    where = path.name
    try:
        table = read_text_csv(path)
    except FileNotFoundError:
        problems.append(Problem(where, "no such file", f"a CSV file with the header {','.join(columns)}", remedy))
    except pa.ArrowInvalid as error:
        problems.append(Problem(where, str(error), "a CSV file in UTF-8 with as many cells as columns", remedy))
    else:
        if table.column_names == list(columns):
            return table
        found = f"the header {','.join(table.column_names)}"
        problems.append(Problem(f"{where}:1", found, ",".join(columns), "Write it so."))
    return pa.table({c: pa.chunked_array([], pa.string()) for c in columns})
