"""A check: the way of a release up to the store, and everything that it would be refused for.

It stands apart from the release, so that it loads nothing of what only figures need.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from candor.accounting.anonymity import made_safe, measured
from candor.accounting.context import Context
from candor.accounting.named import told_of_persons
from candor.accounting.opening import opened
from candor.accounting.people import opened_by_nobody, some_named
from candor.accounting.progress import Steps
from candor.accounting.records import Accounted
from candor.accounting.scanned import scanned, scanned_anchors, scanned_names
from candor.errors import UsageError
from candor.ledger.clock import require_forward
from candor.ledger.ledger import Ledger, LedgerFolder
from candor.ledger.moves import moves, proposed_settling
from candor.ledger.settle_rows import settle_rows, settles, without_few
from candor.portal.model import Portal
from candor.profiles.sensitive_words import too_open
from candor.publish.guards.gate import judged, judged_counts
from candor.publish.guards.history import Deliveries
from candor.publish.marks import read_all
from candor.publish.metadata import require_once
from candor.publish.reading import read_counts
from candor.publish.result import ARCHIVE, Run
from candor.publish.rows import rehearsed_times
from candor.publish.signing import look_for_signatures
from candor.store.headers import SourceHeaders
from candor.store.store import Store


def check(portal: Portal, names: Sequence[str], steps: Steps | None = None) -> Run:
    """Go the whole way up to the store and tell what would happen to each row. Nothing is stored."""
    run = Run(steps=steps or Steps())
    store = Store(portal.data)
    require_declared(portal, names)
    store.prepare()
    known = Deliveries(store.internal)
    scratch = store.internal / f"check-{secrets.token_hex(8)}"
    folder, releases = LedgerFolder(store.internal / "ledger"), store.releases()
    require_once(folder, releases[-1] if releases else None)
    ledger = folder.read(releases)
    require_forward(ledger, portal.config.now())
    with opened(portal, scratch, run.steps, ledger.several) as as_declared:
        run.too_open = too_open(portal, as_declared.kinds)
        read = read_all(as_declared, [n for n in portal.datasets if not names or n in names], ledger)
        context, run.marks = read.context, list(read.marks)
        for name in read.accounted:
            accounted = read.accounted[name]
            run.judged.append(judged(context, accounted, known))
            run.people += opened_by_nobody(context, accounted)
            if settles(context, accounted):
                accounted = _rehearsed(context, run, accounted, ledger, store.internal / ARCHIVE)
            run.accounted.append(accounted)
            with run.steps.step("Measuring how alike the rows are", name):
                safe = made_safe(context, accounted)
                measurement = measured(context, accounted, safe.schema, safe.rows)
            run.measured += [measurement] if measurement else []
            with run.steps.step("Scanning texts", name):
                run.texts.append(scanned(context, accounted.dataset, safe.schema, safe.rows))
                run.people += some_named(context, accounted, {hit.column for hit in run.texts[-1].hits})
                if areas := (context.places.catchments if context.places else {}).get(name):
                    run.texts.append(scanned_anchors(context, accounted.dataset, areas.lines))
        for name, counts in portal.counts.items():
            if not names or name in names:
                lines = read_counts(context, counts)
                run.judged.append(judged_counts(context, lines, known))
                run.counted_by_others.append(lines)
                run.texts.append(scanned_names(context, lines))
        run.unsigned = look_for_signatures(as_declared, names, store.internal, releases)
        with run.steps.step("Scanning texts"):
            run.told = told_of_persons(context, names)
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
