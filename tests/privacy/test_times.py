"""The times of rows, by worked examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pytest
from tests.privacy.times_by_hand import WAITS, K, run, table, told

from candor.engine.duck import DuckEngine
from candor.errors import DataError
from candor.privacy.times import (
    complete_periods,
    hour_by_weekday,
    measure_classes,
    require_classes,
)

pytestmark = pytest.mark.long


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
