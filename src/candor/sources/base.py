"""What every reader gives: one relational shape, whatever the file was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from candor.portal.declared import SourceConfig
from candor.sources.content import Content

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

    `unreadable_path` holds the lines that are not rows, as they are (`line`, `error`, `text`; `file` where the source
    is several files).
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
    """What reads a table: `detect` says how it is written, `land` makes it a Parquet file (as declared, from, into).

    `land` takes the columns that are wanted, or all of them. Both raise `DataError` where the table cannot be read so.
    """

    name: str
    title: str
    detect: Callable[[Path], SourceConfig]
    land: Callable[[SourceConfig, Path, Path, Sequence[str]], Landed]


@dataclass(frozen=True)
class Table:
    """A table of a source, ready for its reader.

    `path` is the file itself, or what was made of it for the reader; `name` is what people call it. `found` has what
    """

    path: Path
    reader: Reader
    name: str = ""
    found: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """A form that a file may have.

    `recognises` looks at what is in a file, never at its name. `tables` gives its tables; what has to be made of the
    file first is put into the folder. It raises `DataError` where the file cannot be read.
    """

    name: str
    title: str
    recognises: Callable[[Content], bool]
    tables: Callable[[Content, SourceConfig, Path], list[Table]]
