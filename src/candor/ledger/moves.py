"""How long an agency's records keep moving, measured from one export to the next: what a time of settling rests on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from candor.accounting.context import Context
from candor.accounting.records import Accounted
from candor.intake.account import KEY
from candor.ledger.ledger import MOVES, Ledger

AGES = (15, 30, 45, 60, 90, 120, 180)
"""Days after a month's end that are proposed."""

MOVING = 0.01
"""The share of calls of a month that may still change their class after it has settled."""

EXPORTS = 3
"""Comparisons of two exports from which a time is proposed."""

_MONTHS = 13
"""Months back that are compared: what is older has had its year's day."""

_CLASS = "class"


@dataclass(frozen=True)
class Settled:
    """By age in days, the share of calls whose class changed later; the age that this proposes, None without enough.

    `days`: what is declared. `exports`: how many comparisons of two exports this rests on.
    """

    dataset: str
    days: int
    exports: int
    later: dict[int, float]
    proposed: int | None

    def lines(self) -> list[str]:
        """What was measured and what it proposes, as a sentence for the publisher."""
        declared = self.days
        if self.exports < EXPORTS:
            return [f"how long classes keep changing: not known before {EXPORTS + 1} exports were published"]
        said = ", ".join(f"{share:.1%} after {age} days" for age, share in self.later.items() if age >= declared)
        sentences = [f"classes that changed later: {said} (of {self.exports} comparisons of exports)"]
        if self.proposed is None:
            sentences.append(f"more than {MOVING:.0%} still change after {AGES[-1]} days")
        elif self.proposed > declared:
            sentences.append(
                f"after {self.proposed} days no more than {MOVING:.0%} change: [settling] days = {self.proposed} would "
                "leave fewer calls in the open kind that they had at first"
            )
        return sentences


def snapshot(context: Context, accounted: Accounted, folder: Path) -> str:
    """Write what class each row of the last months has now; the file's name, empty where rows have no keys."""
    rows = _classes(context, accounted)
    if rows is None:
        return ""
    name = f"seen-{secrets.token_hex(8)}.parquet"
    context.engine.write(rows, folder / name)
    return name


def moves(context: Context, accounted: Accounted, ledger: Ledger, folder: Path) -> pa.Table:
    """What changed since the last snapshot (`MOVES`), by month: of months that were over then."""
    name = accounted.dataset.name
    files, seen_on = ledger.state.files.get(name), ledger.state.clock
    if files is None or not files.seen or seen_on is None or not (folder / files.seen).is_file():
        return MOVES.empty_table()
    now = _classes(context, accounted)
    if now is None:
        return MOVES.empty_table()
    before = context.engine.read(folder / files.seen)
    of = now.rename(_key=KEY, _now=_CLASS).drop("month")
    joined = before.left_join(of, before[KEY] == of["_key"])
    differs = (joined["_now"].notnull() & (joined["_now"] != joined[_CLASS])).cast("int64")
    gone = joined["_now"].isnull().cast("int64")
    sums = joined.group_by("month").aggregate(
        rows=joined.count().cast("int64"), reclassified=differs.sum().cast("int64"), gone=gone.sum().cast("int64")
    )
    changes = context.engine.arrow(sums)
    over = np.datetime64(seen_on.date(), "M")
    month = changes["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    changes = changes.filter(pa.array(month < over))
    changes = changes.append_column("dataset", pa.array([name] * changes.num_rows, pa.string()))
    changes = changes.append_column("seen_on", pa.array([context.today] * changes.num_rows, pa.date32()))
    return changes.select(MOVES.names).cast(MOVES)


def proposed_settling(name: str, days: int, changes: pa.Table) -> Settled:
    """What the moves of a data set propose."""
    own = changes.filter(pc.equal(changes["dataset"], name))
    exports = len(set(own["seen_on"].to_pylist()))
    age = np.array([(on - _end(month)).days for on, month in zip(*_pair(own), strict=True)], np.int64)
    rows, changed = own["rows"].to_numpy(), own["reclassified"].to_numpy()
    months = max(1, len(set(own["month"].to_pylist())))
    a_month = rows.sum() / max(1, own.num_rows)  # rows that a month has, on average
    later = {limit: float(changed[age > limit].sum() / (a_month * months)) if own.num_rows else 0.0 for limit in AGES}
    proposed = next((limit for limit, share in later.items() if share <= MOVING), None)
    return Settled(name, days, exports, later, proposed if exports >= EXPORTS else None)


def _classes(context: Context, accounted: Accounted) -> ir.Table | None:
    """`_key, month, class` of the rows of the last months; the class is the agency's own word, not the crosswalk's."""
    rows, column = context.engine.read(accounted.path), accounted.schema.with_role("category")
    if KEY not in rows.columns or "month" not in rows.columns or column is None or column.name not in rows.columns:
        return None
    first = (np.datetime64(context.today, "M") - _MONTHS).astype("datetime64[D]").astype(object)
    kept = rows.filter((rows.month >= first) & rows.outcome.isin(["published", "withheld"]))
    return kept.select(KEY, "month", **{_CLASS: kept[column.name].fill_null("")})


def _pair(table: pa.Table) -> tuple[list[date], list[date]]:
    return table["seen_on"].to_pylist(), table["month"].to_pylist()


def _end(month: date) -> date:
    end: date = ((np.datetime64(month, "M") + 1).astype("datetime64[D]") - 1).astype(object)
    return end
