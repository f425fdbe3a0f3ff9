from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measures.synthetic import run, world

from candor.measures.coverage import DeclaredCoverage, coverage_grid, months_sent
from candor.measures.cube import COLUMNS, INITIATORS, NOT_PLACED, ORDER, OUTSIDE, call_counts, cube, in_order

PLACES = pa.table(
    {"geoid": ["1", "2", "3"], "name": ["A", "B", "C"], "county": ["X", "X", "Y"], "residents": [1_000, 20, 0]}
)
CATEGORIES = pa.table({"category": ["noise", "theft"], "category_group": ["peace", "property"]})
JAN, FEB, MAR = (date(2024, m, 1) for m in (1, 2, 3))

ROWS = pa.schema(
    [
        ("counted", pa.bool_()),
        ("agency", pa.string()),
        ("geoid", pa.string()),
        ("month", pa.date32()),
        ("category", pa.string()),
        ("category_group", pa.string()),
        ("initiated_by", pa.string()),
    ]
)
GROUPS = {"noise": "peace", "theft": "property", "odd": "other"}


def made(rows: list[dict[str, Any]], *declared: DeclaredCoverage) -> list[dict[str, Any]]:
    counts = run(call_counts(ibis.memtable(pa.Table.from_pylist(rows, schema=ROWS))))
    sent = months_sent(counts)
    agencies = [
        DeclaredCoverage(d.agency, d.places, d.first_month, d.last_month, d.gaps, sent.get(d.agency, frozenset()))
        for d in declared
    ]
    grid = coverage_grid(agencies, PLACES)
    lines: list[dict[str, Any]] = run(
        in_order(cube(ibis.memtable(counts), ibis.memtable(grid), ibis.memtable(CATEGORIES)))
    ).to_pylist()
    return lines


def call(geoid: str | None, month: date | None, category: str | None = "noise", **more: object) -> dict[str, Any]:
    fixed = {"counted": True, "agency": "P", "initiated_by": "citizen", "category_group": GROUPS.get(category or "")}
    return {**fixed, "geoid": geoid, "month": month, "category": category, **more}


POLICE = DeclaredCoverage("P", ("1", "2"), "2024-01", "2024-03", ("2024-03",))


def test_every_call_is_somewhere_and_every_cell_says_what_it_is() -> None:
    lines = made(
        [
            call("1", JAN),
            call("1", JAN),
            call("1", FEB, "theft", initiated_by="officer"),
            call("1", JAN, counted=False),
            call("3", FEB),  # a town that no agency covers
            call("2", MAR),  # a gap
            call("1", date(2023, 12, 1)),  # before the declared months
            call("9", JAN),  # not a place of the portal
            call(None, JAN),
            call("1", None),
        ],
        POLICE,
    )
    cells = {(x["geoid"], x["month"], x["category"], x["initiated_by"]): x for x in lines if x["geoid"]}
    assert len(cells) == 3 * 3 * 2 * 2  # dense
    said = {key: (x["coverage"], x["calls"]) for key, x in cells.items()}
    assert said["1", JAN, "noise", "citizen"] == ("reported", 2)
    assert said["1", FEB, "theft", "officer"] == ("reported", 1)
    assert said["2", FEB, "noise", "citizen"] == ("zero", 0)
    assert {what for (geoid, *_), what in said.items() if geoid == "3"} == {("not covered", None)}
    assert {said[g, MAR, c, who] for g, m, c, who in said if m == MAR and g != "3"} == {("not reported", None)}
    special = [(x["place"], x["month"], x["category"], x["calls"], x["coverage"]) for x in lines if not x["geoid"]]
    assert special == [
        (OUTSIDE, date(2023, 12, 1), "noise", 1, "reported"),
        (NOT_PLACED, JAN, "noise", 1, "reported"),
        (OUTSIDE, JAN, "noise", 1, "reported"),
        (OUTSIDE, FEB, "noise", 1, "reported"),
        (OUTSIDE, MAR, "noise", 1, "reported"),
        (OUTSIDE, None, "noise", 1, "reported"),
    ]
    assert sum(x["calls"] or 0 for x in lines) == 9


def test_a_category_that_no_crosswalk_names_is_counted_all_the_same() -> None:
    lines = made([call("1", JAN, "odd"), call("1", JAN, None, initiated_by=None), call(None, JAN, "odd")], POLICE)
    assert {(x["category"], x["category_group"]) for x in lines} == {
        ("noise", "peace"),
        ("theft", "property"),
        ("odd", "other"),
        ("unmapped", "unmapped"),
    }
    assert sum(x["calls"] or 0 for x in lines) == 3
    assert next(x for x in lines if x["category"] == "unmapped" and x["calls"])["initiated_by"] == "citizen"


def test_the_columns_and_the_order_are_those_of_the_contract() -> None:
    table = world(3).cube()
    assert table.column_names == COLUMNS
    assert [str(table.schema.field(c).type) for c in ("geoid", "month", "calls", "residents", "rate")] == [
        "string", "date32[day]", "int64", "int64", "double",
    ]  # fmt: skip
    keys = list(zip(*(table[c].to_pylist() for c in ORDER), strict=True))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


rows = st.lists(
    st.builds(
        call,
        st.sampled_from([None, "1", "2", "3", "9"]),
        st.sampled_from([None, date(2023, 12, 1), JAN, FEB, MAR]),
        st.sampled_from(["noise", "theft", "odd", None]),
        counted=st.booleans(),
        initiated_by=st.sampled_from(["citizen", "officer", None]),
        agency=st.sampled_from(["P", "Q", None]),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=25)
@given(rows)
def test_the_cube_holds_as_many_calls_as_were_counted(calls: list[dict[str, Any]]) -> None:
    lines = made(calls, POLICE, DeclaredCoverage("Q", ("2",), "2024-02", "2024-02"))
    counted = [c for c in calls if c["counted"]]
    wanted = Counter((c["category"] or "unmapped", c["initiated_by"] or "citizen", c["month"]) for c in counted)
    found: Counter[tuple[str, str, date | None]] = Counter()
    for line in lines:
        found[line["category"], line["initiated_by"], line["month"]] += line["calls"] or 0
        assert (line["calls"] is None) == (line["coverage"] in ("not reported", "not covered"))
        assert (line["calls"] == 0) == (line["coverage"] == "zero")
        assert line["geoid"] or line["calls"]
    assert +found == wanted


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6))
def test_any_world_is_dense_and_keeps_its_sum(seed: int) -> None:
    made_up = world(seed)
    lines = made_up.cube().to_pylist()
    assert sum(x["calls"] or 0 for x in lines) == sum(made_up.counts["calls"].to_pylist())
    grid = coverage_grid(made_up.declared, made_up.places)
    towns = [x for x in lines if x["geoid"]]
    assert len(towns) == grid.num_rows * made_up.categories.num_rows * len(INITIATORS)
    assert all(x["calls"] > 0 and x["place"] in (NOT_PLACED, OUTSIDE) for x in lines if not x["geoid"])
