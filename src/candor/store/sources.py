"""Which source each release was made from, kept inside.

The hash of a source is not published: who knows all of a small file but a withheld count tries the few values that it
can have, and sees which of them gives the hash. So does its size tell how long what is withheld is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from candor.store.durable import sync

SOURCES = "sources.jsonl"
"""In the internal folder: a line for each data set that was read for a release, the newest last."""


def record_sources(internal: Path, release: int, sources: Iterable[tuple[str, str, int]]) -> None:
    """Add the sources of a release: data set, SHA-256 and bytes of its file."""
    path = internal / SOURCES
    fresh = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        for dataset, sha256, size in sources:
            file.write(json.dumps({"release": release, "dataset": dataset, "sha256": sha256, "bytes": size}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        path.chmod(0o600)
        sync(internal)
