"""Reading `crosswalks/*.csv`: the agency's own call types and what they stand for."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from candor.errors import Problem
from candor.portal.model import CrosswalkEntry
from candor.portal.schema_model import InitiatedBy, Sensitivity
from candor.portal.words import did_you_mean

HEADER = ("call_type", "rows", "category", "initiated_by", "sensitivity", "note", "certainty", "why")
_REQUIRED = ("call_type", "category")
_FOR_READERS = ("rows", "certainty", "why")


def folded(call_type: str) -> str:
    """How call types are compared: single blanks, lower case."""
    return " ".join(call_type.split()).lower()


def read_crosswalk(path: Path, where: str, problems: list[Problem]) -> tuple[CrosswalkEntry, ...]:
    """The lines of a crosswalk. What is wrong goes to `problems`; lines that are right are kept.

    A line whose `call_type` is empty says what rows are whose cell is empty. Columns: `call_type` and `category`, and
    where wanted `rows` (how many calls, for the reader), `initiated_by`, `sensitivity`, `note`, and from a proposal
    `certainty` and `why`. Categories are checked where they are known.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = "bytes that are not UTF-8" if isinstance(error, UnicodeDecodeError) else f"{error.strerror}"
        problems.append(Problem(where, what, "a readable CSV file in UTF-8", "Save the file as CSV in UTF-8."))
        return ()
    lines = _lines(text, where, problems)
    header = [name.strip() for name in next(lines, (1, []))[1]]
    if not _header_is_right(header, where, problems):
        return ()
    entries: list[CrosswalkEntry] = []
    first_line: dict[str, int] = {}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            problems.append(
                Problem(f"{where}:{line}", f"{len(cells)} cells", f"{len(header)}, as in the header",
                        "Put quotes around a cell that holds a comma.")
            )  # fmt: skip
            continue
        entry = _entry(dict(zip(header, (c.strip() for c in cells), strict=True)), line, where, problems)
        if entry is None:
            continue
        first = first_line.setdefault(folded(entry.call_type), line)
        if first != line:
            problems.append(
                Problem(f"{where}:{line}: call_type", f"{entry.call_type!r}, which line {first} has too",
                        "each call type once (capitals and blanks make no difference)", "Keep one of the two lines.")
            )  # fmt: skip
            continue
        entries.append(entry)
    return tuple(entries)


def _lines(text: str, where: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """The lines' cells with the number on which each line begins; a line that csv refuses is the last."""
    reader, start = csv.reader(text.splitlines(keepends=True)), 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        problems.append(
            Problem(f"{where}:{start}", f"a line that is not CSV ({error})", "cells of up to 131,072 letters",
                    "Look for a quote that is not closed.")
        )  # fmt: skip


def _header_is_right(header: list[str], where: str, problems: list[Problem]) -> bool:
    unknown = [name for name in header if name not in HEADER]
    absent = [name for name in _REQUIRED if name not in header]
    if unknown or absent or len(set(header)) != len(header):
        hint = next((h for name in unknown if (h := did_you_mean(name, HEADER))), "")
        if any(mark in name for name in unknown for mark in ";\t"):
            hint = "Save the file with commas between the cells."
        found = f"the header {','.join(header)!r}" if any(header) else "no header"
        problems.append(Problem(f"{where}:1", found, ",".join(HEADER), hint or "Write the header so."))
        return False
    return True


def _entry(row: dict[str, str], line: int, where: str, problems: list[Problem]) -> CrosswalkEntry | None:
    before = len(problems)
    for column, kinds in (("initiated_by", get_args(InitiatedBy)), ("sensitivity", get_args(Sensitivity))):
        found = row.get(column, "")
        if found not in (*kinds, ""):
            hint = did_you_mean(found, kinds) or "Use one of these, or leave it empty: the category decides."
            problems.append(Problem(f"{where}:{line}: {column}", repr(found), ", ".join(kinds) + ", or nothing", hint))
    if len(problems) > before:
        return None
    return CrosswalkEntry.model_validate({**{k: v for k, v in row.items() if k not in _FOR_READERS}, "line": line})
