"""Sums of the cube's cells over categories, months and towns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools, DenseCube, Ints
from candor.measures.periods import YEAR, Period, membership, year_shares
from candor.statistics.intervals import Floats

_T = TypeVar("_T", bound=np.generic)

INITIATED_BY = ("citizen", "all")
CATEGORY_LEVELS = ("all", "group", "category")


@dataclass(frozen=True)
class Series:
    """What is counted: all open categories, each group's, each category; L series, by the 2 of `INITIATED_BY`."""

    levels: tuple[str, ...]
    names: tuple[str, ...]
    calls: Ints  # (L, 2, P, M)
    untold: Bools  # (L, 2, P, M)
    parts: Ints | None = None  # (L, 2, P, M): the rows, where several are of one event that is counted


@dataclass(frozen=True)
class Pool:
    """Sums over the months of Q periods, for R places. What does not depend on the series is (Q, R)."""

    calls: Ints  # (L, 2, Q, R)
    untold: Bools  # (L, 2, Q, R): there is no figure to compute with
    covered: Bools  # (Q, R): any month
    complete: Bools  # (Q, R): every month reported
    months: Ints  # (Q, R): reported
    towns: Ints | None  # (Q, R): that reported, of the state
    residents: Floats  # (Q, R), NaN where not known
    person_years: Floats  # (Q, R)
    waiting: Bools | None = None  # (Q, R): a month of it will be published later
    state: NDArray[np.int8] | None = None  # (L, 2, Q, R): what is known of a figure (`lines.COVERAGE`), -1: as counted
    spread: Ints | None = None  # (L, 2, Q, R): the count is this much more or less, for it is told rounded
    persons: Floats | None = None  # (Q, R): what rates are by, where that is not residents
    area: Ints | None = None  # (Q, R): which of its areas the place had, -1 where it changed within; None: always one
    parts: Ints | None = None  # (L, 2, Q, R): the rows, where several are of one event that is counted


def series_of(cells: DenseCube, sensitive: Collection[str]) -> Series:
    """The series of a cube. Totals are over open categories alone: a group that has only sensitive ones has none.

    A total of a month is that of the kinds that were open in it: cells that are not told are not in it. An event of
    several kinds counts once in a total; rows add up.
    """
    every = np.arange(len(cells.categories))
    is_open = ~np.isin(cells.categories, list(sensitive))
    groups = np.array(cells.groups)
    wanted = [("all", "all", every[is_open])]
    wanted += [("group", str(group), every[is_open & (groups == group)]) for group in np.unique(groups)]
    wanted += [("category", name, every[i : i + 1]) for i, name in enumerate(cells.categories)]
    wanted = [entry for entry in wanted if len(entry[2])]
    shape = (len(wanted), *cells.calls.shape[1:])
    calls, untold = np.empty(shape, np.int64), np.zeros(shape, np.bool_)
    parts = None if cells.parts is None else np.empty(shape, np.int64)
    again = {} if cells.again is None else dict(zip([*np.unique(groups).tolist(), "all"], cells.again, strict=True))
    for i, (level, name, members) in enumerate(wanted):
        calls[i] = cells.calls[members].sum(axis=0)
        if level == "category":
            untold[i] = cells.untold[members].any(axis=0)
        elif name in again:
            calls[i] -= again[name]
        if parts is not None and cells.parts is not None:
            parts[i] = cells.parts[members].sum(axis=0)
    calls[:, 1] += calls[:, 0]  # citizen, officer -> citizen, all
    untold[:, 1] |= untold[:, 0]
    if parts is not None:
        parts[:, 1] += parts[:, 0]
    return Series(tuple(w[0] for w in wanted), tuple(w[1] for w in wanted), calls, untold, parts)


def town_pool(cells: DenseCube, series: Series, periods: Sequence[Period], towns: NDArray[np.int64]) -> Pool:
    """The towns with the indices `towns`, each on its own."""
    inside = membership(periods, cells.months)
    reported, residents, persons = cells.reported[towns], cells.residents[towns], cells.present[towns]
    months = _over(inside, reported)
    person_months = _amounts(inside, np.where(reported, residents, 0.0))
    person_years = _amounts(inside, np.where(reported, persons * year_shares(cells.months), 0.0))
    return Pool(
        calls=_over(inside, series.calls[:, :, towns]),
        untold=_over(inside, series.untold[:, :, towns]) > 0,
        covered=_over(inside, cells.covered[towns]) > 0,
        complete=months == _lengths(periods),
        months=months,
        towns=None,
        residents=np.where(months > 0, _mean(person_months, months), _mean(*_known(inside, residents))),
        person_years=person_years,
        waiting=None if cells.waiting is None else _over(inside, cells.waiting[towns]) > 0,
        persons=None if cells.persons is None else _mean(_amounts(inside, np.where(reported, persons, 0.0)), months),
        area=None if cells.area is None else _one_of(inside, cells.area[towns]),
        parts=None if series.parts is None else _over(inside, series.parts[:, :, towns]),
    )


def comparable_pool(cells: DenseCube, series: Series, periods: Sequence[Period]) -> Pool:
    """The state as what towns are compared with: only the months of towns whose residents are known."""
    known = ~np.isnan(cells.present)
    calls, untold = (np.where(known, a, np.zeros_like(a)) for a in (series.calls, series.untold))
    return state_pool(
        replace(cells, reported=cells.reported & known, covered=cells.covered & known),
        replace(series, calls=calls, untold=untold),
        periods,
    )


def state_pool(cells: DenseCube, series: Series, periods: Sequence[Period]) -> Pool:
    """The state: its towns' reported months together, as one place (R = 1)."""
    inside = membership(periods, cells.months)
    reported = _over(inside, cells.reported)  # (Q, P): months of each town
    declared = _over(inside, cells.covered) > 0
    months = _over(inside, np.any(cells.reported, axis=0, keepdims=True))
    # A town that reported and whose residents are not known leaves the state without a rate: its calls are in the sum.
    person_months, person_years, persons = (
        _amounts(inside, np.where(cells.reported, persons, 0.0)).sum(axis=1, keepdims=True)
        for persons in (cells.residents, cells.present * year_shares(cells.months), cells.present)
    )
    return Pool(
        calls=_over(inside, series.calls.sum(axis=2, keepdims=True)),
        untold=_over(inside, np.any(series.untold, axis=2, keepdims=True)) > 0,
        covered=np.any(declared, axis=1, keepdims=True),
        complete=(~declared | (reported == _lengths(periods))).all(axis=1, keepdims=True),
        months=months,
        towns=(reported > 0).sum(axis=1, keepdims=True),
        residents=_mean(person_months, months),
        person_years=person_years,
        persons=None if cells.persons is None else _mean(persons, months),
        waiting=None if cells.waiting is None else np.any(_over(inside, cells.waiting) > 0, axis=1, keepdims=True),
        parts=None if series.parts is None else _over(inside, series.parts.sum(axis=2, keepdims=True)),
    )


def year_before(
    cells: DenseCube, series: Series, periods: Sequence[Period], towns: NDArray[np.int64]
) -> tuple[Pool, Pool]:
    """Towns in some periods and in the same months a year before, counting only the months that both reported.

    A period longer than a year has none before, and one of which fewer than half of the months can be compared has no
    counterpart: its `months` are 0 in both.
    """
    late, inside = len(cells.months), membership(periods, cells.months)
    both = np.zeros(cells.reported.shape, np.bool_)
    both[:, YEAR:] = cells.reported[:, YEAR:] & cells.reported[:, :-YEAR]

    def moved(values: NDArray[_T]) -> NDArray[_T]:
        """What was a year before each month; of the first year nothing."""
        back = np.zeros_like(values)
        back[..., YEAR:] = values[..., : max(late - YEAR, 0)]
        return back

    pools = []
    for of in (lambda values: values, moved):
        there = replace(
            cells,
            reported=both,
            residents=of(cells.residents),
            persons=None if cells.persons is None else of(cells.present),
            area=None if cells.area is None else of(cells.area),
        )
        calls, untold = (np.where(both, of(a), np.zeros_like(a)) for a in (series.calls, series.untold))
        pool = town_pool(there, replace(series, calls=calls, untold=untold), periods, towns)
        # Each by its own time: February is longer in a leap year.
        years = of(cells.present * year_shares(cells.months))[towns]
        pools.append(replace(pool, person_years=_amounts(inside, np.where(both[towns], years, 0.0))))
    length = _lengths(periods)
    fair = (length <= YEAR) & (2 * pools[0].months >= length)
    now, before = (replace(pool, months=np.where(fair, pool.months, 0)) for pool in pools)
    return now, before


def chosen(where: Bools, one: Pool, other: Pool) -> Pool:
    """Of each of the Q periods the pool `one` where `where` (Q,) says so, else `other`."""
    return _mapped(lambda a, b: np.asarray(np.where(where[:, None], a, b)), one, other)


def only(pool: Pool, places: NDArray[np.int64]) -> Pool:
    """Some of the places of a pool, by their positions."""
    return _mapped(lambda values: np.asarray(values[..., places]), pool)


def of_periods(pool: Pool, periods: NDArray[np.int64]) -> Pool:
    """Some of the periods of a pool, by their positions."""
    return _mapped(lambda values: np.asarray(values[..., periods, :]), pool)


def side_by_side(pools: Sequence[Pool]) -> Pool:
    """Pools of the same series and periods as one, their places one after another."""
    return _mapped(lambda *values: np.concatenate(values, axis=-1), *pools)


def _mapped(of: Callable[..., NDArray[np.generic]], *pools: Pool) -> Pool:
    """A pool of what `of` makes of each array of the pools; what one of them does not have, it has not."""
    names = [name for name in Pool.__dataclass_fields__ if all(getattr(p, name) is not None for p in pools)]
    made = {n: of(*(getattr(p, n) for p in pools)) if n in names else None for n in Pool.__dataclass_fields__}
    return replace(pools[0], **made)  # type: ignore[arg-type]  # each is of its own field's kind


def spread_of(pool: Pool) -> Ints:
    """How much more or less than told each count may be: (L, 2, Q, R)."""
    return np.zeros(pool.calls.shape, np.int64) if pool.spread is None else pool.spread


def same_towns(cells: DenseCube, one: Sequence[Period], other: Sequence[Period]) -> Bools:
    """Whether every town reported as many months of each of the Q periods as of its counterpart: (Q, 1)."""
    reported = (_over(membership(periods, cells.months), cells.reported) for periods in (one, other))
    return np.asarray((next(reported) == next(reported)).all(axis=1, keepdims=True))


def _one_of(inside: Bools, values: Ints) -> Ints:
    """The one value of all months of each of the Q periods, -1 where there are several or no month: (Q, P)."""
    low, high = (np.full(_shape(inside, values), -1) for _ in range(2))
    for i, months in enumerate(inside):
        if months.any():
            low[i], high[i] = values[..., months].min(axis=-1), values[..., months].max(axis=-1)
    return np.where(low == high, low, -1)


def _known(inside: Bools, values: Floats) -> tuple[Floats, Ints]:
    """Sums over the months of which a value is known, and how many those are: (Q, P) each."""
    known = ~np.isnan(values)
    return _amounts(inside, np.where(known, values, 0.0)), _over(inside, known)


def _mean(total: Floats, number: Ints) -> Floats:
    mean = np.full(total.shape, np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return mean


def _lengths(periods: Sequence[Period]) -> Ints:
    """The months of each period: (Q, 1)."""
    return np.array([period.months for period in periods], np.int64)[:, None]


def _over(inside: Bools, values: NDArray[np.int64 | np.bool_]) -> Ints:
    """Numbers of (..., P, M) added up over the months of each of the Q periods: (..., Q, P)."""
    sums = np.empty(_shape(inside, values), np.int64)
    for i, months in enumerate(inside):  # a few dozen periods; a product of matrices would copy all of it as floats
        values[..., months].sum(axis=-1, out=sums[..., i, :])
    return sums


def _amounts(inside: Bools, values: Floats) -> Floats:
    """The same of amounts that are no whole numbers; NaN where one of them is."""
    sums = np.empty(_shape(inside, values))
    for i, months in enumerate(inside):
        values[..., months].sum(axis=-1, out=sums[..., i, :])
    return sums


def _shape(inside: Bools, values: NDArray[np.generic]) -> tuple[int, ...]:
    return (*values.shape[:-2], len(inside), values.shape[-2])
