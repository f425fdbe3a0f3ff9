"""A state that never was: towns as Voronoi cells, with every class of figure among them, for the pages of the look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import numpy as np
import shapely

from candor.site import palette
from candor.site.contexts import (
    Headline,
    LegendItem,
    MapRow,
    News,
    Option,
    OptionGroup,
    SortHeader,
    Town,
)
from candor.site.svgmap import Drawing, TownPoint, draw, figures_json
from candor.store.model import PublicPortal, Release

TOWNS = 255
_WEST, _SOUTH, _EAST, _NORTH = -73.4, 42.7, -71.5, 45.0
_FIRST = ("Alder", "Birch", "Cedar", "Elm", "Fern", "Granite", "Hazel", "Iron", "Juniper", "Lake", "Maple", "North")
_SECOND = ("brook", "bury", "field", "ford", "gore", "ham", "mont", "port", "stead", "ton", "vale", "wick")


@dataclass(frozen=True)
class State:
    """The towns of the sample, in the order of their names."""

    geometries: dict[str, str]
    counties: dict[str, str]
    points: tuple[TownPoint, ...]
    towns: tuple[Town, ...]
    rows: tuple[MapRow, ...]
    legend: tuple[LegendItem, ...]
    drawing: Drawing


def state_of(geometries: dict[str, str], counties: dict[str, str], points: list[TownPoint]) -> State:
    """Figures, classes, rows and legend for these towns."""
    draw_random = np.random.default_rng(1791)
    coverage: list[str] = []
    rates: list[float | None] = []
    notes: list[str] = []
    for i, point in enumerate(points):
        kind = i % 17
        coverage.append(
            {3: "zero", 5: "suppressed", 7: "not reported", 9: "not covered", 12: "not covered"}.get(kind, "reported")
        )
        rated = coverage[-1] == "reported" and point.residents > 700
        rates.append(float(np.round(draw_random.gamma(9, 4.2), 1)) if rated else None)
        notes.append("" if rated or coverage[-1] != "reported" else "too few to rate")
    cuts = palette.breaks([r for r in rates if r is not None])
    keys = palette.class_keys(coverage, rates, notes, cuts)
    towns, rows = [], []
    for (geoid, county), point, covered, rate, note, key in zip(
        counties.items(), points, coverage, rates, notes, keys, strict=True
    ):
        towns.append(Town(geoid, point.name, key, f"{point.name}: {_said(covered, rate, note)}"))
        rows.append(_row(Town(geoid, point.name, key, note or covered), county, point, rate))
    legend = palette.legend(keys, cuts)
    return State(
        geometries, counties, tuple(points), tuple(towns), tuple(rows), legend, draw(geometries, counties, points)
    )


@cache
def invented() -> State:
    """The sample's own towns: seeded points, their cells, fourteen counties as strips of a grid."""
    draw_random = np.random.default_rng(50)
    at = draw_random.uniform((_WEST, _SOUTH), (_EAST, _NORTH), (TOWNS, 2))
    frame = shapely.box(_WEST, _SOUTH, _EAST, _NORTH)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(at), extend_to=frame, ordered=True))
    cells = shapely.set_precision(shapely.intersection(cells, frame), 1e-6)
    residents = np.rint(draw_random.lognormal(7.2, 1.1, TOWNS)).astype(int)
    geoids = [f"99{i:08d}" for i in range(TOWNS)]
    names = [f"{_FIRST[i % 12]}{_SECOND[i // 12 % 12]}{' Gore' if i >= 144 else ''}" for i in range(TOWNS)]
    row, column = (at[:, 1] - _SOUTH) // ((_NORTH - _SOUTH) / 7), (at[:, 0] - _WEST) // ((_EAST - _WEST) / 2)
    counties = {g: f"County {int(r * 2 + c) + 1}" for g, r, c in zip(geoids, row, column, strict=True)}
    points = [TownPoint(n, float(x), float(y), int(p)) for n, (x, y), p in zip(names, at, residents, strict=True)]
    return state_of(dict(zip(geoids, shapely.to_geojson(cells).tolist(), strict=True)), counties, points)


def portal(*, simulated: bool = True) -> PublicPortal:
    """What the sample's publisher says of itself."""
    return PublicPortal(
        title="Vermont public safety",
        jurisdiction="State of Vermont",
        time_zone="America/New_York",
        contact="open-data@example.org",
        simulated=simulated,
        boundaries_schematic=True,
        boundaries_source="Voronoi cells of town points inside their county, from Census county boundaries",
    )


def page_context(title: str, current: str, *, simulated: bool = True) -> dict[str, Any]:
    """What every page is given."""
    publisher = portal(simulated=simulated)
    release = Release(
        number=12,
        created_at=datetime(2025, 7, 3, 2, 30, tzinfo=UTC),
        program="candor 0.1.0",
        portal=publisher,
        datasets=(),
    )
    return {"portal": publisher, "release": release, "page_title": title, "current": current}


def map_context(state: State) -> dict[str, Any]:
    """What `map.html` is given."""
    sentence = (
        "Calls of all open categories that residents and visitors made, per 1,000 residents and year, "
        "July 2024 to June 2025, in the 255 towns of Vermont."
    )
    headings = (
        ("place", "Town"),
        ("county", "County"),
        ("coverage", "Coverage"),
        ("calls", "Calls"),
        (
            "residents",
            "Residents",
        ),
        ("rate", "Rate"),
        ("low", "Lower bound"),
        ("high", "Upper bound"),
    )
    headers = tuple(
        SortHeader(key, label, f"/map?sort={key}#table", "descending" if key == "rate" else "none", i > 2)
        for i, (key, label) in enumerate(headings)
    )
    return page_context("Map of police calls", "map") | {
        "page_description": sentence,
        "sentence": sentence,
        "categories": (
            OptionGroup("", (Option("all", "All open categories"),)),
            OptionGroup("Property", (Option("property", "All property"), Option("theft", "Theft from a vehicle"))),
            OptionGroup("Public order", (Option("noise", "Noise"), Option("trespass", "Unwanted person, trespass"))),
        ),
        "periods": (
            OptionGroup("Rolling", (Option("last-12-months", "July 2024 to June 2025"),)),
            OptionGroup("Years", (Option("2024", "2024"), Option("2023", "2023"))),
        ),
        "initiators": (Option("citizen", "Residents and visitors"), Option("all", "Everyone, officers too")),
        "category": "all",
        "period": "last-12-months",
        "initiated_by": "citizen",
        "sort": "rate",
        "direction": "desc",
        "headers": headers,
        "legend": state.legend,
        "svg": state.drawing.render(state.towns, sentence),
        "rows": state.rows,
        "coverage_sentence": "210 towns reported, 15 reported none, 15 are suppressed, 15 did not report.",
        "figures_json": figures_json(state.towns, state.legend, state.drawing),
        "geometry_href": "/map/towns.geojson?v=12",
        "csv_link": "/map.csv?category=all",
        "permalink": "/map?category=all&period=last-12-months&initiated_by=citizen",
        "schematic": True,
        "boundaries_source": portal().boundaries_source,
        "definition": "All open categories together: every call whose category is published as counted.",
    }


def home_context(state: State) -> dict[str, Any]:
    """What `home.html` is given."""
    return page_context("Vermont public safety", "home") | {
        "headlines": (
            Headline(
                "People in Vermont called the police about 38 times per 1,000 residents and year.",
                "38.2",
                "calls per 1,000 residents and year",
                "95 % interval 38.0 to 38.4",
                "Nine sensitive categories are not in this sum.",
                "/map",
                "See it town by town",
            ),
            Headline(
                "210 towns reported, 15 reported none, 15 did not report and 15 are not covered by any agency.",
                "225 of 255",
                "towns reported, wholly or in part",
                href="/places",
                link_text="All towns and who covers them",
            ),
            Headline(
                "Of every row read, nothing was lost: 596,114 were published, and the others are accounted for.",
                "596,114",
                "rows published of 601,230 read",
                href="/datasets",
                link_text="All data sets",
            ),
        ),
        "svg": state.drawing.render(state.towns, "Map of the calls of all open categories", links=False),
        "map_sentence": "Calls per 1,000 residents, July 2024 to June 2025.",
        "legend": state.legend,
        "news": (
            News("Calls for service, state police", "/datasets/a", "Version 3, 3 July 2025. 16,204 rows more."),
            News("Calls by town", "/datasets/b", "Version 3, 3 July 2025. June 2025 was added."),
        ),
        "limits": (
            "A call is not a crime: it is a request for help, or an officer’s own activity.",
            "Towns without a reporting agency are blank, not safe.",
            "A difference between two small towns is often chance; the interval says how much.",
            "People who do not call do not appear.",
        ),
        "schematic": True,
    }


def towns_geojson(state: State) -> str:
    """What /map/towns.geojson answers."""
    shapes = shapely.coverage_simplify(shapely.from_geojson(list(state.geometries.values())), 0.0015)
    texts = shapely.to_geojson(shapely.transform(shapes, lambda at: np.round(at, 4)))
    features = [
        {"type": "Feature", "properties": {"geoid": g, "county": c}, "geometry": json.loads(t)}
        for (g, c), t in zip(state.counties.items(), texts, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))


def _said(covered: str, rate: float | None, note: str) -> str:
    if rate is not None:
        return f"{rate:.1f} calls per 1,000 residents and year ({rate * 0.92:.1f} to {rate * 1.09:.1f})"
    return note or covered


def _row(town: Town, county: str, point: TownPoint, rate: float | None) -> MapRow:
    words = town.text
    calls = (
        ""
        if words not in ("reported", "zero", "too few to rate")
        else f"{round((rate or 0.0) * point.residents / 1000):,}"
    )
    bounds = (f"{rate * 0.92:.1f}", f"{rate * 1.09:.1f}") if rate is not None else ("", "")
    return MapRow(
        town.geoid, town.name, county, words.capitalize(), calls, f"{point.residents:,}",
        "" if rate is None else f"{rate:.1f}", *bounds, town.key,
    )  # fmt: skip
