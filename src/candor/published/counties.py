"""The counties: their towns, and what is published of sensitive kinds of calls for a county or the whole state."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from candor.published.coming import EARLY, SENSITIVE
from candor.published.model import EARLIER, UNTOLD, Figure, Period, Place, bounds
from candor.published.release import Published
from candor.published.search import normalised, slug
from candor.published.tables import SCAN
from candor.store.model import PublicCategory
from candor.vocabulary.nouns import TOWNS


@dataclass(frozen=True)
class County:
    """A county. `name` is as in the data, `title` with the word county; `towns` in the order of their names."""

    name: str
    slug: str
    towns: tuple[Place, ...]
    plain: bool = False

    @property
    def title(self) -> str:
        """Adams County; the name alone where it is called something else."""
        return self.name if self.plain or "ounty" in self.name else f"{self.name} County"

    @property
    def residents(self) -> int | None:
        """Those of all its towns; None where one town's are not known."""
        known = [t.residents for t in self.towns if t.residents is not None]
        return sum(known) if len(known) == len(self.towns) else None


@dataclass(frozen=True)
class AreaFigure:
    """A figure of a county or the state: the towns that reported, and the rest as of a town."""

    category: str
    period: Period
    figure: Figure


def counties(held: Published) -> tuple[County, ...]:
    """All counties with a name, in order."""
    figures = next(iter(held.layers.values()), None)
    found: dict[str, list[Place]] = defaultdict(list)
    for place in figures.places if figures else ():
        if place.county:
            found[place.county].append(place)
    nouns = held.release.portal.nouns
    plain = nouns is not None and nouns.group != TOWNS.group
    return tuple(County(name, slug(name), tuple(towns), plain) for name, towns in sorted(found.items()))


def find_counties(held: Published, query: str) -> tuple[tuple[County, ...], bool]:
    """The counties whose name begins with `query`, and whether it is the whole name of one, with the word county."""
    key = normalised(query)
    found = tuple(c for c in counties(held) if key and normalised(c.title).startswith(key))
    return found, len(found) == 1 and normalised(found[0].title) == key


def county_of(held: Published, town: Place) -> County | None:
    """The county of a town."""
    return next((c for c in counties(held) if c.name == town.county), None)


def sensitive_categories(held: Published) -> tuple[PublicCategory, ...]:
    """The sensitive kinds that are published by county, in the taxonomy's order."""
    found = _months_told(held)
    return tuple(c for c in held.release.kinds() if c.slug in found)


def usual_kind(held: Published) -> PublicCategory | None:
    """The kind that is shown where none was chosen: the one of which most months of counties have a number."""
    told = _months_told(held)
    kinds = sensitive_categories(held)
    return max(kinds, key=lambda c: told[c.slug]) if kinds else None


def _months_told(held: Published) -> dict[str, int]:
    """Of each sensitive kind, how many months of counties are told with a number."""
    dataset = held.release.dataset(SENSITIVE)
    if dataset is None:
        return {}
    rows = held.tables.rows(
        "SELECT category, count(*) FILTER (WHERE calls > 0 AND level = 'county' AND period_kind = 'month')"
        f" FROM {SCAN} GROUP BY category",
        [held.tables.files(dataset)],
    )
    return dict(rows)


def area_figures(held: Published, county: str | None, category: str = "", *kinds: str) -> list[AreaFigure]:
    """What is published of sensitive kinds for a county or, with None, the state, in order of time.

    `category` and the `kinds` of periods (`month`, `quarter`, `year`, `years`) choose; nothing chosen is everything.
    """
    dataset = held.release.dataset(SENSITIVE)
    if dataset is None:
        return []
    where = {"level = ?": "state" if county is None else "county"}
    if county is not None:
        where["county = ?"] = county
    if category:
        where["category = ?"] = category
    told_on = "told_on" if any(c.name == "told_on" for c in dataset.columns) else "NULL"
    rows = held.tables.rows(
        "SELECT category, period, first_month, last_month, coverage, calls, residents, months_reported, rate, rate_low,"
        f" rate_high, note, towns_reported, {told_on} FROM {SCAN} WHERE {' AND '.join(where)}"
        " ORDER BY first_month, period",
        [held.tables.files(dataset), *where.values()],
    )
    found = [_area_figure(row) for row in rows]
    return [f for f in found if not kinds or f.period.kind in kinds]


def _area_figure(row: tuple[Any, ...]) -> AreaFigure:
    category, key, first, last, coverage, calls, residents, months, rate, low, high, note, towns, told_on = row
    coverage = EARLIER.get(coverage, coverage)
    if coverage in UNTOLD:
        calls = rate = low = high = None
    least, most = bounds(calls, coverage)
    on = told_on if coverage == "not yet" else None
    figure = Figure(
        coverage, calls, residents, months or 0, rate, low, high, note or "", towns, least=least, most=most, on=on
    )
    return AreaFigure(category, Period(key, first, last), figure)


@dataclass(frozen=True)
class Early:
    """The early figures of an area and a month: kinds with their calls to the nearest 10, in the taxonomy's order."""

    month: date
    on: date
    kinds: tuple[tuple[PublicCategory, int], ...]


def early_figures(held: Published, county: str | None) -> tuple[Early, ...]:
    """What is told of months that are over and not settled, for a county or, with None, the state."""
    dataset = held.release.dataset(EARLY)
    if dataset is None:
        return ()
    level, where = ("state", "") if county is None else ("county", " AND county = ?")
    rows = held.tables.rows(
        f"SELECT month, max(settles_on), list(category), list(calls) FROM {SCAN} WHERE level = ?{where}"
        " GROUP BY month ORDER BY month",
        [held.tables.files(dataset), level, *([county] if county is not None else [])],
    )
    found = []
    for month, on, slugs, calls in rows:
        told = dict(zip(slugs, calls, strict=True))
        found.append(Early(month, on, tuple((c, told[c.slug]) for c in held.release.kinds() if c.slug in told)))
    return tuple(found)
