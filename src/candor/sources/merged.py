"""Merged cells of a sheet: the value of each is that of all of its cells, and a header of two rows becomes one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from candor.sources.cell_text import Cell

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell: (row, column), from 0."""

_TOP = 60
"""Rows in which a header is looked for."""


def filled(rows: Iterable[Sequence[Cell]], ranges: Sequence[Range], first_column: int) -> Iterator[Sequence[Cell]]:
    """The rows, with the value of a merged cell in each row that it covers; a header of two rows is one row.

    `rows` begin at the sheet's first row and at `first_column`.
    """
    below = sorted((r for r in ranges if r[0][0] < r[1][0]), key=lambda r: r[0][0], reverse=True)
    covering: list[tuple[int, int, Cell]] = []  # the last row, the column, the value
    whole = _covered(rows, below, covering, first_column)
    groups: dict[int, list[tuple[int, int]]] = {}
    for (first, left), (last, right) in ranges:
        if first == last < _TOP and left < right:
            groups.setdefault(first, []).append((left - first_column, right - first_column))
    previous: Sequence[Cell] | None = None
    for number, row in enumerate(whole):
        named = None if previous is None else _named(previous, row, groups.get(number - 1, ()))
        if previous is not None and named is None:
            yield previous
        previous = named or row
    if previous is not None:
        yield previous


def _covered(
    rows: Iterable[Sequence[Cell]], ranges: list[Range], covering: list[tuple[int, int, Cell]], first_column: int
) -> Iterator[Sequence[Cell]]:
    for number, cells in enumerate(rows):
        row = list(cells)
        covering[:] = [c for c in covering if c[0] >= number]
        for _, column, value in covering:
            row[column] = value
        while ranges and ranges[-1][0][0] == number:
            (_, left), (last, _) = ranges.pop()
            covering.append((last, left - first_column, row[left - first_column]))
        yield row


def _named(above: Sequence[Cell], row: Sequence[Cell], groups: Sequence[tuple[int, int]]) -> Sequence[Cell] | None:
    """The row as a header under the groups that stand above it; None where these are no groups of columns.

    A title over the whole table is none. Names that stand under several groups are told apart by them.
    """
    groups = [g for g in groups if g[1] - g[0] + 1 < sum(1 for cell in row if cell != "")]
    names = [cell for left, right in groups for cell in row[left : right + 1]]
    if not groups or not all(isinstance(name, str) and name.strip() for name in names):
        return None
    if sum(1 for cell in above if cell != "") >= sum(1 for cell in row if cell != ""):
        return None
    times = Counter(str(cell).strip().casefold() for cell in row)
    named = list(row)
    for left, right in groups:
        for column in range(left, right + 1):
            if times[str(row[column]).strip().casefold()] > 1:
                named[column] = f"{above[left]} {row[column]}"
    return named
