"""Every question that a site answers about some towns and kinds: pages, figures, files, rows, searches and mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import quote, urlencode

from candor.store.dataset_model import DatasetVersion
from candor.store.model import Release

FIGURES = ("funnel", "trend", "small-counts", "similar", "categories", "headline")
VIEWS = ("compared", "rate", "counts")
INITIATORS = ("citizen", "all")
_SORTS = ("place", "count", "rate", "expected", "times", "times_low", "among", "comparison")
EVERY_ROW = 100_000_000


def everywhere(release: Release) -> Iterator[str]:
    """Addresses that no choice of town or kind is in: pages, catalogue, every file of every version, mistakes."""
    yield from ("/", "/map", "/places", "/datasets", "/search", "/methods", "/glossary", "/privacy", "/accessibility")
    yield from ("/about", "/compare", "/healthz", "/api/release", "/api/openapi.json", "/map/towns.geojson", "/map.csv")
    yield from ("/map.svg", "/map.png", "/embed/map", "/favicon.ico", "/robots.txt", "/sitemap.xml", "/static/seal.svg")
    yield from ("HEAD /", "HEAD /map", "HEAD /api/release", "/nothing", "/places/nothing", "/datasets/nothing")
    yield from ("POST /map", "OPTIONS /api/release", "/map?category=nothing", "/map?period=1", "/map?show=1")
    for dataset in release.datasets:
        for version in range(1, dataset.version + 1):
            yield f"/datasets/{dataset.name}?version={version}"
            for extension in ("csv", "geojson", "parquet"):
                yield f"/datasets/{dataset.name}.{extension}?version={version}"
        yield f"HEAD /datasets/{dataset.name}.parquet"
        for extension in ("json", "csv"):
            yield f"/resource/{dataset.id}.{extension}?$limit={EVERY_ROW}"
        yield f"/resource/{dataset.id}.json?nothing=1"
        yield f"/resource/{dataset.id}.json?$where=1"
        yield f"/datasets/{dataset.name}?version=99"


def of_place(release: Release, geoid: str, name: str) -> Iterator[str]:
    """Addresses of a town, whatever the kind."""
    yield from (
        f"/places/{geoid}",
        f"/embed/places/{geoid}",
        f"/search?q={quote(name)}",
        f"/api/places?q={quote(name)}",
    )
    yield from (f"/search?q={quote(name[:2])}", f"/compare?similar={geoid}", f"/compare?places={geoid}")
    for dataset in release.datasets:
        if any(c.name == "geoid" for c in dataset.columns):
            yield f"/resource/{dataset.id}.json?geoid={geoid}&$limit={EVERY_ROW}"


def of_choice(geoids: Sequence[str], category: str, periods: Sequence[str], layer: str = "calls") -> Iterator[str]:
    """Addresses of a kind, in every period, by whom it was begun, and as every view, of some towns and of the map."""
    for period, who in product(periods, INITIATORS if layer == "calls" else ("all",)):
        choice = urlencode(
            {"layer": layer, "category": category, "period": period}
            | ({"initiated_by": who} if layer == "calls" else {})
        )
        yield from (f"/map?{choice}", f"/map.csv?{choice}", f"/compare?places={','.join(geoids)}&{choice}")
        yield f"/compare.csv?places={','.join(geoids)}&{choice}"
        yield from (f"/places/{geoid}?{choice}" for geoid in geoids)


def drawn(geoids: Sequence[str], category: str, period: str, layer: str = "calls") -> Iterator[str]:
    """The same of one period, as every file, picture, embed and view, in every order of the map's table."""
    choice = urlencode({"layer": layer, "category": category, "period": period})
    for view in VIEWS:
        yield f"/map?{choice}&show={view}"
        yield f"/embed/map?{choice}&show={view}"
        yield f"/map.csv?{choice}&show={view}"
        yield f"/map.svg?{choice}&show={view}"
    yield from (f"/map?{choice}&sort={by}" for by in _SORTS)
    yield f"/map.png?{choice}"
    yield from (f"/compare.{kind}?places={','.join(geoids)}&{choice}" for kind in ("svg", "png"))
    for geoid, figure in product(geoids, FIGURES):
        yield f"/embed/places/{geoid}/{figure}?{choice}"
        yield f"/places/{geoid}/{figure}.svg?{choice}"
        yield f"/places/{geoid}/{figure}.csv?{choice}"
    yield f"/places/{geoids[0]}/trend.png?{choice}"


def of_rows(dataset: DatasetVersion, geoids: Sequence[str], category: str, *, every_order: bool) -> Iterator[str]:
    """Questions for rows: by a column's order, and for every small number, which would tell by what is found."""
    names = {c.name for c in dataset.columns}
    if "category" not in names:
        return
    asked = f"category={category}" + (f"&geoid={geoids[0]}" if "geoid" in names else "")
    for column in dataset.columns:
        if column.name in ("calls", "offences", "rate", "relative_rate") or (every_order and column.type != "geometry"):
            yield f"/resource/{dataset.id}.json?{asked}&$order={column.name}%20desc&$limit=40"
    for counted in sorted(names & {"calls", "offences"}):
        for number in range(7):
            yield f"/resource/{dataset.id}.json?category={category}&{counted}={number}"
            yield f"/datasets/{dataset.name}?category={category}&{counted}={number}"
    yield f"/datasets/{dataset.name}?{asked}&$order=coverage"
