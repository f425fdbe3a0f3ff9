"""What the columns of a landed source hold: missing markers, kinds of values, labels. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.intake import propose_formats as formats
from candor.sources.csv import ROW

MOST_LABELS = 5_000
_FIRST = 2_000
_MARKERS = ("NA", "N/A", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "-", "--", ".", "?", "UNK", "Unknown")
_ALWAYS = frozenset({"NULL", "null", "#N/A", "NaN", "nan"})
_MANY = 0.9
_TRUE_FALSE = "'1', 'true', 't', 'yes', 'y', '0', 'false', 'f', 'no', 'n'"


@dataclass(frozen=True)
class Column:
    """A column without its missing values. `labels` are its values with their rows, most common first, where few.

    `counts` says how many values are `integer`, `number`, `boolean`, a time of day (`clock`), and how many each date
    format reads; formats that read under a tenth are left out. Blanks at the ends are off, several are one.
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

    def share(self, kind: str) -> float:
        """The share of the values that are of a kind."""
        return self.counts.get(kind, 0) / self.values if self.values else 0.0

    @property
    def time_format(self) -> str:
        """The date format that reads most values, at least nine in ten; empty where none does."""
        found = [f for f in (formats.ISO_OFFSET, formats.ISO, *formats.STRPTIME) if self.share(f) >= _MANY]
        return max(found, key=self.share) if found else ""

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


def profile(landed: Path) -> Profile:
    """Look through the landed Parquet file of text columns."""
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        table = f"read_parquet({literal(str(landed))})"
        names = [d[0] for d in connection.execute(f"SELECT * FROM {table} LIMIT 0").description if d[0] != ROW]
        (rows,) = _one(connection, f"SELECT count(*) FROM {table}")
        missing = _missing(connection, table, names)
        columns = tuple(_column(connection, table, name, missing) for name in names)
    return Profile(int(str(rows)), missing, columns)


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return connection.execute(sql).fetchone() or ()


def _clean(name: str) -> str:
    return f"trim(regexp_replace({identifier(name)}, '\\s+', ' ', 'g'))"


def _missing(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> tuple[str, ...]:
    """Markers that never mean anything else; others in two columns and a third of them, or among numbers and dates."""
    in_columns: dict[str, int] = dict.fromkeys(_MARKERS, 0)
    among_numbers: set[str] = set()
    wanted = ", ".join(literal(m) for m in _MARKERS)
    each = ", ".join(f"count(*) FILTER (v = {literal(m)})" for m in _MARKERS)
    for name in names:
        others, numbers, *found = _one(
            connection,
            f"SELECT count(*) FILTER (v <> '' AND v NOT IN ({wanted})), "
            f"count(*) FILTER (isfinite(try_cast(v AS double)) OR try_cast(v AS timestamp) IS NOT NULL), {each} "
            f"FROM (SELECT {_clean(name)} AS v FROM {table})",
        )
        numeric = int(str(numbers)) >= _MANY * max(int(str(others)), 1)
        for marker, times in zip(_MARKERS, found, strict=True):
            in_columns[marker] += bool(times)
            if times and numeric:
                among_numbers.add(marker)
    return tuple(
        m
        for m, several in in_columns.items()
        if m in among_numbers or (several and m in _ALWAYS) or (several >= 2 and several * 3 >= len(names))
    )


def _reads(connection: duckdb.DuckDBPyConnection, values: str, tried: Sequence[str]) -> dict[str, int]:
    """How many of the values each of the formats reads."""
    if not tried:
        return {}
    conditions = ", ".join(f"count(*) FILTER ({formats.strptime_condition('v', f)})" for f in tried)
    return {f: int(str(n)) for f, n in zip(tried, _one(connection, f"SELECT {conditions} FROM {values}"), strict=True)}


def _column(connection: duckdb.DuckDBPyConnection, table: str, name: str, missing: Sequence[str]) -> Column:
    nothing = ", ".join(literal(m) for m in ("", *missing))
    values = f"(SELECT {_clean(name)} AS v FROM {table} WHERE {_clean(name)} NOT IN ({nothing}))"
    kinds = {
        "integer": r"regexp_full_match(v, '[+-]?\d{1,15}')",
        "number": "isfinite(try_cast(replace(v, ',', '') AS double))",
        "boolean": f"lower(v) IN ({_TRUE_FALSE})",
        formats.CLOCK: formats.clock_condition("v"),
        "date-like": formats.looks_like_a_date("v"),
        **formats.iso_conditions("v"),
    }
    counted = ", ".join(f"count(*) FILTER ({condition})" for condition in kinds.values())
    number = "try_cast(replace(v, ',', '') AS double)"
    total, distinct, mean, longest, low, high, *found = _one(
        connection,
        f"SELECT count(*), count(DISTINCT v), avg(length(v)), max(length(v)), min({number}), max({number}), {counted} "
        f"FROM {values}",
    )
    size, several = int(str(total)), int(str(distinct))
    counts = {kind: int(str(n)) for kind, n in zip(kinds, found, strict=True)}
    known = max(counts[kind] for kind in ("number", formats.ISO, formats.ISO_OFFSET))
    if size and counts["date-like"] >= _MANY * size and known < _MANY * size:
        # There are many formats: those that read nothing of the first values are not tried on all.
        likely = _reads(connection, f"(FROM {values} LIMIT {_FIRST})", formats.STRPTIME)
        counts |= _reads(connection, values, [f for f in formats.STRPTIME if likely.get(f)])
    labels: list[tuple[str, int]] = []
    if several <= MOST_LABELS:
        labels = connection.execute(f"SELECT v, count(*) FROM {values} GROUP BY v ORDER BY 2 DESC, 1").fetchall()
    return Column(
        name=name,
        values=size,
        distinct=several,
        mean_length=float(str(mean or 0)),
        longest=int(str(longest or 0)),
        counts={k: n for k, n in counts.items() if n * 10 >= size and n},
        labels=tuple(labels),
        low=None if low is None else float(str(low)),
        high=None if high is None else float(str(high)),
    )
