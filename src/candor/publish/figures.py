"""The figures of a release: counts of calls of fixed months, the rates of them, and what is told of sensitive kinds."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.ledger.early import EARLY_CALLS, early_table
from candor.ledger.kinds import of_kinds, once_sensitive, still_told, used_kinds
from candor.ledger.ledger import Ledger
from candor.ledger.tell import tell
from candor.measures.dense import of_categories
from candor.measures.rates import SCHEMA as RATES_SCHEMA
from candor.measures.rates import call_rate_parts, monthly_rates
from candor.measures.residents import areas_by_month
from candor.measures.sensitive_figures import blocks as sensitive_blocks
from candor.measures.sensitive_figures import table as sensitive_table
from candor.publish import drafts
from candor.publish.denominators import denominator_tables
from candor.publish.denominators import parts as parts_of
from candor.publish.hold_back import attacked_and_held_back
from candor.publish.month_cube import all_told, month_cube, published_months, sensitive_counts, with_late
from candor.publish.put import put_parts, put_table
from candor.publish.state import Layer, Part, State, Work

FIGURES = "sensitive-calls"


def put_figures_by_month(work: Work, part: Part, state: State) -> State:
    """Put the cube of open kinds, the figures of sensitive ones and the rates; the ledger with what was told.

    Nothing is put where nothing was counted yet.
    """
    context, publication, kind = work.context, work.publication, part.counted
    taxonomy, ledger, release = kind.taxonomy, state.ledger, work.number
    months = published_months(ledger)
    if context.pack is None or not months.size:
        return state.with_layer(Layer(kind))
    config = context.portal.config
    is_sensitive = set(taxonomy.sensitive)
    with context.steps.step("Counting towns and months"):
        slugs = used_kinds(context, kind, ledger)
        table, every = month_cube(context, taxonomy, ledger, months, [s for s in slugs if s not in is_sensitive])
        every = replace(every, area=areas_by_month(every.geoids, every.months, context.pack.changes))
        arrays = of_categories(every, np.flatnonzero(~np.isin(every.categories, sorted(is_sensitive))))
        yearly = with_late(context, ledger, arrays)
    dates = (_day(months[0]), _day(months[-1]))
    with context.steps.step("Telling what is due of sensitive kinds"):
        counted = sensitive_counts(
            kind, ledger, arrays, yearly, [s for s in slugs if s in is_sensitive | once_sensitive(ledger)]
        )
        ledger = tell(counted, ledger, context.calendar(), context.today, release, config.jurisdiction)
    with context.steps.step("Attacking what is told"):
        groups = {c.slug: c.group for c in taxonomy.categories}

        def figures_of(now: Ledger) -> pa.Table:
            one = all_told(context, counted, now, arrays, yearly, derived=False)
            return still_told(sensitive_table(one, groups, config.jurisdiction, config.state), is_sensitive)

        ledger, attacked = attacked_and_held_back(
            work, kind, ledger, {kind.profile.tables.counts: table}, (FIGURES, figures_of), counted.categories
        )
    with context.steps.step("Telling what is due of sensitive kinds"):
        derived = all_told(context, of_kinds(counted, is_sensitive), ledger, arrays, yearly, derived=True)
    with context.steps.step("Writing counts"):
        put_table(context, publication, kind.profile.tables.counts, monthly_rates(table), dates)
        put_table(context, publication, FIGURES, figures_of(ledger), dates)
        early = early_table(ledger, context, arrays)
        if early.num_rows:
            put_table(context, publication, EARLY_CALLS, early, _span(early["month"]))
    with context.steps.step("Computing rates and comparisons"):
        beside = sensitive_blocks(derived, config.jurisdiction, config.state)
        names = pa.array(sorted(is_sensitive), pa.string())
        parts = call_rate_parts(arrays, is_sensitive, config.jurisdiction, config.state, beside, yearly)
        only_all = (
            lines.filter(
                pc.or_(
                    pc.invert(pc.is_in(lines["category"].cast(pa.string()), value_set=names)),
                    pc.equal(lines["initiated_by"], "all"),
                )
            )
            for lines in parts
        )
        put_parts(context, publication, kind.profile.tables.figures, RATES_SCHEMA, only_all, dates)
    with context.steps.step("Computing by several denominators"):
        source = drafts.population_source(context.pack)
        for name, found in denominator_tables(context.pack, context.denominators, source, arrays, ()):
            put_parts(context, publication, name, found.schema, parts_of(found), dates)
    return state.with_layer(Layer(kind, frozenset(slugs), table, attacked), ledger)


def _day(month: np.datetime64) -> date:
    found: date = month.astype("datetime64[D]").astype(object)
    return found


def _span(column: pa.ChunkedArray) -> tuple[date | None, date | None]:
    ends = pc.min_max(column).as_py()
    return ends["min"], ends["max"]
