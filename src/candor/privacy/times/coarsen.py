"""A block of rows that is published for the first time: each row says its time as exactly as its place and cell may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from candor.engine.base import Engine
from candor.errors import DataError
from candor.privacy.records.anonymity import asked_of
from candor.privacy.times.cells import ATOM, DAY, HOUR_OF_DAY, PLACE, Cells, atom, counted, with_place
from candor.privacy.times.choice import choose_levels, said
from candor.privacy.times.periods import DATE, LEVELS, WAITS, Numbers, level_number, start
from candor.privacy.times.report import TimeReport, reported

WAITING = "_waits"
_PRECISION = "_precision"
_USUAL, _OTHER = "_times_usual", "_times_other"
_NONE = ""


@dataclass(frozen=True)
class Coarsened:
    """The rows of a block, each with the time that it says.

    `rows`: all of them, with the time column made coarse, `<time>_precision` and `_waits`; of a row that waits the time
    and the precision are empty. `levels`: how exactly each place says its times, those given and those chosen now, to
    be kept and given again. `report`: what it came to.
    """

    rows: ir.Table
    levels: pa.Table
    report: TimeReport
    _waiting: ir.Table

    @property
    def published(self) -> ir.Table:
        """The rows that are published now."""
        return self.rows.filter(~self.rows[WAITING]).drop(WAITING)

    @property
    def waiting(self) -> ir.Table:
        """The rows that wait, as they were given: with their exact times, to be given again with a later block."""
        return self._waiting


def coarsened(
    rows: ir.Table,
    time: str,
    places: Sequence[str],
    *,
    kind: str | None,
    unit: str | None,
    levels: pa.Table | None,
    finest: str,
    k: int,
    engine: Engine,
    complete: Collection[str] = frozenset(),
) -> Coarsened:
    """Make the times of a block of rows so coarse that k holds over place and time.

    `rows` are those published for the first time: all of one month, or of many at the first publication, together with
    those that waited until now; never one that was published before. They have `time` (wall time or date, exact), the
    `places` columns as they are published (none: all rows are of one place), and what else they like, which stays as it
    is: whatever else tells the time (a month, a weekday) is made from the result.

    Afterwards every class (rows with the same place, precision and time) has at least k rows and two values of `kind`
    (None: not asked). With `unit` it has at least k different units, people or cases, instead of rows: each unit counts
    once for its place, in the cell of its first row there. So a class never has fewer units than were counted, sums of
    cells need no second look at the rows, and some rows are said more coarsely than the units alone ask for. All rows
    of one place and hour say the same, so that knowing both leads to one class.

    `levels`: the place columns and `level` of the places that are fixed already; a level is chosen for the others, once
    a row of theirs can be published (`choose_levels`). Nothing is said more exactly than `finest`.

    A place and month with fewer than k units, or one kind alone, cannot be said by month; its rows say the quarter or
    the year, where that is in `complete` (`complete_periods` of the months that are in the block or were published
    before) and its rows in this block are enough. Else they wait: give them again with the next block, exact. What is
    short even in a complete year is not published; `report.too_few` counts it. Rows without a time wait too.

    `rows` are read several times: a table that is in a file costs least. Raises `DataError` for columns that are
    missing or of another type, for a level that is none, and for a place that has two.
    """
    asked_of(k)
    _require(rows, time, places, kind, unit)
    limit = level_number(finest) if rows[time].type().is_timestamp() else max(level_number(finest), DATE)
    cells = counted(rows, time, places, kind, unit, limit, engine)
    chosen = choose_levels(cells, k, LEVELS[limit], complete)
    fixed, new = _levels_of(cells.places, levels, places), _levels_of(cells.places, chosen, places)
    of_place = np.where(fixed == WAITS, new, np.maximum(fixed, limit))
    # A level that no row shows yet can wait until more is known.
    label = said(cells, of_place, k, complete)
    shown = np.bincount(cells.place, label != WAITS, cells.places.num_rows) > 0
    of_place = np.where((fixed == WAITS) & ~shown, WAITS, of_place)
    told = _told(rows, time, places, cells, of_place, label, limit, engine)
    waits = told[_USUAL] == _NONE
    precision = ibis.ifelse(waits, ibis.null("string"), told[_USUAL])
    made = {time: start(told[time], precision), time + _PRECISION: precision, WAITING: waits}
    added = _chosen_now(chosen, cells.places, (fixed == WAITS) & shown, places)
    return Coarsened(
        told.mutate(**made).drop(_USUAL),
        added if levels is None else pa.concat_tables([levels, added], promote_options="permissive"),
        reported(cells, of_place, label, complete),
        told.filter(waits).drop(_USUAL),
    )


def _told(
    rows: ir.Table,
    time: str,
    places: Sequence[str],
    cells: Cells,
    of_place: Numbers,
    label: Numbers,
    limit: int,
    engine: Engine,
) -> ir.Table:
    """The rows, with the precision that each says in the column `_USUAL`: that of its place, or of its cell."""
    words = pa.array([*LEVELS, _NONE], pa.string())
    located = with_place(rows, cells.places, places, engine, **{_USUAL: words.take(pa.array(of_place))})
    # Most rows say what their place does: only the others are looked up.
    at = np.flatnonzero(label != of_place[cells.place])
    days = pa.array(cells.day[at]).cast(pa.date32())
    columns = [pa.array(cells.place[at]), days, pa.array(cells.hour[at]), words.take(pa.array(label[at]))]
    other = engine.table(pa.table(columns, names=[f"{name}_" for name in ATOM] + [_OTHER]))
    located = located.mutate(**atom(located[time], limit))
    same = [located[name] == other[f"{name}_"] for name in ATOM]
    told = located.left_join(other, same)
    usual = ibis.ifelse(told[time].isnull(), _NONE, ibis.coalesce(told[_OTHER], told[_USUAL]))
    return told.mutate(**{_USUAL: usual}).drop(PLACE, DAY, HOUR_OF_DAY, _OTHER, *[f"{name}_" for name in ATOM])


def _levels_of(named: pa.Table, levels: pa.Table | None, places: Sequence[str]) -> Numbers:
    """The level of each place, `WAITS` for one that has none."""
    if levels is None:
        return np.full(named.num_rows, WAITS)
    keys = _keys(levels, places)
    known = dict(zip(keys, levels["level"].to_pylist(), strict=True))
    if len(known) < len(keys):
        raise DataError(
            "A place has two levels of time", "one", "This is a fault of the program: nothing was published."
        )
    return np.array([level_number(known[key]) if key in known else WAITS for key in _keys(named, places)], np.int64)


def _chosen_now(chosen: pa.Table, named: pa.Table, which: np.ndarray, places: Sequence[str]) -> pa.Table:
    now = {key for key, is_now in zip(_keys(named, places), which, strict=True) if is_now}
    return chosen.filter(pa.array([key in now for key in _keys(chosen, places)], pa.bool_()))


def _keys(table: pa.Table, places: Sequence[str]) -> list[tuple[object, ...]]:
    if not places:
        return [()] * table.num_rows
    return list(zip(*[table[name].to_pylist() for name in places], strict=True))


def _require(rows: ir.Table, time: str, places: Sequence[str], kind: str | None, unit: str | None) -> None:
    missing = [name for name in (time, *places, kind, unit) if name and name not in rows.columns]
    if missing:
        raise DataError(f"The rows have no column {', '.join(missing)}", ", ".join(rows.columns), "Name one of them")
    type_ = rows[time].type()
    if not (type_.is_date() or (type_.is_timestamp() and type_.timezone is None)):
        raise DataError(f"{time} is of type {type_}", "wall time or a date", "Declare its type as timestamp or date")
