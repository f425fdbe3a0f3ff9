"""Portals that published before figures were told once: their history looked through, and a ledger begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.audit.public import FIGURES
from candor.errors import UsageError
from candor.ledger.ledger import TOLD, Ledger, LedgerFolder
from candor.portal.model import Portal
from candor.privacy.rounding import rounded
from candor.profiles.profile import from_rows, standard_kinds
from candor.store.dataset_model import DatasetVersion
from candor.store.model import Release
from candor.store.public import PublicStore
from candor.store.store import Store

_SMALL = 4
_KEYS = ["level", "geoid", "place", "first_month", "last_month", "category"]
_ID = "id"


@dataclass(frozen=True)
class Leak:
    """What somebody who kept two versions can subtract: `what`, of a data set, between two versions, how often."""

    dataset: str
    before: int
    after: int
    what: str
    number: int


@dataclass(frozen=True)
class History:
    """What the releases so far gave away, and the last month of which a sensitive figure was told."""

    releases: int
    leaks: tuple[Leak, ...]
    told: int
    closed_until: str

    @property
    def leaking(self) -> tuple[str, ...]:
        """The data sets that versions should be withdrawn of."""
        return tuple(dict.fromkeys(leak.dataset for leak in self.leaks))


def history(portal: Portal) -> History:
    """Look through the releases of a portal without a ledger. Raises `UsageError` where there is nothing to upgrade."""
    store = Store(portal.data)
    if LedgerFolder(store.internal / "ledger").exists():
        raise UsageError("This portal publishes once already", "a portal that was published by an earlier Candor")
    releases = store.releases()
    if not releases:
        raise UsageError("Nothing has been published yet", "a portal with releases", "Run `candor publish`.")
    rows = {d.name for r in releases for d in r.of_calls}
    leaks = [leak for name in sorted(rows) for leak in _vanished(store.public, name)]
    leaks += _differences(store.public)
    told = _told(store.public, releases)
    last = pc.max(told["last_month"]).as_py() if told.num_rows else None
    return History(len(releases), tuple(leaks), told.num_rows, f"{last:%Y-%m}" if last else "")


def begin(portal: Portal) -> Ledger:
    """The ledger with which the portal goes on: what was told stays, rounded, and its months are not told again."""
    store = Store(portal.data)
    releases = store.releases()
    told = _told(store.public, releases)
    last = pc.max(told["last_month"]).as_py() if told.num_rows else None
    ledger = replace(Ledger(), told=told).with_state(closed_until=f"{last:%Y-%m}" if last else "")
    LedgerFolder(store.internal / "ledger").write(releases[-1].number, ledger)
    return ledger


def _versions(public: PublicStore, name: str) -> list[DatasetVersion]:
    return [v for v in public.versions(name) if not v.withdrawn]


def _vanished(public: PublicStore, name: str) -> Iterator[Leak]:
    """Rows that are in one version and not in the next: they turned sensitive, were corrected, or were deleted."""
    for before, after in pairwise(_versions(public, name)):
        if before.content_sha256 == after.content_sha256:
            continue
        columns = [c.name for c in before.columns if c.name != _ID and c.name in {x.name for x in after.columns}]
        old, new = (_counted(public, v, columns) for v in (before, after))
        number = sum(max(0, n - new.get(row, 0)) for row, n in old.items())
        if number:
            yield Leak(name, before.version, after.version, "rows that are in the earlier version alone", number)


def _counted(public: PublicStore, version: DatasetVersion, columns: Sequence[str]) -> dict[str, int]:
    """By a text of all columns, how many rows of a version say it."""
    table = pq.read_table([str(p) for p in public.files(version)], columns=list(columns))
    texts = [pc.fill_null(table[c].cast(pa.string()), "") for c in columns]
    joined = pa.table({"row": pc.binary_join_element_wise(*texts, "|")}).group_by("row").aggregate([("row", "count")])
    return dict(zip(joined["row"].to_pylist(), joined["row_count"].to_pylist(), strict=True))


def _differences(public: PublicStore) -> list[Leak]:
    """Exact figures of sensitive kinds that were told twice and differ by 1 to 4."""
    try:
        versions = _versions(public, FIGURES)
    except UsageError:
        return []
    leaks = []
    for before, after in pairwise(versions):
        old, new = (_exact(public.folder, v) for v in (before, after))
        both = old.join(new, _KEYS, right_suffix="_now", join_type="inner")
        change = np.abs(both["calls_now"].to_numpy() - both["calls"].to_numpy())
        number = int(((change > 0) & (change <= _SMALL)).sum())
        if number:
            what = "figures of sensitive kinds that differ by 1 to 4"
            leaks.append(Leak(FIGURES, before.version, after.version, what, number))
    return leaks


def _exact(folder: Path, version: DatasetVersion) -> pa.Table:
    table = pq.read_table([str(folder / f) for f in version.files], columns=[*_KEYS, "calls"])
    table = table.filter(pc.is_valid(table["calls"]))
    plain = [table[c].cast(pa.string()) if c not in ("first_month", "last_month") else table[c] for c in _KEYS]
    return pa.table([*plain, table["calls"].cast(pa.int64())], names=[*_KEYS, "calls"])


def _told(public: PublicStore, releases: Sequence[Release]) -> pa.Table:
    """Every figure of a sensitive kind that the newest release tells with a number, as `TOLD` has it, rounded."""
    newest = releases[-1].dataset(FIGURES)
    if newest is None:
        return TOLD.empty_table()
    table = pq.read_table([str(p) for p in public.files(newest)])
    table = table.filter(pc.is_valid(table["calls"]))
    size = table.num_rows
    counts = rounded(table["calls"].to_numpy())
    day = releases[-1].created_at.date()
    columns = {
        "layer": pa.array([from_rows(standard_kinds()).profile.name] * size, pa.string()),
        **{
            name: table[name].cast(TOLD.field(name).type)
            for name in (
                *_KEYS,
                "county",
                "period_kind",
                "category_group",
                "months_reported",
                "towns_reported",
                "residents",
            )
        },
        "calls": pa.array(counts.value, mask=counts.under),
        "person_years": pa.nulls(size, pa.float64()),
        "complete": pa.array(np.ones(size, np.bool_)),
        "told_on": pa.array([day] * size, pa.date32()),
        "release": pa.array(np.full(size, releases[-1].number, np.int64)),
    }
    return pa.table([columns[name] for name in TOLD.names], schema=TOLD)
