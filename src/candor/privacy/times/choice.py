"""How exactly each place says its times, and how exactly each of its cells does: decided on counts, not on rows."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa

from candor.privacy.times.cells import Bools, Cells, firsts, runs_of
from candor.privacy.times.periods import (
    DATE,
    LEVELS,
    NO_HOUR,
    WAITS,
    YEAR,
    Numbers,
    cell_numbers,
    level_number,
    numbers_of,
)

ONE_IN = 10
"""A place has the finest level that leaves at most one of so many of its rows in small cells."""


def choose_levels(cells: Cells, k: int, finest: str = LEVELS[0], complete: Collection[str] = ()) -> pa.Table:
    """How exactly each place says its times: the finest level that leaves at most 10 % of its rows in small cells.

    A cell of place and time is small that holds fewer than k units, or one kind alone. Quarters and years are judged by
    the rows in those that are `complete` (`complete_periods`): a part of one says nothing about the whole. Where not
    even years do, it is the year, if one is complete. A place for which nothing can be decided yet is left out.

    Columns: the place columns; `level`; `rows`; for each level from `finest` on `share_small_<level>`, the share of its
    rows in small cells (with `_` for a blank; empty where no cell can be judged).
    """
    whole = in_complete(cells, complete)
    rows = _by_place(cells, cells.rows)
    chosen = np.where(_by_place(cells, cells.rows * whole[YEAR]) > 0, YEAR, WAITS)
    shares: dict[str, pa.Array] = {}
    for level in reversed(range(level_number(finest), len(LEVELS))):
        runs = cells.runs(level)
        counts = cells.rows * whole[level] if level in whole else cells.rows
        if level < DATE:  # rows without a time of day say the date at most, and choose no finer level
            counts = counts * (cells.hour != NO_HOUR)
        judged = _by_place(cells, counts)
        small = _by_place(cells, counts * ~cells.hold(firsts(runs), k)[runs]) if runs.size else judged
        chosen[(judged > 0) & (ONE_IN * small <= judged)] = level
        share = np.divide(small, judged, out=np.zeros(judged.size), where=judged > 0)
        shares[f"share_small_{LEVELS[level].replace(' ', '_')}"] = pa.array(share, mask=judged == 0)
    named = [LEVELS[level] if level != WAITS else None for level in chosen]
    table = cells.places.append_column("level", pa.array(named, pa.string())).append_column("rows", pa.array(rows))
    for name in reversed(shares):
        table = table.append_column(name, shares[name])
    return table.filter(pa.array(chosen != WAITS))


def said(cells: Cells, of_place: Numbers, k: int, complete: Collection[str] = ()) -> Numbers:
    """The level that each entry's rows say, or `WAITS`; `of_place` is the level of each place, or `WAITS`.

    Rows with the same place, level and cell are a class, and every class holds k units and two kinds by itself: who
    knows a place and an hour, and sees no row that says this hour, looks at the rows that say the date alone, and these
    too must be several. Level by level, from the finest, cells that hold keep their level. Those that do not say the
    next coarser one. Where the rows of a coarser cell that say no finer one are too few, the smallest of the finer
    classes within that cell says the coarser one with them (a class holds by itself, so one is enough); without any,
    they go on to the next level. A quarter or year that is not complete holds nothing yet, and what would say it waits.
    """
    label = of_place[cells.place]
    label = np.where(cells.hour == NO_HOUR, np.maximum(label, DATE), label)
    whole = in_complete(cells, complete)
    for level in range(len(LEVELS)):
        if level in whole:
            label[(label == level) & ~whole[level]] = WAITS
        pool = np.flatnonzero(label == level)
        if not pool.size:
            continue
        runs = cells.runs(level)
        first = firsts(runs[pool])
        short = np.zeros(runs[-1] + 1, np.bool_)
        short[runs[pool][first]] = ~cells.hold(first, k, pool)
        # One class more, or on to the next level.
        joined = _smallest(cells, label, level, runs, short)
        short[runs[joined]] = False
        label[joined] = level
        label[pool[short[runs[pool]]]] = level + 1 if level < YEAR else WAITS
    return label


def in_complete(cells: Cells, complete: Collection[str]) -> dict[int, Bools]:
    """For quarters and years: whether each entry lies in one that is complete."""
    return {
        level: np.isin(cell_numbers(level, cells.day, cells.hour), numbers)
        for level, numbers in numbers_of(complete).items()
    }


def _smallest(cells: Cells, label: Numbers, level: int, runs: Numbers, short: Bools) -> Numbers:
    """The entries of the smallest finer class in each of the `short` runs that has one.

    Of two with as many rows it is the coarser, which loses less, then the earlier.
    """
    inside = np.flatnonzero(short[runs] & (label < level))
    found = []
    for finer in range(level):
        at = inside[label[inside] == finer]
        if at.size:
            class_ = runs_of(cells.place[at], cell_numbers(finer, cells.day[at], cells.hour[at]))
            first = firsts(class_)
            size = np.add.reduceat(cells.rows[at], first)
            found.append((runs[at[first]], size, np.full(first.size, -finer), at[first], at, class_))
    if not found:
        return np.zeros(0, np.int64)
    parent, size, coarseness, begin = (np.concatenate([f[n] for f in found]) for n in range(4))
    order = np.lexsort((begin, coarseness, size, parent))
    taken = order[np.diff(parent[order], prepend=-1) != 0]
    is_taken = np.zeros(parent.size, np.bool_)
    is_taken[taken] = True
    entries, offset = [], 0
    for *_, at, class_ in found:
        of_these = is_taken[offset : offset + class_[-1] + 1]
        entries.append(at[of_these[class_]])
        offset += of_these.size
    return np.concatenate(entries)


def _by_place(cells: Cells, numbers: Numbers) -> Numbers:
    """Sums by place; they are added as floats, which are exact up to 2^53."""
    return np.rint(np.bincount(cells.place, numbers, cells.places.num_rows)).astype(np.int64)
