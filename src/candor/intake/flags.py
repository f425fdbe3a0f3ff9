"""Which rows their agency marks as sensitive, in columns of the source that a data set declares as flags."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from candor.portal.model import DatasetConfig
from candor.portal.selection_model import FlagRule
from candor.sources.base import ROW

FLAG = "_flag"
"""What a row is marked as, in the words of the first flag that marks it; empty where none does."""


def flag_columns(dataset: DatasetConfig) -> tuple[str, ...]:
    """The columns of the source that are read for the flags."""
    return tuple(dataset.flags)


def flagged(rows: ir.Table, raw: ir.Table, dataset: DatasetConfig) -> ir.Table:
    """The typed `rows` with `_flag`. `raw` is the landed table, whose columns the data set names."""
    if not dataset.flags:
        return rows
    missing = dataset.source.missing
    marks = [(_marks(raw[name], rule, missing), rule.about) for name, rule in dataset.flags.items()]
    return rows.inner_join(raw.select(ROW, **{FLAG: ibis.cases(*marks, else_="")}), ROW)


def _marks(column: ir.StringColumn, rule: FlagRule, missing: Sequence[str]) -> ir.BooleanValue:
    """Whether a cell marks its row."""
    text = column.strip()
    # Few cells need the regular expression, which would be the dearest step of all.
    untidy = text.contains("  ") | text.contains("\n") | text.contains("\t") | text.contains("\r")
    text = ibis.ifelse(untidy, text.re_replace(r"\s+", " "), text)
    # A cell that holds nothing is one, however the source writes that.
    text = ibis.ifelse(text.isin([m.strip() for m in missing]), "", text).fill_null("").lower()
    if rule.no:
        return text.notin([_folded(value) for value in rule.no])
    values = [_folded(value) for value in rule.yes]
    if "" in values:
        return text.isin(values)
    parts = text.re_replace(r"\s*[;,|/]\s*", ";").split(";")
    return text.isin(values) | ibis.or_(*[parts.contains(value) for value in values])


def _folded(value: str) -> str:
    return " ".join(value.split()).lower()
