"""A release, read like the way of the data.

sources -> intake -> places -> rows made safe -> counts -> tables made safe -> figures -> store
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace

import pyarrow as pa

from candor.accounting.areas import CATCHMENTS
from candor.accounting.named import told_of_persons
from candor.accounting.opening import opened
from candor.accounting.progress import Steps
from candor.accounting.reviews import settle_reviews
from candor.audit import Public, admitted
from candor.errors import PortalError
from candor.ledger.clock import require_forward
from candor.ledger.ledger import Ledger, LedgerFolder
from candor.portal.model import Portal
from candor.profiles.sensitive_words import too_open
from candor.publish import drafts
from candor.publish.checking import check, require_declared
from candor.publish.forms import parts_of, publish_part
from candor.publish.guards.history import Deliveries
from candor.publish.levels import LEVELS, discard_unused, publish_levels
from candor.publish.marks import read_all
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
from candor.publish.rows import published_version
from candor.publish.signing import keep_signatures, look_for_signatures
from candor.publish.state import State, Work
from candor.store.headers import SourceHeaders
from candor.store.model import Release
from candor.store.publication import Publication
from candor.store.sources import record_sources
from candor.store.store import Store

__all__ = ["check", "publish"]


def publish(portal: Portal, names: Sequence[str] = (), steps: Steps | None = None) -> Run:
    """Publish what is due of the named data sets, or of all, and everything counted from them, as one release.

    What was published before stays as it was. With names, the others stay as they are in the release in force. Raises a
    `CandorError` where the data or the gate says no: then the old release stays.
    """
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    require_declared(portal, names)
    folder = LedgerFolder(store.internal / "ledger")
    with (
        store.publication() as publication,
        nullcontext(_kept_so_far(folder, publication)) as before,
        opened(portal, store.internal / "scratch", run.steps, before.several) as declared,
    ):
        if lines := too_open(portal, declared.kinds):
            raise PortalError(lines)
        if told := told_of_persons(declared, names):
            raise PortalError(told)
        run.unsigned = look_for_signatures(declared, names, store.internal, publication.releases)
        if stops := [one.problem for one in run.unsigned if one.stops]:
            raise PortalError(stops)
        require_forward(before, declared.now)
        read = read_all(declared, [n for n in portal.datasets if not names or n in names], before)
        context, run.marks = read.context, list(read.marks)
        work, state = Work(context, publication, store, run), State(read.ledger, read.accounted)
        for part in parts_of(context, names):
            state = publish_part(work, part, state)
        read_now = [name for name in portal.datasets if name in state.accounted]
        run.accounted = [state.accounted[name] for name in read_now]
        publish_levels(context, publication, state.ledger, list(portal.datasets), work.archive)
        kept = _keep(portal, publication, state.ledger, read_now)
        publish_places(context, publication)
        run.texts += publish_catchments(context, publication, read_now)
        moved = pa.concat_tables([state.ledger.moves, *run.moves])
        state = replace(state, ledger=with_withheld(replace(state.ledger, moves=moved), context))
        proposed = _proposed(work, state, [*read_now, *kept])
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
        keep_signatures(declared, names, store.internal, run.release.number)
        Deliveries(store.internal).settle(run.release.number, {one.name: one.delivery for one in run.judged})
        settle_reviews(portal, [(t.dataset, t.by_counts) for t in run.texts])
        for reports in state.reports.values():
            reports.settle()
        headers = SourceHeaders(store.internal)
        run.look_for_new_columns(headers)
        headers.settle(run.release.number, {a.dataset.name: a.landed.header for a in run.all_accounted})
    return run


def _kept_so_far(folder: LedgerFolder, publication: Publication) -> Ledger:
    """The ledger of the release in force. Raises `DataError` where that was made by the rule before this one."""
    require_once(folder, publication.previous)
    return folder.read(publication.releases)


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
