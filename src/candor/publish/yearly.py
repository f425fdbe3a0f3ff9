"""A profile that comes as counts by place and year, in a release: made safe, and the figures of them.

Nothing here touches the cube of rows: profiles are never summed. They may meet in one data set, the share of calls of
the same kinds, and only where both speak of the same town and year.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.accounting.count_tables import AccountedCounts, residents_by_year
from candor.accounting.scanned import scanned_names
from candor.errors import DataError
from candor.intake.count_lines import WRITTEN
from candor.ledger.reports import Reports
from candor.ledger.tell_yearly import as_told, tell_years, told_of_towns
from candor.measures.verified import verified_share
from candor.measures.yearly import ORDER, dense_counts, yearly_cells
from candor.measures.yearly_figures import yearly_rates
from candor.portal.counts_model import CountsConfig
from candor.profiles.profile import Kind
from candor.publish.denominators import added_by_year, similar_in
from candor.publish.guards.gate import judged_counts, require_accepted
from candor.publish.guards.history import Deliveries
from candor.publish.put import named_count, put_table
from candor.publish.reading import read_counts
from candor.publish.state import Layer, Part, State, Work
from candor.publish.yearly_lines import lines_draft, public_lines
from candor.store.publication import Publication
from candor.store.words import only_seen

EVENTS = "events"
"""The column of the count until a table is put, which names it as its profile does."""

_ABOUT = ("geoid", "year", "residents", "reported_as")


def read_lines(work: Work, part: Part, state: State) -> State:
    """Account for the lines of the data sets that are read now, and take over those of the others.

    Raises `DataError` where a source cannot be read as declared.
    """
    publication, previous = work.publication, work.publication.previous
    reports = Reports(work.store.internal / part.counted.profile.name, work.number - 1)
    known = Deliveries(work.store.internal)
    for name in part.datasets:
        published = previous is not None and previous.dataset(name) is not None
        if name not in part.named and not published:
            continue
        if name not in part.named and reports.has(name):
            reports.carry(name)
            publication.keep(name)
        else:  # also after a rollback, when the lines of the release in force are not at hand
            one = read_counts(work.context, work.context.portal.counts[name])
            judgement = judged_counts(work.context, one, known)
            work.run.judged.append(judgement)
            one = replace(one, accepted=judgement.accepted)
            reports.save(name, _sound_lines(one))
            work.run.counted_by_others.append(one)
    require_accepted(work.run.judged)
    return replace(state, reports={**state.reports, part.counted.profile.name: reports})


def _sound_lines(accounted: AccountedCounts) -> pa.Table:
    lines = accounted.counted.published.rename_columns(
        ["reported_as" if name == WRITTEN else name for name in accounted.counted.lines.column_names]
    )
    return only_seen(lines.select([*_ABOUT, *accounted.counted.categories]))


def put_lines(work: Work, part: Part, state: State) -> State:
    """Put the lines of the data sets that were read, their sensitive kinds as they were told."""
    context, kind = work.context, part.counted
    told = told_of_towns(state.ledger, kind.profile.name)
    for accounted in work.run.counted_by_others:
        name = accounted.dataset.name
        if name not in part.datasets:
            continue
        with context.steps.step("Making lines safe and writing them", name):
            lines = public_lines(
                accounted, context.with_places.places, kind.taxonomy.sensitive, told,
                simulated=context.portal.config.simulated,
            )  # fmt: skip
            lines = only_seen(lines)
            texts = scanned_names(context, accounted)
            texts.require_passed()
            work.run.texts.append(texts)
            path = work.publication.stage(name)
            pq.write_table(lines, path, compression="zstd")
            draft = lines_draft(context.portal, kind.taxonomy, accounted, lines.column_names, _span(lines["year"]))
            work.publication.put(draft, path)
        quarantine = work.store.quarantine
        shutil.move(accounted.quarantined_path, quarantine / f"{name}.parquet")
        shutil.move(accounted.landed.unreadable_path, quarantine / f"{name}.unreadable.parquet")
    return state


def put_figures_by_year(work: Work, part: Part, state: State) -> State:
    """Put the dense counts, the figures and the shares of calls; the ledger with what was told of sensitive kinds.

    Raises `DataError` where two data sets count the same.
    """
    context, publication, kind = work.context, work.publication, part.counted
    portal, profile, taxonomy = context.portal, kind.profile, kind.taxonomy
    kept = state.reports[profile.name].read()
    reports = [_reports(portal.counts[name], lines) for name, lines in kept.items()]
    together = pa.concat_tables(reports) if reports else None
    if together is None or not together.num_rows or context.pack is None:
        return state.with_layer(Layer(kind))
    with context.steps.step("Making counts by year safe", profile.name):
        years = list(range(pc.min(together["year"]).as_py(), pc.max(together["year"]).as_py() + 1))
        used = frozenset(pc.unique(together["category"]).to_pylist())
        categories = pa.table(
            {
                "category": [c.slug for c in taxonomy.categories if c.slug in used],
                "category_group": [c.group for c in taxonomy.categories if c.slug in used],
            }
        )
        residents = _residents(context, list(kept.values()), years)
        whole = dense_counts(_once(together), context.pack.places, categories, years, residents)
        ledger = tell_years(
            state.ledger, profile.name, whole, taxonomy.sensitive, context.calendar(), context.today, work.number
        )
        safe = as_told(ledger, profile.name, whole, taxonomy.sensitive).sort_by(list(ORDER))
    with context.steps.step("Computing rates by year", profile.name):
        config = portal.config
        denominator, added = added_by_year(context)
        cells = yearly_cells(safe)
        cells = replace(cells, persons=None if added is None else cells.residents + added[:, None])
        similar = similar_in(context)
        rates = yearly_rates(cells, taxonomy.sensitive, config.jurisdiction, config.state, similar, denominator)
    dates = date(years[0], 1, 1), date(years[-1], 12, 31)
    put_table(context, publication, profile.tables.counts, named_count(safe, profile, EVENTS), dates)
    put_table(context, publication, profile.tables.figures, named_count(rates, profile, EVENTS), dates)
    calls = state.from_rows(context).counts
    if calls is not None and profile.tables.beside_calls:
        _put_shares(context, publication, kind, safe, calls)
    return state.with_layer(Layer(kind, used), ledger)


def _put_shares(context: Context, publication: Publication, kind: Kind, counts: pa.Table, calls: pa.Table) -> None:
    """Put the share of calls of the same kinds, where the calls speak of one of the years at all."""
    with context.steps.step("Setting counts beside calls", kind.profile.name):
        taxonomy = kind.taxonomy
        kinds = {c.slug: c.call_categories for c in taxonomy.categories if c.call_categories}
        shares = verified_share(counts, calls, kinds, taxonomy.sensitive)
    if shares.num_rows:
        named = named_count(shares, kind.profile, EVENTS)
        put_table(context, publication, kind.profile.tables.beside_calls, named, _span(shares["year"]))


def _reports(dataset: CountsConfig, lines: pa.Table) -> pa.Table:
    """`geoid, year, category, events, source, reported_as`: a report of every category for every line.

    Where the data set says so, also of the years in which a place of its own has no line: the count is missing.
    """
    categories = [name for name in lines.column_names if name not in _ABOUT]
    if dataset.absent == "not reported":
        lines = pa.concat_tables([lines, _absent(lines)], promote_options="default")
    parts = [
        pa.table(
            {
                **{name: lines[name] for name in ("geoid", "year")},
                "category": pa.array([slug] * lines.num_rows, pa.string()),
                EVENTS: lines[slug],
                "source": pa.array([dataset.origin] * lines.num_rows, pa.string()),
                "reported_as": lines["reported_as"],
                "dataset": pa.array([dataset.name] * lines.num_rows, pa.string()),
            }
        )
        for slug in categories
    ]
    return pa.concat_tables(parts)


def _absent(lines: pa.Table) -> pa.Table:
    """The places and years of a data set without a line, from its first year to its last."""
    geoids, years = pc.unique(lines["geoid"]), pc.unique(lines["year"])
    place, year = (pa.array(i.ravel()) for i in np.indices((len(geoids), len(years))))
    every = pa.table({"geoid": geoids.take(place), "year": years.take(year)})
    return every.join(lines.select(["geoid", "year"]), ["geoid", "year"], join_type="left anti")


def _once(reports: pa.Table) -> pa.Table:
    """Each place, year and category once: a number before a missing count. Raises `DataError` for two numbers."""
    keys = ["geoid", "year", "category"]
    numbers = reports.filter(pc.is_valid(reports[EVENTS]))
    twice = numbers.group_by(keys).aggregate([(EVENTS, "count"), ("dataset", "min"), ("dataset", "max")])
    twice = twice.filter(pc.greater(twice[f"{EVENTS}_count"], 1)).sort_by([(k, "ascending") for k in keys])
    if twice.num_rows:
        first = twice.slice(0, 1).to_pylist()[0]
        raise DataError(
            f"The data sets {first['dataset_min']} and {first['dataset_max']} both count {first['category']} of "
            f"{first['geoid']} in {first['year']}, and {twice.num_rows - 1:,} more",
            "one count of a category for each place and year: two would be added up or contradict each other",
            "Take the category, or those lines, out of one of the two.",
        )
    missing = reports.filter(pc.is_null(reports[EVENTS])).join(numbers.select(keys), keys, join_type="left anti")
    first_named = missing.group_by(keys).aggregate([("source", "min"), ("reported_as", "min")])
    first_named = first_named.rename_columns([*keys, "source", "reported_as"])
    chosen = pa.concat_tables([numbers.drop_columns(["dataset"]), first_named], promote_options="default")
    return chosen.select([*keys, EVENTS, "source", "reported_as"])


def _residents(context: Context, kept: Collection[pa.Table], years: Sequence[int]) -> np.ndarray:
    """The sources' own residents of place and year; where none gives them, the portal's: (P, Y)."""
    residents = residents_by_year(context.with_places, years)
    geoids = context.with_places.places["geoid"].combine_chunks()
    said = [lines.filter(pc.is_valid(lines["residents"])) for lines in kept]

    def written(residents: np.ndarray, lines: pa.Table) -> np.ndarray:
        place = pc.index_in(lines["geoid"], value_set=geoids).to_numpy()
        residents[place, lines["year"].to_numpy() - years[0]] = lines["residents"].to_numpy()
        return residents

    return reduce(written, said, residents)


def _span(years: pa.ChunkedArray) -> tuple[date | None, date | None]:
    if not len(years):
        return None, None
    return date(pc.min(years).as_py(), 1, 1), date(pc.max(years).as_py(), 12, 31)
