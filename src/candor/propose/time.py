"""When the rows of a landed source were, in the portal's zone: months for the coverage, a look at `Hour` columns."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal

_FEW_DAYS = 3


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
            f"(SELECT {_wall_time(column, format_)} AS wall FROM read_parquet({literal(str(landed))})) "
            "WHERE wall::date BETWEEN DATE '1900-01-01' AND ? GROUP BY 1 ORDER BY 1",
            [today],
        ).fetchall()
    return tuple(MonthOfRows(*row) for row in found)


def hour_agreement(landed: Path, hours: str, column: str, zone: str) -> tuple[float, float] | None:
    """The shares of rows whose `hours` column is the hour of `column` (ISO with offset) in local time, and in UTC."""
    hour = identifier(hours)
    parsed = f"coalesce(try_cast({hour} AS integer), " + ", ".join(
        f"hour(try_strptime({hour}, {literal(f)}))" for f in ("%I %p", "%I%p", "%H:%M", "%H:%M:%S")
    ) + ")"  # fmt: skip
    with _connection(zone) as connection:
        local, utc = connection.execute(
            "SELECT avg((h = hour(moment))::int), avg((h = hour(moment AT TIME ZONE 'UTC'))::int) FROM "
            f"(SELECT {parsed} AS h, try_cast({identifier(column)} AS timestamptz) AS moment "
            f"FROM read_parquet({literal(str(landed))}))"
        ).fetchone() or (None, None)
    return None if local is None or utc is None else (float(local), float(utc))


def whole_months(months: Sequence[MonthOfRows]) -> WholeMonths:
    """Which months are covered whole. A first or last month of which days are missing at the edge is left out.

    How many days may be missing follows from how often there are rows: five times the mean interval, at least three
    days. Months far from all others, which mistyped years make, are left out too.
    """
    run, strays = _main_run(months)
    if not run:
        return WholeMonths("", "", (), ())
    remarks = [f"{s.rows:,} rows in {s.month:%Y-%m}, far from the others, are not taken for coverage." for s in strays]
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
    present = {m.month for m in run}
    gaps = tuple(f"{m:%Y-%m}" for m in _between(run[0].month, run[-1].month) if m not in present)
    return WholeMonths(f"{run[0].month:%Y-%m}", f"{run[-1].month:%Y-%m}", gaps, tuple(remarks))


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


def _wall_time(column: str, format_: str) -> str:
    text = f"trim(regexp_replace({identifier(column)}, '\\s+', ' ', 'g'))"
    if format_.startswith("iso"):
        return f"try_cast({text} AS timestamptz)::timestamp"
    return f"try_strptime({text}, {literal(format_)})"
