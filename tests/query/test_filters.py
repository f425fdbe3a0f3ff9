"""A tree of tests means the same rows in SQL as in Python, says itself in words, and binds every value."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from candor.query.filters import AllOf, AnyOf, Compare, Comparison, Filter, Missing, Not, quoted
from candor.store.dataset_model import PublicColumn

TOWN = PublicColumn(name="town", label="Town", type="category")
AGE = PublicColumn(name='a"ge', label="Age", type="integer")
BY: dict[Comparison, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Row = tuple[str | None, int | None]

towns = st.sampled_from(["Barre", "Rutland", "'; DROP TABLE rows; --", ""])
ages = st.integers(0, 5)
leaves = st.one_of(
    st.builds(lambda v, by: Compare(TOWN, v, v, by), towns, st.sampled_from(sorted(BY))),
    st.builds(lambda v, by: Compare(AGE, v, str(v), by), ages, st.sampled_from(sorted(BY))),
    st.sampled_from([Missing(TOWN), Missing(AGE)]),
)
trees = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(Not, part),
        st.lists(part, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(part, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
    ),
    max_leaves=8,
)
rows = st.lists(st.tuples(st.none() | towns, st.none() | ages), max_size=8)


def meets(test: Filter, row: Row) -> bool | None:
    """Three-valued logic, written once more."""
    match test:
        case Compare(column, value, _, by):
            own = row[0] if column is TOWN else row[1]
            return None if own is None else BY[by](own, value)
        case Missing(column):
            return (row[0] if column is TOWN else row[1]) is None
        case Not(part):
            met = meets(part, row)
            return None if met is None else not met
        case AllOf(parts):
            found = [meets(p, row) for p in parts]
            return False if False in found else None if None in found else True
        case AnyOf(parts):
            found = [meets(p, row) for p in parts]
            return True if True in found else None if None in found else False
    raise AssertionError(test)


@given(trees, rows)
def test_a_tree_means_the_same_rows_in_sql(test: Filter, given_rows: list[Row]) -> None:
    table = pa.table(
        {
            "n": pa.array(range(len(given_rows)), pa.int64()),
            "town": pa.array([r[0] for r in given_rows], pa.string()),
            'a"ge': pa.array([r[1] for r in given_rows], pa.int64()),
        }
    )
    text, values = test.sql()
    assert text.count("?") == len(values)
    with duckdb.connect() as connection:
        connection.register("rows", table)
        found = connection.execute(f"SELECT n FROM rows WHERE {text} ORDER BY n", values).fetchall()
    assert [n for (n,) in found] == [n for n, row in enumerate(given_rows) if meets(test, row)]


def test_a_tree_says_itself_and_what_stands_together_stays_so() -> None:
    town, child, old = Compare(TOWN, "Rutland", "Rutland"), Compare(AGE, 18, "18", "<"), Compare(AGE, 65, "65", ">=")
    assert AllOf((town, AnyOf((child, old)))).words == "Town is Rutland and (Age is under 18 or Age is at least 65)"
    assert Not(Missing(TOWN)).words == "not (Town is missing)"
    assert AllOf((AnyOf((child,)), town)).words == "Age is under 18 and Town is Rutland"


def test_a_name_cannot_end_its_quotes() -> None:
    assert quoted('a"; DROP') == '"a""; DROP"'
