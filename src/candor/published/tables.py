"""The rows of the release's data sets: a cursor of the locked-down connection for each request, and a time limit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from candor.engine.public import open_public
from candor.engine.reading import require_reading
from candor.published.errors import ReplacedError, TookTooLongError, TooLargeError
from candor.store.dataset_model import DatasetVersion

SCAN = "read_parquet(?, hive_partitioning = false)"
"""Reads a data set; the parameter is the list of its files. `file_index`, `file_row_number`: where a row stands."""

SECONDS = 30.0

_BATCH = 32_768  # rows


class Tables:
    """Runs queries on published files. `files` says where a version's Parquet files are."""

    def __init__(self, public_dir: Path, files: Callable[[DatasetVersion], Sequence[Path]]) -> None:
        self._connection = open_public(public_dir)
        self._files = files

    def files(self, version: DatasetVersion) -> list[str]:
        """The version's files, as the first parameter of `SCAN`."""
        return [str(path) for path in self._files(version)]

    @contextmanager
    def query(
        self, sql: str, parameters: Sequence[object], *, seconds: float = SECONDS
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Run a query on a cursor of its own; one that takes longer than `seconds` to begin answering is stopped.

        Raises `NotReadingError` for a statement that does more than read published files.
        """
        require_reading(sql)
        cursor = self._connection.cursor()
        timer = threading.Timer(seconds, cursor.interrupt)
        timer.daemon = True
        timer.start()
        try:
            cursor.execute(sql, list(parameters))
            timer.cancel()
            yield cursor
        except duckdb.InterruptException:
            raise TookTooLongError(
                f"The question was stopped after {seconds:.0f} seconds",
                remedy="Ask for fewer rows with $limit, filter by a column, or download the whole file",
            ) from None
        except duckdb.IOException:
            if all(Path(file).exists() for listed in parameters if isinstance(listed, list) for file in listed):
                raise
            raise _replaced() from None
        except duckdb.OutOfMemoryException:
            raise TooLargeError(
                "This question needs more memory than one question may take",
                remedy="Filter by a column, ask for an earlier page, leave out $order, or download the whole file",
            ) from None
        finally:
            timer.cancel()
            cursor.close()

    def batches(self, files: Sequence[str], columns: Sequence[str], texts: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of whole files, part by part; those of `texts` as numbers of the texts that a part has.

        So they stand in the file, and so PyArrow leaves them; DuckDB would make the text of each row.
        """
        for file in files:
            try:
                source = pq.ParquetFile(file, read_dictionary=[*texts], pre_buffer=False)
            except FileNotFoundError:
                raise _replaced() from None
            with source:
                yield from source.iter_batches(_BATCH, columns=[*columns], use_threads=False)

    def rows(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        with self.query(sql, parameters) as cursor:
            return cursor.fetchall()


def _replaced() -> ReplacedError:
    return ReplacedError("Something was withdrawn while this was being read", remedy="Ask again in a few seconds")
