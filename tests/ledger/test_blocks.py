"""Which months of a data set are published when, and who comes late: run after run, as a publisher would see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.errors import DataError
from candor.ledger.blocks import BEFORE, LATE, NEW, WAITING, Plan, plan
from candor.ledger.ledger import Ledger
from candor.measures.coverage import DeclaredCoverage
from candor.portal.calendar import Calendar

NAME = "calls"
MAY = date(2024, 5, 5)  # March has settled
JUNE = date(2024, 6, 5)
CLOSED = date(2025, 3, 31)  # the day of 2024


@dataclass
class Runs:
    """A ledger as the runs leave it."""

    ledger: Ledger = field(default_factory=Ledger)

    def run(self, today: date, *declared: DeclaredCoverage, sent: Iterable[tuple[str, str]] = ()) -> Plan:
        rows = {(d.agency, m) for d in declared for m in d.sent} | set(sent)
        made = plan(NAME, rows, declared, self.ledger, Calendar(), today, ("overdose",))
        state = self.ledger.state
        self.ledger = replace(
            self.ledger.with_state(blocks=(*state.blocks, *made.blocks), late=(*state.late, *made.late)),
            coverage=pa.concat_tables([self.ledger.coverage, made.coverage]),
        )
        return made

    def covered(self) -> dict[tuple[str, str], str]:
        lines = self.ledger.coverage.to_pylist()
        return {(x["agency"], f"{x['month']:%Y-%m}"): x["state"] for x in lines}


def agency(
    name: str, *sent: str, gaps: tuple[str, ...] = (), incomplete: tuple[str, ...] = (), first: str = "2024-03",
    last: str | None = "2024-12",
) -> DeclaredCoverage:  # fmt: skip
    return DeclaredCoverage(name, (name.lower(),), first, last, gaps, frozenset(sent), frozenset(incomplete))


def states(made: Plan) -> Mapping[tuple[str, str], str]:
    return {(x["agency"], f"{x['month']:%Y-%m}"): x["state"] for x in made.states.to_pylist()}


def months(made: Plan) -> list[str]:
    return [b.month for b in made.blocks]


def test_a_month_is_published_once_it_has_settled_and_never_again() -> None:
    runs = Runs()
    first = runs.run(date(2024, 4, 29), agency("A", "2024-03", "2024-04"))
    assert months(first) == []
    assert first.over == ("2024-03",)
    assert states(first)["A", "2024-03"] == WAITING
    second = runs.run(date(2024, 4, 30), agency("A", "2024-03", "2024-04"))
    assert months(second) == ["2024-03"]
    (block,) = second.blocks
    assert (block.fixed_on, block.sensitive) == (date(2024, 4, 30), ("overdose",))
    assert states(second) == {("A", "2024-03"): NEW, ("A", "2024-04"): WAITING}
    third = runs.run(JUNE, agency("A", "2024-03", "2024-04"))
    assert months(third) == ["2024-04"]
    assert states(third)["A", "2024-03"] == BEFORE
    assert months(runs.run(JUNE, agency("A", "2024-03", "2024-04"))) == []


def test_who_is_missing_then_comes_late_is_named_once_and_out_of_the_month() -> None:
    runs = Runs()
    first = runs.run(MAY, agency("A", "2024-03"), agency("B"))
    assert months(first) == ["2024-03"]
    assert states(first)["B", "2024-03"] == LATE
    assert runs.covered() == {("A", "2024-03"): "covered", ("B", "2024-03"): "nothing"}
    second = runs.run(JUNE, agency("A", "2024-03", "2024-04"), agency("B", "2024-03", "2024-04"))
    assert [(x.agency, x.month, x.came_on) for x in second.late] == [("B", "2024-03", JUNE)]
    assert states(second)["B", "2024-03"] == LATE
    assert states(second)["A", "2024-03"] == BEFORE
    assert states(second)["B", "2024-04"] == NEW
    third = runs.run(date(2024, 7, 5), agency("A", "2024-03", "2024-04"), agency("B", "2024-03", "2024-04"))
    assert third.late == ()
    # What it said of the month stays as it was.
    assert runs.covered()["B", "2024-03"] == "nothing"


def test_a_part_of_a_month_is_out_of_it_and_counts_once_it_is_whole() -> None:
    runs = Runs()
    first = runs.run(MAY, agency("A", "2024-03"), agency("B", "2024-03", incomplete=("2024-03",)))
    assert states(first)["B", "2024-03"] == LATE
    assert runs.covered()["B", "2024-03"] == "part"
    again = runs.run(JUNE, agency("A", "2024-03"), agency("B", "2024-03", incomplete=("2024-03",)))
    assert again.late == ()
    whole = runs.run(date(2024, 7, 5), agency("A", "2024-03"), agency("B", "2024-03"))
    assert [x.agency for x in whole.late] == ["B"]


def test_a_month_that_no_agency_has_whole_waits_until_the_day_of_its_year() -> None:
    runs = Runs()
    part = agency("A", "2024-03", incomplete=("2024-03",))
    assert months(runs.run(JUNE, part)) == []
    assert "2024-03" in runs.run(JUNE, part).over
    closed = runs.run(CLOSED, part)
    assert "2024-03" in months(closed)
    assert states(closed)["A", "2024-03"] == NEW
    assert runs.covered()["A", "2024-03"] == "part"


def test_a_declared_gap_is_no_late_month() -> None:
    runs = Runs()
    made = runs.run(MAY, agency("A", "2024-03"), agency("B", gaps=("2024-03",)))
    assert months(made) == ["2024-03"]
    assert runs.covered()["B", "2024-03"] == "gap"
    assert states(made)["B", "2024-03"] == NEW  # a few rows of it, if any, are published as they are
    later = runs.run(JUNE, agency("A", "2024-03"), agency("B", "2024-03", gaps=("2024-03",)))
    assert later.late == ()


def test_an_agency_that_joins_is_late_for_the_months_before() -> None:
    runs = Runs()
    runs.run(MAY, agency("A", "2024-03"))
    made = runs.run(JUNE, agency("A", "2024-03", "2024-04"), agency("B", "2024-03", "2024-04"))
    assert [(x.agency, x.month) for x in made.late] == [("B", "2024-03")]
    assert runs.covered()["B", "2024-03"] == "joined"
    assert runs.covered()["B", "2024-04"] == "covered"


@pytest.mark.parametrize("before", [(), (("B", "2024-03"),)])
def test_after_the_day_of_the_year_it_is_refused(before: tuple[tuple[str, str], ...]) -> None:
    """Whether it was declared and missing then, or has joined since."""
    runs = Runs()
    runs.run(MAY, agency("A", "2024-03"), *(agency(a) for a, _ in before))
    ledger = runs.ledger
    with pytest.raises(DataError, match=r"calls: B sends 2024-03 now, after 2025-03-31.*gaps.*\"2024-03\""):
        runs.run(CLOSED, agency("A", "2024-03"), agency("B", "2024-03"))
    assert runs.ledger is ledger
    # Declared as a gap it is let be, and so is the day before.
    assert runs.run(CLOSED, agency("A", "2024-03"), agency("B", "2024-03", gaps=("2024-03",))).late == ()
    runs.ledger = ledger
    assert runs.run(date(2025, 3, 30), agency("A", "2024-03"), agency("B", "2024-03")).late


def test_a_part_that_is_judged_whole_after_the_year_is_let_be() -> None:
    """A longer series can say of an old month that so few days were usual."""
    runs = Runs()
    runs.run(MAY, agency("A", "2024-03"), agency("B", "2024-03", incomplete=("2024-03",)))
    assert runs.run(CLOSED, agency("A", "2024-03"), agency("B", "2024-03")).late == ()


def test_without_coverage_a_month_is_as_whole_as_it_is() -> None:
    runs = Runs()
    made = runs.run(MAY, sent=[("", "2024-03"), ("", "2024-05")])
    assert months(made) == ["2024-03"]
    assert made.coverage.num_rows == 0
    assert states(made) == {("", "2024-03"): NEW, ("", "2024-05"): WAITING}


every_month = st.sampled_from([f"2024-{m:02d}" for m in range(3, 11)])
exports = st.lists(
    st.tuples(st.frozensets(every_month), st.frozensets(every_month), st.frozensets(every_month)),
    min_size=2,
    max_size=5,
)


@given(exports)
def test_whatever_comes_when_a_month_is_published_once_and_an_agency_late_once(
    runs_of: list[tuple[frozenset[str], frozenset[str], frozenset[str]]],
) -> None:
    runs, day = Runs(), date(2024, 5, 5)
    told: dict[tuple[str, str], str] = {}
    for n, (one, two, part) in enumerate(runs_of):
        day = date(2024, 5 + n, 5)
        made = runs.run(day, agency("A", *one), agency("B", *two, incomplete=tuple(part & two)))
        assert all(Calendar().settles(np.datetime64(m, "M")) <= day for m in months(made))
        now = states(made)
        for key, state in now.items():
            assert not (told.get(key) in (NEW, BEFORE) and state in (NEW, WAITING)), key
        told |= now
    published = [b.month for b in runs.ledger.state.blocks]
    assert len(published) == len(set(published))
    late = [(x.agency, x.month) for x in runs.ledger.state.late]
    assert len(late) == len(set(late))
    assert all(runs.covered()[pair] in ("nothing", "part") for pair in late)
    pairs = pc.unique(
        pc.binary_join_element_wise(
            runs.ledger.coverage["agency"], runs.ledger.coverage["month"].cast(pa.string()), "|"
        )
    )
    assert len(pairs) == runs.ledger.coverage.num_rows, "each agency's month is said once"
