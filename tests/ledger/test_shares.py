"""What agencies mark of open kinds: what closes one, that nothing goes back and forth, and what may be told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.ledger.ledger import Ledger
from candor.ledger.shares import FEW, as_closed, closed_kinds, decided, marks_of, with_marks
from candor.profiles.profile import standard_kinds

CALLS = standard_kinds()["calls"]
TODAY = date(2025, 3, 1)
Marks = Mapping[str, tuple[int, int]]


def with_month(ledger: Ledger, name: str, month: int, kinds: Marks) -> Ledger:
    """What a data set has of a month: by kind, its rows and how many are marked."""
    counts = pa.table(
        {
            "month": pa.array([date(2024, month, 1)] * len(kinds), pa.date32()),
            "category": pa.array(list(kinds), pa.string()),
            "rows": pa.array([rows for rows, _ in kinds.values()], pa.int64()),
            "marked": pa.array([marked for _, marked in kinds.values()], pa.int64()),
        }
    )
    return with_marks(ledger, name, counts)


def closed(ledger: Ledger) -> set[str]:
    return set(closed_kinds(ledger, "calls"))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"noise": (100, 21), "alarm": (100, 20)}, {"noise"}),
        ({"noise": (40, 9)}, {"noise"}),
        ({"noise": (39, 39), "disturbance": (961, 1)}, set()),
        ({"noise": (39, 0), "disturbance": (61, 21)}, {"noise", "disturbance"}),
        ({"noise": (4, 4)}, set()),
        ({"noise": (5, 5)}, {"noise"}),
        ({"noise": (39, 0), "disturbance": (61, 21), "alarm": (39, 0)}, {"noise", "disturbance"}),
        ({"mental-health": (100, 90), "noise": (100, 0)}, set()),
    ],
)
def test_what_closes_a_kind(kinds: Marks, expected: set[str]) -> None:
    ledger = decided(with_month(Ledger(), "a", 1, kinds), CALLS, ["a"], TODAY)
    assert closed(ledger) == expected
    sensitive = set(as_closed(CALLS, ledger).taxonomy.sensitive)
    assert sensitive == set(CALLS.taxonomy.sensitive) | expected


def test_what_one_data_set_closes_is_closed_in_all() -> None:
    ledger = with_month(Ledger(), "a", 1, {"noise": (1000, 0)})
    ledger = with_month(ledger, "b", 1, {"noise": (50, 20)})
    ledger = decided(ledger, CALLS, ["a", "b"], TODAY)
    (share,) = closed_kinds(ledger, "calls").values()
    assert (share.dataset, share.words) == ("b", "40 to 50 %")
    assert [line.closed for line in marks_of(ledger, CALLS, "a")] == [TODAY]


def test_a_month_that_is_read_again_counts_once() -> None:
    ledger = with_month(Ledger(), "a", 1, {"noise": (50, 20), "alarm": (5, 0)})
    ledger = with_month(ledger, "a", 1, {"noise": (60, 3)})
    ledger = with_month(ledger, "a", 2, {"noise": (10, 1)})
    (line,) = marks_of(ledger, CALLS, "a")
    assert (line.rows, line.marked) == (70, 4)


months = st.lists(
    st.dictionaries(
        st.sampled_from(["noise", "disturbance", "alarm", "threats"]),
        st.integers(0, 90).flatmap(lambda rows: st.tuples(st.just(rows), st.integers(0, rows))),
    ),
    min_size=1,
    max_size=6,
)


@given(months)
def test_nothing_goes_back_and_forth(months: list[Marks]) -> None:
    ledger, before = Ledger(), set[str]()
    for month, kinds in enumerate(months, start=1):
        ledger = decided(with_month(ledger, "a", month, kinds), CALLS, ["a"], TODAY)
        assert before <= closed(ledger)
        before = closed(ledger)
        again = decided(ledger, CALLS, ["a"], TODAY)
        assert again.state.shares == ledger.state.shares
    told = [(s.category, s.closed) for s in ledger.state.shares]
    assert len(told) == len(set(told))


@given(st.integers(1, 3000), st.integers(0, 1500))
def test_a_told_share_leaves_three_values_or_more(unmarked: int, marked: int) -> None:
    """To whoever knows how many rows are not marked, or, of a closed kind, how many there are in all."""

    def told(rows: int, marked: int) -> str:
        shares = decided(with_month(Ledger(), "a", 1, {"noise": (rows, marked)}), CALLS, ["a"], TODAY).state.shares
        return shares[0].words if shares else ""

    words = told(unmarked + marked, marked)
    if not words or words == "more than 20 %":
        return
    rows = unmarked + marked
    near = range(max(0, marked - 3), marked + 4)
    if words in ("under 10 %", "10 to 20 %"):
        assert unmarked >= FEW
        same = [m for m in near if told(unmarked + m, m) == words]
    else:
        same = [m for m in near if m <= rows and told(rows, m) == words]
    assert len(same) >= 3


def test_of_few_rows_no_share_is_told() -> None:
    ledger = decided(with_month(Ledger(), "a", 1, {"noise": (20, 9)}), CALLS, ["a"], TODAY)
    (share,) = ledger.state.shares
    assert share.words == "more than 20 %"
    assert "more than 20 %" in as_closed(CALLS, ledger).taxonomy["noise"].reason


def test_a_kind_that_the_portal_withholds_stays_withheld() -> None:
    taxonomy = CALLS.taxonomy.model_copy(
        update={
            "categories": tuple(
                c.model_copy(update={"release": "withheld", "reason": "A reason."}) if c.slug == "noise" else c
                for c in CALLS.taxonomy.categories
            )
        }
    )
    kind = CALLS.model_copy(update={"taxonomy": taxonomy})
    ledger = decided(with_month(Ledger(), "a", 1, {"noise": (100, 50)}), kind, ["a"], TODAY)
    assert as_closed(kind, ledger).taxonomy["noise"].release == "withheld"
