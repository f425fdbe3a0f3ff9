"""The same calls by several denominators side by side: residents, persons present, and the town's own calls.

None of them is the right one. Residents are those who live there; a declared adjustment adds those who are there for a
season or a day; the share of a town's own calls needs no persons at all. Where a town's place among the towns depends
much on the choice, the data say so. Everything is computed from the protected cube alone.

A rank is never told without its 95 % interval, nor without how many towns have none. Source: Klein M, Wright T and
Wieczorek J (2020), A joint confidence region for an overall ranking of populations, JRSS C 69, 589-606.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.measures.columns import TEXT, numbers, texts
from candor.measures.dense import Bools, DenseCube, Ints
from candor.measures.lines import NOTES, PER, RATE_FROM, coverage_of, note_of
from candor.measures.periods import pooled_periods
from candor.measures.pools import INITIATED_BY, Pool, Series, series_of, town_pool
from candor.measures.standing import provisional
from candor.measures.wander import Wander
from candor.statistics.intervals import Floats, wilson
from candor.statistics.negative_binomial import mean_interval
from candor.vocabulary.coverage import COVERAGE

_T = TypeVar("_T", bound=np.generic)

RESIDENTS: Final = "residents"
CALLS: Final = "calls"
"""The names of the two denominators that every portal has."""

UNITS: Final = ("calls per 1,000 residents and year", "calls per 1,000 persons and year", "% of the town's calls")

RANKED_FROM: Final = 12
"""The towns that must have a figure for their order to mean something: a quarter of them is at least three places."""

DEPENDS_FROM: Final = 0.25
"""A town's rank depends on the denominator where it moves by more than this part of the ranked towns. So it always
changes the quarter in which it stands, too."""

SCHEMA: Final = pa.schema(
    [
        *((name, TEXT) for name in ("geoid", "place", "county", "period")),
        *((name, pa.date32()) for name in ("first_month", "last_month")),
        *((name, TEXT) for name in ("category", "category_level", "initiated_by", "coverage")),
        ("provisional", pa.bool_()),
        ("months_reported", pa.int64()),
        ("calls", pa.int64()),
        ("denominator", TEXT),
        ("base", pa.int64()),
        *((name, pa.float64()) for name in ("figure", "low", "high")),
        ("unit", TEXT),
        *((name, pa.int64()) for name in ("rank", "rank_low", "rank_high", "towns_ranked", "towns_not_ranked")),
        ("rank_depends", pa.bool_()),
        ("note", TEXT),
    ]
)
"""The columns of `call-denominators-by-town`."""


@dataclass(frozen=True)
class Persons:
    """A denominator beside residents: the persons of each place and month of the cube, (P, M), NaN where not known."""

    name: str
    persons: Floats


@dataclass(frozen=True)
class _Column:
    """The figures by one denominator: arrays (L, 2, Q, R), NaN where there is none."""

    name: str
    unit: int  # index into UNITS
    base: Floats  # what the calls are divided by: persons, or the town's calls
    rates: tuple[Floats, Floats, Floats]  # figure, low, high
    note: NDArray[np.int8]  # index into NOTES
    shown: Bools  # (L,): whether the series has a line


def denominator_figures(
    cells: DenseCube,
    sensitive_categories: Collection[str],
    adjusted: Sequence[Persons] = (),
    wander: Wander | None = None,
) -> pa.Table:
    """The data set `call-denominators-by-town` (`SCHEMA`) from the protected cube.

    One line for each town that is covered in some month, each series, initiator, long period (calendar years, the last
    12 and 36 months, all) and denominator. Rates are calls per 1,000 persons and year with the interval of a count
    that wanders (`wander`, of the cube's series; of Poisson's without it), the share is calls of a kind per 100 calls
    in open categories with Wilson's; both from 10 calls on. A sensitive category is no part of those calls and has no
    share. `rank` 1 is the highest figure among towns that reported the whole period; equal figures have the same rank,
    `rank_low` and `rank_high` are the best and the worst that the intervals leave possible (`rank_limits`), and
    `towns_not_ranked` the towns that are covered in the period and have no rank. `rank_depends`: see `rank_depends`.

    Sorted by town; within by series, initiator, period, denominator.
    """
    anywhere = np.flatnonzero(cells.covered.any(axis=0))
    if not len(anywhere):
        return SCHEMA.empty_table()
    periods = pooled_periods(cells.months[anywhere[0] : anywhere[-1] + 1])
    series = series_of(cells, sensitive_categories)
    towns = np.flatnonzero(cells.covered.any(axis=1))
    pool = town_pool(cells, series, periods, towns)
    nothing = Series((), (), series.calls[:0], series.untold[:0])
    c = np.zeros(pool.calls.shape[:3]) if wander is None else wander.over(periods).c
    columns = []
    for one in (Persons(RESIDENTS, cells.residents), *adjusted):
        # Each by its own persons alone, whatever it is that the portal's other rates are by.
        people = town_pool(replace(cells, residents=one.persons, persons=None), nothing, periods, towns)
        columns.append(_rates(pool, one.name, people, c))
    share = _share(series, pool, sensitive_categories)
    columns += [share] if share else []
    complete = ~provisional(pool)
    whole = [[np.where(complete, values, np.nan) for values in column.rates] for column in columns]
    ranked = [ranks(figure) for figure, _, _ in whole]
    limits = [rank_limits(low, high) for _, low, high in whole]
    covered = pool.covered.sum(axis=-1, keepdims=True)
    of_persons = [column.name != CALLS for column in columns]
    depends = rank_depends(np.stack([rank for rank, _ in ranked]), np.stack([of for _, of in ranked]), of_persons)
    spread = _Spread(pool.calls.shape, np.stack([column.shown for column in columns]))
    coverage = coverage_of(pool)
    known = coverage >= COVERAGE.index("partly reported")
    first, last = (np.array(days, "datetime64[D]") for days in zip(*((p.first, p.last) for p in periods), strict=True))
    what, who, when, where, by = spread.index
    names = [tuple(values[i] for i in towns) for values in (cells.geoids, cells.names, cells.counties)]
    # A town that was part of another for a while has its own name for those who are not known.
    notes = [*NOTES, *(note.replace("residents", "persons") for note in NOTES)]
    note = np.stack([c.note + (0 if c.name in (RESIDENTS, CALLS) else len(NOTES)) for c in columns])
    is_ranked = spread.of_all([rank for rank, _ in ranked]) > 0
    found: dict[str, pa.Array] = {
        "geoid": texts(names[0], where),
        "place": texts(names[1], where),
        "county": texts(names[2], where),
        "period": texts([p.name for p in periods], when),
        "first_month": pa.array(first[when], pa.date32()),
        "last_month": pa.array(last[when], pa.date32()),
        "category": texts(series.names, what),
        "category_level": texts(series.levels, what),
        "initiated_by": texts(INITIATED_BY, who),
        "coverage": texts(COVERAGE, spread.of_place(coverage)),
        "provisional": pa.array(spread.of_place(provisional(pool))),
        "months_reported": pa.array(spread.of_place(pool.months)),
        "calls": pa.array(spread.of_place(pool.calls), mask=~spread.of_place(known)),
        "denominator": texts([c.name for c in columns], by),
        "base": pa.array(np.rint(spread.of_all([c.base for c in columns])), from_pandas=True).cast(pa.int64()),
        "figure": numbers(spread.of_all([c.rates[0] for c in columns])),
        "low": numbers(spread.of_all([c.rates[1] for c in columns])),
        "high": numbers(spread.of_all([c.rates[2] for c in columns])),
        "unit": texts(UNITS, np.array([c.unit for c in columns])[by]),
        "rank": _ranks_or_none(is_ranked, spread.of_all([rank for rank, _ in ranked])),
        "rank_low": _ranks_or_none(is_ranked, spread.of_all([best for best, _ in limits])),
        "rank_high": _ranks_or_none(is_ranked, spread.of_all([worst for _, worst in limits])),
        "towns_ranked": _ranks_or_none(is_ranked, spread.of_all([of for _, of in ranked])),
        "towns_not_ranked": _ranks_or_none(is_ranked, spread.of_all([covered - of for _, of in ranked])),
        "rank_depends": pa.array(spread.of_all(depends)),
        "note": texts(notes, spread.of_all(note)),
    }
    return pa.table([found[name] for name in SCHEMA.names], schema=SCHEMA)


def ranks(figures: Floats) -> tuple[Ints, Ints]:
    """The rank of each figure along the last axis, 1 the highest, and how many are ranked; 0 where there is NaN.

    Equal figures have the same rank, the best of theirs. Both results have the shape of `figures`.
    """
    order = np.argsort(-figures, axis=-1, kind="stable")  # NaN is last
    values = np.take_along_axis(figures, order, axis=-1)
    new = np.ones(values.shape, np.bool_)
    new[..., 1:] = values[..., 1:] != values[..., :-1]
    place = np.broadcast_to(np.arange(1, values.shape[-1] + 1), values.shape)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
    rank = np.zeros(figures.shape, np.int64)
    np.put_along_axis(rank, order, np.where(np.isnan(values), 0, first), axis=-1)
    towns = np.broadcast_to((rank > 0).sum(axis=-1, keepdims=True), rank.shape)
    return rank, np.where(rank > 0, towns, 0)


def rank_limits(low: Floats, high: Floats) -> tuple[Ints, Ints]:
    """The best and the worst rank along the last axis that intervals leave possible; 0 where a limit is NaN.

    Best: one more than there are intervals that lie wholly above. Worst: as many as are ranked, less those that lie
    wholly below. What touches overlaps.
    """
    best, worst = np.zeros(low.shape, np.int64), np.zeros(low.shape, np.int64)
    for at in np.ndindex(low.shape[:-1]):  # series, initiators, periods
        known = np.flatnonzero(~np.isnan(low[at]) & ~np.isnan(high[at]))
        lows, highs = low[at][known], high[at][known]
        best[(*at, known)] = 1 + len(known) - np.searchsorted(np.sort(lows), highs, side="right")
        worst[(*at, known)] = len(known) - np.searchsorted(np.sort(highs), lows, side="left")
    return best, worst


def rank_depends(rank: Ints, towns: Ints, persons: Sequence[bool]) -> Bools:
    """Where a town's rank depends on the denominator: (D, ...), from ranks of D denominators, residents first.

    By a denominator other than residents: the town stands more than a quarter of the ranked towns away from where it
    stands by residents, each rank being taken as a part of the towns that are ranked by it. By residents: any of the
    others that count `persons` is so; a share asks another question (what the town's calls are about, not how many
    there are), so it alone makes no rate doubtful. Never where fewer than `RANKED_FROM` towns are ranked by one of two.
    """
    enough = (rank > 0) & (towns >= RANKED_FROM)
    stands = np.divide(rank - 0.5, towns, out=np.zeros(rank.shape), where=towns > 0)
    depends = enough & enough[:1] & (np.abs(stands - stands[:1]) > DEPENDS_FROM)
    depends[0] = depends[np.array(persons)].any(axis=0)
    return np.asarray(depends)


def _rates(pool: Pool, name: str, persons: Pool, c: Floats) -> _Column:
    """Rates by the `residents` and `person_years` of another pool of the same periods and places; c is (L, 2, Q)."""
    by = replace(pool, person_years=persons.person_years)
    coverage = coverage_of(pool)
    rated = (coverage >= COVERAGE.index("partly reported")) & (pool.calls >= RATE_FROM) & (by.person_years > 0)
    calls, person_years = pool.calls[rated], np.broadcast_to(by.person_years, rated.shape)[rated]
    lower, upper = mean_interval(calls, np.broadcast_to(c[..., None], rated.shape)[rated])
    rate, low, high = (_filled(rated, values / person_years * PER) for values in (calls, lower, upper))
    base, shown = np.broadcast_to(persons.residents, rated.shape), np.ones(len(pool.calls), np.bool_)
    return _Column(name, 0 if name == RESIDENTS else 1, base, (rate, low, high), note_of(coverage, by), shown)


def _share(series: Series, pool: Pool, sensitive: Collection[str]) -> _Column | None:
    """Calls of each open series per 100 calls in open categories; None where no category is open."""
    whole = np.flatnonzero(np.array(series.levels) == "all")
    if not len(whole):
        return None
    levels, names = np.array(series.levels), np.array(series.names)
    shown = (levels == "group") | ((levels == "category") & ~np.isin(names, list(sensitive)))
    total = pool.calls[whole[:1]]
    coverage = coverage_of(pool)
    known = coverage >= COVERAGE.index("partly reported")
    rated = known & shown[:, None, None, None] & (pool.calls >= RATE_FROM)
    n = np.broadcast_to(total, rated.shape)
    limits = wilson(pool.calls[rated], n[rated])
    part, low, high = (_filled(rated, 100 * v) for v in (pool.calls[rated] / n[rated], limits.lower, limits.upper))
    # Of a share nobody asks for residents: a year of one person for each.
    note = note_of(coverage, replace(pool, person_years=np.ones(pool.months.shape)))
    return _Column(CALLS, 2, np.where(known, n, np.nan), (part, low, high), note, shown)


def _filled(where: Bools, values: Floats) -> Floats:
    column = np.full(where.shape, np.nan)
    column[where] = values
    return column


def _ranks_or_none(is_ranked: Bools, values: NDArray[np.int64]) -> pa.Array:
    return pa.array(values, mask=~is_ranked)


class _Spread:
    """Arrays (L, 2, Q, R) of D denominators as columns of lines: sorted by place, series, initiator, period, D."""

    def __init__(self, shape: tuple[int, ...], shown: Bools) -> None:
        self._full = (len(shown), *shape)
        self._kept = self._flat(np.broadcast_to(shown[:, :, None, None, None], self._full))

    @property
    def index(self) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Of each line: the index of its series, initiator, period, place and denominator."""
        by, what, who, when, where = (
            self._flat(np.broadcast_to(grid, self._full))[self._kept]
            for grid in np.meshgrid(*(np.arange(n) for n in self._full), indexing="ij", sparse=True)
        )
        return what, who, when, where, by

    def of_place(self, values: NDArray[_T]) -> NDArray[_T]:
        """A column of what is the same for every denominator: (L, 2, Q, R), or what broadcasts to it."""
        return np.asarray(self._flat(np.broadcast_to(values, self._full))[self._kept])

    def of_all(self, values: Sequence[NDArray[_T]] | NDArray[_T]) -> NDArray[_T]:
        """A column of what each denominator has its own of: D arrays (L, 2, Q, R)."""
        return np.asarray(self._flat(np.stack(list(values)))[self._kept])

    @staticmethod
    def _flat(values: NDArray[_T]) -> NDArray[_T]:
        return np.asarray(values.transpose(4, 1, 2, 3, 0)).ravel()
