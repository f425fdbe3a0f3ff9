"""Figures as the lines of a published table: one for each series, initiator, period and place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.changes import CHANGES, Changes
from candor.measures.dense import Bools
from candor.measures.periods import Period
from candor.measures.pools import INITIATED_BY, Pool, Series, spread_of
from candor.measures.standing import COMPARISONS, Standing, provisional
from candor.statistics.intervals import Floats, rate_per_1000
from candor.vocabulary.coverage import COVERAGE
from candor.vocabulary.tables import figure_columns

RATE_FROM = 10
"""The events from which a rate is printed (METHODS, Rates)."""

NOTES = ("", "under 5", "no residents", "residents not known", "too few to rate", "partly reported")

TEXT = pa.dictionary(pa.int32(), pa.string())

_DIGITS = 6
"""Significant digits of a published figure: more than any of them is sure of."""

_NOTHING = 1e-12
"""What is smaller is 0."""


def schema_of(count: str) -> pa.Schema:
    """The columns of a table of figures; `count` names the one of events: `calls`, `offences`.

    Texts are held as dictionaries, for each occurs many thousand times.
    """
    types: dict[str, pa.DataType] = {
        **dict.fromkeys(_WORDS, TEXT),
        **dict.fromkeys(("first_month", "last_month"), pa.date32()),
        **dict.fromkeys(("months_reported", "towns_reported", count, "residents"), pa.int64()),
        "provisional": pa.bool_(),
    }
    return pa.schema([(name, types.get(name, pa.float64())) for name in figure_columns(count)])


_WORDS = (
    *("level", "geoid", "place", "county", "period", "category", "category_level", "initiated_by", "coverage"),
    *("note", "comparison", "change", "year_change"),
)


@dataclass(frozen=True)
class Places:
    """The towns, or the state, that a block of lines is about."""

    level: str
    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]

    def only(self, index: NDArray[np.int64]) -> Places:
        """Some of the places, by their positions."""
        geoids, names, counties = (tuple(t[i] for i in index) for t in (self.geoids, self.names, self.counties))
        return Places(self.level, geoids, names, counties)


def lines(
    series: Series,
    periods: Sequence[Period],
    places: Places,
    pool: Pool,
    standing: Standing | None,
    since: tuple[Changes, Changes],
    *,
    count: str = "calls",
) -> pa.Table:
    """The lines of a pool (`schema_of`), in the order series, initiator, period, place.

    `since` are the changes against the previous period and against a year before. Without `standing` (the state's own
    lines) nothing is compared.
    """
    shape = pool.calls.shape
    coverage = coverage_of(pool)
    known = coverage >= COVERAGE.index("partly reported")
    rated = known & (pool.calls >= RATE_FROM) & (pool.person_years > 0)
    persons, more = np.broadcast_to(pool.person_years, shape)[rated], spread_of(pool)[rated]
    rate = rate_per_1000(pool.calls[rated], 1, persons)
    # The interval holds every count that a rounded figure may be.
    lower = rate_per_1000(pool.calls[rated] - more, 1, persons).lower if more.any() else rate.lower
    upper = rate_per_1000(pool.calls[rated] + more, 1, persons).upper if more.any() else rate.upper

    def along(axis: int) -> NDArray[np.int32]:
        index = np.arange(shape[axis], dtype=np.int32).reshape([-1 if i == axis else 1 for i in range(4)])
        return np.broadcast_to(index, shape).ravel()

    def spread(values: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.broadcast_to(values, shape).ravel()

    def filled(values: Floats) -> pa.Array:
        column = np.full(shape, np.nan)
        column[rated] = values
        return numbers(column)

    who, when, what, where = along(1), along(2), along(0), along(3)
    first = np.array([p.first for p in periods], "datetime64[D]")
    last = np.array([p.last for p in periods], "datetime64[D]")
    columns: dict[str, pa.Array] = {
        "level": texts((places.level,), np.zeros(len(where), np.int32)),
        "geoid": texts(places.geoids, where),
        "place": texts(places.names, where),
        "county": texts(places.counties, where),
        "period": texts([p.name for p in periods], when),
        "first_month": pa.array(first[when], pa.date32()),
        "last_month": pa.array(last[when], pa.date32()),
        "category": texts(series.names, what),
        "category_level": texts(series.levels, what),
        "initiated_by": texts(INITIATED_BY, who),
        "coverage": texts(COVERAGE, coverage.ravel()),
        "provisional": pa.array(spread(provisional(pool))),
        "months_reported": pa.array(spread(pool.months)),
        "towns_reported": pa.nulls(len(where), pa.int64()) if pool.towns is None else pa.array(spread(pool.towns)),
        count: pa.array(pool.calls.ravel(), mask=~known.ravel()),
        "residents": pa.array(np.rint(spread(pool.residents)), from_pandas=True).cast(pa.int64()),
        "rate": filled(rate.rate),
        "rate_low": filled(lower),
        "rate_high": filled(upper),
        "note": texts(NOTES, note_of(coverage, pool).ravel()),
        **_compared(pool, rated, standing),
        **_changed(since[0], ""),
        **_changed(since[1], "year_"),
    }
    schema = schema_of(count)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _compared(pool: Pool, rated: Bools, standing: Standing | None) -> dict[str, pa.Array]:
    if standing is None:
        size = rated.size
        names = ("expected", "relative_rate", "smoothed", "smoothed_low", "smoothed_high", "p_higher")
        return {name: pa.nulls(size, pa.float64()) for name in names} | {
            "comparison": texts(COMPARISONS, np.zeros(size, np.int32))
        }
    ratio = np.full(rated.shape, np.nan)
    np.divide(pool.calls, standing.expected, out=ratio, where=rated & (standing.expected > 0))
    return {
        "expected": numbers(standing.expected),
        "relative_rate": numbers(ratio),
        "smoothed": numbers(standing.smoothed.mean),
        "smoothed_low": numbers(standing.smoothed.lower),
        "smoothed_high": numbers(standing.smoothed.upper),
        "p_higher": numbers(np.round(standing.p_higher, 4)),
        "comparison": texts(COMPARISONS, standing.comparison.ravel()),
    }


def _changed(found: Changes, prefix: str) -> dict[str, pa.Array]:
    names = ("change_ratio", "change_low", "change_high")
    values = (found.ratio, found.lower, found.upper)
    return {f"{prefix}{name}": numbers(array) for name, array in zip(names, values, strict=True)} | {
        f"{prefix}change": texts(CHANGES, found.verdict.ravel())
    }


def coverage_of(pool: Pool) -> NDArray[np.int8]:
    """Index into `COVERAGE`, the first that applies; (L, 2, Q, R)."""
    waiting = np.zeros(pool.covered.shape, np.bool_) if pool.waiting is None else pool.waiting
    conditions = [
        waiting & (pool.months == 0),
        ~pool.covered,
        pool.months == 0,
        pool.untold,
        ~pool.complete,
        pool.calls == 0,
    ]
    names = ["not yet", "not covered", "not reported", "by county only", "partly reported", "zero"]
    counted = _first_that(conditions, [COVERAGE.index(n) for n in names], COVERAGE.index("reported"), pool.calls.shape)
    return counted if pool.state is None else np.where(pool.state >= 0, pool.state, counted)


def note_of(coverage: NDArray[np.int8], pool: Pool) -> NDArray[np.int8]:
    """Index into `NOTES`, the first that applies; (L, 2, Q, R)."""
    is_ = {name: coverage == i for i, name in enumerate(COVERAGE)}
    conditions = [
        is_["under 5"],
        coverage < COVERAGE.index("under 5"),
        np.isnan(pool.person_years),
        ~(pool.person_years > 0),
        pool.calls < RATE_FROM,
        is_["partly reported"],
    ]
    names = ["under 5", "", "residents not known", "no residents", "too few to rate", "partly reported"]
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


def numbers(values: Floats) -> pa.Array:
    """Figures to six significant digits; what is not finite is empty."""
    flat = np.where(np.abs(values) < _NOTHING, 0.0, values).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(flat))))
        rounded = np.where(flat == 0, 0.0, np.rint(flat * scale) / scale)
    return pa.array(np.where(np.isfinite(flat), rounded, np.nan), from_pandas=True)


def texts(values: Sequence[str], index: NDArray[np.signedinteger]) -> pa.DictionaryArray:
    """A column of texts: `values` by their index."""
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(list(values), pa.string()))
