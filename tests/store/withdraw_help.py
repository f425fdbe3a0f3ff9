"""What the tests of withdrawals share: a portal whose rows can be told from one another, and a search of every byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from tests.store.store_help import PORTAL, draft, rows, rows_by_delta

from candor.store.dataset_model import Accounting, DatasetVersion
from candor.store.model import Release
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawal import Withdraw

DAY = date(2026, 4, 1)
START = datetime(2024, 1, 1)
PER_MONTH = 40
WITHDRAWN = {"public/withdrawn.json"}


def word(month: int, row: int) -> str:
    """A word that stands in one row of one month, and nowhere else."""
    return hashlib.sha256(f"{month}/{row}".encode()).hexdigest()[:20]


def month_table(month: int, before: int, count: int = PER_MONTH) -> pa.Table:
    """The rows of a month, numbered on from the `before` ones, with a day, a word of their own and a shared one."""
    return pa.table(
        {
            "id": pa.array(range(before + 1, before + count + 1), pa.int64()),
            "day": [START + timedelta(days=31 * month, minutes=r) for r in range(count)],
            "geoid": ["5000100100"] * count,
            "category": pa.array(["noise", "theft"] * (count // 2)).dictionary_encode(),
            "word": pa.array([word(month, r) for r in range(count)]).dictionary_encode(),
        }
    )


def publish_month(store: Store, month: int) -> Release:
    """A release with one month more: `calls` carries the others on, `counts` and `towns` are made anew and kept."""
    with store.publication() as pub:
        before = pub.previous.dataset("calls") if pub.previous else None
        table = month_table(month, before.rows if before else 0)
        path = pub.stage("calls")
        pq.write_table(table, path)
        total = table.num_rows + (before.rows if before else 0)
        sums = Accounting(published=total, duplicates=3, quarantined=4)
        pub.put(
            draft(
                "calls", table.column_names, accounting=sums, time_column="day",
                first_date=START.date(), last_date=table["day"][-1].as_py().date(),
            ),
            path,
            before.files if before else (),
        )  # fmt: skip
        path = pub.stage("counts")
        pq.write_table(pa.table({"month": list(range(month + 1)), "calls": [PER_MONTH] * (month + 1)}), path)
        pub.put(draft("counts", ["month", "calls"], kind="counts"), path)
        if pub.previous:
            pub.keep("towns")
        else:
            path = pub.stage("towns")
            pq.write_table(pa.table({"name": ["Barre"]}), path)
            pub.put(draft("towns", ["name"], kind="places"), path)
        return pub.bring_into_force(pub.preview(portal=PORTAL))


def months(store: Store, count: int = 4) -> Store:
    """That many releases, a month each."""
    for month in range(count):
        publish_month(store, month)
    return store


def words_of(store: Store, words: Collection[str]) -> Callable[[], Mapping[str, Callable[[pa.Table], pa.ChunkedArray]]]:
    """Which rows of `calls` go: those with these words, by the files that the releases name now."""
    values = pa.array(sorted(words), pa.string())

    def test(table: pa.Table) -> pa.ChunkedArray:
        return pc.is_in(table["word"].cast(pa.string()), values)

    def find() -> Mapping[str, Callable[[pa.Table], pa.ChunkedArray]]:
        files = {f for v in store.versions("calls") if not v.withdrawn for f in v.files}
        held = {f: pq.read_table(store.public.folder / f) for f in sorted(files)}
        return {f: test for f, table in held.items() if pc.any(test(table)).as_py()}

    return find


def take_rows(store: Store, words: Collection[str], on: date = DAY) -> None:
    """Withdraw the rows of `calls` with these words, and the counts with them."""
    item = Withdraw("calls", WithdrawalReason.SEALED, rows=words_of(store, words), figures=("counts",))
    store.withdraw([item], on)


def public_texts(public: Path) -> dict[str, bytes]:
    """Every byte of the public folder, by file: as it is, and of Parquet files also what stands in their pages."""
    found = {}
    for path in sorted(p for p in public.rglob("*") if p.is_file()):
        body = path.read_bytes()
        if path.suffix == ".parquet":
            schema = pq.read_schema(path)
            texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_dictionary(f.type)]
            for chunk in (c for n in texts for c in pq.read_table(path, columns=[n], read_dictionary=[n])[n].chunks):
                body += " ".join(map(str, chunk.dictionary.to_pylist())).encode()
            body += json.dumps(pq.read_table(path).to_pylist(), default=str).encode()
        found[path.relative_to(public).as_posix()] = body
    return found


def places(public: Path, needles: Collection[str]) -> list[tuple[str, str]]:
    """Where any of the texts stands in public, in a file or in a name."""
    texts = public_texts(public)
    return [(n, file) for n in needles for file, body in texts.items() if n.encode() in body or n in file]


def agree(store: Store) -> None:
    """Whether all public files say the same: releases, Parquet files, hashes, Delta tables, numbers and days."""
    releases = store.releases()
    for version in {(v.name, v.version): v for r in releases for v in r.datasets}.values():
        files = store.public.files(version)
        hashes = tuple(hashlib.sha256(f.read_bytes()).hexdigest() for f in files)
        assert version.file_sha256 == hashes
        joined = hashlib.sha256("".join(f"{h}\n" for h in hashes).encode()).hexdigest()
        assert version.content_sha256 == (joined if hashes[1:] else hashes[0])
        assert version.file_rows == tuple(pq.read_metadata(f).num_rows for f in files)
        found = rows(store.public, version)
        assert len(found) == version.rows == sum(version.file_rows)
        assert sorted(map(str, rows_by_delta(store.public, version))) == sorted(map(str, found))
        if version.name == "calls":
            assert [r[0] for r in found] == list(range(1, len(found) + 1))
            assert version.accounting
            assert version.accounting.published == version.rows
            days = [r[1].date() for r in found]  # type: ignore[attr-defined]
            assert (version.first_date, version.last_date) == (min(days), max(days))
    named = {f for r in releases for d in r.datasets for f in d.files}
    on_disk = {p.relative_to(store.public.folder).as_posix() for p in store.public.folder.glob("tables/*/*.parquet")}
    assert on_disk == named
    newest: dict[str, DatasetVersion] = {}
    for dataset in (d for r in releases for d in r.datasets):
        newest[dataset.name] = max(dataset, newest.get(dataset.name, dataset), key=lambda d: d.version)
    for table in (store.public.folder / "tables").iterdir():
        head = {Path(u).name for u in DeltaTable(str(table)).file_uris()}
        assert head == {Path(f).name for f in newest[table.name].files}
        assert [p.name for p in table.iterdir() if p.is_dir()] == ["_delta_log"]
    assert not (store.internal / "withdrawal").exists()
    assert not list(store.public.folder.rglob("*.tmp"))


def utc(path: Path) -> datetime:
    """When a file says that it was changed."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
