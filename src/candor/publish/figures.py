"""The figures of a release: counts of calls of fixed months, the rates of them, and what is told of sensitive kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.audit import Attack
from candor.measures.call_pools import CallPools
from candor.measures.coverage import COVERED, NOT_REPORTED, NOT_YET, grid_of
from candor.measures.cube import ORDER, cube
from candor.measures.dense import DenseCube, dense, of_categories
from candor.measures.rates import SCHEMA as RATES_SCHEMA
from candor.measures.rates import call_rate_parts, learned_from, monthly_rates
from candor.measures.residents import areas_by_month
from candor.measures.sensitive_figures import ToldFigures
from candor.measures.sensitive_figures import blocks as sensitive_blocks
from candor.measures.sensitive_figures import learned as sensitive_learned
from candor.measures.sensitive_figures import table as sensitive_table
from candor.publish import drafts
from candor.publish.calendar import as_month, year_of
from candor.publish.context import Context, put_parts, put_table
from candor.publish.denominators import denominator_tables, rates_by, similar_in
from candor.publish.denominators import parts as parts_of
from candor.publish.early import EARLY_CALLS, early_table
from candor.publish.hold_back import attacked_and_held_back
from candor.publish.kinds import CALLS, of_kinds, once_sensitive, still_told, used_kinds
from candor.publish.ledger import Ledger
from candor.publish.tell import Counted, positions, tell
from candor.publish.told_figures import told_figures
from candor.store.publication import Publication

CUBE, RATES, FIGURES = "calls-by-town", "call-rates-by-town", "sensitive-calls"
BY_COUNTY_ONLY = "by county only"
_TEXTS = ["geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"]

Months = NDArray[np.datetime64]


@dataclass(frozen=True)
class Figures:
    """What was put, for the layers beside it: the counts of open kinds by month, and what is told of the others.

    `calls`: the lines of `calls-by-town`; `years`: those of `sensitive-calls`; `attack`: the attack on both. None where
    nothing was counted.
    """

    categories: frozenset[str] = frozenset()
    calls: pa.Table | None = None
    years: pa.Table | None = None
    attack: Attack | None = None


def publish_figures(context: Context, publication: Publication, ledger: Ledger, release: int) -> tuple[Figures, Ledger]:
    """Put the cube of open kinds, the figures of sensitive ones and the rates; the ledger with what was told."""
    months = _months(ledger)
    if context.pack is None or not months.size:
        return Figures(), ledger
    config = context.portal.config
    is_sensitive = set(context.taxonomy.sensitive)
    with context.steps.step("Counting towns and months"):
        slugs = used_kinds(context, ledger)
        table, every = _cube(context, ledger, months, [s for s in slugs if s not in is_sensitive])
        denominator, persons = rates_by(context, every.months)
        areas = areas_by_month(every.geoids, every.months, context.pack.changes)
        every = replace(every, area=areas, persons=persons)
        similar = similar_in(context.pack)
        arrays = of_categories(every, np.flatnonzero(~np.isin(every.categories, sorted(is_sensitive))))
        yearly = _with_late(context, ledger, arrays)
        pools = CallPools(arrays, yearly, is_sensitive)
        wander = learned_from(pools)
    dates = (_day(months[0]), _day(months[-1]))
    with context.steps.step("Telling what is due of sensitive kinds"):
        counted = _counted(
            context, ledger, arrays, yearly, [s for s in slugs if s in is_sensitive | once_sensitive(ledger)]
        )
        ledger = tell(counted, ledger, context.calendar(), context.today, release, config.jurisdiction)
    with context.steps.step("Attacking what is told"):
        groups = {c.slug: c.group for c in context.taxonomy.categories}

        def figures_of(now: Ledger) -> pa.Table:
            one = _shown(context, counted, now, arrays, yearly, derived=False)
            learned = sensitive_learned(one, wander)
            return still_told(sensitive_table(one, groups, config.jurisdiction, config.state, learned), is_sensitive)

        ledger, attacked = attacked_and_held_back(
            context, publication, ledger, release, {CUBE: table}, (FIGURES, figures_of), counted.categories
        )
    with context.steps.step("Telling what is due of sensitive kinds"):
        derived = _shown(context, of_kinds(counted, is_sensitive), ledger, arrays, yearly, derived=True)
    with context.steps.step("Writing counts"):
        put_table(context, publication, CUBE, monthly_rates(table, arrays, wander), dates)
        figures = figures_of(ledger)
        put_table(context, publication, FIGURES, figures, dates)
        early = early_table(ledger, context, arrays)
        if early.num_rows:
            put_table(context, publication, EARLY_CALLS, early, _span(early["month"]))
    with context.steps.step("Computing rates and comparisons"):
        of_sensitive = sensitive_learned(derived, wander)
        beside = sensitive_blocks(derived, config.jurisdiction, config.state, of_sensitive, denominator)
        names = pa.array(sorted(is_sensitive), pa.string())
        parts = call_rate_parts(pools, wander, config.jurisdiction, config.state, beside, similar, denominator)
        only_all = (
            part.filter(
                pc.or_(
                    pc.invert(pc.is_in(part["category"].cast(pa.string()), value_set=names)),
                    pc.equal(part["initiated_by"], "all"),
                )
            )
            for part in parts
        )
        put_parts(context, publication, RATES, RATES_SCHEMA, only_all, dates)
    with context.steps.step("Computing by several denominators"):
        source = drafts.population_source(context.pack)
        by_residents = replace(arrays, persons=None)
        for name, found in denominator_tables(context.pack, context.denominators, source, by_residents, ()):
            put_parts(context, publication, name, found.schema, parts_of(found), dates)
    return Figures(frozenset(slugs), table, figures, attacked), ledger


def _months(ledger: Ledger) -> Months:
    """All months from the first to the last that was published of any data set that is counted."""
    names = set(pc.unique(ledger.coverage["dataset"]).to_pylist()) | set(pc.unique(ledger.open["dataset"]).to_pylist())
    found = sorted({b.month for b in ledger.state.blocks if b.dataset in names})
    if not found:
        return np.array([], "datetime64[M]")
    return np.arange(as_month(found[0]), as_month(found[-1]) + 1)


def _cube(context: Context, ledger: Ledger, months: Months, open_slugs: Sequence[str]) -> tuple[pa.Table, DenseCube]:
    """The lines of `calls-by-town`, before their rates, and the same as arrays."""
    engine, pack = context.engine, context.with_places
    grid = grid_of(_by_month(context, ledger, months), months, pack.places, pack.populations, pack.changes)
    withheld = pa.array([c.slug for c in context.taxonomy.categories if c.release == "withheld"], pa.string())
    out = pc.or_(ledger.open["late"], pc.is_in(ledger.open["category"], value_set=withheld))
    counts = ledger.open.filter(pc.invert(out))
    groups = {c.slug: c.group for c in context.taxonomy.categories}
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
        for agency in drafts.agencies_of(context.portal, name)
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
    pairs = {(slug, b.month) for b in ledger.state.blocks for slug in b.sensitive}
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
    calls = pc.if_else(where, pa.scalar(None, pa.int64()), table["calls"])
    table = table.set_column(table.column_names.index("calls"), "calls", calls)
    # Lines without a town that would tell of such a kind are not lines at all.
    nowhere = pc.and_(where, pc.equal(table["geoid"].cast(pa.string()), ""))
    return table.filter(pc.invert(nowhere))


def _with_late(context: Context, ledger: Ledger, cells: DenseCube) -> DenseCube:
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
    counts = ledger.open.filter(ledger.open["late"])
    key = pc.binary_join_element_wise(
        counts["dataset"], counts["agency"], pc.strftime(counts["month"], format="%Y-%m"), " "
    )
    counts = counts.filter(pc.is_in(key, value_set=keys))
    calls = cells.calls.copy()
    at = (
        positions(counts["category"], cells.categories),
        np.where(pc.equal(counts["initiated_by"], "officer").to_numpy(), 1, 0),
        positions(counts["geoid"], cells.geoids),
        _month_index(counts["month"], cells.months),
    )
    known = np.logical_and.reduce([a >= 0 for a in at])
    np.add.at(calls, tuple(a[known] for a in at), counts["calls"].to_numpy()[known])
    reported = state == COVERED
    calls *= reported  # what was outside of the coverage by month may be inside by year, and is in the ledger
    return replace(cells, calls=calls, reported=reported, covered=(state == COVERED) | (state == NOT_REPORTED))


def _month_index(column: pa.ChunkedArray, months: Months) -> NDArray[np.int64]:
    month = column.cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    at = (month - months[0]).astype(np.int64)
    return np.where((at >= 0) & (at < len(months)), at, -1)


def _counted(context: Context, ledger: Ledger, cells: DenseCube, yearly: DenseCube, slugs: Sequence[str]) -> Counted:
    """The sensitive kinds as `tell` takes them."""
    groups = {c.slug: c.group for c in context.taxonomy.categories}
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
        CALLS, tuple(slugs), tuple(groups[s] for s in slugs), cells.geoids, cells.names, cells.counties,
        cells.months, counts, cells.reported, yearly.reported, used, cells.residents, cells.present,
    )  # fmt: skip


def _shown(
    context: Context, counted: Counted, ledger: Ledger, cells: DenseCube, yearly: DenseCube, *, derived: bool
) -> ToldFigures:
    shape = (len(counted.categories), 2, *cells.reported.shape)
    by_month, by_year = (
        replace(
            one,
            categories=counted.categories,
            groups=counted.groups,
            calls=np.zeros(shape, np.int64),
            untold=np.zeros(shape, np.bool_),
        )
        for one in (cells, yearly)
    )
    return told_figures(counted, ledger, context.calendar(), context.today, by_month, by_year, derived=derived)


def _day(month: np.datetime64) -> date:
    found: date = month.astype("datetime64[D]").astype(object)
    return found


def _span(column: pa.ChunkedArray) -> tuple[date | None, date | None]:
    ends = pc.min_max(column).as_py()
    return ends["min"], ends["max"]
