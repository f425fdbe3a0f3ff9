"""One publication: data sets are put one after another, and come into force together or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from candor import __version__
from candor.errors import DataError, UsageError
from candor.portal.model import valid_name
from candor.profiles.profile import Profile
from candor.store import delta
from candor.store.changes import describe
from candor.store.dataset_model import DatasetDraft, DatasetVersion
from candor.store.durable import make_folder, sync, write_atomically
from candor.store.files import FileFacts, carried_facts, content_hash, footers, hash_of, move_in, parquet_files
from candor.store.model import (
    AuditCertificate,
    PublicCategory,
    PublicCoverage,
    PublicPortal,
    PublicSettling,
    Release,
    WithheldRows,
    standard_profiles,
)
from candor.store.public import PublicStore


class Publication:
    """What `Store.publication()` gives. `previous` is the release in force when it began; `writing` says what it does.

    Until `bring_into_force` has renamed `current`, readers see nothing of it.
    """

    def __init__(self, public: PublicStore, staging: Path) -> None:
        self.previous = public.current()
        self.writing = "the store's folders"
        self.committed: Release | None = None
        self._public, self._staging = public, staging
        self._datasets: dict[str, DatasetVersion] = {}
        self._fresh: set[str] = set()
        before = (*self.previous.datasets, *self.previous.withdrawn) if self.previous else ()
        self._newest = {d.name: d for d in before}
        self._tombstones = public.withdrawn()

    @property
    def datasets(self) -> tuple[DatasetVersion, ...]:
        """What the release will hold, so far; its files are below `folder`."""
        return tuple(self._datasets.values())

    @property
    def folder(self) -> Path:
        """The public folder."""
        return self._public.folder

    @property
    def releases(self) -> list[Release]:
        """Every release that was or is in force, the oldest first."""
        return self._public.releases()

    def versions(self, name: str) -> list[DatasetVersion]:
        """Every version of a data set that was or is in force, the oldest first."""
        return self._public.versions(name)

    def stage(self, name: str) -> Path:
        """A new path to write the data set's Parquet to: a file, or a folder of `*.parquet` as Spark writes."""
        self._check_open(name)
        self.writing = f"data set {name}"
        make_folder(self._staging, private=True)
        return self._staging / f"{name}-{secrets.token_hex(4)}.parquet"

    def put(self, draft: DatasetDraft, paths: Path | Sequence[Path], carried: Sequence[str] = ()) -> DatasetVersion:
        """Make the staged Parquet the next version of the data set; the files move, no row is read.

        `carried` are files of earlier versions of it, relative to the public folder. They come first, stay as they are,
        and are not read: what was published once is not written again. Only the footer of one of each version is.

        Raises DataError where the files cannot be read, where their columns differ among themselves or from
        `draft.columns` (an undeclared column would be public unseen).
        """
        self._check_open(draft.name)
        self.writing = f"data set {draft.name}"
        given = [paths] if isinstance(paths, Path) else list(paths)
        staged = parquet_files(draft.name, given) if given or not carried else []
        before = self._before(draft.name)
        kept, samples = self._carried(draft.name, carried, before)
        schema, counted = footers(draft, [*staged, *samples])
        number = before.version + 1 if before else 1
        table = self._table(draft.name)
        made = [
            self._taken_in(path, table / f"v{number}-{index}-{secrets.token_hex(4)}.parquet", rows)
            for index, (path, rows) in enumerate(zip(staged, counted, strict=False), start=1)
        ]
        sync(table)
        files = [*kept, *made]
        rows, content = sum(f.rows for f in files), content_hash([f.sha256 for f in files])
        version = DatasetVersion(
            **{field: getattr(draft, field) for field in DatasetDraft.model_fields},
            version=number,
            delta_version=delta.overwrite(
                table,
                [(Path(f.file).name, f.rows) for f in files],
                schema,
                f"candor: version {number}",
            ),
            files=tuple(f.file for f in files),
            rows=rows,
            published_at=datetime.now(UTC),
            changes=describe(draft, rows, content, before),
            content_sha256=content,
            file_rows=tuple(f.rows for f in files),
            file_sha256=tuple(f.sha256 for f in files),
        )
        return self._add(version, fresh=True)

    def keep(self, name: str) -> DatasetVersion:
        """Carry the data set over from the release in force, as it is."""
        self._check_open(name)
        version = next((d for d in self.previous.datasets if d.name == name), None) if self.previous else None
        if version is None:
            allowed = ", ".join(d.name for d in self.previous.datasets) if self.previous else "nothing is published yet"
            gone = next((d for d in self.previous.withdrawn if d.name == name), None) if self.previous else None
            if gone and gone.withdrawn:
                found = f"Version {gone.version} of {name}, which is in force, {gone.withdrawn.words}"
                raise UsageError(found, allowed, "Publish a new version of it.")
            raise UsageError(f"Data set {name} is not in the release in force", allowed, "Publish it first.")
        return self._add(version, fresh=False)

    def revert(self, old: DatasetVersion) -> DatasetVersion:
        """A new version of the data set with the content of an old one."""
        self._check_open(old.name)
        if old.withdrawn:
            raise UsageError(f"Version {old.version} of {old.name} {old.withdrawn.words}", "a version that is there")
        self.writing = f"data set {old.name}"
        before = self._before(old.name) or old
        number = before.version + 1
        note = f"candor: version {number}, rollback to version {old.version}"
        version = old.model_copy(
            update={
                "version": number,
                "delta_version": delta.restore(
                    self._table(old.name), old.delta_version, {Path(f).name for f in old.files}, note
                ),
                "published_at": datetime.now(UTC),
                "changes": f"Rollback to version {old.version}. " + describe(old, old.rows, old.content_sha256, before),
            }
        )
        return self._add(version, fresh=True)

    def bring_into_force(self, release: Release) -> Release:
        """Bring what `preview` gave into force, at once; its `audit` may have come since."""
        self._check_open()
        self.writing = f"release {release.number}"
        releases = self._public.folder / "releases"
        write_atomically(releases / f"{release.number}.json", release.model_dump_json(indent=1) + "\n")
        write_atomically(self._public.folder / "current", f"{release.number}\n")
        self.committed = release
        return release

    def preview(
        self,
        *,
        portal: PublicPortal,
        coverage: Iterable[PublicCoverage] = (),
        categories: Iterable[PublicCategory] = (),
        profiles: Iterable[Profile] = (),
        audit: AuditCertificate | None = None,
        settling: PublicSettling | None = None,
        withheld_rows: Iterable[WithheldRows] = (),
        corrected: Iterable[int] = (),
        note: str = "",
        last: Sequence[str] = (),
    ) -> Release:
        """The release as it would come into force, for whoever has to look at it before. Writes nothing.

        What was neither put nor kept is not in it. Data sets are listed as they were put, those in `last` at the end.
        """
        self._check_open()
        if not self._datasets:
            raise DataError("A release without any data set", "at least one data set", "Put or keep one.")
        doubled = _doubled(d.id for d in self._datasets.values())
        if doubled:
            raise DataError(
                f"Several data sets have the same id: {', '.join(doubled)}",
                "each id (4x4) once in a portal",
                "Give one of them another id in its file under datasets/.",
            )
        now = datetime.now(UTC)
        return Release(
            number=self._public.number() + 1,
            created_at=now,
            program=f"candor {__version__}",
            note=note,
            portal=portal,
            datasets=tuple(
                d.model_copy(update={"published_at": now}) if d.name in self._fresh else d
                for d in sorted(self._datasets.values(), key=lambda d: last.index(d.name) + 1 if d.name in last else 0)
            ),
            coverage=tuple(coverage),
            categories=tuple(categories),
            profiles=tuple(p.public for p in profiles) or standard_profiles(),
            audit=audit,
            settling=settling,
            withheld_rows=tuple(withheld_rows),
            corrected=tuple(corrected),
        )

    def _add(self, version: DatasetVersion, *, fresh: bool) -> DatasetVersion:
        self._datasets[version.name] = version
        if fresh:
            self._fresh.add(version.name)
        return version

    def _check_open(self, name: str | None = None) -> None:
        if self.committed is not None:
            raise UsageError("This publication is already in force", "", "Begin a new one.")
        if name is None:
            return
        if not valid_name(name):
            raise UsageError(f"{name!r} cannot name a data set", "small letters, digits, and single hyphens between")
        if name in self._datasets:
            raise UsageError(f"Data set {name} is in this publication twice", "each data set once")
        gone = next((t for t in self._tombstones if t.dataset == name and t.what == "data set"), None)
        if gone:
            raise UsageError(
                f"Data set {name} {gone.words}, for good",
                "a data set of another name",
                f"Remove datasets/{name}.toml, so that it is not published again.",
            )

    def _before(self, name: str) -> DatasetVersion | None:
        """The newest version of the data set that was ever in force."""
        known = self._table(name, make=False).is_dir() or any(t.dataset == name for t in self._tombstones)
        if name not in self._newest and known:
            self._newest[name] = self._public.versions(name)[-1]
        return self._newest.get(name)

    def _carried(
        self, name: str, carried: Sequence[str], before: DatasetVersion | None
    ) -> tuple[list[FileFacts], list[Path]]:
        """The facts of the carried files, and those whose footers stand for all of them."""
        if not carried:
            return [], []
        here = set(before.files) if before else set()
        facts = carried_facts(self._public.folder, name, carried, self._backwards(before))
        samples = [f for f in carried if f not in here] + [f for f in carried if f in here][:1]
        return facts, [self._public.folder / file for file in samples]

    def _backwards(self, before: DatasetVersion | None) -> Iterator[DatasetVersion]:
        """The versions of the data set, the newest first; the older ones are read only where they are asked for."""
        if before is not None:
            yield before
            yield from (v for v in reversed(self._public.versions(before.name)) if v.version < before.version)

    def _taken_in(self, staged: Path, target: Path, rows: int) -> FileFacts:
        sha256 = hash_of(staged)
        return FileFacts(move_in(staged, target).relative_to(self._public.folder).as_posix(), rows, sha256)

    def _table(self, name: str, *, make: bool = True) -> Path:
        table = self._public.folder / "tables" / name
        if make:
            make_folder(table)
        return table


def _doubled(ids: Iterable[str]) -> list[str]:
    listed = list(ids)
    return sorted({i for i in listed if listed.count(i) > 1})
