"""What the columns of a landed source hold: missing markers, kinds of values, labels. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.portal.time_forms import tells_clock
from candor.propose import formats
from candor.propose.moments import NO_MOMENTS, Moments, moments
from candor.propose.shapes import is_excel_minutes, shape_sql
from candor.sources.base import ROW

MOST_LABELS = 5_000
_FIRST = 2_000
_MOST_LOOKED_AT = 100_000
_MARKERS = ("NA", "N/A", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "-", "--", ".", "?", "UNK", "Unknown")
_ALWAYS = frozenset({"NULL", "null", "#N/A", "NaN", "nan"})
_SHAPES = 40
_KINDS = frozenset({"integer", "number", "boolean", "date-like", formats.EXCEL_MINUTES})
_HOURS, _MILITARY = 24, 2400
_MANY = 0.9
_TRUE_FALSE = "'1', 'true', 't', 'yes', 'y', '0', 'false', 'f', 'no', 'n'"


@dataclass(frozen=True)
class Column:
    """A column without its missing values. `labels` are its values with their rows, most common first, where few.

    `counts` says how many values are `integer`, `number`, `boolean`, and how many each form of dates and of times of
    day reads; forms that read under a tenth are left out. Of very many different values (`sampled`) they are reckoned
    from a part. Blanks at the ends are off, several are one. `moments` says of the dates what they tell.
    """

    name: str
    values: int
    distinct: int
    mean_length: float
    longest: int
    counts: dict[str, int] = field(default_factory=dict)
    labels: tuple[tuple[str, int], ...] = ()
    low: float | None = None
    high: float | None = None
    sampled: bool = False
    moments: Moments = NO_MOMENTS

    def share(self, kind: str) -> float:
        """The share of the values that are of a kind."""
        return self.counts.get(kind, 0) / self.values if self.values else 0.0

    @property
    def time_format(self) -> str:
        """The form that reads most values as dates, at least nine in ten; empty where none does."""
        return "" if self.moments.none else best_date(self.counts, self.values)

    @property
    def clock_format(self) -> str:
        """The form that reads most values as times of day, at least nine in ten; empty where none does."""
        if self.moments.clocks:
            return best_date(self.counts, self.values)
        if self.share("number") >= _MANY and self.high is not None and self.low is not None:
            if 0 <= self.low <= self.high < 1 and formats.is_timely(self.name):
                return "excel-serial"  # a part of a day
            # Hours alone: no file has all of its rows in the first minutes after midnight.
            likely = "%H" if 0 <= self.low <= self.high <= _HOURS else "hhmm" if self.high <= _MILITARY else "hhmmss"
            return likely if self.share(likely) >= _MANY else ""
        found = [f for f in self.counts if f not in _KINDS and not formats.is_date(f) and self.share(f) >= _MANY]
        return max(found, key=self.share) if found else ""

    @property
    def tells_clock(self) -> bool:
        """Whether its dates tell the time of day."""
        return bool(self.time_format) and tells_clock(self.time_format) and not self.moments.midnight

    @property
    def day_or_month_first(self) -> bool:
        """Whether the dates could be read with day and month exchanged as well."""
        other = formats.day_first(self.time_format)
        return other != self.time_format and self.counts.get(other) == self.counts.get(self.time_format)


@dataclass(frozen=True)
class Profile:
    """A source's rows, its missing markers (beside the empty cell) and its columns in the header's order."""

    rows: int
    missing: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name. Raises `KeyError` where there is none."""
        found = next((c for c in self.columns if c.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def profile(landed: Path, zone: str = "UTC") -> Profile:
    """Look through the landed Parquet file of text columns, beside which DuckDB may put what does not fit in memory.

    `zone` is the portal's: it decides which times are midnights, and whether the day or the month is likelier first.
    """
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(landed.parent)}) as connection:
        connection.execute(f"SET TimeZone = {literal(zone)}")
        table = f"read_parquet({literal(str(landed))})"
        names = [d[0] for d in connection.execute(f"SELECT * FROM {table} LIMIT 0").description if d[0] != ROW]
        (rows,) = _one(connection, f"SELECT count(*) FROM {table}")
        missing = _missing(connection, table, names)
        columns = tuple(_column(connection, table, name, missing, zone) for name in names)
    return Profile(_whole(rows), missing, columns)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return connection.execute(sql).fetchone() or ()


def _whole(value: object) -> int:
    return int(str(value or 0))


def _missing(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> tuple[str, ...]:
    """Markers that never mean anything else; others in two columns and a third of them, or among numbers and dates."""
    in_columns: dict[str, int] = dict.fromkeys(_MARKERS, 0)
    among_numbers: set[str] = set()
    wanted = ", ".join(literal(m) for m in _MARKERS)
    for name in names:
        cell = f"(SELECT trim({identifier(name)}) AS v FROM {table})"
        present = connection.execute(f"SELECT DISTINCT v FROM {cell} WHERE v IN ({wanted})").fetchall()
        if not present:
            continue
        others, numbers = _one(
            connection,
            "SELECT count(*), count(*) FILTER (isfinite(try_cast(v AS double)) OR try_cast(v AS timestamp) IS NOT NULL)"
            f" FROM {cell} WHERE v <> '' AND v NOT IN ({wanted})",
        )
        for (marker,) in present:
            in_columns[marker] += 1
            if _whole(numbers) >= _MANY * max(_whole(others), 1):
                among_numbers.add(marker)
    return tuple(
        m
        for m, several in in_columns.items()
        if m in among_numbers or (several and m in _ALWAYS) or (several >= 2 and several * 3 >= len(names))
    )


def _column(connection: duckdb.DuckDBPyConnection, table: str, name: str, missing: Sequence[str], zone: str) -> Column:
    """A column by its different values, each with its rows: there are fewer of them, and each is looked at once."""
    nothing = ", ".join(literal(m) for m in ("", *missing))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE found AS SELECT v, sum(n)::bigint AS n FROM "
        "(SELECT trim(regexp_replace(v, '\\s+', ' ', 'g')) AS v, n FROM "
        f"(SELECT {identifier(name)} AS v, count(*) AS n FROM {table} GROUP BY 1)) "
        f"WHERE v NOT IN ({nothing}) GROUP BY 1"
    )
    number = "try_cast(replace(v, ',', '') AS double)"
    total, distinct, mean, longest, low, high = _one(
        connection,
        f"SELECT sum(n), count(*), sum(n * length(v)) / sum(n), max(length(v)), min({number}), max({number}) "
        "FROM found",
    )
    size, several = _whole(total), _whole(distinct)
    counts, sampled = _kinds(connection, name, size, several, zone)
    dated = best_date(counts, size)
    labels: list[tuple[str, int]] = []
    if several <= MOST_LABELS:
        labels = connection.execute("SELECT v, n FROM found ORDER BY n DESC, v").fetchall()
    return Column(
        name=name,
        values=size,
        distinct=several,
        mean_length=float(str(mean or 0)),
        longest=_whole(longest),
        counts={k: n for k, n in counts.items() if n * 10 >= size and n},
        labels=tuple(labels),
        low=None if low is None else float(str(low)),
        high=None if high is None else float(str(high)),
        sampled=sampled,
        moments=moments(connection, "found", dated) if dated else NO_MOMENTS,
    )


def best_date(counts: Mapping[str, int], values: int) -> str:
    """The form that reads most values as dates, at least nine in ten; of two that read as many the first."""
    found = [f for f, rows in counts.items() if formats.is_date(f) and rows >= _MANY * values]
    return max(found, key=lambda f: counts[f]) if found else ""


def _kinds(
    connection: duckdb.DuckDBPyConnection, name: str, size: int, several: int, zone: str
) -> tuple[dict[str, int], bool]:
    """How many values are of each kind, and whether that was reckoned from a part of them."""
    sampled = several > _MOST_LOOKED_AT
    step = -(-several // _MOST_LOOKED_AT)
    looked = f"(SELECT * FROM found WHERE hash(v) % {step} = 0)" if sampled else "found"
    seen = _whole(_one(connection, f"SELECT sum(n) FROM {looked}")[0])
    kinds = {
        "integer": r"regexp_full_match(v, '[+-]?\d{1,15}')",
        "number": "isfinite(try_cast(replace(v, ',', '') AS double))",
        "boolean": f"lower(v) IN ({_TRUE_FALSE})",
        "date-like": r"length(v) BETWEEN 1 AND 45 AND regexp_matches(v, '\d')",
        **formats.iso_conditions("v"),
    }
    counts = _rows_where(connection, looked, kinds)
    known = max(counts[kind] for kind in (formats.ISO, formats.ISO_OFFSET))
    digits, timely = counts["number"] >= _MANY * seen, formats.is_timely(name)
    if seen and counts["date-like"] >= _MANY * seen and known < _MANY * seen and (timely or not digits):
        # What a column's shapes allow, and of that what reads anything of some values, is tried on all of them.
        some = f"(SELECT * FROM {looked} ORDER BY hash(v) LIMIT {_FIRST})"
        shapes = _shapes(connection, some)
        tried = formats.date_conditions("v", shapes, digits=digits, timely=timely, zone=zone)
        tried |= formats.clock_conditions("v", shapes, digits=digits, timely=timely)
        likely = _rows_where(connection, some, tried)
        counts |= _rows_where(connection, looked, {f: tried[f] for f, rows in likely.items() if rows})
        counts[formats.EXCEL_MINUTES] = sum(rows for shape, rows in shapes.items() if is_excel_minutes(shape)) * (
            seen // max(sum(shapes.values()), 1)
        )
    return {kind: rows if not sampled else round(rows * size / max(seen, 1)) for kind, rows in counts.items()}, sampled


def _shapes(connection: duckdb.DuckDBPyConnection, values: str) -> dict[str, int]:
    """The commonest shapes of the values, with their rows."""
    found = connection.execute(
        f"SELECT {shape_sql('v')} AS shape, sum(n)::bigint FROM {values} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_SHAPES}"
    ).fetchall()
    return dict(found)


def _rows_where(connection: duckdb.DuckDBPyConnection, values: str, conditions: dict[str, str]) -> dict[str, int]:
    """The rows of the values for which each condition holds."""
    if not conditions:
        return {}
    sums = ", ".join(f"sum(n) FILTER ({condition})" for condition in conditions.values())
    found = _one(connection, f"SELECT {sums} FROM {values}")
    return {kind: _whole(rows) for kind, rows in zip(conditions, found, strict=True)}
