"""Residents by place and month: those of the month's year, and of the area that the place had in that month.

A place that was part of another before a month (a city split from its town) makes two rules:

- a year in which the new place has a number of its own speaks of the new areas: before the month the old place's
  residents are those of both together;
- a year in which it has none speaks of the old area: from the month on nobody knows how many of the old place's
  residents are left, and neither place has residents.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from candor.statistics.intervals import Floats

Months = NDArray[np.datetime64]
Ints = NDArray[np.int64]


def residents_by_month(
    places: pa.Table,
    months: Months,
    populations: pa.Table | None = None,
    changes: pa.Table | None = None,
    added: Floats | None = None,
) -> Floats:
    """Residents of the P places in each of the M `months` (datetime64[M]): (P, M), NaN where they are not known.

    With `added` (P, 12), persons present beyond them from January to December, it is residents and these together.

    `places` has `geoid, residents`; `populations` `geoid, year, residents`, each place and year once: where it has a
    line at all, it alone is asked, and a place and year without one is not known. `changes` has `geoid, from_month
    (2022-07), before`: see above; before the month a new place is not there and has no residents.
    """
    geoids = places["geoid"].combine_chunks()
    stated = _stated(places, geoids, months, populations)
    held = stated.copy() if added is None else stated + added[:, months.astype(np.int64) % 12]
    if changes is None:
        return held
    lines = changes.select(["geoid", "from_month", "before"])
    # The latest change first: what it gives back to its old place is then there for an earlier change of that one.
    for line in lines.sort_by([("from_month", "descending")]).to_pylist():  # a handful of places
        new, old = pc.index(geoids, line["geoid"]).as_py(), pc.index(geoids, line["before"]).as_py()
        earlier = months < np.datetime64(line["from_month"], "M")
        own = ~np.isnan(stated[new])
        held[old] = np.where(earlier & own, held[old] + held[new], np.where(~earlier & ~own, np.nan, held[old]))
        held[new, earlier] = np.nan
    return held


def areas_by_month(geoids: Sequence[str], months: Months, changes: pa.Table) -> Ints | None:
    """Which of its areas each place had in each month, counted from 0: (P, M); None where nothing ever changed."""
    if not changes.num_rows:
        return None
    area = np.zeros((len(geoids), len(months)), np.int64)
    place = {geoid: i for i, geoid in enumerate(geoids)}
    for line in changes.to_pylist():  # a handful of places
        later = months >= np.datetime64(line["from_month"], "M")
        for geoid in (line["geoid"], line["before"]):
            area[place[geoid]] += later
    return area


def _stated(places: pa.Table, geoids: pa.Array, months: Months, populations: pa.Table | None) -> Floats:
    """What is written for each place and the year of each month."""
    if populations is None or not populations.num_rows:
        # astype: a column without a null would be whole numbers, which hold no NaN.
        single = places["residents"].cast(pa.float64()).to_numpy().astype(np.float64)
        return np.repeat(single[:, None], len(months), axis=1)
    years = months.astype("datetime64[Y]").astype(np.int64) + 1970
    first = int(years.min(initial=9999))
    span = np.full((len(geoids), int(years.max(initial=0)) - first + 1 if len(years) else 0), np.nan)
    place = pc.index_in(populations["geoid"], value_set=geoids).fill_null(-1).to_numpy()
    year = populations["year"].to_numpy() - first
    inside = (place >= 0) & (year >= 0) & (year < span.shape[1])
    span[place[inside], year[inside]] = populations["residents"].cast(pa.float64()).to_numpy()[inside]
    return span[:, years - first]
