"""Sums of the cube's cells over categories, months and towns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from candor.measures.dense import Bools, DenseCube, Ints
from candor.measures.intervals import Floats
from candor.measures.periods import Period, membership, year_shares

INITIATED_BY = ("citizen", "all")
CATEGORY_LEVELS = ("all", "group", "category")


@dataclass(frozen=True)
class Series:
    """What is counted: all open categories, each group's, each category; L series, by the 2 of `INITIATED_BY`."""

    levels: tuple[str, ...]
    names: tuple[str, ...]
    calls: Ints  # (L, 2, P, M)
    suppressed: Bools  # (L, 2, P, M)


@dataclass(frozen=True)
class Pool:
    """Sums over the months of Q periods, for R places. What does not depend on the series is (Q, R)."""

    calls: Ints  # (L, 2, Q, R)
    suppressed: Bools  # (L, 2, Q, R)
    covered: Bools  # (Q, R): any month
    complete: Bools  # (Q, R): every month reported
    months: Ints  # (Q, R): reported
    towns: Ints | None  # (Q, R): that reported, of the state
    residents: Floats  # (Q, R), NaN where not known
    person_years: Floats  # (Q, R)
    area: Ints | None = None  # (Q, R): which of its areas the place had, -1 where it changed within; None: always one


def series_of(cells: DenseCube, sensitive: Collection[str]) -> Series:
    """The series of a cube. Totals are over open categories alone: a group that has only sensitive ones has none.

    Raises `ValueError` where a cell is suppressed whose category is not among the `sensitive`: the totals would contain
    it.
    """
    every = np.arange(len(cells.categories))
    is_open = ~np.isin(cells.categories, list(sensitive))
    unlisted = [name for i, name in enumerate(cells.categories) if is_open[i] and cells.suppressed[i].any()]
    if unlisted:
        raise ValueError(f"{', '.join(unlisted)}: suppressed cells, and not among the sensitive categories")
    groups = np.array(cells.groups)
    wanted = [("all", "all", every[is_open])]
    wanted += [("group", str(group), every[is_open & (groups == group)]) for group in np.unique(groups)]
    wanted += [("category", name, every[i : i + 1]) for i, name in enumerate(cells.categories)]
    wanted = [entry for entry in wanted if len(entry[2])]
    shape = (len(wanted), *cells.calls.shape[1:])
    calls, suppressed = np.empty(shape, np.int64), np.empty(shape, np.bool_)
    for i, (_, _, members) in enumerate(wanted):
        calls[i], suppressed[i] = cells.calls[members].sum(axis=0), cells.suppressed[members].any(axis=0)
    calls[:, 1] += calls[:, 0]  # citizen, officer -> citizen, all
    suppressed[:, 1] |= suppressed[:, 0]
    return Series(tuple(w[0] for w in wanted), tuple(w[1] for w in wanted), calls, suppressed)


def town_pool(cells: DenseCube, series: Series, periods: Sequence[Period], towns: NDArray[np.int64]) -> Pool:
    """The towns with the indices `towns`, each on its own."""
    inside = membership(periods, cells.months)
    reported, residents = cells.reported[towns], cells.residents[towns]
    months = _over(inside, reported)
    person_months = _amounts(inside, np.where(reported, residents, 0.0))
    person_years = _amounts(inside, np.where(reported, residents * year_shares(cells.months), 0.0))
    return Pool(
        calls=_over(inside, series.calls[:, :, towns]),
        suppressed=_over(inside, series.suppressed[:, :, towns]) > 0,
        covered=_over(inside, cells.covered[towns]) > 0,
        complete=months == _lengths(periods),
        months=months,
        towns=None,
        residents=np.where(months > 0, _mean(person_months, months), _mean(*_known(inside, residents))),
        person_years=person_years,
        area=None if cells.area is None else _one_of(inside, cells.area[towns]),
    )


def comparable_pool(cells: DenseCube, series: Series, periods: Sequence[Period]) -> Pool:
    """The state as what towns are compared with: only the months of towns whose residents are known."""
    known = ~np.isnan(cells.residents)
    calls, suppressed = (np.where(known, a, np.zeros_like(a)) for a in (series.calls, series.suppressed))
    return state_pool(
        replace(cells, reported=cells.reported & known, covered=cells.covered & known),
        replace(series, calls=calls, suppressed=suppressed),
        periods,
    )


def state_pool(cells: DenseCube, series: Series, periods: Sequence[Period]) -> Pool:
    """The state: its towns' reported months together, as one place (R = 1)."""
    inside = membership(periods, cells.months)
    reported = _over(inside, cells.reported)  # (Q, P): months of each town
    declared = _over(inside, cells.covered) > 0
    months = _over(inside, np.any(cells.reported, axis=0, keepdims=True))
    # A town that reported and whose residents are not known leaves the state without a rate: its calls are in the sum.
    person_months, person_years = (
        _amounts(inside, np.where(cells.reported, persons, 0.0)).sum(axis=1, keepdims=True)
        for persons in (cells.residents, cells.residents * year_shares(cells.months))
    )
    return Pool(
        calls=_over(inside, series.calls.sum(axis=2, keepdims=True)),
        suppressed=_over(inside, np.any(series.suppressed, axis=2, keepdims=True)) > 0,
        covered=np.any(declared, axis=1, keepdims=True),
        complete=(~declared | (reported == _lengths(periods))).all(axis=1, keepdims=True),
        months=months,
        towns=(reported > 0).sum(axis=1, keepdims=True),
        residents=_mean(person_months, months),
        person_years=person_years,
    )


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
