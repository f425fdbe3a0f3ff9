"""What is counted by year: of sensitive kinds each town's year is told by itself, and nothing adds two of them up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import (
    CUBE,
    FAULT,
    FIGURES,
    Bools,
    Floats,
    Ints,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    numbers,
    texts,
)
from candor.audit.told import STEP
from candor.errors import DataError
from candor.profiles.profile import Profile
from candor.store.model import Release


def yearly_tables(release: Release) -> tuple[str, ...]:
    """The tables of the profiles that are counted by year."""
    every = [name for p in release.profiles if not p.monthly for name in _tables(p)]
    return tuple(every)


def _tables(profile: Profile) -> tuple[str, ...]:
    named = profile.tables
    return tuple(name for name in (named.counts, named.figures, named.beside_calls) if name)


def check_yearly(tables: Tables, profile: Profile, monthly: Sequence[str]) -> None:
    """Every number of a profile's sensitive kinds is rounded, and none is a sum over towns.

    `monthly`: the sensitive kinds of the profile that is counted from rows.

    Each is told on its own, so 5 is 5 to 7, and there is nothing to attack.

    Raises `DataError` for the first that is not.
    """
    kinds = tables.release.kinds(profile.name)
    sensitive = sorted(c.slug for c in kinds if c.sensitivity == "sensitive")
    for name in _tables(profile):
        lines = tables.read(name, ["category", profile.count], is_one_of("category", sensitive))
        if lines is not None:
            _rounded(name, numbers(lines[profile.count]))
    _no_sums(tables, profile, sensitive)
    for name in _sources(tables):
        for category in sorted(set(sensitive) & tables.columns(name)):
            lines = tables.table(name, [category])
            _rounded(f"{name}, {category}", numbers(lines[category]))
    if profile.tables.beside_calls:
        _shares_are_sums_of_told(tables, profile, monthly)


def _rounded(name: str, value: Floats) -> None:
    wrong = np.isfinite(value) & ((value < STEP) | (value % STEP != 0))
    if wrong.any():
        raise DataError(
            f"{name} says {value[wrong][0]:,.0f} of a sensitive kind, and so in {int(wrong.sum()):,} lines",
            'of sensitive kinds "under 5", or a multiple of 5 from 5',
            FAULT,
        )


def _no_sums(tables: Tables, profile: Profile, sensitive: Sequence[str]) -> None:
    """Of sensitive kinds no place is the sum of others; and a rate needs a told number."""
    figures = profile.tables.figures
    if not {"level", "category_level"} <= tables.columns(figures):
        return
    lines = tables.table(figures, ["level", "category", "category_level", profile.count, "rate"])
    own = np.isin(texts(lines["category"]), list(sensitive)) & equals(lines["category_level"], "category")
    told = np.isfinite(numbers(lines[profile.count]))
    if (own & equals(lines["level"], "state") & told).any():
        raise DataError(f"{figures} tells the state's total of a sensitive kind", "towns and years alone", FAULT)
    if (own & ~told & np.isfinite(numbers(lines["rate"]))).any():
        raise DataError(f"{figures} gives rates of untold counts", "nothing computed from an untold count", FAULT)


def _sources(tables: Tables) -> list[str]:
    """The data sets of counts that somebody else made: a line a place and year, a column a category."""
    return [
        d.name
        for d in tables.release.datasets
        if d.kind == "rows" and {"geoid", "year", "reported_as"} <= tables.columns(d.name)
    ]


def _shares_are_sums_of_told(tables: Tables, profile: Profile, sensitive: Sequence[str]) -> None:
    """The calls beside them are sums of open kinds' months and of what is told of sensitive ones."""
    kinds = {c.slug: c.call_categories for c in tables.release.kinds(profile.name)}
    name = profile.tables.beside_calls
    concerned = [slug for slug, calls in kinds.items() if set(calls) & set(sensitive)]
    shares = tables.read(name, ["geoid", "year", "category", "calls", "share"], is_one_of("category", concerned))
    if shares is None or not shares.num_rows:
        return
    for slug in concerned:
        lines = shares.filter(pa.array(equals(shares["category"], slug)))
        calls, share = numbers(lines["calls"]), numbers(lines["share"])
        key = _key(texts(lines["geoid"]), lines["year"].cast(pa.int64()).to_numpy())
        told = _years(tables, sorted(set(kinds[slug]) & set(sensitive)), sorted(set(kinds[slug]) - set(sensitive)))
        expected = np.array([told.get(k, np.nan) for k in key])
        wrong: Bools = (np.isfinite(calls) | np.isfinite(share)) & ~(calls == expected)
        if wrong.any():
            at = int(np.argmax(wrong))
            raise DataError(
                f"{name} says that {key[at]} had {calls[at]:g} calls of {slug}, which are not all told, and so in "
                f"{int(wrong.sum()):,} lines",
                "sums of published figures",
                FAULT,
            )


def _years(tables: Tables, sensitive: Sequence[str], open_: Sequence[str]) -> dict[str, float]:
    """By place and year, what is told of all these categories; nothing where of one it is not."""
    months = tables.read(CUBE, ["geoid", "month", "calls"], is_one_of("category", open_) & (pc.field("geoid") != ""))
    years = tables.read(
        FIGURES, ["geoid", "first_month", "calls"],
        is_one_of("category", sensitive) & (pc.field("level") == "town") & (pc.field("period_kind") == "year"),
    )  # fmt: skip
    sums: dict[str, float] = {}
    for lines, column in ((months, "month"), (years, "first_month")):
        if lines is not None and lines.num_rows:
            year: Ints = month_numbers(lines[column]) // 12 + 1970
            keys, at = np.unique(_key(texts(lines["geoid"]), year), return_inverse=True)
            for key, total in zip(keys.tolist(), np.bincount(at, numbers(lines["calls"])).tolist(), strict=True):
                sums[key] = sums.get(key, 0.0) + total
    return sums


def _key(geoid: np.ndarray, year: Ints) -> list[str]:
    return [f"{g}|{y}" for g, y in zip(geoid.tolist(), year.tolist(), strict=True)]
