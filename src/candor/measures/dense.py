"""The cube as arrays: category x initiator x town x month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.measures.cube import INITIATORS, PARTS

STATES = ("not covered", "not yet", "not reported", "by county only", "zero", "reported")
"""What a cell of the cube can be. From `by county only` on the town reported the month."""

_NOT_YET, _NOT_REPORTED, _UNTOLD = (STATES.index(s) for s in ("not yet", "not reported", "by county only"))

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True)
class DenseCube:
    """The lines of towns, as arrays. C categories, 2 initiators (`cube.INITIATORS`), P towns, M consecutive months."""

    geoids: tuple[str, ...]
    names: tuple[str, ...]
    counties: tuple[str, ...]
    residents: NDArray[np.float64]  # (P, M): of the year of the month; NaN where not known
    months: NDArray[np.datetime64]  # (M,), datetime64[M]
    categories: tuple[str, ...]
    groups: tuple[str, ...]  # of the categories
    calls: Ints  # (C, 2, P, M), 0 where there is no count
    untold: Bools  # (C, 2, P, M): reported, and not told of towns, for the kind was sensitive
    reported: Bools  # (P, M)
    covered: Bools  # (P, M): reported, or declared and not reported
    waiting: Bools | None = None  # (P, M): will be published when it is settled; None: nothing is
    area: Ints | None = None  # (P, M): `residents.areas_by_month`; None where every place has always been the same
    persons: NDArray[np.float64] | None = None  # (P, M): what rates are by, where that is not residents
    parts: Ints | None = None  # (C, 2, P, M): the rows, where several are of one event that is counted
    again: Ints | None = None  # (G + 1, 2, P, M): `several.counted_again`; None where sums over kinds are right

    @property
    def present(self) -> NDArray[np.float64]:
        """The persons that rates are by, (P, M): residents where nobody said how many are present; NaN: not known."""
        if self.persons is None:
            return self.residents
        return np.where(np.isnan(self.persons), self.residents, self.persons)


def dense(cube: pa.Table) -> DenseCube:
    """The lines of towns of a cube; the lines without a town are left out.

    `cube` has the columns of `calls-by-town`, and `parts` where several rows are of one event, in any order of lines.

    Raises `ValueError` where a town, month, category and initiator has no line or two, or where the lines of a town and
    month contradict each other about its coverage.
    """
    lines = cube.filter(pc.not_equal(cube["geoid"], ""))
    place, geoids = _codes(lines["geoid"])
    category, categories = _codes(lines["category"])
    initiator = _known(lines["initiated_by"], INITIATORS)
    state = _known(lines["coverage"], STATES)
    month = lines["month"].cast(pa.int32()).to_numpy().astype("datetime64[D]").astype("datetime64[M]")
    months = _consecutive(month)
    offset = (month - months[0]).astype(np.int64) if len(months) else np.zeros(0, np.int64)

    shape = (len(categories), len(INITIATORS), len(geoids), len(months))
    cell = np.ravel_multi_index((category, initiator, place, offset), shape) if lines.num_rows else offset
    states = np.full(shape, -1, np.int8)
    states.reshape(-1)[cell] = state
    if (states < 0).any() or states.size != lines.num_rows:
        raise ValueError(f"one line for each category, initiator, town, month {shape}, found {lines.num_rows} lines")
    calls, parts = np.zeros(shape, np.int64), None
    calls.reshape(-1)[cell] = lines["calls"].fill_null(0).to_numpy()
    if PARTS in lines.column_names:
        parts = np.zeros(shape, np.int64)
        parts.reshape(-1)[cell] = lines[PARTS].fill_null(0).to_numpy()
    reported, covered, waiting = _base(states)
    residents = np.full(shape[2:], np.nan)
    residents[place, offset] = lines["residents"].cast(pa.float64()).to_numpy()

    return DenseCube(
        geoids=geoids,
        names=_texts(lines["place"], place, len(geoids)),
        counties=_texts(lines["county"], place, len(geoids)),
        residents=residents,
        months=months,
        categories=categories,
        groups=_texts(lines["category_group"], category, len(categories)),
        calls=calls,
        untold=states == _UNTOLD,
        reported=reported,
        covered=covered,
        waiting=waiting,
        parts=parts,
    )


def of_categories(cube: DenseCube, index: NDArray[np.int64]) -> DenseCube:
    """The categories with these indices, of the same towns and months; how much they count again is asked anew."""
    names, groups = (tuple(texts[i] for i in index) for texts in (cube.categories, cube.groups))
    return replace(
        cube, categories=names, groups=groups, calls=cube.calls[index], untold=cube.untold[index],
        parts=None if cube.parts is None else cube.parts[index], again=None,
    )  # fmt: skip


def _base(states: NDArray[np.int8]) -> tuple[Bools, Bools, Bools]:
    """Which town and month reported, is covered, and waits: the same for every category and initiator."""
    base = np.minimum(states, np.int8(_UNTOLD))
    first: NDArray[np.int8] = base[0, 0] if base.size else np.zeros(base.shape[2:], np.int8)
    if (base != first).any():
        raise ValueError("the coverage of a town and month is the same for all categories, found different ones")
    return np.asarray(first >= _UNTOLD), np.asarray(first >= _NOT_REPORTED), np.asarray(first == _NOT_YET)


def _codes(column: pa.ChunkedArray) -> tuple[Indices, tuple[str, ...]]:
    """Texts as indices into their sorted values; a text of a dictionary that no line has does not count."""
    encoded = column.dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks)
    values = encoded.dictionary.to_pylist()
    indices = encoded.indices.to_numpy()
    order = sorted(np.unique(indices).tolist(), key=values.__getitem__)
    rank = np.zeros(len(values), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[indices], tuple(values[i] for i in order)


def _known(column: pa.ChunkedArray, values: tuple[str, ...]) -> NDArray[np.int8]:
    """Texts as indices into `values`."""
    found, names = _codes(column)
    unknown = sorted(set(names) - set(values))
    if unknown:
        raise ValueError(f"one of {', '.join(values)}, found {', '.join(unknown)}")
    return np.array([values.index(name) for name in names], np.int8)[found]


def _consecutive(month: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    if not len(month):
        return month
    return np.arange(month.min(), month.max() + 1)


def _first(values: NDArray[_T], code: Indices, size: int) -> NDArray[_T]:
    """A value for each code, where all lines of a code have the same."""
    found = np.empty(size, values.dtype)
    found[code] = values
    return found


def _texts(column: pa.ChunkedArray, code: Indices, size: int) -> tuple[str, ...]:
    values, names = _codes(column)
    return tuple(names[i] for i in _first(values, code, size))
