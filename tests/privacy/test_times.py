from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from candor.engine.duck import DuckEngine
from candor.errors import DataError
from candor.privacy.times import (
    LEVELS,
    Coarsened,
    coarsened,
    complete_periods,
    hour_by_weekday,
    measure_classes,
    require_classes,
)

pytestmark = pytest.mark.long

K = 3
TYPES = {"town": pa.string(), "beat": pa.int64(), "kind": pa.string(), "person": pa.int64()}
YEARS = complete_periods([f"{y}-{m:02}" for y in (2024, 2025) for m in range(1, 13)])
WAITS = "waits"


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    return DuckEngine("America/New_York", tmp_path_factory.mktemp("scratch"))


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


@settings(max_examples=60)
@given(blocks())
def test_every_class_is_k_units_and_two_kinds_and_every_row_says_the_truth(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    lines = told(duck, found)
    # Nothing is lost, nothing else is changed.
    kept = [{name: r[name] for name in ("id", *TYPES)} for r in rows]
    assert [{name: r[name] for name in ("id", *TYPES)} for r in lines] == kept
    published = [(r, x) for r, x in zip(rows, lines, strict=True) if not x["_waits"]]
    classes = defaultdict(list)
    said = defaultdict(set)
    levels = {tuple(x[p] for p in rule.places): x["level"] for x in found.levels.to_pylist()}
    for row, line in published:
        precision = line["t_precision"]
        # The true time lies in the cell, and the time said is its first moment.
        assert line["t"] == cell(precision, row["t"])[0]
        place = rule.place(row)
        assert LEVELS.index(precision) >= max(LEVELS.index(rule.finest), LEVELS.index(levels[place]))
        assert is_complete(precision, row["t"], rule.complete)
        classes[place, precision, line["t"]].append(row)
        said[place, cell(max(rule.finest, "hour", key=LEVELS.index), row["t"])].add(precision)
    assert all(rule.holds(members) for members in classes.values())
    # Who knows the place and the finest time looks at one class.
    assert all(len(precisions) == 1 for precisions in said.values())
    # What waits says nothing at all, and is given back as it was.
    assert all(x["t"] is None and x["t_precision"] is None for x in lines if x["_waits"])
    waiting = duck.arrow(found.waiting.order_by("id"))
    assert waiting.equals(table([r for r, x in zip(rows, lines, strict=True) if x["_waits"]]))
    assert duck.arrow(found.published.order_by("id"))["id"].to_pylist() == [r["id"] for r, _ in published]


@settings(max_examples=60)
@given(blocks())
def test_every_row_says_what_the_rule_says_of_it(duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]) -> None:
    rows, rule = block
    rule = Rule(rule.places, rule.kind, False, rule.finest, rule.complete, rule.fixed)
    lines = told(duck, found_of(duck, rows, rule))
    assert {x["id"]: x["t_precision"] or WAITS for x in lines} == by_hand(rows, rule)


@settings(max_examples=20)
@given(blocks())
def test_levels_stay_and_only_places_that_are_seen_are_given_one(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    levels = [(tuple(x[p] for p in rule.places), x["level"]) for x in found.levels.to_pylist()]
    assert len(dict(levels)) == len(levels)
    assert dict(levels[: len(rule.fixed)]) == rule.fixed
    seen = {tuple(x[p] for p in rule.places) for x in told(duck, found) if not x["_waits"]}
    assert {place for place, _ in levels[len(rule.fixed) :]} == seen - set(rule.fixed)
    # Given back they change nothing.
    again = run(
        duck, table(rows), rule.places, kind="kind" if rule.kind else None, unit="person" if rule.unit else None,
        levels=found.levels if found.levels.num_rows else None, finest=rule.finest, complete=rule.complete,
    )  # fmt: skip
    assert told(duck, again) == told(duck, found)
    assert again.levels.equals(found.levels)


@settings(max_examples=15)
@given(blocks(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_says_nothing(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule], chance: random.Random
) -> None:
    rows, rule = block
    mixed = list(rows)
    chance.shuffle(mixed)
    one, other = found_of(duck, rows, rule), found_of(duck, mixed, rule)
    assert told(duck, one) == told(duck, other)
    assert one.report == other.report

    def in_order(levels: pa.Table) -> list[Any]:
        return sorted(levels.to_pylist(), key=repr)

    assert in_order(one.levels) == in_order(other.levels)


@settings(max_examples=25)
@given(blocks())
def test_the_gate_counts_the_same_and_the_report_adds_up(
    duck: DuckEngine, block: tuple[list[dict[str, Any]], Rule]
) -> None:
    rows, rule = block
    found = found_of(duck, rows, rule)
    kind, unit = "kind" if rule.kind else None, "person" if rule.unit else None
    asked: dict[str, Any] = {"kind": kind, "unit": unit, "finest": rule.finest, "k": K, "engine": duck}
    measured = require_classes(found.published, "t", rule.places, **asked)
    lines = [x for x in told(duck, found) if not x["_waits"]]
    classes = grouped(lines, lambda x: (rule.place(x), x["t_precision"], x["t"]))
    assert (measured.rows, measured.classes) == (len(lines), len(classes))
    sizes = [len({x["person"] for x in c} - {None}) if rule.unit else len(c) for c in classes.values()]
    assert measured.smallest == min(sizes, default=0)
    report = found.report
    assert report.published == len(lines)
    assert report.rows == Counter(x["t_precision"] for x in lines)
    assert report.published + report.waiting + report.too_few + report.untimed == len(rows)
    assert report.untimed == sum(r["t"] is None for r in rows)
    levels = {rule.place(x): max(x["level"], rule.finest, key=LEVELS.index) for x in found.levels.to_pylist()}
    assert report.coarser == sum(x["t_precision"] != levels[rule.place(x)] for x in lines)
    late = [r for r, x in zip(rows, told(duck, found), strict=True) if x["_waits"] and r["t"] is not None]
    assert report.too_few == sum(is_complete("year", r["t"], rule.complete) for r in late)


def block_of(*groups: tuple[str, int], town: str | None = "A") -> list[dict[str, Any]]:
    """Rows of a town: so many at each time, of kinds x and y by turns."""
    times = [datetime.fromisoformat(text) for text, number in groups for _ in range(number)]
    return [{"id": n, "t": t, "town": town, "kind": "xy"[n % 2], "person": n} for n, t in enumerate(times)]


def precisions(lines: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    return dict(Counter(f"{x['t_precision']} {x['t']:%m-%d %H}" if x["t"] else WAITS for x in lines))


ALL_HOURS = pa.table({"town": ["A"], "level": ["hour"]})


def test_what_is_left_over_is_never_fewer_than_k(duck: DuckEngine) -> None:
    """Two rows say no hour; by the part of the day they would be two. The smallest hour beside them joins them."""
    rows = block_of(("2025-03-04 09:10", 9), ("2025-03-04 10:10", 4), ("2025-03-04 11:10", 2), ("2025-03-04 15:10", 5))
    found = told(duck, run(duck, table(rows), levels=ALL_HOURS))
    assert precisions(found) == {"hour 03-04 09": 9, "part of day 03-04 06": 6, "hour 03-04 15": 5}
    # Where no hour beside them says one, the date; and the smallest is the evening's.
    rows = block_of(("2025-03-04 09:10", 9), ("2025-03-04 15:10", 2), ("2025-03-04 22:10", 4))
    assert precisions(told(duck, run(duck, table(rows), levels=ALL_HOURS))) == {"hour 03-04 09": 9, "date 03-04 00": 6}


def test_one_kind_alone_does_not_hide_in_a_cell(duck: DuckEngine) -> None:
    rows = block_of(("2025-03-04 09:10", 6), ("2025-03-04 10:10", 6))
    for row in rows[:6]:
        row["kind"] = "x"
    assert precisions(told(duck, run(duck, table(rows), levels=ALL_HOURS))) == {"part of day 03-04 06": 12}
    assert precisions(told(duck, run(duck, table(rows), levels=ALL_HOURS, kind=None))) == {
        "hour 03-04 09": 6, "hour 03-04 10": 6,
    }  # fmt: skip
    for row in rows:
        row["kind"] = "x"
    assert precisions(told(duck, run(duck, table(rows)))) == {WAITS: 12}
    # No kind is none.
    rows[0]["kind"] = None
    assert precisions(told(duck, run(duck, table(rows)))) == {WAITS: 12}


def test_people_are_counted_once_where_several_rows_are_theirs(duck: DuckEngine) -> None:
    rows = block_of(("2025-03-04 09:10", 4), ("2025-03-04 10:10", 4), ("2025-03-20 10:10", 3))
    for row in rows[:4]:
        row["person"] = row["id"] % 2
    # Two people at nine, though four rows; the hour after makes up for them.
    found = run(duck, table(rows), levels=ALL_HOURS, unit="person")
    assert precisions(told(duck, found)) == {"part of day 03-04 06": 8, "hour 03-20 10": 3}
    # The three of the twentieth were all there before: they are counted where they came first.
    for row, earlier in zip(rows[8:], rows[4:7], strict=True):
        row["person"] = earlier["person"]
    found = run(duck, table(rows), levels=ALL_HOURS, unit="person")
    assert precisions(told(duck, found)) == {"month 03-01 00": 11}


def test_a_month_with_too_few_waits_for_its_quarter_and_then_its_year(duck: DuckEngine) -> None:
    january, february = block_of(("2025-01-05 10:00", 2)), block_of(("2025-02-05 10:00", 1), ("2025-02-25 10:00", 1))
    months = pa.table({"town": ["A"], "level": ["month"]})
    first = run(duck, table(january), levels=months, complete=frozenset())
    assert precisions(told(duck, first)) == {WAITS: 2}
    assert (first.report.waiting, first.report.too_few) == (2, 0)
    assert first.report.lines()[-1] == "2 rows wait until their quarter or year is complete"
    waited = pa.concat_tables([duck.arrow(first.waiting), table(february)])
    assert precisions(told(duck, run(duck, waited, levels=months, complete=frozenset()))) == {WAITS: 4}
    quarter = complete_periods(["2025-01", "2025-02", "2025-03"])
    assert precisions(told(duck, run(duck, waited, levels=months, complete=quarter))) == {"quarter 01-01 00": 4}
    # The quarter is complete, and what came of it too little.
    left = run(duck, table(january), levels=months, complete=quarter)
    assert (precisions(told(duck, left)), left.report.waiting) == ({WAITS: 2}, 2)
    later = pa.concat_tables([table(january), table(block_of(("2025-11-05 10:00", 2)))])
    assert precisions(told(duck, run(duck, later, levels=months))) == {"year 01-01 00": 4}
    never = run(duck, table(january), levels=months)
    assert (precisions(told(duck, never)), never.report.too_few) == ({WAITS: 2}, 2)


def test_a_place_has_no_level_until_a_row_of_it_is_seen(duck: DuckEngine) -> None:
    found = run(duck, table(block_of(("2025-01-05 10:00", 2))), complete=frozenset())
    assert (found.levels.num_rows, found.report.undecided) == (0, 1)
    # Two months in three would be the quarter, which is not over.
    rows = block_of(("2025-01-05 10:00", 2), ("2025-02-05 10:00", 4))
    assert run(duck, table(rows), complete=frozenset()).levels.num_rows == 0
    found = run(duck, table(rows), complete=complete_periods(["2025-01", "2025-02", "2025-03"]))
    assert found.levels.select(["town", "level"]).to_pylist() == [{"town": "A", "level": "quarter"}]
    assert found.levels["share_small_month"].to_pylist() == pytest.approx([1 / 3])


def test_the_level_leaves_one_row_in_ten_in_small_cells_and_no_more(duck: DuckEngine) -> None:
    # 27 rows in full hours, 3 alone in theirs; then 26 and 4.
    full = [(f"2025-03-{day:02} 10:00", 3) for day in range(1, 10)]
    alone = [(f"2025-03-{day:02} 20:00", 1) for day in (1, 2, 3)]
    found = run(duck, table(block_of(*full, *alone)))
    assert found.levels["level"].to_pylist() == ["hour"]
    assert found.levels["share_small_hour"].to_pylist() == [0.1]
    found = run(duck, table(block_of(*full, *alone, ("2025-03-04 20:00", 1))))
    assert found.levels["level"].to_pylist() == ["date"]


def test_weeks_end_with_their_month(duck: DuckEngine) -> None:
    """30 June 2025 is a Monday: its week has one day. 1 July is a Tuesday, and begins one."""
    rows = block_of(("2025-06-30 23:59", 4), ("2025-07-01 00:00", 4), ("2025-07-06 12:00", 4), ("2025-07-07 00:00", 4))
    found = told(duck, run(duck, table(rows), finest="week"))
    assert precisions(found) == {"week 06-30 00": 4, "week 07-01 00": 8, "week 07-07 00": 4}


@pytest.mark.parametrize("type_", [pa.timestamp("us"), pa.date32()])
@pytest.mark.parametrize("places", [(), ("town",)])
def test_no_rows_and_one_row(duck: DuckEngine, type_: pa.DataType, places: tuple[str, ...]) -> None:
    found = run(duck, table([], type_), places)
    assert (told(duck, found), found.levels.num_rows, found.report.published) == ([], 0, 0)
    assert found.report.lines() == ["No row can be published yet: there are too few of them"]
    assert measure_classes(
        found.published, "t", places, kind="kind", unit=None, finest="hour", k=K, engine=duck
    ).holds  # fmt: skip
    one = [{"id": 1, "t": date(2025, 3, 4) if type_ == pa.date32() else datetime(2025, 3, 4, 9)}]
    assert precisions(told(duck, run(duck, table(one, type_), places))) == {WAITS: 1}


def test_a_date_says_the_date_at_most_and_stays_a_date(duck: DuckEngine) -> None:
    rows = [{**r, "t": r["t"].date()} for r in block_of(("2025-03-04", 5), ("2025-03-20", 5), ("2025-04-20", 9))]
    found = run(duck, table(rows, pa.date32()))
    lines = told(duck, found)
    assert {(x["t_precision"], x["t"]) for x in lines} == {
        ("date", date(2025, 3, 4)), ("date", date(2025, 3, 20)), ("date", date(2025, 4, 20)),
    }  # fmt: skip
    assert {type(x["t"]) for x in lines} == {date}
    found = run(duck, table(rows, pa.date32()), levels=pa.table({"town": ["A"], "level": ["quarter"]}))
    assert {(x["t_precision"], x["t"]) for x in told(duck, found)} == {
        ("quarter", date(2025, 1, 1)), ("quarter", date(2025, 4, 1)),
    }  # fmt: skip
    require_classes(found.published, "t", ["town"], kind="kind", unit=None, finest="date", k=K, engine=duck)


def test_an_hour_that_summer_time_skips_stays_what_it_says(duck: DuckEngine) -> None:
    found = told(duck, run(duck, table(block_of(("2025-03-09 02:30", 5), ("2025-11-02 01:30", 5)))))
    assert precisions(found) == {"hour 03-09 02": 5, "hour 11-02 01": 5}


def test_mistakes_are_told(duck: DuckEngine) -> None:
    rows = table(block_of(("2025-03-04 09:10", 9)))
    with pytest.raises(DataError, match="no column place"):
        run(duck, rows, ["place"])
    with pytest.raises(DataError, match="no level of time"):
        run(duck, rows, finest="minute")
    with pytest.raises(DataError, match="no level of time"):
        run(duck, rows, levels=pa.table({"town": ["A"], "level": ["fortnight"]}))
    with pytest.raises(DataError, match="two levels"):
        run(duck, rows, levels=pa.table({"town": ["A", "A"], "level": ["hour", "hour"]}))
    with pytest.raises(DataError, match="no quarter and no year"):
        run(duck, rows, complete={"2025-03"})
    with pytest.raises(DataError, match="k = 1 asks for nothing"):
        run(duck, rows, k=1)
    with pytest.raises(DataError, match="t is of type string"):
        run(duck, rows.set_column(1, "t", rows["t"].cast(pa.string())))


def test_complete_periods_are_those_whose_months_are_all_there() -> None:
    assert complete_periods([]) == frozenset()
    assert complete_periods(["2025-04", "2025-03", "2025-05", "2025-06", "2024-12"]) == {"2025-Q2"}
    assert complete_periods([f"2024-{m:02}" for m in range(1, 13)]) == {
        "2024", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4",
    }  # fmt: skip


def test_the_gate_refuses_what_is_too_little_or_too_exact(duck: DuckEngine) -> None:
    def gate(lines: list[dict[str, Any]], **more: Any) -> None:  # noqa: ANN401 - what the gate takes
        rows = duck.table(table(lines).append_column("t_precision", pa.array([x["said"] for x in lines], pa.string())))
        asked = {"kind": "kind", "unit": None, "finest": "hour", "k": K, "engine": duck, **more}
        require_classes(rows, "t", ["town"], **asked)

    def rows_of(text: str, number: int, said: str | None) -> list[dict[str, Any]]:
        return [{**x, "said": said} for x in block_of((text, number))]

    good = rows_of("2025-03-01 09:00", 3, "hour")
    gate(good)
    with pytest.raises(DataError, match="2 rows are in classes of town, t with fewer than 3 rows or one kind alone"):
        gate(good + rows_of("2025-03-01", 2, "date"))
    with pytest.raises(DataError, match="3 rows are in classes"):
        gate([{**x, "kind": "x"} for x in good])
    gate([{**x, "kind": "x"} for x in good], kind=None)
    with pytest.raises(DataError, match="fewer than 3 different values of person"):
        gate([{**x, "person": 1} for x in good], unit="person")
    with pytest.raises(DataError, match="3 rows say their t otherwise"):
        gate(good, finest="part of day")
    wrong = [
        ("2025-03-01 09:01", "hour"), ("2025-03-01 09:00:00.000001", "hour"), ("2025-03-01 09:00", "part of day"),
        ("2025-03-01 06:00", "date"), ("2025-03-04", "week"), ("2025-03-03", "month"), ("2025-03-01", "quarter"),
        ("2025-04-01", "year"), ("2025-03-01", "moment"), ("2025-03-01", None),
    ]  # fmt: skip
    for text, said in wrong:
        with pytest.raises(DataError, match="3 rows say their t otherwise"):
            gate(rows_of(text, 3, said))
    right = [
        ("2025-03-01 23:00", "hour"), ("2025-03-01 18:00", "part of day"), ("2025-03-04", "date"),
        ("2025-03-01", "week"), ("2025-03-03", "week"), ("2025-03-01", "month"), ("2025-10-01", "quarter"),
        ("2025-01-01", "year"),
    ]  # fmt: skip
    for text, said in right:
        gate(rows_of(text, 3, said))


def test_the_report_is_in_words(duck: DuckEngine) -> None:
    rows = [
        *block_of(("2025-03-04 09:10", 27), ("2025-03-05 10:10", 4), ("2025-03-05 09:10", 2)),
        *block_of(("2025-03-04 09:10", 3), ("2025-03-28 09:10", 3), town="B"),
        *block_of(("2025-03-04 09:10", 2), town="C"),
        *block_of(("2025-03-04 09:10", 2), ("2025-03-14 09:10", 2), town=None),
    ]
    found = run(duck, table(rows), complete=frozenset())
    assert found.report.lines() == [
        "3 places: 2 by hour, 1 by month; 14.0% of rows say less than their place's level",
        "43 rows: 33 by hour, 6 by part of day, 4 by month",
        "1 more place with too few rows to be published yet",
        "2 rows wait until their quarter or year is complete",
    ]


def test_the_pattern_of_the_week_has_no_dates_and_no_kinds(duck: DuckEngine) -> None:
    # 3 March 2025 is a Monday, 9 March a Sunday.
    rows = block_of(("2025-03-03 09:10", 2), ("2025-03-10 09:50", 1), ("2025-03-09 23:59", 1), ("2024-12-30 00:00", 1))
    found = duck.arrow(hour_by_weekday(duck.table(table([*rows, {"id": 9}])), "t", ["town"]))
    assert found.column_names == ["year", "weekday", "hour", "town", "calls"]
    assert sorted(tuple(x.values()) for x in found.to_pylist()) == [
        (2024, 1, 0, "A", 1), (2025, 1, 9, "A", 3), (2025, 7, 23, "A", 1),
    ]  # fmt: skip
    assert duck.arrow(hour_by_weekday(duck.table(table(rows)), "t", []))["calls"].to_pylist().count(3) == 1
    with pytest.raises(DataError, match="no hour"):
        hour_by_weekday(duck.table(table([], pa.date32())), "t", [])


def burlington(duck: DuckEngine, shared_data: Path) -> ibis.Table:
    read = pa.csv.read_csv(
        shared_data / "burlington_calls" / "calls_2022_h1.csv",
        convert_options=pa.csv.ConvertOptions(
            include_columns=["call_time", "call_type", "AreaName", "mental_health", "dv_related"],
            column_types=dict.fromkeys(["call_time", "AreaName", "mental_health", "dv_related"], pa.string()),
        ),
    )
    marked = pc.or_(pc.equal(read["mental_health"], "1"), pc.equal(read["dv_related"], "1"))
    rows = duck.table(read.filter(pc.invert(marked)))
    return rows.mutate(t=duck.local_time(rows.call_time, "iso"))


def test_burlington_says_the_part_of_the_day(duck: DuckEngine, shared_data: Path) -> None:
    rows = burlington(duck, shared_data)
    complete = complete_periods([f"2022-{month:02}" for month in range(1, 7)])
    asked: dict[str, Any] = {"kind": "call_type", "unit": None, "finest": "hour", "k": 5, "engine": duck}
    found = coarsened(rows, "t", [], levels=None, complete=complete, **asked)
    assert found.report.places == {"part of day": 1}
    assert found.report.lines()[0] == "1 place: 1 by part of day; 7.2% of rows say less than their place's level"
    assert (found.report.published, found.report.waiting) == (9699, 0)
    measured = require_classes(found.published, "t", [], **asked)
    assert (measured.rows, measured.smallest) == (9699, 5)
    # Month by month, as it is published: the same level, and no row waits.
    levels, published = None, 0
    for month in range(1, 7):
        block = rows.filter((rows.t.year() == 2022) & (rows.t.month() == month))
        one = coarsened(block, "t", [], levels=levels, complete=(), **asked)
        require_classes(one.published, "t", [], **asked)
        levels, published = one.levels, published + one.report.published
        assert one.report.waiting == 0
    assert levels is not None
    assert levels["level"].to_pylist() == ["part of day"]
    # By parts of the city less can be said, and of the smallest nothing by month.
    parts = coarsened(rows, "t", ["AreaName"], levels=None, complete=complete, **asked)
    require_classes(parts.published, "t", ["AreaName"], **asked)
    assert parts.report.places == {"date": 4, "week": 1, "month": 1, "quarter": 1}


def test_rutland_says_the_week_of_a_stop_and_the_quarter_of_a_use_of_force(duck: DuckEngine, shared_data: Path) -> None:
    read = pa.csv.read_csv(
        shared_data / "rutland" / "traffic_stops_2011_2015.csv",
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
    )
    stops = duck.table(read.select(["stopDate", "stopTime", "stopReasonDesc"]).cast(
        pa.schema([(n, pa.string()) for n in ("stopDate", "stopTime", "stopReasonDesc")])))  # fmt: skip
    stops = stops.mutate(t=duck.local_time(stops.stopDate.concat(" ", stops.stopTime), "%Y-%m-%d %I:%M:%S%p"))
    complete = complete_periods([f"{year}-{month:02}" for year in range(2011, 2016) for month in range(1, 13)])
    asked: dict[str, Any] = {"kind": "stopReasonDesc", "unit": None, "k": 5, "engine": duck, "finest": "hour"}
    found = coarsened(stops, "t", [], levels=None, complete=complete, **asked)
    require_classes(found.published, "t", [], **asked)
    assert found.report.places == {"week": 1}
    assert found.report.share_coarser == pytest.approx(0.036, abs=0.001)

    read = pa.csv.read_csv(shared_data / "rutland" / "use_of_force_2015_2017.csv")
    force = duck.table(read.select(["CASE #", "Date", "Force Utilized"]).rename_columns(["case", "t", "force"]))
    complete = complete_periods([f"{year}-{month:02}" for year in range(2015, 2018) for month in range(1, 13)])
    asked = {"kind": "force", "unit": "case", "k": 5, "engine": duck, "finest": "date"}
    found = coarsened(force, "t", [], levels=None, complete=complete, **asked)
    measured = require_classes(found.published, "t", [], **asked)
    assert (found.report.places, measured.rows, measured.smallest) == ({"quarter": 1}, 221, 6)
