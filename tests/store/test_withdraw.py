"""What is withdrawn is in no public file any more, of no version, and the rest agrees."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from tests.store.store_help import PORTAL, draft, publish, rows
from tests.store.withdraw_help import (
    DAY,
    PER_MONTH,
    agree,
    months,
    places,
    public_texts,
    publish_month,
    take_rows,
    utc,
    word,
    words_of,
)

from candor.errors import DataError, UsageError
from candor.store.dataset_model import DatasetVersion
from candor.store.errors import PublicationRunning, StoreDamaged
from candor.store.lock import hold
from candor.store.model import Release
from candor.store.store import Store
from candor.store.tombstones import WithdrawalReason
from candor.store.withdrawal import Withdraw

SEALED, MISTAKE = WithdrawalReason.SEALED, WithdrawalReason.MISTAKE


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return months(Store(tmp_path / "data"))


def traces(version: DatasetVersion) -> set[str]:
    """What a public text could tell of a version's files: names and hashes."""
    return {Path(f).name for f in version.files} | {*version.file_sha256, version.content_sha256}


def test_rows_go_from_every_version(store: Store) -> None:
    before = store.releases()
    old = {t for r in before for d in r.datasets if d.name in ("calls", "counts") for t in traces(d)}
    ids = {json.loads(line)["metaData"]["id"] for name in ("calls", "counts")
           for line in (store.public.folder / f"tables/{name}/_delta_log/{0:020d}.json").read_text().splitlines()
           if "metaData" in line}  # fmt: skip
    gone = [word(1, 0), word(1, 1), word(3, 5)]
    assert places(store.public.folder, gone)
    pointer = store.public.pointer()
    take_rows(store, gone)
    assert store.public.pointer() != pointer, "readers look again"
    assert places(store.public.folder, [*gone, *old, *ids]) == []
    agree(store)
    assert [v.rows for v in store.versions("calls")] == [40, 78, 118, 157]
    words = [r[4] for r in rows(store.public, store.versions("calls")[3])]
    assert words == [w for m in range(4) for r in range(PER_MONTH) if (w := word(m, r)) not in gone]
    assert [v.changes for v in store.versions("calls")] == [
        "First version: 40 rows.",
        "78 rows, 38 more than in version 1 (40).",
        "118 rows, 40 more than in version 2 (78).",
        "157 rows, 39 more than in version 3 (118).",
    ]
    # A file is written once for all versions that carry it.
    assert [len(v.files) for v in store.versions("calls")] == [1, 2, 3, 4]
    assert len(list((store.public.folder / "tables/calls").glob("*.parquet"))) == 4


def test_nothing_tells_which_row_it_was(store: Store) -> None:
    published = {v.version: v.published_at for v in store.versions("calls")}
    take_rows(store, [word(1, 3)])
    calls = store.public.folder / "tables" / "calls"
    for version in store.versions("calls"):
        newest = store.public.files(version)[-1]
        assert abs(utc(newest) - published[version.version]) < timedelta(seconds=1)
    # Also the files that lost nothing are written anew, by the same program and in the same pieces.
    makers = {(m.created_by, m.num_row_groups) for m in map(pq.read_metadata, calls.glob("*.parquet"))}
    assert len(makers) == 1
    assert {pq.read_schema(p).metadata is None for p in calls.glob("*.parquet")} == {True}
    for release in store.releases():
        file = store.public.folder / "releases" / f"{release.number}.json"
        assert abs(utc(file) - release.created_at) < timedelta(seconds=1)
    for log in (calls / "_delta_log").iterdir():
        assert log.suffix == ".json"
        text = log.read_text()
        assert "2026-04-01" not in text
        moments = [v["timestamp"] for line in text.splitlines() if (v := json.loads(line).get("commitInfo"))]
        moments += [v["modificationTime"] for line in text.splitlines() if (v := json.loads(line).get("add"))]
        known = {int(at.timestamp() * 1000) for at in published.values()}
        assert set(moments) <= known
        assert "location" not in text
    stones = store.public.withdrawn()
    assert [(t.dataset, t.what, t.version, t.on, t.reason) for t in stones] == [
        ("calls", "rows", None, DAY, SEALED),
        *(("counts", "version", n, DAY, SEALED) for n in range(1, 5)),
    ]


def test_figures_that_counted_the_rows_go_and_come_anew(store: Store) -> None:
    take_rows(store, [word(0, 0)])
    assert all(v.withdrawn and not v.files and not v.columns for v in store.versions("counts"))
    assert not (store.public.folder / "tables" / "counts").exists()
    current = store.current()
    assert current
    assert [d.name for d in current.datasets] == ["calls", "towns"]
    assert [d.name for d in current.withdrawn] == ["counts"]
    release = publish_month(store, 4)
    counts = release.dataset("counts")
    assert counts
    assert counts.version == 5
    assert counts.changes == (
        "5 rows. Version 4, the one before, was withdrawn on 2026-04-01 (sealed or expunged by law)."
    )
    assert release.withdrawn == ()
    calls = release.dataset("calls")
    assert calls
    assert calls.rows == 5 * PER_MONTH - 1, "the files without the row are carried on"
    assert [r[4] for r in rows(store.public, calls)][:2] == [word(0, 1), word(0, 2)]


def test_rows_of_two_requests_and_a_second_time(store: Store) -> None:
    one, two = words_of(store, [word(0, 0), word(0, 1)]), words_of(store, [word(0, 1), word(2, 39)])
    store.withdraw([Withdraw("calls", SEALED, rows=one), Withdraw("calls", MISTAKE, rows=two)], DAY)
    assert [v.rows for v in store.versions("calls")] == [38, 78, 117, 157]
    agree(store)
    assert {(t.what, t.reason) for t in store.public.withdrawn()} == {("rows", SEALED), ("rows", MISTAKE)}
    texts = public_texts(store.public.folder)
    assert store.withdraw([Withdraw("calls", SEALED, rows=one)], DAY + timedelta(days=30)) == ()
    assert public_texts(store.public.folder) == texts, "rows that are not there change nothing"
    take_rows(store, [word(2, 0)], DAY + timedelta(days=30))
    agree(store)
    assert places(store.public.folder, [word(0, 0), word(0, 1), word(2, 0), word(2, 39)]) == []


def test_all_rows_of_a_file_and_of_a_version(store: Store) -> None:
    take_rows(store, [word(0, r) for r in range(PER_MONTH)] + [word(2, r) for r in range(PER_MONTH)])
    agree_but_for_empty = [(v.rows, len(v.files)) for v in store.versions("calls")]
    assert agree_but_for_empty == [(0, 1), (40, 1), (40, 1), (80, 2)]
    first = store.versions("calls")[0]
    assert (first.first_date, first.last_date) == (None, None)
    assert rows(store.public, store.versions("calls")[3])[0][0] == 1


def test_many_rows_in_pieces_of_row_groups(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    publish(store, {"calls": "SELECT 1 + i AS id, hash(i)::VARCHAR AS word FROM range(300000) r(i)"})
    [version] = store.versions("calls")
    taken = {str(r[1]) for r in rows(store.public, version)[::1000]}
    kept = [r[1] for r in rows(store.public, version) if r[1] not in taken]
    store.withdraw([Withdraw("calls", SEALED, rows=words_of(store, taken))], DAY)
    [version] = store.versions("calls")
    assert rows(store.public, version) == list(zip(range(1, 299_701), kept, strict=True))
    [file] = store.public.files(version)
    metadata = pq.read_metadata(file)
    assert [metadata.row_group(g).num_rows for g in range(metadata.num_row_groups)] == [122_880, 122_880, 53_940]


def test_a_version_goes_and_keeps_its_number(store: Store) -> None:
    with store.publication() as pub:
        for name in ("calls", "towns"):
            pub.keep(name)
        path = pub.stage("counts")
        pq.write_table(pq.read_table(store.public.files(store.versions("counts")[0])[0]), path)
        pub.put(draft("counts", ["month", "calls"], kind="counts"), path)
        pub.bring_into_force(pub.preview(portal=PORTAL))
    third = store.versions("counts")[2]
    changes = store.versions("counts")[3].changes
    assert "version 3 (3)" in changes
    store.withdraw([Withdraw("counts", MISTAKE, version=3)], DAY)
    assert places(store.public.folder, traces(third)) == []
    agree(store)
    versions = store.versions("counts")
    assert [v.version for v in versions] == [1, 2, 3, 4, 5]
    assert [bool(v.withdrawn) for v in versions] == [False, False, True, False, False]
    gone = versions[2]
    assert gone.withdrawn
    assert (gone.withdrawn.on, gone.withdrawn.reason, gone.files, gone.rows) == (DAY, MISTAKE, (), 0)
    assert versions[3].changes == (
        "4 rows. Version 3, the one before, was withdrawn on 2026-04-01 (published by mistake)."
    )
    assert [v.delta_version for v in versions if not v.withdrawn] == [0, 1, 2, 3]
    assert [v.rows for v in store.versions("calls")] == [40, 80, 120, 160], "other data sets stay as they are"
    with pytest.raises(UsageError, match="Version 3 of counts was withdrawn on 2026-04-01"):
        store.public.files(gone)


def test_the_version_in_force_goes_with_its_copies(store: Store) -> None:
    old = store.versions("counts")[0]
    store.rollback_dataset("counts", 1)
    made = store.withdraw([Withdraw("counts", MISTAKE, version=5)], DAY)
    assert [t.version for t in made] == [1, 5], "the same content under another number"
    with (
        pytest.raises(UsageError, match="Version 5 of counts, which is in force, was withdrawn"),
        store.publication() as p,
    ):
        p.keep("counts")
    assert places(store.public.folder, traces(old)) == []
    agree(store)
    release = publish_month(store, 4)
    counts = release.dataset("counts")
    assert counts
    assert counts.version == 6


def test_a_data_set_goes_for_good(store: Store) -> None:
    publish(store, {"towns": "SELECT 'Barre' AS name"}, keep=["calls"])
    old = {t for v in store.versions("calls") for t in traces(v)}
    store.withdraw([Withdraw("calls", WithdrawalReason.AGENCY)], DAY)
    assert places(store.public.folder, [*old, word(0, 0), word(3, 39)]) == []
    assert not (store.public.folder / "tables" / "calls").exists()
    agree(store)
    assert [bool(v.withdrawn) for v in store.versions("calls")] == [True] * 4
    with pytest.raises(UsageError, match=r"calls was withdrawn on 2026-04-01 \(agency's request\), for good"):
        publish_month(store, 4)
    publish(store, {"towns": "SELECT 'Berlin' AS name"})
    agree(store)
    with pytest.raises(UsageError, match="for good"):
        publish(store, {"calls": "SELECT 1 AS a"})
    with pytest.raises(UsageError, match="already"):
        store.withdraw([Withdraw("calls", MISTAKE)], DAY)


def test_every_data_set_goes(store: Store) -> None:
    store.withdraw([Withdraw(n, MISTAKE) for n in ("calls", "counts", "towns")], DAY)
    current = store.current()
    assert current
    assert current.datasets == ()
    assert list((store.public.folder / "tables").iterdir()) == []
    assert publish(store, {"new": "SELECT 1 AS a"}).number == 5


def test_no_way_back_to_what_was_withdrawn(store: Store) -> None:
    store.withdraw([Withdraw("counts", MISTAKE, version=2)], DAY)
    with pytest.raises(UsageError, match=r"Version 2 of counts was withdrawn on 2026-04-01.* Allowed: 1, 3, 4\."):
        store.rollback_dataset("counts", 2)
    with pytest.raises(UsageError, match=r"Release 2 is not whole any more: version 2 of counts .* Allowed: 1, 3, 4\."):
        store.rollback(2)
    assert store.rollback(3).number == 5
    assert store.rollback_dataset("counts", 1).number == 6
    agree(store)


def test_what_cannot_be_withdrawn(store: Store) -> None:
    before = public_texts(store.public.folder)
    with pytest.raises(UsageError, match="No data set named force"):
        store.withdraw([Withdraw("force", SEALED)], DAY)
    with pytest.raises(UsageError, match=r"no version 9\. Allowed: 1, 2, 3, 4"):
        store.withdraw([Withdraw("calls", SEALED, version=9)], DAY)
    with pytest.raises(UsageError, match="has no such file"):
        store.withdraw([Withdraw("calls", SEALED, rows=lambda: {"tables/calls/x.parquet": lambda t: t["id"]})], DAY)
    file = store.versions("calls")[0].files[0]
    with pytest.raises(DataError, match="gave 40 answers of the type int64 for 40 rows"):
        store.withdraw([Withdraw("calls", SEALED, rows=lambda: {file: lambda t: t["id"]})], DAY)
    assert store.withdraw([Withdraw("calls", SEALED, rows=dict)], DAY) == ()
    assert public_texts(store.public.folder) == before
    assert not (store.internal / "withdrawal").exists()


def test_one_at_a_time(store: Store) -> None:
    with hold(store.internal / "lock"), pytest.raises(PublicationRunning):
        take_rows(store, [word(0, 0)])
    with store.publication(), pytest.raises(PublicationRunning):
        store.withdraw([Withdraw("counts", SEALED, version=1)], DAY)
    assert store.public.withdrawn() == ()


def test_a_damaged_store_is_left_alone(store: Store) -> None:
    file = store.public.files(store.versions("calls")[0])[0]
    body = file.read_bytes()
    file.write_bytes(body[:-9])
    before = _bytes(store.public.folder)
    with pytest.raises(StoreDamaged, match="cannot be read"):
        take_rows_by_file(store)
    assert _bytes(store.public.folder) == before
    file.unlink()
    with pytest.raises(StoreDamaged, match="Files of published versions are lost"):
        store.withdraw([Withdraw("counts", MISTAKE, version=1)], DAY)
    file.write_bytes(body)
    (store.public.folder / "withdrawn.json").write_text("{")
    with pytest.raises(StoreDamaged, match="not the list of what was withdrawn"):
        store.withdraw([Withdraw("counts", MISTAKE, version=1)], DAY)
    (store.public.folder / "withdrawn.json").unlink()
    store.withdraw([Withdraw("counts", MISTAKE, version=1)], DAY)
    agree(store)


def test_a_plan_that_cannot_be_followed(store: Store) -> None:
    folder = store.internal / "withdrawal"
    folder.mkdir()
    before = public_texts(store.public.folder)
    (folder / "plan.json").write_text("{")
    with pytest.raises(StoreDamaged, match="not the plan of a withdrawal"):
        publish_month(store, 4)
    plan = {"moves": [["lost", "tables/calls/lost.parquet"]], "files": ["current"]}
    (folder / "plan.json").write_text(json.dumps(plan))
    with pytest.raises(StoreDamaged, match="these files of it are lost"):
        publish_month(store, 4)
    assert public_texts(store.public.folder) == before
    (folder / "plan.json").unlink()
    (folder / "half.parquet").write_text("PAR1")
    publish_month(store, 4)
    agree(store)


def test_how_alike_the_rows_are_is_measured_anew_or_not_told(store: Store) -> None:
    asked: list[tuple[int, int]] = []

    def measure(version: DatasetVersion, files: list[Path]) -> DatasetVersion:
        asked.append((version.version, sum(pq.read_metadata(f).num_rows for f in files)))
        return version.model_copy(update={"description": "measured"})

    item = Withdraw("calls", SEALED, rows=words_of(store, [word(2, 2)]))
    store.withdraw([item], DAY, remeasure=measure)  # type: ignore[arg-type]
    assert asked == [(3, 119), (4, 159)]
    assert [v.description for v in store.versions("calls")] == ["", "", "measured", "measured"]


def test_old_release_files_without_the_new_fields(store: Store) -> None:
    for release in store.releases():
        path = store.public.folder / "releases" / f"{release.number}.json"
        said = json.loads(path.read_text())
        del said["withdrawn"]
        for dataset in said["datasets"]:
            del dataset["withdrawn"], dataset["file_rows"], dataset["file_sha256"]
        path.write_text(json.dumps(said))
    take_rows(store, [word(1, 1)])
    assert [v.rows for v in store.versions("calls")] == [40, 79, 119, 159]
    assert places(store.public.folder, [word(1, 1)]) == []
    for version in store.versions("calls"):
        table = DeltaTable(str(store.public.folder / "tables" / "calls"), version=version.delta_version)
        assert table.count() == version.rows


def take_rows_by_file(store: Store) -> None:
    """Withdraw a row by its number in a file, which nothing has looked at before."""
    file = store.versions("calls")[0].files[0]

    def find() -> dict[str, object]:
        return {file: lambda table: table["id"].is_valid()}

    store.withdraw([Withdraw("calls", SEALED, rows=find)], DAY)  # type: ignore[arg-type]


def _bytes(public: Path) -> dict[str, bytes]:
    return {p.relative_to(public).as_posix(): p.read_bytes() for p in public.rglob("*") if p.is_file()}


def test_release_is_still_a_release(store: Store) -> None:
    take_rows(store, [word(0, 0)])
    for release in store.releases():
        text = (store.public.folder / "releases" / f"{release.number}.json").read_text()
        assert Release.model_validate_json(text) == release
        assert str(DAY) in text
