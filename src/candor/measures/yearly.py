"""Counts by place and year that somebody else made: the dense table of all places, and the same as arrays.

Unlike in a cube of rows, a category may be known where another is not: coverage is of a place, a year and a category.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.dense import Bools, Ints
from candor.statistics.intervals import Floats
from candor.vocabulary.tables import yearly_columns

COLUMNS = yearly_columns("events")
"""The columns of the dense table, in order. Published, `events` has the name that its profile gives the count."""

ORDER = (("category", "ascending"), ("geoid", "ascending"), ("year", "ascending"))

STATES = ("not covered", "not yet", "not reported", "under 5", "zero", "reported")
"""What a cell can be. From `under 5` on the place reported the year."""

_NOT_YET, _NOT_REPORTED, _UNDER = (STATES.index(s) for s in ("not yet", "not reported", "under 5"))


@dataclass(frozen=True)
class YearlyCells:
    """The dense table as arrays: C categories, P places, Y consecutive years."""

    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    years: Ints  # (Y,)
    categories: tuple[str, ...]
    groups: tuple[str, ...]  # of the categories
    counts: Ints  # (C, P, Y), 0 where there is no count
    under: Bools  # (C, P, Y): told as under 5
    waiting: Bools  # (C, P, Y): told later
    reported: Bools  # (C, P, Y): a count, told or under 5
    covered: Bools  # (C, P, Y): reported, or said to be missing
    residents: Floats  # (P, Y), NaN where not known
    persons: Floats | None = None  # (P, Y): what rates are by, where that is not residents

    @property
    def present(self) -> Floats:
        """The persons that rates are by, (P, Y): residents where nobody said how many are present."""
        if self.persons is None:
            return self.residents
        return np.where(np.isnan(self.persons), self.residents, self.persons)


def dense_counts(
    reports: pa.Table, places: pa.Table, categories: pa.Table, years: Sequence[int], residents: Floats
) -> pa.Table:
    """One line for every category, place and year (`COLUMNS`), sorted so: a count where one was reported.

    `reports` has `geoid, year, category, events, source, reported_as`, each place, year and category once at most;
    `events` is empty where the count is missing: `not reported`. What it does not name is `not covered`. `places` has
    `geoid, name, county`, `categories` `category, category_group`; `years` are consecutive, `residents` is (P, Y) in
    the order of `places`. Before protection.

    Raises `ValueError` for a report of an unknown place, year or category, and for two of the same.
    """
    by_geoid = pc.sort_indices(places["geoid"]).to_numpy()
    places, residents = places.take(pa.array(by_geoid)), residents[by_geoid]
    categories = categories.sort_by("category")
    shape = (categories.num_rows, places.num_rows, len(years))
    index = [
        pc.index_in(reports[name], value_set=values.combine_chunks()).fill_null(-1).to_numpy()
        for name, values in (
            ("category", categories["category"]),
            ("geoid", places["geoid"]),
            ("year", pa.chunked_array([pa.array(years, pa.int64())])),
        )
    ]
    if any((i < 0).any() for i in index):
        raise ValueError("a report is of a known category, place and year")
    cell = np.ravel_multi_index(index, shape) if reports.num_rows else np.zeros(0, np.int64)
    if len(np.unique(cell)) != len(cell):
        raise ValueError("one report for each category, place and year")
    line = np.full(int(np.prod(shape)), -1)
    line[cell] = np.arange(len(cell))
    said = pa.array(line, mask=line < 0)
    events = reports["events"].combine_chunks().take(said)
    c, p, y = (pa.array(i.ravel()) for i in np.indices(shape))
    coverage = pc.case_when(
        pc.make_struct(pa.array(line < 0), pc.is_null(events), pc.equal(events, 0)),
        "not covered", "not reported", "zero", "reported",
    )  # fmt: skip
    columns = {
        "geoid": places["geoid"].take(p),
        "place": places["name"].take(p),
        "county": places["county"].take(p),
        "year": pa.array(years, pa.int64()).take(y),
        "category": categories["category"].take(c),
        "category_group": categories["category_group"].take(c),
        "coverage": coverage,
        "events": events,
        "residents": pa.array(np.rint(np.broadcast_to(residents, shape).ravel()), from_pandas=True).cast(pa.int64()),
        "source": pc.fill_null(reports["source"].combine_chunks().take(said), ""),
        "reported_as": pc.fill_null(reports["reported_as"].combine_chunks().take(said), ""),
    }
    return pa.table({name: columns[name] for name in COLUMNS})


def yearly_cells(table: pa.Table) -> YearlyCells:
    """The arrays of a dense table (`dense_counts`, protected since or not), in any order of lines.

    Raises `ValueError` where it is not dense.
    """
    lines = table.sort_by(list(ORDER)).combine_chunks()
    categories, geoids, years = (
        np.unique(lines[n].to_numpy(zero_copy_only=False)) for n in ("category", "geoid", "year")
    )
    shape = (len(categories), len(geoids), len(years))
    if lines.num_rows != np.prod(shape):
        raise ValueError(f"one line for each category, place and year {shape}, found {lines.num_rows} lines")
    state = pc.index_in(lines["coverage"], value_set=pa.array(STATES)).to_numpy().reshape(shape)

    def texts(name: str) -> NDArray[np.object_]:
        return np.asarray(lines[name].to_numpy(zero_copy_only=False).reshape(shape))

    places, counties, groups = texts("place"), texts("county"), texts("category_group")
    residents = lines["residents"].cast(pa.float64()).to_numpy().reshape(shape)
    return YearlyCells(
        geoids=tuple(geoids.tolist()),
        names=tuple(places[0, :, 0].tolist()),
        counties=tuple(counties[0, :, 0].tolist()),
        years=years.astype(np.int64),
        categories=tuple(categories.tolist()),
        groups=tuple(groups[:, 0, 0].tolist()),
        counts=lines["events"].fill_null(0).to_numpy().reshape(shape),
        under=state == _UNDER,
        waiting=state == _NOT_YET,
        reported=state >= _UNDER,
        covered=state >= _NOT_YET,
        residents=residents[0],
    )
