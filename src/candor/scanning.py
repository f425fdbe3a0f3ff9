"""The scan of a data set's public texts: what it finds, and what of that stops the release."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir

from candor.count_accounting import AccountedCounts
from candor.engine.base import Engine
from candor.intake.count_lines import WRITTEN
from candor.portal.model import DatasetConfig, Schema
from candor.privacy.scan import Hit, scan, texts_of, unpassed

REPORTED_AS = "reported_as"


@dataclass(frozen=True)
class Texts:
    """What the scan found in the published texts of a data set, and what of it no review passes."""

    dataset: str
    hits: tuple[Hit, ...]
    unpassed: tuple[Hit, ...]


def scanned(dataset: DatasetConfig, schema: Schema, rows: ir.Table, engine: Engine) -> Texts:
    """Scan the texts and labels among the public `rows` of a data set, whose columns `schema` declares."""
    hits = scan(rows, texts_of(schema, rows.columns), engine)
    return Texts(dataset.name, hits, unpassed(hits, dataset.reviewed))


def scanned_names(counts: AccountedCounts, engine: Engine) -> Texts:
    """Scan the places' names as a source of counts writes them, which are published as `reported_as`."""
    names = engine.table(counts.counted.published.select([WRITTEN]).rename_columns([REPORTED_AS]))
    hits = scan(names, [REPORTED_AS], engine)
    return Texts(counts.dataset.name, hits, unpassed(hits, counts.dataset.reviewed))
