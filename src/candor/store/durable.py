"""Writing so that it is on the disk before anything says so."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

TEMPORARY = ".*.tmp"
"""The pattern of temporary names, which readers ignore and the next publication removes."""


def sync(path: Path) -> None:
    """Wait until the disk holds the bytes of a file, or the entries of a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomically(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace the file by one with this text: a reader sees the old text or the new one, also after a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("x", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)  # where it did not become the file
    sync(path.parent)


def make_folder(path: Path, *, private: bool = False) -> None:
    """Make the folder, and be sure of its entry. A private one is its owner's alone, also where it was looser."""
    if not path.is_dir():
        path.mkdir(parents=True, mode=0o700 if private else 0o755)
        sync(path.parent)
    if private and path.stat().st_mode & 0o077:
        path.chmod(0o700)
