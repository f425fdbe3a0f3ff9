"""The counts of a profile of rows, from the ledger: of fixed months, by town, open kind and initiator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.accounting.context import Context
from candor.ledger.counted import Counted, positions
from candor.ledger.ledger import Ledger
from candor.ledger.told_figures import told_figures
from candor.measures.coverage import COVERED, NOT_REPORTED, NOT_YET, grid_of
from candor.measures.cube import ORDER, PARTS, cube
from candor.measures.dense import DenseCube, dense
from candor.measures.sensitive_pools import ToldFigures
from candor.measures.several import counted_again
from candor.portal.calendar import as_month, year_of
from candor.portal.coverage import agencies
from candor.profiles.profile import Kind
from candor.profiles.taxonomy import Taxonomy

BY_COUNTY_ONLY = "by county only"
_TEXTS = ["geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"]

Months = NDArray[np.datetime64]


def published_months(ledger: Ledger) -> Months:
    """All months from the first to the last that was published of any data set that is counted."""
    names = set(pc.unique(ledger.coverage["dataset"]).to_pylist()) | set(pc.unique(ledger.open["dataset"]).to_pylist())
    months = sorted({b.month for b in ledger.state.blocks if b.dataset in names})
    if not months:
        return np.array([], "datetime64[M]")
    return np.arange(as_month(months[0]), as_month(months[-1]) + 1)


def month_cube(
    context: Context, taxonomy: Taxonomy, ledger: Ledger, months: Months, open_slugs: Sequence[str], *, several: bool
) -> tuple[pa.Table, DenseCube]:
    """The lines of a profile's table of counts, before their rates, and the same as arrays.

    `several`: whether events are counted that several rows may be of; then with these rows, `parts`.
    """
    engine, pack = context.engine, context.with_places
    grid = grid_of(_by_month(context, ledger, months), months, pack.places, pack.populations, pack.changes)
    withheld = pa.array([c.slug for c in taxonomy.categories if c.release == "withheld"], pa.string())
    out = pc.or_(ledger.open["late"], pc.is_in(ledger.open["category"], value_set=withheld))
    counts = ledger.open.filter(pc.invert(out)).select([c for c in ledger.open.column_names if c != PARTS or several])
    groups = {c.slug: c.group for c in taxonomy.categories}
    once_open = set(pc.unique(counts["category"]).to_pylist())
    slugs = [*open_slugs, *sorted(once_open - set(open_slugs))]
    categories = pa.table(
        {
            "category": pa.array(slugs, pa.string()),
            "category_group": pa.array([groups.get(s, s) for s in slugs], pa.string()),
        }
    )
    # Written once and then sorted, it need not be held while it is made.
    whole, ordered = context.scratch / "cube.parquet", context.scratch / "ordered.parquet"
    engine.write(cube(engine.table(counts), engine.table(grid), engine.table(categories)), whole)
    engine.write(engine.read(whole), ordered, order_by=ORDER)
    # Texts that occur many thousand times are held once.
    table = _not_told_of_towns(pq.read_table(ordered, read_dictionary=_TEXTS), ledger)
    return table, dense(table)


def _by_month(context: Context, ledger: Ledger, months: Months) -> pa.Table:
    """What is known of each town and month, for `grid_of`: `geoid, month, state`."""
    lines = ledger.coverage
    is_covered = pc.equal(lines["state"], COVERED)
    known = pa.table(
        {
            "geoid": lines["geoid"],
            "month": lines["month"],
            "state": pc.if_else(is_covered, COVERED, NOT_REPORTED),
        }
    ).filter(pc.not_equal(lines["state"], "joined"))
    waiting = [
        (geoid, month)
        for name in {b.dataset for b in ledger.state.blocks} & set(context.portal.datasets)
        for agency in agencies(context.portal.datasets[name], context.portal.root)
        for month in months[months > as_month(max(ledger.fixed(name), default="9999-01"))]
        if agency.last_month is None or month <= as_month(agency.last_month)
        for geoid in agency.places
    ]
    geoid, month = zip(*waiting, strict=True) if waiting else ((), ())
    later = pa.table(
        {
            "geoid": pa.array(geoid, pa.string()),
            "month": pa.array(np.array(month, "datetime64[M]").astype("datetime64[D]"), pa.date32()),
            "state": pa.array([NOT_YET] * len(geoid), pa.string()),
        }
    )
    return pa.concat_tables([known, later])


def _not_told_of_towns(table: pa.Table, ledger: Ledger) -> pa.Table:
    """The cube without what it has of kinds in months in which they were sensitive: those are told by county only."""
    pairs = _once_sensitive(ledger)
    present = set(pc.unique(table["category"].cast(pa.string())).to_pylist())
    pairs = {(slug, month) for slug, month in pairs if slug in present}
    if not pairs:
        return table
    key = pc.binary_join_element_wise(
        table["category"].cast(pa.string()), pc.strftime(table["month"], format="%Y-%m"), " "
    )
    hit = pc.is_in(key, value_set=pa.array([f"{slug} {month}" for slug, month in sorted(pairs)], pa.string()))
    told = pc.is_in(table["coverage"].cast(pa.string()), value_set=pa.array(["reported", "zero"], pa.string()))
    where = pc.and_(hit, told)
    coverage = pc.if_else(where, BY_COUNTY_ONLY, table["coverage"].cast(pa.string()))
    table = table.set_column(table.column_names.index("coverage"), "coverage", coverage.dictionary_encode())
    for name in {"calls", PARTS} & set(table.column_names):
        numbers = pc.if_else(where, pa.scalar(None, pa.int64()), table[name])
        table = table.set_column(table.column_names.index(name), name, numbers)
    # Lines without a town that would tell of such a kind are not lines at all.
    nowhere = pc.and_(where, pc.equal(table["geoid"].cast(pa.string()), ""))
    return table.filter(pc.invert(nowhere))


def _once_sensitive(ledger: Ledger) -> set[tuple[str, str]]:
    """The kinds and months in which they were sensitive, when these were published."""
    return {(slug, b.month) for b in ledger.state.blocks for slug in b.sensitive}


def with_sets(ledger: Ledger, cells: DenseCube) -> DenseCube:
    """The cube of open kinds with how much too often sums over its kinds count events."""
    sets = ledger.sets.filter(pc.invert(ledger.sets["late"]))
    return replace(cells, again=counted_again(sets, cells, _once_sensitive(ledger)))


def with_late(context: Context, ledger: Ledger, cells: DenseCube) -> DenseCube:
    """The same with the months that came late, where the day of their year has come: what figures of years are from."""
    calendar = context.calendar()
    came = {
        (line.dataset, line.agency, line.month)
        for line in ledger.state.late
        if calendar.is_closed(year_of(as_month(line.month)), context.today)
    }
    if not came:
        return cells
    lines = ledger.coverage
    keys = pa.array([" ".join(c) for c in sorted(came)], pa.string())
    key = pc.binary_join_element_wise(
        lines["dataset"], lines["agency"], pc.strftime(lines["month"], format="%Y-%m"), " "
    )
    now_covered = pc.or_(pc.equal(lines["state"], COVERED), pc.is_in(key, value_set=keys))
    ever_joined = pc.and_(pc.equal(lines["state"], "joined"), pc.invert(pc.is_in(key, value_set=keys)))
    states = pa.table(
        {"geoid": lines["geoid"], "month": lines["month"], "state": pc.if_else(now_covered, COVERED, NOT_REPORTED)}
    ).filter(pc.invert(ever_joined))
    pack = context.with_places
    grid = grid_of(states, cells.months, pack.places, pack.populations, pack.changes)
    state = np.array(grid["coverage"].to_pylist()).reshape(cells.reported.shape)
    counts = _of_late(ledger.open, keys)
    calls, parts = cells.calls.copy(), None if cells.parts is None else cells.parts.copy()
    at = (
        positions(counts["category"], cells.categories),
        np.where(pc.equal(counts["initiated_by"], "officer").to_numpy(), 1, 0),
        positions(counts["geoid"], cells.geoids),
        _month_index(counts["month"], cells.months),
    )
    known = np.logical_and.reduce([a >= 0 for a in at])
    reported = state == COVERED
    for array, name in ((calls, "calls"), (parts, PARTS)):
        if array is not None:
            np.add.at(array, tuple(a[known] for a in at), counts[name].to_numpy()[known])
            array[..., ~reported] = 0  # what was outside of the coverage by month may be inside by year: in the ledger
    late = replace(
        cells, calls=calls, parts=parts, reported=reported, covered=(state == COVERED) | (state == NOT_REPORTED)
    )
    if cells.again is None:
        return late
    sets = pa.concat_tables([ledger.sets.filter(pc.invert(ledger.sets["late"])), _of_late(ledger.sets, keys)])
    return replace(late, again=counted_again(sets, late, _once_sensitive(ledger)))


def _of_late(table: pa.Table, keys: pa.Array) -> pa.Table:
    """The lines of what came late, of some data sets, agencies and months."""
    lines = table.filter(table["late"])
    key = pc.binary_join_element_wise(
        lines["dataset"], lines["agency"], pc.strftime(lines["month"], format="%Y-%m"), " "
    )
    return lines.filter(pc.is_in(key, value_set=keys))


def _month_index(column: pa.ChunkedArray, months: Months) -> NDArray[np.int64]:
    month = column.cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    at = (month - months[0]).astype(np.int64)
    return np.where((at >= 0) & (at < len(months)), at, -1)


def sensitive_counts(kind: Kind, ledger: Ledger, cells: DenseCube, yearly: DenseCube, slugs: Sequence[str]) -> Counted:
    """The sensitive kinds as `tell` takes them."""
    groups = {c.slug: c.group for c in kind.taxonomy.categories}
    counts = np.zeros((len(slugs), *cells.reported.shape), np.int64)
    lines = ledger.sensitive
    at = (
        positions(lines["category"], slugs),
        positions(lines["geoid"], cells.geoids),
        _month_index(lines["month"], cells.months),
    )
    known = np.logical_and.reduce([a >= 0 for a in at])
    np.add.at(counts, tuple(a[known] for a in at), lines["calls"].to_numpy()[known])
    used = np.zeros((len(slugs), len(cells.months)), np.bool_)
    for block in ledger.state.blocks:  # data sets x months
        index = int((as_month(block.month) - cells.months[0]).astype(np.int64))
        if 0 <= index < len(cells.months):
            used[np.isin(slugs, block.sensitive), index] = True
    return Counted(
        kind.profile.name, tuple(slugs), tuple(groups[s] for s in slugs), cells.geoids, cells.names, cells.counties,
        cells.months, counts, cells.reported, yearly.reported, used, cells.residents, cells.present,
    )  # fmt: skip


def all_told(
    context: Context, counted: Counted, ledger: Ledger, cells: DenseCube, yearly: DenseCube, *, derived: bool
) -> ToldFigures:
    """All that was told of sensitive kinds; with `derived`, also sums of it (`told_figures`)."""
    shape = (len(counted.categories), 2, *cells.reported.shape)
    by_month, by_year = (
        replace(
            one,
            categories=counted.categories,
            groups=counted.groups,
            calls=np.zeros(shape, np.int64),
            untold=np.zeros(shape, np.bool_),
            parts=None,
            again=None,
        )
        for one in (cells, yearly)
    )
    return told_figures(counted, ledger, context.calendar(), context.today, by_month, by_year, derived=derived)
