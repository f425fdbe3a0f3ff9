"""A fault of the program: told in a sentence, and kept inside the portal for whoever mends it.

What a program says of itself may hold a row's values. So nothing of it reaches the terminal, which is often copied.
"""

from __future__ import annotations

import errno
import os
import secrets
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

FAULTS = "faults"
"""Below the internal folder: one file for each fault, for the owner's eyes alone."""

_FULL = {errno.ENOSPC, errno.EDQUOT}
_SAFE = "What was published before is still in force, whole."


def words_for(error: BaseException, arguments: Sequence[str]) -> str:
    """What the user is told of an error that nobody foresaw. Its traceback is written into the portal's data/internal.

    `arguments` are those of the command: they name the portal.
    """
    kept = _keep(error, portal_of(arguments))
    where = f" The details are in {kept}, which may hold values of rows: read it before you pass it on." if kept else ""
    return f"{_cause(error)} {_SAFE}{where}"


def portal_of(arguments: Sequence[str]) -> Path:
    """The portal that a command is about: the value of --portal, or the folder in which it runs."""
    for at, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--portal":
            return Path(value if equals else next(iter(arguments[at + 1 :]), ""))
    return Path()


def _cause(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "The machine has too little free memory for this. End other programs and run the command again."
    if isinstance(error, OSError) and error.errno in _FULL:
        return "The storage is full. Make room and run the command again."
    if isinstance(error, PermissionError):
        return f"{error.filename or 'A file'} may not be read or written by this account. Correct its permissions."
    return "Candor met something that it does not know how to handle: a fault of the program, not of your files."


def _keep(error: BaseException, portal: Path) -> Path | None:
    """Write the traceback; None where there is no portal, or its disk says no."""
    if not (portal / "portal.toml").is_file():
        return None
    folder = portal / "data" / "internal" / FAULTS
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{secrets.token_hex(2)}.txt"
    text = "".join(traceback.format_exception(error))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        return None
    return path
