from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measures.synthetic import run

from candor.errors import DataError
from candor.measures.cube import call_counts
from candor.portal.schema_model import Schema, SchemaColumn
from candor.privacy.records.columns import withheld_columns
from candor.privacy.records.rows import counted_apart, safe_rows
from candor.profiles.taxonomy import COUNTED_APART

TYPES = {"text": pa.string(), "category": pa.string(), "integer": pa.int64(), "number": pa.float64(),
         "boolean": pa.bool_(), "date": pa.date32(), "timestamp": pa.timestamp("us"),
         "latitude": pa.float64(), "longitude": pa.float64()}  # fmt: skip
COARSER = {"timestamp": ["none", "hour", "date", "month"], "date": ["none", "date", "month"],
           "integer": ["none", "band10"], "number": ["none", "band10"]}  # fmt: skip
OUTCOMES = ["published", "duplicate", "quarantined", "withheld"]


def schema_of(*columns: SchemaColumn) -> Schema:
    return Schema(name="made", title="Made", columns=columns)


def column(name: str, type_: str, *, publish: bool = True, disclosure: str = "open", **more: object) -> SchemaColumn:
    return SchemaColumn.model_validate(
        {"name": name, "label": name.title(), "type": type_, "publish": publish, "disclosure": disclosure, **more}
    )


@st.composite
def columns(draw: st.DrawFn) -> list[SchemaColumn]:
    names = draw(st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=8, unique=True))
    made = []
    for name in names:
        type_ = draw(st.sampled_from(sorted(TYPES)))
        publish = draw(st.booleans()) and type_ not in ("latitude", "longitude")
        disclosure = st.sampled_from(["quasi", "sensitive", "open"] if publish else ["identifier", "sensitive", "open"])
        made.append(
            column(
                name, type_, publish=publish,
                generalise=draw(st.sampled_from(COARSER.get(type_, ["none"]))),
                disclosure=draw(disclosure),
            )
        )  # fmt: skip
    return made


def table_of(made: list[SchemaColumn], outcomes: list[str]) -> pa.Table:
    values: dict[str, Any] = {"text": "x", "category": "x", "integer": 41, "number": 41.5, "boolean": True,
              "date": date(2024, 5, 17), "timestamp": datetime(2024, 5, 17, 13, 45, 10, 5), "latitude": 44.5,
              "longitude": -73.2}  # fmt: skip
    own = {c.name: pa.array([values[c.type]] * len(outcomes), TYPES[c.type]) for c in made}
    internal = {"_row": list(range(len(outcomes))), "outcome": outcomes, "reasons": outcomes, "_extra": outcomes}
    return pa.table({**own, **{k: v for k, v in internal.items() if k not in own}})


@settings(deadline=None, max_examples=60)
@given(columns().filter(lambda made: any(c.publish for c in made) and "outcome" not in {c.name for c in made}),
       st.lists(st.sampled_from(OUTCOMES), max_size=6))  # fmt: skip
def test_nothing_leaves_that_is_not_on_the_list(made: list[SchemaColumn], outcomes: list[str]) -> None:
    schema = schema_of(*made)
    rows = run(safe_rows(ibis.memtable(table_of(made, outcomes)), schema))
    assert rows.column_names == [c.name for c in made if c.publish]
    assert rows.num_rows == outcomes.count("published")
    assert [w.name for w in withheld_columns(schema)] == [c.name for c in made if not c.publish]
    coarse = ("40 to 49", datetime(2024, 5, 17, 13), date(2024, 5, 17), date(2024, 5, 1))
    for c in made:
        if c.publish and c.generalise != "none" and rows.num_rows:
            assert rows[c.name][0].as_py() in coarse


AGES = {-1: None, 0: "under 10", 9: "under 10", 10: "10 to 19", 29: "20 to 29", 30: "30 to 39", 79: "70 to 79",
        80: "80 and over", 123: "80 and over"}  # fmt: skip
MOMENTS = [datetime(2024, 3, 10, 1, 59, 59, 999_999), datetime(2023, 12, 31, 23, 30), None]
GENERAL = schema_of(
    column("age", "integer", generalise="band10"), column("years", "number", generalise="band10"),
    column("hour", "timestamp", generalise="hour"), column("day", "timestamp", generalise="date"),
    column("month", "timestamp", generalise="month"), column("born", "date", generalise="month"),
    column("year", "date", generalise="year"), column("fives", "integer", generalise="band", band=5, top=20),
    column("most", "number", generalise="top", top=19), column("word", "text", generalise="parent", parents={"a": "b"}),
    column("street", "text", generalise="town"), column("home", "category", generalise="county"),
)  # fmt: skip


def general_input() -> pa.Table:
    ages = [*AGES, None, None, None]
    moments = (MOMENTS * 4)[: len(ages)]
    return pa.table(
        {
            "outcome": ["published"] * len(ages),
            "age": pa.array(ages, pa.int64()),
            "years": pa.array([None if a is None else a + (0.9 if a >= 0 else 0) for a in ages], pa.float64()),
            **{name: pa.array(moments, pa.timestamp("us")) for name in ("hour", "day", "month")},
            "born": pa.array([m.date() if m else None for m in moments], pa.date32()),
            "year": pa.array([m.date() if m else None for m in moments], pa.date32()),
            "fives": pa.array(ages, pa.int64()),
            "most": pa.array(ages, pa.float64()),
            "word": pa.array((["a", "b", None] * len(ages))[: len(ages)]),
            "street": ["1 Elm Street"] * len(ages),
            "home": ["Elm Street"] * len(ages),
            "town": pa.array((["Birch", None] * len(ages))[: len(ages)]),
            "county": pa.array((["Tree", None] * len(ages))[: len(ages)]),
        }
    )


def fives(number: int | None) -> str | None:
    """In bands of five, the last from 20."""
    if number is None or number < 0:
        return None
    low = number // 5 * 5
    return "under 5" if not low else "20 and over" if low >= 20 else f"{low} to {low + 4}"


def general_output() -> list[dict[str, Any]]:
    wanted = []
    for row in general_input().to_pylist():
        band, at = AGES.get(row["age"]), row["hour"]
        wanted.append(
            {
                "age": band,
                "years": band,
                "hour": at and at.replace(minute=0, second=0, microsecond=0),
                "day": at and at.date(),
                "month": at and at.date().replace(day=1),
                "born": at and at.date().replace(day=1),
                "year": at and at.date().replace(month=1, day=1),
                "fives": fives(row["age"]),
                "most": None if row["age"] is None else min(float(row["age"]), 19.0),
                "word": {"a": "b", "b": "other", None: None}[row["word"]],
                "street": row["town"],
                "home": row["county"],
            }
        )
    return wanted


def in_any_order(lines: list[dict[str, Any]]) -> list[str]:
    return sorted(str(list(x.values())) for x in lines)


def test_times_and_ages_are_said_as_coarsely_as_declared() -> None:
    rows = run(safe_rows(ibis.memtable(general_input()), GENERAL))
    assert in_any_order(rows.to_pylist()) == in_any_order(general_output())
    assert [str(f.type) for f in rows.schema] == [
        *["string"] * 2, "timestamp[us]", *["date32[day]"] * 4, "string", "double", *["string"] * 3,
    ]  # fmt: skip


def test_a_town_without_a_place_and_a_hash_without_a_key_are_no_rows() -> None:
    rows = ibis.memtable({"outcome": ["published"], "street": ["1 Elm Street"]})
    with pytest.raises(DataError, match="street is to be published as the town of its row, and the rows have no place"):
        safe_rows(rows, schema_of(column("street", "text", generalise="town")))
    with pytest.raises(DataError, match=r"street as keyed hashes, and there is no key.*candor key new"):
        safe_rows(rows, schema_of(column("street", "text", disclosure="identifier", generalise="hash")))


def test_a_coordinate_is_refused_even_if_the_list_has_it() -> None:
    schema = schema_of(column("y_coord", "latitude"))
    with pytest.raises(DataError, match=r"y_coord, a coordinate.*never published exactly"):
        safe_rows(ibis.memtable(table_of(list(schema.columns), ["published"])), schema)


def test_a_public_column_that_the_rows_lack_is_told() -> None:
    with pytest.raises(DataError, match="publishes missing, which the rows do not have"):
        safe_rows(ibis.memtable({"outcome": ["published"]}), schema_of(column("missing", "text")))


def test_what_cannot_be_generalised_is_told() -> None:
    made = column("note", "text", generalise="hour")
    with pytest.raises(DataError, match="note is of type text and to be generalised to hour"):
        safe_rows(ibis.memtable(table_of([made], ["published"])), schema_of(made))


def test_every_withheld_column_has_its_reason() -> None:
    schema = schema_of(
        column("name", "text", publish=False, disclosure="identifier"),
        column("age", "integer", publish=False, disclosure="quasi"),
        column("victim", "boolean", publish=False, disclosure="sensitive"),
        column("unit", "text", publish=False, disclosure="open"),
        column("case_no", "text", publish=False, reason="It leads to the file."),
        column("lat", "number", publish=False, role="latitude"),
        column("town", "text"),
    )
    reasons = {w.name: w.reason for w in withheld_columns(schema)}
    assert list(reasons) == ["name", "age", "victim", "unit", "case_no", "lat"]
    assert reasons["case_no"] == "It leads to the file."
    assert "location" in reasons["lat"]
    assert len(set(reasons.values())) == 6
    assert all(r.endswith(".") for r in reasons.values())


ACCOUNTED = pa.table(
    {
        "counted": [True, True, True, True, False, False],
        "outcome": ["published", "withheld", "withheld", "published", "duplicate", "quarantined"],
        "agency": ["P"] * 6,
        "geoid": ["1"] * 6,
        "month": pa.array([date(2024, 1, 1)] * 6, pa.date32()),
        "category": ["noise", "noise", "abuse", "theft", "noise", "noise"],
        "category_group": ["peace", "peace", "harm", "property", "peace", "peace"],
        "initiated_by": ["citizen"] * 6,
        "sensitivity": ["open", "sensitive", "sensitive", "open", "sensitive", "open"],
    }
)


accounts = st.lists(st.tuples(st.booleans(), st.sampled_from(OUTCOMES), st.sampled_from(["noise", "theft", "abuse"])))


@settings(deadline=None, max_examples=30)
@given(accounts)
def test_open_categories_count_what_is_published_as_rows_and_nothing_is_lost(rows: list[tuple[bool, str, str]]) -> None:
    # What is published is counted, and of what is withheld some; a row of a sensitive category is not published.
    rows = [(c, "withheld" if slug == "abuse" and o == "published" else o, slug) for c, o, slug in rows]
    counted = [o == "published" or (o == "withheld" and c) for c, o, _ in rows]
    fixed = {"agency": "P", "geoid": "1", "category_group": "g", "initiated_by": "citizen"}
    accounted = pa.table(
        {
            "counted": pa.array(counted, pa.bool_()),
            "outcome": pa.array([o for _, o, _ in rows], pa.string()),
            "category": pa.array([slug for *_, slug in rows], pa.string()),
            "sensitivity": pa.array(["sensitive" if o == "withheld" else "open" for _, o, _ in rows], pa.string()),
            "month": pa.array([date(2024, 1, 1)] * len(rows), pa.date32()),
            **{name: pa.array([value] * len(rows), pa.string()) for name, value in fixed.items()},
        }
    )
    lines = run(call_counts(counted_apart(ibis.memtable(accounted), ["abuse"]))).to_pylist()
    counts = {x["category"]: x["calls"] for x in lines}
    public = Counter(c for _, o, c in rows if o == "published")
    for slug in ("noise", "theft"):
        assert counts.get(slug, 0) == public[slug]
    assert sum(counts.values()) == sum(accounted["counted"].to_pylist())


def test_a_call_whose_row_is_withheld_is_counted_apart() -> None:
    apart = run(counted_apart(ibis.memtable(ACCOUNTED), ["abuse"])).to_pydict()
    assert apart["category"] == ["noise", COUNTED_APART, "abuse", "theft", "noise", "noise"]
    assert apart["category_group"] == ["peace", COUNTED_APART, "harm", "property", "peace", "peace"]


def test_an_open_category_published_as_counts_only_is_counted_as_what_it_is() -> None:
    """Its rows are withheld for the category's sake; a marked call among them is counted apart all the same."""
    rows = ACCOUNTED.slice(1, 2).set_column(1, "outcome", pa.array(["withheld"] * 2))
    rows = rows.set_column(rows.column_names.index("category"), "category", pa.array(["noise"] * 2))
    rows = rows.set_column(rows.column_names.index("sensitivity"), "sensitivity", pa.array(["open", "sensitive"]))
    assert run(counted_apart(ibis.memtable(rows), ["abuse"])).to_pydict()["category"] == ["noise", COUNTED_APART]
