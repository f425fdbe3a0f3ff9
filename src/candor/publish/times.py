"""How exactly the rows of a block say when: the step between safe columns and the published file."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow.parquet as pq

from candor.accounting.context import Context
from candor.intake.account import CASE, KEY
from candor.ledger.ledger import Files
from candor.ledger.withdrawn import without
from candor.portal.schema_model import Schema, SchemaColumn
from candor.privacy.times import TimeReport, coarsened, complete_periods, require_classes
from candor.sources.base import ROW

_FINEST = {"none": "hour", "hour": "hour", "date": "date", "month": "month", "year": "year"}
_PLACES = ("geoid", "area", "town", "county")
_NO_MONTH = ("quarter", "year")
_MONTH = "month"
SAID = "said-"
"""What the names of files begin with that say how exactly rows say their time."""


@dataclass(frozen=True)
class Timed:
    """What the times of a data set's rows go by: the column, the columns of the place, the kind, what k counts."""

    column: SchemaColumn
    places: tuple[str, ...]
    kind: str | None
    unit: str | None
    finest: str
    k: int

    @property
    def precision(self) -> str:
        """The column that says how exactly the time is said."""
        return f"{self.column.name}_precision"


def timed(context: Context, schema: Schema, columns: Sequence[str], k: int | None = None) -> Timed | None:
    """What the times of rows with these columns go by; None where their time is not published."""
    time = schema.with_role("time")
    if time is None or not time.publish or time.name not in columns:
        return None
    public = {c.name: c for c in schema.public_columns if c.name in columns}
    placed = [n for n, c in public.items() if n in _PLACES or c.role == "place" or c.generalise in ("town", "county")]
    if "geoid" in placed:  # a town's name and county say no more
        placed = [n for n in placed if n in ("geoid", "area") or n not in _PLACES]
    category = (
        "category" if "category" in public else next((n for n, c in public.items() if c.role == "category"), None)
    )
    unit = CASE if CASE in columns else None
    return Timed(time, tuple(placed), category, unit, _FINEST[time.generalise], k or context.portal.config.privacy.k)


@dataclass(frozen=True)
class TimedRows:
    """Rows as they say when; the ledger's files of what waits and of the levels of places; what it came to.

    `said`: the archive's file of how exactly each row with a key says its time, by which it is found again.
    """

    rows: ir.Table
    files: Files
    report: TimeReport
    said: str = ""


def said_when(
    context: Context, rows: ir.Table, by: Timed, months: Sequence[str], before: Files, folder: Path
) -> TimedRows:
    """The block's rows with the times that they may say; those that must wait go to the archive in `folder`.

    `rows` have exact times. `months`: all that are published, now or before. `before`: the files of earlier runs.
    """
    engine = context.engine
    if before.waiting:
        waiting = without(engine.read(folder / before.waiting), engine, folder)
        rows = rows.union(waiting.select(*rows.columns))
    path = context.scratch / f"{secrets.token_hex(8)}.exact.parquet"
    engine.write(rows, path)
    levels = pq.read_table(folder / before.levels) if before.levels else None
    made = coarsened(
        engine.read(path), by.column.name, by.places, kind=by.kind, unit=by.unit, levels=levels, finest=by.finest,
        k=by.k, engine=engine, complete=complete_periods(months),
    )  # fmt: skip
    files = before.model_copy(update={"waiting": "", "levels": f"levels-{secrets.token_hex(8)}.parquet"})
    pq.write_table(made.levels, folder / files.levels)
    if made.report.waiting or made.report.too_few or made.report.untimed:
        files = files.model_copy(update={"waiting": f"waiting-{secrets.token_hex(8)}.parquet"})
        engine.write(made.waiting, folder / files.waiting)
    published = context.scratch / f"{secrets.token_hex(8)}.said.parquet"
    engine.write(made.published, published)
    said = engine.read(published)
    require_classes(
        said, by.column.name, by.places, kind=by.kind, unit=by.unit, finest=by.finest, k=by.k, engine=engine
    )
    kept = ""
    if KEY in said.columns:
        kept = f"{SAID}{secrets.token_hex(8)}.parquet"
        engine.write(said.select(KEY, by.precision), folder / kept)
    return TimedRows(_as_said(said, by), files, made.report, kept)


def _as_said(rows: ir.Table, by: Timed) -> ir.Table:
    """Nothing else of a row says the time more exactly, and what only the inside needs has done its work."""
    if _MONTH in rows.columns and by.column.name != _MONTH:
        hidden = rows[by.precision].isin(list(_NO_MONTH))
        rows = rows.mutate(**{_MONTH: ibis.ifelse(hidden, ibis.null("date"), rows[_MONTH].cast("date"))})
    if by.column.generalise in ("date", "month", "year"):
        rows = rows.mutate(**{by.column.name: rows[by.column.name].cast("date")})
    columns = [c for c in rows.columns if not c.startswith("_") and c != ROW]
    at = columns.index(by.column.name) + 1
    columns.remove(by.precision)
    return rows.select(*columns[:at], by.precision, *columns[at:])
