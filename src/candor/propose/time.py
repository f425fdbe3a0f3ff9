"""When the rows of a landed source were, in the portal's zone: the months that it covers."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from statistics import median

import duckdb

from candor.engine.sql import identifier, literal
from candor.propose.formats import no_date, wall_sql

_FEW_DAYS = 3
_BESIDE = 6
_ENOUGH = 10
_FEW_OF_USUAL, _FEW_OF_NEARBY = 0.05, 0.25


@dataclass(frozen=True)
class MonthOfRows:
    """A month with its rows, and the first and last day on which there are any."""

    month: date
    rows: int
    first: date
    last: date


@dataclass(frozen=True)
class WholeMonths:
    """The months that the data cover from end to end, those within without a row, and what was decided about it."""

    first: str
    last: str
    gaps: tuple[str, ...]
    remarks: tuple[str, ...]


def months_of_rows(landed: Path, column: str, format_: str, zone: str, today: date) -> tuple[MonthOfRows, ...]:
    """The local months of a text column of dates, without those that do not parse, lie before 1900 or after `today`."""
    with _connection(zone) as connection:
        found = connection.execute(
            f"SELECT date_trunc('month', wall)::date, count(*), min(wall)::date, max(wall)::date FROM "
            f"(SELECT {wall_sql(_text(column), format_)} AS wall FROM read_parquet({literal(str(landed))})) "
            f"WHERE wall::date BETWEEN DATE '1900-01-01' AND ? AND NOT {no_date('wall')} GROUP BY 1 ORDER BY 1",
            [today],
        ).fetchall()
    return tuple(MonthOfRows(*row) for row in found)


def whole_months(months: Sequence[MonthOfRows], *, days_known: bool = True) -> WholeMonths:
    """Which months are covered whole. A first or last month of which days are missing at the edge is left out.

    How many days may be missing follows from how often there are rows: five times the mean interval, at least three
    days; nothing of it where the source has months alone (`days_known`). Months far from all others, which mistyped
    years make, are left out too, and so are months at the ends that have few rows beside those next to them: what a
    file has of old cases, or of reports that came late, is no month that it covers.
    """
    run, strays = _main_run(months)
    if not run:
        return WholeMonths("", "", (), ())
    remarks = [f"{s.rows:,} rows in {s.month:%Y-%m}, far from the others, are not taken for coverage." for s in strays]
    run, before, after = _dense(run)
    remarks += [_thin(before, f"before {run[0].month:%Y-%m}"), _thin(after, f"after {run[-1].month:%Y-%m}")]
    remarks = [said for said in remarks if said]
    if days_known:
        run, said = _whole_edges(run)
        remarks += said
    present = {m.month for m in run}
    gaps = tuple(f"{m:%Y-%m}" for m in _between(run[0].month, run[-1].month) if m not in present)
    return WholeMonths(f"{run[0].month:%Y-%m}", f"{run[-1].month:%Y-%m}", gaps, tuple(remarks))


def _thin(months: Sequence[MonthOfRows], where: str) -> str:
    if not months:
        return ""
    rows = sum(m.rows for m in months)
    first, last = months[0].month, months[-1].month
    span = f"{first:%Y-%m}" if first == last else f"{first:%Y-%m} to {last:%Y-%m}"
    return (
        f"{span}, {where}, has few rows beside the other months ({rows:,}): they are read, and these months are not "
        "declared as covered."
    )


def _dense(run: list[MonthOfRows]) -> tuple[list[MonthOfRows], list[MonthOfRows], list[MonthOfRows]]:
    """The run without the months at its ends that have few rows; those before it, and those behind it."""
    usual = _usual_rows(run)
    first, last = 0, len(run)
    while last - first > 1 and _is_thin(run[first], run[first + 1 : min(first + 1 + _BESIDE, last)], usual):
        first += 1
    while last - first > 1 and _is_thin(run[last - 1], run[max(last - 1 - _BESIDE, first) : last - 1], usual):
        last -= 1
    return run[first:last], run[:first], run[last:]


def _usual_rows(run: Sequence[MonthOfRows]) -> int:
    """The rows of the month in which the middle row lies, months with most rows first."""
    ordered = sorted((m.rows for m in run), reverse=True)
    return next((rows for rows, upto in zip(ordered, accumulate(ordered), strict=True) if 2 * upto >= sum(ordered)), 0)


def _is_thin(month: MonthOfRows, beside: Sequence[MonthOfRows], usual: int) -> bool:
    nearby = median(m.rows for m in beside)
    return (usual >= _ENOUGH and month.rows < _FEW_OF_USUAL * usual) or (
        nearby >= _ENOUGH and month.rows < _FEW_OF_NEARBY * nearby
    )


def _whole_edges(run: list[MonthOfRows]) -> tuple[list[MonthOfRows], list[str]]:
    """The run without a first or last month of which days are missing, and what is said of the two."""
    remarks: list[str] = []
    days = (run[-1].last - run[0].first).days + 1
    slack = max(_FEW_DAYS, 5 * days / sum(m.rows for m in run))
    late, early = run[0].first.day - 1, _length(run[-1].month) - run[-1].last.day
    first, last = run[0], run[-1]
    if late > slack and len(run) > 1:
        remarks.append(f"{first.month:%Y-%m} is left out: its rows ({first.rows:,}) begin on day {first.first.day}.")
        run = run[1:]
    elif late:
        remarks.append(f"{first.month:%Y-%m} is taken as whole although its rows begin on day {first.first.day}.")
    if early > slack and len(run) > 1:
        remarks.append(f"{last.month:%Y-%m} is left out: its rows ({last.rows:,}) end on day {last.last.day}.")
        run = run[:-1]
    elif early:
        remarks.append(f"{last.month:%Y-%m} is taken as whole although its rows end on day {last.last.day}.")
    return run, remarks


def _main_run(months: Sequence[MonthOfRows]) -> tuple[list[MonthOfRows], list[MonthOfRows]]:
    """The months around which most rows lie, up to a year without rows between them; and the others."""
    runs: list[list[MonthOfRows]] = []
    for month in months:
        if runs and (month.month - runs[-1][-1].month).days <= 366:
            runs[-1].append(month)
        else:
            runs.append([month])
    best = max(runs, key=lambda run: sum(m.rows for m in run), default=[])
    return list(best), [m for run in runs if run is not best for m in run]


def _between(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = (first.month - 1 + n for n in range(count))
    return [date(first.year + m // 12, m % 12 + 1, 1) for m in months]


def _length(month: date) -> int:
    return monthrange(month.year, month.month)[1]


def _connection(zone: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    connection.execute(f"SET TimeZone = {literal(zone)}")
    return connection


def _text(column: str) -> str:
    return f"trim(regexp_replace({identifier(column)}, '\\s+', ' ', 'g'))"
