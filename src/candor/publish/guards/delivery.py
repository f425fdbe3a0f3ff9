"""What is remembered of a delivery: numbers alone, small, and enough to see that the next one is not like it."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from candor.accounting.count_tables import AccountedCounts
from candor.accounting.records import Accounted
from candor.engine.base import Engine
from candor.intake.account import MARKED
from candor.places.place_rows import BY_AGENCY
from candor.portal.crosswalks import folded

_STRAY = 0.005
"""The share of rows at either end of a delivery that do not decide where it begins and ends: mistyped years."""

_GOOD = ("published", "withheld")
_MOST_TYPES = 5_000


class Delivery(BaseModel):
    """What a data set's source held: rows by what became of them, by agency and month, and by call type.

    `read`, `published`, `quarantined`: rows, as intake had them. `undated`: rows without a readable time; None where
    no time is read. `unplaced`: rows of those that are sound that lie in no place; None where rows are not placed.
    `by_agency`: those that nothing but the area of their agency places. `marked`: those of open types that their agency
    marks as sensitive; None where it cannot.
    `start`, `end`: between which days nearly all of them lie. `months`: by agency and month (or year) the sound rows;
    `types`: by call type, the most frequent ones.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    release: int = 0
    on: date
    read: int
    published: int
    quarantined: int
    sound: int
    undated: int | None = None
    unplaced: int | None = None
    by_agency: int = 0
    marked: int | None = None
    start: date | None = None
    end: date | None = None
    months: dict[str, dict[str, int]] = {}
    types: dict[str, int] = {}

    def by_month(self) -> dict[str, int]:
        """The sound rows of all agencies by month."""
        total: dict[str, int] = {}
        for own in self.months.values():  # agencies x months
            for month, rows in own.items():
                total[month] = total.get(month, 0) + rows
        return total


def delivered(accounted: Accounted, engine: Engine, today: date) -> Delivery:
    """What a data set of rows was read from, before it is looked at what of it is due."""
    table = engine.read(accounted.path)
    good = table.filter(table.outcome.isin(_GOOD))
    sums = accounted.sums
    dated = "month" in table.columns
    start, end = _span(good, accounted, engine)
    return Delivery(
        on=today,
        read=sums["read"],
        published=sums["published"],
        quarantined=sums["quarantined"],
        sound=sums["published"] + sums["withheld"],
        undated=_number(table.filter(table["month"].isnull()), engine) if dated else None,
        unplaced=_number(good.filter(good.geoid.isnull()), engine) if "geoid" in table.columns else None,
        by_agency=_number(good.filter(good.placed_by == BY_AGENCY), engine) if "placed_by" in table.columns else 0,
        marked=_number(good.filter(good[MARKED].fill_null(False)), engine) if MARKED in table.columns else None,
        start=start,
        end=end,
        months=_months(good, engine) if dated else {},
        types=_types(good, accounted, engine),
    )


def delivered_counts(accounted: AccountedCounts, today: date) -> Delivery:
    """The same of a data set of counts, whose periods are years."""
    lines, sums = accounted.counted.lines, accounted.sums
    sound = lines.filter(pc.is_in(lines["outcome"], value_set=pa.array(_GOOD)))
    years = {str(v["values"]): int(v["counts"]) for v in pc.value_counts(sound["year"].drop_null()).to_pylist()}
    return Delivery(
        on=today,
        read=sums["read"],
        published=sums["published"],
        quarantined=sums["quarantined"],
        sound=sums["published"] + sums["withheld"],
        start=date(int(min(years)), 1, 1) if years else None,
        end=date(int(max(years)), 12, 31) if years else None,
        months={"": years},
    )


def _number(rows: ir.Table, engine: Engine) -> int:
    return int(engine.arrow(rows.aggregate(n=rows.count()))["n"][0].as_py())


def _months(good: ir.Table, engine: Engine) -> dict[str, dict[str, int]]:
    agency = good.agency.fill_null("") if "agency" in good.columns else ibis.literal("")
    dated = good.filter(good["month"].notnull())
    lines = engine.arrow(dated.group_by(_agency=agency, _month=dated["month"]).agg(rows=ibis._.count()))
    found: dict[str, dict[str, int]] = {}
    for line in lines.to_pylist():  # agencies x months
        found.setdefault(line["_agency"], {})[f"{line['_month']:%Y-%m}"] = int(line["rows"])
    return {who: dict(sorted(own.items())) for who, own in sorted(found.items())}


def _span(good: ir.Table, accounted: Accounted, engine: Engine) -> tuple[date | None, date | None]:
    """The days between which all but the strays at either end lie; None without a time."""
    time = accounted.schema.with_role("time")
    if time is None or "month" not in good.columns:
        return None, None
    moment = good[time.name if time.name in good.columns else "month"]
    # Through a timestamp: cut to the day, DuckDB's date is one, whatever the expression says.
    day = moment.cast("timestamp").truncate("D").cast("date")
    days = engine.arrow(good.group_by(_day=day).agg(rows=ibis._.count()))
    days = days.filter(pc.is_valid(days["_day"])).sort_by("_day")
    if not days.num_rows:
        return None, None
    upto = np.cumsum(days["rows"].to_numpy())
    first = int(np.searchsorted(upto, _STRAY * upto[-1], side="right"))
    last = int(np.searchsorted(upto, (1 - _STRAY) * upto[-1], side="left"))
    return tuple(
        date(1970, 1, 1) + timedelta(days=int(days["_day"].cast(pa.int32())[i].as_py())) for i in (first, last)
    )  # type: ignore[return-value]


def _types(good: ir.Table, accounted: Accounted, engine: Engine) -> dict[str, int]:
    """By call type as the crosswalk compares them: only of rows that are counted by one."""
    column = accounted.schema.with_role("category")
    if column is None or not accounted.schema.counted or column.name not in good.columns:
        return {}
    of = good.filter(good[column.name].notnull())
    counts = engine.arrow(of.group_by(of[column.name]).agg(rows=ibis._.count()))
    counts = counts.sort_by([("rows", "descending")]).slice(0, _MOST_TYPES)
    found: dict[str, int] = {}
    for name, rows in zip(counts[column.name].to_pylist(), counts["rows"].to_pylist(), strict=True):
        found[folded(name)] = found.get(folded(name), 0) + int(rows)
    return found
