"""Text becomes typed columns under the schema's names; what is wrong with a row is collected, never raised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.intake.points import NOTES, Box, coordinate, usable_points
from candor.intake.said import SEPARATOR, Said, joined, noted
from candor.intake.times import (
    TIME_NOTES,
    Zones,
    finished_times,
    given,
    is_time,
    read_times,
    settled_times,
    time_texts,
    wrong_times,
)
from candor.portal.model import ColumnMapping, DatasetConfig
from candor.portal.schema_model import Schema, SchemaColumn
from candor.sources.base import ROW

__all__ = ["NOTES", "PROBLEMS", "SEPARATOR", "Box", "joined", "typed"]

PROBLEMS = "_problems"
_CELLS = "_cells"
_EXACT = 2.0**53  # beyond it not every whole number is a float64
_BLANKS, _FIRST_VISIBLE = " \t\n\r\v\f", "!"
"""What is taken off the ends of a text. A text that begins with one sorts before the first character that is none."""
_TRUE = ("1", "true", "t", "yes", "y")
_FALSE = ("0", "false", "f", "no", "n")


def typed(
    raw: ir.Table, dataset: DatasetConfig, schema: Schema, engine: Engine, now: datetime, box: Box | None, zone: str
) -> ir.Table:
    """The mapped columns, typed; `_problems` (why a row is quarantined) and `_notes` (what was odd, each note
    behind a separator), both text.

    `now` is wall time in the portal's zone, whose IANA name is `zone`: a call cannot lie after it. What is wrong with a
    column that decides nothing of a row costs that cell, and is a note. Columns of the schema that are neither mapped
    nor derived do not appear.
    """
    mapped = [(column, dataset.columns[column.name]) for column in schema.columns if column.name in dataset.columns]
    times = [(column, mapping) for column, mapping in mapped if is_time(column)]
    others = [(column, mapping) for column, mapping in mapped if not is_time(column)]
    # A step for the texts, one for their values, one for what is wrong with them: said as one expression, each text
    # would stand in it a dozen times, and Spark would compute it as often.
    texts = raw.select(
        ROW,
        **{c.name: _joined_text(raw, m, words=c.type in ("text", "category")) for c, m in others},
        **{
            name: text
            for c, m in times
            for name, text in time_texts(c.name, [_text(raw[s]) for s in m.sources], m).items()
        },
    )
    table = texts.select(
        ROW,
        **{c.name: _value(texts[c.name], c, m, engine) for c, m in others},
        **{given(c.name): texts[c.name].notnull() for c, _ in mapped},
        **{name: value for c, m in times for name, value in read_times(texts, c.name, m, engine)},
    )
    table = settled_times(table, times, Zones(zone, dataset.source.zone or zone), engine, now)
    wrong = [(c, _wrong(table[given(c.name)], table[c.name], c)) for c, _ in others]
    wrong += [(c, wrong_times(table, c, m, now)) for c, m in times]
    wrong += [(c, [(~table[given(c.name)], f"{c.name} is empty")]) for c, _ in mapped if _needed(c)]
    table = table.mutate(
        **{PROBLEMS: joined([w for c, found in wrong if decides(c) for w in found])},
        **{_CELLS: noted([(w, f"{s}: left empty") for c, found in wrong if not decides(c) for w, s in found])},
        **{c.name: _without(table[c.name], found) for c, found in wrong if found and not decides(c)},
    )
    is_given = {c.name: table[given(c.name)] for c, _ in mapped}
    table = usable_points(finished_times(table, times), is_given, schema, box, dataset.source.epsg, engine)
    table = table.mutate(**{NOTES: table[NOTES] + table[_CELLS] + table[TIME_NOTES]})
    return table.drop(_CELLS, TIME_NOTES, *[given(c.name) for c, _ in mapped])


def decides(column: SchemaColumn) -> bool:
    """Whether a row is not to be had without a right value: the column is required, or something is decided by it."""
    return column.required or column.role != "none"


def _without(value: ir.Value, found: Sequence[Said]) -> ir.Value:
    """The value where nothing is wrong with it."""
    wrong = reduce(or_, [condition.fill_null(False) for condition, _ in found])
    return ibis.ifelse(wrong, ibis.null(value.type()), value)


def _needed(column: SchemaColumn) -> bool:
    return column.required and column.role != "category"


def _joined_text(raw: ir.Table, mapping: ColumnMapping, *, words: bool) -> ir.StringValue:
    """The text of a mapping: of several columns joined by a blank, missing where one of them is."""
    first, *others = [_text(raw[name], words=words) for name in mapping.sources]
    for other in others:
        first = first + " " + other
    return first


def _text(column: ir.StringColumn, *, words: bool = False) -> ir.StringValue:
    """Blanks at the ends taken off; in words, several blanks and line breaks made one. Nothing is made null."""
    # To look at the ends is cheaper than to take off what few cells have there.
    ends = reduce(or_, [column.endswith(blank) for blank in _BLANKS], column < _FIRST_VISIBLE)
    text = ibis.ifelse(ends, column.strip(), column)
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
            return coordinate(text, column.type, mapping.form, engine)
        case "boolean":
            lower = text.lower()
            return ibis.cases((lower.isin(_TRUE), True), (lower.isin(_FALSE), False), else_=ibis.null("boolean"))
        case _:
            raise AssertionError(f"{column.name}: times are read by `intake.times`")


def _wrong(is_given: ir.BooleanValue, value: ir.Value, column: SchemaColumn) -> list[Said]:
    """What may be wrong with a value that is no time, and the words for it."""
    if column.type in ("integer", "number"):
        return [(is_given & value.isnull(), f"{column.name} is not a number")]
    if column.type == "boolean":
        return [(is_given & value.isnull(), f"{column.name} is neither yes nor no")]
    return []
