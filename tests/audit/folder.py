"""Small public folders, table by table: what a release tells of sensitive kinds, for the audit to attack.

Nothing of the product makes these tables: they can say what no release would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.audit import Public
from candor.store.dataset_model import Accounting, DatasetVersion, PublicColumn
from candor.store.model import PublicCategory, PublicCoverage, PublicPortal, Release, WithheldRows

Counts = NDArray[np.int64]
FIRST = np.datetime64("2024-01")
KIND, OPEN = "overdose", "noise"


class Figure(NamedTuple):
    """A figure: whose and of which months (from January 2024 on, both in)."""

    level: str
    place: str
    first: int
    last: int


@dataclass(frozen=True)
class Said:
    """One release. `reported` (towns, months); `counties`: of each town; `told`: by kind the lines, as they stand.

    A line is a figure with what it says: a number, "under 5", or another coverage.
    """

    reported: NDArray[np.bool_]
    counties: tuple[str, ...]
    told: dict[str, dict[Figure, int | str]] = field(default_factory=dict)
    sensitive: tuple[str, ...] = (KIND,)
    also_open: dict[str, Counts] = field(default_factory=dict)
    rates: dict[str, dict[Figure, int | str]] = field(default_factory=dict)
    months_reported: dict[Figure, int] = field(default_factory=dict)
    corrected: tuple[Figure, ...] = ()
    withheld_rows: dict[int, int | None] = field(default_factory=dict)
    exact: bool = False
    agencies: dict[str, tuple[int, ...]] = field(default_factory=dict)
    more: dict[str, pa.Table] = field(default_factory=dict)
    accounting: Accounting | None = None


def geoid(town: int) -> str:
    return f"99{town:08d}"


def rounded(value: int) -> int | str:
    """As told: "under 5", or the nearest 5."""
    return "under 5" if value < 5 else 5 * ((value + 2) // 5)


def told(
    counts: Counts, reported: NDArray[np.bool_], counties: Sequence[str], figures: Iterable[Figure]
) -> dict[Figure, int | str]:
    """What an honest release tells of these figures."""
    return {f: rounded(true(counts * reported, counties, f)) for f in figures}


def true(counts: Counts, counties: Sequence[str], figure: Figure) -> int:
    """The true number."""
    towns = [inside(figure, t, counties) for t in range(counts.shape[0])]
    return int(counts[towns, figure.first : figure.last + 1].sum())


def inside(figure: Figure, town: int, counties: Sequence[str]) -> bool:
    """Whether a town is in a figure."""
    return figure.level == "state" or figure.place == (geoid(town) if figure.level == "town" else counties[town])


def usual(reported: NDArray[np.bool_], counties: Sequence[str]) -> list[Figure]:
    """Towns by year, counties by month and year, the state by month, quarter and year; no figure without a month."""
    months = reported.shape[1]
    years = [(y, y + 11) for y in range(0, months, 12)]
    each = [(m, m) for m in range(months)]
    quarters = [(m, m + 2) for m in range(0, months, 3)]
    every = [
        *(Figure("town", geoid(t), *s) for t in range(len(counties)) for s in years),
        *(Figure("county", c, *s) for c in sorted(set(counties)) for s in (*each, *years)),
        *(Figure("state", "", *s) for s in (*each, *quarters, *years)),
    ]
    there = reported.astype(np.int64)
    return [f for f in every if true(there, counties, f)]


def public(folder: Path, *releases: Said) -> Public:
    """Write the releases, the oldest first."""
    return Public(folder, tuple(_release(folder, number, said) for number, said in enumerate(releases, 1)))


def and_then(before: Said, **changes: object) -> Said:
    """The next release, with some things different."""
    return replace(before, **changes)  # type: ignore[arg-type]  # names of its fields


def _release(folder: Path, number: int, said: Said) -> Release:
    slugs = sorted({OPEN, *said.told, *said.sensitive, *said.also_open})
    categories = tuple(
        PublicCategory(
            slug=slug, label=slug, group=slug, group_label=slug, definition="", initiated_by="citizen",
            sensitivity="sensitive" if slug in said.sensitive else "open",
            release="aggregates" if slug in said.sensitive else "records",
        )
        for slug in slugs
    )  # fmt: skip
    tables = {
        "sensitive-calls": _told_table(said),
        "calls-by-town": pa.Table.from_pylist(list(_months(said)), _MONTHS),
        "call-rates-by-town": pa.Table.from_pylist(list(_lines(said, said.rates)), _RATES),
        "calls": pa.table({"category": [OPEN], "geoid": [geoid(0)]}),
        **said.more,
    }
    months = said.reported.shape[1]
    return Release(
        number=number,
        created_at=datetime(2026, 1, number, tzinfo=UTC),
        program="a test",
        portal=PublicPortal(title="T", jurisdiction="T", time_zone="UTC"),
        datasets=tuple(_dataset(folder, number, name, table, said) for name, table in tables.items()),
        categories=categories,
        coverage=tuple(
            PublicCoverage(
                dataset="calls", agency=name, places=tuple(geoid(t) for t in towns), first_month=str(FIRST),
                last_month=str(FIRST + months - 1),
            )
            for name, towns in said.agencies.items()
        ),
        withheld_rows=tuple(WithheldRows(year=y, rows=r) for y, r in said.withheld_rows.items()),
    )  # fmt: skip


def _dataset(folder: Path, number: int, name: str, table: pa.Table, said: Said) -> DatasetVersion:
    path = folder / "tables" / name / f"{number}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    rows = name == "calls"
    return DatasetVersion(
        name=name,
        id=name,
        kind="rows" if rows else "counts",
        title=name,
        columns=tuple(PublicColumn(name=c, label=c, type="text") for c in table.column_names),
        accounting=said.accounting if rows else None,
        version=number,
        delta_version=number,
        files=(path.relative_to(folder).as_posix(),),
        rows=table.num_rows,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        content_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _told_table(said: Said) -> pa.Table:
    table = pa.Table.from_pylist(list(_lines(said, said.told)), _FIGURES)
    return table.drop_columns(["told_on"]) if said.exact else table


def _lines(said: Said, of: dict[str, dict[Figure, int | str]]) -> Iterable[dict[str, object]]:
    for slug, lines in of.items():
        for figure, value in lines.items():
            town = int(figure.place[2:]) if figure.level == "town" else None
            number = value if isinstance(value, int) else None
            known = None if town is None else int(said.reported[town, figure.first : figure.last + 1].sum())
            yield {
                "level": figure.level, "geoid": figure.place if town is not None else "",
                "place": f"Town {town}" if town is not None else figure.place,
                "county": said.counties[town] if town is not None else figure.place,
                "period_kind": "year", "first_month": day(figure.first), "last_month": day(figure.last),
                "category": slug, "category_level": "category", "initiated_by": "all",
                "coverage": "reported" if number is not None else value, "calls": number,
                "months_reported": said.months_reported.get(figure, known), "told_on": date(2026, 1, 1),
                "corrected": figure in said.corrected, "rate": None,
            }  # fmt: skip


def _months(said: Said) -> Iterable[dict[str, object]]:
    """An open kind, one call in each reported town and month; and the months of kinds that are open as well."""
    towns, months = said.reported.shape
    for slug, calls in ((OPEN, np.ones((towns, months), np.int64)), *said.also_open.items()):
        for town in range(towns):
            for month in range(months):
                there = bool(said.reported[town, month]) and calls[town, month] >= 0
                yield {
                    "geoid": geoid(town), "place": f"Town {town}", "county": said.counties[town],
                    "month": day(month), "category": slug, "category_group": slug, "initiated_by": "citizen",
                    "coverage": "not reported" if not said.reported[town, month]
                    else "by county only" if not there else "reported" if calls[town, month] else "zero",
                    "calls": int(calls[town, month]) if there else None,
                }  # fmt: skip


def day(month: int) -> date:
    """The first day of a month."""
    return (FIRST + month).astype("datetime64[D]").astype(object)  # type: ignore[no-any-return]


def _schema(texts: Sequence[str], numbers: Sequence[str]) -> pa.Schema:
    return pa.schema([(n, pa.string()) for n in texts] + [(n, pa.int64()) for n in numbers])


_SPAN = pa.schema([("first_month", pa.date32()), ("last_month", pa.date32())])
_PLACE = ("level", "geoid", "place", "county", "period_kind", "category", "coverage")
_FIGURES = pa.unify_schemas(
    [
        _schema(_PLACE, ("months_reported", "calls")),
        _SPAN,
        pa.schema([("told_on", pa.date32()), ("corrected", pa.bool_()), ("rate", pa.float64())]),
    ]
)
_RATES = pa.unify_schemas(
    [
        _schema((*_PLACE, "category_level", "initiated_by"), ("months_reported", "calls")),
        _SPAN,
        pa.schema([("rate", pa.float64())]),
    ]
)
_MONTHS = pa.unify_schemas(
    [
        _schema(("geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"), ("calls",)),
        pa.schema([("month", pa.date32())]),
    ]
)
