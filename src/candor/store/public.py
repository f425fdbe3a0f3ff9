"""What the site opens: the releases in force and their files, read only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from candor.errors import UsageError
from candor.store.dataset_model import DatasetVersion
from candor.store.errors import StoreDamaged
from candor.store.model import Release
from candor.store.tombstones import Tombstone, Tombstones

WITHDRAWN = "withdrawn.json"


class PublicStore:
    """The public folder of a portal, `data/public`. Knows no other folder, and writes nothing.

    Files that a release names are never changed and, but for a withdrawal, never removed, so what `current` gives stays
    readable while newer releases come.
    """

    def __init__(self, public: Path) -> None:
        self.folder = Path(public).absolute()

    def current(self) -> Release | None:
        """The release in force, or None before the first one."""
        number = self.number()
        return self.release(number) if number else None

    def number(self) -> int:
        """The number of the release in force; 0 before the first one."""
        path = self.folder / "current"
        try:
            text = path.read_text(encoding="ascii")
        except FileNotFoundError:
            if not (numbers := self.numbers_on_disk()):
                return 0
            raise StoreDamaged(
                f"{path} is missing, but there are release files up to {numbers[-1]}.json",
                "a file with the number of the release in force",
                "Put it back from your backup, or write the number of the last release that you know was published.",
            ) from None
        except UnicodeDecodeError:
            text = "bytes that are no number"
        if not (text.strip().isascii() and text.strip().isdigit()):
            raise StoreDamaged(f"{path} says {text[:40]!r}", "the number of a release", "Put it back from your backup.")
        return int(text)

    def release(self, number: int) -> Release:
        """The release of that number."""
        path = self.folder / "releases" / f"{number}.json"
        try:
            return Release.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            found = f"{path} is missing, though release {number} was published"
        except ValidationError as error:
            found = (
                f"{path} is not a release file ({error.error_count()} mistakes, the first: {error.errors()[0]['msg']})"
            )
        raise StoreDamaged(found, "the file as it was written", "Put it back from your backup.")

    def releases(self) -> list[Release]:
        """Every release that was or is in force, the oldest first."""
        return list(self._history())

    def versions(self, name: str) -> list[DatasetVersion]:
        """Every version of a data set, the oldest first, those that were withdrawn too (without files).

        Raises UsageError where there is no such data set.
        """
        found: dict[int, DatasetVersion] = {}
        names: set[str] = set()
        for release in self._history():
            names.update(d.name for d in (*release.datasets, *release.withdrawn))
            for dataset in (*release.datasets, *release.withdrawn):
                if dataset.name == name:
                    found.setdefault(dataset.version, dataset)
        if not found:
            allowed = ", ".join(sorted(names)) or "nothing has been published yet"
            raise UsageError(f"No data set named {name} has been published", allowed, "Name one of these.")
        return [found[number] for number in sorted(found)]

    def files(self, version: DatasetVersion) -> list[Path]:
        """The Parquet files of a version, absolute. Raises UsageError where it was withdrawn."""
        if version.withdrawn:
            raise UsageError(f"Version {version.version} of {version.name} {version.withdrawn.words}")
        return [self.folder / file for file in version.files]

    def withdrawn(self) -> tuple[Tombstone, ...]:
        """Everything that was ever withdrawn, in the order of the days."""
        path = self.folder / WITHDRAWN
        try:
            return Tombstones.model_validate_json(path.read_bytes()).withdrawn
        except FileNotFoundError:
            return ()
        except ValidationError:
            raise StoreDamaged(
                f"{path} is not the list of what was withdrawn",
                "the file as it was written",
                "Put it back from your backup.",
            ) from None

    def pointer(self) -> tuple[int, int, str]:
        """A cheap mark that is different whenever readers must look again: time, inode and content of `current`.

        That is where another release has come into force, and where something was withdrawn.
        """
        try:
            descriptor = os.open(self.folder / "current", os.O_RDONLY)
        except FileNotFoundError:
            return (0, 0, "")
        try:
            stat = os.fstat(descriptor)
            return (stat.st_mtime_ns, stat.st_ino, os.read(descriptor, 32).decode("ascii", "replace").strip())
        finally:
            os.close(descriptor)

    def numbers_on_disk(self) -> list[int]:
        """The numbers of all release files, also of one that a dead run left and that is not in force."""
        return sorted(int(p.stem) for p in (self.folder / "releases").glob("*.json") if p.stem.isdigit())

    def _history(self) -> Iterator[Release]:
        return (self.release(number) for number in range(1, self.number() + 1))
