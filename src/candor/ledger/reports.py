"""What sources of counts by year said, kept inside as it was when it was last published."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


class Reports:
    """The sound lines of each data set of counts in a release, before protection, kept inside like the counts of rows.

    Those of a release that never came into force are never read: they lie under the number that it would have had.
    """

    def __init__(self, folder: Path, release: int) -> None:
        self._folder, self._old, self._next = folder, folder / str(release), folder / str(release + 1)
        shutil.rmtree(self._next, ignore_errors=True)
        self._next.mkdir(parents=True, mode=0o700)

    def has(self, name: str) -> bool:
        """Whether the release in force has the lines of that data set."""
        return (self._old / f"{name}.parquet").is_file()

    def save(self, name: str, lines: pa.Table) -> None:
        """Keep the lines of a data set: `geoid, year, residents, reported_as`, and a column for each category."""
        pq.write_table(lines, self._next / f"{name}.parquet")

    def carry(self, name: str) -> None:
        """Take over those of the release in force."""
        shutil.copyfile(self._old / f"{name}.parquet", self._next / f"{name}.parquet")

    def read(self) -> dict[str, pa.Table]:
        """By data set."""
        return {path.stem: pq.read_table(path) for path in sorted(self._next.glob("*.parquet"))}

    def settle(self) -> None:
        """Drop what no release needs any more."""
        for old in self._folder.iterdir():
            if old != self._next:
                shutil.rmtree(old, ignore_errors=True)
