"""A scan of published text for what names or leads to a person: it blocks a release until somebody has looked.

It finds what stands in `scan_rules.toml`, and no more: docs/privacy-scan.md says how much that is. It is the last of
several guards (the allow list of columns, the release modes), and free text that it passes is not thereby safe.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ibis
import ibis.expr.types as ir

from candor.engine.base import Engine
from candor.portal.schema_model import Schema
from candor.privacy.texts.by_model import found_by_model
from candor.privacy.texts.by_rules import finds, found_by_rules
from candor.privacy.texts.hits import EXAMPLES, Hit, PersonalInformationError, refuse, unpassed
from candor.privacy.texts.masks import masked, tidied
from candor.privacy.texts.name_model import installed

__all__ = (
    "EXAMPLES", "Hit", "PersonalInformationError", "finds", "masked", "refuse", "scan", "scan_counted",
    "texts_of", "tidied", "unchecked", "unpassed",
)  # fmt: skip

_FEW = 5_000  # texts
_TEXTS = ("text", "category")
_FROM_SOURCE = ("agency",)
"""Of the columns made on the way the one that a source may have written; the others hold words of ours."""


def texts_of(schema: Schema, columns: Collection[str]) -> tuple[str, ...]:
    """Of the published `columns` those that are scanned: texts and labels as a source has them, hashes apart."""
    return tuple(
        c.name
        for c in schema.columns
        if c.name in columns
        and c.publish
        and c.type in _TEXTS
        and c.generalise == "none"
        and (not c.derived or c.name in _FROM_SOURCE)
    )


def scan(table: ir.Table, text_columns: Sequence[str], engine: Engine, known: Collection[str] = ()) -> tuple[Hit, ...]:
    """What is found in the columns, by column and rule, in their order; nothing where nothing is found.

    `table` is what is to be published. A text that stands in many rows is read once. Two rules may find the same name.
    `known`: words in lower case that name places here, and nobody. Without the extra `scan` only rules are asked.
    """
    if not text_columns:
        return ()
    texts = ibis.union(*(table.select(column=ibis.literal(c), text=table[c]) for c in text_columns), distinct=False)
    texts = texts.filter(texts.text.notnull())
    counted = texts.group_by("column", "text").aggregate(rows=texts.count())
    return scan_counted(counted, text_columns, engine, known)


def scan_counted(
    counted: ir.Table, text_columns: Sequence[str], engine: Engine, known: Collection[str] = ()
) -> tuple[Hit, ...]:
    """As `scan`, of texts (`column`, `text`, `rows`) that are counted already."""
    first = engine.arrow(counted.limit(_FEW + 1))
    few = first if first.num_rows <= _FEW else None
    hits = found_by_rules(counted, few, text_columns, engine)
    if installed():
        hits += found_by_model(counted, few, engine, known)
    order = {column: n for n, column in enumerate(text_columns)}
    return tuple(sorted(hits, key=lambda hit: order[hit.column]))


def unchecked() -> str:
    """What the scan leaves unchecked here, in words for the publisher and for readers; nothing where all is checked."""
    return "" if installed() else "names and addresses that only the small model knows"
