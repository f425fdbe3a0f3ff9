"""Early figures: months that are over and not settled, of counties and the state, open kinds, to the nearest 10."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.ledger.blocks import WAITING
from candor.ledger.ledger import EARLY, Ledger
from candor.measures.dense import DenseCube
from candor.portal.calendar import as_month, months_over
from candor.privacy.rounding import EARLY_BASE, nearest

SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("level", "geoid", "place", "county")),
        ("month", pa.date32()),
        ("category", pa.string()),
        ("category_group", pa.string()),
        ("calls", pa.int64()),
        ("settles_on", pa.date32()),
    ]
)


def with_early(
    ledger: Ledger, layer: str, context: Context, cells: Mapping[str, pa.Table], counties: Mapping[str, str]
) -> Ledger:
    """The ledger with early figures of the months of which a layer has none: each is told once, and not again.

    `cells`: by data set, its counts with their states (`settle_rows`). `counties`: by GEOID.
    """
    told = ledger.early.filter(pc.equal(ledger.early["layer"], layer))
    known = set(pc.unique(told["month"]).to_pylist())
    parts = [ledger.early]
    for table in (pa.concat_tables(cells.values()),) if cells else ():
        lines = table.filter(pc.and_(table["open"], pc.equal(table["state"], WAITING)))
        months = {f"{m:%Y-%m}" for m in pc.unique(lines["month"]).to_pylist() if m is not None and m not in known}
        over = pa.array([_day(m) for m in months_over(months, context.today)], pa.date32())
        lines = lines.filter(pc.is_in(lines["month"], value_set=over))
        county = pa.array([counties.get(g, "") for g in lines["geoid"].to_pylist()], pa.string())
        by_county = lines.append_column("place", county).filter(pc.not_equal(county, ""))
        whole = lines.append_column(
            "place", pa.array([context.portal.config.jurisdiction] * lines.num_rows, pa.string())
        )
        parts += [_summed(by_county, layer, "county"), _summed(whole, layer, "state")]
    return replace(ledger, early=pa.concat_tables(parts))


def _summed(lines: pa.Table, layer: str, level: str) -> pa.Table:
    sums = lines.group_by(["place", "month", "category", "category_group"]).aggregate([("calls", "sum")])
    calls = nearest(sums["calls_sum"].to_numpy(), EARLY_BASE)
    columns: dict[str, Any] = {
        "layer": pa.array([layer] * sums.num_rows, pa.string()),
        "level": pa.array([level] * sums.num_rows, pa.string()),
        **{name: sums[name] for name in ("place", "month", "category", "category_group")},
        "calls": pa.array(calls, pa.int64()),
    }
    return pa.table(columns, schema=EARLY)


def early_table(ledger: Ledger, layer: str, context: Context, cells: DenseCube) -> pa.Table:
    """The early figures of a layer of months that are not published yet."""
    fixed = pa.array([m.astype("datetime64[D]").astype(object) for m in cells.months], pa.date32())
    waits = pc.invert(pc.is_in(ledger.early["month"], value_set=fixed))
    lines = ledger.early.filter(pc.and_(waits, pc.equal(ledger.early["layer"], layer)))
    calendar = context.calendar()
    settles = [calendar.settles(as_month(f"{m:%Y-%m}")) for m in lines["month"].to_pylist()]
    is_county = pc.equal(lines["level"], "county")
    table = pa.table(
        {
            "level": lines["level"],
            "geoid": pc.if_else(is_county, "", context.portal.config.state),
            "place": lines["place"],
            "county": pc.if_else(is_county, lines["place"], ""),
            **{name: lines[name] for name in ("month", "category", "category_group", "calls")},
            "settles_on": pa.array(settles, pa.date32()),
        },
        schema=SCHEMA,
    )
    return table.sort_by([(name, "ascending") for name in ("level", "place", "month", "category")])


def _day(month: str) -> date:
    day: date = as_month(month).astype("datetime64[D]").astype(object)
    return day
