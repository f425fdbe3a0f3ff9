"""The Parquet files of a version, on their way from the staging folder into the table's."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from candor.errors import DataError
from candor.store.dataset_model import DatasetDraft, DatasetVersion
from candor.store.durable import sync


def parquet_files(name: str, paths: Sequence[Path]) -> list[Path]:
    """The Parquet files at the paths; a folder, as Spark writes it, stands for the `*.parquet` in it, in name order."""
    files = [f for p in paths for f in (sorted(p.glob("*.parquet")) if p.is_dir() else [p])]
    missing = [str(f) for f in files if not f.is_file()]
    if missing or not files:
        raise DataError(
            f"Nothing was written for data set {name}: {', '.join(missing or map(str, paths))} is missing",
            "one Parquet file or more",
            "This is a mistake in the program: please report it. Nothing was published.",
        )
    return files


def footers(draft: DatasetDraft, files: Sequence[Path]) -> tuple[pa.Schema, list[int]]:
    """The columns (the same in all files) and the rows of each file, from their footers alone.

    All files of a version have the same columns, so that of files that are carried on one is enough.

    Raises DataError where a file is not whole, the files differ, or the columns are not those that the draft declares.
    """
    schemas, rows = [], []
    for file in files:
        try:
            with pq.ParquetFile(file) as parquet:
                schemas.append(parquet.schema_arrow.remove_metadata())
                rows.append(int(parquet.metadata.num_rows))
        except pa.ArrowException as error:
            raise DataError(f"The file written for data set {draft.name} is not whole: {error}") from error
    if any(not s.equals(schemas[0]) for s in schemas):
        raise DataError(f"The files of data set {draft.name} differ in their columns", "the same columns in each")
    declared, found = {c.name for c in draft.columns}, set(schemas[0].names)
    if declared != found:
        raise DataError(
            f"Data set {draft.name} does not have the columns that it declares: "
            f"declared and missing: {', '.join(sorted(declared - found)) or 'none'}; "
            f"not declared and there: {', '.join(sorted(found - declared)) or 'none'}",
            "exactly the declared columns, so that nothing becomes public unseen",
            "Nothing was published.",
        )
    return schemas[0], rows


class FileFacts(NamedTuple):
    """A file of a version, relative to the public folder, with its rows and its SHA-256."""

    file: str
    rows: int
    sha256: str


def hash_of(path: Path) -> str:
    """The SHA-256 of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_hash(hashes: Sequence[str]) -> str:
    """The hash of a version: that of its one file, or of its files' hashes, each on a line."""
    if len(hashes) == 1:
        return hashes[0]
    return hashlib.sha256("".join(f"{h}\n" for h in hashes).encode("ascii")).hexdigest()


def facts_of(public: Path, version: DatasetVersion) -> list[FileFacts]:
    """The files of a version with their rows and hashes: from the release, or from the files where it is older."""
    if len(version.file_sha256) == len(version.file_rows) == len(version.files):
        known = zip(version.files, version.file_rows, version.file_sha256, strict=True)
        return [FileFacts(*one) for one in known]
    if len(version.files) == 1 and version.content_sha256:
        return [FileFacts(version.files[0], version.rows, version.content_sha256)]
    return [FileFacts(f, int(pq.read_metadata(public / f).num_rows), hash_of(public / f)) for f in version.files]


def carried_facts(
    public: Path, name: str, carried: Sequence[str], versions: Iterable[DatasetVersion]
) -> list[FileFacts]:
    """What earlier versions of the data set say of these files of theirs, in the order asked for.

    `versions` are looked at one by one, the likeliest first, until every file is found.
    """
    wanted, known = set(carried), dict[str, FileFacts]()
    for version in versions:
        if not wanted - known.keys():
            break
        if wanted & set(version.files):
            known = {f.file: f for f in facts_of(public, version)} | known
    wrong = sorted(wanted - known.keys()) + sorted(f for f in wanted if carried.count(f) > 1)
    wrong += sorted(f for f in wanted & known.keys() if not (public / f).is_file())
    if wrong:
        raise DataError(
            f"Data set {name} cannot carry these files on: {', '.join(wrong)}",
            "files of its earlier versions that are still there, each once",
            "This is a mistake in the program: please report it. Nothing was published.",
        )
    return [known[file] for file in carried]


def move_in(staged: Path, target: Path) -> Path:
    """Move the file into the table's folder, and be sure that the disk holds it."""
    staged.chmod(0o644)
    sync(staged)
    try:
        staged.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The publisher keeps internal/ on another file system. A copy cut short is removed by the next publication.
        shutil.copyfile(staged, target)
        sync(target)
        staged.unlink()
    return target
