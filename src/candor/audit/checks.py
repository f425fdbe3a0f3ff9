"""What must not be in the tables of a release: sensitive kinds where they do not belong, figures of untold counts.

These are faults of the program that made them. What numbers give away is found by the attack, not here; figures that
are told twice, or in a form that must not be, by `told`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import (
    CUBE,
    FAULT,
    FIGURES,
    UNDER,
    Bools,
    Ints,
    Public,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    numbers,
    positions,
    words,
)
from candor.audit.rounded import check_rounded
from candor.audit.sums import check_sums
from candor.errors import DataError
from candor.profiles.profile import Profile
from candor.vocabulary.tables import FIGURES as ROLE_FIGURES
from candor.vocabulary.tables import TOLD, WHILE_OPEN, rules_of

PRINTED = ("rate", "rate_low", "rate_high", "relative_rate", "relative_low", "relative_high")
"""What is printed from 10 calls on, so never of "under 5"."""
DERIVED = (*PRINTED, "expected", "smoothed", "smoothed_low", "smoothed_high", "among_towns", "compared_over")
SINCE = {"year_change": ("year_change_ratio", "year_change_low", "year_change_high")}
EXACT = ("similar_rate", "similar_low", "similar_high", "similar_comparison", "usual_low", "usual_high", "usual")
"""What only exact counts have: beside a second benchmark, and month by month, a rounded one would say more."""
_MONTHS = 1 << 16
"""More months than any table spans."""
_SILENT = ("", "provisional", "different area", "too few to tell", "too few to compare", "nothing to compare with")
"""What a line without a told count may say: nothing that depends on it."""


def check_tables(public: Public) -> None:
    """Look through every table of the newest release for what must not be in it, by the contract of its profiles.

    Raises `DataError` for the first thing found.
    """
    tables = public.newest
    _told_once(tables)
    _only_where_they_belong(public)
    _rows_are_not_told(tables)
    for profile in tables.release.profiles:
        sensitive = sorted(c.slug for c in tables.sensitive(profile.name))
        check_rounded(tables, profile, sensitive)
        check_sums(tables, profile, sensitive)
        _rates_are_of_what_is_told(tables, profile, sensitive)


def _told_once(tables: Tables) -> None:
    """A release may carry exact figures of sensitive kinds no more."""
    if tables.exact and tables.sensitive():
        raise DataError(
            f"{FIGURES} does not say when its figures were told",
            'the column told_on, and "under 5" or the nearest 5',
            "Where an earlier Candor made this release, run `candor upgrade`.",
        )


def _only_where_they_belong(public: Public) -> None:
    """Sensitive kinds are in the tables that the contract names, each of its own profile."""
    tables = public.newest
    rules = {
        name: (profile, rules_of(profile.form, role, profile.count).sensitive)
        for profile in tables.release.profiles
        for role, name in tables.named(profile).items()
    }
    calls = [c.slug for c in tables.sensitive()]
    allowed = sorted(name for name, (_, may) in rules.items() if may == TOLD)
    for dataset in tables.release.datasets:
        columns = tables.columns(dataset.name)
        profile, may = rules.get(dataset.name, (None, ""))
        if may == TOLD or "category" not in columns:
            continue
        if dataset.kind == "rows" and not columns & {"geoid", "category_group"}:
            continue  # of a schema of the portal's own, which may name its kinds as it likes
        sensitive = sorted(c.slug for c in tables.sensitive(profile.name)) if profile else sorted(calls)
        if may == WHILE_OPEN:
            _open_then(public, sensitive)
            continue
        lines = tables.read(dataset.name, ["category"], is_one_of("category", sensitive))
        if lines is not None and lines.num_rows and not _rows_of_before(public, dataset.name, sensitive):
            raise DataError(
                f"{dataset.name} has {lines.num_rows:,} {'rows' if dataset.kind == 'rows' else 'lines'} of sensitive "
                "categories",
                f"sensitive categories in {', '.join(allowed)} only",
                FAULT,
            )


def _rows_of_before(public: Public, name: str, sensitive: Sequence[str]) -> bool:
    """Whether all rows of sensitive kinds are of kinds that were open once: what was published stays (rows only)."""
    version = public.newest.dataset(name)
    open_once = {c.slug for r in public.releases[:-1] for c in r.kinds() if c.sensitivity == "open"}
    lines = public.newest.read(name, ["category"], is_one_of("category", [s for s in sensitive if s not in open_once]))
    return version is not None and version.kind == "rows" and lines is not None and not lines.num_rows


def _open_then(public: Public, sensitive: Sequence[str]) -> None:
    """A sensitive kind has counts of towns and months only where a release told the same while the kind was open.

    Where that release's counts were withdrawn, since a row was, nothing is left to compare: then the months that it
    had fixed will do.
    """
    columns = ["geoid", "month", "category", "initiated_by", "calls"]
    where = is_one_of("category", sensitive) & pc.field("calls").is_valid()
    lines = public.newest.read(CUBE, columns, where)
    if lines is None or not lines.num_rows:
        return
    disclosed = np.zeros(lines.num_rows, np.bool_)
    keys = _joined(lines, columns)
    for tables in reversed(public.tables[:-1]):
        open_ = [c.slug for c in tables.release.kinds() if c.slug in sensitive and c.sensitivity == "open"]
        if CUBE in {d.name for d in tables.release.withdrawn}:
            fixed = max((c.published_through for c in tables.release.coverage), default="")
            month = pc.strftime(lines["month"], "%Y-%m")
            of_then = pc.and_(pc.is_in(lines["category"].cast(pa.string()), pa.array(open_, pa.string())),
                              pc.less_equal(month, fixed))  # fmt: skip
            disclosed |= of_then.to_numpy()
        before = (
            tables.read(CUBE, columns, is_one_of("category", open_) & pc.field("calls").is_valid()) if open_ else None
        )
        if before is not None and before.num_rows:
            disclosed |= pc.is_in(keys, value_set=_joined(before, columns)).to_numpy(zero_copy_only=False)
        if disclosed.all():
            return
    raise DataError(
        f"{CUBE} has {int((~disclosed).sum()):,} counts of sensitive categories",
        "counts of towns and months of open kinds, and what was told while a kind was open",
        FAULT,
    )


def _joined(lines: pa.Table, columns: Sequence[str]) -> pa.Array:
    return pc.binary_join_element_wise(*(words(lines[c]) for c in columns), "|")


def _rows_are_not_told(tables: Tables) -> None:
    """How many rows are not published is told for all towns together, by year and rounded."""
    for one in tables.release.withheld_rows:
        rows = one.rows
        if rows is not None and (rows < 5 or rows % 5):
            raise DataError(f"{rows:,} rows are said to be withheld", "under 5, or a multiple of 5 from 5", FAULT)


def _rates_are_of_what_is_told(tables: Tables, profile: Profile, sensitive: Sequence[str]) -> None:
    """Nothing is computed from an untold count: not in its own line, nor in that of a later period."""
    for role, name in tables.named(profile).items():
        columns = tables.columns(name)
        keys = [c for c in ("category_level", "initiated_by") if c in columns and role == ROLE_FIGURES]
        since = [c for word, figures in SINCE.items() for c in (word, *figures)]
        wanted = [c for c in (*DERIVED, *EXACT, "comparison", *since) if c in columns]
        spans = ["level", "geoid", "place", "first_month", "last_month", "category", "coverage", profile.count]
        lines = tables.read(name, [*keys, *spans, *wanted], is_one_of("category", sensitive))
        if lines is None or not lines.num_rows:
            continue
        if len(keys) == 2 and (odd := ~(equals(lines[keys[0]], "category") & equals(lines[keys[1]], "all"))).any():
            raise DataError(
                f"{name} tells of sensitive categories by who began the call, or in sums: {int(odd.sum()):,} lines",
                "one line for each place and period, of all calls",
                FAULT,
            )
        told, under = np.isfinite(numbers(lines[profile.count])), equals(lines["coverage"], UNDER)
        _empty(name, lines, ~told & ~under, [c for c in (*DERIVED, "comparison", *since) if c in columns])
        ratios = [c for figures in SINCE.values() for c in figures]
        _empty(name, lines, under, [c for c in (*PRINTED, *ratios) if c in columns])
        _empty(name, lines, np.ones(lines.num_rows, np.bool_), [c for c in EXACT if c in columns])
        if role == ROLE_FIGURES:
            _since(name, lines, told | under)


def _since(name: str, lines: pa.Table, told: Bools) -> None:
    """A change needs what is told of the earlier period."""
    first, last = month_numbers(lines["first_month"]), month_numbers(lines["last_month"])
    place = _numbered(pc.if_else(pa.array(equals(lines["level"], "state")), "", words(lines["geoid"])))
    category = _numbered(words(lines["category"]))
    line = place * (int(category.max(initial=0)) + 1) + category
    known = _spans(line, first, last)[told]
    for word, figures in SINCE.items():
        columns = [c for c in (word, *figures) if c in lines.column_names]
        _empty(name, lines, ~np.isin(_spans(line, first - 12, last - 12), known), columns)


def _numbered(column: pa.Array) -> Ints:
    """A number for each text."""
    return np.asarray(column.dictionary_encode().indices.to_numpy(zero_copy_only=False), np.int64)


def _spans(line: Ints, first: Ints, last: Ints) -> Ints:
    """A number for each line and span of months, these some centuries around 1970 at most."""
    return (line * _MONTHS + first + _MONTHS // 2) * _MONTHS + last + _MONTHS // 2


def _empty(name: str, lines: pa.Table, where: Bools, columns: Sequence[str]) -> None:
    """Raises `DataError` where one of the columns says something in one of these lines."""
    for column in columns:
        values = lines[column]
        numeric = pa.types.is_floating(values.type)
        says = np.isfinite(numbers(values)) if numeric else positions(words(values), _SILENT) < 0
        if (wrong := np.flatnonzero(says & where)).size:
            raise DataError(
                f"{name} gives {column} in {wrong.size:,} lines of sensitive categories where a count that it needs "
                "is not told",
                "nothing computed from a count that is not told",
                FAULT,
            )
