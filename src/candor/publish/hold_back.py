"""Figures that are due and are not told, because the audit finds that they would narrow another too much.

No search for cover: what is not told is a whole run of figures of one kind and place, the finest first. What was told
before stays told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.audit import Narrow
from candor.publish.ledger import UNTOLD, Ledger
from candor.publish.tell import COUNTY, MONTH, QUARTER, STATE, TOWN, YEAR, YEARS

Bools = NDArray[np.bool_]


def held_back(ledger: Ledger, release: int, layer: str, found: Iterable[Narrow]) -> Ledger:
    """The ledger without figures of this release that a finding hangs on; the same ledger where there are none.

    Of each finding, by kind and calendar years, the first of these of which this release has any: the place's months
    and quarters; those of the state, or of the counties; the place's year; the state's year; the years of towns and
    counties there.
    """
    told = ledger.told
    drop = np.zeros(told.num_rows, np.bool_)
    new = np.asarray(pc.and_(pc.equal(told["release"], release), pc.equal(told["layer"], layer)).to_numpy())
    years = [pc.year(told[name]).to_numpy() for name in ("first_month", "last_month")]
    for one in found:
        first, last = (np.datetime64(m, "M").astype(object).year for m in (one.where.first, one.where.last))
        kind = pc.equal(told["category"], one.kind).to_numpy()
        inside = new & kind & (years[0] <= last) & (years[1] >= first)
        if (inside & drop).any():
            continue  # what goes for another finding may be enough
        drop |= _first(_choices(told, one.where.county), inside)
    if not drop.any():
        return ledger
    gone = told.filter(pa.array(drop))
    return replace(
        ledger,
        told=told.filter(pa.array(~drop)),
        untold=pa.concat_tables([ledger.untold, gone.select(UNTOLD.names).cast(UNTOLD)]),
    )


def _first(choices: Sequence[Bools], inside: Bools) -> Bools:
    for choice in choices:
        if (chosen := choice & inside).any():
            return chosen
    return np.zeros(inside.size, np.bool_)


def _choices(told: pa.Table, county: str) -> list[Bools]:
    """Which lines may go, in the order in which they do; `county`: that of the finding, nothing of the state."""

    def of(level: str, *kinds: str, own: bool = True) -> Bools:
        lines = pc.and_(
            pc.equal(told["level"], level), pc.is_in(told["period_kind"], value_set=pa.array(list(kinds), pa.string()))
        )
        if level != STATE and own and county:
            lines = pc.and_(lines, pc.equal(told["county"], county))
        return np.asarray(lines.to_numpy())

    here, other = (COUNTY, STATE) if county else (STATE, COUNTY)
    return [
        of(here, MONTH, QUARTER), of(other, MONTH, QUARTER), of(here, YEAR), of(other, YEAR), of(TOWN, YEAR, YEARS),
    ]  # fmt: skip
