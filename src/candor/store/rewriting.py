"""Published Parquet files without some of their rows.

Every file of the data set is written anew, also those that lose nothing: written by another program or in other pieces
than its neighbours, a file would say by itself that a row is missing from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.errors import DataError
from candor.store.durable import sync
from candor.store.words import own_words

RowTest = Callable[[pa.Table], pa.Array | pa.ChunkedArray]
"""Given some rows of a file as they are published, all their columns, says of each whether it goes (true) or stays."""

Numbers = npt.NDArray[np.int64]

_GROUP = 122_880
"""Rows of a row group, as the engine writes them."""


class Gone(NamedTuple):
    """What goes of a file: the places of its rows, from 0, and their numbers where the file numbers its rows."""

    places: Numbers
    numbers: Numbers


class Written(NamedTuple):
    """A file as it is now: its rows, and the first and last day of its time column."""

    rows: int
    first: date | None
    last: date | None


NOTHING = Gone(np.empty(0, np.int64), np.empty(0, np.int64))


def gone_of(path: Path, test: RowTest, number: str) -> Gone:
    """Which rows of the file go. Raises DataError where the test does not answer for each row."""
    places, numbers, at = [], [], 0
    for piece in _pieces(path):
        answer = test(piece)
        if len(answer) != piece.num_rows or not pa.types.is_boolean(answer.type):
            raise DataError(
                f"The test of the rows of {path.name} gave {len(answer)} answers of the type {answer.type} "
                f"for {piece.num_rows} rows",
                "true or false for each row",
                "This is a mistake in the program: please report it. Nothing was withdrawn.",
            )
        marks = pc.fill_null(answer, fill_value=False).to_numpy(zero_copy_only=False) if len(answer) else []
        found = np.flatnonzero(marks)
        places.append(found + at)
        if number in piece.column_names:
            numbers.append(piece[number].to_numpy()[found].astype(np.int64))
        at += piece.num_rows
    none = np.empty(0, np.int64)
    return Gone(np.concatenate([none, *places]), np.concatenate([none, *numbers]))


def write_without(
    path: Path, target: Path, gone: Gone, before: Numbers, number: str, moment: datetime, time: str
) -> Written:
    """Write the rows of `path` that stay to `target`, numbered without a gap.

    `before` are the numbers of all rows that go from the version, sorted: a row's new number is its old one less those
    before it. `moment` becomes the file's modification time; `time` is the column of days, where it has one.
    """
    rows, days = 0, []
    with pq.ParquetFile(path) as source:
        schema = source.schema_arrow.remove_metadata()
    with pq.ParquetWriter(target, schema, compression="zstd", compression_level=1) as writer:
        for group in _groups(_staying(path, gone)):
            kept = _renumbered(group, before, number)
            writer.write_table(own_words(kept).cast(schema), row_group_size=_GROUP)
            rows += kept.num_rows
            days += _days(kept, time)
    seconds = moment.timestamp()
    os.utime(target, (seconds, seconds))
    target.chmod(0o644)
    sync(target)
    return Written(rows, min(days, default=None), max(days, default=None))


def _pieces(path: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(path) as source:
        for batch in source.iter_batches():
            yield pa.Table.from_batches([batch])


def _staying(path: Path, gone: Gone) -> Iterator[pa.Table]:
    at = 0
    for piece in _pieces(path):
        here = gone.places[(gone.places >= at) & (gone.places < at + piece.num_rows)] - at
        mask = np.ones(piece.num_rows, np.bool_)
        mask[here] = False
        at += piece.num_rows
        yield piece.filter(pa.array(mask)) if len(here) else piece


def _groups(pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of the size of a row group, the last one smaller."""
    held: list[pa.Table] = []
    count = 0
    for piece in pieces:
        held.append(piece)
        count += piece.num_rows
        while count >= _GROUP:
            whole = pa.concat_tables(held)
            yield whole.slice(0, _GROUP)
            held, count = [whole.slice(_GROUP)], count - _GROUP
    if count:
        yield pa.concat_tables(held)


def _renumbered(table: pa.Table, before: Numbers, number: str) -> pa.Table:
    if number not in table.column_names or not len(before):
        return table
    at = table.column_names.index(number)
    old = table[number].to_numpy().astype(np.int64)
    new = pa.array(old - np.searchsorted(before, old), pa.int64()).cast(table.schema.field(at).type)
    return table.set_column(at, table.schema.field(at), new)


def _days(table: pa.Table, time: str) -> list[date]:
    if time not in table.column_names or not pa.types.is_temporal(table.schema.field(time).type):
        return []
    ends = pc.min_max(table[time]).as_py()
    return [v.date() if isinstance(v, datetime) else v for v in ends.values() if isinstance(v, date)]
