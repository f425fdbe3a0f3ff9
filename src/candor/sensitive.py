"""The sensitive kinds of a release made safe: which figures are withheld, with every earlier release in view.

What was published of a count stays told, and what was withheld stays withheld, as long as the count is the same; a
month that was published again has new counts, and the difference is protected as well (`privacy.statements`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy import sparse

from candor.counts_kept import Kept, revised
from candor.measures.dense import DenseCube
from candor.measures.sensitive_figures import ProtectedFigures, Told
from candor.privacy.fold import Cells, fold
from candor.privacy.levels import COUNTY, PUBLISHED, STATE, TOWN, Plan, plan, spans, weights
from candor.privacy.linear import Deadline
from candor.privacy.pattern import ProtectionError
from candor.privacy.statements import OverTime, Version, over_time
from candor.privacy.suppression import Rule, Suppression, suppress

Texts = NDArray[np.str_]
Bools = NDArray[np.bool_]
Months = NDArray[np.datetime64]


_LAST_RESORT = 1000.0
"""So much dearer is it to withhold what a reader knows already."""


class Earlier(NamedTuple):
    """An earlier release: what was counted, the published lines of `sensitive-calls`, and the categories open then."""

    kept: Kept
    lines: pa.Table
    open: frozenset[str] = frozenset()


class Protected(NamedTuple):
    """The figures, how many are withheld because they are small, how many beside them, and how long that took."""

    figures: ProtectedFigures
    small: int
    beside: int
    seconds: float


class _Structure(NamedTuple):
    """The figures of one release, by name, over the counts of all releases together."""

    kept: Kept
    plan: Plan
    names: Texts
    sets: sparse.csr_matrix
    narrow: Bools  # of one town
    column: NDArray[np.int64]  # (towns, months) -> the number of the count

    def counts(self, category: str) -> NDArray[np.float64]:
        """The counts of a category by number."""
        found = np.zeros(self.sets.shape[1])
        found[self.column.ravel()] = self.kept.of(category).ravel()
        return found

    def with_months(self) -> _Structure:
        """The same and every town's months, which are told of an open category."""
        number = self.column[self.kept.reported]
        ones = np.ones(number.size)
        months = sparse.csr_matrix((ones, (np.arange(number.size), number)), shape=(number.size, self.sets.shape[1]))
        return self._replace(
            names=np.concatenate([self.names, np.char.add("month ", number.astype(np.str_))]),
            sets=sparse.vstack([self.sets, months], format="csr"),
            narrow=np.concatenate([self.narrow, ones.astype(np.bool_)]),
        )


class _Said(NamedTuple):
    """What an earlier release said of each of its figures: the value, NaN where withheld; `there`: anything at all."""

    value: NDArray[np.float64]
    there: Bools


def protect(
    cells: DenseCube, now: Kept, rules: Mapping[str, Rule], earlier: Sequence[Earlier], seconds: float
) -> Protected:
    """Choose what is withheld of each category of `cells`, and leave it out.

    `now`: the same counts as they are kept. `rules`: of each category. `earlier`: the oldest first.

    Raises `ProtectionError` where something cannot be protected, `UnfinishedError` after `seconds`.
    """
    deadline = Deadline(seconds)
    structures = _structures([*(e.kept for e in earlier), now])
    said = [_said(e.lines, s.names) for e, s in zip(earlier, structures, strict=False)]
    again = [np.zeros(0, np.int64), *(_revised(a, b) for a, b in pairwise(structures))]
    # What was once told openly of a category that is sensitive now stays told, month by month.
    opened = [s.with_months() if e.open & {*cells.categories} else s for e, s in zip(earlier, structures, strict=False)]
    folded: dict[bytes, tuple[OverTime, Cells]] = {}
    new = structures[-1]
    values, withheld = np.zeros((len(cells.categories), new.names.size), np.int64), []
    small = 0
    for c, category in enumerate(cells.categories):
        was_open = [category in e.open for e in earlier]
        own = [*(o if w else s for o, s, w in zip(opened, structures, was_open, strict=False)), new]
        old = [
            _openly(n, category) if w else s.get(category, _nothing(n))
            for s, n, w in zip(said, own, was_open, strict=False)
        ]
        there = [*(o.there for o in old), np.ones(new.names.size, np.bool_)]
        key = b" ".join(np.packbits(t).tobytes() for t in there)
        if key not in folded:
            folded[key] = _together(own, there, again)
        history, system = folded[key]
        values[c] = new.sets @ new.counts(category)
        past = np.concatenate([np.zeros(0), *(o.value[o.there] for o in old)])
        nothing = _none(new)
        choose = partial(
            suppress,
            system,
            _unknowns(history, structures, category),
            rule=rules[category],
            withheld=np.concatenate([np.isnan(past), nothing]),
            changes=history.changes,
        )
        same = _as_before(own[-2].names, old[-1], new.names, values[c]) if earlier else nothing
        found = _chosen(choose, past, weights(new.plan, values[c]), same, deadline)
        withheld.append(found.suppressed[past.size :])
        small += int(rules[category].small(values[c].astype(np.float64)).sum())
    hidden = np.stack(withheld) if withheld else np.zeros(values.shape, np.bool_)
    values[hidden] = 0
    figures = _figures(cells, new, values, hidden)
    return Protected(figures, small, int(hidden.sum()) - small, seconds - deadline.left())


def _chosen(
    choose: Callable[..., Suppression],
    past: NDArray[np.float64],
    cost: NDArray[np.float64],
    same: Bools,
    deadline: Deadline,
) -> Suppression:
    """What is withheld, `past` being what earlier releases said and `same` the new figures that one of them told so.

    In a month that was published again most figures are what they were, and a reader takes them to be: one that was
    told and is withheld now covers little. So that is the last resort.
    """
    known, free = ~np.isnan(past), np.zeros(past.size)
    try:
        return choose(weights=np.concatenate([free, cost]), told=np.concatenate([known, same]), seconds=deadline.left())
    except ProtectionError:
        if not same.any():
            raise
    dear = np.where(same, _LAST_RESORT * cost, cost)
    return choose(
        weights=np.concatenate([free, dear]),
        told=np.concatenate([known, np.zeros(same.size, np.bool_)]),
        seconds=deadline.left(),
    )


def _structures(history: Sequence[Kept]) -> list[_Structure]:
    geoids = sorted({g for kept in history for g in kept.geoids})
    some = [kept.months for kept in history if kept.months.size]
    if not some:  # no agency reported any month: there is nothing to withhold
        some = [np.array(["1970-01"], "datetime64[M]")]
    first, last = min(m[0] for m in some), max(m[-1] for m in some)
    length = int((last - first).astype(np.int64)) + 1
    return [_structure(kept, geoids, first, length) for kept in history]


def _structure(kept: Kept, geoids: Sequence[str], first: np.datetime64, length: int) -> _Structure:
    names = sorted({name for name in kept.counties if name})
    county = np.array([names.index(name) if name else -1 for name in kept.counties], np.int64)
    found = plan(county, kept.months, kept.reported)
    town = np.searchsorted(geoids, kept.geoids)
    column = town[:, None] * length + (kept.months - first).astype(np.int64)
    sets = sparse.coo_matrix(found.sets)
    moved = sparse.csr_matrix(
        (sets.data, (sets.row, column.ravel()[sets.col])), shape=(sets.shape[0], len(geoids) * length)
    )
    places = {TOWN: kept.geoids, COUNTY: tuple(names), STATE: ("",)}
    place = np.array([places[level][p] for level, p in zip(found.level, found.place, strict=True)], np.str_)
    figures = _names(found.level, place, kept.months[found.first], kept.months[found.last])
    return _Structure(kept, found, figures, moved, found.narrow, column)


def _names(level: Texts, place: Texts, first: Months, last: Months) -> Texts:
    parts = [level, place, first.astype("datetime64[M]").astype(np.str_), last.astype("datetime64[M]").astype(np.str_)]
    return np.array([" | ".join(p) for p in zip(*parts, strict=True)], np.str_)


def _said(lines: pa.Table, names: Texts) -> dict[str, _Said]:
    """By category, what was published of the figures `names`."""
    texts = ("level", "geoid", "place", "category", "coverage")
    level, geoid, name, category, coverage = (_texts(lines[column]) for column in texts)
    first, last = (lines[n].cast(pa.int32()).to_numpy().astype("datetime64[D]") for n in ("first_month", "last_month"))
    figure = _names(level, np.where(level == TOWN, geoid, np.where(level == COUNTY, name, "")), first, last)
    order = np.argsort(names)
    number = order[np.minimum(np.searchsorted(names, figure, sorter=order), names.size - 1)]
    value = pc.fill_null(lines["calls"].cast(pa.float64()), np.nan).to_numpy()
    counted = (names[number] == figure) & (~np.isnan(value) | (coverage == "suppressed"))
    found = {}
    for one in np.unique(category):
        own = np.flatnonzero((category == one) & counted)
        values, there = np.full(names.size, np.nan), np.zeros(names.size, np.bool_)
        values[number[own]], there[number[own]] = value[own], True
        found[str(one)] = _Said(values, there)
    return found


def _as_before(names: Texts, before: _Said, new: Texts, values: NDArray[np.int64]) -> Bools:
    """The figures that the release before told with the same value."""
    told = np.flatnonzero(~np.isnan(before.value))
    order = told[np.argsort(names[told])]
    if not order.size:
        return np.zeros(new.size, np.bool_)
    at = order[np.minimum(np.searchsorted(names[order], new), order.size - 1)]
    return np.asarray((names[at] == new) & (before.value[at] == values))


def _none(structure: _Structure) -> Bools:
    return np.zeros(structure.names.size, np.bool_)


def _nothing(structure: _Structure) -> _Said:
    return _Said(np.full(structure.names.size, np.nan), np.zeros(structure.names.size, np.bool_))


def _openly(structure: _Structure, category: str) -> _Said:
    """Everything, as of a category that was open."""
    return _Said(structure.sets @ structure.counts(category), np.ones(structure.names.size, np.bool_))


def _texts(column: pa.ChunkedArray) -> Texts:
    return np.asarray(column.cast(pa.string()).to_numpy(zero_copy_only=False), np.str_)


def _unknowns(history: OverTime, structures: Sequence[_Structure], category: str) -> NDArray[np.float64]:
    """The true counts of a category as they were in each release."""
    counts = np.zeros(history.statements.sets.shape[1])
    for version, structure in enumerate(structures):
        reported = structure.kept.reported
        counts[history.unknown[version][structure.column[reported]]] = structure.kept.of(category)[reported]
    return counts


def _revised(before: _Structure, now: _Structure) -> NDArray[np.int64]:
    """The numbers of the counts of the months that were published again."""
    months = revised(before.kept, now.kept)
    return now.column[:, np.isin(now.kept.months, months)].ravel()


def _together(
    structures: Sequence[_Structure], there: Sequence[Bools], revised: Sequence[NDArray[np.int64]]
) -> tuple[OverTime, Cells]:
    versions = []
    for structure, some, again in zip(structures, there, revised, strict=True):
        size = int(some.sum())
        marked = np.zeros(structure.sets.shape[1], np.bool_)
        marked[again.astype(np.int64)] = True
        nothing = np.full(size, np.nan)
        versions.append(
            Version(structure.names[some], structure.sets[some], nothing, np.ones(size), structure.narrow[some], marked)
        )
    history = over_time(versions)
    return history, fold(history.statements.sets, history.statements.narrow)


def _figures(cells: DenseCube, new: _Structure, values: NDArray[np.int64], withheld: Bools) -> ProtectedFigures:
    """The chosen figures by level and span, every town of the portal in its place."""
    found, months = new.plan, new.kept.months
    every = spans(months)
    counties = sorted({name for name in cells.counties if name})
    kept_counties = sorted({name for name in new.kept.counties if name})
    where = {
        TOWN: np.array([cells.geoids.index(g) for g in new.kept.geoids], np.int64),
        COUNTY: np.array([counties.index(c) for c in kept_counties], np.int64),
        STATE: np.zeros(1, np.int64),
    }
    size = {TOWN: len(cells.geoids), COUNTY: len(counties), STATE: 1}
    kinds = {
        level: {kind: tuple((months[a], months[b]) for a, b in every[kind]) for kind in of_level}
        for level, of_level in PUBLISHED.items()
    }
    told = {}
    for level, of_level in PUBLISHED.items():
        for kind in of_level:
            for first, last in every[kind]:
                at = np.flatnonzero((found.level == level) & (found.first == first) & (found.last == last))
                place = where[level][found.place[at]]
                calls = np.zeros((values.shape[0], size[level]), np.int64)
                hidden = np.zeros(calls.shape, np.bool_)
                calls[:, place], hidden[:, place] = values[:, at], withheld[:, at]
                told[level, months[first], months[last]] = Told(calls, hidden)
    without = replace(cells, calls=np.zeros_like(cells.calls), suppressed=np.zeros_like(cells.suppressed))
    return ProtectedFigures(without, told, kinds)
