"""What must not be in the tables of a release: sensitive kinds where they do not belong, figures of withheld counts.

These are faults of the program that made them. What numbers give away is found by the attack, not here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.auditing.public import (
    CUBE,
    FAULT,
    FIGURES,
    RATES,
    Bools,
    Floats,
    Ints,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    positions,
    words,
)
from candor.auditing.reporting import Reporting
from candor.portal.problems import DataError

_OFFENCES = ("offences-by-town", "offence-rates-by-town", "verified-share-by-town")
SHARES = _OFFENCES[2]

DERIVED = ("rate", "rate_low", "rate_high", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher")
BESIDE_THE_STATE = ("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher")
SINCE = {
    "change": ("change_ratio", "change_low", "change_high"),
    "year_change": ("year_change_ratio", "year_change_low", "year_change_high"),
}
_SILENT = ("", "provisional", "different area")
"""What a change may say of itself where the earlier figure is withheld: nothing that depends on counts."""


def check_tables(tables: Tables, reporting: Reporting) -> None:
    """Look through every table of a release for what must not be in it.

    Raises `DataError` for the first thing found.
    """
    sensitive = sorted(c.slug for c in tables.sensitive())
    _only_where_they_belong(tables, sensitive)
    _rows_are_told_together(tables)
    _sums_are_open(tables, sensitive)
    _months_are_those_reported(tables, reporting)
    _rates_are_empty(tables, sensitive)
    _shares_are_sums_of_told(tables, sensitive)


def _only_where_they_belong(tables: Tables, sensitive: Sequence[str]) -> None:
    for dataset in tables.release.datasets:
        columns = tables.columns(dataset.name)
        if dataset.name in (FIGURES, RATES, *_OFFENCES) or "category" not in columns:
            continue
        if dataset.kind == "rows" and not columns & {"geoid", "category_group"}:
            continue  # of a schema of the portal's own, which may name its kinds as it likes
        lines = tables.read(dataset.name, ["category"], is_one_of("category", sensitive))
        if lines is not None and lines.num_rows:
            raise DataError(
                f"{dataset.name} has {lines.num_rows:,} {'rows' if dataset.kind == 'rows' else 'lines'} of sensitive "
                "categories",
                f"sensitive categories in {FIGURES} and {RATES} only",
                FAULT,
            )


def _rows_are_told_together(tables: Tables) -> None:
    """Of each of several data sets, the rows that are not published would be a sum over some of the towns."""
    calls = tables.release.of_calls
    told = [d.name for d in calls if d.accounting is not None]
    if told and (len(calls) > 1 or tables.release.accounting is not None):
        raise DataError(
            f"{', '.join(told)}: the rows that are not published are told of each data set of calls",
            "their number for all data sets of calls together",
            FAULT,
        )


def _sums_are_open(tables: Tables, sensitive: Sequence[str]) -> None:
    """A sum over categories is that of the open ones."""
    lines = tables.read(
        RATES, ["level", "geoid", "first_month", "last_month", "category", "category_level", "initiated_by", "calls"],
        is_one_of("category_level", ["all", "group"]) & pc.field("calls").is_valid(),
    )  # fmt: skip
    cube = tables.read(
        CUBE, ["geoid", "month", "category_group", "initiated_by", "calls"],
        pc.field("calls").is_valid() & ~is_one_of("category", sensitive) & (pc.field("geoid") != ""),
    )  # fmt: skip
    if lines is None or cube is None or not cube.num_rows:
        return
    geoids, groups = (sorted(pc.unique(words(cube[n])).to_pylist()) for n in ("geoid", "category_group"))
    sums, first = _sums(cube, geoids, groups)
    level = equals(lines["level"], "state")
    place = np.where(level, len(geoids), positions(words(lines["geoid"]), geoids))
    every = equals(lines["category_level"], "all")
    group = np.where(every, len(groups), positions(words(lines["category"]), groups))
    who = equals(lines["initiated_by"], "all").astype(np.int64)
    start = np.clip(month_numbers(lines["first_month"]) - first, 0, sums.shape[-1] - 1)
    end = np.clip(month_numbers(lines["last_month"]) - first + 1, 0, sums.shape[-1] - 1)
    known = (place >= 0) & (group >= 0)
    at = (np.maximum(group, 0), np.maximum(place, 0), who)
    expected = np.where(known, sums[(*at, end)] - sums[(*at, start)], 0)
    value = lines["calls"].to_numpy()
    if (wrong := np.flatnonzero(expected != value)).size:
        i = int(wrong[0])
        raise DataError(
            f"{RATES} says {value[i]:,} of {words(lines['category'])[i]} where the open categories add up to "
            f"{expected[i]:,}, and so in {wrong.size:,} lines",
            "sums of open categories alone",
            FAULT,
        )


def _sums(cube: pa.Table, geoids: Sequence[str], groups: Sequence[str]) -> tuple[Ints, int]:
    """Running sums over months by group (the last: all), place (the last: the state), and citizens or all."""
    month = month_numbers(cube["month"])
    first, months = int(month.min()), int(month.max() - month.min()) + 1
    shape = (len(groups), len(geoids), 2, months)
    who = (~equals(cube["initiated_by"], "citizen")).astype(np.int64)
    at = (positions(words(cube["category_group"]), groups), positions(words(cube["geoid"]), geoids), who, month - first)
    flat = np.bincount(np.ravel_multi_index(at, shape), cube["calls"].to_numpy(), int(np.prod(shape)))
    counts = np.rint(flat).astype(np.int64).reshape(shape)
    counts = np.cumsum(counts, axis=2)
    counts = np.concatenate([counts, counts.sum(axis=0, keepdims=True)])
    counts = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    running: Ints = np.concatenate([np.zeros((*counts.shape[:3], 1), np.int64), np.cumsum(counts, axis=3)], axis=3)
    return running, first


def _months_are_those_reported(tables: Tables, reporting: Reporting) -> None:
    """A town's figure says how many months are in it; it must be those that the attack takes it to be."""
    lines = tables.read(
        FIGURES, ["geoid", "first_month", "last_month", "months_reported"],
        (pc.field("level") == "town") & pc.field("months_reported").is_valid(),
    )  # fmt: skip
    if lines is None or not lines.num_rows:
        return
    running = np.concatenate(
        [np.zeros((len(reporting.geoids), 1), np.int64), np.cumsum(reporting.reported, axis=1)], axis=1
    )
    place = positions(words(lines["geoid"]), reporting.geoids)
    start, end = (
        np.clip(month_numbers(lines[n]) - reporting.first + more, 0, running.shape[1] - 1)
        for n, more in (("first_month", 0), ("last_month", 1))
    )
    expected = np.where(place >= 0, running[place, end] - running[place, start], 0)
    said = lines["months_reported"].to_numpy()
    if (wrong := np.flatnonzero(expected != said)).size:
        i = int(wrong[0])
        raise DataError(
            f"{FIGURES} counts {said[i]} reported months of {words(lines['geoid'])[i]} where {CUBE} has {expected[i]}",
            "the same months in both",
            FAULT,
        )


def _rates_are_empty(tables: Tables, sensitive: Sequence[str]) -> None:
    """Nothing is computed from a withheld count: not in its own line, nor in that of a later period, nor of a town."""
    columns = tables.columns(RATES)
    own = [c for c in DERIVED if c in tables.columns(FIGURES)]
    lines = tables.read(FIGURES, [*own, "coverage"], is_one_of("category", sensitive))
    if lines is not None:
        _empty(FIGURES, lines, equals(lines["coverage"], "suppressed"), own)
    since = [c for word, numbers in SINCE.items() for c in (word, *numbers)]
    wanted = [c for c in (*DERIVED, "expected", "comparison", *since) if c in columns]
    keys = ["level", "geoid", "first_month", "last_month", "category", "category_level", "initiated_by", "coverage"]
    lines = tables.read(RATES, [*keys, "calls", *wanted], is_one_of("category", sensitive))
    if lines is None or not lines.num_rows:
        return
    odd = ~(equals(lines["category_level"], "category") & equals(lines["initiated_by"], "all"))
    if odd.any():
        raise DataError(
            f"{RATES} tells of sensitive categories by who began the call, or in sums: {int(odd.sum()):,} lines",
            "one line for each place and period, of all calls",
            FAULT,
        )
    withheld = equals(lines["coverage"], "suppressed")
    _empty(RATES, lines, withheld, [c for c in (*DERIVED, "comparison", *since) if c in columns])
    told = np.isfinite(lines["calls"].cast(pa.float64()).to_numpy(zero_copy_only=False))
    category = positions(lines["category"], sensitive)
    place = np.where(equals(lines["level"], "state"), "", words(lines["geoid"]).to_numpy(zero_copy_only=False))
    first, last = month_numbers(lines["first_month"]), month_numbers(lines["last_month"])
    known = _keyed(category, place, first, last)[told]
    state_told = np.isin(_keyed(category, np.full(place.size, ""), first, last), known)
    town = equals(lines["level"], "town")
    _empty(RATES, lines, town & ~state_told, [c for c in (*BESIDE_THE_STATE, "comparison") if c in columns])
    for word, numbers in SINCE.items():
        back = last - first + 1 if word == "change" else np.full(first.size, 12)
        earlier = np.isin(_keyed(category, place, first - back, last - back), known)
        _empty(RATES, lines, ~earlier, [c for c in (word, *numbers) if c in columns])


def _keyed(category: Ints, place: np.ndarray, first: Ints, last: Ints) -> np.ndarray:
    parts = (pa.array(category).cast(pa.string()), pa.array(place.astype(np.str_).tolist(), pa.string()))
    months = (pa.array(first).cast(pa.string()), pa.array(last).cast(pa.string()))
    joined: np.ndarray = pc.binary_join_element_wise(*parts, *months, "|").to_numpy(zero_copy_only=False)
    return joined.astype(np.str_)


def _empty(name: str, lines: pa.Table, where: Bools, columns: Sequence[str]) -> None:
    """Raises `DataError` where one of the columns says something in one of these lines."""
    for column in columns:
        values = lines[column]
        if pa.types.is_floating(values.type):
            says = np.isfinite(values.to_numpy(zero_copy_only=False).astype(np.float64))
        else:
            silent = pc.is_in(words(values), value_set=pa.array(_SILENT)).to_numpy(zero_copy_only=False)
            says = ~silent
        if (wrong := np.flatnonzero(says & where)).size:
            raise DataError(
                f"{name} gives {column} in {wrong.size:,} lines of sensitive categories where a count that it needs "
                "is withheld",
                "nothing computed from a withheld count",
                FAULT,
            )


def _shares_are_sums_of_told(tables: Tables, sensitive: Sequence[str]) -> None:
    """The calls beside offences are those of the open kinds, and of sensitive ones whose year is told."""
    kinds = {c.slug: c.call_categories for c in tables.release.offence_categories}
    concerned = [slug for slug, calls in kinds.items() if set(calls) & set(sensitive)]
    shares = tables.read(SHARES, ["geoid", "year", "category", "calls", "share"], is_one_of("category", concerned))
    if shares is None or not shares.num_rows:
        return
    for slug in concerned:
        lines = shares.filter(pa.array(equals(shares["category"], slug)))
        calls = lines["calls"].cast(pa.float64()).to_numpy(zero_copy_only=False)
        says = np.isfinite(calls) | np.isfinite(lines["share"].cast(pa.float64()).to_numpy(zero_copy_only=False))
        key = np.char.add(words(lines["geoid"]).to_numpy(zero_copy_only=False).astype(np.str_), "|")
        key = np.char.add(key, lines["year"].cast(pa.int64()).to_numpy(zero_copy_only=False).astype(np.str_))
        told = _years(tables, sorted(set(kinds[slug]) & set(sensitive)), sorted(set(kinds[slug]) - set(sensitive)))
        expected = np.array([told.get(k, np.nan) for k in key.tolist()])
        if (wrong := np.flatnonzero(says & ~(calls == expected))).size:
            raise DataError(
                f"{SHARES} says that {key[wrong[0]]} had {calls[wrong[0]]:g} calls of {slug}, which are not all told, "
                f"and so in {wrong.size:,} lines",
                "sums of published counts",
                FAULT,
            )


def _years(tables: Tables, sensitive: Sequence[str], open_: Sequence[str]) -> dict[str, float]:
    """By place and year, the calls of all these categories; without the places of which one is withheld."""
    found: list[tuple[np.ndarray, Ints, Floats]] = []
    months = tables.read(CUBE, ["geoid", "month", "calls"], is_one_of("category", open_) & (pc.field("geoid") != ""))
    years = tables.read(
        FIGURES, ["geoid", "first_month", "calls"],
        is_one_of("category", sensitive) & (pc.field("level") == "town") & (pc.field("period_kind") == "year"),
    )  # fmt: skip
    for lines, column in ((months, "month"), (years, "first_month")):
        if lines is not None and lines.num_rows:
            value = lines["calls"].cast(pa.float64()).to_numpy(zero_copy_only=False)
            year = month_numbers(lines[column]) // 12 + 1970
            found.append((words(lines["geoid"]).to_numpy(zero_copy_only=False).astype(np.str_), year, value))
    sums: dict[str, float] = {}
    for geoid, year, value in found:
        keys, at = np.unique(np.char.add(np.char.add(geoid, "|"), year.astype(np.str_)), return_inverse=True)
        for key, total in zip(keys.tolist(), np.bincount(at, value).tolist(), strict=True):
            sums[key] = sums.get(key, 0.0) + total
    return sums
