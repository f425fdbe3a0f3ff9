"""The data sets of denominators: the persons themselves, and the calls by each of them side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from candor.accounting.context import Context
from candor.measures.denominators import RESIDENTS, Persons, denominator_figures
from candor.measures.dense import DenseCube
from candor.measures.residents import residents_by_month
from candor.measures.similar import Similar, declared_groups, similar_towns
from candor.measures.wander import Wander
from candor.places.denominator_file import Denominator
from candor.places.pack import PlacesPack
from candor.statistics.intervals import Floats

PERSONS, SIDE_BY_SIDE = "denominators", "call-denominators-by-town"

_LINES_AT_ONCE = 16_384
"""Lines that are written together: a town's are found without reading the others'."""


def rates_by(context: Context, months: NDArray[np.datetime64]) -> tuple[str, Floats | None]:
    """What rates are by: its name, and the persons of each place and month, (P, M); None for residents.

    Persons present where the portal declares them (METHODS, Rates), NaN where it does not say how many.
    """
    pack, name = context.with_places, _default(context)
    if name == RESIDENTS:
        return RESIDENTS, None
    added = next(one for one in context.denominators if one.name == name).added
    return name, residents_by_month(pack.places, months, pack.populations, pack.changes, added)


def added_by_year(context: Context) -> tuple[str, Floats | None]:
    """The same for counts by year: the persons present beyond residents, on average over the months, (P,)."""
    name = _default(context)
    if name == RESIDENTS:
        return RESIDENTS, None
    return name, next(one for one in context.denominators if one.name == name).added.mean(axis=1)


def _default(context: Context) -> str:
    declared = (one.name for one in context.denominators)
    return context.portal.config.denominator or next(declared, RESIDENTS)


def similar_in(context: Context) -> Similar:
    """The towns of similar size and kind: as the portal declares them, else by residents and second homes."""
    if context.similar is not None:
        return declared_groups(context.similar)
    pack = context.with_places
    residents, homes = (pack.places[n].cast(pa.float64()).to_numpy() for n in ("residents", "housing_units"))
    return similar_towns(pack.places["geoid"].to_pylist(), residents, homes)


def denominator_tables(
    pack: PlacesPack,
    declared: Sequence[Denominator],
    source: str,
    cells: DenseCube,
    sensitive: Collection[str],
    wander: Wander | None = None,
) -> Iterator[tuple[str, pa.Table]]:
    """The two data sets by name. `source` says whose the residents are; `cells` is the protected cube, `wander` that
    of its series."""
    persons = [
        Persons(one.name, residents_by_month(pack.places, cells.months, pack.populations, pack.changes, one.added))
        for one in declared
    ]
    sources = {RESIDENTS: source} | {one.name: one.source for one in declared}
    yield PERSONS, _persons(cells, [Persons(RESIDENTS, cells.residents), *persons], sources)
    yield SIDE_BY_SIDE, denominator_figures(cells, sensitive, persons, wander)


def parts(table: pa.Table) -> list[pa.Table]:
    """A sorted table in pieces that are each found by what they begin and end with."""
    return [table.slice(at, _LINES_AT_ONCE) for at in range(0, table.num_rows, _LINES_AT_ONCE)]


def _persons(cells: DenseCube, columns: Sequence[Persons], sources: dict[str, str]) -> pa.Table:
    """`geoid, place, county, year, month, denominator, persons, source`, sorted by place, denominator and month."""
    towns, months = len(cells.geoids), len(cells.months)
    shape = (towns, len(columns), months)
    where, which, when = (index.ravel().astype(np.int32) for index in np.indices(shape))
    number = cells.months.astype(np.int64)
    values: Floats = np.stack([one.persons for one in columns], axis=1).ravel()
    names = [one.name for one in columns]

    def texts(values: Sequence[str], index: np.ndarray) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(list(values), pa.string()))

    return pa.table(
        {
            "geoid": texts(cells.geoids, where),
            "place": texts(cells.names, where),
            "county": texts(cells.counties, where),
            "year": pa.array(number[when] // 12 + 1970),
            "month": pa.array(number[when] % 12 + 1),
            "denominator": texts(names, which),
            "persons": pa.array(values, from_pandas=True).cast(pa.int64()),
            "source": texts([sources[name] for name in names], which),
        }
    )
