"""The pattern of the week: calls by town, year, weekday and hour, told once a year (METHODS, Protection 5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.accounting.withholding import published_schema
from candor.intake.account import CASE
from candor.ledger.ledger import Files, Ledger
from candor.ledger.withdrawn import without
from candor.privacy.times import hour_by_weekday
from candor.profiles.profile import Profile
from candor.profiles.published import SIMULATED
from candor.publish import drafts
from candor.publish.put import named_count
from candor.publish.rows import published_version
from candor.store.publication import Publication

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("dataset", "geoid", "place")),
        *((name, pa.int64()) for name in ("year", "weekday", "hour", "calls")),
    ]
)


def publish_hours(
    context: Context,
    publication: Publication,
    profile: Profile,
    ledger: Ledger,
    datasets: Sequence[str],
    archive: Path,
) -> Ledger:
    """Put the table of a profile with the years of data sets whose day has come; years that were told stay as they are.

    Where its last version was withdrawn, because rows that it counted were, all of it is made anew.
    """
    table = profile.tables.hours
    last = published_version(publication, table, ledger.state.files.get(table, Files()))
    if last is None:
        others = {name: years for name, years in ledger.state.hours.items() if name not in datasets}
        ledger = ledger.with_state(hours=others)
    added, told = [], dict(ledger.state.hours)
    for name in datasets:
        years = _due(context, name, ledger)
        lines = _lines(context, name, ledger, years, archive, unit=CASE if profile.parts else None) if years else None
        if lines is not None and lines.num_rows:
            added.append(lines)
        told[name] = (*told.get(name, ()), *years)
    carried = last.files if last else ()
    if not added and not carried:
        return ledger.with_state(hours=told)
    version = _put(context, publication, profile, pa.concat_tables(added) if added else None, carried)
    return ledger.with_state(hours=told, files={**ledger.state.files, table: Files(version=version)})


def _due(context: Context, name: str, ledger: Ledger) -> list[int]:
    calendar, known = context.calendar(name), ledger.state.hours.get(name, ())
    years = sorted({int(month[:4]) for month in ledger.fixed(name)})
    return [y for y in years if y not in known and calendar.is_closed(y, context.today)]


def _lines(
    context: Context, name: str, ledger: Ledger, years: Sequence[int], archive: Path, unit: str | None
) -> pa.Table | None:
    """Rows that are published, by the hour; those that wait are left out, or their number could be subtracted.

    `unit`: the column that says which rows are of one event, where events are counted.
    """
    engine, files = context.engine, ledger.state.files.get(name)
    time = published_schema(context.portal.datasets[name]).with_role("time")
    if files is None or not files.archive or time is None:
        return None
    rows = without(engine.read(*[archive / name / f for f in files.archive]), engine, archive / name)
    if not rows[time.name].type().is_timestamp() or not {"geoid", "town"} <= set(rows.columns):
        return None
    rows = rows.filter(rows[time.name].year().isin(list(years))).mutate(
        geoid=rows.geoid.fill_null(""), town=rows.town.fill_null("")
    )
    if files.waiting:
        waits = engine.read(archive / name / files.waiting)
        waiting = waits.select(_geoid=waits.geoid.fill_null(""), _time=waits[time.name]).distinct()
        rows = rows.anti_join(waiting, [rows.geoid == waiting["_geoid"], rows[time.name] == waiting["_time"]])
    calls = engine.arrow(hour_by_weekday(rows, time.name, ["geoid", "town"], unit).mutate(dataset=ibis.literal(name)))
    return (
        calls.rename_columns([{"town": "place"}.get(n, n) for n in calls.column_names])
        .select(_SCHEMA.names)
        .cast(_SCHEMA)
        .sort_by([(n, "ascending") for n in ("geoid", "year", "weekday", "hour")])
    )


def _put(
    context: Context, publication: Publication, profile: Profile, table: pa.Table | None, carried: Sequence[str]
) -> int:
    draft = drafts.own_draft(context, profile.tables.hours, (None, None))
    staged = []
    if table is not None:
        if context.portal.config.simulated:
            table = table.append_column(SIMULATED, pa.array([True] * table.num_rows, pa.bool_()))
        path = publication.stage(profile.tables.hours)
        pq.write_table(named_count(table, profile), path, compression="zstd")
        staged = [path]
    return publication.put(draft, staged, carried=carried).version
