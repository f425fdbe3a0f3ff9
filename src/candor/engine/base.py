"""What an engine must do. Everything else is written once, as Ibis expressions, and runs on each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from candor.engine.projection import Project

if TYPE_CHECKING:
    import ibis.expr.types as ir

Locate = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], npt.NDArray[np.int32]]
"""Longitudes and latitudes in degrees -> index of the town, negative where there is none. Can be pickled."""


class Engine(Protocol):
    """A place where tables are worked on: DuckDB in this process, or Spark on a cluster."""

    name: str

    def read(self, *paths: Path) -> ir.Table:
        """Parquet files as one table."""

    def numbered(self, path: Path, number: str) -> ir.Table:
        """A Parquet file with the integer column `number`: the row's place in the file, from 1."""

    def table(self, data: pa.Table) -> ir.Table:
        """A small table from memory."""

    def write(
        self, table: ir.Table, path: Path, *, order_by: Sequence[str] = (), number: str = "", start: int = 1
    ) -> None:
        """Write one Parquet file, sorted, with the row's number from `start` in the column `number` if one is named."""

    def arrow(self, table: ir.Table) -> pa.Table:
        """A small result."""

    def local_time(self, text: ir.StringValue, format_: str) -> ir.TimestampValue:
        """Text to wall time in the portal's zone, null where it does not parse.

        `format_` is a form of `portal.time_forms`: `iso` (as `texts.iso_time` says), another by its name, or a strptime
        format. What a text says of its zone counts; without that it is wall time as it is written. A clock alone is of
        1 January 1900.
        """

    def moved(self, time: ir.TimestampValue, zone: str) -> ir.TimestampValue:
        """Wall time of another zone (its IANA name) as wall time in the portal's."""

    def number(self, text: ir.StringValue) -> ir.FloatingValue:
        """Text to a finite number, null where it is none: digits, a point, an exponent, as `texts.NUMBER` says."""

    def located(self, table: ir.Table, longitude: str, latitude: str, index: str, locate: Locate) -> ir.Table:
        """The table with the integer column `index`: what `locate` says of each row's point."""

    def projected(self, table: ir.Table, x: str, y: str, project: Project) -> ir.Table:
        """The table with each row's point as `project` makes it of the two columns of numbers; null for NaN."""

    def close(self) -> None:
        """Let go of memory, files and sessions."""

    def __enter__(self) -> Self:
        """The engine, which is closed at the end of the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
