"""Rows that were withdrawn: known by the hash of their key, so that they are neither counted nor published again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.engine.base import Engine
from candor.intake.account import KEY
from candor.store.durable import make_folder, sync

FILE = "withdrawn"
"""The file of the hashes, in the folder of a data set's archive; without the ending of the archive's own files."""


def hashes(folder: Path) -> pa.Array:
    """The hashes of the keys of a data set's withdrawn rows."""
    path = folder / FILE
    if not path.is_file():
        return pa.array([], pa.string())
    return pq.read_table(path)[KEY].combine_chunks()


def remember(folder: Path, keys: Iterable[str]) -> None:
    """Add hashes of keys. Doing it again changes nothing."""
    known = sorted({*hashes(folder).to_pylist(), *keys})
    make_folder(folder.parent, private=True)
    make_folder(folder, private=True)
    part = folder / f"{FILE}.part"
    pq.write_table(pa.table({KEY: pa.array(known, pa.string())}), part)
    sync(part)
    part.replace(folder / FILE)
    sync(folder)


def without(rows: ir.Table, engine: Engine, folder: Path) -> ir.Table:
    """Rows of the archive but those that were withdrawn."""
    known = hashes(folder)
    if not len(known) or KEY not in rows.columns:
        return rows
    gone = engine.table(pa.table({"_withdrawn": pc.unique(known)}))
    return rows.anti_join(gone, rows[KEY] == gone["_withdrawn"])
