"""Crude rates: pools of published cells over months, categories and towns, each with its coverage and interval.

Everything here is computed from the protected cube alone, the one that the public reads: no figure can say more about a
suppressed cell than the cube does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.dense import Bools, dense
from candor.measures.intervals import Floats, rate_per_1000
from candor.measures.periods import Period, month_periods, pooled_periods
from candor.measures.pools import INITIATED_BY, Pool, Series, series_of, state_pool, town_pool

RATE_FROM = 10
"""The calls from which a rate is printed (METHODS, Rates)."""

COVERAGE = ("not covered", "not reported", "suppressed", "partly reported", "zero", "reported")
NOTES = ("", "suppressed", "no residents", "too few to rate", "partly reported")

TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("level", TEXT),
        ("geoid", TEXT),
        ("place", TEXT),
        ("county", TEXT),
        ("period", TEXT),
        ("first_month", pa.date32()),
        ("last_month", pa.date32()),
        ("category", TEXT),
        ("category_level", TEXT),
        ("initiated_by", TEXT),
        ("coverage", TEXT),
        ("months_reported", pa.int64()),
        ("towns_reported", pa.int64()),
        ("calls", pa.int64()),
        ("residents", pa.int64()),
        ("rate", pa.float64()),
        ("rate_low", pa.float64()),
        ("rate_high", pa.float64()),
        ("note", TEXT),
    ]
)
"""The columns of `call-rates-by-town`; texts are held as dictionaries, for each occurs many thousand times."""


def monthly_rates(cube: pa.Table) -> pa.Table:
    """The protected cube with its rates: calls per 1,000 residents and year, and the 95 % interval, from 10 calls on.

    `cube` has the columns of `calls-by-town`; the lines keep their order. Empty where there are fewer calls, no count,
    or no residents.
    """
    enough = pc.greater_equal(cube["calls"].fill_null(0), RATE_FROM).to_numpy()
    residents = cube["residents"].fill_null(0).to_numpy()
    where = np.flatnonzero(enough & (residents > 0))
    calls = cube["calls"].take(pa.array(where)).to_numpy()
    figures = rate_per_1000(calls, residents[where], 1 / 12)
    for name, values in zip(("rate", "rate_low", "rate_high"), figures, strict=True):
        column = np.full(cube.num_rows, np.nan)
        column[where] = values
        cube = cube.set_column(cube.column_names.index(name), name, pa.array(column, from_pandas=True))
    return cube


def call_rates(cube: pa.Table, sensitive_categories: Collection[str], jurisdiction: str, state: str = "") -> pa.Table:
    """The data set `call-rates-by-town` (`SCHEMA`; docs/architecture.md, section 8) from the protected cube.

    `sensitive_categories` are those of the protection, no more and no fewer: no total includes them. `jurisdiction` and
    `state` (its FIPS code) name the lines of level `state`. Only published cells enter; a pool with a suppressed cell
    is suppressed.

    Raises `ValueError` where the cube is not dense (`dense.dense`), or has a suppressed cell in a category that is not
    among the sensitive ones.
    """
    cells = dense(cube)
    anywhere = np.flatnonzero(cells.covered.any(axis=0))
    if not len(anywhere):
        return SCHEMA.empty_table()
    span = cells.months[anywhere[0] : anywhere[-1] + 1]
    pools, months = pooled_periods(span), month_periods(span)
    series = series_of(cells, sensitive_categories)
    whole = _Places("state", (state,), (jurisdiction,), ("",))
    towns = _Places("town", cells.geoids, cells.names, cells.counties)
    ever = np.flatnonzero(cells.covered.any(axis=1))
    blocks = [
        _block(series, (*pools, *months), whole, state_pool(cells, series, (*pools, *months))),
        _block(series, pools, towns, town_pool(cells, series, pools, np.arange(len(cells.geoids)))),
        _block(series, months, towns.only(ever), town_pool(cells, series, months, ever)),
    ]
    return pa.concat_tables(blocks).unify_dictionaries()


@dataclass(frozen=True)
class _Places:
    """The towns, or the state, that a block of lines is about."""

    level: str
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]

    def only(self, index: NDArray[np.int64]) -> _Places:
        """Those with these indices."""
        geoids, names, counties = (tuple(t[i] for i in index) for t in (self.geoids, self.names, self.counties))
        return _Places(self.level, geoids, names, counties)


def _block(series: Series, periods: Sequence[Period], places: _Places, pool: Pool) -> pa.Table:
    """The lines of a pool, in the order series, initiator, period, place."""
    shape = pool.calls.shape
    coverage = _coverage(pool)
    known = coverage >= COVERAGE.index("partly reported")
    rated = known & (pool.calls >= RATE_FROM) & (pool.person_years > 0)
    rate = rate_per_1000(pool.calls[rated], 1, np.broadcast_to(pool.person_years, shape)[rated])

    def along(axis: int) -> NDArray[np.int32]:
        index = np.arange(shape[axis], dtype=np.int32).reshape([-1 if i == axis else 1 for i in range(4)])
        return np.broadcast_to(index, shape).ravel()

    def spread(values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.broadcast_to(values, shape).ravel()

    def filled(values: Floats) -> pa.Array:
        column = np.full(shape, np.nan)
        column[rated] = values
        return pa.array(column.ravel(), from_pandas=True)

    who, when, what, where = along(1), along(2), along(0), along(3)
    first = np.array([p.first for p in periods], "datetime64[D]")
    last = np.array([p.last for p in periods], "datetime64[D]")
    columns = {
        "level": _text((places.level,), np.zeros(len(where), np.int32)),
        "geoid": _text(places.geoids, where),
        "place": _text(places.names, where),
        "county": _text(places.counties, where),
        "period": _text([p.name for p in periods], when),
        "first_month": pa.array(first[when], pa.date32()),
        "last_month": pa.array(last[when], pa.date32()),
        "category": _text(series.names, what),
        "category_level": _text(series.levels, what),
        "initiated_by": _text(INITIATED_BY, who),
        "coverage": _text(COVERAGE, coverage.ravel()),
        "months_reported": pa.array(spread(pool.months)),
        "towns_reported": pa.nulls(len(where), pa.int64()) if pool.towns is None else pa.array(spread(pool.towns)),
        "calls": pa.array(pool.calls.ravel(), mask=~known.ravel()),
        "residents": pa.array(np.rint(spread(pool.residents)), from_pandas=True).cast(pa.int64()),
        "rate": filled(rate.rate),
        "rate_low": filled(rate.lower),
        "rate_high": filled(rate.upper),
        "note": _text(NOTES, _note(coverage, pool).ravel()),
    }
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _coverage(pool: Pool) -> NDArray[np.int8]:
    """Index into `COVERAGE`, the first that applies; (L, 2, Q, R)."""
    conditions = [~pool.covered, pool.suppressed, pool.months == 0, ~pool.complete, pool.calls == 0]
    names = ["not covered", "suppressed", "not reported", "partly reported", "zero"]
    return _first_that(conditions, [COVERAGE.index(n) for n in names], COVERAGE.index("reported"), pool.calls.shape)


def _note(coverage: NDArray[np.int8], pool: Pool) -> NDArray[np.int8]:
    """Index into `NOTES`, the first that applies; (L, 2, Q, R)."""
    is_ = {name: coverage == i for i, name in enumerate(COVERAGE)}
    conditions = [
        is_["suppressed"],
        is_["not covered"] | is_["not reported"],
        ~(pool.person_years > 0),
        pool.calls < RATE_FROM,
        is_["partly reported"],
    ]
    names = ["suppressed", "", "no residents", "too few to rate", "partly reported"]
    return _first_that(conditions, [NOTES.index(n) for n in names], NOTES.index(""), pool.calls.shape)


def _first_that(
    conditions: Sequence[Bools], codes: Sequence[int], otherwise: int, shape: tuple[int, ...]
) -> NDArray[np.int8]:
    found = np.full(shape, otherwise, np.int8)
    for condition, code in _from_last(conditions, codes):
        found[np.broadcast_to(condition, shape)] = code
    return found


def _from_last(conditions: Sequence[Bools], codes: Sequence[int]) -> Iterator[tuple[Bools, int]]:
    """So that what comes first in the list is written last and stands."""
    return reversed(list(zip(conditions, codes, strict=True)))


def _text(values: Sequence[str], index: NDArray[np.signedinteger]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(list(values), pa.string()))
