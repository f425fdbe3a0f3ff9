"""A release, read like the way of the data.

sources -> intake -> places -> rows made safe -> counts -> tables made safe -> figures -> store
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from candor.accounting.anonymity import made_safe, measured
from candor.accounting.areas import CATCHMENTS
from candor.accounting.context import Context
from candor.accounting.opening import opened
from candor.accounting.progress import Steps
from candor.accounting.records import Accounted
from candor.accounting.scanned import scanned, scanned_names
from candor.audit import Public, admitted
from candor.errors import PortalError, UsageError
from candor.ledger.ledger import Ledger, LedgerFolder, require_forward
from candor.ledger.moves import moves, proposed_settling
from candor.ledger.settle_rows import settle_rows, settles, without_few
from candor.portal.model import Portal
from candor.profiles.sensitive_words import too_open
from candor.publish import drafts
from candor.publish.forms import parts_of, publish_part
from candor.publish.guards.gate import judged, judged_counts
from candor.publish.guards.history import Deliveries
from candor.publish.levels import LEVELS, discard_unused, publish_levels
from candor.publish.metadata import (
    insiders,
    public_coverage,
    public_settling,
    public_withheld,
    require_once,
    with_withheld,
)
from candor.publish.places import NAMES, TOWNS, publish_catchments, publish_places
from candor.publish.result import Run
from candor.publish.row_steps import read_rows
from candor.publish.rows import published_version, rehearsed_times
from candor.publish.state import ARCHIVE, State, Work
from candor.publish.yearly import account as account_counts
from candor.store.headers import SourceHeaders
from candor.store.model import Release
from candor.store.publication import Publication
from candor.store.sources import record_sources
from candor.store.store import Store


def check(portal: Portal, names: Sequence[str], steps: Steps | None = None) -> Run:
    """Go the whole way up to the store and tell what would happen to each row. Nothing is stored."""
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    require_declared(portal, names)
    store.prepare()
    known = Deliveries(store.internal)
    scratch = store.internal / f"check-{secrets.token_hex(8)}"
    ledger = LedgerFolder(store.internal / "ledger").read(store.releases())
    with opened(portal, scratch, run.steps) as context:
        for name in (n for n in portal.datasets if not names or n in names):
            accounted = read_rows(context, name)
            run.judged.append(judged(context, accounted, known))
            if settles(context, accounted):
                accounted = _rehearsed(context, run, accounted, ledger, store.internal / ARCHIVE)
            run.accounted.append(accounted)
            with run.steps.step("Measuring how alike the rows are", name):
                safe = made_safe(context, accounted)
                measurement = measured(context, accounted, safe.schema, safe.rows)
            run.measured += [measurement] if measurement else []
            with run.steps.step("Scanning texts", name):
                run.texts.append(scanned(accounted.dataset, safe.schema, safe.rows, context.engine))
        for name, counts in portal.counts.items():
            if not names or name in names:
                lines = account_counts(context, counts)
                run.judged.append(judged_counts(context, lines, known))
                run.counted_by_others.append(lines)
                run.texts.append(scanned_names(lines, context.engine))
        run.too_open = too_open(portal, context.kinds)
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
        changes = pa.concat_tables([ledger.moves, moves(context, accounted, ledger, folder / name)])
        run.settling.append(proposed_settling(name, context.calendar(name).days, changes))
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
    require_declared(portal, names)
    with store.publication() as publication, opened(portal, store.internal / "scratch", run.steps) as context:
        if lines := too_open(portal, context.kinds):
            raise PortalError(lines)
        folder = LedgerFolder(store.internal / "ledger")
        require_once(folder, publication.previous)
        before = folder.read(publication.releases)
        require_forward(before, context.now)
        work, state = Work(context, publication, store, run), State(before)
        parts = parts_of(context, names)
        for part in parts:
            state = publish_part(work, part, state)
        read = [name for name in portal.datasets if name in state.accounted]
        run.accounted = [state.accounted[name] for name in read]
        publish_levels(context, publication, state.ledger, list(portal.datasets), work.archive)
        kept = _keep(portal, publication, state.ledger, read)
        publish_places(context, publication)
        publish_catchments(context, publication, read)
        moved = pa.concat_tables([state.ledger.moves, *run.moves])
        state = replace(state, ledger=with_withheld(replace(state.ledger, moves=moved), context))
        proposed = _proposed(work, state, [*read, *kept])
        with run.steps.step("Attacking what is told"):
            limit = portal.config.privacy.time_limit
            public = Public(publication.folder, (*publication.releases, proposed))
            safe = admitted(public, limit, insiders(state.ledger), state.from_rows(context).attack)
            safe = safe.model_copy(update={"audit": safe.audit.as_told() if safe.audit else None})
        folder.write(safe.number, state.ledger)
        with run.steps.step("Bringing the release into force"):
            run.release = publication.bring_into_force(safe)
        folder.discard_old(run.release.number)
        discard_unused(work.archive, state.ledger, before)
        sources = [(a.dataset.name, a.landed.sha256, a.landed.bytes) for a in run.all_accounted]
        record_sources(store.internal, run.release.number, sources)
        Deliveries(store.internal).settle(run.release.number, {one.name: one.delivery for one in run.judged})
        for reports in state.reports.values():
            reports.settle()
        headers = SourceHeaders(store.internal)
        run.look_for_new_columns(headers)
        headers.settle(run.release.number, {a.dataset.name: a.landed.header for a in run.all_accounted})
    return run


def _proposed(work: Work, state: State, rows: Sequence[str]) -> Release:
    """The release as it would come into force."""
    context, portal = work.context, work.context.portal
    hours = [kind.profile.tables.hours for kind in context.kinds.values()]
    layers = [layer for layer in state.layers.values() if layer.categories]
    if not any(layer.kind.profile.monthly for layer in layers):
        # Every portal has figures by month to come; nobody says yet of what, and calls are what most have.
        layers.insert(0, state.from_rows(context))
    return work.publication.preview(
        portal=drafts.public_portal(portal, context.pack, [layer.kind for layer in layers]),
        coverage=public_coverage(context, state.ledger, rows),
        profiles=[drafts.public_profile(layer.kind, context.wording) for layer in layers],
        categories=[
            category
            for layer in layers
            for category in drafts.public_categories(layer.kind.profile.name, layer.kind.taxonomy, layer.categories)
        ],
        settling=public_settling(context, state.ledger, work.number),
        withheld_rows=public_withheld(state.ledger),
        corrected=sorted({y for c in state.corrections.values() if c and c.changed for y in c.years}),
        # Figures stand before the rows, and both before what is of all of them.
        last=[*portal.datasets, *hours, LEVELS, TOWNS, NAMES, CATCHMENTS],
    )


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


def require_declared(portal: Portal, names: Sequence[str]) -> None:
    """Raises `UsageError` for a name that no data set has, and for a portal without any."""
    declared = sorted(portal.declared)
    unknown = [n for n in names if n not in declared]
    if unknown:
        raise UsageError(
            f"There is no data set {', '.join(unknown)}",
            ", ".join(declared) or "none yet: candor dataset add",
            "Correct the name.",
        )
    if not declared:
        raise UsageError("The portal has no data set yet", "", "Run `candor dataset add NAME --from FILE`.")
