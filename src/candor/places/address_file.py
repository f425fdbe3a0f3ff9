"""The addresses by which areas are measured: points, and how many live there. They stay inside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from candor.errors import Problem

_REMEDY: Final = "Write the file, or correct its name under [points]."
_NUMBER: Final = r"^\s*-?[0-9]{1,3}(\.[0-9]+)?\s*$"
_WHOLE: Final = r"^\s*[0-9]{1,6}\s*$"
_DECIMALS: Final = 5
"""Addresses that lie within about a metre are at the same point: doors of one building."""
_TOLD: Final = 5


@dataclass(frozen=True)
class Addresses:
    """Points at which there are addresses, each once: degrees, and the residents of all addresses there."""

    longitude: NDArray[np.float64]
    latitude: NDArray[np.float64]
    residents: NDArray[np.int64]


def read_addresses(path: Path, file: str, *, residents: bool, problems: list[Problem]) -> Addresses | None:
    """Read `latitude`, `longitude` and, where they count, `residents`; other columns are not read.

    None where the file is wrong; why is added to `problems`, which name it `file` and quote at most a few lines.
    """
    names = ["latitude", "longitude", *(["residents"] if residents else [])]
    try:
        with pa_csv.open_csv(path) as reader:
            header = reader.schema.names
        missing = [n for n in names if n not in header]
        if missing:
            said = f"no column {', '.join(missing)}; its columns are {', '.join(header)}"
            allowed = f"a CSV file with the columns {', '.join(names)}"
            problems.append(Problem(f"{file}:1", said, allowed, "Name the columns so; others are not read."))
            return None
        types = dict.fromkeys(names, pa.string())
        options = pa_csv.ConvertOptions(column_types=types, include_columns=names, strings_can_be_null=False)
        kept_lines = pa_csv.ParseOptions(ignore_empty_lines=False)
        table = pa_csv.read_csv(path, parse_options=kept_lines, convert_options=options)
    except OSError as error:
        why = "no such file" if isinstance(error, FileNotFoundError) else "it cannot be read"
        problems.append(Problem(file, f"no addresses ({why})", f"a CSV file with {', '.join(names)}", _REMEDY))
        return None
    except pa.ArrowInvalid as error:
        allowed = "a CSV file in UTF-8 with as many cells as columns"
        problems.append(Problem(file, str(error).splitlines()[0], allowed, _REMEDY))
        return None
    before = len(problems)
    y = _degrees(file, table["latitude"], "latitude", 90, problems)
    x = _degrees(file, table["longitude"], "longitude", 180, problems)
    number = np.ones(len(x), dtype=np.int64)
    if residents:
        whole = pc.match_substring_regex(table["residents"], _WHOLE)
        _report(file, pc.invert(whole), table["residents"], "residents: a whole number from 0", problems)
        if len(problems) == before:
            number = pc.utf8_trim_whitespace(table["residents"]).cast(pa.int64()).to_numpy()
    if table.num_rows == 0:
        problems.append(Problem(file, "no address", "a line for each address", _REMEDY))
    if len(problems) > before:
        return None
    rounded = np.round(np.column_stack([x, y]), _DECIMALS).astype(np.float64)
    points, which = np.unique(rounded, axis=0, return_inverse=True)
    people = np.bincount(which.ravel(), weights=number, minlength=len(points)).astype(np.int64)
    return Addresses(points[:, 0], points[:, 1], people)


def _degrees(file: str, column: pa.ChunkedArray, what: str, limit: int, problems: list[Problem]) -> NDArray[np.float64]:
    shaped = pc.match_substring_regex(column, _NUMBER)
    number = pc.if_else(shaped, pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string())).cast(pa.float64())
    inside = pc.fill_null(pc.less_equal(pc.abs(number), limit), fill_value=False)
    _report(file, pc.invert(inside), column, f"{what}: degrees from -{limit} to {limit}", problems)
    found: NDArray[np.float64] = number.to_numpy()
    return found


def _report(file: str, wrong: pa.ChunkedArray, column: pa.ChunkedArray, allowed: str, problems: list[Problem]) -> None:
    """The first few lines that are wrong, and how many more there are."""
    lines = pc.indices_nonzero(wrong).to_pylist()
    for count, line in enumerate(lines[:_TOLD], start=1):
        more = f", and {len(lines) - _TOLD:,} lines more" if count == _TOLD < len(lines) else ""
        # An address is nobody's business: the value is quoted only so far as it shows what is wrong.
        problems.append(
            Problem(f"{file}:{line + 2}", f"{column[line].as_py()[:20]!r}{more}", allowed, "Correct the file.")
        )
