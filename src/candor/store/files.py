"""The Parquet files of a version, on their way from the staging folder into the table's."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from candor.portal.problems import DataError
from candor.store.durable import sync
from candor.store.model import DatasetDraft


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


def add_to_hash(path: Path, into: hashlib._Hash) -> None:
    """Add the file's bytes to the hash, a piece at a time."""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            into.update(block)


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
