"""Text becomes typed columns under the schema's names; what is wrong with a row is collected, never raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.intake.points import NOTES, SEPARATOR, Box, coordinate, usable_points
from candor.portal.model import ColumnMapping, DatasetConfig
from candor.portal.schema_model import Schema, SchemaColumn
from candor.sources.base import ROW

__all__ = ["NOTES", "PROBLEMS", "SEPARATOR", "Box", "joined", "typed"]

PROBLEMS = "_problems"
_EARLIEST = datetime(1900, 1, 1)  # wall time in the portal's zone, as all times here are
_EXACT = 2.0**53  # beyond it not every whole number is a float64
_TRUE = ("1", "true", "t", "yes", "y")
_FALSE = ("0", "false", "f", "no", "n")


def typed(
    raw: ir.Table, dataset: DatasetConfig, schema: Schema, engine: Engine, now: datetime, box: Box | None
) -> ir.Table:
    """The mapped columns, typed; `_problems` (why a row is quarantined) and `_notes` (what was odd, each note
    behind a separator), both text.

    `now` is wall time in the portal's zone: a call cannot lie after it. Columns of the schema that are neither mapped
    nor derived do not appear.
    """
    mapped = [(column, dataset.columns[column.name]) for column in schema.columns if column.name in dataset.columns]
    # A step for the texts, one for their values, one for what is wrong with them: said as one expression, each text
    # would stand in it a dozen times, and Spark would compute it as often.
    texts = raw.select(ROW, **{c.name: _joined_text(raw, m, words=c.type in ("text", "category")) for c, m in mapped})
    table = texts.select(
        ROW,
        **{c.name: _value(texts[c.name], c, m, engine) for c, m in mapped},
        **{_given(c.name): texts[c.name].notnull() for c, _ in mapped},
    )
    problems = [p for c, m in mapped for p in _problems(table[_given(c.name)], table[c.name], c, m, now)]
    table = table.mutate(**{PROBLEMS: joined(problems)})
    given = {c.name: table[_given(c.name)] for c, _ in mapped}
    return usable_points(table, given, schema, box, dataset.source.epsg, engine).drop(
        *[_given(c.name) for c, _ in mapped]
    )


def _given(name: str) -> str:
    return f"_{name}_given"


def _joined_text(raw: ir.Table, mapping: ColumnMapping, *, words: bool) -> ir.StringValue:
    """The text of a mapping: of several columns joined by a blank, missing where one of them is."""
    first, *others = [_text(raw[name], words=words) for name in mapping.sources]
    for other in others:
        first = first + " " + other
    return first


def _text(column: ir.StringColumn, *, words: bool) -> ir.StringValue:
    """Blanks at the ends taken off; in words, several blanks and line breaks made one. Nothing is made null."""
    text = column.strip()
    if words:
        # A regular expression for every cell would be the dearest step of all; few cells need one.
        untidy = text.contains("  ") | text.contains("\n") | text.contains("\t") | text.contains("\r")
        text = ibis.ifelse(untidy, text.re_replace("[ \t\r\n]+", " "), text)
    return text.nullif("")


def _value(text: ir.StringValue, column: SchemaColumn, mapping: ColumnMapping, engine: Engine) -> ir.Value:
    match column.type:
        case "text" | "category":
            kept = {found: label for found, label in mapping.labels.items() if found != label}
            return text.substitute(kept) if kept else text
        case "integer":
            number = engine.number(text.replace(",", ""))
            return ibis.ifelse(number.abs() < _EXACT, number, ibis.null("float64")).round().cast("int64")
        case "number":
            return engine.number(text.replace(",", ""))
        case "latitude" | "longitude":
            return coordinate(text, column.type, mapping.format, engine)
        case "boolean":
            lower = text.lower()
            return ibis.cases((lower.isin(_TRUE), True), (lower.isin(_FALSE), False), else_=ibis.null("boolean"))
        case "timestamp" | "date":
            time = engine.local_time(text, mapping.format or "iso")
            return time if column.type == "timestamp" else time.date()


def _problems(
    given: ir.BooleanValue, value: ir.Value, column: SchemaColumn, mapping: ColumnMapping, now: datetime
) -> list[tuple[ir.BooleanValue, str]]:
    found: list[tuple[ir.BooleanValue, str]] = []
    name = column.name
    if column.required and column.role != "category":
        found.append((~given, f"{name} is empty"))
    if column.type in ("timestamp", "date"):
        expected = "an ISO date" if (mapping.format or "iso").startswith("iso") else mapping.format
        found.append((given & value.isnull(), f"{name} is not a date of the form {expected}"))
        limit = ibis.literal(now) if column.type == "timestamp" else ibis.literal(now.date())
        found.append((value.notnull() & (value > limit), f"{name} lies in the future"))
        earliest = ibis.literal(_EARLIEST) if column.type == "timestamp" else ibis.literal(_EARLIEST.date())
        found.append((value.notnull() & (value < earliest), f"{name} lies before 1900"))
    elif column.type in ("integer", "number"):
        found.append((given & value.isnull(), f"{name} is not a number"))
    elif column.type == "boolean":
        found.append((given & value.isnull(), f"{name} is neither yes nor no"))
    return found


def joined(found: Sequence[tuple[ir.BooleanValue, str]]) -> ir.StringValue:
    """The words of each condition that holds, parted by "; "; empty where none does."""
    parts = [ibis.ifelse(condition.fill_null(False), SEPARATOR + words, "") for condition, words in found]
    return ibis.literal("").join(parts).substr(len(SEPARATOR)) if parts else ibis.literal("")
