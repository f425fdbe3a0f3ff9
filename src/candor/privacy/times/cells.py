"""Rows counted by place and the finest time that may be said: all that is looked at to decide what they say.

A few numbers for every place and hour in which there are rows: of five million rows some hundred megabytes at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.engine.base import Engine
from candor.privacy.times.periods import HOUR, NO_HOUR, PART, Numbers, cell_numbers, hour_of_part, is_day_alone

PLACE, DAY, HOUR_OF_DAY = "_times_place", "_times_day", "_times_hour"
ATOM = (PLACE, DAY, HOUR_OF_DAY)
_KIND, _UNIT, _FIRST, _NAME, _ROWS = "_times_kind", "_times_unit", "_times_first", "_times_name", "_times_rows"
_LOW, _HIGH = "_times_low", "_times_high"
_NO_LOW, _NO_HIGH = np.iinfo(np.int32).max, -1

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Cells:
    """One entry for each place and finest cell of time with rows, in the order of places and times.

    `place` is the line of `places`, which has the place columns. `day` counts from 1970, `hour` is the hour of the day
    (0 where nothing finer than the date may be said, `NO_HOUR` where
    the day alone is known). `units` is what k counts: the rows themselves, or the people or
    cases that have their first row here. `low` and `high` number two of its kinds, the same where there is one alone;
    without a kind `high` is below `low`. `untimed` rows have no time, and are in no entry.
    """

    places: pa.Table
    place: Numbers
    day: Numbers
    hour: Numbers
    rows: Numbers
    units: Numbers
    low: Numbers
    high: Numbers
    untimed: int

    def runs(self, level: int) -> Numbers:
        """For each entry the number, from 0, of the cell of place and time at the level that it lies in."""
        return runs_of(self.place, cell_numbers(level, self.day, self.hour))

    def hold(self, first: Numbers, k: int, at: Numbers | slice = slice(None)) -> Bools:
        """Whether entries together are k units or more and two kinds or more.

        Of the entries `at`, those from each of `first` to before the next belong together.
        """
        if not first.size:
            return np.zeros(0, np.bool_)
        enough = np.add.reduceat(self.units[at], first) >= k
        several = np.maximum.reduceat(self.high[at], first) > np.minimum.reduceat(self.low[at], first)
        return np.asarray(enough & several)


def runs_of(*columns: Numbers) -> Numbers:
    """Numbers from 0 that go up by one wherever one of the columns is another than in the entry before."""
    changes = np.zeros(columns[0].size, np.bool_)
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return np.cumsum(changes, dtype=np.int64)


def firsts(runs: Numbers) -> Numbers:
    """Where each run begins."""
    return np.flatnonzero(np.diff(runs, prepend=-1))


def counted(
    rows: ir.Table,
    time: str,
    places: Sequence[str],
    kind: str | None,
    unit: str | None,
    finest: int,
    engine: Engine,
) -> Cells:
    """Count the rows by place and finest cell of time.

    A unit counts once for its place, in the cell of its first row there; a row without a unit counts as none. So a sum
    over cells never says more units than there are, and cells can be put together without looking at the rows again.
    """
    named = distinct_places(rows, places, engine)
    moments = with_place(rows, named, places, engine).mutate(**atom(rows[time], finest))
    kinds: dict[str, ir.Value] = {}
    if kind is not None:
        moments = _with_kind(moments, kind, engine)
        kinds = {_LOW: moments[_KIND].min(), _HIGH: moments[_KIND].max()}
    found = engine.arrow(moments.group_by(ATOM).aggregate(**{_ROWS: moments.count()}, **kinds))
    if unit is None:
        return _cells(named, found, None)
    known = moments.filter(moments[unit].notnull() & moments[time].notnull())
    first = known.group_by([PLACE, known[unit].name(_UNIT)]).aggregate(**{_FIRST: known[time].min()})
    first = first.mutate(**atom(first[_FIRST], finest))
    return _cells(named, found, engine.arrow(first.group_by(ATOM).aggregate(**{_ROWS: first.count()})))


def distinct_places(rows: ir.Table, places: Sequence[str], engine: Engine) -> pa.Table:
    """The places that the rows have, one line each; without place columns there is one place, and no column."""
    if not places:
        return pa.table({_NAME: pa.nulls(1)}).select([])
    return engine.arrow(rows.select(*places).distinct())


def with_place(rows: ir.Table, named: pa.Table, places: Sequence[str], engine: Engine, **more: pa.Array) -> ir.Table:
    """The rows with the number of their place, its line in `named`, and with `more` columns of that line."""
    if not places:
        one = {name: ibis.literal(column[0].as_py(), "string") for name, column in more.items()}
        return rows.mutate(**{PLACE: ibis.literal(0, "int32")}, **one)
    names = [f"{_NAME}{n}" for n in range(len(places))]
    lines = named.select(list(places)).rename_columns(names)
    for name, column in ((PLACE, pa.array(range(named.num_rows), pa.int32())), *more.items()):
        lines = lines.append_column(name, column)
    known = engine.table(lines)
    # An empty place is a place.
    same = [rows[place].identical_to(known[name]) for place, name in zip(places, names, strict=True)]
    return rows.inner_join(known, same).drop(*names)


def atom(time: ir.Value, finest: int) -> dict[str, ir.Value]:
    """The day, and the hour of the finest cell that is told apart: 0 where the date is."""
    hour = ibis.literal(0)
    if time.type().is_timestamp() and finest <= PART:
        hour = time.hour() if finest == HOUR else hour_of_part(time.hour())
        hour = ibis.ifelse(is_day_alone(time), NO_HOUR, hour)
    return {DAY: time.cast("date"), HOUR_OF_DAY: hour.cast("int32")}


def _with_kind(moments: ir.Table, kind: str, engine: Engine) -> ir.Table:
    """The rows with the number of their kind; nothing is no kind."""
    found = engine.arrow(moments.filter(moments[kind].notnull()).select(kind).distinct()).column(0)
    known = engine.table(pa.table({_NAME: found, _KIND: pa.array(range(len(found)), pa.int32())}))
    return moments.left_join(known, moments[kind] == known[_NAME]).drop(_NAME)


def _cells(named: pa.Table, found: pa.Table, units: pa.Table | None) -> Cells:
    """Entries in order. `units`: those whose first row is in the place and cell; None: the rows."""
    untimed = sum(found.filter(pc.is_null(found[DAY]))[_ROWS].to_pylist())
    timed = found.filter(pc.is_valid(found[DAY])) if untimed else found
    key = _key(timed)
    order = np.argsort(key)
    place, day, hour, rows = (_numbers(timed[name])[order] for name in (*ATOM, _ROWS))
    count = rows
    if units is not None:
        count = np.zeros_like(rows)
        count[np.searchsorted(key[order], _key(units))] = _numbers(units[_ROWS])
    low, high = np.zeros_like(rows), np.ones_like(rows)
    if _LOW in timed.column_names:
        low, high = _numbers(timed[_LOW], _NO_LOW)[order], _numbers(timed[_HIGH], _NO_HIGH)[order]
    return Cells(named, place, day, hour, rows, count, low, high, untimed)


def _key(table: pa.Table) -> Numbers:
    """One number for place and time, in the order of both."""
    place, day, hour = (_numbers(table[name]).astype(np.int64) for name in ATOM)
    return (place << 32) + day * (NO_HOUR + 1) + hour


def _numbers(column: pa.ChunkedArray, nothing: int = 0) -> Numbers:
    return np.asarray(pc.fill_null(column.cast(pa.int32()), nothing).to_numpy())
