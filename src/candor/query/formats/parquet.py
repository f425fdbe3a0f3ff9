"""Parquet: a version's own files, sent as they are; several as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from candor.published.errors import ReplacedError
from candor.published.tables import Tables
from candor.query.formats.base import Format
from candor.query.rows import RowQuery


def stream_parquet(tables: Tables, query: RowQuery) -> Iterator[bytes]:
    """One Parquet file of all rows of the version; it is of whole data sets, and no filter is asked."""
    files = [Path(f) for f in tables.files(query.version)]
    if not all(file.exists() for file in files):
        raise ReplacedError("Something was withdrawn while this was being read", remedy="Ask again in a few seconds")
    return joined(files)


def joined(files: Sequence[Path]) -> Iterator[bytes]:
    """One Parquet file of the rows of several, in their order."""
    sink = _Pieces()
    with pq.ParquetWriter(sink, pq.read_schema(files[0])) as writer:
        for path in files:
            with pq.ParquetFile(path) as source:
                for group in range(source.num_row_groups):
                    writer.write_table(source.read_row_group(group))
                    yield sink.take()
    yield sink.take()


class _Pieces:
    """A file that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        """How much was written."""
        return self._at

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """The writer is done."""
        self.closed = True

    def take(self) -> bytes:
        """What was written since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data


FORMAT = Format(
    "parquet", "application/vnd.apache.parquet", stream_parquet,
    title="Columns with types", label="Parquet", whole=True, stored=True,
)  # fmt: skip
