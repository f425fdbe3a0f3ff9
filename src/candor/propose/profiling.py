"""What the columns of a landed source hold: missing markers, kinds of values, labels. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from candor.engine.sql import identifier, literal
from candor.propose import formats
from candor.propose.marks import possible
from candor.sources.base import ROW

MOST_LABELS = 5_000
_FIRST = 2_000
_FEW = 200
_MOST_LOOKED_AT = 100_000
_MARKERS = ("NA", "N/A", "#N/A", "NULL", "null", "None", "none", "NaN", "nan", "-", "--", ".", "?", "UNK", "Unknown")
_ALWAYS = frozenset({"NULL", "null", "#N/A", "NaN", "nan"})
_MANY = 0.9
_TRUE_FALSE = "'1', 'true', 't', 'yes', 'y', '0', 'false', 'f', 'no', 'n'"


@dataclass(frozen=True)
class Column:
    """A column without its missing values. `labels` are its values with their rows, most common first, where few.

    `counts` says how many values are `integer`, `number`, `boolean`, a time of day (`clock`), and how many each date
    format reads; formats that read under a tenth are left out. Of very many
    different values (`sampled`) they are reckoned from a part. Blanks at the ends are off, several are one.
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
    """Look through the landed Parquet file of text columns, beside which DuckDB may put what does not fit in memory."""
    with duckdb.connect(config={"memory_limit": "1GB", "temp_directory": str(landed.parent)}) as connection:
        table = f"read_parquet({literal(str(landed))})"
        names = [d[0] for d in connection.execute(f"SELECT * FROM {table} LIMIT 0").description if d[0] != ROW]
        (rows,) = _one(connection, f"SELECT count(*) FROM {table}")
        missing = _missing(connection, table, names)
        columns = tuple(_column(connection, table, name, missing) for name in names)
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


def _column(connection: duckdb.DuckDBPyConnection, table: str, name: str, missing: Sequence[str]) -> Column:
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
    counts, sampled = _kinds(connection, size, several)
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
    )


def _kinds(connection: duckdb.DuckDBPyConnection, size: int, several: int) -> tuple[dict[str, int], bool]:
    """How many values are of each kind, and whether that was reckoned from a part of them."""
    sampled = several > _MOST_LOOKED_AT
    step = -(-several // _MOST_LOOKED_AT)
    looked = f"(SELECT * FROM found WHERE hash(v) % {step} = 0)" if sampled else "found"
    seen = _whole(_one(connection, f"SELECT sum(n) FROM {looked}")[0])
    kinds = {
        "integer": r"regexp_full_match(v, '[+-]?\d{1,15}')",
        "number": "isfinite(try_cast(replace(v, ',', '') AS double))",
        "boolean": f"lower(v) IN ({_TRUE_FALSE})",
        formats.CLOCK: formats.clock_condition("v"),
        "date-like": formats.looks_like_a_date("v"),
        **formats.iso_conditions("v"),
    }
    counts = _rows_where(connection, looked, kinds)
    known = max(counts[kind] for kind in ("number", formats.ISO, formats.ISO_OFFSET))
    if seen and counts["date-like"] >= _MANY * seen and known < _MANY * seen:
        # There are many formats: those that read nothing of some values are not tried on all.
        some = connection.execute(f"SELECT v FROM {looked} ORDER BY hash(v) LIMIT {_FEW}").fetchall()
        tried = {f: formats.strptime_condition("v", f) for f in possible(formats.STRPTIME, [v for (v,) in some])}
        likely = _rows_where(connection, f"(SELECT * FROM {looked} ORDER BY hash(v) LIMIT {_FIRST})", tried)
        counts |= _rows_where(connection, looked, {f: tried[f] for f, rows in likely.items() if rows})
    return {kind: rows if not sampled else round(rows * size / max(seen, 1)) for kind, rows in counts.items()}, sampled


def _rows_where(connection: duckdb.DuckDBPyConnection, values: str, conditions: dict[str, str]) -> dict[str, int]:
    """The rows of the values for which each condition holds."""
    if not conditions:
        return {}
    sums = ", ".join(f"sum(n) FILTER ({condition})" for condition in conditions.values())
    found = _one(connection, f"SELECT {sums} FROM {values}")
    return {kind: _whole(rows) for kind, rows in zip(conditions, found, strict=True)}
