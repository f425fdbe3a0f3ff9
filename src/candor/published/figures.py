"""The figures of a release: place x period x category x initiated-by, read once and then only indexed.

A town page and the map page ask for thousands of figures; none of them runs a query. The arrays (`cube_arrays.py`) are
filled from the published data sets (`call-rates-by-town`, `towns`), batch by batch, so that the memory that loading
takes is small. Not every category has every period: sensitive kinds have only whole years of a town, one or three
together.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from candor.profiles.profile import Profile, from_rows, standard_kinds
from candor.published.coming import days_of
from candor.published.cube_arrays import CubeArrays
from candor.published.cube_columns import COLUMNS, PLACE_WORDS, TEXTS
from candor.published.cubes import Cube
from candor.published.model import (
    NO_FIGURE,
    STATE,
    TOWNS,
    Figure,
    Period,
    Place,
)
from candor.published.tables import SCAN, Tables
from candor.store.model import Release

ROWS = from_rows(standard_kinds()).profile
"""The profile whose figures are meant where none is named: the one that is counted from rows."""

_KEYS = ("level", "geoid", "period", "category", "initiated_by")

SINCE: Final = "wander"
"""The column by which data sets that answer two questions are known; those of before have another verdict."""


class Figures:
    """All figures of a layer of a release. `periods` are those that any category has, `offered` those of one."""

    def __init__(
        self,
        places: Sequence[Place],
        periods: Sequence[Period],
        towns: Sequence[Cube],
        states: Sequence[Cube],
        profile: Profile = ROWS,
    ) -> None:
        self.profile = profile
        self.places = tuple(places)
        self.periods = {p.key: p for p in periods}
        self._cubes = tuple(towns)
        self._towns = {c: cube for cube in towns for c in cube.categories}
        self._states = {c: cube for cube in states for c in cube.categories}
        self.categories = tuple(sorted(self._towns))
        self._place = {p.geoid: p for p in self.places}

    def offered(self, category: str) -> Mapping[str, Period]:
        """The periods for which the towns have figures of a category, in order."""
        own = set(self._towns[category].periods)
        return {key: period for key, period in self.periods.items() if key in own}

    def told(self, category: str) -> Mapping[str, int]:
        """Of each of its periods, of how many towns a figure of a category is told."""
        return self._towns[category].told(category)

    def initiators(self, category: str) -> tuple[str, ...]:
        """By whom begun a category can be asked for: `citizen`, `all`."""
        return self._towns[category].initiators

    @property
    def by_geoid(self) -> dict[str, Place]:
        """The towns by GEOID."""
        return dict(self._place)

    def place(self, geoid: str) -> Place | None:
        """The town of that GEOID."""
        return self._place.get(geoid)

    def get(self, geoid: str, period: str, category: str, initiated_by: str) -> Figure:
        """One figure; that of a town without any line is `not covered`."""
        cube = (self._states if geoid == STATE else self._towns).get(category)
        if cube is None or not cube.has(geoid, period, initiated_by):
            return NO_FIGURE
        return cube.pick([geoid], [period], [category], initiated_by)[0]

    def column(self, period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of every town, in the order of `places`."""
        return self._towns[category].column(period, category, initiated_by)

    def some(self, geoids: Sequence[str], period: str, category: str, initiated_by: str) -> list[Figure]:
        """The figures of some towns, in that order."""
        return self._towns[category].pick(geoids, [period], [category], initiated_by)

    def kinds(self, geoid: str, period: str, initiated_by: str) -> dict[str, Figure]:
        """The figures of a town and a period, by category; only of categories that have the period and initiator."""
        found: dict[str, Figure] = {}
        for cube in self._cubes:
            if cube.has(geoid, period, initiated_by):
                figures = cube.pick([geoid], [period], cube.categories, initiated_by)
                found |= zip(cube.categories, figures, strict=True)
        return found

    def against(self, period: str, category: str, initiated_by: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """What is expected of every town, and how many times that it has, in the order of `places`; NaN: not known."""
        return self._towns[category].against(period, category, initiated_by)

    def comparisons(self, period: str, category: str, initiated_by: str) -> list[str]:
        """How every town compares, in the order of `places`."""
        return self._towns[category].comparisons(period, category, initiated_by)

    def series(self, geoid: str, category: str, initiated_by: str, kind: str = "month") -> list[tuple[Period, Figure]]:
        """The town's figures of every period of a kind that the category has, in order."""
        periods = [p for p in self.offered(category).values() if p.kind == kind]
        cube = self._towns[category]
        if not periods or not cube.has(geoid, periods[0].key, initiated_by):
            return []
        periods.sort(key=lambda p: p.first_month)
        return list(zip(periods, cube.pick([geoid], [p.key for p in periods], [category], initiated_by), strict=True))


def load_figures(tables: Tables, release: Release, profile: Profile = ROWS) -> Figures | None:
    """The figures of a layer of `release`, or None where it publishes none. One pass over each data set."""
    rates, towns = release.dataset(profile.tables.figures), release.dataset(TOWNS)
    if rates is None or towns is None:
        return None
    files = tables.files(rates)
    places = [
        Place(*row)
        for row in tables.rows(
            "SELECT geoid, name, coalesce(nullif(full_name, ''), name), county, residents, housing_units, longitude,"
            f" latitude FROM {SCAN} ORDER BY name, geoid",
            [tables.files(towns)],
        )
    ]
    periods = tables.rows(
        f"SELECT period, min(first_month), max(last_month) FROM {SCAN} GROUP BY period ORDER BY 2, 3, 1", [files]
    )
    there = frozenset(column.name for column in rates.columns)
    of_towns = _arrays(tables, files, [p.geoid for p in places], "town")
    of_state = _arrays(tables, files, [STATE], "state")
    parts = profile.parts.column if profile.parts and profile.parts.column in there else ""
    _fill(tables, files, {"town": of_towns, "state": of_state}, (profile.count, parts), there)
    known = [Period(*row) for row in periods]
    coming = days_of(tables, release, profile, known)
    titles = {one.name: one.title for one in release.portal.denominators}
    words = _place_words(tables, files, there, titles)
    for arrays in (*of_towns, *of_state):
        arrays.name(words)
        arrays.round(coming.rounded)
        arrays.appear(coming.open_days, set(arrays.categories) - coming.sensitive)
        arrays.appear(coming.sensitive_days, coming.sensitive)
    return Figures(places, known, [Cube(a) for a in of_towns], [Cube(a) for a in of_state], profile)


def _arrays(tables: Tables, files: list[str], places: Sequence[str], level: str) -> list[CubeArrays]:
    """Room for the figures of a level, the categories with the same periods and initiators together."""
    shapes = tables.rows(
        "WITH had AS (SELECT category, list_sort(list(DISTINCT period)) AS periods,"
        f" list_sort(list(DISTINCT initiated_by)) AS initiators FROM {SCAN} WHERE level = ? GROUP BY category)"
        " SELECT periods, list_sort(list(category)) AS own, initiators FROM had GROUP BY periods, initiators"
        " ORDER BY own",
        [files, level],
    )
    return [CubeArrays(places, periods, categories, initiators) for periods, categories, initiators in shapes]


def _fill(
    tables: Tables,
    files: list[str],
    levels: Mapping[str, Sequence[CubeArrays]],
    numbers: tuple[str, str],
    there: Collection[str],
) -> None:
    """Read all figures into the arrays of their level, in one pass.

    `numbers`: the columns of the counts and of their rows, which has no name where there is none.
    Columns that the data set does not have are empty: a release of before said one verdict, which is not repeated.
    """
    count, parts = numbers
    texts = [*TEXTS, "wander_from"]
    missing = [name for name in (*COLUMNS, "wander_from") if name not in there]
    missing += [name for name in ("comparison", "year_change") if SINCE not in there]
    columns = [name for name in dict.fromkeys([*_KEYS, count, parts, *COLUMNS, "wander_from"])
               if name and name not in missing]  # fmt: skip
    for part in tables.batches(files, columns, [*_KEYS, *(name for name in texts if name in columns)]):
        batch = part
        for name in missing:
            batch = batch.append_column(name, pa.nulls(len(batch), pa.string() if name in texts else pa.float64()))
        found = pc.unique(batch["level"]).to_pylist()
        for level, own in levels.items():
            if level in found:
                lines = batch if len(found) == 1 else batch.filter(pc.equal(batch["level"], level))
                categories = set(lines["category"].dictionary.to_pylist())
                for arrays in own:
                    if categories.intersection(arrays.categories):
                        arrays.fill(lines, count, STATE if level == "state" else None, parts)
    for arrays in itertools.chain(*levels.values()):
        arrays.filled()


def _place_words(
    tables: Tables, files: list[str], there: Collection[str], titles: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """Of each town in words: by what its rates are, beside which towns it is held, over which years it is compared."""
    if SINCE not in there:
        return {}
    pooled = "max(CASE WHEN compared_over <> period THEN compared_over END)"
    rows = tables.rows(
        f"SELECT geoid, max(denominator), max(similar_to), {pooled} FROM {SCAN} WHERE level = 'town' GROUP BY geoid"
        f" UNION ALL SELECT '{STATE}', max(denominator), '', '' FROM {SCAN} WHERE level = 'state'",
        [files, files],
    )
    return {
        geoid: dict(zip(PLACE_WORDS, (titles.get(by, by or ""), similar or "", over or ""), strict=True))
        for geoid, by, similar, over in rows
    }
