"""The rows of a data set that are published for good now, and what is counted of the others."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.engine.base import Engine
from candor.intake.account import CASE, KEY, MARKED
from candor.intake.outcomes import Outcome
from candor.ledger.blocks import BEFORE, LATE, NEW, WAITING, Plan, plan
from candor.ledger.ledger import Ledger
from candor.ledger.withdrawn import hashes
from candor.measures.several import number_of, sets_of_kinds
from candor.measures.silence import declared_coverage
from candor.privacy.records.rows import counted_apart
from candor.privacy.times import TimeReport
from candor.profiles.taxonomy import COUNTED_APART, Taxonomy
from candor.sources.base import ROW
from candor.store.durable import make_folder

AFTER = "after"
"""A row of a month that was published without it."""

NOT_SETTLED = "not yet: its month is published once it has settled"
TOO_FEW = "too few rows of their place and time: published with those of the quarter or the year, where they are enough"
CAME_LATE = "came after its month was published: in the figures of the year, where its agency's whole month came late"

_CELL = ["agency", "geoid", "month", "category", "initiated_by", "state"]
_STATE = "_state"


NO_SETS: pa.Table = pa.schema(
    [(name, pa.string()) for name in ("agency", "geoid")] + [("month", pa.date32())]
    + [(name, pa.string()) for name in ("initiated_by", "state", "kinds")] + [("calls", pa.int64())]
).empty_table()  # fmt: skip


@dataclass(frozen=True)
class SettledRows:
    """What a run does with a data set of rows.

    `archive`: the file of the rows that are published for good now, with their keys; None where there are none.
    `cells`: counts by agency, place, month, kind and initiator, each with its `state` (`blocks`) and whether it is
    `open`. `sets`: the sets of open kinds that events have (`several.sets_of_kinds`), with their states. `accounted`:
    the same with the outcome of each row as of this run. `folder`: that of the archive. `several`: whether the counts
    are of events, of which several rows may be one.
    """

    plan: Plan
    archive: Path | None
    rows: int
    cells: pa.Table
    accounted: Accounted
    folder: Path
    sets: pa.Table = field(default_factory=lambda: NO_SETS)
    several: bool = False


def settles(context: Context, accounted: Accounted) -> bool:
    """Whether the rows of a data set are published for good, month by month: those with a time, unless none waits."""
    return context.calendar(accounted.dataset.name).days > 0 and accounted.schema.with_role("time") is not None


def settle_rows(context: Context, accounted: Accounted, ledger: Ledger, folder: Path) -> SettledRows:
    """Decide what of a data set is published now and put those rows into its archive, below `folder`.

    A row that is in the archive already stays what it was there; one of a month that was published without it does not
    appear. Without a key rows are not known again: then all rows of a published month are taken to be those.
    """
    engine, name = context.engine, accounted.dataset.name
    table = engine.read(accounted.path)
    if "agency" not in table.columns:
        table = table.mutate(agency=ibis.literal(""))
    table = table.mutate(agency=table.agency.fill_null(""))
    declared = declared_coverage(accounted.coverage, accounted.days) if accounted.schema.counted else []
    sent = table.filter((table.outcome == "published") | table.counted).filter(lambda t: t.month.notnull())
    pairs = engine.arrow(sent.select("agency", "month").distinct()).to_pylist()
    taxonomy = context.taxonomy_of(name)
    sensitive = {*taxonomy.sensitive, COUNTED_APART}
    made = plan(
        name, [(p["agency"], f"{p['month']:%Y-%m}") for p in pairs], declared, ledger, context.calendar(name),
        context.today, _used(context, accounted, sensitive),
    )  # fmt: skip
    stated = _stated(table, engine.table(made.states), _archived(context, ledger, name, folder))
    rows = stated.filter((stated.outcome == "published") & (stated[_STATE] == NEW))
    path = None
    make_folder(folder, private=True)
    make_folder(folder / name, private=True)
    number = int(engine.arrow(rows.aggregate(n=rows.count()))["n"][0].as_py())
    if number:
        path = folder / name / f"{secrets.token_hex(8)}.parquet"
        engine.write(
            rows.drop(_STATE, ROW, "reasons", "notes", "counted", *([MARKED] if MARKED in rows.columns else [])), path
        )
    cells, sets, unit = _NO_CELLS, NO_SETS, unit_of(context, name, stated.columns)
    if accounted.schema.counted:
        cells, sets = _cells(engine, stated, taxonomy, sensitive, unit)
    now = _accounted(context, accounted, stated)
    return SettledRows(made, path, number, cells, now, folder / name, sets, unit is not None)


def unit_of(context: Context, name: str, columns: Collection[str]) -> str | None:
    """The column that says which rows are of one event, of a data set whose profile counts these."""
    kind = context.kind_of(name)
    return CASE if kind and kind.profile.parts and CASE in columns else None


def _used(context: Context, accounted: Accounted, sensitive: Collection[str]) -> list[str]:
    """The sensitive kinds that the data set's crosswalk leads to."""
    if not accounted.schema.counted:
        return []
    entries = context.portal.crosswalks.get(accounted.dataset.crosswalk, ())
    flagged = bool(accounted.dataset.flags) or any(c.role == "sensitive_flag" for c in accounted.schema.columns)
    tightened = any(e.sensitivity == "sensitive" for e in entries)
    unmapped = context.taxonomy_of(accounted.dataset.name).unmapped.slug
    slugs = {e.category or unmapped for e in entries} | {unmapped}
    slugs |= {COUNTED_APART} if flagged or tightened else set()
    return sorted(slugs & set(sensitive))


def _archived(context: Context, ledger: Ledger, name: str, folder: Path) -> ir.Table | None:
    """The keys of the rows that were published; None where there are none, or the data set has no keys."""
    files = ledger.state.files.get(name)
    if files is None or not files.archive:
        return None
    rows = context.engine.read(*[folder / name / f for f in files.archive])
    if KEY not in rows.columns:
        return None
    # What was withdrawn is known too: it does not come back in another month.
    gone = context.engine.table(pa.table({"_known": hashes(folder / name)}))
    return rows.select(_known=rows[KEY]).union(gone).distinct()


def _stated(table: ir.Table, states: ir.Table, archived: ir.Table | None) -> ir.Table:
    """The accounted table with what each row's month is to this run."""
    of = states.rename(_agency="agency", _month="month")
    joined = table.left_join(of, [table.agency == of["_agency"], table.month == of["_month"]])
    joined = joined.mutate(**{_STATE: joined.state.fill_null(WAITING)}).drop("state", "_agency", "_month")
    if archived is None or KEY not in table.columns:
        return joined
    known = joined.left_join(archived, joined[KEY] == archived["_known"])
    there = known["_known"].notnull()
    state = ibis.cases(
        (there & (known[_STATE] == NEW), BEFORE),
        (there, BEFORE),
        (known[_STATE] == BEFORE, AFTER),
        else_=known[_STATE],
    )
    public = known.outcome == "published"
    return known.mutate(**{_STATE: ibis.ifelse(public, state, known[_STATE])}).drop("_known")


_NO_CELLS = pa.schema(
    [(name, pa.string()) for name in ("agency", "geoid")] + [("month", pa.date32())]
    + [(name, pa.string()) for name in ("category", "initiated_by", "state", "category_group")]
    + [("calls", pa.int64()), ("parts", pa.int64()), ("open", pa.bool_())]
).empty_table()  # fmt: skip


def _cells(
    engine: Engine, stated: ir.Table, taxonomy: Taxonomy, sensitive: Collection[str], unit: str | None
) -> tuple[pa.Table, pa.Table]:
    """Counts of the counted rows, or of the events that they are of, as they are now; and the sets of open kinds."""
    rows = counted_apart(stated, sensitive)
    rows = rows.filter(rows.counted)
    rows = rows.mutate(
        state=rows[_STATE],
        geoid=rows.geoid.fill_null(""),
        category=rows.category.fill_null(taxonomy.unmapped.slug),
        category_group=rows.category_group.fill_null(taxonomy.unmapped.group),
        initiated_by=ibis.ifelse(rows.initiated_by == "officer", "officer", "citizen"),
    )
    counts = rows.group_by(_CELL).agg(
        category_group=rows.category_group.max(), calls=number_of(rows, unit), parts=rows.count()
    )
    cells = engine.arrow(counts)
    is_open = pc.invert(pc.is_in(cells["category"], value_set=pa.array(sorted(sensitive), pa.string())))
    cells = cells.append_column("open", is_open).select(_NO_CELLS.column_names).cast(_NO_CELLS.schema)
    if unit is None:
        return cells, NO_SETS
    of_towns = rows.filter(rows.category.notin(sorted(sensitive)))
    sets = engine.arrow(sets_of_kinds(of_towns, [c for c in _CELL if c != "category"], unit))
    return cells, sets.select(NO_SETS.column_names).cast(NO_SETS.schema)


def _accounted(context: Context, accounted: Accounted, stated: ir.Table) -> Accounted:
    """The outcomes of this run: what is to be published and waits is withheld until then."""
    public = stated.filter(stated.outcome == "published")
    lines = context.engine.arrow(public.group_by(_STATE).agg(rows=public.count())).to_pylist()
    rows = {line[_STATE]: int(line["rows"]) for line in lines}
    outcomes = [o for o in accounted.outcomes if o.outcome != "published"]
    waiting, late = rows.get(WAITING, 0), rows.get(LATE, 0) + rows.get(AFTER, 0)
    published = sum(rows.values()) - waiting - late
    outcomes = [Outcome("published", "", published)] * bool(published) + outcomes
    outcomes += [Outcome("withheld", NOT_SETTLED, waiting)] * bool(waiting)
    outcomes += [Outcome("withheld", CAME_LATE, late)] * bool(late)
    return replace(accounted, outcomes=tuple(outcomes))


def without_few(accounted: Accounted, times: TimeReport) -> Accounted:
    """The outcomes with the rows withheld that are too few in their place and time to be published yet, or at all."""
    number = min(times.waiting + times.too_few + times.untimed, accounted.rows("published"))
    if not number:
        return accounted
    outcomes = [replace(o, rows=o.rows - number) if o.outcome == "published" else o for o in accounted.outcomes]
    return replace(accounted, outcomes=(*outcomes, Outcome("withheld", TOO_FEW, number)))
