"""The versions of a data set without some of their rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.store.dataset_model import DatasetVersion
from candor.store.files import FileFacts, content_hash, hash_of
from candor.store.rewriting import NOTHING, Gone, Numbers, RowTest, Written, gone_of, write_without


class Fresh(NamedTuple):
    """What a version is without its withdrawn rows; `lost` of them, which only the accounting is told."""

    files: tuple[str, ...]
    file_rows: tuple[int, ...]
    file_sha256: tuple[str, ...]
    content_sha256: str
    first: date | None
    last: date | None
    lost: int

    @property
    def rows(self) -> int:
        """The rows of the version."""
        return sum(self.file_rows)


def without_rows(
    public: Path,
    into: Path,
    versions: Mapping[int, DatasetVersion],
    tests: Mapping[str, Sequence[RowTest]],
    number: str,
) -> dict[int, Fresh]:
    """Every version without the rows that any test of its file takes; nothing at all where no test takes any.

    All files of all versions are written anew, to `into`, each once for all versions in which its rows keep the same
    numbers; `number` is the column that numbers a version's rows. A file that loses all its rows is not written, unless
    the version has no other.
    """
    gone = {file: gone_of(public / file, _any(found), number) for file, found in tests.items()}
    if not any(len(g.places) for g in gone.values()):
        return {}
    into.mkdir()
    rewriting = _Rewriting(public, into, gone, number)
    fresh = {}
    for version in versions.values():
        files = rewriting.files(version)
        kept = [pair for pair in files if pair[1].rows] or files[:1]
        fresh[version.version] = Fresh(
            files=tuple(f.file for f, _ in kept),
            file_rows=tuple(f.rows for f, _ in kept),
            file_sha256=tuple(f.sha256 for f, _ in kept),
            content_sha256=content_hash([f.sha256 for f, _ in kept]),
            first=min((w.first for _, w in kept if w.first), default=None),
            last=max((w.last for _, w in kept if w.last), default=None),
            lost=sum(len(gone.get(f, NOTHING).places) for f in version.files),
        )
    used = {Path(f).name for one in fresh.values() for f in one.files}
    for path in into.iterdir():
        if path.name not in used:
            path.unlink()
    return fresh


def _any(tests: Sequence[RowTest]) -> RowTest:
    """The rows that any of the tests takes."""
    if not tests[1:]:
        return tests[0]

    def test(rows: pa.Table) -> pa.Array | pa.ChunkedArray:
        found = tests[0](rows)
        for other in tests[1:]:
            found = pc.or_kleene(found, other(rows))
        return found

    return test


class _Rewriting:
    """The files of one data set, each written once for all versions in which its rows have the same numbers."""

    def __init__(self, public: Path, into: Path, gone: Mapping[str, Gone], number: str) -> None:
        self._public, self._into, self._gone, self._number = public, into, gone, number
        self._made: dict[tuple[str, bytes], tuple[FileFacts, Written]] = {}
        self._tops: dict[str, int] = {}

    def files(self, version: DatasetVersion) -> list[tuple[FileFacts, Written]]:
        """The files of the version as they are now."""
        before = np.sort(np.concatenate([self._gone.get(f, NOTHING).numbers for f in version.files]))
        return [self._written(version, f, before[before < self._top(f)]) for f in version.files]

    def _top(self, file: str) -> int:
        """The greatest number of a row in the file; what goes behind it changes none of its numbers."""
        if file not in self._tops:
            path = self._public / file
            numbered = self._number in pq.read_schema(path).names
            found = pc.max(pq.read_table(path, columns=[self._number])[self._number]).as_py() if numbered else None
            self._tops[file] = int(found or 0)
        return self._tops[file]

    def _written(self, version: DatasetVersion, file: str, before: Numbers) -> tuple[FileFacts, Written]:
        key = (file, before.tobytes())
        if key not in self._made:
            target = self._into / f"{Path(file).name.rpartition('-')[0]}-{secrets.token_hex(4)}.parquet"
            written = write_without(
                self._public / file, target, self._gone.get(file, NOTHING), before, self._number,
                version.published_at, version.time_column,
            )  # fmt: skip
            facts = FileFacts(f"{Path(file).parent.as_posix()}/{target.name}", written.rows, hash_of(target))
            self._made[key] = (facts, written)
        return self._made[key]
