"""Which columns each source had when it was last published: kept inside, so that a new one is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from candor.store.durable import write_atomically


class NewColumns(NamedTuple):
    """Columns of a source that it did not have at its last publication, in release `since`."""

    since: int
    columns: tuple[str, ...]


class SourceHeaders:
    """The headers of the sources, by data set, in a file of `data/internal`; one that cannot be read knows nothing."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "headers.json"
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            self._known = {name: (int(n), tuple(map(str, header))) for name, (n, header) in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self._known = {}

    def new(self, name: str, header: Sequence[str]) -> NewColumns | None:
        """What the header of a data set's source has that it had not; None where nothing, or at the first time."""
        since, before = self._known.get(name, (0, tuple(header)))
        new = tuple(column for column in header if column not in before)
        return NewColumns(since, new) if new else None

    def settle(self, release: int, headers: dict[str, Sequence[str]]) -> None:
        """Keep the headers with which a release came into force; those of other data sets stay."""
        self._known |= {name: (release, tuple(header)) for name, header in headers.items()}
        write_atomically(self._file, json.dumps(self._known, ensure_ascii=False, indent=1) + "\n")
