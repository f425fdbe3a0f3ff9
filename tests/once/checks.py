"""What must hold over releases, read from the public folder alone: what somebody who kept all of it can see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.store.model import Release
from candor.store.public import PublicStore

ROWS = "state-calls"
FIGURE = ("level", "geoid", "place", "first_month", "last_month", "category")
CELL = ("geoid", "place", "month", "category", "initiated_by")


class Public:
    """The releases of a public folder and their tables."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "data" / "public"
        self.releases = PublicStore(self.folder).releases()

    def table(self, release: Release, name: str) -> pa.Table:
        dataset = release.dataset(name)
        if dataset is None:
            return pa.table({})
        return pq.read_table([str(self.folder / f) for f in dataset.files])

    def pairs(self, name: str) -> Iterator[tuple[Release, pa.Table, Release, pa.Table]]:
        """Each release and the next, with a table of both."""
        for before, now in pairwise(self.releases):
            yield before, self.table(before, name), now, self.table(now, name)


LEARNED_ANEW = ("rate_low", "rate_high")


def told(public: Public, release: Release) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Every figure of a sensitive kind that a release tells, with all that it says of it."""
    table = public.table(release, "sensitive-calls")
    if not table.num_rows:
        return {}
    says = pc.is_in(table["coverage"], value_set=pa.array(["reported", "partly reported", "under 5"]))
    lines = table.filter(says).to_pylist()
    names = [name for name in table.column_names if name not in LEARNED_ANEW]
    return {tuple(line[k] for k in FIGURE): tuple(line[name] for name in names) for line in lines}


def require_told_once(public: Public) -> None:
    """What was told of a sensitive kind stays, and nothing is told of it in two ways.

    Its interval may become wider or narrower: how much such counts wander is learned anew from all that is told.
    """
    every = [told(public, r) for r in public.releases]
    for before, now in pairwise(every):
        gone = {k: v for k, v in before.items() if now.get(k) != v}
        assert not gone, f"{len(gone)} told figures changed, such as {next(iter(gone.items()))}"
    last = every[-1]
    for key, line in last.items():
        value = dict(zip(_names(public), line, strict=True))["calls"]
        assert value is None or (isinstance(value, int) and value >= 5 and value % 5 == 0), (key, value)
    years = {
        (k[1], k[5], int(str(k[3])[:4]) + i)
        for k in last
        if k[0] == "town" and k[3].year != k[4].year
        for i in range(3)
    }
    both = [k for k in last if k[0] == "town" and k[3].year == k[4].year and (k[1], k[5], k[3].year) in years]
    assert not both, f"years and three years told of {both[:3]}"


def _names(public: Public) -> list[str]:
    names = public.table(public.releases[-1], "sensitive-calls").column_names
    return [name for name in names if name not in LEARNED_ANEW]


def require_rows_stay(public: Public) -> None:
    """No row vanishes or comes late: a month that was published has the same rows for good, but for the yearly day."""
    for before, old, now, new in public.pairs(ROWS):
        if now.corrected:
            assert old.num_rows <= new.num_rows
            continue
        # A row that says the quarter or the year appears when that is complete, and names no month.
        by_month = old.filter(pc.is_valid(old["month"]))
        months = pa.array(pc.unique(by_month["month"]).to_pylist(), pa.date32())
        again = new.filter(pc.is_in(new["month"].cast(pa.date32()), value_set=months))
        assert _bag(again) == _bag(by_month), (
            f"rows of published months changed between {before.number} and {now.number}"
        )
        files = before.dataset(ROWS).files  # type: ignore[union-attr]
        assert now.dataset(ROWS).files[: len(files)] == files  # type: ignore[union-attr]


def _bag(table: pa.Table) -> Counter[tuple[object, ...]]:
    return Counter(tuple(line.values()) for line in table.to_pylist())


def require_cells_stay(public: Public) -> None:
    """A town's month of an open kind is told once, but for the yearly corrections."""
    for before, old, now, new in public.pairs("calls-by-town"):
        if now.corrected:
            continue
        cells = {tuple(line[k] for k in CELL): line for line in new.to_pylist()}
        for line in old.to_pylist():
            key = tuple(line[k] for k in CELL)
            if line["place"] not in ("Not placed", "Outside the declared coverage"):
                assert cells[key] == line, f"{key} changed between {before.number} and {now.number}"


def require_tables_are_rows(public: Public) -> None:
    """Counts of open kinds are those of the published rows of the months: neither tells more than the other."""
    release = public.releases[-1]
    rows, cube = public.table(release, ROWS), public.table(release, "calls-by-town")
    every = rows.num_rows
    rows = rows.filter(pc.is_valid(rows["month"]))
    counted = Counter(
        (line["category"], line["month"], line["initiated_by"]) for line in rows.select(
            ["category", "month", "initiated_by"]).to_pylist()
    )  # fmt: skip
    sums: Counter[tuple[object, ...]] = Counter()
    for line in cube.to_pylist():
        sums[line["category"], line["month"], line["initiated_by"]] += line["calls"] or 0
    # Rows that say less than the month name none; those that wait for their quarter are in the counts alone: a few.
    assert all(sums[key] >= number for key, number in counted.items())
    assert 0 <= sum(sums.values()) - every <= 0.05 * every
