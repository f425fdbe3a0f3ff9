"""What a publication that was killed, or that failed, has left behind: recognised and removed before the next one.

A reader never meets any of it: readers start from `current`. The rule is one: what no release in force names was never
published. The caller holds the lock.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from deltalake.exceptions import DeltaError

from candor.store import delta
from candor.store.dataset_model import DatasetVersion
from candor.store.durable import TEMPORARY, sync
from candor.store.errors import StoreDamaged
from candor.store.model import Release
from candor.store.public import PublicStore


def recover(public: PublicStore, staging: Path) -> None:
    """Bring the public folder back to the releases in force. Removes nothing that any of them names.

    Raises StoreDamaged, before anything is removed, where `current` and the release files contradict each other.
    """
    number = public.number()
    left = [n for n in public.numbers_on_disk() if n > number]
    if left and left != [number + 1]:
        raise StoreDamaged(
            f"{public.folder / 'current'} names release {number}, but there are release files up to {left[-1]}.json",
            "at most one release file beyond the one in force",
            f"If {public.folder / 'current'} was changed by hand, write {left[-1]} into it; to go back to an older "
            "release use candor rollback, which keeps every version.",
        )
    newest = _newest_versions(releases := public.releases())
    if staging.exists():
        shutil.rmtree(staging)
    _remove(public.folder.glob(TEMPORARY))
    _remove((public.folder / "releases").glob(TEMPORARY))
    _remove(public.folder / "releases" / f"{n}.json" for n in left)
    named = {file for r in releases for d in r.datasets for file in d.files}
    for table in sorted((public.folder / "tables").glob("*/")):
        version = newest.get(table.name)
        if version is None:
            shutil.rmtree(table)
        else:
            _tidy(table, version, {Path(f).name for f in named if Path(f).parent.name == table.name})


def _newest_versions(releases: Iterable[Release]) -> dict[str, DatasetVersion]:
    newest: dict[str, DatasetVersion] = {}
    for dataset in (d for r in releases for d in r.datasets):
        if dataset.name not in newest or dataset.version > newest[dataset.name].version:
            newest[dataset.name] = dataset
    return newest


def _tidy(table: Path, version: DatasetVersion, named: set[str]) -> None:
    """Remove the files that no release names, and make the Delta table's head the newest published version."""
    _remove(p for p in table.iterdir() if p.is_file() and p.name not in named)
    log = table / delta.LOG
    # The Delta library writes `<version>.json#1` and links it under its name.
    _remove(p for p in log.iterdir() if "#" in p.name)
    content = {Path(file).name for file in version.files}
    if max((p.name for p in log.glob("*.json")), default="") == f"{version.delta_version:020d}.json":
        return
    try:
        _, files = delta.head(table)
    except DeltaError:
        # A power cut can leave a torn log behind the last one that was flushed, which is the newest that was released.
        _remove(p for p in log.iterdir() if p.name[:20] > f"{version.delta_version:020d}")
        sync(log)
        _, files = delta.head(table)
    if files != content:
        delta.restore(table, version.delta_version, content, f"back to version {version.version}, which is in force")


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        path.unlink(missing_ok=True)
