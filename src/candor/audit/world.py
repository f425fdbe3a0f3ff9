"""Whose counts figures sum: towns, their counties, and the months that the public tables say are reported."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from candor.audit.public import (
    CUBE,
    FAULT,
    FIGURES,
    Bools,
    Ints,
    Public,
    Tables,
    equals,
    is_one_of,
    month_numbers,
    numbers,
    texts,
    words,
)
from candor.audit.told import TOWN, Figures, Told
from candor.errors import DataError

_TELLING = ("reported", "zero")
_BY_COUNTY = "by county only"
_AT_ONCE = 10_000
YEAR = 12


class World(NamedTuple):
    """Towns (sorted by GEOID) by months; `first` is a January, months since January 1970, and the years are whole.

    `reported` (towns, months): the counts that months sum. `late` (towns, years): a year's figure may hold months that
    came too late for the months' figures.
    """

    geoids: tuple[str, ...]
    names: dict[str, str]
    counties: tuple[str, ...]
    county: Ints
    first: int
    reported: Bools
    late: Bools

    @property
    def years(self) -> int:
        """How many calendar years."""
        return int(self.reported.shape[1]) // YEAR


class _Month(NamedTuple):
    geoid: list[str]
    county: list[str]
    month: Ints
    told: Bools


def world(public: Public, told: Told) -> World:
    """Read off the coverage of open kinds, of all releases: a month once reported stays reported.

    Raises `DataError` where a town's figure counts other months than the months' tables.
    """
    places, months = _places(public), [m for m in _months(public) if m.month.size]
    county_of = {g: c for g, _, c in places}
    county_of |= {g: c for m in months for g, c in zip(m.geoid, m.county, strict=True)}
    geoids = sorted(county_of)
    counties = sorted(set(county_of.values()))
    starts = [int(told.figures.first.min(initial=10**6)), *(int(m.month.min()) for m in months)]
    ends = [int(told.figures.last.max(initial=-1)), *(int(m.month.max()) for m in months)]
    first = min(starts) // YEAR * YEAR if max(ends) >= 0 else 0
    width = max(0, -(-(max(ends) + 1 - first) // YEAR) * YEAR)
    reported = np.zeros((len(geoids), width), np.bool_)
    at = {g: i for i, g in enumerate(geoids)}
    for m in months:
        town = np.array([at[g] for g in m.geoid], np.int64)
        reported[town[m.told], m.month[m.told] - first] = True
    county = np.array([counties.index(county_of[g]) for g in geoids], np.int64)
    names = {g: n for g, n, _ in places}
    made = World(tuple(geoids), names, tuple(counties), county, first, reported, np.zeros(0, np.bool_))
    return made._replace(late=_late(public, told, made))


def spans(figures: Figures, of: World) -> tuple[Ints, Ints, Ints]:
    """The place (-1 where unknown), the first and the last month of figures, as numbers in the world."""
    place = np.zeros(figures.level.size, np.int64)
    for level, names in ((TOWN, of.geoids), (1, of.counties)):
        rows = figures.level == level
        index = {n: i for i, n in enumerate(names)}
        place[rows] = [index.get(p, -1) for p in figures.place[rows].tolist()]
    return place, figures.first - of.first, figures.last - of.first


def _places(public: Public) -> list[tuple[str, str, str]]:
    """Towns with name and county, of the figures of all releases."""
    places: dict[str, tuple[str, str, str]] = {}
    seen = set()
    for tables in public.tables:
        content = tables.content((FIGURES,))
        if content in seen:
            continue
        seen.add(content)
        lines = tables.read(FIGURES, ["geoid", "place", "county"], pc.field("level") == "town")
        if lines is not None:
            plain = pa.table({n: words(lines[n]) for n in lines.column_names})
            once = plain.group_by("geoid").aggregate([("place", "min"), ("county", "min")]).to_pylist()
            places |= {r["geoid"]: (r["geoid"], r["place_min"], r["county_min"]) for r in once}
    return list(places.values())


def _months(public: Public) -> list[_Month]:
    months, seen = [], set()
    for tables in public.tables:
        content = tables.content((CUBE,))
        if content not in seen:
            seen.add(content)
            months.append(_reported(tables) or _declared(tables))
    return months


def _reported(tables: Tables) -> _Month | None:
    """By the lines of one open kind, which has each town and month; of all, where it was sensitive in some."""
    wanted = ["geoid", "county", "month", "coverage"]
    line = _first(tables)
    if line is None:
        return None
    chosen = is_one_of("category", line[:1]) & is_one_of("initiated_by", line[1:])
    lines = tables.table(CUBE, wanted, chosen)
    if equals(lines["coverage"], _BY_COUNTY).any():
        sensitive = [c.slug for c in tables.sensitive()]
        lines = tables.table(CUBE, wanted, ~is_one_of("category", sensitive))
    lines = lines.filter(pc.not_equal(words(lines["geoid"]), ""))
    telling = pc.is_in(words(lines["coverage"]), value_set=pa.array(_TELLING))
    plain = pa.table(
        {
            "geoid": words(lines["geoid"]),
            "county": words(lines["county"]),
            "month": month_numbers(lines["month"]),
            "told": telling.cast(pa.int8()),
        }
    )
    once = plain.group_by(["geoid", "county", "month"]).aggregate([("told", "max")])
    return _Month(
        once["geoid"].to_pylist(), once["county"].to_pylist(), once["month"].to_numpy(),
        once["told_max"].to_numpy() > 0,
    )  # fmt: skip


def _first(tables: Tables) -> tuple[str, str] | None:
    """The category and the initiator of the first line about a town of an open category, or None without any."""
    cube = tables.dataset(CUBE)
    if cube is None:
        return None
    sensitive = {c.slug for c in tables.sensitive()}
    for file in cube.files:
        with pq.ParquetFile(tables.folder / file) as parquet:
            for batch in parquet.iter_batches(_AT_ONCE, columns=["category", "initiated_by", "geoid"]):
                lines = pa.table(batch)
                lines = lines.filter(pc.not_equal(words(lines["geoid"]), ""))
                kinds = lines.group_by(["category", "initiated_by"]).aggregate([]).to_pylist()
                open_ = sorted((k["category"], k["initiated_by"]) for k in kinds if k["category"] not in sensitive)
                if open_:
                    return open_[0]
    return None


def _declared(tables: Tables) -> _Month:
    """Without any open kind, by what the agencies declare."""
    towns = tables.read("towns", ["geoid", "county"])
    nothing = _Month([], [], np.zeros(0, np.int64), np.zeros(0, np.bool_))
    if towns is None:
        return nothing
    county = dict(zip(texts(towns["geoid"]).tolist(), texts(towns["county"]).tolist(), strict=True))
    geoids = sorted(county)
    first, sent, lacking = _agencies(tables, geoids)
    told = sent & ~lacking
    for change in tables.release.portal.place_changes:
        if change.geoid in county:
            told[geoids.index(change.geoid), : max(0, _number(change.from_month) - first)] = False
    at = np.argwhere(told)
    names = [geoids[i] for i in at[:, 0]]
    return _Month(names, [county[g] for g in names], at[:, 1] + first, np.ones(len(names), np.bool_))


def _agencies(tables: Tables, geoids: list[str]) -> tuple[int, Bools, Bools]:
    """The first month, and by town and month: an agency declares it; an agency that covers the town sent not all."""
    agencies = [c for c in tables.release.coverage if c.first_month and c.last_month]
    first = min((_number(c.first_month) for c in agencies), default=0)
    months = np.arange(first, max((_number(c.last_month) for c in agencies), default=first - 1) + 1)
    asked = np.zeros((len(geoids), months.size), np.bool_)
    lacking = asked.copy()
    for agency in agencies:
        own = np.isin(geoids, agency.places)
        span = (months >= _number(agency.first_month)) & (months <= _number(agency.last_month))
        asked |= np.outer(own, span)
        lacking |= np.outer(own, span & np.isin(months, [_number(m) for m in (*agency.gaps, *agency.incomplete)]))
    return first, asked, lacking


def _late(public: Public, told: Told, of: World) -> Bools:
    """Which years of towns may hold months that came late: by the figures that say how many months are in them.

    Where no figure says it, those that an agency declares, and that the months' tables do not have.
    """
    result = np.zeros((len(of.geoids), of.years), np.bool_)
    if not of.years:
        return result
    by_year = of.reported.reshape(len(of.geoids), of.years, YEAR).sum(axis=2)
    first, sent, lacking = _agencies(public.newest, list(of.geoids))
    candidate = np.zeros_like(of.reported)
    width = min(sent.shape[1], max(0, of.reported.shape[1] - (first - of.first)))
    if first >= of.first and width:
        candidate[:, first - of.first : first - of.first + width] = (sent & ~lacking)[:, :width]
    result[:] = (candidate & ~of.reported).reshape(*by_year.shape, YEAR).any(axis=2)
    figures = told.figures
    for year in range(of.years):  # of years of which nothing is told at all, nothing matters
        inside = (figures.last - figures.first + 1 >= YEAR) & (figures.first - of.first <= year * YEAR)
        result[:, year] &= bool((inside & (figures.last - of.first >= year * YEAR + YEAR - 1)).any())
    for town, start, years, said in _months_said(public, of):
        known = int(by_year[town, start : start + years].sum())
        if said < known:
            raise DataError(
                f"{FIGURES} counts {said} reported months of {of.geoids[town]} where {CUBE} has {known}",
                "the months of the months' tables, and those that came late",
                FAULT,
            )
        if said == known:
            result[town, start : start + years] = False
        elif years == 1:
            result[town, start] = True
        elif said == years * YEAR or not result[town, start : start + years].any():
            result[town, start : start + years] = by_year[town, start : start + years] < YEAR
    return result


def _months_said(public: Public, of: World) -> list[tuple[int, int, int, int]]:
    """Town, first year, number of years and months of figures of towns; the longest first, so that years decide."""
    tables = public.newest
    where = (pc.field("level") == "town") & pc.field("months_reported").is_valid()
    lines = tables.read(FIGURES, ["geoid", "first_month", "last_month", "months_reported", "coverage"], where)
    if lines is None or tables.exact:
        return []
    lines = lines.filter(pc.invert(pc.is_in(words(lines["coverage"]), value_set=pa.array(["not yet", _BY_COUNTY]))))
    index = {g: i for i, g in enumerate(of.geoids)}
    town = np.array([index[g] for g in words(lines["geoid"]).to_pylist()], np.int64)
    start = (month_numbers(lines["first_month"]) - of.first) // YEAR
    years = (month_numbers(lines["last_month"]) - of.first + 1) // YEAR - start
    once = np.unique(np.stack([-years, town, start, numbers(lines["months_reported"]).astype(np.int64)]), axis=1)
    return [(int(t), int(s), int(-y), int(n)) for y, t, s, n in once.T if s >= 0 and s - y <= of.years]


def _number(month: str) -> int:
    return int(np.datetime64(month, "M").astype(np.int64))
