"""Sums over categories are sums of open ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import (
    CUBE,
    FAULT,
    RATES,
    Bools,
    Ints,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    numbers,
    positions,
    words,
)
from candor.errors import DataError


def check_sums(tables: Tables, sensitive: Sequence[str]) -> None:
    """Lines of groups and of all categories hold the months' counts of open ones, and no more.

    A year also counts what came too late for the months; so only towns of which no month came late are compared. Months
    in which a sensitive kind was still open may be in or not.

    Raises `DataError` for the first sum that is another.
    """
    lines = tables.read(
        RATES, ["level", "geoid", "first_month", "last_month", "category", "category_level", "initiated_by",
                "months_reported", "calls"],
        is_one_of("category_level", ["all", "group"]) & pc.field("calls").is_valid() & (pc.field("level") == "town"),
    )  # fmt: skip
    cube = tables.read(
        CUBE, ["geoid", "month", "category", "category_group", "initiated_by", "calls"],
        pc.field("calls").is_valid() & (pc.field("geoid") != ""),
    )  # fmt: skip
    if lines is None or cube is None or not cube.num_rows or not lines.num_rows:
        return
    now = cube.filter(pa.array(positions(cube["category"], sensitive) < 0))
    value = numbers(lines["calls"])
    fits, compared = np.zeros(value.size, np.bool_), np.zeros(value.size, np.bool_)
    for part in (now, cube):
        if part.num_rows:
            expected, months = _expected(lines, part)
            compared |= months == numbers(lines["months_reported"])
            fits |= expected == value
    if (wrong := np.flatnonzero(compared & ~fits)).size:
        i = int(wrong[0])
        raise DataError(
            f"{RATES} says {value[i]:,.0f} of {words(lines['category'])[i]} in {words(lines['geoid'])[i]} where the "
            f"open categories add up to something else, and so in {wrong.size:,} lines",
            "sums of open categories alone",
            FAULT,
        )


def _expected(lines: pa.Table, cube: pa.Table) -> tuple[Ints, Ints]:
    """What the months add up to for each line, and how many months the town has told in it."""
    geoids, groups = (sorted(pc.unique(words(cube[n])).to_pylist()) for n in ("geoid", "category_group"))
    sums, told, first = _running(cube, geoids, groups)
    place = positions(words(lines["geoid"]), geoids)
    every = equals(lines["category_level"], "all")
    group = np.where(every, len(groups), positions(words(lines["category"]), groups))
    who = equals(lines["initiated_by"], "all").astype(np.int64)
    start = np.clip(month_numbers(lines["first_month"]) - first, 0, sums.shape[-1] - 1)
    end = np.clip(month_numbers(lines["last_month"]) - first + 1, 0, sums.shape[-1] - 1)
    known: Bools = (place >= 0) & (group >= 0)
    at = (np.maximum(group, 0), np.maximum(place, 0), who)
    months = told[np.maximum(place, 0), end] - told[np.maximum(place, 0), start]
    return np.where(known, sums[(*at, end)] - sums[(*at, start)], 0), np.where(place >= 0, months, 0)


def _running(cube: pa.Table, geoids: Sequence[str], groups: Sequence[str]) -> tuple[Ints, Ints, int]:
    """Running sums over months by group (the last: all), place, and citizens or all; running numbers of told months."""
    month = month_numbers(cube["month"])
    first, months = int(month.min()), int(month.max() - month.min()) + 1
    shape = (len(groups), len(geoids), 2, months)
    who = (~equals(cube["initiated_by"], "citizen")).astype(np.int64)
    place = positions(words(cube["geoid"]), geoids)
    at = (positions(words(cube["category_group"]), groups), place, who, month - first)
    flat = np.bincount(np.ravel_multi_index(at, shape), numbers(cube["calls"]), int(np.prod(shape)))
    counts = np.rint(flat).astype(np.int64).reshape(shape).cumsum(axis=2)
    counts = np.concatenate([counts, counts.sum(axis=0, keepdims=True)])
    told = np.zeros((len(geoids), months), np.int64)
    told[place, month - first] = 1
    running: Ints = np.concatenate([np.zeros((*counts.shape[:3], 1), np.int64), np.cumsum(counts, axis=3)], axis=3)
    return running, np.concatenate([np.zeros((len(geoids), 1), np.int64), np.cumsum(told, axis=1)], axis=1), first
