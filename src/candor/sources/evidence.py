"""What the records of a file's head show: which is like the rows below it, and which like a header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from candor.sources.cells import is_digital

_DASHES = re.compile(r"(?=.*[-=])[-=+|,;\t ^~]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STEADY = 0.9


@dataclass(frozen=True)
class Record:
    """A record of the head: its first line (from 0), how many lines it takes, its cells; none where it has no end."""

    line: int
    lines: int
    cells: tuple[str, ...]

    @cached_property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(1 for cell in self.cells if cell.strip())

    @cached_property
    def last(self) -> int:
        """The place behind the last cell that holds something."""
        return max((i for i, cell in enumerate(self.cells, start=1) if cell.strip()), default=0)


def evidence(candidate: Record, below: Sequence[Record]) -> int:
    """By how many columns a record is unlike the rows below it, as a header is; below zero where it is a row."""
    rows = [r for r in below if not is_rule(r.cells)]
    if not rows:
        return -1 if sum(map(is_digital, candidate.cells)) * 2 >= len(candidate.cells) > 1 else 0
    years = sum(1 for cell in candidate.cells if _YEAR.fullmatch(cell.strip())) > 1
    like = unlike = 0
    for place, cell in enumerate(candidate.cells):
        value = cell.strip()
        others = [r.cells[place].strip() for r in rows if place < len(r.cells) and r.cells[place].strip()]
        if not value or not others:
            continue
        if sum(map(is_digital, others)) >= _STEADY * len(others):
            if not is_digital(value):
                unlike += 1
            elif not (years and _YEAR.fullmatch(value)):
                like += 1
        elif is_digital(value):
            like += 1
        elif sum(map(_has_digit, others)) >= _STEADY * len(others):
            # Numbers of cases, addresses: a name rarely holds a digit.
            if not _has_digit(value):
                unlike += 1
            else:
                like += _shape(value) in set(map(_shape, others))
        elif len(set(others)) < len(others):
            # A label that comes again below it is a value; a name does not.
            like += value in others
    return unlike - like


def _has_digit(value: str) -> bool:
    return any(map(str.isdecimal, value))


def _shape(value: str) -> str:
    """Letters and digits by kind, each run of them as one."""
    return re.sub(r"9+", "9", re.sub(r"\d", "9", re.sub(r"[^\W\d_]+", "A", value)))


def is_shifted(cells: Sequence[str], usual: int, below: Sequence[Record]) -> bool:
    """Whether rows begin with their number, which the header does not name: then all its names stand one too far."""
    if len(cells) != usual - 1 or not all(cell.strip() for cell in cells):
        return False
    first = [r.cells[0].strip() for r in below]
    if len(first) < 2 or not any(r.cells[-1].strip() for r in below) or not all(value.isdecimal() for value in first):
        return False
    numbers = list(map(int, first))
    return numbers[0] in (0, 1) and all(b - a == 1 for a, b in pairwise(numbers))


def is_ragged(rows: Sequence[Record], width: int, typed: Sequence[int]) -> bool:
    """Whether the writer leaves empty cells off at the end of a row: many rows are shorter, and none ends with such.

    What is shorter is a row where its numbers and dates stand where the others have them.
    """
    short = [r for r in rows if len(r.cells) < width]
    like = [
        r
        for r in short
        if any(p < len(r.cells) for p in typed)
        and all(is_digital(r.cells[p]) for p in typed if p < len(r.cells) and r.cells[p].strip())
    ]
    enough = len(like) > max(2, (1 - _STEADY) / 2 * len(rows)) and len(like) >= _STEADY * len(short)
    return enough and all(r.cells[-1].strip() for r in rows)


def typed_columns(rows: Sequence[Record], width: int) -> tuple[int, ...]:
    """The columns of numbers and dates."""
    found = []
    for place in range(width):
        values = [r.cells[place].strip() for r in rows if place < len(r.cells) and r.cells[place].strip()]
        if values and sum(map(is_digital, values)) >= _STEADY * len(values):
            found.append(place)
    return tuple(found)


def dashes(text: str) -> bool:
    """Whether a line holds nothing but a rule: dashes and delimiters."""
    return _DASHES.fullmatch(text.strip()) is not None


def is_rule(cells: Sequence[str]) -> bool:
    """Whether a record holds nothing but dashes."""
    return dashes(" ".join(cells))
