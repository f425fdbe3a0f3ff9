"""Figures that are due and are not told, because the audit finds that they would narrow another too much.

No search for cover: what is not told is a whole run of figures of one kind and place, the finest first. What was told
before stays told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from candor.audit import Attack, Narrow, Public, Remembered, attack
from candor.ledger.counted import COUNTY, MONTH, QUARTER, STATE, TOWN, YEAR, YEARS
from candor.ledger.ledger import UNTOLD, Ledger
from candor.profiles.profile import Kind
from candor.publish import drafts
from candor.publish.metadata import insiders, public_coverage, public_withheld, with_withheld
from candor.publish.state import Work
from candor.store.dataset_model import DatasetDraft, DatasetVersion
from candor.store.model import Release

Bools = NDArray[np.bool_]


def attacked_and_held_back(
    work: Work,
    kind: Kind,
    ledger: Ledger,
    fixed: Mapping[str, pa.Table],
    disclosed: tuple[str, Callable[[Ledger], pa.Table]],
    kinds: Collection[str],
) -> tuple[Ledger, Attack]:
    """The ledger without figures that would narrow others, and the attack that finds nothing more.

    Attacked is what is about to be told, from scratch files, as if it were the release: the tables `fixed`, and the one
    that `disclosed` names and makes of a ledger. `kinds`: the sensitive ones. Where there is nothing more to hold back
    the gate will refuse.
    """
    context, publication = work.context, work.publication
    paths = {name: context.scratch / f"attacked-{name}.parquet" for name in (*fixed, disclosed[0])}
    for name, table in fixed.items():
        pq.write_table(table, paths[name])
    remembered = Remembered()
    while True:
        path = paths[disclosed[0]].with_suffix(f".{ledger.untold.num_rows}.parquet")
        pq.write_table(disclosed[1](ledger), path)
        proposed = _as_release(work, kind, ledger, {**paths, disclosed[0]: path}, kinds)
        public = Public(publication.folder, (*publication.releases, proposed))
        made = attack(public, context.portal.config.privacy.time_limit, insiders(ledger), remembered)
        less = held_back(ledger, work.number, kind.profile.name, made.narrow)
        if not made.narrow or less is ledger:
            return ledger, made
        ledger = less


def _as_release(work: Work, kind: Kind, ledger: Ledger, files: Mapping[str, Path], kinds: Collection[str]) -> Release:
    """A release that has nothing but these tables, for the attack."""
    context = work.context
    drafted = {name: drafts.own_draft(context, name, (None, None)) for name in files}
    datasets = tuple(
        DatasetVersion(
            **{field: getattr(drafted[name], field) for field in DatasetDraft.model_fields},
            version=0, delta_version=0, files=(str(path),), rows=0, published_at=context.now.replace(tzinfo=UTC),
            content_sha256=str(path),
        )
        for name, path in files.items()
    )  # fmt: skip
    return Release(
        number=work.number,
        created_at=context.now.replace(tzinfo=UTC),
        program="",
        portal=drafts.public_portal(context.portal, context.pack, context.kinds.values()),
        datasets=datasets,
        coverage=public_coverage(context, ledger, context.portal.datasets),
        categories=drafts.public_categories(kind.profile.name, kind.taxonomy, set(kinds)),
        profiles=tuple(k.profile for k in context.kinds.values()),
        withheld_rows=public_withheld(with_withheld(ledger, context)),
    )


def held_back(ledger: Ledger, release: int, layer: str, findings: Iterable[Narrow]) -> Ledger:
    """The ledger without figures of this release that a finding hangs on; the same ledger where there are none.

    Of each finding, by kind and calendar years, the first of these of which this release has any: the place's months
    and quarters; those of the state, or of the counties; the place's year; the state's year; the years of towns and
    counties there.
    """
    disclosed = ledger.told
    drop = np.zeros(disclosed.num_rows, np.bool_)
    new = np.asarray(pc.and_(pc.equal(disclosed["release"], release), pc.equal(disclosed["layer"], layer)).to_numpy())
    years = [pc.year(disclosed[name]).to_numpy() for name in ("first_month", "last_month")]
    for one in findings:
        first, last = (np.datetime64(m, "M").astype(object).year for m in (one.where.first, one.where.last))
        kind = pc.equal(disclosed["category"], one.kind).to_numpy()
        inside = new & kind & (years[0] <= last) & (years[1] >= first)
        if (inside & drop).any():
            continue  # what goes for another finding may be enough
        drop |= _first(_choices(disclosed, one.where.county), inside)
    if not drop.any():
        return ledger
    gone = disclosed.filter(pa.array(drop))
    return replace(
        ledger,
        told=disclosed.filter(pa.array(~drop)),
        untold=pa.concat_tables([ledger.untold, gone.select(UNTOLD.names).cast(UNTOLD)]),
    )


def _first(choices: Sequence[Bools], inside: Bools) -> Bools:
    for choice in choices:
        if (chosen := choice & inside).any():
            return chosen
    return np.zeros(inside.size, np.bool_)


def _choices(disclosed: pa.Table, county: str) -> list[Bools]:
    """Which lines may go, in the order in which they do; `county`: that of the finding, nothing of the state."""

    def of(level: str, *kinds: str, own: bool = True) -> Bools:
        lines = pc.and_(
            pc.equal(disclosed["level"], level),
            pc.is_in(disclosed["period_kind"], value_set=pa.array(list(kinds), pa.string())),
        )
        if level != STATE and own and county:
            lines = pc.and_(lines, pc.equal(disclosed["county"], county))
        return np.asarray(lines.to_numpy())

    here, other = (COUNTY, STATE) if county else (STATE, COUNTY)
    return [
        of(here, MONTH, QUARTER), of(other, MONTH, QUARTER), of(here, YEAR), of(other, YEAR), of(TOWN, YEAR, YEARS),
    ]  # fmt: skip
