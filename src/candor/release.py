"""A release, read like the way of the data.

sources -> intake -> places -> rows made safe -> counts -> tables made safe -> figures -> store
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor import drafts
from candor.accounting import Accounted, Places, account, needs_places
from candor.auditing import Public, admitted
from candor.catchments import CATCHMENTS, catchments, published_lines
from candor.count_accounting import AccountedCounts
from candor.counting import Context, Counts, publish_counts, put_table
from candor.counts_kept import KeptCounts
from candor.disclosures import is_ruled_anew, published_schema
from candor.engine.base import Engine
from candor.engine.open import open_engine
from candor.intake.typed import Box
from candor.measures.cube import call_counts
from candor.offences import account as account_offences
from candor.offences import publish_offences
from candor.places.changes import formerly
from candor.places.denominator_file import read_denominators
from candor.places.locate import TownIndex
from candor.places.names import alias_table, search_names
from candor.places.pack import PlacesPack, load_pack
from candor.places.simplify import public_geometries
from candor.portal.model import DatasetConfig, Portal
from candor.portal.problems import PortalError, Problem, UsageError
from candor.privacy.rows import COUNTED_APART, counted_apart
from candor.privacy.scan import refuse
from candor.progress import Steps
from candor.protected_rows import Measured, made_safe, measured, require_promised, without_alone
from candor.scanning import Texts, scanned, scanned_anchors, scanned_names
from candor.schemas.declared import effective_taxonomy
from candor.schemas.published import ROW_ID, SIMULATED
from candor.schemas.sensitive_words import too_open
from candor.schemas.taxonomy import Taxonomy, load_taxonomy
from candor.store.headers import NewColumns, SourceHeaders
from candor.store.model import Release
from candor.store.publication import Publication
from candor.store.sources import record_sources
from candor.store.store import Store

TOWNS, NAMES = "towns", "town-names"


@dataclass
class Run:
    """What a run did: the data sets in order, the release (none for a check), and where the time went.

    `measured`: how alike the public rows are, of data sets with quasi-identifiers. `texts`: what the scan found there.
    `too_open`: crosswalk lines that a release is refused for. `new_columns`: by data set, those new in its source.
    """

    accounted: list[Accounted] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    too_open: list[Problem] = field(default_factory=list)
    new_columns: dict[str, NewColumns] = field(default_factory=dict)
    counted_by_others: list[AccountedCounts] = field(default_factory=list)
    release: Release | None = None
    steps: Steps = field(default_factory=Steps)

    @property
    def all_accounted(self) -> list[Accounted | AccountedCounts]:
        """Every data set that was read, of rows and of counts."""
        return [*self.accounted, *self.counted_by_others]

    def look_for_new_columns(self, headers: SourceHeaders) -> None:
        """Say which columns the sources have that they had not when they were last published."""
        found = {a.dataset.name: headers.new(a.dataset.name, a.landed.header) for a in self.all_accounted}
        self.new_columns = {name: new for name, new in found.items() if new}


def check(portal: Portal, names: Sequence[str], steps: Steps | None = None) -> Run:
    """Go the whole way up to the store and tell what would happen to each row. Nothing is stored."""
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    store.prepare()
    scratch = store.internal / f"check-{datetime.now(portal.config.zone):%Y%m%d%H%M%S%f}"
    with _context(portal, scratch, run.steps) as context:
        for dataset in _chosen(portal, names):
            accounted = _account(context, dataset)
            run.accounted.append(accounted)
            with run.steps.step("Measuring how alike the rows are", dataset.name):
                safe = made_safe(context, accounted)
                found = measured(context, accounted, safe.schema, safe.rows)
            run.measured += [found] if found else []
            with run.steps.step("Scanning texts", dataset.name):
                run.texts.append(scanned(dataset, safe.schema, safe.rows, context.engine))
        for name, counts in portal.counts.items():
            if not names or name in names:
                lines = account_offences(context, counts)
                run.counted_by_others.append(lines)
                run.texts.append(scanned_names(lines, context.engine))
        run.too_open = too_open(portal, context.taxonomy)
    run.look_for_new_columns(SourceHeaders(store.internal))
    return run


def publish(portal: Portal, names: Sequence[str] = (), steps: Steps | None = None) -> Run:
    """Publish the named data sets, or all, and everything counted from them, as one release.

    With names, the others stay as they are in the release in force. Raises a `CandorError` where the data or the gate
    says no: then the old release stays.
    """
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    _chosen(portal, names)
    with store.publication() as publication, _context(portal, store.internal / "scratch", run.steps) as context:
        if lines := too_open(portal, context.taxonomy):
            raise PortalError(lines)
        counts = Counts(store.internal / "counts", publication.previous.number if publication.previous else 0)
        chosen, kept = _split(portal, names, publication, counts, context.taxonomy)
        sensitive = {c.slug for c in context.taxonomy.categories if c.sensitivity == "sensitive"} | {COUNTED_APART}
        for dataset in chosen:
            accounted = _account(context, dataset)
            run.accounted.append(accounted)
            if accounted.schema.counted:
                with run.steps.step("Counting", dataset.name):
                    rows = counted_apart(context.engine.read(accounted.path), sensitive)
                    sums = drafts.accounting(accounted)
                    counts.save(context.engine, dataset.name, call_counts(rows), accounted.days, sums)
        figures = publish_counts(context, publication, counts, KeptCounts(store.internal / "sensitive"))
        accounts = counts.accounts()
        own_sums = figures.with_sums and len(accounts) == 1
        offences = publish_offences(context, publication, store, names)
        run.counted_by_others += offences.accounted
        for accounted in run.accounted:
            found, texts = _publish_rows(context, publication, store.quarantine, accounted, with_sums=own_sums)
            run.measured += [found] if found else []
            run.texts.append(texts)
        for name in kept:
            publication.keep(name, with_sums=own_sums or name not in counts.files())
        if context.pack:
            _publish_places(context, publication)
        _publish_catchments(context, publication, [d.name for d in chosen])
        proposed = publication.preview(
            portal=drafts.public_portal(portal, context.pack),
            coverage=drafts.public_coverage(portal, [*(d.name for d in chosen), *kept], counts.declared(portal)),
            categories=drafts.public_categories(context.taxonomy, figures.categories, sensitive),
            offence_categories=drafts.public_offences(offences.used),
            revised=figures.revised,
            accounting=drafts.together(accounts) if figures.with_sums and len(accounts) > 1 else None,
        )
        with run.steps.step("Attacking what is withheld"):
            limit = portal.config.privacy.time_limit
            safe = admitted(Public(publication.folder, (*publication.releases, proposed)), limit)
        with run.steps.step("Bringing the release into force"):
            run.release = publication.bring_into_force(safe)
        read = [(a.dataset.name, a.landed.sha256, a.landed.bytes) for a in run.all_accounted]
        record_sources(store.internal, run.release.number, read)
        counts.settle()
        offences.reports.settle()
        headers = SourceHeaders(store.internal)
        run.look_for_new_columns(headers)
        headers.settle(run.release.number, {a.dataset.name: a.landed.header for a in run.all_accounted})
    return run


@contextmanager
def _context(portal: Portal, scratch: Path, steps: Steps) -> Iterator[Context]:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    try:
        with steps.step("Opening the places"):
            placed = portal.counts or any(needs_places(published_schema(d)) for d in portal.datasets.values())
            pack = load_pack(portal.places) if placed else None
            places = _places(portal, pack) if pack else None
            by = read_denominators(portal.config.denominators, portal.root, pack) if pack else ()
        with steps.step("Starting the engine"):
            engine = open_engine(portal.config, scratch)
        now = datetime.now(portal.config.zone).replace(tzinfo=None)
        with engine:
            yield Context(
                portal, effective_taxonomy(portal, load_taxonomy()), pack, places, engine, now, scratch, steps, by
            )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _places(portal: Portal, pack: PlacesPack) -> Places:
    boxes = np.array([b.bounds for b in pack.boundaries])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    named = pa.table(
        {
            "idx": pa.array(range(pack.places.num_rows), pa.int32()),
            **{c: pack.places[c] for c in ("geoid", "name", "county")},
        }
    )
    index = TownIndex.build(pack)
    return Places(
        named,
        alias_table(pack),
        index.locate,
        Box(west, south, east, north),
        formerly(pack.changes),
        catchments(portal, pack, index),
    )


def _chosen(portal: Portal, names: Sequence[str]) -> list[DatasetConfig]:
    """The data sets of rows among those named, or all. Raises `UsageError` for a name that no data set has."""
    declared = sorted([*portal.datasets, *portal.counts])
    unknown = [n for n in names if n not in declared]
    if unknown:
        raise UsageError(
            f"There is no data set {', '.join(unknown)}",
            ", ".join(declared) or "none yet: candor dataset add",
            "Correct the name.",
        )
    if not declared:
        raise UsageError("The portal has no data set yet", "", "Run `candor dataset add NAME --from FILE`.")
    return [d for n, d in portal.datasets.items() if not names or n in names]


def _split(
    portal: Portal, names: Sequence[str], publication: Publication, counts: Counts, taxonomy: Taxonomy
) -> tuple[list[DatasetConfig], list[str]]:
    """The data sets to read now, and those to keep as they are in the release in force."""
    chosen, kept = _chosen(portal, names), []
    previous = publication.previous
    for dataset in portal.datasets.values():
        if dataset in chosen or previous is None or previous.dataset(dataset.name) is None:
            continue
        if not published_schema(dataset).counted:
            kept.append(dataset.name)
        elif counts.has(dataset.name) and not is_ruled_anew(previous, taxonomy):
            counts.carry(dataset.name)
            kept.append(dataset.name)
        else:
            # After a rollback the counts of the release in force are not at hand; where a category has become stricter,
            # its rows stand in it. The source is read again.
            chosen.append(dataset)
    return chosen, kept


def _account(context: Context, dataset: DatasetConfig) -> Accounted:
    with context.steps.step("Reading and accounting for rows", dataset.name):
        accounted = account(
            dataset, published_schema(dataset), context.portal.root,
            crosswalk=context.portal.crosswalks.get(dataset.crosswalk, ()), taxonomy=context.taxonomy,
            places=context.places, engine=context.engine, now=context.now, scratch=context.scratch,
        )  # fmt: skip
        return without_alone(context, accounted)


def _publish_rows(
    context: Context, publication: Publication, quarantine: Path, accounted: Accounted, *, with_sums: bool
) -> tuple[Measured | None, Texts]:
    engine, name = context.engine, accounted.dataset.name
    with context.steps.step("Making rows safe and writing them", name):
        safe = made_safe(context, accounted)
        rows = safe.rows
        if context.portal.config.simulated:
            rows = rows.mutate(**{SIMULATED: ibis.literal(True)})
        time = accounted.schema.with_role("time")
        first = [time.name] if time and time.name in rows.columns else []
        path = publication.stage(name)
        # Sorted by everything that is public, the order says nothing of the source.
        engine.write(
            rows, path, order_by=[*first, *[c for c in rows.columns if c not in (*first, SIMULATED)]], number=ROW_ID
        )
        texts = scanned(accounted.dataset, safe.schema, engine.read(path), engine)
        refuse(name, texts.hits, accounted.dataset.reviewed)
        dates = _dates(engine, path, first)
        found = measured(context, accounted, safe.schema, engine.read(path))
        anonymity = require_promised(found)
        draft = drafts.rows_draft(context.portal, accounted, rows.columns, dates, engine.name, safe.key, anonymity)
        if accounted.schema.counted and not with_sums:
            draft = draft.model_copy(update={"accounting": None})
        publication.put(draft, path)
    kept = quarantine / f"{name}.parquet"
    shutil.move(accounted.quarantined_path, kept)
    shutil.move(accounted.landed.unreadable_path, quarantine / f"{name}.unreadable.parquet")
    return found, texts


def _dates(engine: Engine, path: Path, columns: Sequence[str]) -> tuple[date | None, date | None]:
    if not columns:
        return None, None
    time = engine.read(path)[columns[0]]
    bounds = engine.arrow(time.as_table().agg(first=time.min(), last=time.max())).to_pylist()[0]
    first, last = (v.date() if isinstance(v, datetime) else v for v in (bounds["first"], bounds["last"]))
    return first, last


def _publish_places(context: Context, publication: Publication) -> None:
    if context.pack is None:
        return
    with context.steps.step("Drawing the towns"):
        towns = context.pack.places.append_column("geometry", pa.array(public_geometries(context.pack), pa.string()))
        names = search_names(context.pack)
    put_table(context, publication, TOWNS, towns, (None, None))
    put_table(context, publication, NAMES, names, (None, None))


def _publish_catchments(context: Context, publication: Publication, names: Sequence[str]) -> None:
    """The areas of the data sets that are published now, and those of the others as they were."""
    before = publication.previous.dataset(CATCHMENTS) if publication.previous else None
    kept = pq.read_table([str(publication.folder / f) for f in before.files]) if before else None
    lines = published_lines(context.places.catchments if context.places else {}, kept, names)
    for name in names:
        dataset = context.portal.datasets[name]
        refuse(name, scanned_anchors(dataset, lines, context.engine).hits, dataset.reviewed)
    # A data set that the portal has no more takes its areas with it.
    lines = lines.filter(pc.is_in(lines["dataset"], value_set=pa.array(list(context.portal.datasets), pa.string())))
    if lines.num_rows:
        put_table(context, publication, CATCHMENTS, lines, (None, None))
