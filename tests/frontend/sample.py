"""A state that never was: towns as Voronoi cells, with every class of figure among them, for the pages of the look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import shapely

from candor.cards import maptable
from candor.cards.choices import VIEW_OPTIONS
from candor.cards.legend import compared_legend
from candor.cards.map import Line
from candor.cards.model import Headline, Legend, MapRow, Option, OptionGroup, Share, SortHeader
from candor.graphics import palette
from candor.graphics.map import Drawing, TownPoint, draw, figures_json
from candor.graphics.model import Town, Verdict
from candor.messages.layers import CALLS
from candor.messages.maps import colour_meaning, label_counts, town_text
from candor.published.model import UNTOLD, Figure, Period, Place, Ratio
from candor.site.contexts import News
from candor.store.model import PublicPortal, Release

TOWNS = 255
PERIOD = Period("last-12-months", date(2024, 7, 1), date(2025, 6, 1))
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
    legend: Legend
    drawing: Drawing
    figures: tuple[Figure, ...]


def state_of(geometries: dict[str, str], counties: dict[str, str], points: list[TownPoint]) -> State:
    """Figures, classes, rows and legend for these towns."""
    draw_random = np.random.default_rng(1791)
    towns, rows = [], []
    figures = [_figure(i, point, draw_random) for i, point in enumerate(points)]
    keys = palette.comparison_classes(
        {
            "coverage": [f.coverage for f in figures],
            "note": [f.note for f in figures],
            "provisional": [f.provisional for f in figures],
            "comparison": [f.comparison for f in figures],
            "rate": [f.rate for f in figures],
            "smoothed": [f.smoothed for f in figures],
            "low": [f.smoothed_low for f in figures],
            "high": [f.smoothed_high for f in figures],
        }
    )
    for (geoid, county), point, figure, key in zip(counties.items(), points, figures, keys, strict=True):
        verdict: Verdict = "higher" if "highest" in figure.among else "lower" if "lowest" in figure.among else ""
        towns.append(Town(geoid, point.name, key, town_text(figure, PERIOD, point.name), verdict))
        place = Place(geoid, point.name, point.name, county, point.residents, None, None, None)
        rows.append(Line(place, figure, PERIOD, key))
    return State(
        geometries,
        counties,
        tuple(points),
        tuple(towns),
        maptable.rows(tuple(rows), "place", "asc"),
        compared_legend(towns, CALLS),
        draw(geometries, counties, points),
        tuple(figures),
    )


def _figure(i: int, point: TownPoint, draw_random: np.random.Generator) -> Figure:
    """A figure of any kind: most are counted, some are each of the states."""
    states = {3: "zero", 5: "under 5", 6: "not yet", 7: "not reported", 8: "by county only", 9: "not covered"}
    coverage = states.get(i % 17, "reported")
    if coverage in UNTOLD:
        return Figure(coverage, None, point.residents, 12, None, None, None, "")
    expected = point.residents * 0.038
    relative = float(draw_random.gamma(9, 1 / 9))
    count = 0 if coverage == "zero" else round(expected * relative)
    rate = count / point.residents * 1000 if count >= 10 else None
    low, high = (None, None) if rate is None else (rate * 0.92, rate * 1.09)
    smoothed, width = (count + 9) / (expected + 9), 2 / np.sqrt(count + 9)
    provisional = i % 41 == 0
    beside = _beside(count, expected, provisional=provisional)
    most = {"higher": "highest", "lower": "lowest"}.get(beside.label, "")
    unusual = f"among the tenth with the {most} rates" if most and not 0.5 < count / expected < 1.6 else ""
    return Figure(
        coverage, count, point.residents, 12, rate, low, high, "" if rate else "too few to rate",
        provisional=provisional, persons=point.residents, denominator="residents", expected=expected, beside=beside,
        among=unusual, most_towns=(0.5, 1.6), smoothed=smoothed,
        smoothed_low=float(smoothed * np.exp(-width)), smoothed_high=float(smoothed * np.exp(width)),
    )  # fmt: skip


def _beside(count: int, expected: float, *, provisional: bool) -> Ratio:
    """The town beside the others, with an interval that is about right."""
    if provisional:
        return Ratio(label="provisional")
    if expected < 5:
        return Ratio(label="too few to compare")
    ratio, width = max(count, 0.5) / expected, 1.96 / np.sqrt(max(count, 1))
    low, high = float(ratio * np.exp(-width)), float(ratio * np.exp(width))
    apart = "higher" if low > 1 else "lower" if high < 1 else ""
    sure = "" if ratio * np.exp(-1.6 * width) > 1 or ratio * np.exp(1.6 * width) < 1 else "probably "
    label = f"{sure}{apart}" if apart else "cannot be told apart"
    return Ratio(ratio, low, high, label) if count >= 10 else Ratio(label=label)


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
        "Calls of all open categories that residents and visitors made, per 1,000 people and year, "
        "July 2024 to June 2025, in the 255 towns of Vermont."
    )
    headers = tuple(
        SortHeader(key, column.heading, f"/map?sort={key}#table", "none", column.numeric)
        for key, column in maptable.COLUMNS.items()
    )
    return page_context("Map of police calls", "map") | {
        "page_description": sentence,
        "sentence": sentence,
        "meaning": colour_meaning("compared"),
        "state_sentences": (
            "In 2025, police answered 23,456 calls in the 225 towns that reported.",
            "No change can be told.",
        ),
        "layers": (Option("calls", "Police calls"), Option("offences", "Verified offences")),
        "layer": "calls",
        "many": "calls",
        "views": VIEW_OPTIONS,
        "view": "compared",
        "category_label": "Calls about",
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
        "whoever_began": False,
        "sort": "place",
        "direction": "asc",
        "headers": headers,
        "legend": state.legend,
        "svg": state.drawing.render(state.towns, sentence),
        "rows": state.rows,
        "sums": (label_counts(state.figures), "210 towns reported, 15 reported none, 15 did not report."),
        "figures_json": figures_json(state.towns, state.drawing),
        "geometry_href": "/map/towns.geojson?v=12",
        "csv_link": "/map.csv?category=all",
        "share": Share(
            "Map",
            "State of Vermont, version 12.",
            "https://example.org/map",
            "<iframe></iframe>",
            "/map.svg",
            "/map.png",
        ),
        "permalink": "/map?category=all&period=last-12-months&initiated_by=citizen",
        "schematic": True,
        "boundaries_source": portal().boundaries_source,
        "instead": ("Only 24 towns are told for 2025 alone.", "/map?period=2023-2025"),
        "rounded": "",
        "definition": "All open categories together: every call whose category is published as counted.",
    }


def home_context(state: State) -> dict[str, Any]:
    """What `home.html` is given."""
    return page_context("Vermont public safety", "home") | {
        "state_sentences": ("In 2025, police answered 23,456 calls in the 225 towns that reported.",),
        "headlines": (
            Headline(
                "People in Vermont called the police about 38 times per 1,000 people and year.",
                "38.2",
                "calls per 1,000 people and year",
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
        "map_sentence": "Calls per 1,000 people and year, July 2024 to June 2025.",
        "legend": state.legend,
        "news": (
            News("Calls for service, state police", "/datasets/a", "Version 3, 3 July 2025. 16,204 rows more."),
            News("Calls by town", "/datasets/b", "Version 3, 3 July 2025. June 2025 was added."),
        ),
        "lede": "Police calls, town by town, with how sure each figure is and what it leaves out.",
        "limits": (
            "A call is not a crime: it is a request for help, or an officer’s own activity.",
            "Towns without a reporting agency are blank, not safe.",
            "Two small towns can often not be told apart; the interval says how much is known.",
            "People who do not call do not appear.",
        ),
        "coming": ("July 2025 appears on 30 August 2025.",),
        "early": "/counties#early",
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
