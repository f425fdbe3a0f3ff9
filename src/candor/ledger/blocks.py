"""Which months of a data set are published now, which are late, and which wait (METHODS, Protection 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from candor.errors import DataError
from candor.ledger.ledger import COVERAGE, NOWHERE, Block, Late, Ledger
from candor.measures.coverage import DeclaredCoverage
from candor.portal.calendar import Calendar, as_month, months_over, year_of

NEW, BEFORE, LATE, WAITING = "new", "before", "late", "waiting"
"""What a row's month is to a run: published now; published before; left out of its month; not settled."""

_MISSING = ("nothing", "part", None)
"""What an agency that came late had sent when its month was published; None: it was not declared then."""

STATES = pa.schema([("agency", pa.string()), ("month", pa.date32()), ("state", pa.string())])


@dataclass(frozen=True)
class Plan:
    """What a run does with a data set's months.

    `blocks`: those published now. `late`: agencies that came now, after their month. `over`: months that have ended and
    wait. `states`: of every agency and month of the source (`STATES`). `coverage`: lines of `ledger.COVERAGE`.
    """

    blocks: tuple[Block, ...]
    late: tuple[Late, ...]
    over: tuple[str, ...]
    states: pa.Table
    coverage: pa.Table


def plan(
    dataset: str,
    sent: Iterable[tuple[str, str]],
    declared: Sequence[DeclaredCoverage],
    ledger: Ledger,
    calendar: Calendar,
    today: date,
    sensitive: Sequence[str],
) -> Plan:
    """Decide for every agency and month of a source.

    `sent`: the agencies and months (`2025-03`) that have rows. `declared`: the agencies with what they cover and sent;
    empty for a data set without coverage, whose months are as complete as they are. A month is published at the first
    run after it settled for which an agency has it whole; those that have not are late. Once the year's day has come
    there is nothing to wait for: then it is published as it is. Raises `DataError` for an agency's month that comes
    after the year's day.
    """
    rows = set(sent)
    fixed = ledger.fixed(dataset)
    agencies = {a for a, _ in rows} | {d.agency for d in declared}
    complete = {(d.agency, str(m)) for d in declared for m in d.complete_months()}
    asked = {(d.agency, str(m)) for d in declared for m in d.declared_months()}
    gaps = {(d.agency, m) for d in declared for m in d.gaps}
    small = {d.agency for d in declared if d.small}
    months = sorted({m for _, m in rows} | {m for _, m in asked if as_month(m) <= np.datetime64(today, "M")})
    blocks: list[Block] = []
    late: list[Late] = []
    state: dict[tuple[str, str], str] = {}
    joined: set[tuple[str, str]] = set()
    came = {(line.agency, line.month) for line in ledger.state.late if line.dataset == dataset}
    before = _covered(ledger, dataset)
    for month in months:
        whole = {a for a in agencies if (a, month) in complete}
        closed = calendar.is_closed(year_of(as_month(month)), today)
        if month in fixed:
            new = [a for a in sorted(whole) if before.get((a, month)) in _MISSING and (a, month) not in came]
            # What was a part then and is judged whole now may have been so: it is named, and not asked for again.
            new = [a for a in new if not (closed and before.get((a, month)) == "part")]
            # A month in which nobody called, and a row or two of a small agency, are no month that was missing.
            new = [a for a in new if not (closed and (a in small or (a, month) not in rows))]
            if closed and new:
                _refuse_after_the_year(dataset, new[0], month, calendar)
            late += [Late(dataset=dataset, month=month, agency=a, came_on=today) for a in new]
            joined |= {(a, month) for a in new if (a, month) not in before}
            state |= {(a, month): LATE if before.get((a, month)) in _MISSING else BEFORE for a in agencies}
        elif calendar.is_settled(as_month(month), today) and (whole or closed or not declared):
            blocks.append(Block(dataset=dataset, month=month, fixed_on=today, sensitive=tuple(sensitive)))
            out = {a for a in agencies if not closed and (a, month) in asked - gaps and a not in whole}
            state |= {(a, month): LATE if a in out else NEW for a in agencies}
        else:
            state |= {(a, month): WAITING for a in agencies}
    lines = _coverage(dataset, {b.month for b in blocks}, declared, complete, rows, joined)
    waiting = [m for m in months if any(state.get((a, m)) == WAITING for a in agencies)]
    return Plan(tuple(blocks), tuple(late), tuple(months_over(waiting, today)), _states(state), lines)


def _refuse_after_the_year(dataset: str, agency: str, month: str, calendar: Calendar) -> None:
    told = calendar.year_told(year_of(as_month(month)))
    raise DataError(
        f"{dataset}: {agency} sends {month} now, after {told:%Y-%m-%d}, when the figures of the year were told",
        "months that came before that day, or that the agency declares as gaps",
        f'Declare the month as a gap of {agency} (gaps = ["{month}"] in its coverage): it stays "not reported". '
        "Nothing was published.",
    )


def _covered(ledger: Ledger, dataset: str) -> Mapping[tuple[str, str], str]:
    """The state of each agency and month that was published of a data set."""
    lines = (
        ledger.coverage.select(["dataset", "agency", "month", "state"])
        .group_by(["dataset", "agency", "month", "state"])
        .aggregate([])
    )
    return {
        (line["agency"], f"{line['month']:%Y-%m}"): line["state"]
        for line in lines.to_pylist()  # agencies x months
        if line["dataset"] == dataset
    }


def _coverage(
    dataset: str,
    months: set[str],
    declared: Sequence[DeclaredCoverage],
    complete: set[tuple[str, str]],
    rows: set[tuple[str, str]],
    joined: set[tuple[str, str]],
) -> pa.Table:
    """What each agency has sent of the months that are published now, of each of its places.

    `joined`: an agency that was not declared when a month was published. Its towns stay as they were in that month.
    """
    lines = []
    for d in declared:
        for month in (str(m) for m in d.declared_months()):
            pair = (d.agency, month)
            if pair in joined:
                state = "joined"
            elif month not in months:
                continue
            elif month in d.gaps:
                state = "gap"
            else:
                state = "covered" if pair in complete else "part" if pair in rows else "nothing"
            # An agency for which no town is declared has sent the month too: else it would come late for ever.
            lines += [(d.agency, month, geoid, state) for geoid in d.places or (NOWHERE,)]
    agency, month_, geoid, state_ = zip(*sorted(set(lines)), strict=True) if lines else ((), (), (), ())
    return pa.table(
        {
            "dataset": pa.array([dataset] * len(agency), pa.string()),
            "agency": pa.array(agency, pa.string()),
            "geoid": pa.array(geoid, pa.string()),
            "month": pa.array([as_month(m).astype("datetime64[D]").astype(object) for m in month_], pa.date32()),
            "state": pa.array(state_, pa.string()),
        },
        schema=COVERAGE,
    )


def _states(state: Mapping[tuple[str, str], str]) -> pa.Table:
    pairs = sorted(state)
    return pa.table(
        {
            "agency": pa.array([a for a, _ in pairs], pa.string()),
            "month": pa.array([as_month(m).astype("datetime64[D]").astype(object) for _, m in pairs], pa.date32()),
            "state": pa.array([state[p] for p in pairs], pa.string()),
        },
        schema=STATES,
    )
