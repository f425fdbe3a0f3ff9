"""The scan of a data set's public texts: what it finds, and what of that stops the release."""

from __future__ import annotations

from dataclasses import dataclass

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.count_tables import AccountedCounts
from candor.engine.base import Engine
from candor.intake.count_lines import WRITTEN
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import Schema
from candor.privacy.texts.scan import Hit, scan, texts_of, unpassed

REPORTED_AS, AREA = "reported_as", "area"


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


def scanned_anchors(dataset: DatasetConfig, lines: pa.Table, engine: Engine) -> Texts:
    """Scan the names of a data set's anchors, of which its published areas are made: `lines` are those of the areas.

    A review of them stands under the column `area`. H3 cells have no names.
    """
    named = dataset.points is not None and bool(dataset.points.anchors)
    own = lines.filter(pc.equal(lines["dataset"], dataset.name)) if named else lines.slice(0, 0)
    hits = scan(engine.table(own.select(["parts"]).rename_columns([AREA])), [AREA] if own.num_rows else [], engine)
    return Texts(dataset.name, hits, unpassed(hits, dataset.reviewed))
