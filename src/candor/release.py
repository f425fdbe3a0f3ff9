"""A release, read like the way of the data.

sources -> intake -> places -> rows made safe -> counts -> tables made safe -> figures -> store
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor import drafts
from candor.accounting import Accounted, Places, account
from candor.engine.base import Engine
from candor.engine.open import open_engine
from candor.intake.typed import Box
from candor.measures.coverage import DeclaredCoverage, coverage_grid, months_sent
from candor.measures.cube import ORDER, call_counts, cube
from candor.measures.rates import call_rates, monthly_rates
from candor.places.locate import TownIndex
from candor.places.names import alias_table, search_names
from candor.places.pack import PlacesPack, load_pack
from candor.places.simplify import public_geometries
from candor.portal.model import DatasetConfig, Portal
from candor.portal.problems import UsageError
from candor.privacy.rows import COUNTED_APART, counted_apart, safe_rows
from candor.privacy.tables import protect
from candor.progress import Steps
from candor.schemas.catalogue import schema_of
from candor.schemas.published import ROW_ID, SIMULATED
from candor.schemas.taxonomy import Taxonomy, load_taxonomy
from candor.store.model import Release
from candor.store.publication import Publication
from candor.store.store import Store

_TEXTS = ["geoid", "place", "county", "category", "category_group", "initiated_by", "coverage"]
CUBE, RATES, TOWNS, NAMES = "calls-by-town", "call-rates-by-town", "towns", "town-names"


@dataclass
class Run:
    """What a run did: the data sets in order, the release (none for a check), and where the time went."""

    accounted: list[Accounted] = field(default_factory=list)
    release: Release | None = None
    steps: Steps = field(default_factory=Steps)


@dataclass(frozen=True)
class _Context:
    """What every step of a run needs to know."""

    portal: Portal
    taxonomy: Taxonomy
    pack: PlacesPack | None
    places: Places | None
    engine: Engine
    now: datetime
    scratch: Path
    steps: Steps


def check(portal: Portal, names: Sequence[str], steps: Steps | None = None) -> Run:
    """A dry run: what would be accepted, quarantined, unmapped, unplaced. Nothing is stored."""
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    store.prepare()
    scratch = store.internal / f"check-{datetime.now(portal.config.zone):%Y%m%d%H%M%S%f}"
    with _context(portal, scratch, run.steps) as context:
        for dataset in _chosen(portal, names):
            run.accounted.append(_account(context, dataset))
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
        counts = Counts(store.internal / "counts", publication.previous.number if publication.previous else 0)
        chosen, kept = _split(portal, names, publication, counts)
        sensitive = {c.slug for c in context.taxonomy.categories if c.sensitivity == "sensitive"} | {COUNTED_APART}
        for dataset in chosen:
            accounted = _account(context, dataset)
            run.accounted.append(accounted)
            if accounted.schema.counted:
                with run.steps.step("Counting", dataset.name):
                    rows = counted_apart(context.engine.read(accounted.path), sensitive)
                    counts.save(context.engine, dataset.name, call_counts(rows))
        used = _publish_counts(context, publication, counts, sensitive)
        for accounted in run.accounted:
            _publish_rows(context, publication, store.quarantine, accounted)
        for name in kept:
            publication.keep(name)
        if context.pack:
            _publish_places(context, publication)
        with run.steps.step("Bringing the release into force"):
            run.release = publication.commit(
                portal=drafts.public_portal(portal, context.pack),
                coverage=drafts.public_coverage(portal, [*(d.name for d in chosen), *kept]),
                categories=drafts.public_categories(context.taxonomy, used, sensitive),
            )
        counts.settle()
    return run


class Counts:
    """The counts of each data set in a release, kept inside, so that one data set can be published without the others.

    Those of a release that never came into force are never read: they lie under the number that it would have had.
    """

    def __init__(self, folder: Path, release: int) -> None:
        self._folder, self._release = folder, release
        self._next = folder / str(release + 1)
        shutil.rmtree(self._next, ignore_errors=True)
        self._next.mkdir(parents=True, mode=0o700)

    def has(self, name: str) -> bool:
        """Whether the release in force has counts of that data set."""
        return (self._folder / str(self._release) / f"{name}.parquet").is_file()

    def save(self, engine: Engine, name: str, counts: ir.Table) -> None:
        """Write the counts of a data set."""
        engine.write(counts, self._next / f"{name}.parquet")

    def carry(self, name: str) -> None:
        """Take over those of the release in force."""
        shutil.copyfile(self._folder / str(self._release) / f"{name}.parquet", self._next / f"{name}.parquet")

    def files(self) -> dict[str, Path]:
        """By data set."""
        return {path.stem: path for path in sorted(self._next.glob("*.parquet"))}

    def settle(self) -> None:
        """Drop what no release needs any more."""
        for old in self._folder.iterdir():
            if old != self._next:
                shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _context(portal: Portal, scratch: Path, steps: Steps) -> Iterator[_Context]:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True, mode=0o700)
    try:
        with steps.step("Opening the places"):
            pack = load_pack(portal.places) if any(schema_of(d).counted for d in portal.datasets.values()) else None
            places = _places(pack) if pack else None
        with steps.step("Starting the engine"):
            engine = open_engine(portal.config, scratch)
        now = datetime.now(portal.config.zone).replace(tzinfo=None)
        with engine:
            yield _Context(portal, load_taxonomy(), pack, places, engine, now, scratch, steps)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _places(pack: PlacesPack) -> Places:
    boxes = np.array([b.bounds for b in pack.boundaries])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    named = pa.table(
        {
            "idx": pa.array(range(pack.places.num_rows), pa.int32()),
            **{c: pack.places[c] for c in ("geoid", "name", "county")},
        }
    )
    return Places(named, alias_table(pack), TownIndex.build(pack).locate, Box(west, south, east, north))


def _chosen(portal: Portal, names: Sequence[str]) -> list[DatasetConfig]:
    unknown = [n for n in names if n not in portal.datasets]
    if unknown:
        raise UsageError(
            f"There is no data set {', '.join(unknown)}",
            ", ".join(portal.datasets) or "none yet: candor dataset add",
            "Correct the name.",
        )
    if not portal.datasets:
        raise UsageError("The portal has no data set yet", "", "Run `candor dataset add NAME --from FILE`.")
    return [portal.datasets[n] for n in names] if names else list(portal.datasets.values())


def _split(
    portal: Portal, names: Sequence[str], publication: Publication, counts: Counts
) -> tuple[list[DatasetConfig], list[str]]:
    """The data sets to read now, and those to keep as they are in the release in force."""
    chosen, kept = _chosen(portal, names), []
    previous = publication.previous
    for dataset in portal.datasets.values():
        if dataset in chosen or previous is None or previous.dataset(dataset.name) is None:
            continue
        if not schema_of(dataset).counted:
            kept.append(dataset.name)
        elif counts.has(dataset.name):
            counts.carry(dataset.name)
            kept.append(dataset.name)
        else:
            # After a rollback the counts of the release in force are not at hand: the source is read again.
            chosen.append(dataset)
    return chosen, kept


def _account(context: _Context, dataset: DatasetConfig) -> Accounted:
    with context.steps.step("Reading and accounting for rows", dataset.name):
        return account(
            dataset, schema_of(dataset), context.portal.root,
            crosswalk=context.portal.crosswalks.get(dataset.crosswalk, ()), taxonomy=context.taxonomy,
            places=context.places, engine=context.engine, now=context.now, scratch=context.scratch,
        )  # fmt: skip


def _publish_counts(
    context: _Context, publication: Publication, counts: Counts, sensitive: Collection[str]
) -> set[str]:
    """Put the cube and the rates. Returns the categories that they speak of."""
    files = counts.files()
    if not files or context.pack is None:
        return set()
    engine, steps = context.engine, context.steps
    with steps.step("Making the tables safe"):
        declared = _declared(context, files)
        grid = engine.table(coverage_grid(declared, context.pack.places))
        categories = _categories(context, files)
        whole = cube(engine.read(*files.values()), grid, engine.table(categories))
        safe = context.scratch / "protected.parquet"
        engine.write(protect(whole, sensitive, context.portal.config.privacy.threshold), safe, order_by=ORDER)
        # Texts that occur many thousand times are held once.
        table = pq.read_table(safe, read_dictionary=_TEXTS)
    with steps.step("Computing rates"):
        table = monthly_rates(table)
        rates = call_rates(table, sensitive, context.portal.config.jurisdiction, context.portal.config.state)
    months = pc.min_max(table["month"]).as_py()
    with steps.step("Writing counts and rates"):
        for name, result in ((CUBE, table), (RATES, rates)):
            _put_arrow(context, publication, name, result, (months["min"], months["max"]))
    return set(categories["category"].to_pylist())


def _declared(context: _Context, files: dict[str, Path]) -> list[DeclaredCoverage]:
    """Every agency of every counted data set, with the months from which its rows come."""
    declared = []
    for name, path in files.items():
        sent = months_sent(context.engine.arrow(context.engine.read(path)))
        for a in drafts.agencies_of(context.portal, name):
            declared.append(
                DeclaredCoverage(
                    a.agency, a.places, a.first_month, a.last_month, a.gaps, sent.get(a.agency, frozenset())
                )
            )
    return declared


def _categories(context: _Context, files: dict[str, Path]) -> pa.Table:
    """The categories that the portal's crosswalks lead to, and those that occur."""
    slugs = {
        e.category or context.taxonomy.unmapped.slug
        for name in files
        for e in context.portal.crosswalks.get(context.portal.datasets[name].crosswalk, ())
    }
    found = context.engine.read(*files.values()).select("category").distinct()
    slugs |= set(context.engine.arrow(found)["category"].to_pylist())
    used = [c for c in context.taxonomy.categories if c.slug in slugs]
    return pa.table({"category": [c.slug for c in used], "category_group": [c.group for c in used]})


def _publish_rows(context: _Context, publication: Publication, quarantine: Path, accounted: Accounted) -> None:
    engine, name = context.engine, accounted.dataset.name
    with context.steps.step("Making rows safe and writing them", name):
        table = engine.read(accounted.path)
        mapped = tuple(c for c in accounted.schema.columns if c.name in table.columns)
        rows = safe_rows(table, accounted.schema.model_copy(update={"columns": mapped}))
        if context.portal.config.simulated:
            rows = rows.mutate(**{SIMULATED: ibis.literal(True)})
        time = accounted.schema.with_role("time")
        first = [time.name] if time and time.name in rows.columns else []
        path = publication.stage(name)
        # Sorted by everything that is public, the order says nothing of the source.
        engine.write(
            rows, path, order_by=[*first, *[c for c in rows.columns if c not in (*first, SIMULATED)]], number=ROW_ID
        )
        dates = _dates(path, first)
        draft = drafts.rows_draft(context.portal, accounted, rows.columns, dates, engine.name)
        publication.put(draft, path)
    kept = quarantine / f"{name}.parquet"
    shutil.move(accounted.quarantined_path, kept)
    shutil.move(accounted.landed.unreadable_path, quarantine / f"{name}.unreadable.parquet")


def _dates(path: Path, columns: Sequence[str]) -> tuple[date | None, date | None]:
    if not columns:
        return None, None
    bounds = pc.min_max(pq.read_table(path, columns=list(columns))[columns[0]]).as_py()
    first, last = (v.date() if isinstance(v, datetime) else v for v in (bounds["min"], bounds["max"]))
    return first, last


def _publish_places(context: _Context, publication: Publication) -> None:
    if context.pack is None:
        return
    with context.steps.step("Drawing the towns"):
        towns = context.pack.places.append_column("geometry", pa.array(public_geometries(context.pack), pa.string()))
        names = search_names(context.pack)
    _put_arrow(context, publication, TOWNS, towns, (None, None))
    _put_arrow(context, publication, NAMES, names, (None, None))


def _put_arrow(
    context: _Context, publication: Publication, name: str, table: pa.Table, dates: tuple[date | None, date | None]
) -> None:
    draft = drafts.own_draft(context.portal, name, dates, context.engine.name)
    if context.portal.config.simulated:
        table = table.append_column(SIMULATED, pa.array(np.ones(table.num_rows, dtype=bool)))
    path = publication.stage(name)
    pq.write_table(table.select([c.name for c in draft.columns]), path, compression="zstd")
    publication.put(draft, path)
