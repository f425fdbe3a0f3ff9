"""A release, read like the way of the data.

sources -> intake -> places -> rows made safe -> counts -> tables made safe -> figures -> store
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from candor.accounting.anonymity import Measured, made_safe, measured, without_alone
from candor.accounting.context import Context
from candor.accounting.count_tables import AccountedCounts
from candor.accounting.opening import opened
from candor.accounting.progress import Steps
from candor.accounting.records import Accounted, account
from candor.accounting.scanned import Texts, scanned, scanned_names
from candor.accounting.withholding import published_schema
from candor.audit import Public, admitted
from candor.errors import PortalError, Problem, UsageError
from candor.ledger.corrections import Correction, corrected
from candor.ledger.early import with_early
from candor.ledger.ledger import Ledger, LedgerFolder, require_forward
from candor.ledger.moves import Settled, moves, proposed_settling
from candor.ledger.record import recorded
from candor.ledger.settle_rows import SettledRows, settle_rows, settles, without_few
from candor.portal.model import DatasetConfig, Portal
from candor.privacy.times import TimeReport
from candor.profiles.profile import by_year
from candor.profiles.sensitive_words import too_open
from candor.publish import drafts
from candor.publish.figures import publish_figures
from candor.publish.hours import publish_hours
from candor.publish.levels import discard_unused, publish_levels
from candor.publish.metadata import (
    insiders,
    public_coverage,
    public_settling,
    public_withheld,
    require_once,
    with_withheld,
)
from candor.publish.places import publish_catchments, publish_places
from candor.publish.rows import publish_rows, published_version, put_aside, rehearsed_times
from candor.publish.yearly import account as account_counts
from candor.publish.yearly import publish_yearly
from candor.store.headers import NewColumns, SourceHeaders
from candor.store.model import Release
from candor.store.publication import Publication
from candor.store.sources import record_sources
from candor.store.store import Store

ARCHIVE = "archive"
"""In the internal folder: the rows that were published, with their keys."""


@dataclass
class Run:
    """What a run did: the data sets in order, the release (none for a check), and where the time went.

    `measured`: how alike the public rows are, of data sets with quasi-identifiers. `texts`: what the scan found there.
    `times`: by data set, how exactly its rows say when. `moves`: what changed since the last export; `settling`: what
    time of settling that proposes. `too_open`: crosswalk lines that a release is refused for.
    `new_columns`: by data set, those new in its source.
    """

    accounted: list[Accounted] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    texts: list[Texts] = field(default_factory=list)
    times: list[tuple[str, TimeReport]] = field(default_factory=list)
    moves: list[pa.Table] = field(default_factory=list)
    settling: list[Settled] = field(default_factory=list)
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
    scratch = store.internal / f"check-{secrets.token_hex(8)}"
    ledger = LedgerFolder(store.internal / "ledger").read(store.releases())
    with opened(portal, scratch, run.steps) as context:
        for dataset in _chosen(portal, names):
            accounted = _account(context, dataset)
            if settles(context, accounted):
                accounted = _rehearsed(context, run, accounted, ledger, store.internal / ARCHIVE)
            run.accounted.append(accounted)
            with run.steps.step("Measuring how alike the rows are", dataset.name):
                safe = made_safe(context, accounted)
                found = measured(context, accounted, safe.schema, safe.rows)
            run.measured += [found] if found else []
            with run.steps.step("Scanning texts", dataset.name):
                run.texts.append(scanned(dataset, safe.schema, safe.rows, context.engine))
        for name, counts in portal.counts.items():
            if not names or name in names:
                lines = account_counts(context, counts)
                run.counted_by_others.append(lines)
                run.texts.append(scanned_names(lines, context.engine))
        run.too_open = too_open(portal, context.taxonomy)
    run.look_for_new_columns(SourceHeaders(store.internal))
    return run


def _rehearsed(context: Context, run: Run, accounted: Accounted, ledger: Ledger, archive: Path) -> Accounted:
    """What publishing would do with a data set now: how exactly its rows would say when, and what has moved."""
    name = accounted.dataset.name
    folder = context.scratch / ARCHIVE
    (folder / name).mkdir(parents=True, exist_ok=True)
    for kept in (archive / name).glob("*"):
        (folder / name / kept.name).symlink_to(kept)
    with context.steps.step("Looking for what has settled", name):
        made = settle_rows(context, accounted, ledger, folder)
        found = pa.concat_tables([ledger.moves, moves(context, accounted, ledger, folder / name)])
        run.settling.append(proposed_settling(name, context.calendar(name).days, found))
    if made.archive is not None:
        with context.steps.step("Measuring how exactly rows can say when", name):
            times = rehearsed_times(context, accounted, made, ledger)
            run.times += [(name, times)] if times else []
            return without_few(made.accounted, times) if times else made.accounted
    return made.accounted


def publish(portal: Portal, names: Sequence[str] = (), steps: Steps | None = None) -> Run:
    """Publish what is due of the named data sets, or of all, and everything counted from them, as one release.

    What was published before stays as it was. With names, the others stay as they are in the release in force. Raises a
    `CandorError` where the data or the gate says no: then the old release stays.
    """
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    chosen = _chosen(portal, names)
    with store.publication() as publication, opened(portal, store.internal / "scratch", run.steps) as context:
        if lines := too_open(portal, context.taxonomy):
            raise PortalError(lines)
        folder = LedgerFolder(store.internal / "ledger")
        number = publication.previous.number if publication.previous else 0
        require_once(folder, publication.previous)
        releases = tuple(publication.releases)
        before = ledger = folder.read(releases)
        require_forward(ledger, context.now)
        settled, corrections = _settled(context, run, chosen, ledger, store.internal / ARCHIVE)
        ledger = recorded(ledger, settled, corrections, context)
        ledger = replace(ledger, moves=pa.concat_tables([ledger.moves, *run.moves]))
        ledger = _early(context, ledger, settled)
        figures, ledger = publish_figures(context, publication, ledger, number + 1)
        layers = []
        for kind in by_year(context.kinds):
            layers.append(publish_yearly(context, publication, store, names, ledger, kind, figures.calls))
            ledger = layers[-1].ledger
            run.counted_by_others += layers[-1].accounted
        ledger = _put_rows(context, publication, run, settled, corrections, ledger)
        for accounted in run.accounted:
            put_aside(accounted, store.quarantine)
        counted = [d.name for d in portal.datasets.values() if published_schema(d).counted]
        ledger = publish_hours(context, publication, ledger, counted, store.internal / ARCHIVE)
        publish_levels(context, publication, ledger, list(portal.datasets), store.internal / ARCHIVE)
        kept = _keep(portal, publication, ledger, [d.name for d in chosen])
        publish_places(context, publication)
        publish_catchments(context, publication, [d.name for d in chosen])
        ledger = with_withheld(ledger, context)
        proposed = publication.preview(
            portal=drafts.public_portal(portal, context.pack),
            coverage=public_coverage(context, ledger, [*(d.name for d in chosen), *kept]),
            profiles=[context.rows, *(one.kind.profile for one in layers if one.used)],
            categories=[
                *drafts.public_categories(context.rows.name, context.taxonomy, figures.categories),
                *(
                    category
                    for one in layers
                    for category in drafts.public_categories(one.kind.profile.name, one.kind.taxonomy, one.used)
                ),
            ],
            settling=public_settling(context, ledger, number + 1),
            withheld_rows=public_withheld(ledger),
            corrected=sorted({y for c in corrections.values() if c and c.changed for y in c.years}),
        )
        with run.steps.step("Attacking what is told"):
            limit = portal.config.privacy.time_limit
            public = Public(publication.folder, (*releases, proposed))
            safe = admitted(public, limit, insiders(ledger), figures.attack)
            safe = safe.model_copy(update={"audit": safe.audit.as_told() if safe.audit else None})
        folder.write(safe.number, ledger)
        with run.steps.step("Bringing the release into force"):
            run.release = publication.bring_into_force(safe)
        folder.discard_old(run.release.number)
        discard_unused(store.internal / ARCHIVE, ledger, before)
        read = [(a.dataset.name, a.landed.sha256, a.landed.bytes) for a in run.all_accounted]
        record_sources(store.internal, run.release.number, read)
        for one in layers:
            one.reports.settle()
        headers = SourceHeaders(store.internal)
        run.look_for_new_columns(headers)
        headers.settle(run.release.number, {a.dataset.name: a.landed.header for a in run.all_accounted})
    return run


def _settled(
    context: Context, run: Run, chosen: Sequence[DatasetConfig], ledger: Ledger, archive: Path
) -> tuple[dict[str, SettledRows], dict[str, Correction | None]]:
    """Account for the data sets, and decide what of those that settle is published now and what corrected."""
    settled: dict[str, SettledRows] = {}
    corrections: dict[str, Correction | None] = {}
    for dataset in chosen:
        name, accounted = dataset.name, _account(context, dataset)
        if settles(context, accounted):
            with run.steps.step("Looking for what has settled", name):
                settled[name] = settle_rows(context, accounted, ledger, archive)
                run.moves.append(moves(context, accounted, ledger, archive / name))
                corrections[name] = corrected(context, accounted, ledger, archive)
                accounted = settled[name].accounted
        run.accounted.append(accounted)
    return settled, corrections


def _put_rows(
    context: Context,
    publication: Publication,
    run: Run,
    settled: Mapping[str, SettledRows],
    corrections: Mapping[str, Correction | None],
    ledger: Ledger,
) -> Ledger:
    """Put every data set of rows that was read; the ledger with their files."""
    for at, accounted in enumerate(run.accounted):
        name = accounted.dataset.name
        made = publish_rows(context, publication, accounted, settled.get(name), corrections.get(name), ledger)
        ledger = ledger.with_state(files={**ledger.state.files, name: made.files})
        run.measured += [made.measured] if made.measured else []
        run.texts.append(made.texts)
        run.times += [(name, made.times)] if made.times else []
        if made.times:
            run.accounted[at] = without_few(accounted, made.times)
    return ledger


def _early(context: Context, ledger: Ledger, settled: Mapping[str, SettledRows]) -> Ledger:
    if context.pack is None:
        return ledger
    places = context.pack.places
    counties = dict(zip(places["geoid"].to_pylist(), places["county"].to_pylist(), strict=True))
    cells = {name: one.cells for name, one in settled.items()}
    return with_early(ledger, context, cells, counties, context.portal.config.jurisdiction)


def _keep(portal: Portal, publication: Publication, ledger: Ledger, chosen: Collection[str]) -> list[str]:
    """Carry over the data sets of rows that were not read, with all that was published of them."""
    kept = []
    previous = publication.previous
    for name in portal.datasets:
        now = previous.dataset(name) if previous else None
        if name in chosen or now is None:
            continue
        files = ledger.state.files.get(name)
        last = published_version(publication, name, files) if files else None
        if last is None or last.files == now.files:
            publication.keep(name)
        else:  # after a rollback: what was published once is there again
            publication.revert(last)
        kept.append(name)
    return kept


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


def _account(context: Context, dataset: DatasetConfig) -> Accounted:
    with context.steps.step("Reading and accounting for rows", dataset.name):
        accounted = account(
            dataset, published_schema(dataset), context.portal.root,
            crosswalk=context.portal.crosswalks.get(dataset.crosswalk, ()), taxonomy=context.taxonomy,
            places=context.places, engine=context.engine, now=context.now, scratch=context.scratch,
        )  # fmt: skip
        return without_alone(context, accounted)
