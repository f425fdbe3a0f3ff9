"""The true counts of each release, kept inside: without them no later release can protect what they withheld.

One file a release, `data/internal/sensitive/<number>.parquet`, a line a count that is not 0 (`category`, `geoid`,
`county`, `month`, `calls`) and, with an empty category, a line for every town and month that was reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.portal.problems import DataError
from candor.store.durable import make_folder
from candor.store.model import Release
from candor.store.publication import Publication

FIGURES = "sensitive-calls"
"""The data set whose figures are counted from them."""

_KEYS = ["category", "geoid", "month"]

Months = NDArray[np.datetime64]


class Kept(NamedTuple):
    """What was counted for a release: `calls` (categories, towns, months), `reported` (towns, months)."""

    categories: tuple[str, ...]
    geoids: tuple[str, ...]
    counties: tuple[str, ...]
    months: Months
    calls: NDArray[np.int64]
    reported: NDArray[np.bool_]

    def of(self, category: str) -> NDArray[np.int64]:
        """The counts of a category (towns, months); 0 where it does not occur."""
        if category not in self.categories:
            return np.zeros(self.reported.shape, np.int64)
        found: NDArray[np.int64] = self.calls[self.categories.index(category)]
        return found


def earlier_releases(publication: Publication) -> list[Release]:
    """The releases so far that have figures of sensitive kinds, the oldest first.

    Raises `DataError` where one of them told such kinds by town and month, as the program once did.
    """
    found = publication.releases
    for release in found:
        told = {c.slug for c in release.categories if c.sensitivity == "sensitive"}
        if told and release.dataset("calls-by-town") and not release.dataset(FIGURES):
            raise DataError(
                f"Release {release.number} was made by a program that published sensitive kinds by town and month",
                "releases with the data set sensitive-calls",
                "Withdraw the old releases (move data/public and data/internal away) and publish anew.",
            )
    return [release for release in found if release.dataset(FIGURES)]


def opened(release: Release) -> list[str]:
    """The categories that a release told openly, by town and month."""
    return [c.slug for c in release.categories if c.sensitivity != "sensitive"]


def read_figures(folder: Path, release: Release) -> pa.Table:
    """The lines of `sensitive-calls` of a release in the public folder."""
    figures = release.dataset(FIGURES)
    files = [str(folder / name) for name in figures.files] if figures else []
    columns = ["level", "geoid", "place", "first_month", "last_month", "category", "coverage", "calls"]
    return pq.read_table(files, columns=columns)


class KeptCounts:
    """The folder of these files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, number: int, cube: pa.Table) -> Kept:
        """Keep the cube of release `number`, before its protection; it need not come into force."""
        make_folder(self._folder, private=True)
        lines = cube.select([*_KEYS, "county", "coverage", "calls"]).filter(
            pc.and_(
                pc.not_equal(cube["geoid"], ""), pc.is_in(cube["coverage"], value_set=pa.array(["reported", "zero"]))
            )
        )
        lines = pa.table(
            {
                n: c.cast(pa.string()) if n not in {"calls", "month"} else c
                for n, c in zip(lines.column_names, lines.columns, strict=True)
            }
        )
        towns = lines.group_by(["geoid", "county", "month"]).aggregate([])
        towns = towns.append_column("category", pa.array([""] * towns.num_rows, pa.string())).append_column(
            "calls", pa.array(np.zeros(towns.num_rows, np.int64))
        )
        counts = lines.filter(pc.greater(lines["calls"], 0)).group_by([*_KEYS, "county"]).aggregate([("calls", "sum")])
        counts = counts.rename_columns([*_KEYS, "county", "calls"])
        columns = [*_KEYS, "county", "calls"]
        table = pa.concat_tables([towns.select(columns), counts.select(columns)]).sort_by(
            [(k, "ascending") for k in _KEYS]
        )
        pq.write_table(table, self._path(number), compression="zstd")
        return _kept(table)

    def of(self, releases: Sequence[Release], release: Release) -> Kept:
        """The counts of a release; those of a rollback are of the release that it went back to.

        Raises `DataError` where they are gone.
        """
        figures = release.dataset(FIGURES)
        same = [r for r in releases if (found := r.dataset(FIGURES)) and figures and found.files == figures.files]
        for one in same:
            if self._path(one.number).is_file():
                return _kept(pq.read_table(self._path(one.number)))
        raise DataError(
            f"{self._path(release.number)} is missing: the counts from which release {release.number} was made",
            "the counts of every release, or nobody can tell what a new one would give away of it",
            "Put the file back from your backup of data/internal.",
        )

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.parquet"


def revised(before: Kept, now: Kept) -> list[np.datetime64]:
    """The months in which a count differs of a town that had reported it before and has now, for whatever category."""
    geoids = sorted(set(before.geoids) & set(now.geoids))
    months = np.intersect1d(before.months, now.months)
    if not geoids or not months.size:
        return []
    categories = sorted(set(before.categories) | set(now.categories))
    old, new = (_shared(kept, categories, geoids, months) for kept in (before, now))
    differ = (old[0] != new[0]).any(axis=0) & old[1] & new[1]
    return [months[m] for m in np.flatnonzero(differ.any(axis=0))]


def _shared(
    kept: Kept, categories: Sequence[str], geoids: Sequence[str], months: Months
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    towns = np.array([kept.geoids.index(g) for g in geoids], np.int64)
    at = np.ix_(towns, np.searchsorted(kept.months, months))
    return np.stack([kept.of(c)[at] for c in categories]), kept.reported[at]


def _kept(table: pa.Table) -> Kept:
    month = table["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    months = np.arange(month.min(), month.max() + 1) if month.size else month
    geoid, category, county = (
        table[n].to_numpy(zero_copy_only=False).astype(np.str_) for n in ("geoid", "category", "county")
    )
    geoids, place = np.unique(geoid, return_inverse=True)
    categories, what = np.unique(category, return_inverse=True)
    counties = np.full(geoids.size, "", county.dtype)
    counties[place] = county
    calls = np.zeros((categories.size, geoids.size, months.size), np.int64)
    at = (month - months[0]).astype(np.int64) if months.size else month.astype(np.int64)
    calls[what, place, at] = table["calls"].to_numpy()
    reported = np.zeros(calls.shape[1:], np.bool_)
    reported[place, at] = True
    some = categories != ""
    return Kept(
        tuple(categories[some].tolist()),
        tuple(geoids.tolist()),
        tuple(counties.tolist()),
        months,
        calls[some],
        reported,
    )
