"""Commits of whole files to a Delta table: no row passes through Python.

The protocol: https://github.com/delta-io/delta/blob/master/PROTOCOL.md. A version replaces all rows (an overwrite), and
may replace the columns with them. Old versions stay: the logs are never cleaned, the files never vacuumed.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, TableFeatures
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction, create_table_with_add_actions

from candor.errors import DataError
from candor.store.durable import sync, write_atomically
from candor.store.errors import StoreDamaged

LOG = "_delta_log"
_CONFIGURATION = {
    # A published version stays readable for good, also where somebody runs a clean-up on the table.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 36500 days",
    "delta.deletedFileRetentionDuration": "interval 36500 days",
}
_HOOKS = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
# Delta knows no unsigned integers: the next wider type holds every value.
_SIGNED = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.decimal128(20, 0)}


def overwrite(table: Path, files: Sequence[tuple[str, int]], schema: pa.Schema, note: str) -> int:
    """Commit the files (each with its number of rows, already in the table's folder) as all there is from now on.

    `schema` is the files' Arrow schema. Files that the newest Delta version has already are not named again. Returns
    the number of the new Delta version.
    """
    columns = delta_schema(schema, table.name)
    properties = CommitProperties(custom_metadata={"userMetadata": note})
    with _plainly(table):
        if not exists(table):
            create_table_with_add_actions(
                str(table),
                columns,
                [_add(table / name, rows) for name, rows in files],
                mode="error",
                configuration=_CONFIGURATION,
                commit_properties=properties,
                post_commithook_properties=_HOOKS,
            )
        else:
            delta = DeltaTable(str(table))
            if _zoneless(schema) and "timestampNtz" not in (delta.protocol().writer_features or []):
                delta.alter.add_feature(
                    TableFeatures.TimestampWithoutTimezone,
                    allow_protocol_versions_increase=True,
                    post_commithook_properties=_HOOKS,
                )
                delta = DeltaTable(str(table))
            now = {Path(uri).name for uri in delta.file_uris()}
            # An "overwrite" removes every file, and a commit must not both remove and add the same one. Where a file
            # stays the columns do too.
            stays = any(name in now for name, _ in files)
            delta.create_write_transaction(
                [
                    *(_gone(table, now - {name for name, _ in files}) if stays else ()),
                    *(_add(table / name, rows) for name, rows in files if name not in now),
                ],
                "append" if stays else "overwrite",
                columns,
                commit_properties=properties,
                post_commithook_properties=_HOOKS,
            )
    return _settled(table, {name for name, _ in files})


def restore(table: Path, delta_version: int, files: set[str], note: str) -> int:
    """Commit the content of an old Delta version as a new one. `files` are the names that it must have."""
    properties = CommitProperties(custom_metadata={"userMetadata": note})
    with _plainly(table):
        delta = DeltaTable(str(table))
        if delta.version() == delta_version:
            # The library restores older versions only; a commit of nothing carries the newest content on.
            delta.create_write_transaction(
                [], "append", delta.schema(), commit_properties=properties, post_commithook_properties=_HOOKS
            )
        else:
            delta.restore(delta_version, commit_properties=properties, post_commithook_properties=_HOOKS)
    return _settled(table, files)


def exists(table: Path) -> bool:
    """Whether the folder holds a Delta table."""
    return any((table / LOG).glob("*.json"))


def head(table: Path) -> tuple[int, set[str]]:
    """The newest Delta version and the names of its files. Raises DeltaError where the log cannot be read."""
    delta = DeltaTable(str(table))
    return int(delta.version()), {Path(uri).name for uri in delta.file_uris()}


def delta_schema(schema: pa.Schema, name: str) -> Schema:
    """The Delta columns for an Arrow schema, or a DataError that names the columns that Delta has no type for."""
    fields, wrong = [], []
    for field in schema:
        known = field.with_type(_SIGNED.get(field.type, field.type)).remove_metadata()
        try:
            Schema.from_arrow(pa.schema([known]))
        except Exception:  # noqa: BLE001  the library raises several kinds for a type that it does not know
            wrong.append(f"{field.name} ({field.type})")
        fields.append(known)
    if wrong:
        raise DataError(
            f"Data set {name} has columns that a Delta table cannot hold: {', '.join(wrong)}",
            "text, integers, numbers, booleans, dates, timestamps",
            "Cast them before they are published.",
        )
    return Schema.from_arrow(pa.schema(fields))


def _add(path: Path, rows: int) -> AddAction:
    stat = path.stat()
    return AddAction(path.name, stat.st_size, {}, int(stat.st_mtime * 1000), True, json.dumps({"numRecords": rows}))


def _gone(table: Path, names: Iterable[str]) -> list[RemoveAction]:
    moment = int(time.time() * 1000)
    return [
        RemoveAction(path=name, data_change=True, deletion_timestamp=moment, size=(table / name).stat().st_size)
        for name in sorted(names)
    ]


def _zoneless(schema: pa.Schema) -> bool:
    return any(pa.types.is_timestamp(f.type) and f.type.tz is None for f in schema)


def _settled(table: Path, files: set[str]) -> int:
    # The library's commits are atomic but not flushed; a release may name them only when they are on the disk.
    with _plainly(table):
        # To open a table takes longer than to read its one commit.
        first = _first_commit(table)
        version, found = head(table) if first is None else (0, first)
    if found != files:
        raise StoreDamaged(
            f"The Delta table {table} has the files {sorted(found)} after a commit of {sorted(files)}",
            "what was committed",
            "Something else writes to this folder. Stop it and run the command again.",
        )
    _without_place(table)
    # From the version before on, which may be the one that widened the protocol; "_last_checkpoint" sorts behind.
    for log in (table / LOG).iterdir():
        if log.name[:20] >= f"{max(version - 1, 0):020d}":
            sync(log)
    sync(table / LOG)
    sync(table)
    return version


def _without_place(table: Path) -> None:
    """Take out of the log where the table lies on this machine, which the library writes and readers do not need.

    The folder may be named after an account or a case, and the log is public. Logs of earlier versions are mended too.
    """
    first = table / LOG / f"{0:020d}.json"
    text = first.read_text(encoding="utf-8") if first.is_file() else ""
    if '"location"' not in text:
        return
    actions = [json.loads(line) for line in text.splitlines()]
    for action in actions:
        action.get("commitInfo", {}).get("operationParameters", {}).pop("location", None)
    lines = [json.dumps(action, ensure_ascii=False, separators=(",", ":")) for action in actions]
    # The time of the file is the time of the version.
    times = first.stat()
    write_atomically(first, "\n".join(lines) + "\n")
    os.utime(first, ns=(times.st_atime_ns, times.st_mtime_ns))


def _first_commit(table: Path) -> set[str] | None:
    """The files of a table that was just made, of which the log has nothing but the first commit; else None."""
    first = f"{0:020d}.json"
    if [log.name for log in (table / LOG).glob("*[0-9].*")] != [first]:
        return None
    actions = [json.loads(line) for line in (table / LOG / first).read_text(encoding="utf-8").splitlines()]
    return {action["add"]["path"] for action in actions if "add" in action}


@contextmanager
def _plainly(table: Path) -> Iterator[None]:
    try:
        yield
    except DeltaError as error:
        first = str(error).strip().splitlines()[0]
        raise StoreDamaged(
            f"The Delta table {table} could not be read or written: {first}",
            "",
            "If a restored backup is incomplete, restore the whole folder data/public at once.",
        ) from error
