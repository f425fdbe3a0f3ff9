"""The rows of a data set in a release: the files of earlier ones as they are, and one of what is published now."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from candor.accounting.anonymity import Measured, SafeRows, made_safe, measured, require_promised, safe_table
from candor.accounting.context import Context
from candor.accounting.people import some_named
from candor.accounting.records import Accounted
from candor.accounting.scanned import Texts, scanned
from candor.engine.base import Engine
from candor.errors import PortalError
from candor.intake.account import CASE, KEY
from candor.ledger.corrections import Correction
from candor.ledger.ledger import Files, Ledger
from candor.ledger.moves import snapshot
from candor.ledger.settle_rows import SettledRows
from candor.ledger.withdrawn import without
from candor.privacy.times import TimeReport
from candor.profiles.published import ROW_ID, SIMULATED
from candor.publish import drafts
from candor.publish.marks_said import about_marks
from candor.publish.times import TimedRows, said_when, timed
from candor.store.dataset_model import DatasetVersion
from candor.store.publication import Publication


@dataclass(frozen=True)
class PublishedRows:
    """What was put: how alike the rows are, what the scan found, and the files of the ledger."""

    version: DatasetVersion
    measured: Measured | None
    texts: Texts
    files: Files
    times: TimeReport | None = None


def publish_rows(
    context: Context,
    publication: Publication,
    accounted: Accounted,
    settled: SettledRows | None,
    correction: Correction | None,
    ledger: Ledger,
) -> PublishedRows:
    """Put the next version of a data set of rows. Without `settled` all of its rows are published as they are now."""
    engine, name = context.engine, accounted.dataset.name
    before = ledger.state.files.get(name, Files())
    archive = list(before.archive)
    anew = correction is not None and correction.archive is not None
    if correction is not None and correction.archive is not None:
        archive = [correction.archive.name]
    if settled and settled.archive:
        archive.append(settled.archive.name)
    last = published_version(publication, name, before) if settled and not anew else None
    if last is not None and not _same_columns(context, publication, accounted, last):
        last = None
    carried = last.files if last else ()
    sources = _sources(accounted, settled, correction)
    if settled and not anew and before.archive and last is None:
        # The last version was withdrawn, or had other columns: what was published once is published anew, from the
        # archive, which has the rows that wait as well.
        sources = [*(settled.folder / f for f in before.archive), *sources]
        before = before.model_copy(update={"waiting": ""})
    with context.steps.step("Making rows safe and writing them", name):
        staged: list[Path] = []
        table = engine.read(*(sources or [accounted.path]))
        if settled:
            table = _with_new_columns(context, accounted, without(table, engine, settled.folder))
        safe = safe_table(context, name, accounted.schema, table, _exactly(accounted, settled))
        made = _said(context, accounted, settled, safe, bool(sources), before if not anew else Files(), ledger)
        rows = _marked(context, made.rows if made else safe.rows)
        time = accounted.schema.with_role("time")
        first = [time.name] if time and time.name in rows.columns else []
        if sources or not carried or (made and before.waiting):
            path = publication.stage(name)
            rows = rows if sources or made else rows.limit(0)
            # Sorted by everything that is public, the order says nothing of the source.
            order = [*first, *[c for c in rows.columns if c not in (*first, SIMULATED)]]
            start = _rows(publication, carried) + 1
            engine.write(rows, path, order_by=order, number=ROW_ID, start=start)
            staged.append(path)
        else:
            rows = engine.read(*[publication.folder / f for f in carried])
        texts = scanned(context, accounted.dataset, safe.schema, engine.read(*staged) if staged else rows.limit(0))
        texts.require_passed()
        if named := some_named(context, accounted, {hit.column for hit in texts.hits}):
            raise PortalError(named)
        every = engine.read(*[publication.folder / f for f in carried], *staged)
        measurement = measured(context, accounted, safe.schema, every)
        anonymity = require_promised(measurement)
        columns = [c for c in every.columns if c != ROW_ID]
        draft = drafts.rows_draft(
            context, accounted, columns, _dates(engine, every, first),
            published=_rows(publication, carried) + sum(_in(p) for p in staged), key=safe.key, anonymity=anonymity,
            marks=about_marks(context, accounted, ledger),
        )  # fmt: skip
        version = publication.put(draft, staged, carried=carried)
    files = Files()
    if settled:
        gone = correction.gone if correction else before.gone
        files = _kept(context, accounted, settled, made, before, archive, version.version, gone)
    return PublishedRows(version, measurement, texts, files, made.report if made else None)


def _kept(
    context: Context,
    accounted: Accounted,
    settled: SettledRows,
    made: TimedRows | None,
    before: Files,
    archive: Sequence[str],
    version: int,
    gone: int,
) -> Files:
    """What the ledger keeps of a data set that settles, of the version that was just put."""
    of_times = made.files if made else before
    if made and made.said:
        _named(settled.folder, [made.said], version)
    return Files(
        version=version, gone=gone, archive=_named(settled.folder, archive, version), waiting=of_times.waiting,
        levels=of_times.levels, seen=snapshot(context, accounted, settled.folder),
    )  # fmt: skip


def _same_columns(context: Context, publication: Publication, accounted: Accounted, version: DatasetVersion) -> bool:
    """Whether rows that are published now have the columns of those of an earlier version."""
    safe = made_safe(context, accounted)
    time = accounted.schema.with_role("time")
    now = {c for c in safe.rows.columns if not c.startswith("_")}
    if time and time.name in now:
        now.add(f"{time.name}_precision")
    if context.portal.config.simulated:
        now.add(SIMULATED)
    before = {n for f in version.files for n in pq.read_schema(publication.folder / f).names}
    return before - {ROW_ID} == now


def _with_new_columns(context: Context, accounted: Accounted, table: ir.Table) -> ir.Table:
    """Archived rows with the columns that are published since: empty, for the archive holds what was public alone."""
    now = context.engine.read(accounted.path)
    public = {c.name for c in accounted.schema.public_columns}
    return table.mutate(**{c: ibis.null(now[c].type()) for c in now.columns if c in public and c not in table.columns})


def _exactly(accounted: Accounted, settled: SettledRows | None) -> list[str]:
    """The columns that the step of times needs as they are."""
    time = accounted.schema.with_role("time")
    return [time.name, CASE, KEY] if settled and time and time.publish else []


def _said(
    context: Context,
    accounted: Accounted,
    settled: SettledRows | None,
    safe: SafeRows,
    fresh: bool,
    before: Files,
    ledger: Ledger,
) -> TimedRows | None:
    """The rows with the times that they may say; None where no time of theirs is published, or nothing waits."""
    declared = accounted.dataset.anonymity
    by = timed(context, accounted.schema, safe.rows.columns, declared.k if declared else None) if settled else None
    if settled is None or by is None:
        return None
    rows = safe.rows if fresh else safe.rows.limit(0)
    return said_when(context, rows, by, _over(context, accounted.dataset.name, ledger), before, settled.folder)


def _over(context: Context, name: str, ledger: Ledger) -> list[str]:
    """The months of which no more rows will come: those published, and all of the years whose day has come."""
    fixed, calendar = set(ledger.fixed(name)), context.calendar(name)
    closed = [y for y in {int(m[:4]) for m in fixed} if calendar.is_closed(y, context.today)]
    return sorted(fixed | {f"{y}-{m:02d}" for y in closed for m in range(1, 13)})


def _sources(accounted: Accounted, settled: SettledRows | None, correction: Correction | None) -> list[Path]:
    """The files of the rows that are written now: those published for the first time, and all that were corrected."""
    if settled is None:
        return [accounted.path]
    files = [correction.archive] if correction and correction.archive else []
    return files + ([settled.archive] if settled.archive else [])


def _named(folder: Path, archive: Sequence[str], version: int) -> tuple[str, ...]:
    """The names of the files of an archive, the new ones with the version in which their rows are published first."""
    named = []
    for name in archive:
        new = name if version_of(name) else f"v{version}-{name}"  # of this run
        (folder / name).rename(folder / new)
        named.append(new)
    return tuple(named)


def version_of(name: str) -> int:
    """The version in which the rows of an archive's file were published so first; 0 where they were not yet."""
    number = name.removeprefix("v").partition("-")[0]
    return int(number) if name.startswith("v") and number.isdigit() else 0


def rehearsed_times(context: Context, accounted: Accounted, settled: SettledRows, ledger: Ledger) -> TimeReport | None:
    """How exactly the rows that would be published now would say when, for a check."""
    before = ledger.state.files.get(accounted.dataset.name, Files())
    paths = [settled.archive] if settled.archive else []
    safe = made_safe(context, accounted, paths, _exactly(accounted, settled))
    months = [*ledger.fixed(accounted.dataset.name), *(b.month for b in settled.plan.blocks)]
    declared = accounted.dataset.anonymity
    by = timed(context, accounted.schema, safe.rows.columns, declared.k if declared else None)
    if by is None:
        return None
    return said_when(context, safe.rows, by, months, before, settled.folder).report


def published_version(publication: Publication, name: str, files: Files) -> DatasetVersion | None:
    """The version that a data set's rows were last published in; None where there is none, or it was withdrawn."""
    if not files.version:
        return None
    version = next((v for v in publication.versions(name) if v.version == files.version), None)
    return None if version is None or version.withdrawn else version


def put_aside(accounted: Accounted, quarantine: Path) -> None:
    """Keep what could not be read as rows where the publisher looks for it."""
    name = accounted.dataset.name
    shutil.move(accounted.quarantined_path, quarantine / f"{name}.parquet")
    shutil.move(accounted.landed.unreadable_path, quarantine / f"{name}.unreadable.parquet")


def _marked(context: Context, rows: ir.Table) -> ir.Table:
    return rows.mutate(**{SIMULATED: ibis.literal(True)}) if context.portal.config.simulated else rows


def _rows(publication: Publication, files: Sequence[str]) -> int:
    return sum(_in(publication.folder / f) for f in files)


def _in(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _dates(engine: Engine, rows: ir.Table, columns: Sequence[str]) -> tuple[date | None, date | None]:
    if not columns:
        return None, None
    time = rows[columns[0]]
    bounds = engine.arrow(rows.aggregate(first=time.min(), last=time.max())).to_pylist()[0]
    first, last = (v.date() if isinstance(v, datetime) else v for v in (bounds["first"], bounds["last"]))
    return first, last
