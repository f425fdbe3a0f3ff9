"""The scan of a data set's public texts: what it finds, and what of that stops the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.accounting.count_tables import AccountedCounts
from candor.accounting.reviews import DIGEST, Passes, digested, digests_of, passes_of
from candor.intake.count_lines import WRITTEN
from candor.portal.model import DatasetConfig
from candor.portal.schema_model import Schema
from candor.privacy.texts.headings import tells_in_heading
from candor.privacy.texts.scan import Hit, PersonalInformationError, scan, texts_of
from candor.privacy.texts.values import found_in
from candor.vocabulary.institutions import OFFICE

REPORTED_AS, AREA, WITHHELD, AGENCY = "reported_as", "area", "withheld_columns", "agency"


@dataclass(frozen=True)
class Texts:
    """What the scan found in the published texts of a data set, and what of it no review passes.

    `by_counts`: by review with counts, the digests of the texts that it alone has passed.
    """

    dataset: str
    hits: tuple[Hit, ...]
    unpassed: tuple[Hit, ...]
    by_counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def require_passed(self) -> None:
        """Raise `PersonalInformationError` where something was found that no review passes."""
        if self.unpassed:
            raise PersonalInformationError(self.dataset, self.unpassed)


Read = tuple[ir.Table, Sequence[str]]
"""A table of what is published, and its columns that are scanned."""


def scanned(context: Context, dataset: DatasetConfig, schema: Schema, rows: ir.Table) -> Texts:
    """Scan the texts and labels among the public `rows` of a data set (`texts_of_rows`)."""
    return _held(context, dataset.name, texts_of_rows(schema, rows))


def scanned_names(context: Context, counts: AccountedCounts) -> Texts:
    """Scan what a data set of counts says in its source's words (`names_of`)."""
    return _held(context, counts.dataset.name, names_of(context, counts))


def scanned_anchors(context: Context, dataset: DatasetConfig, lines: pa.Table) -> Texts:
    """Scan the names of a data set's anchors (`anchors_of`)."""
    return _held(context, dataset.name, anchors_of(context, dataset, lines))


def texts_of_rows(schema: Schema, rows: ir.Table) -> Read:
    """The texts and labels among public rows, whose columns `schema` declares; of agencies those that are no office's.

    The name of an office with a number or a sign in it is read all the same.
    """
    agency = schema.column(AGENCY)
    if agency is not None and agency.derived and AGENCY in rows.columns:
        said = rows[AGENCY]
        office = said.re_search(OFFICE) & ~said.re_search("[0-9@]")
        rows = rows.mutate(**{AGENCY: ibis.ifelse(office, ibis.null("string"), said)})
    return rows, texts_of(schema, rows.columns)


def names_of(context: Context, counts: AccountedCounts) -> Read:
    """Of a data set of counts the places' names, which are published as `reported_as`, and the headers of its source,
    which are told as withheld (`withheld_columns`).
    """
    names = counts.counted.published[WRITTEN].cast(pa.string())
    headers = pa.chunked_array([pa.array(counts.landed.header, pa.string())])
    parts = [pa.table({REPORTED_AS: names}), pa.table({WITHHELD: headers})]
    return context.engine.table(pa.concat_tables(parts, promote_options="default")), [REPORTED_AS, WITHHELD]


def anchors_of(context: Context, dataset: DatasetConfig, lines: pa.Table) -> Read:
    """The names of a data set's anchors, of which its published areas are made: `lines` are those of the areas.

    A review of them stands under the column `area`. H3 cells have no names.
    """
    named = dataset.points is not None and bool(dataset.points.anchors)
    own = lines.filter(pc.equal(lines["dataset"], dataset.name)) if named else lines.slice(0, 0)
    table = context.engine.table(own.select(["parts"]).rename_columns([AREA]))
    return table, [AREA] if own.num_rows else []


def _held(context: Context, name: str, read: Read) -> Texts:
    """What is found, held against what was passed."""
    hits = _hits(context, read)
    passes = passes_of(context.portal, name) if hits else Passes()
    if passes.nothing:
        return Texts(name, hits, hits)
    found = digested(found_in(read[0], hits, context.engine, context.place_words), digests_of(context.portal, name))
    left = passes.left(hits, found)
    return Texts(name, hits, left, {} if left else passes.by_counts(hits, found))


def _hits(context: Context, read: Read) -> tuple[Hit, ...]:
    """What the scan finds; in the headers of a source no more than in another heading."""
    hits = scan(*read, context.engine, context.place_words)
    return tuple(h for h in hits if h.column != WITHHELD or tells_in_heading(h))


def waiting_in(context: Context, name: str, read: Read) -> pa.Table:
    """The texts in which something is found that no review passes, with their digests (`values.FOUND`, `value`)."""
    hits = _hits(context, read)
    passes = passes_of(context.portal, name)
    found = digested(found_in(read[0], hits, context.engine, context.place_words), digests_of(context.portal, name))
    left = {(h.column, h.rule) for h in passes.left(hits, found)}
    at = [(line["column"], line["rule"]) in left and line[DIGEST] not in passes.values for line in found.to_pylist()]
    return found.filter(pa.array(at, pa.bool_()))
