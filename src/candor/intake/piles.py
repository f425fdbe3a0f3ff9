"""Points with so many rows that they are hardly where things happened: a geocoder's default, the station itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from candor.engine.base import Engine
from candor.intake.points import NOTES
from candor.intake.said import SEPARATOR
from candor.portal.schema_model import Schema

SHARE: Final = 0.01
"""A pile holds more of a month's rows than this."""
FEWEST: Final = 20
"""A pile holds as many rows at least, and as many times those of other points, of which there are as many at least."""
NOTE: Final = "its point holds more than 1 % of a month's rows"
_BUCKETS: Final = 4_096
_CLOSE: Final = 1e-6


@dataclass(frozen=True)
class Pile:
    """A point that holds a pile. `rows` lie on it; `share` is the most that it holds of a month's rows.

    `kept`: a person said that it is a true address, so its rows stay there.
    """

    latitude: float
    longitude: float
    rows: int
    share: float
    month: date | None
    kept: bool = False

    @property
    def point(self) -> str:
        """The point as it is declared to be a true address."""
        return f"{self.latitude:.6f}, {self.longitude:.6f}"


def found_piles(
    rows: ir.Table, schema: Schema, engine: Engine, true: Collection[tuple[float, float]] = ()
) -> tuple[Pile, ...]:
    """The piles of typed rows, the largest first. `true`: latitude and longitude of points that are true addresses.

    Of a source whose points are few altogether, such as the middles of beats, none is a pile.
    """
    latitude, longitude, time = (schema.with_role(role) for role in ("latitude", "longitude", "time"))
    columns = rows.columns
    if not latitude or not longitude or latitude.name not in columns or longitude.name not in columns:
        return ()
    timed = time is not None and time.name in columns
    month = rows[time.name].cast("timestamp").truncate("M").cast("date") if time and timed else ibis.null("date")
    points = rows.select(y=rows[latitude.name], x=rows[longitude.name], month=month)
    if not _may_have(points, engine):
        return ()
    each = points.group_by("month", "y", "x").agg(rows=ibis._.count())
    each = each.mutate(total=each.rows.sum().over(group_by="month"))
    pointed = each.filter(each.y.notnull() & each.x.notnull())
    many = engine.arrow(pointed.filter(pointed.rows > SHARE * pointed.total))
    of_all = pointed.group_by("y", "x").agg(rows=pointed.rows.sum(), months=ibis._.count())
    sums = engine.arrow(of_all.agg(rows=of_all.rows.sum(), months=of_all.months.sum(), points=ibis._.count()))
    piles = _piles(many, _Sums(*(int(sums[name][0].as_py() or 0) for name in ("rows", "months", "points"))), true)
    return _with_all_rows(piles, points, engine) if piles else ()


def without_piles(rows: ir.Table, schema: Schema, piles: Collection[Pile], engine: Engine) -> ir.Table:
    """Rows of piles lose their point, and a note says so: their place is found by a name, or by their agency."""
    gone = [p for p in piles if not p.kept]
    latitude, longitude = schema.with_role("latitude"), schema.with_role("longitude")
    if not gone or not latitude or not longitude:
        return rows
    known = engine.table(
        pa.table(
            {"_pile_y": [p.latitude for p in gone], "_pile_x": [p.longitude for p in gone], "_pile": [True] * len(gone)}
        )
    )
    same = [rows[latitude.name] == known["_pile_y"], rows[longitude.name] == known["_pile_x"]]
    table = rows.left_join(known, same)
    piled, nothing = table["_pile"].fill_null(False), ibis.null("float64")
    return table.mutate(
        **{
            NOTES: table[NOTES].concat(ibis.ifelse(piled, SEPARATOR + NOTE, "")),
            latitude.name: ibis.ifelse(piled, nothing, table[latitude.name]),
            longitude.name: ibis.ifelse(piled, nothing, table[longitude.name]),
        }
    ).drop("_pile", "_pile_y", "_pile_x")


def _may_have(points: ir.Table, engine: Engine) -> bool:
    """Whether there can be a pile: whether some part of the points, of thousands of parts, holds that many rows.

    To count every point takes as many counters as there are points; most sources have no pile.
    """
    number = (points.x * 1e5).round().cast("int64") * 31 + (points.y * 1e5).round().cast("int64")
    each = points.group_by("month", part=number % _BUCKETS).agg(rows=ibis._.count())
    each = each.mutate(total=each.rows.sum().over(group_by="month"))
    high = each.filter(each.part.notnull() & (each.rows > SHARE * each.total))
    found = engine.arrow(high.agg(rows=high.rows.sum())).to_pylist()
    return (found[0]["rows"] or 0) >= FEWEST


def _with_all_rows(piles: Collection[Pile], points: ir.Table, engine: Engine) -> tuple[Pile, ...]:
    """The piles with the rows of every month, the largest first."""
    known = engine.table(pa.table({"_y": [p.latitude for p in piles], "_x": [p.longitude for p in piles]}))
    on_them = points.inner_join(known, [points.y == known["_y"], points.x == known["_x"]])
    counted = engine.arrow(on_them.group_by("y", "x").agg(rows=ibis._.count())).to_pylist()
    rows = {(line["y"], line["x"]): int(line["rows"]) for line in counted}
    full = [replace(p, rows=rows[p.latitude, p.longitude]) for p in piles]
    return tuple(sorted(full, key=lambda p: (-p.rows, p.latitude, p.longitude)))


@dataclass(frozen=True)
class _Sums:
    """Rows that have a point, the different points of each month, summed, and the different points of all."""

    rows: int
    in_months: int
    points: int

    def usual(self, here: int, months: int) -> tuple[float, float]:
        """How many rows another point has in a month in which it has any, and how many altogether."""
        others = self.rows - here
        return others / max(self.in_months - months, 1), others / max(self.points - 1, 1)


def _piles(many: pa.Table, sums: _Sums, true: Collection[tuple[float, float]]) -> list[Pile]:
    """Of the points that hold more than their share of a month, those that are piles."""
    if sums.points < FEWEST:
        return []
    found: dict[tuple[float, float], list[tuple[int, int, date | None]]] = {}
    for line in many.to_pylist():  # at most 99 of a month
        found.setdefault((line["y"], line["x"]), []).append((line["rows"], line["total"], line["month"]))
    piles = []
    for (y, x), months in found.items():
        here = sum(n for n, _, _ in months)
        usual_in_month, usual = sums.usual(here, len(months))
        most, total, month = max(months, key=lambda m: (m[0] >= FEWEST, m[0] / m[1]))
        of_month = most >= FEWEST * max(usual_in_month, 1)
        of_all = here > SHARE * sums.rows and here >= FEWEST * max(usual, 1)
        if of_month or of_all:
            kept = any(abs(y - a) <= _CLOSE and abs(x - b) <= _CLOSE for a, b in true)
            piles.append(Pile(y, x, here, most / total, month, kept))
    return piles
