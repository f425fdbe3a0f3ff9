"""A withdrawal's way into public: written down whole before the first public file changes.

`internal/withdrawal/` holds everything that is to be public and, as its last file, `plan.json`. A withdrawal that was
killed before that has changed nothing and is forgotten; one that was killed after it is finished by the next command.
Each step may be done twice.

New files first, then the tombstones, the release files and the tables' logs, then `current`, so that readers look
again; what is withdrawn is deleted last. The caller holds the lock.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

from candor.store import delta
from candor.store.durable import sync, write_atomically
from candor.store.errors import StoreDamaged
from candor.store.public import PublicStore

PLAN = "plan.json"
"""The last file of a withdrawal's folder: once it is there, the withdrawal is finished."""


@dataclass
class Plan:
    """What is to be done; all paths are relative, to the plan's folder, to the public one, or to the internal one.

    `moves` (staged file, public file) in their order; `logs` (table -> staged folder of its new log); `files` and
    `tables` are deleted, `requests` are files inside that are done with.
    """

    moves: list[tuple[str, str]] = field(default_factory=list)
    logs: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def settle(self, folder: Path) -> None:
        """Write the plan down: from here on the withdrawal is finished, whatever happens."""
        for path in sorted(folder.rglob("*")):
            sync(path)
        write_atomically(folder / PLAN, json.dumps(asdict(self)) + "\n", mode=0o600)
        sync(folder.parent)


def finish(folder: Path, public: PublicStore) -> bool:
    """Finish the withdrawal that was written down, or forget one that was not. Whether there was one.

    Raises StoreDamaged where the plan cannot be read or does not fit the public folder; nothing is deleted then.
    """
    if not folder.is_dir():
        return False
    if not (folder / PLAN).exists():
        shutil.rmtree(folder)
        return False
    plan = _read(folder / PLAN)
    lost = [target for staged, target in plan.moves if not _there(folder / staged, public.folder / target)]
    if lost:
        raise StoreDamaged(
            f"A withdrawal was begun, and these files of it are lost: {', '.join(lost)}",
            f"the files as {folder} had them",
            "Put the whole folder data back from one backup, and withdraw again.",
        )
    number = public.number()
    for staged, target in plan.moves:
        _move(folder / staged, public.folder / target)
    for table, staged in plan.logs.items():
        _swap(folder / staged, public.folder / "tables" / table)
    write_atomically(public.folder / "current", f"{number}\n")
    for file in plan.files:
        (public.folder / file).unlink(missing_ok=True)
    for folder_of in {(public.folder / file).parent for file in plan.files}:
        if folder_of.is_dir():
            sync(folder_of)
    for name in plan.tables:
        _remove(public.folder / "tables" / name)
    sync(public.folder / "tables")
    for request in plan.requests:
        (folder.parent / request).unlink(missing_ok=True)
    (folder / PLAN).unlink()
    sync(folder)
    shutil.rmtree(folder)
    return True


def _read(path: Path) -> Plan:
    try:
        plan = Plan(**json.loads(path.read_bytes()))
        plan.moves = [(str(staged), str(target)) for staged, target in plan.moves]
    except (ValueError, TypeError) as error:
        raise StoreDamaged(
            f"{path} is not the plan of a withdrawal",
            "the file as it was written",
            "Put the whole folder data back from one backup, and withdraw again.",
        ) from error
    return plan


def _there(staged: Path, target: Path) -> bool:
    return staged.exists() or target.exists()


def _move(staged: Path, target: Path) -> None:
    if not staged.exists():
        return
    try:
        staged.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # The publisher keeps internal/ on another file system.
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
        shutil.copy2(staged, temporary)
        sync(temporary)
        temporary.replace(target)
        staged.unlink()
    sync(target.parent)


def _swap(staged: Path, table: Path) -> None:
    """Put the staged log in the place of the table's. For an instant there is none; never a mixture."""
    log, new, old = table / delta.LOG, table / f".new{delta.LOG}", table / f".old{delta.LOG}"
    if staged.is_dir():
        for rest in (new, old):
            _remove(rest)
        shutil.copytree(staged, new, copy_function=shutil.copy2)
        for path in (*new.iterdir(), new):
            sync(path)
        if log.exists():
            os.rename(log, old)  # noqa: PTH104  a folder
        os.rename(new, log)  # noqa: PTH104
        sync(table)
        # Done at one stroke: what is being removed must not be taken for a log that is to be put in again.
        staged.rename(staged.with_name("done"))
        sync(staged.parent)
        shutil.rmtree(staged.with_name("done"))
    _remove(old)


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
