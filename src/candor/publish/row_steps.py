"""The steps of data sets of rows: what was read, what of them is due, and put, whether a profile counts them or not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.people import opened_by_nobody
from candor.accounting.records import Accounted
from candor.errors import PortalError
from candor.ledger.corrections import Correction, corrected
from candor.ledger.early import with_early
from candor.ledger.moves import moves
from candor.ledger.record import recorded
from candor.ledger.settle_rows import SettledRows, settle_rows, settles, without_few
from candor.measures.edges import edges
from candor.portal.calendar import as_month
from candor.publish.guards.gate import judged, require_accepted
from candor.publish.guards.history import Deliveries
from candor.publish.hours import publish_hours
from candor.publish.rows import publish_rows, put_aside
from candor.publish.state import Part, State, Work


def settle(work: Work, part: Part, state: State) -> State:
    """Judge what was read, decide what of data sets that settle is published now and what corrected; the ledger so.

    Corrections go by what was published before this run, so all data sets are looked at before the ledger changes.
    """
    context, ledger = work.context, state.ledger
    accounted: dict[str, Accounted] = {}
    settled: dict[str, SettledRows] = {}
    corrections: dict[str, Correction | None] = {}
    known = Deliveries(work.store.internal)
    for name in part.named:
        accounted[name] = state.read[name]
        judgement = judged(context, accounted[name], known)
        work.run.judged.append(judgement)
        accounted[name] = replace(accounted[name], accepted=judgement.accepted)
    # All of them are looked at before one is refused, and nothing is decided of one that is.
    require_accepted(work.run.judged)
    if people := [problem for one in accounted.values() for problem in opened_by_nobody(context, one)]:
        raise PortalError(people)
    for name in part.named:
        if settles(context, accounted[name]):
            with context.steps.step("Looking for what has settled", name):
                settled[name] = settle_rows(context, accounted[name], ledger, work.archive)
                work.run.moves.append(moves(context, accounted[name], ledger, work.archive / name))
                corrections[name] = corrected(context, accounted[name], ledger, work.archive)
                accounted[name] = settled[name].accounted
    ledger = recorded(ledger, settled, corrections, context)
    return replace(
        state,
        ledger=ledger,
        accounted={**state.accounted, **accounted},
        settled={**state.settled, **settled},
        corrections={**state.corrections, **corrections},
    )


def tell_early(work: Work, part: Part, state: State) -> State:
    """Add to the ledger what is told at once of months that are over and have not settled."""
    context, profile = work.context, part.counted.profile
    if context.pack is None or not profile.tables.early:
        return state
    places = context.pack.places
    counties = dict(zip(places["geoid"].to_pylist(), places["county"].to_pylist(), strict=True))
    settled = {name: state.settled[name] for name in part.named if name in state.settled}
    # An early figure is told once: one of half a month would stand until the month has settled.
    half = {month for one in settled.values() for month in edges(one.accounted.days).partly}
    cells = {name: _without(one.cells, half) for name, one in settled.items()}
    return replace(state, ledger=with_early(state.ledger, profile.name, context, cells, counties))


def _without(cells: pa.Table, months: Collection[str]) -> pa.Table:
    """The counts without those of some months."""
    months_ = pa.array([as_month(m).astype("datetime64[D]").astype(object) for m in sorted(months)], pa.date32())
    return cells.filter(pc.invert(pc.is_in(cells["month"], value_set=months_)))


def put_rows(work: Work, part: Part, state: State) -> State:
    """Put every data set that was read; the ledger with their files."""
    ledger, now = state.ledger, dict(state.accounted)
    for name in part.named:
        accounted = state.accounted[name]
        made = publish_rows(
            work.context, work.publication, accounted, state.settled.get(name), state.corrections.get(name), ledger
        )
        ledger = ledger.with_state(files={**ledger.state.files, name: made.files})
        work.run.measured += [made.measured] if made.measured else []
        work.run.texts.append(made.texts)
        if made.times:
            work.run.times.append((name, made.times))
            now[name] = without_few(accounted, made.times)
        put_aside(now[name], work.store.quarantine)
    return replace(state, ledger=ledger, accounted=now)


def put_hours(work: Work, part: Part, state: State) -> State:
    """Put the pattern of the week; the ledger with the years of it that were told."""
    profile = part.counted.profile
    if not profile.tables.hours:
        return state
    ledger = publish_hours(work.context, work.publication, profile, state.ledger, part.datasets, work.archive)
    return replace(state, ledger=ledger)
