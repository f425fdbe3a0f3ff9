"""Small public folders, table by table: what a release says of one sensitive kind, for the audit to attack.

Six towns in two counties (or fewer). Nothing of the product makes these tables: they can say what no release would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.auditing import Public
from candor.store.model import Accounting, DatasetVersion, PublicCategory, PublicColumn, PublicPortal, Release

Counts = NDArray[np.int64]
FIRST = np.datetime64("2024-01")
KIND, OTHER, OPEN = "overdose", "suicide", "noise"


class Figure(NamedTuple):
    """A published figure: whose and of which months (numbers, both included)."""

    level: str
    place: str
    first: int
    last: int


Hide = Callable[[Figure, int], bool]
"""Whether a figure with this value is withheld."""


def small(_: Figure, value: int) -> bool:
    """Primary suppression and nothing else."""
    return 1 <= value <= 4


@dataclass(frozen=True)
class Said:
    """One release: `calls` (kinds, towns, months) of `kinds`, what is `reported`, which figures it has and withholds.

    `sensitive`: which of the kinds it calls sensitive; the others are told month by month. `more`: lines of
    `call-rates-by-town` that tell a number besides. `withheld_rows`: what the accounting of the calls says.
    """

    calls: Counts
    reported: NDArray[np.bool_]
    hide: Hide = small
    kinds: tuple[str, ...] = (KIND,)
    sensitive: tuple[str, ...] = (KIND, OTHER)
    figures: tuple[Figure, ...] = ()
    revised: tuple[int, ...] = ()
    more: tuple[tuple[str, Figure, int], ...] = ()
    withheld_rows: int | None = None
    threshold: int = 5
    zeros_protected: bool = False

    def value(self, kind: int, figure: Figure) -> int:
        """The true number."""
        towns = [inside(figure, t) for t in range(self.calls.shape[1])]
        span = slice(figure.first, figure.last + 1)
        return int((self.calls[kind] * self.reported)[towns, span].sum())


def inside(figure: Figure, town: int) -> bool:
    """Whether a town is in a figure."""
    return figure.level == "state" or figure.place == (geoid(town) if figure.level == "town" else county(town))


def geoid(town: int) -> str:
    return f"99{town:08d}"


def county(town: int) -> str:
    return "West" if town % 2 else "East"


def usual(towns: int, months: int) -> tuple[Figure, ...]:
    """Towns by year (or all months, where these are fewer), counties and the state by month and by year."""
    years = [(m, m + 11) for m in range(0, months - 11, 12)] or [(0, months - 1)]
    each = [(m, m) for m in range(months)]
    counties = sorted({county(t) for t in range(towns)})
    return (
        *(Figure("town", geoid(t), *span) for t in range(towns) for span in years),
        *(Figure("county", name, *span) for name in counties for span in (*each, *years)),
        *(Figure("state", "", *span) for span in (*each, *years)),
    )


def public(folder: Path, *releases: Said) -> Public:
    """Write the releases, the oldest first."""
    return Public(folder, tuple(_release(folder, number, said) for number, said in enumerate(releases, 1)))


def and_then(before: Said, **changes: object) -> Said:
    """The next release, with some things different."""
    return replace(before, **{"revised": (), **changes})  # type: ignore[arg-type]  # names of its fields


def _release(folder: Path, number: int, said: Said) -> Release:
    slugs = (*said.kinds, OPEN)
    categories = tuple(
        PublicCategory(
            slug=slug, label=slug, group=slug, group_label=slug, definition="", initiated_by="citizen",
            sensitivity="sensitive" if slug in said.sensitive else "open",
            release="aggregates" if slug in said.sensitive else "records",
            zeros_protected=said.zeros_protected and slug in said.sensitive,
        )
        for slug in slugs
    )  # fmt: skip
    tables = {
        "sensitive-calls": pa.Table.from_pylist(list(_figures(said)), _FIGURES),
        "calls-by-town": pa.Table.from_pylist(list(_months(said)), _MONTHS),
        "call-rates-by-town": pa.Table.from_pylist(list(_rates(said)), _RATES),
        "calls": pa.table({"category": [OPEN], "geoid": [geoid(0)]}),
    }
    return Release(
        number=number,
        created_at=datetime(2026, 1, number, tzinfo=UTC),
        program="a test",
        portal=PublicPortal(title="T", jurisdiction="T", time_zone="UTC", suppression_threshold=said.threshold),
        datasets=tuple(_dataset(folder, number, name, table, said) for name, table in tables.items()),
        categories=categories,
        revised=tuple(str(FIRST + m) for m in said.revised),
    )


def _dataset(folder: Path, number: int, name: str, table: pa.Table, said: Said) -> DatasetVersion:
    path = folder / "tables" / name / f"{number}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)
    rows = name == "calls"
    n = said.withheld_rows
    return DatasetVersion(
        name=name,
        id=name,
        kind="rows" if rows else "counts",
        title=name,
        columns=tuple(PublicColumn(name=c, label=c, type="text") for c in table.column_names),
        accounting=Accounting(read=n + 1, published=1, duplicates=0, quarantined=0, withheld=n)
        if rows and n is not None
        else None,
        version=number,
        delta_version=number,
        files=(path.relative_to(folder).as_posix(),),
        rows=table.num_rows,
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        content_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _figures(said: Said) -> Iterable[dict[str, object]]:
    towns, months = said.reported.shape
    for kind, slug in enumerate(said.kinds):
        if slug not in said.sensitive:
            continue
        for figure in said.figures or usual(towns, months):
            value = said.value(kind, figure)
            hidden = said.hide(figure, value)
            own = figure.place if figure.level == "town" else ""
            town = int(own[2:]) if own else 0
            yield {
                **_about(figure, slug),
                "county": county(town) if own else figure.place,
                "coverage": "suppressed" if hidden else "reported" if value else "zero",
                "months_reported": int(said.reported[town, figure.first : figure.last + 1].sum()) if own else None,
                "calls": None if hidden else value,
                "rate": None,
            }


def _months(said: Said) -> Iterable[dict[str, object]]:
    """An open kind, one call in each town and month; and the months of kinds that this release does not protect."""
    towns, months = said.reported.shape
    told = [(OPEN, np.ones_like(said.calls[0])), *zip(said.kinds, said.calls, strict=True)]
    for slug, calls in told:
        if slug in said.sensitive:
            continue
        for town in range(towns):
            for month in range(months):
                there = bool(said.reported[town, month])
                yield {
                    "geoid": geoid(town), "place": f"Town {town}", "county": county(town),
                    "month": (FIRST + month).astype("datetime64[D]").astype(object), "category": slug,
                    "category_group": slug, "initiated_by": "citizen",
                    "coverage": "not reported" if not there else "reported" if calls[town, month] else "zero",
                    "calls": int(calls[town, month]) if there else None,
                }  # fmt: skip


def _rates(said: Said) -> Iterable[dict[str, object]]:
    for slug, figure, value in said.more:
        yield {
            **_about(figure, slug), "category_level": "category", "initiated_by": "all", "coverage": "reported",
            "calls": value,
        }  # fmt: skip


def _about(figure: Figure, slug: str) -> dict[str, object]:
    own = figure.place if figure.level == "town" else ""
    last = (FIRST + figure.last).astype("datetime64[D]").astype(object)
    return {
        "level": figure.level, "geoid": own, "place": f"Town {int(own[2:])}" if own else figure.place,
        "period_kind": "month" if figure.first == figure.last else "year",
        "first_month": (FIRST + figure.first).astype("datetime64[D]").astype(object), "last_month": last,
        "category": slug,
    }  # fmt: skip


def _schema(texts: Sequence[str], dates: Sequence[str], numbers: Sequence[str]) -> pa.Schema:
    return pa.schema(
        [(n, pa.string()) for n in texts] + [(n, pa.date32()) for n in dates] + [(n, pa.int64()) for n in numbers]
    )


_SPAN = ("first_month", "last_month")
_FIGURES = _schema(
    ("level", "geoid", "place", "county", "period_kind", "category", "coverage"), _SPAN, ("months_reported", "calls")
).append(pa.field("rate", pa.float64()))
_MONTHS = _schema(
    ("geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"), ("month",), ("calls",)
)
_RATES = _schema(
    ("level", "geoid", "place", "period_kind", "category", "category_level", "initiated_by", "coverage"), _SPAN,
    ("calls",),
)  # fmt: skip
