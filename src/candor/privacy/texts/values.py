"""In which texts a scan found what it found: what a reviewer reads, and no log, message or public file ever says."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from candor.engine.base import Engine
from candor.privacy.texts.by_model import MODEL_RULES, read_by_model
from candor.privacy.texts.scan import Hit, finds, tidied
from candor.privacy.texts.scan_rules import rules

MOST = 20_000
"""Texts of a column that are told apart: whoever would have to read more withholds the column."""

FOUND = pa.schema([("column", pa.string()), ("text", pa.string()), ("rule", pa.string()), ("kind", pa.string()),
                   ("rows", pa.int64())])  # fmt: skip


def found_in(table: ibis.Table, hits: Sequence[Hit], engine: Engine, known: Collection[str] = ()) -> pa.Table:
    """Every different text of the columns of `hits` with each rule that finds something in it (`FOUND`).

    `rows`: how many rows have it. `known`: as of a scan. Of a column `MOST` texts at most; in the order of columns,
    texts and rules.
    """
    parts = [_of_column(table, column, [h for h in hits if h.column == column], engine, known)
             for column in dict.fromkeys(h.column for h in hits)]  # fmt: skip
    return pa.concat_tables(parts) if parts else FOUND.empty_table()


def _of_column(table: ibis.Table, column: str, hits: Sequence[Hit], engine: Engine, known: Collection[str]) -> pa.Table:
    by_name = {rule.name: rule for rule in rules()}
    asked = [by_name[h.rule] for h in hits if h.rule in by_name]
    texts = table.select(text=table[column])
    counted = texts.filter(texts.text.notnull()).group_by("text").aggregate(rows=ibis._.count())
    tidy = counted.mutate(tidy=tidied(counted.text))
    marked = tidy.select("text", "rows", **{rule.name: finds(tidy.tidy, rule) for rule in asked})
    some = marked.filter(ibis.or_(*(marked[rule.name] for rule in asked))) if asked else marked.limit(0)
    found = engine.arrow(some.order_by("text").limit(MOST))
    parts = [
        _lines(column, rule.name, rule.kind, found.filter(pc.fill_null(found[rule.name], fill_value=False)))
        for rule in asked
    ]
    if model := [h for h in hits if h.rule in MODEL_RULES]:
        texts = engine.arrow(counted.order_by("text").limit(MOST))
        read = read_by_model(texts["text"], known)
        parts += [_lines(column, h.rule, h.kind, texts.filter(pc.is_valid(read[h.rule]))) for h in model if read]
    every = pa.concat_tables(parts) if parts else FOUND.empty_table()
    return every.sort_by([("text", "ascending")])


def _lines(column: str, rule: str, kind: str, texts: pa.Table) -> pa.Table:
    many = texts.num_rows
    same = [pa.array([value] * many, pa.string()) for value in (column, rule, kind)]
    columns = [same[0], texts["text"], same[1], same[2], texts["rows"]]
    return pa.table(columns, names=FOUND.names).cast(FOUND)
