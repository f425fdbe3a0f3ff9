"""The formats that a source may have: one module each, with a `READER`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from candor.portal.declared import SourceConfig
from candor.sources import csv
from candor.sources.base import Landed, Reader

READERS: tuple[Reader, ...] = (csv.READER,)
"""In the order in which they are asked whether a file is theirs; the last one takes what is left."""

_HEAD = 1 << 12


def reader_of(path: Path) -> Reader:
    """The reader of a file, by its content; of one that cannot be opened the last, which says what is wrong with it."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return READERS[-1]
    return next(reader for reader in READERS if reader.recognises(head))


def detect(path: Path) -> SourceConfig:
    """How a file is written, as its reader finds it."""
    return reader_of(path).detect(path)


def land(source: SourceConfig, path: Path, into: Path, only: Sequence[str] = ()) -> Landed:
    """The file as a Parquet file of text columns under the header's names, the columns `only` (all where empty).

    Raises `DataError` as its reader does.
    """
    return reader_of(path).land(source, path, into, only)
