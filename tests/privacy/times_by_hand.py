"""The rule for the times of rows (docs), said anew and slowly, and blocks of rows of every kind to hold it against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.csv
from hypothesis import strategies as st

from candor.engine.duck import DuckEngine
from candor.privacy.times import (
    LEVELS,
    Coarsened,
    coarsened,
    complete_periods,
)

K = 3
TYPES = {"town": pa.string(), "beat": pa.int64(), "kind": pa.string(), "person": pa.int64()}
YEARS = complete_periods([f"{y}-{m:02}" for y in (2024, 2025) for m in range(1, 13)])
WAITS = "waits"


def table(rows: Sequence[Mapping[str, Any]], type_: pa.DataType | None = None) -> pa.Table:
    types = {"id": pa.int64(), "t": type_ or pa.timestamp("us"), **TYPES}
    return pa.table({name: pa.array([r.get(name) for r in rows], t) for name, t in types.items()})


def run(duck: DuckEngine, data: pa.Table, places: Sequence[str] = ("town",), **more: Any) -> Coarsened:  # noqa: ANN401 - what coarsened takes
    asked = {"kind": "kind", "unit": None, "levels": None, "finest": "hour", "k": K, "complete": YEARS, **more}
    return coarsened(duck.table(data), "t", places, engine=duck, **asked)


def told(duck: DuckEngine, found: Coarsened) -> list[dict[str, Any]]:
    return list(duck.arrow(found.rows.order_by("id")).to_pylist())


# What a cell is, said anew and slowly, row by row.


def cell(level: str, t: datetime) -> tuple[datetime, datetime]:
    """The first moment of the cell and of the next."""
    day = datetime(t.year, t.month, t.day)
    month = day.replace(day=1)
    monday = day - timedelta(days=day.isoweekday() - 1)
    part = day + timedelta(hours=[0, 6, 12, 18][t.hour // 6])
    quarter = month.replace(month=[1, 4, 7, 10][(t.month - 1) // 3])
    cells = {
        "hour": (day + timedelta(hours=t.hour), day + timedelta(hours=t.hour + 1)),
        "part of day": (part, part + timedelta(hours=6)),
        "date": (day, day + timedelta(days=1)),
        "week": (max(monday, month), min(monday + timedelta(days=7), next_month(month))),
        "month": (month, next_month(month)),
        "quarter": (quarter, next_month(quarter + timedelta(days=80))),
        "year": (datetime(t.year, 1, 1), datetime(t.year + 1, 1, 1)),
    }
    return cells[level]


def next_month(t: datetime) -> datetime:
    return (t.replace(day=1) + timedelta(days=31)).replace(day=1)


def is_complete(level: str, t: datetime, complete: Collection[str]) -> bool:
    quarter = f"{t.year}-Q{(t.month + 2) // 3}"
    return level not in ("quarter", "year") or str(t.year) in complete or (level == "quarter" and quarter in complete)


@dataclass(frozen=True)
class Rule:
    """What is asked of the rows."""

    places: tuple[str, ...]
    kind: bool
    unit: bool
    finest: str
    complete: frozenset[str]
    fixed: Mapping[tuple[Any, ...], str]

    def place(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(row[name] for name in self.places)

    def holds(self, rows: Iterable[Mapping[str, Any]]) -> bool:
        rows = list(rows)
        units = len({r["person"] for r in rows} - {None}) if self.unit else len(rows)
        return units >= K and (not self.kind or len({r["kind"] for r in rows} - {None}) >= 2)


def by_hand(rows: Sequence[Mapping[str, Any]], rule: Rule) -> dict[int, str]:
    """The precision of each row by its id, where rows are counted: the rule of the docs, with loops."""
    assert not rule.unit
    result = {r["id"]: WAITS for r in rows}
    for place in {rule.place(r) for r in rows}:
        here = [r for r in rows if r["t"] is not None and rule.place(r) == place]
        level = chosen_by_hand(here, rule) if place not in rule.fixed else rule.fixed[place]
        if level != WAITS:
            result |= said_by_hand(here, rule, max(level, rule.finest, key=LEVELS.index))
    return result


def chosen_by_hand(rows: list[Mapping[str, Any]], rule: Rule) -> str:
    for level in LEVELS[LEVELS.index(rule.finest) :]:
        judged = [r for r in rows if is_complete(level, r["t"], rule.complete)]
        groups = grouped(judged, lambda r, level=level: cell(level, r["t"]))
        small = sum(len(g) for g in groups.values() if not rule.holds(g))
        if judged and (small <= len(judged) / 10 or level == "year"):
            return level
    return WAITS


def grouped(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:  # noqa: ANN401 - a function of a row
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def said_by_hand(rows: list[Mapping[str, Any]], rule: Rule, first: str) -> dict[int, str]:
    classes: dict[tuple[str, datetime], list[Mapping[str, Any]]] = {}
    left, waiting = list(rows), []

    def earliest(key: tuple[str, datetime]) -> datetime:
        first: datetime = min(r["t"] for r in classes[key])
        return first

    for level in LEVELS[LEVELS.index(first) :]:
        waiting += [r for r in left if not is_complete(level, r["t"], rule.complete)]
        cells = grouped([r for r in left if is_complete(level, r["t"], rule.complete)], lambda r: cell(level, r["t"]))  # noqa: B023
        left = []
        for (start, end), pool in sorted(cells.items()):
            if not rule.holds(pool):
                inside = [key for key in classes if start <= key[1] < end]
                if not inside:
                    left += pool
                    continue
                pool.extend(classes.pop(min(inside, key=lambda c: (len(classes[c]), -LEVELS.index(c[0]), earliest(c)))))
            classes[level, start] = pool

    found = {r["id"]: level for (level, _), members in classes.items() for r in members}
    return found | {r["id"]: WAITS for r in [*left, *waiting]}


hours = st.one_of(
    # Many in few hours; a day; a month; two years.
    st.integers(0, 3),
    st.integers(0, 23),
    st.integers(0, 24 * 30),
    st.integers(0, 24 * 730),
)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[list[dict[str, Any]], Rule]:
    begins = draw(st.sampled_from([datetime(2024, 1, 30), datetime(2024, 6, 1), datetime(2024, 12, 30)]))
    size = draw(st.integers(0, 60))
    few = draw(st.integers(1, 3))
    rows = [
        {
            "id": n,
            "t": draw(st.one_of(*[hours] * 8, st.none())),
            "town": draw(st.sampled_from(["A", "B", None][:few])),
            "beat": draw(st.sampled_from([1, None])),
            "kind": draw(st.sampled_from(["x", "y", "z", None])),
            "person": draw(st.one_of(st.integers(0, 12), st.none())),
        }
        for n in range(size)
    ]
    for row in rows:
        if row["t"] is not None:
            row["t"] = begins + timedelta(hours=row["t"], minutes=draw(st.integers(0, 59)), microseconds=7)
    places = draw(st.sampled_from([(), ("town",), ("town", "beat")]))
    complete = draw(
        st.sampled_from([YEARS, frozenset({"2024-Q1", "2024-Q2", "2024-Q3"}), frozenset({"2024"}), frozenset()])
    )
    named = draw(st.lists(st.sampled_from(sorted({tuple(r[p] for p in places) for r in rows}, key=repr)), unique=True)
                 if rows else st.just([]))  # fmt: skip
    fixed = {place: draw(st.sampled_from(LEVELS)) for place in named}
    finest = draw(st.sampled_from(["hour", *LEVELS]))
    return rows, Rule(places, draw(st.booleans()), draw(st.booleans()), finest, complete, fixed)


def levels_table(rule: Rule) -> pa.Table | None:
    if not rule.fixed:
        return None
    columns = {name: pa.array([p[i] for p in rule.fixed], TYPES[name]) for i, name in enumerate(rule.places)}
    return pa.table({**columns, "level": list(rule.fixed.values())})


def found_of(duck: DuckEngine, rows: Sequence[Mapping[str, Any]], rule: Rule) -> Coarsened:
    return run(
        duck, table(rows), rule.places, kind="kind" if rule.kind else None, unit="person" if rule.unit else None,
        levels=levels_table(rule), finest=rule.finest, complete=rule.complete,
    )  # fmt: skip
