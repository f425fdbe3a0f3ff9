"""Which call types were open when a crosswalk was last published, and who had signed it: kept inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from candor.store.durable import write_atomically


class Published(NamedTuple):
    """The release, who had signed by then and when ("" where nobody had), and the types that were open."""

    release: int
    by: str
    date: str
    opened: frozenset[str]


class CrosswalkReviews:
    """By data set, in a file of `data/internal`; one that cannot be read knows nothing."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "crosswalk-reviews.json"
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            self.known = {n: Published(int(r), str(by), str(d), frozenset(o)) for n, (r, by, d, o) in known.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            self.known = {}

    def settle(self, published: Mapping[str, Published]) -> None:
        """Keep with what a release came into force; those of other data sets stay."""
        if not published:
            return
        self.known |= published
        lines = {n: [p.release, p.by, p.date, sorted(p.opened)] for n, p in sorted(self.known.items())}
        write_atomically(self._file, json.dumps(lines, ensure_ascii=False, indent=1) + "\n")
