"""The store: versions as Delta tables, releases that come into force whole, and the way back.

<portal>/data/
  public/current               the number of the release in force
  public/releases/<n>.json     everything that release n says of itself; never changed but by a withdrawal
  public/tables/<name>/        a Delta table, one version a publication; its files are never changed
  public/withdrawn.json        what was withdrawn, where anything was
  internal/                    0700: the lock, the staging folder, the plan of a withdrawal that is under way
  quarantine/                  0700
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from candor.errors import CandorError, DataError, UsageError
from candor.store.dataset_model import DatasetVersion
from candor.store.durable import make_folder, write_atomically
from candor.store.errors import StorageFull, StoreDamaged, no_room
from candor.store.lock import hold
from candor.store.model import AuditCertificate, Release
from candor.store.plan import PLAN, finish
from candor.store.public import PublicStore
from candor.store.publication import Publication
from candor.store.recovery import recover
from candor.store.tombstones import Tombstone
from candor.store.withdrawal import Remeasure, Withdraw, prepared

WITHDRAWALS = "withdrawals"
"""In the internal folder: what is asked to be withdrawn and waits; a hidden file there is needed for a moment only."""

Gate = Callable[[tuple[Release, ...]], AuditCertificate]
"""Looks at all releases, the oldest first, and at the one after them that is to come into force."""


class Store:
    """The managed folder of a portal, for the publisher's side. Holds paths only."""

    def __init__(self, data: Path) -> None:
        self.data = Path(data).absolute()
        self.internal = self.data / "internal"
        self.quarantine = self.data / "quarantine"
        self.public = PublicStore(self.data / "public")

    def prepare(self) -> None:
        """Make the folders that are missing; `internal` and `quarantine` are their owner's alone (0700)."""
        make_folder(self.data)
        make_folder(self.internal, private=True)
        make_folder(self.quarantine, private=True)
        for folder in (self.public.folder, self.public.folder / "tables", self.public.folder / "releases"):
            make_folder(folder)

    @contextmanager
    def publication(self) -> Iterator[Publication]:
        """One publication, alone: the block puts data sets and commits.

        Where the block ends without `commit`, by an error or otherwise, the release in force stays and what was written
        is removed. Raises PublicationRunning, StoreDamaged, and StorageFull, also for a full disk that an engine meets
        inside the block.
        """
        publication: Publication | None = None
        try:
            self.prepare()
            with hold(self.internal / "lock"):
                try:
                    self._begin()
                    publication = Publication(self.public, self._staging)
                    yield publication
                finally:
                    if publication is not None and publication.committed:
                        shutil.rmtree(self._staging, ignore_errors=True)
                    elif publication is not None:
                        # The next publication does the same again, so that a failure here loses nothing.
                        with suppress(OSError, CandorError):
                            recover(self.public, self._staging)
        except Exception as error:
            if told := self._told(error, publication.writing if publication else "the publication's first file"):
                raise told from error
            raise

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The block runs alone, after what a dead run has left is finished or removed. Raises PublicationRunning."""
        self.prepare()
        with hold(self.internal / "lock"):
            self._begin()
            yield

    def current(self) -> Release | None:
        """The release in force, or None before the first one."""
        return self.public.current()

    def releases(self) -> list[Release]:
        """Every release that was or is in force, the oldest first."""
        return self.public.releases()

    def versions(self, name: str) -> list[DatasetVersion]:
        """Every version of a data set, the oldest first. Raises UsageError where there is no such data set."""
        return self.public.versions(name)

    def rollback(self, number: int, gate: Gate | None = None) -> Release:
        """A new release with the content of release `number`: its data sets, its portal, its coverage, its categories.

        A data set that is in another version now gets a new version with the old content; one that came later is not in
        the new release, and keeps its versions. `gate` looks at the release before it comes into force and raises where
        it must not; without it the release has no certificate.
        """
        with self.publication() as publication:
            last = self.public.number()
            if not 1 <= number <= last:
                _refuse(f"There is no release {number}", [str(n) for n in range(1, last + 1)])
            old = self.public.release(number)
            if old.withdrawn:
                gone = "; ".join(
                    f"version {v.version} of {v.name} {v.withdrawn.words}" for v in old.withdrawn if v.withdrawn
                )
                _refuse(f"Release {number} is not whole any more: {gone}", self._whole(last))
            for dataset in old.datasets:
                now = publication.previous.dataset(dataset.name) if publication.previous else None
                if now is not None and now.version == dataset.version:
                    publication.keep(dataset.name)
                else:
                    publication.revert(dataset)
            proposed = publication.preview(
                portal=old.portal,
                coverage=old.coverage,
                categories=old.categories,
                profiles=old.profiles,
                settling=old.settling,
                withheld_rows=old.withheld_rows,
                note=f"Rollback to release {number}.",
            )
            return _through(gate, publication, proposed)

    def rollback_dataset(self, name: str, version: int, gate: Gate | None = None) -> Release:
        """A new release in which one data set has a new version with the content of its version `version`.

        The others, and the portal's own text, stay as they are. Figures that were counted from the data set are data
        sets of their own and stay too: `rollback` takes a whole release back. `gate` as there.
        """
        with self.publication() as publication:
            versions = self.versions(name)
            old = next((v for v in versions if v.version == version), None)
            if old is None or publication.previous is None:
                _refuse(f"Data set {name} has no version {version}", _there(versions))
            if old.withdrawn:
                _refuse(f"Version {version} of {name} {old.withdrawn.words}", _there(versions))
            first = next(r for r in self.releases() if any(d.name == name and d.version == version for d in r.datasets))
            for dataset in publication.previous.datasets:
                if dataset.name != name:
                    publication.keep(dataset.name)
            publication.revert(old)
            coverage = [c for c in publication.previous.coverage if c.dataset != name]
            proposed = publication.preview(
                portal=publication.previous.portal,
                coverage=coverage + [c for c in first.coverage if c.dataset == name],
                categories=publication.previous.categories,
                profiles=publication.previous.profiles,
                settling=publication.previous.settling,
                withheld_rows=publication.previous.withheld_rows,
                note=f"Rollback of {name} to version {version}.",
            )
            return _through(gate, publication, proposed)

    def withdraw(
        self,
        items: Iterable[Withdraw],
        on: date,
        *,
        number: str = "id",
        remeasure: Remeasure | None = None,
        requests: Sequence[str] = (),
        then: Callable[[], None] | None = None,
    ) -> tuple[Tombstone, ...]:
        """Take data sets, versions or rows out of every public file, for good, and say so in `public/withdrawn.json`.

        `on` is the day that is told; `number` the column that numbers a version's rows, and is numbered anew. The files
        `requests`, relative to `internal`, go with it; `then` is called after it, still under the lock. Nothing
        happens, and the answer is empty, where no row is found. Killed at any moment, it has not begun, or the next
        command finishes it.

        Raises UsageError where there is no such data set or version (any more), and the errors of a publication.
        """
        try:
            with self.alone():
                made = self._withdraw(items, on, number, remeasure, requests)
                if then:
                    then()
                return made
        except pa.ArrowException as error:
            raise StoreDamaged(
                f"A published file cannot be read: {error}",
                "the files that the releases name",
                "Put the folder data/public back from your backup, and withdraw again. Nothing was withdrawn.",
            ) from error
        except Exception as error:
            if told := self._told(error, "the withdrawal"):
                raise told from error
            raise

    def _withdraw(
        self,
        items: Iterable[Withdraw],
        on: date,
        number: str,
        remeasure: Remeasure | None,
        requests: Sequence[str],
    ) -> tuple[Tombstone, ...]:
        folder = self.internal / "withdrawal"
        try:
            plan, tombstones = prepared(self.public, items, on, folder, number, remeasure)
            plan.requests = list(requests)
            if tombstones:
                plan.settle(folder)
        finally:
            # Where the plan stands it is finished, now or by the next command; else nothing has happened.
            if not (folder / PLAN).exists():
                shutil.rmtree(folder, ignore_errors=True)
        finish(folder, self.public)
        return tombstones

    def _whole(self, last: int) -> list[str]:
        return [str(r.number) for r in self.releases() if r.number <= last and not r.withdrawn] or ["none is whole"]

    @property
    def _staging(self) -> Path:
        return self.internal / "staging"

    def _begin(self) -> None:
        current = self.public.folder / "current"
        if not current.exists() and not self.public.numbers_on_disk():
            # From the first moment on a missing `current` is a loss, never the beginning: nothing is tidied away then.
            write_atomically(current, "0\n")
        finish(self.internal / "withdrawal", self.public)
        for keys in (self.internal / WITHDRAWALS).glob(".*"):
            keys.unlink(missing_ok=True)
        recover(self.public, self._staging)

    def _told(self, error: Exception, writing: str) -> DataError | None:
        """The error in words for the publisher, where it is one of the storage."""
        if isinstance(error, StorageFull):
            return None
        if reason := no_room(error):
            return StorageFull(writing, self.data, self.public.number(), reason)
        if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return DataError(
                f"{error.filename or self.data} cannot be written: {error.strerror}",
                "",
                f"Run the command as the user to whom {self.data} belongs. Nothing has changed for readers.",
            )
        return None


def _through(gate: Gate | None, publication: Publication, proposed: Release) -> Release:
    """The release in force, with the certificate of the gate where there is one."""
    audit = gate((*publication.releases, proposed)) if gate else None
    return publication.bring_into_force(proposed.model_copy(update={"audit": audit}))


def _there(versions: Iterable[DatasetVersion]) -> list[str]:
    return [str(v.version) for v in versions if not v.withdrawn] or ["none is left"]


def _refuse(found: str, existing: list[str]) -> NoReturn:
    raise UsageError(found, ", ".join(existing) or "nothing has been published yet", "Name one of these.")
