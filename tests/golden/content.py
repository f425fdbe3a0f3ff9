"""What a portal has published, as hashes that say where something changed: its content, and not how it was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from candor.store.dataset_model import DatasetVersion
from candor.store.model import Release
from candor.store.public import PublicStore

_OF_THE_WRITING = frozenset(
    {
        # When and with what it was made, and the names, bytes and hashes of files: the Parquet writer's and Delta's.
        *("created_at", "published_at", "program", "files", "file_rows"),
        *("file_sha256", "content_sha256", "delta_version"),
        # How long the audit took, in time and in programs.
        *("seconds", "programs"),
    }
)

Record = dict[str, dict[str, str]]


def record(root: Path) -> Record:
    """Of each release of a portal: a hash of its text, and of each of its tables the columns and a hash of the rows."""
    store = PublicStore(root / "data" / "public")
    return {str(release.number): _release(store, release) for release in store.releases()}


def _release(store: PublicStore, release: Release) -> dict[str, str]:
    described = release.model_dump(mode="json", exclude=set(_OF_THE_WRITING))
    texts = {name: json.dumps(_plain(value), sort_keys=True) for name, value in sorted(described.items())}
    found = {f"text: {name}": _digest(text) for name, text in texts.items()}
    for dataset in sorted(release.datasets, key=lambda d: d.name):
        found[f"table: {dataset.name}"] = _table(store, dataset)
    return found


def _plain(value: object) -> object:
    """The text of a release without what is of the writing."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if k not in _OF_THE_WRITING}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _table(store: PublicStore, dataset: DatasetVersion) -> str:
    table = pa.concat_tables([pq.read_table(path) for path in store.files(dataset)])
    columns = ", ".join(f"{f.name} {_type(f.type)}" for f in table.schema)
    lines = sorted(repr(tuple(line.values())) for line in table.to_pylist())
    return f"{table.num_rows} rows {_digest(chr(10).join(lines))}, columns {_digest(columns)}"


def _type(of: pa.DataType) -> str:
    """The type of the values: a dictionary is a way to write them."""
    return str(of.value_type if pa.types.is_dictionary(of) else of)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
