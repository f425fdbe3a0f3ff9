"""Corrections of rows that were published: gathered, and made together once a year (METHODS, Protection 7 b).

Only a row that was open and still is gets corrected: what has turned sensitive stays as it was, and so does a row whose
whole kind has; what was deleted stays there (it can be withdrawn), and what has turned open does not appear. A new
crosswalk, a split of a town and new areas count forward: a row's kind changes only where the agency changed its call
type, its place only where the agency changed what the place was found by, its time only into another month that was
published.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.intake.account import KEY, WHERE
from candor.ledger.ledger import OPEN, SETS, Ledger
from candor.ledger.settle_rows import unit_of
from candor.ledger.withdrawn import hashes, without
from candor.measures.several import number_of, sets_of_kinds

_OF_PLACE = ("geoid", "town", "county", "placed_by", "area")
_OF_KIND = ("category", "category_group", "initiated_by")
_NOT_CORRECTED = (KEY, WHERE, "agency", "outcome", "sensitivity")
_NOW, _ONCE = "_now_", "_once"


@dataclass(frozen=True)
class Correction:
    """What a data set's yearly correction came to: `changed` rows; the new archive, its counts of open kinds and, where
    several rows are of one event, the sets of kinds of these.

    `gone`: how many rows had been withdrawn by then, which the counts are without.
    """

    years: tuple[int, ...]
    changed: int
    archive: Path | None = None
    counts: pa.Table | None = None
    sets: pa.Table | None = None
    gone: int = 0


def due(context: Context, name: str, ledger: Ledger) -> tuple[int, ...]:
    """The years whose day has come since the data set was last corrected."""
    fixed = ledger.fixed(name)
    calendar = context.calendar(name)
    closed = [y for y in sorted({int(m[:4]) for m in fixed}) if calendar.is_closed(y, context.today)]
    return tuple(y for y in closed if name in ledger.state.corrected and y > ledger.state.corrected[name])


def corrected(context: Context, accounted: Accounted, ledger: Ledger, folder: Path) -> Correction | None:
    """The yearly correction of a data set, where one is due and its rows have keys."""
    name = accounted.dataset.name
    years, files = due(context, name, ledger), ledger.state.files.get(name)
    if files is None or not files.archive:
        return None
    engine = context.engine
    archive = engine.read(*[folder / name / f for f in files.archive])
    if KEY not in archive.columns:
        return Correction(years, 0)
    gone = len(hashes(folder / name))
    before, archive = archive, without(archive, engine, folder / name)
    anew = gone > files.gone and accounted.schema.counted
    if not years:
        # Rows that were withdrawn since are counted no more; the public files are without them already.
        return Correction((), 0, None, *_counts(context, name, archive, before, ledger), gone) if anew else None
    sensitive = context.taxonomy_of(name).sensitive
    joined = _beside(archive, engine.read(accounted.path), sensitive)
    months = sorted(ledger.fixed(name))
    type_column = accounted.schema.with_role("category")
    time = accounted.schema.with_role("time")
    values = _values(
        archive.columns, joined, type_column.name if type_column else "", time.name if time else "", months
    )
    differ = ibis.or_(*[~joined[c].identical_to(v) for c, v in values.items()])
    changed = int(engine.arrow(joined.filter(differ).aggregate(n=joined[KEY].count()))["n"][0].as_py())
    if not changed:
        counts = _counts(context, name, archive, before, ledger) if anew else (None, None)
        return Correction(years, 0, None, counts[0], counts[1], gone)
    path = folder / name / f"{secrets.token_hex(8)}.parquet"
    engine.write(joined.mutate(**values).select(*archive.columns), path)
    counted = accounted.schema.counted
    counts = _counts(context, name, engine.read(path), before, ledger) if counted else (None, None)
    return Correction(years, changed, path, counts[0], counts[1], gone)


def _beside(archive: ir.Table, accounted: ir.Table, sensitive: Sequence[str]) -> ir.Table:
    """The archived rows, each with what its agency says of it now where it is still open, as is its kind of then."""
    now = accounted.filter(accounted.outcome == "published")
    columns = [c for c in archive.columns if c in now.columns]
    renamed = now.select(**{_NOW + c: now[c] for c in columns})
    # Keys are unique among rows that are published: others are duplicates.
    same: list[ir.BooleanValue] = [archive[KEY] == renamed[_NOW + KEY]]
    if "category" in archive.columns:
        same.append(archive.category.fill_null("").notin(list(sensitive)))
    return archive.left_join(renamed, same)


def _values(
    columns: Sequence[str], joined: ir.Table, type_column: str, time: str, months: Sequence[str]
) -> dict[str, ir.Value]:
    """Each column's corrected value."""
    known = joined[_NOW + KEY].notnull()

    def changed(column: str) -> ir.BooleanValue:
        if _NOW + column not in joined.columns:
            return ibis.literal(False)
        return known & ~joined[column].identical_to(joined[_NOW + column])

    corrected: dict[str, ir.Value] = {}
    retyped, moved = changed(type_column) if type_column else ibis.literal(False), changed(WHERE)
    to_published = ibis.literal(True)
    if "month" in columns and _NOW + "month" in joined.columns:
        to_published = joined[_NOW + "month"].strftime("%Y-%m").isin(list(months)).fill_null(False)
    for column in columns:
        if column in _NOT_CORRECTED or _NOW + column not in joined.columns:
            continue
        if column in _OF_PLACE:
            where = moved
        elif column in _OF_KIND:
            where = retyped
        elif column in (time, "month"):
            where = known & to_published
        else:
            where = known
        corrected[column] = ibis.ifelse(where, joined[_NOW + column], joined[column])
    corrected[WHERE] = ibis.ifelse(moved, joined[_NOW + WHERE], joined[WHERE]) if WHERE in columns else joined[KEY]
    if WHERE not in columns:
        del corrected[WHERE]
    return corrected


def _counts(
    context: Context, name: str, rows: ir.Table, before: ir.Table, ledger: Ledger
) -> tuple[pa.Table, pa.Table | None]:
    """The ledger's counts of open kinds with those of the corrected rows, and the data set's sets of kinds anew.

    A kind and month that had no rows `before`, with those that were withdrawn, stays as it is: it has counts alone.
    Months in which rows were counted are counted so again, though it is said by now which are of one event.
    """
    keys = ["agency", "geoid", "month", "category", "initiated_by"]
    unit = unit_of(context, name, rows.columns)
    lines = rows.mutate(
        agency=rows.agency.fill_null(""), geoid=rows.geoid.fill_null(""),
        initiated_by=ibis.ifelse(rows.initiated_by == "officer", "officer", "citizen"),
    )  # fmt: skip
    of_events = [month for month, block in ledger.fixed(name).items() if block.several]
    lines = lines.mutate(**{_ONCE: lines.month.strftime("%Y-%m").isin(of_events)})
    counts = lines.group_by([*keys, _ONCE]).agg(
        category_group=lines.category_group.max(), calls=number_of(lines, unit), parts=lines.count()
    )
    made = context.engine.arrow(counts.mutate(calls=ibis.ifelse(counts[_ONCE], counts.calls, counts.parts)))
    made = made.append_column("dataset", pa.array([name] * made.num_rows, pa.string()))
    made = made.append_column("late", pa.array([False] * made.num_rows, pa.bool_())).select(OPEN.names).cast(OPEN)
    had_rows = _kinds_and_months(context.engine.arrow(before.select("category", "month").distinct()))
    own = pc.equal(ledger.open["dataset"], name)
    counted_alone = pc.invert(pc.is_in(_kinds_and_months(ledger.open), value_set=had_rows))
    stays = pc.or_(pc.or_(pc.invert(own), ledger.open["late"]), counted_alone)
    return pa.concat_tables([ledger.open.filter(stays), made]), _sets(
        context, name, lines.filter(lines[_ONCE]), unit, ledger
    )


def _sets(context: Context, name: str, lines: ir.Table, unit: str | None, ledger: Ledger) -> pa.Table | None:
    """The sets of kinds that events of corrected rows have, with those that came late; None where rows are counted."""
    if unit is None:
        return None
    made = context.engine.arrow(sets_of_kinds(lines, ["agency", "geoid", "month", "initiated_by"], unit))
    made = made.append_column("dataset", pa.array([name] * made.num_rows, pa.string()))
    made = made.append_column("late", pa.array([False] * made.num_rows, pa.bool_())).select(SETS.names).cast(SETS)
    late = pc.and_(pc.equal(ledger.sets["dataset"], name), ledger.sets["late"])
    return pa.concat_tables([made, ledger.sets.filter(late)])


def _kinds_and_months(lines: pa.Table) -> pa.Array:
    texts = [pc.fill_null(lines[c].cast(pa.string()), "").combine_chunks() for c in ("category", "month")]
    return pc.binary_join_element_wise(*texts, "|")
