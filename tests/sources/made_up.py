"""Made-up exports, as rows and as files of every kind."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from candor.portal.declared import SourceConfig
from candor.sources.base import Landed
from candor.sources.registry import examine, land

HEADER = ("Report No", "Received", "Nature", "Lat", "Long")
Row = tuple[str, ...]


def rows(number: int, year: int) -> list[Row]:
    """So many made-up calls of a year."""
    r = random.Random(year)  # noqa: S311
    kinds = ("Burglary", "Traffic, stop", 'Noise "loud"', "Alarm")
    return [
        (
            f"{year}-{i:05d}",
            f"{year}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d} {r.randint(0, 23):02d}:{r.randint(1, 59):02d}:00",
            r.choice(kinds),
            f"{r.uniform(43.9, 44.1):.5f}1",
            f"{r.uniform(-73.1, -72.9):.5f}1",
        )
        for i in range(number)
    ]


def csv_text(lines: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> str:
    """Them as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()


def read(path: Path, tmp_path: Path) -> tuple[SourceConfig, Landed, list[Row]]:
    """What is examined first, and landed then as declared, which must be the same: the rows as they were landed."""
    source, first = examine(path, tmp_path / "out" / "examined.parquet")
    landed = land(source, path, tmp_path / "out" / "landed.parquet")
    assert rows_of(landed) == rows_of(first)
    assert (landed.rows, landed.header, landed.sha256, landed.bytes, landed.unreadable) == (
        first.rows, first.header, first.sha256, first.bytes, first.unreadable,
    )  # fmt: skip
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".parquet"}, "something was left behind"
    return source, landed, rows_of(landed)


def rows_of(landed: Landed) -> list[Row]:
    """The landed rows, in their order."""
    table = pq.read_table(landed.path)
    assert tuple(table.column_names) == landed.header
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
