"""The linking sums of the contract: what a table says is the sum of what other published tables say, and no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit.public import (
    FAULT,
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
from candor.audit.shares import check_beside_calls
from candor.errors import DataError
from candor.profiles.profile import Profile
from candor.vocabulary.tables import CATEGORIES_OF_CALLS, OPEN_CATEGORIES, WHILE_OPEN, Rules, Sum, rules_of

_YEAR, _ROWS = "year", "rows"
_LENGTH = {"month": 1, _YEAR: 12}


def check_sums(tables: Tables, profile: Profile, sensitive: Sequence[str]) -> None:
    """Every sum that the contract declares of a profile's tables is one of published numbers.

    Raises `DataError` for the first that is another.
    """
    for role, name in tables.named(profile).items():
        for one in rules_of(profile.form, role, profile.count).sums:
            _CHECKS[one.over](tables, profile, name, one, sensitive)


def _check_totals(tables: Tables, profile: Profile, name: str, declared: Sum, sensitive: Sequence[str]) -> None:
    """Lines of groups and of all categories hold the counts of open ones in their months or years, and no more.

    Where several rows are of one event, the rows add up so; an event counts once in a total, though it be of several
    kinds: there are at least as many as of each kind of a month, and at most as many as of all of them.

    A year also counts what came too late for the months; so only towns of which no month came late are compared. Where
    counts stay that were published while their kind was open, they may be in or not.
    """
    rows = profile.parts.column if profile.parts else ""
    column = declared.column
    lines = tables.read(
        name, ["level", "geoid", "first_month", "last_month", "category", "category_level", "initiated_by",
               "months_reported", column, *([rows] if rows else [])],
        is_one_of("category_level", ["all", "group"]) & pc.field(column).is_valid()
        & (pc.field("level") == "town"),
    )  # fmt: skip
    (role,) = declared.of
    rules = rules_of(declared.form, role, profile.count)
    cells = _cells(tables, tables.named(profile).get(role, ""), (profile.count, rows), rules)
    if lines is None or cells is None or not cells.num_rows or not lines.num_rows:
        return
    now = cells.filter(pa.array(positions(cells["category"], sensitive) < 0))
    value = numbers(lines[column])
    fits, compared = np.zeros(value.size, np.bool_), np.zeros(value.size, np.bool_)
    for part in (now, cells) if rules.sensitive == WHILE_OPEN else (now,):
        if part.num_rows:
            most, months = _expected(lines, part, _LENGTH[rules.time])
            compared |= months == numbers(lines["months_reported"])
            if not rows:
                fits |= most == value
                continue
            least, _ = _expected(lines, part, _LENGTH[rules.time], np.maximum)
            added, _ = _expected(
                lines, part.drop_columns("number").rename_columns({_ROWS: "number"}), _LENGTH[rules.time]
            )
            fits |= (least <= value) & (value <= most) & (added == numbers(lines[rows]))
    if (wrong := np.flatnonzero(compared & ~fits)).size:
        i = int(wrong[0])
        raise DataError(
            f"{name} says {value[i]:,.0f} of {words(lines['category'])[i]} in {words(lines['geoid'])[i]} where the "
            f"open categories add up to something else, and so in {wrong.size:,} lines",
            "sums of open categories alone",
            FAULT,
        )


_CHECKS: Mapping[str, Callable[[Tables, Profile, str, Sum, Sequence[str]], None]] = {
    OPEN_CATEGORIES: _check_totals,
    CATEGORIES_OF_CALLS: check_beside_calls,
}


def _cells(tables: Tables, name: str, columns: tuple[str, str], rules: Rules) -> pa.Table | None:
    """The numbers of a table of counts: `geoid, category, category_group, initiated_by, when, number`.

    `columns`: that of the number and that of the rows, which there may be, and then in `rows`. `when`: the month or the
    year, since 1970. Where nothing says who began an event, all of them are of `all`.
    """
    count, rows = columns
    keys = ["geoid", "category", "category_group"]
    who = ["initiated_by"] if "initiated_by" in tables.columns(name) else []
    where = pc.field(count).is_valid() & (pc.field("geoid") != "")
    lines = tables.read(name, [*keys, *who, rules.time, count, *([rows] if rows else [])], where)
    if lines is None:
        return None
    time = lines[rules.time]
    when = time.cast(pa.int64()).to_numpy() - 1970 if rules.time == _YEAR else month_numbers(time)
    began = lines["initiated_by"] if who else pa.array(["all"] * lines.num_rows, pa.string())
    numbered = {"number": lines[count], **({_ROWS: lines[rows]} if rows else {})}
    return pa.table({**{key: lines[key] for key in keys}, "initiated_by": began, "when": pa.array(when), **numbered})


def _expected(lines: pa.Table, cells: pa.Table, length: int, over: np.ufunc = np.add) -> tuple[Ints, Ints]:
    """What the cells add up to for each line, and of how many months the town has told some in it.

    `over`: what is made of the kinds of a month, their sum or the largest of them; months are added up.
    """
    geoids, groups = (sorted(pc.unique(words(cells[n])).to_pylist()) for n in ("geoid", "category_group"))
    sums, told, first = _running(cells, geoids, groups, over)
    place = positions(words(lines["geoid"]), geoids)
    every = equals(lines["category_level"], "all")
    group = np.where(every, len(groups), positions(words(lines["category"]), groups))
    who = equals(lines["initiated_by"], "all").astype(np.int64)
    start = np.clip(month_numbers(lines["first_month"]) // length - first, 0, sums.shape[-1] - 1)
    end = np.clip(month_numbers(lines["last_month"]) // length - first + 1, 0, sums.shape[-1] - 1)
    known: Bools = (place >= 0) & (group >= 0)
    at = (np.maximum(group, 0), np.maximum(place, 0), who)
    months = told[np.maximum(place, 0), end] - told[np.maximum(place, 0), start]
    return np.where(known, sums[(*at, end)] - sums[(*at, start)], 0), np.where(place >= 0, months * length, 0)


def _running(cells: pa.Table, geoids: Sequence[str], groups: Sequence[str], over: np.ufunc) -> tuple[Ints, Ints, int]:
    """Running sums over periods by group (the last: all), place, and citizens or all; and of the periods told."""
    when = cells["when"].to_numpy()
    first, periods = int(when.min()), int(when.max() - when.min()) + 1
    shape = (len(groups), len(geoids), 2, periods)
    who = (~equals(cells["initiated_by"], "citizen")).astype(np.int64)
    place = positions(words(cells["geoid"]), geoids)
    at = (positions(words(cells["category_group"]), groups), place, who, when - first)
    flat = np.zeros(int(np.prod(shape)), np.int64)
    over.at(flat, np.ravel_multi_index(at, shape), np.rint(numbers(cells["number"])).astype(np.int64))
    counts = flat.reshape(shape)
    counts = np.concatenate([counts, over.reduce(counts, axis=0, keepdims=True)]).cumsum(axis=2)
    told = np.zeros((len(geoids), periods), np.int64)
    told[place, when - first] = 1
    running: Ints = np.concatenate([np.zeros((*counts.shape[:3], 1), np.int64), np.cumsum(counts, axis=3)], axis=3)
    return running, np.concatenate([np.zeros((len(geoids), 1), np.int64), np.cumsum(told, axis=1)], axis=1), first
