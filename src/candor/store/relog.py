"""A Delta log made anew, as if a table had never held anything but the versions that are left.

The old log names the files that are gone, with their sizes, rows and days, and so do its checkpoints. What the library
writes of the present moment is set to the version's own: the new log looks as if it had been written version after
version.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from candor.store import delta
from candor.store.durable import sync


class Commit(NamedTuple):
    """A version of the table: its files where they are now, by the names that they have in the table's folder."""

    version: int
    note: str
    moment: datetime
    files: Mapping[str, Path]
    rows: Sequence[int]


def new_log(commits: Iterable[Commit], into: Path) -> dict[int, int]:
    """Write the log of these versions, the oldest first, to the folder `into`. Version -> its Delta version.

    `into` also takes links to the files while the log is being written; only its `_delta_log` is left.
    """
    into.mkdir(parents=True)
    found, first = {}, None
    for commit in commits:
        for name, path in commit.files.items():
            if not (into / name).exists():
                (into / name).symlink_to(path)
        schema: pa.Schema = pq.read_schema(next(iter(commit.files.values()))).remove_metadata()
        before = _logs(into)
        pairs = list(zip(commit.files, commit.rows, strict=True))
        found[commit.version] = delta.overwrite(into, pairs, schema, commit.note)
        first = first or commit.moment
        for log in sorted(_logs(into) - before):
            _set_back(log, commit.moment, first)
    for path in into.iterdir():
        if path.is_symlink():
            path.unlink()
    for path in (into / delta.LOG).iterdir():
        # A checkpoint would have been written from the log as it was before it was set back.
        if path.suffix != ".json":
            path.unlink()
    return found


def _logs(table: Path) -> set[Path]:
    return set((table / delta.LOG).glob("*.json"))


def _set_back(log: Path, moment: datetime, first: datetime) -> None:
    at, born = int(moment.timestamp() * 1000), int(first.timestamp() * 1000)
    lines = []
    for line in log.read_text(encoding="utf-8").splitlines():
        action = json.loads(line)
        if info := action.get("commitInfo"):
            info["timestamp"] = at
            for key in ("location", "metadata", "protocol"):
                info.get("operationParameters", {}).pop(key, None)
        if "metaData" in action:
            action["metaData"]["createdTime"] = born
        if "remove" in action:
            action["remove"]["deletionTimestamp"] = at
        lines.append(json.dumps(action, ensure_ascii=False, separators=(",", ":")))
    log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    log.chmod(0o644)
    os.utime(log, (moment.timestamp(), moment.timestamp()))
    sync(log)
