"""What becomes of the public folder when something is withdrawn: worked out whole, beside it, before anything changes.

`prepared` is from the releases and what is asked for to a `Plan`. Versions keep their numbers, and what is left of a
release agrees in every file: rows, hashes, days, accounting, what changed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from candor.errors import UsageError
from candor.store.dataset_model import DatasetVersion
from candor.store.errors import StoreDamaged
from candor.store.files import facts_of
from candor.store.model import Release
from candor.store.plan import Plan
from candor.store.public import WITHDRAWN, PublicStore
from candor.store.relog import Commit, new_log
from candor.store.restating import restated
from candor.store.rewriting import RowTest
from candor.store.rows_gone import Fresh, without_rows
from candor.store.tombstones import Tombstone, Tombstones, Withdrawal, WithdrawalReason

Remeasure = Callable[[DatasetVersion, Sequence[Path]], DatasetVersion]
"""Measures a version anew that lost rows (how alike they are): what it says, and its files as they are now."""


@dataclass(frozen=True)
class Withdraw:
    """One thing to withdraw: the data set for good, one version, or rows of every version.

    `rows` gives, by public file (relative to the public folder), which rows go; it is asked under the lock, and knows
    of nothing where it names no file. `figures` are the data sets counted from these rows: their versions so far are
    withdrawn with them, and the next publication makes new ones.
    """

    dataset: str
    reason: WithdrawalReason
    version: int | None = None
    rows: Callable[[], Mapping[str, RowTest]] | None = None
    figures: tuple[str, ...] = ()


@dataclass
class Work:
    """What a withdrawal has found out so far."""

    public: PublicStore
    folder: Path
    on: date
    releases: list[Release]
    plan: Plan = field(default_factory=Plan)
    gone: dict[tuple[str, int], Withdrawal] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    fresh: dict[tuple[str, int], Fresh] = field(default_factory=dict)
    tombstones: list[Tombstone] = field(default_factory=list)

    def versions(self, name: str) -> dict[int, DatasetVersion]:
        """The versions of a data set that are there and stay, by number, as the first release has them."""
        found: dict[int, DatasetVersion] = {}
        for dataset in (d for r in self.releases for d in r.datasets if d.name == name):
            if (name, dataset.version) not in self.gone:
                found.setdefault(dataset.version, dataset)
        return dict(sorted(found.items()))


def prepared(
    public: PublicStore, items: Iterable[Withdraw], on: date, folder: Path, number: str, remeasure: Remeasure | None
) -> tuple[Plan, tuple[Tombstone, ...]]:
    """Everything that is to be public, written below `folder`, and the tombstones; no tombstones where nothing goes."""
    folder.mkdir(mode=0o700)
    work = Work(public, folder, on, public.releases())
    _require_whole(work)
    items = list(items)
    for item in items:
        if item.rows is None:
            _take_versions(work, item)
    for name in dict.fromkeys(item.dataset for item in items if item.rows is not None):
        _take_rows(work, name, [i for i in items if i.dataset == name and i.rows is not None], number)
    if not work.tombstones:
        return work.plan, ()
    logs = _new_logs(work)
    for old, new in zip(work.releases, restated(work.releases, work.gone, work.whole, work.fresh, logs), strict=True):
        final = _remeasured(work, new, remeasure) if remeasure else new
        if final != old:
            _stage(work, f"releases/{old.number}.json", final.model_dump_json(indent=1) + "\n", old.created_at)
    every = Tombstones(withdrawn=public.withdrawn()).with_new(tuple(work.tombstones))
    # The tombstones first: from then on a reader is told that it is gone.
    _stage(work, WITHDRAWN, every.model_dump_json(indent=1) + "\n", None)
    work.plan.moves.insert(0, work.plan.moves.pop())
    work.plan.moves[:0] = [(f"files/{Path(f).name}", f) for f in _new_files(work)]
    left = {f for name in _touched(work) for n, v in work.versions(name).items() for f in _files(work, name, n, v)}
    before = {f for r in work.releases for d in r.datasets if d.name in _touched(work) for f in d.files}
    work.plan.files = sorted(before - left)
    return work.plan, tuple(work.tombstones)


def _require_whole(work: Work) -> None:
    named = {f for r in work.releases for d in r.datasets for f in d.files}
    if lost := sorted(f for f in named if not (work.public.folder / f).is_file()):
        raise StoreDamaged(
            f"Files of published versions are lost: {', '.join(lost[:5])}{' ..' if lost[5:] else ''}",
            "the files that the releases name",
            "Put the folder data/public back from your backup, and withdraw again. Nothing was withdrawn.",
        )


def _take_versions(work: Work, item: Withdraw) -> None:
    known = work.public.versions(item.dataset)
    whole = [t for t in work.public.withdrawn() if t.dataset == item.dataset and t.what == "data set"]
    if whole:
        raise UsageError(f"Data set {item.dataset} {whole[0].words} already", "a data set that is there")
    if item.version is None:
        _bury(work, item, known[-1], None)
        work.whole.add(item.dataset)
        _take(work, [v for v in known if not v.withdrawn], item)
        return
    found = next((v for v in known if v.version == item.version), None)
    if found is None or found.withdrawn:
        already = f" any more: it {found.withdrawn.words}" if found and found.withdrawn else ""
        there = ", ".join(str(v.version) for v in known if not v.withdrawn) or "none is left"
        raise UsageError(f"Data set {item.dataset} has no version {item.version}{already}", there, "Name one of these.")
    # A rollback to it is the same content under another number.
    for version in known:
        if version.files == found.files and (version.name, version.version) not in work.gone:
            _bury(work, item, version, version.version)
            _take(work, [version], item)


def _take_rows(work: Work, name: str, items: Sequence[Withdraw], number: str) -> None:
    work.public.versions(name)
    versions = work.versions(name)
    tests: dict[str, list[RowTest]] = {}
    effective = []
    for item in items:
        found = item.rows() if item.rows else {}
        for file, test in found.items():
            tests.setdefault(file, []).append(test)
        if found:
            effective.append(item)
    stay = {f for v in versions.values() for f in v.files}
    known = {f for r in work.releases for d in r.datasets if d.name == name for f in d.files}
    if wrong := sorted(tests.keys() - known):
        raise UsageError(f"Data set {name} has no such file: {', '.join(wrong)}", "its public files")
    tests = {file: found for file, found in tests.items() if file in stay}
    fresh = without_rows(work.public.folder, work.folder / "files", versions, tests, number) if tests else {}
    if not fresh:
        return
    work.fresh |= {(name, version): new for version, new in fresh.items()}
    for item in effective:
        _bury(work, item, versions[max(versions)], None, rows=True)
        for figures in item.figures:
            for version in work.versions(figures).values():
                _bury(work, item, version, version.version)
                _take(work, [version], item)


def _bury(work: Work, item: Withdraw, of: DatasetVersion, version: int | None, *, rows: bool = False) -> None:
    what = "rows" if rows else "data set" if version is None else "version"
    stone = Tombstone.model_validate(
        {"dataset": of.name, "id": of.id, "what": what, "version": version, "on": work.on, "reason": item.reason}
    )
    if stone not in work.tombstones:
        work.tombstones.append(stone)


def _take(work: Work, versions: Iterable[DatasetVersion], item: Withdraw) -> None:
    for version in versions:
        work.gone.setdefault((version.name, version.version), Withdrawal(on=work.on, reason=item.reason))


def _touched(work: Work) -> set[str]:
    return {name for name, _ in (*work.gone, *work.fresh)}


def _files(work: Work, name: str, number: int, version: DatasetVersion) -> tuple[str, ...]:
    fresh = work.fresh.get((name, number))
    return fresh.files if fresh else version.files


def _new_files(work: Work) -> list[str]:
    return list(dict.fromkeys(f for fresh in work.fresh.values() for f in fresh.files))


def _new_logs(work: Work) -> dict[tuple[str, int], int]:
    """The tables' new logs, staged; (data set, version) -> its Delta version. A table without versions goes."""
    found: dict[tuple[str, int], int] = {}
    for name in sorted(_touched(work)):
        versions = work.versions(name)
        if not versions:
            work.plan.tables.append(name)
            continue
        staged = work.folder / f"log-{name}"
        commits = (_commit(work, name, number, version) for number, version in versions.items())
        found |= {(name, number): at for number, at in new_log(commits, staged).items()}
        work.plan.logs[name] = f"{staged.name}/_delta_log"
    return found


def _commit(work: Work, name: str, number: int, version: DatasetVersion) -> Commit:
    fresh = work.fresh.get((name, number))
    files = {Path(f).name: _where(work, f, new=fresh is not None) for f in _files(work, name, number, version)}
    rows = fresh.file_rows if fresh else [f.rows for f in facts_of(work.public.folder, version)]
    return Commit(number, f"candor: version {number}", version.published_at, files, rows)


def _where(work: Work, file: str, *, new: bool) -> Path:
    return work.folder / "files" / Path(file).name if new else work.public.folder / file


def _remeasured(work: Work, release: Release, remeasure: Remeasure) -> Release:
    datasets = [
        remeasure(d, [_where(work, f, new=True) for f in d.files])
        if (fresh := work.fresh.get((d.name, d.version))) and fresh.lost
        else d
        for d in release.datasets
    ]
    return release.model_copy(update={"datasets": tuple(datasets)})


def _stage(work: Work, target: str, text: str, moment: datetime | None) -> None:
    staged = work.folder / f"text-{secrets.token_hex(4)}"
    staged.write_text(text, encoding="utf-8")
    staged.chmod(0o644)
    if moment:
        os.utime(staged, (moment.timestamp(), moment.timestamp()))
    work.plan.moves.append((staged.name, target))
