"""What the store's tests share: publishing small tables, and reading a release as the site does."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from deltalake import DeltaTable

from candor.store.dataset_model import DatasetDraft, DatasetVersion, PublicColumn
from candor.store.model import PublicPortal, Release
from candor.store.public import PublicStore
from candor.store.publication import Publication
from candor.store.store import Store

PORTAL = PublicPortal(title="Test portal", jurisdiction="Testland", time_zone="America/New_York")
PAIR = ("calls", "calls-by-town")
Rows = list[tuple[object, ...]]


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def engine() -> duckdb.DuckDBPyConnection:
    """A cursor of this process's own DuckDB."""
    return _database().cursor()


def draft(name: str, columns: Iterable[str], **more: object) -> DatasetDraft:
    """A draft with these columns, all of them text as far as the public is told."""
    said = tuple(PublicColumn(name=c, label=c, type="text") for c in columns)
    ident = hashlib.sha256(name.encode()).hexdigest().translate(str.maketrans("01", "gh"))
    known = {"id": f"{ident[:4]}-{ident[4:8]}", "kind": "rows", "title": name, "columns": said}
    return DatasetDraft.model_validate({"name": name, **known, **more})


def put(pub: Publication, name: str, sql: str) -> DatasetVersion:
    """Let DuckDB write the query's rows, and put them."""
    path = pub.stage(name)
    with engine() as db:
        db.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return pub.put(draft(name, pq.read_schema(path).names), path)


def publish(store: Store, tables: Mapping[str, str], keep: Iterable[str] = ()) -> Release:
    """One release of these queries."""
    with store.publication() as pub:
        for name, sql in tables.items():
            put(pub, name, sql)
        for name in keep:
            pub.keep(name)
        return pub.bring_into_force(pub.preview(portal=PORTAL))


def rows(public: PublicStore, version: DatasetVersion) -> Rows:
    """The rows as the site's engine reads them: from the files that the release names."""
    with engine() as db:
        return db.execute("FROM read_parquet(?)", [[str(f) for f in public.files(version)]]).fetchall()


def rows_by_delta(public: PublicStore, version: DatasetVersion) -> Rows:
    """The rows as somebody else's Delta reader sees them, by time travel."""
    table = DeltaTable(str(public.folder / "tables" / version.name), version=version.delta_version)
    assert [Path(u).name for u in sorted(table.file_uris())] == sorted(Path(f).name for f in version.files)
    return [tuple(row.values()) for row in table.to_pyarrow_table().to_pylist()]


def publish_pair(store: Store, count: int = 2_000) -> Release:
    """One release of two tables that hold the same stamp in every row."""
    stamp = secrets.token_hex(8)
    sql = f"SELECT '{stamp}' AS stamp, i, hash(i) AS noise FROM range({count}) r(i)"
    return publish(store, dict.fromkeys(PAIR, sql))


def whole(public: PublicStore) -> int:
    """Check that a reader who comes now sees one whole release with both tables in step; its number."""
    release = public.current()
    if release is None:
        return 0
    assert [d.name for d in release.datasets] == list(PAIR)
    stamps = set()
    for dataset in release.datasets:
        files = public.files(dataset)
        assert hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest() == dataset.content_sha256
        with engine() as db:
            found = db.execute("SELECT stamp, count(*) FROM read_parquet(?) GROUP BY ALL", [[str(f) for f in files]])
            [(stamp, count)] = found.fetchall()
        assert count == dataset.rows
        stamps.add(stamp)
    assert len(stamps) == 1, "the two tables are of different releases"
    return release.number


def everything(public: Path) -> set[str]:
    """All files of the public folder but the Delta logs."""
    return {
        p.relative_to(public).as_posix() for p in public.rglob("*") if p.is_file() and p.parent.name != "_delta_log"
    }


def expected(public: PublicStore) -> set[str]:
    """All files that ought to be there: what the releases in force name, and no more."""
    releases = public.releases()
    named = {file for r in releases for d in r.datasets for file in d.files}
    return named | {"current"} | {f"releases/{r.number}.json" for r in releases}


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[str]:
    """A file system of that size at `folder`; gives the reason where this machine does not permit one, else ''."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        yield mounted.stderr.strip() if mounted.returncode else ""
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
