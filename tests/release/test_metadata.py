"""What published files say of themselves beside their content: their columns, the program, nothing of a source."""

from __future__ import annotations

import getpass
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.release.conftest import SmallPortal, lines

from candor.graphics.sheets.picture import png
from candor.query.formats.parquet import joined

SOURCE = "evening-shift-4711"
OWN = ("columns", "incident", "when", "nature")


@pytest.fixture
def published(portal: SmallPortal) -> Path:
    """The public folder of a portal whose source is a Parquet file that says much of itself."""
    rows = [line.split(",") for line in lines()]
    names = ["incident", "when", "nature", "lat", "lon", "town", "marked"]
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})
    table = table.replace_schema_metadata({"author": "Jane Smith", "pandas": '{"creator": "C:\\\\Users\\\\jsmith"}'})
    pq.write_table(table, portal.root / f"{SOURCE}.parquet")
    portal.replace('path = "calls.csv"', f'path = "{SOURCE}.parquet"\nformat = "parquet"')
    portal.publish()
    return portal.root / "data" / "public"


def test_no_file_says_where_its_rows_came_from_or_who_made_it(published: Path) -> None:
    secrets = ["Jane Smith", "jsmith", SOURCE, str(published.parents[1]), socket.gethostname()]
    secrets += [f"/{getpass.getuser()}/", f'"{getpass.getuser()}"']
    files = [p for p in published.rglob("*") if p.is_file()]
    assert any(p.suffix == ".parquet" for p in files)
    for path in files:
        content = path.read_bytes()
        assert not [s for s in secrets if s.encode() in content], path.relative_to(published)


def test_parquet_names_its_columns_and_its_writer_alone(published: Path) -> None:
    for path in published.rglob("*.parquet"):
        told = pq.read_metadata(path)
        # Arrow's own form of the columns.
        assert set(told.metadata or {}) <= {b"ARROW:schema"}, path
        assert told.created_by.startswith(("parquet-cpp", "DuckDB")), path
        schema = pq.read_schema(path)
        assert not schema.metadata
        assert not any(set(field.metadata or {}) - {b"PARQUET:field_id"} for field in schema)
    rows = sorted(published.glob("tables/alder-calls/*.parquet"))
    assert rows
    sent = pq.ParquetFile(pa.BufferReader(b"".join(joined(rows))))
    assert set(sent.metadata.metadata or {}) <= {b"ARROW:schema"}


def test_the_log_of_a_table_says_how_it_was_changed_and_not_by_whom(published: Path) -> None:
    logs = list(published.glob("tables/*/_delta_log/*.json"))
    assert logs
    for log in logs:
        for line in log.read_text(encoding="utf-8").splitlines():
            commit = json.loads(line).get("commitInfo", {})
            assert not set(commit) & {"userId", "userName", "clusterId", "notebook", "job"}, log


def test_a_picture_has_pixels_alone() -> None:
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><title>Alder</title><text>By J</text></svg>'
    assert set(chunks(png(drawn))) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"sRGB", b"gAMA", b"pHYs"}


def chunks(picture: bytes) -> Iterator[bytes]:
    """The kinds of the parts of a PNG, in order."""
    at = 8
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        yield picture[at + 4 : at + 8]
        at += size + 12
