"""What can stop a publication, in words for the publisher."""

from __future__ import annotations

import errno
import shutil
from datetime import datetime
from pathlib import Path

from candor.errors import DataError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Engines and the Delta library wrap the system's error and keep only its words.
_NO_ROOM_WORDS = ("no space left on device", "disk quota exceeded", "file too large", "os error 28")


class PublicationRunning(DataError):  # noqa: N818  it names the state that the publisher meets
    """Another publication holds the portal's lock. `pid` and `since` are None where the holder has not said."""

    def __init__(self, pid: int | None, since: datetime | None) -> None:
        self.pid, self.since = pid, since
        who = f"process {pid}" if pid else "a process that has only just begun"
        when = f", since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
        look = f" To see what it is: ps -p {pid}." if pid else ""
        super().__init__(
            f"Another publication of this portal is running ({who}{when})",
            "one publication or rollback at a time",
            "Wait until it has ended and run the command again. The lock goes by itself when that process ends." + look,
        )


class StorageFull(DataError):  # noqa: N818  it names the state that the publisher meets
    """The storage took no more while `writing` was being written."""

    def __init__(self, writing: str, folder: Path, in_force: int, reason: str) -> None:
        self.writing, self.folder, self.in_force = writing, folder, in_force
        still = (
            f"Release {in_force} is still in force, whole, and readers notice nothing."
            if in_force
            else "No release has been published yet, and none has been begun that readers could see."
        )
        super().__init__(
            f"The storage is full: {writing} could not be written ({reason})",
            "",
            f"{still} Free some space under {folder}{_free(folder)} and run the command again.",
        )


class StoreDamaged(DataError):  # noqa: N818  it names the state that the publisher meets
    """The files of the public store contradict each other; nothing is changed or removed."""


def no_room(error: BaseException) -> str:
    """The system's words where `error`, or what caused it, is a storage that takes no more; else the empty string."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _NO_ROOM:
            return (seen.strerror or "no space left").strip()
        text = str(seen).lower()
        found = next((words for words in _NO_ROOM_WORDS if words in text), "")
        if found and isinstance(seen, Exception):
            return "No space left on device" if "os error" in found else found.capitalize()
        seen = seen.__cause__ or seen.__context__
    return ""


def _free(folder: Path) -> str:
    try:
        return f" ({shutil.disk_usage(folder).free:,} bytes are free)"
    except OSError:
        return ""
