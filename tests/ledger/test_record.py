"""What a run adds to the ledger of several data sets."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pyarrow as pa

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.ledger.blocks import NEW, STATES, Plan
from candor.ledger.corrections import Correction
from candor.ledger.ledger import COVERAGE, OPEN, Block, Ledger
from candor.ledger.record import recorded
from candor.ledger.settle_rows import SettledRows
from candor.portal.calendar import Calendar

NOW = datetime(2025, 4, 10)


def line(dataset: str, month: int, calls: int) -> dict[str, object]:
    """A line of `OPEN`."""
    where = {"dataset": dataset, "agency": "Alder", "geoid": "1", "month": date(2025, month, 1)}
    return where | {
        "category": "noise",
        "category_group": "g",
        "initiated_by": "citizen",
        "calls": calls,
        "parts": calls,
        "late": False,
    }


def settled(month: int | None) -> SettledRows:
    """What is published now of a data set: seven calls of a month, or nothing."""
    months = [month] if month else []
    cells = [
        {"agency": "Alder", "geoid": "1", "month": date(2025, m, 1), "category": "noise", "initiated_by": "citizen",
         "state": NEW, "category_group": "g", "calls": 7, "parts": 7, "open": True}
        for m in months
    ]  # fmt: skip
    schema = pa.schema(
        [(n, pa.string()) for n in ("agency", "geoid")] + [("month", pa.date32())]
        + [(n, pa.string()) for n in ("category", "initiated_by", "state", "category_group")]
        + [("calls", pa.int64()), ("parts", pa.int64()), ("open", pa.bool_())]
    )  # fmt: skip
    blocks = tuple(Block(dataset="first", month=f"2025-{m:02d}", fixed_on=NOW.date()) for m in months)
    plan = Plan(blocks, (), (), STATES.empty_table(), COVERAGE.empty_table())
    return SettledRows(plan, None, 0, pa.Table.from_pylist(cells, schema), cast("Accounted", None), Path())


def test_a_correction_of_one_data_set_leaves_what_is_published_now_of_another() -> None:
    before = pa.Table.from_pylist([line("first", 1, 3), line("second", 1, 5)], OPEN)
    corrected = pa.Table.from_pylist([line("first", 1, 3), line("second", 1, 4)], OPEN)
    context = cast(
        "Context", SimpleNamespace(calendar=lambda _: Calendar(), kind_of=lambda _: None, today=NOW.date(), now=NOW)
    )
    ledger = recorded(
        Ledger(open=before),
        {"first": settled(2), "second": settled(None)},
        {"second": Correction((2024,), 1, None, corrected)},
        context,
    )
    found = {(x["dataset"], x["month"].month): x["calls"] for x in ledger.open.to_pylist()}
    assert found == {("first", 1): 3, ("first", 2): 7, ("second", 1): 4}
