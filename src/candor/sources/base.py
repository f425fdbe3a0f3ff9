"""What every reader gives: one relational shape, whatever the file was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from candor.portal.declared import SourceConfig

ROW = "_row"
"""The number of a row, from 1: its place in the landed file (`Engine.numbered`)."""


@dataclass(frozen=True)
class Unreadable:
    """Lines that cannot be read as rows, by reason, with the first line's number as an example."""

    reason: str
    rows: int
    first_line: int


@dataclass(frozen=True)
class Landed:
    """A source in the one relational shape: text columns under the header's names, in the order of the file.

    `_row`, the number of a row, is its place in the Parquet file, from 1: `Engine.numbered` reads it so.

    `unreadable_path` holds the lines that are not rows, as they are (`line`, `error`, `text`).
    """

    path: Path
    rows: int
    header: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]
    unreadable_path: Path
    sha256: str
    bytes: int
    notes: tuple[str, ...]

    @property
    def read(self) -> int:
        """Every row of the file, readable or not."""
        return self.rows + sum(u.rows for u in self.unreadable)


@dataclass(frozen=True)
class Reader:
    """A format that a source may have.

    `recognises` looks at a file's first bytes, never at its name. `detect` says how a file of it is written; `land`
    reads the file (as declared, from, into a Parquet file, these columns or all). Both raise `DataError` where the file
    cannot be read so.
    """

    name: str
    title: str
    recognises: Callable[[bytes], bool]
    detect: Callable[[Path], SourceConfig]
    land: Callable[[SourceConfig, Path, Path, Sequence[str]], Landed]
