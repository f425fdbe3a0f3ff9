"""The figures of a release: counts of calls of fixed months, the rates of them, and what is told of sensitive kinds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.audit import Attack
from candor.ledger.counted import Counted
from candor.ledger.early import early_table
from candor.ledger.kinds import of_kinds, once_sensitive, still_told, used_kinds
from candor.ledger.ledger import Ledger
from candor.ledger.tell import tell
from candor.measures.call_pools import CallPools
from candor.measures.dense import DenseCube, of_categories
from candor.measures.lines import schema_of
from candor.measures.rates import call_rate_parts, learned_from, monthly_rates
from candor.measures.residents import areas_by_month
from candor.measures.sensitive_blocks import blocks as sensitive_blocks
from candor.measures.sensitive_blocks import learned as sensitive_learned
from candor.measures.sensitive_table import table as sensitive_table
from candor.measures.wander import Wander
from candor.profiles.profile import Kind, Profile
from candor.publish import drafts
from candor.publish.denominators import denominator_tables, rates_by, similar_in
from candor.publish.denominators import parts as parts_of
from candor.publish.hold_back import attacked_and_held_back
from candor.publish.month_cube import all_told, month_cube, published_months, sensitive_counts, with_late, with_sets
from candor.publish.put import counted_columns, named_count, put_parts, put_table
from candor.publish.state import Layer, Part, State, Work


@dataclass(frozen=True)
class Counts:
    """What was counted of a profile: lines, the same as arrays of months and of years, its sensitive kinds; and how
    much counts of open ones wander."""

    lines: pa.Table
    by_month: DenseCube
    by_year: DenseCube
    sensitive: Counted
    wander: Wander


@dataclass(frozen=True)
class ToldOnce:
    """What is told of sensitive kinds: the ledger with it, the lines of its table, and the attack that it withstood."""

    ledger: Ledger
    lines: pa.Table
    attack: Attack


def put_figures_by_month(work: Work, part: Part, state: State) -> State:
    """Put the cube of open kinds, the figures of sensitive ones and the rates; the ledger with what was told.

    Nothing is put where nothing was counted yet.
    """
    context, publication, kind = work.context, work.publication, part.counted
    profile, taxonomy, ledger = kind.profile, kind.taxonomy, state.ledger
    own = ledger.of(profile.name)
    months = published_months(own)
    if context.pack is None or not months.size:
        return state.with_layer(Layer(kind))
    config = context.portal.config
    is_sensitive = set(taxonomy.sensitive)
    with context.steps.step("Counting towns and months"):
        slugs = used_kinds(context, kind, part.datasets, own)
        open_slugs = [s for s in slugs if s not in is_sensitive]
        table, every = month_cube(context, taxonomy, own, months, open_slugs, several=profile.parts is not None)
        if not table.num_rows:  # no open kind at all, such as before anybody has mapped a type
            return state.with_layer(Layer(kind))
        denominator, persons = rates_by(context, every.months)
        areas = areas_by_month(every.geoids, every.months, context.pack.changes)
        every = replace(every, area=areas, persons=persons)
        arrays = of_categories(every, np.flatnonzero(~np.isin(every.categories, sorted(is_sensitive))))
        arrays = with_sets(own, arrays) if profile.parts else arrays
        yearly = with_late(context, own, arrays)
        pools = CallPools(arrays, yearly, is_sensitive)
        wander = learned_from(pools)
    dates = (_day(months[0]), _day(months[-1]))
    told = [s for s in slugs if s in is_sensitive | once_sensitive(own)] if profile.tables.sensitive else []
    counted = sensitive_counts(kind, own, arrays, yearly, told)
    once = (
        _told_once(work, kind, ledger, Counts(table, arrays, yearly, counted, wander))
        if profile.tables.sensitive
        else None
    )
    ledger = once.ledger if once else ledger
    with context.steps.step("Writing counts"):
        counted_lines = _of_initiators(monthly_rates(table, arrays, wander), profile)
        put_table(context, publication, profile.tables.counts, counted_lines, dates)
        if once:
            put_table(context, publication, profile.tables.sensitive, once.lines, dates)
        early = early_table(ledger, profile.name, context, arrays)
        if early.num_rows:
            put_table(context, publication, profile.tables.early, named_count(early, profile), _span(early["month"]))
    with context.steps.step("Telling what is due of sensitive kinds"):
        derived = all_told(context, of_kinds(counted, is_sensitive), ledger, arrays, yearly, derived=True)
    with context.steps.step("Computing rates and comparisons"):
        of_sensitive = sensitive_learned(derived, wander)
        beside = sensitive_blocks(derived, config.jurisdiction, config.state, of_sensitive, denominator)
        names = pa.array(sorted(is_sensitive), pa.string())
        similar = similar_in(context)
        parts = call_rate_parts(pools, wander, config.jurisdiction, config.state, beside, similar, denominator)
        only_all = (named_count(lines.filter(_told_of_all(lines, names, profile)), profile) for lines in parts)
        put_parts(context, publication, profile.tables.figures, schema_of(*counted_columns(profile)), only_all, dates)
    if profile.tables.denominators:
        with context.steps.step("Computing by several denominators"):
            source = drafts.population_source(context.pack)
            by_residents = replace(arrays, persons=None)
            for name, denominated in denominator_tables(
                context.pack, context.denominators, source, by_residents, (), wander
            ):
                put_parts(context, publication, name, denominated.schema, parts_of(denominated), dates)
    attacked = once.attack if once else None
    return state.with_layer(Layer(kind, frozenset(slugs), table, attacked), ledger)


def _told_once(work: Work, kind: Kind, ledger: Ledger, counts: Counts) -> ToldOnce:
    """Tell what is due of sensitive kinds, but for what would tell too much of others."""
    context, config, profile = work.context, work.context.portal.config, kind.profile
    counted, arrays, yearly = counts.sensitive, counts.by_month, counts.by_year
    with context.steps.step("Telling what is due of sensitive kinds"):
        ledger = tell(counted, ledger, context.calendar(), context.today, work.number, config.jurisdiction)
    groups = {c.slug: c.group for c in kind.taxonomy.categories}

    def figures_of(now: Ledger) -> pa.Table:
        one = all_told(context, counted, now, arrays, yearly, derived=False)
        lines = sensitive_table(one, groups, config.jurisdiction, config.state, sensitive_learned(one, counts.wander))
        return named_count(still_told(lines, set(kind.taxonomy.sensitive)), profile)

    with context.steps.step("Attacking what is told"):
        ledger, attacked = attacked_and_held_back(
            work, kind, ledger, {profile.tables.counts: named_count(counts.lines, profile)},
            (profile.tables.sensitive, figures_of), counted.categories,
        )  # fmt: skip
    return ToldOnce(ledger, figures_of(ledger), attacked)


def _of_initiators(table: pa.Table, profile: Profile) -> pa.Table:
    """The lines of counts, under the profile's name of the number; where police begin nothing, without their lines."""
    if not profile.initiators:
        table = table.filter(pc.equal(table["initiated_by"].cast(pa.string()), "citizen"))
    return named_count(table, profile)


def _told_of_all(lines: pa.Table, sensitive: pa.Array, profile: Profile) -> pa.ChunkedArray:
    """Which lines are told: of sensitive kinds, and where police begin nothing of all kinds, those of all calls."""
    of_all = pc.equal(lines["initiated_by"].cast(pa.string()), "all")
    if not profile.initiators:
        return of_all
    return pc.or_(pc.invert(pc.is_in(lines["category"].cast(pa.string()), value_set=sensitive)), of_all)


def _day(month: np.datetime64) -> date:
    day: date = month.astype("datetime64[D]").astype(object)
    return day


def _span(column: pa.ChunkedArray) -> tuple[date | None, date | None]:
    ends = pc.min_max(column).as_py()
    return ends["min"], ends["max"]
