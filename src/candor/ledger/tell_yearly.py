"""Sensitive kinds of what is counted by year, told once and rounded: the years of towns. No total of them is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.ledger.ledger import TOLD, Ledger
from candor.portal.calendar import Calendar
from candor.privacy.rounding import rounded

TOWN = "town"


def tell_years(
    ledger: Ledger,
    layer: str,
    counts: pa.Table,
    sensitive: Collection[str],
    calendar: Calendar,
    today: date,
    release: int,
) -> Ledger:
    """The ledger with what is due of the dense `counts` (`measures.yearly.COLUMNS`) of a layer and was not told yet."""
    of_kind = pc.is_in(counts["category"], value_set=pa.array(sorted(sensitive), pa.string()))
    closed = [y for y in pc.unique(counts["year"]).to_pylist() if calendar.is_closed(y, today)]
    due = pc.and_(of_kind, pc.is_in(counts["year"], value_set=pa.array(closed, pa.int64())))
    lines = counts.filter(pc.and_(due, pc.is_valid(counts["events"])))
    return replace(ledger, told=pa.concat_tables([ledger.told, _new(ledger, layer, lines, today, release)]))


def _new(ledger: Ledger, layer: str, lines: pa.Table, today: date, release: int) -> pa.Table:
    known = pa.array([" ".join(k) for k in told_of_towns(ledger, layer)], pa.string())
    key = pc.binary_join_element_wise(lines["category"], lines["geoid"], lines["year"].cast(pa.string()), " ")
    lines = lines.filter(pc.invert(pc.is_in(key, value_set=known)))
    counts = rounded(lines["events"].to_numpy())
    size = lines.num_rows
    first = [date(y, 1, 1) for y in lines["year"].to_pylist()]
    last = [date(y, 12, 1) for y in lines["year"].to_pylist()]
    columns = {
        "layer": pa.array([layer] * size, pa.string()),
        "level": pa.array([TOWN] * size, pa.string()),
        **{name: lines[name] for name in ("geoid", "place", "county", "category", "category_group")},
        "period_kind": pa.array(["year"] * size, pa.string()),
        "first_month": pa.array(first, pa.date32()),
        "last_month": pa.array(last, pa.date32()),
        "calls": pa.array(counts.value, mask=counts.under),
        "months_reported": pa.array(np.full(size, 12, np.int64)),
        "towns_reported": pa.array(np.ones(size, np.int64)),
        "person_years": pa.nulls(size, pa.float64()),
        "residents": pa.nulls(size, pa.int64()),
        "complete": pa.array(np.ones(size, np.bool_)),
        "told_on": pa.array([today] * size, pa.date32()),
        "release": pa.array(np.full(size, release, np.int64)),
    }
    return pa.table([columns[name] for name in TOLD.names], schema=TOLD)


def told_of_towns(ledger: Ledger, layer: str) -> dict[tuple[str, str, str], int | None]:
    """By category, town and year the town's figure in a layer; None where it is under 5."""
    own = ledger.told.filter(
        pc.and_(pc.equal(ledger.told["layer"], layer), pc.equal(ledger.told["level"], TOWN))
    ).select(["category", "geoid", "first_month", "calls"])
    return {
        (line["category"], line["geoid"], str(line["first_month"].year)): line["calls"] for line in own.to_pylist()
    }  # figures of sensitive kinds, not rows


def as_told(ledger: Ledger, layer: str, counts: pa.Table, sensitive: Collection[str]) -> pa.Table:
    """The dense counts as they may be published: of sensitive kinds what was told, `under 5` and `not yet`."""
    of_kind = pc.is_in(counts["category"], value_set=pa.array(sorted(sensitive), pa.string()))
    told = told_of_towns(ledger, layer)
    known = pa.array([" ".join(k) for k in told], pa.string())
    value = pa.array(list(told.values()), pa.int64())
    key = pc.binary_join_element_wise(counts["category"], counts["geoid"], counts["year"].cast(pa.string()), " ")
    at = pc.index_in(key, value_set=known)
    number = value.take(at.combine_chunks() if isinstance(at, pa.ChunkedArray) else at)
    there = pc.and_(of_kind, pc.is_valid(at))
    waits = pc.and_(pc.and_(of_kind, pc.is_null(at)), pc.is_valid(counts["events"]))
    coverage = pc.case_when(
        pc.make_struct(pc.and_(there, pc.is_valid(number)), there, waits), "reported", "under 5", "not yet",
        counts["coverage"],
    )  # fmt: skip
    events = pc.if_else(there, number, pc.if_else(of_kind, pa.scalar(None, pa.int64()), counts["events"]))
    table = counts.set_column(counts.column_names.index("coverage"), "coverage", coverage)
    return table.set_column(table.column_names.index("events"), "events", events)
