"""Places that were part of another: `changes.csv` of a places pack, such as a city that was split from its town.

Before `from_month` the new place does not exist: its calls and its residents are the old one's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from candor.errors import Problem
from candor.places.table_file import Column, Lines, TableFile, place_code
from candor.portal.declared import MONTH

CHANGES_FILE: Final = "changes.csv"
_REMEDY: Final = "Mend or remove the line."
CHANGES: Final = TableFile(
    (
        place_code(once="new place"),
        Column("from_month", "a month such as 2022-07", "Correct the month.", MONTH),
        place_code("before"),
        Column("note"),
    ),
    _REMEDY,
)
"""`geoid` exists from `from_month` (`2022-07`) on; until then it was a part of `before`. `note` is for readers."""
SCHEMA: Final = CHANGES.schema


@dataclass(frozen=True)
class Formerly:
    """From `first` (None: ever) until before `until`, what lies in `geoid` belongs to `belongs_to`."""

    geoid: str
    first: date | None
    until: date
    belongs_to: str


def no_changes() -> pa.Table:
    """A pack whose places have always been what they are."""
    return SCHEMA.empty_table()


def read_changes(path: Path, geoids: pa.ChunkedArray | None, problems: list[Problem]) -> pa.Table:
    """The file as `SCHEMA`; no line where it is not there. Without `geoids` of any places."""
    if not path.is_file():
        return no_changes()
    own: list[Problem] = []
    changes = CHANGES.read(path, own, {"geoid": geoids, "before": geoids})
    if not own:
        ring = pa.array(sorted(_in_a_ring(_by_geoid(changes))), pa.string())
        Lines(path.name, own).report(
            pc.is_in(changes["geoid"], value_set=ring), changes["before"],
            allowed="an older place, and no ring of places", remedy=_REMEDY,
        )  # fmt: skip
    problems += own
    return changes


def formerly(changes: pa.Table) -> tuple[Formerly, ...]:
    """Every span of months in which a place was part of another; where that one was part of a third, of the third."""
    known = _by_geoid(changes)
    return tuple(span for geoid in sorted(known) for span in _spans(geoid, known))


def _spans(geoid: str, known: Mapping[str, tuple[date, str]]) -> Iterator[Formerly]:
    until, owner = known[geoid]
    while owner in known:
        since, elder = known[owner]
        if since < until:
            yield Formerly(geoid, since, until, owner)
            until = since
        owner = elder
    yield Formerly(geoid, None, until, owner)


def _by_geoid(changes: pa.Table) -> dict[str, tuple[date, str]]:
    """A handful of places: since when, and of what they were a part."""
    return {
        line["geoid"]: (date.fromisoformat(f"{line['from_month']}-01"), line["before"]) for line in changes.to_pylist()
    }


def _in_a_ring(known: Mapping[str, tuple[date, str]]) -> set[str]:
    """The places whose elders lead back to themselves."""
    found = set()
    for geoid in known:
        seen: set[str] = set()
        at = geoid
        while at in known and at not in seen:
            seen.add(at)
            at = known[at][1]
        if at in seen:
            found.add(geoid)
    return found
