"""What a file is known by: the hash of its bytes, and how many they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_of(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file and its size in bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def digest_of_all(digests: Iterable[str]) -> str:
    """One SHA-256 for several files, whatever their order."""
    return hashlib.sha256("".join(f"{d}\n" for d in sorted(digests)).encode("ascii")).hexdigest()
