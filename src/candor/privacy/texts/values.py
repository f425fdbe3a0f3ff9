"""In which texts a scan found what it found: what a reviewer reads, and no log, message or public file ever says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from candor.engine.base import Engine
from candor.privacy.texts.by_model import MODEL_RULES, worth_asking
from candor.privacy.texts.by_rules import finds
from candor.privacy.texts.hits import Hit
from candor.privacy.texts.masks import tidied, tidied_here
from candor.privacy.texts.scan_rules import rules
from candor.privacy.texts.spans import spans

MOST = 20_000
"""Texts of a column that are told apart: whoever would have to read more withholds the column."""

FOUND = pa.schema([("column", pa.string()), ("text", pa.string()), ("rule", pa.string()), ("kind", pa.string()),
                   ("rows", pa.int64())])  # fmt: skip


def found_in(table: ibis.Table, hits: Sequence[Hit], engine: Engine, known: Collection[str] = ()) -> pa.Table:
    """Every different text of the columns of `hits` with each rule that finds something in it (`FOUND`).

    `rows`: how many rows have it; `known` as for the scan. Of a column `MOST` texts at most; in the order of columns
    and texts.
    """
    parts = [FOUND.empty_table()]
    for column in dict.fromkeys(h.column for h in hits):
        texts = table.select(text=table[column])
        counted = texts.filter(texts.text.notnull()).group_by("text").aggregate(rows=ibis._.count())
        asked = {h.rule for h in hits if h.column == column}
        for rule, kind, found in (*_by_rules(counted, asked, engine), *_by_model(counted, asked, engine, known)):
            many = found.num_rows
            says = [pa.array([word] * many, pa.string()) for word in (column, rule, kind)]
            own = pa.table([says[0], found["text"], says[1], says[2], found["rows"]], names=FOUND.names)
            parts.append(own.cast(FOUND))
    every = pa.concat_tables(parts)
    return every.sort_by([("column", "ascending"), ("text", "ascending")])


def _by_rules(counted: ibis.Table, asked: Collection[str], engine: Engine) -> Iterator[tuple[str, str, pa.Table]]:
    """By rule its name, its kind, and the texts in which it finds something."""
    own = [rule for rule in rules() if rule.name in asked]
    if not own:
        return
    tidy = counted.mutate(tidy=tidied(counted.text))
    marked = tidy.select("text", "rows", **{rule.name: finds(tidy.tidy, rule) for rule in own})
    some = marked.filter(ibis.or_(*(marked[rule.name] for rule in own)))
    found = engine.arrow(some.order_by("text").limit(MOST))
    for rule in own:
        yield rule.name, rule.kind, found.filter(pc.fill_null(found[rule.name], fill_value=False))


def _by_model(
    counted: ibis.Table, asked: Collection[str], engine: Engine, known: Collection[str]
) -> Iterator[tuple[str, str, pa.Table]]:
    """The same of the model, which reads the texts again."""
    own = {rule: kind for rule, (kind, _) in MODEL_RULES.items() if rule in asked}
    if not own:
        return
    few = engine.arrow(counted.order_by("text").limit(MOST))
    tidy = tidied_here(few["text"]).combine_chunks()
    worth = worth_asking(tidy, known)
    few, asking = few.filter(worth), tidy.filter(worth).to_pylist()
    kinds = [{span.kind for span in found} for found in spans(asking, known)] if asking else []
    for rule, kind in own.items():
        yield rule, kind, few.filter(pa.array([kind in of for of in kinds], pa.bool_()))
