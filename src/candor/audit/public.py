"""What an outsider has: every release that was ever published, and the one that is to be, as files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.errors import DataError
from candor.profiles.profile import Profile, standard_kinds
from candor.store.dataset_model import DatasetVersion
from candor.store.model import PublicCategory, Release
from candor.store.public import PublicStore
from candor.vocabulary.tables import columns_of, tables_of_form

CUBE, FIGURES, RATES = "calls-by-town", "sensitive-calls", "call-rates-by-town"

UNDER = "under 5"
"""What is said of 0 to 4."""

FAULT = "Nothing was published. This is a fault of the program: please report it."

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tables:
    """One release: its file, and its tables below the public folder."""

    folder: Path
    release: Release

    def dataset(self, name: str) -> DatasetVersion | None:
        """A data set of the release, or None."""
        return next((d for d in self.release.datasets if d.name == name), None)

    def columns(self, name: str) -> frozenset[str]:
        """The names of a data set's columns; none where it is not published."""
        version = self.dataset(name)
        return frozenset(c.name for c in version.columns) if version else frozenset()

    def read(self, name: str, columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table | None:
        """Some columns of a data set, of the lines `where` holds; None where it is not published or lacks one."""
        version = self.dataset(name)
        if version is None or not set(columns) <= self.columns(name):
            return None
        return pq.read_table([str(self.folder / file) for file in version.files], columns=list(columns), filters=where)

    def table(self, name: str, columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """The same of a data set that is known to have them. Raises `KeyError` where it has not."""
        lines = self.read(name, columns, where)
        if lines is None:
            raise KeyError(f"{name}: {', '.join(columns)}")
        return lines

    def sensitive(self, profile: str = "") -> tuple[PublicCategory, ...]:
        """The categories of a profile that the release calls sensitive; without one, those of calls."""
        return tuple(c for c in self.release.kinds(profile) if c.sensitivity == "sensitive")

    def named(self, profile: Profile) -> dict[str, str]:
        """The names of a profile's tables, by what they are for: as it says, or by the columns that they have."""
        standard = standard_kinds().get(profile.name)
        names = {**(standard.profile.tables.named if standard else {}), **profile.tables.named}
        for role in tables_of_form(profile.form) - names.keys():
            columns = set(columns_of(profile.form, role, profile.count))
            name = next((d.name for d in self.release.datasets if columns <= self.columns(d.name)), "")
            names |= {role: name} if name else {}
        return names

    @property
    def exact(self) -> bool:
        """Whether its sensitive figures are of the old form: exact, or suppressed."""
        return self.dataset(FIGURES) is not None and "told_on" not in self.columns(FIGURES)

    def content(self, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """What these data sets hold, by the hashes of their files."""
        versions = [d for d in self.release.datasets if d.name in names]
        return tuple(sorted((d.name, d.content_sha256 or "/".join(d.files)) for d in versions))


@dataclass(frozen=True)
class Public:
    """The public folder and its releases, the oldest first. The last one is attacked, with all the others at hand."""

    folder: Path
    releases: tuple[Release, ...]

    @classmethod
    def in_force(cls, store: PublicStore) -> Public:
        """What is published. Raises `DataError` before the first release."""
        releases = tuple(store.releases())
        if not releases:
            raise DataError("Nothing has been published yet", "a release", "Run `candor publish`.")
        return cls(store.folder, releases)

    @property
    def tables(self) -> list[Tables]:
        """Each release with its tables."""
        return [Tables(self.folder, release) for release in self.releases]

    @property
    def newest(self) -> Tables:
        """The release that is attacked."""
        return Tables(self.folder, self.releases[-1])

    def sensitive(self) -> list[str]:
        """Every category that is or was sensitive: what was not told of it once is still not told."""
        slugs = {c.slug for r in self.releases for c in r.kinds() if c.sensitivity == "sensitive"}
        return sorted(slugs)


def words(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column of text as plain text, empty where it is null."""
    filled = pc.fill_null(column.cast(pa.string()), "")
    return filled.combine_chunks() if isinstance(filled, pa.ChunkedArray) else filled


def texts(column: pa.ChunkedArray | pa.Array) -> NDArray[np.str_]:
    """A column of text as a NumPy array, empty where it is null."""
    return np.array(words(column).to_pylist(), np.str_)


def month_numbers(column: pa.ChunkedArray) -> Ints:
    """Dates as months since January 1970."""
    days = column.cast(pa.date32()).cast(pa.int32()).to_numpy().astype("datetime64[D]")
    return np.asarray(days.astype("datetime64[M]").astype(np.int64))


def numbers(column: pa.ChunkedArray) -> Floats:
    """Numbers, NaN where null."""
    return np.asarray(column.cast(pa.float64()).to_numpy().astype(np.float64))


def positions(column: pa.ChunkedArray | pa.Array, values: Sequence[str]) -> Ints:
    """Where each text is among `values`; -1 where it is not."""
    at = pc.index_in(column.cast(pa.string()), value_set=pa.array(list(values), pa.string()))
    return np.asarray(pc.fill_null(at, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def is_one_of(column: str, values: Sequence[str]) -> pc.Expression:
    """Lines whose text in a column is among `values`."""
    return pc.field(column).isin(pa.array(list(values), pa.string()))


def equals(column: pa.ChunkedArray, value: str) -> Bools:
    """Which texts are `value`."""
    return np.asarray(pc.fill_null(pc.equal(column.cast(pa.string()), value), fill_value=False).to_numpy())
