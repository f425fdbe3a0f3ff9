"""/map: the state's towns coloured by rate, the same figures as a table, and both as files."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.site import palette, sentences
from candor.site.answers import attachment, etag_of, get, http_date, not_modified, published
from candor.site.catalogue import Published
from candor.site.contexts import ClassKey, LegendItem, MapRow, SortHeader, Town
from candor.site.errors import BadRequestError
from candor.site.figures import Figure, Figures, Place
from candor.site.selection import INITIATOR_OPTIONS, Selection, category_options, figures_of, period_options, select
from candor.site.svgmap import figures_json
from candor.site.view import page, remembered
from candor.site.wire import GUARDED

router = APIRouter(include_in_schema=False)

_COLUMNS = {
    "place": "Town",
    "county": "County",
    "coverage": "Coverage",
    "calls": "Calls",
    "residents": "Residents",
    "rate": "Rate",
    "low": "Lower bound",
    "high": "Upper bound",
}
_NUMERIC = ("calls", "residents", "rate", "low", "high")


@dataclass(frozen=True)
class Shown:
    """The towns of a map with their figures and classes, in the order of `Figures.places`."""

    places: Sequence[Place]
    figures: Sequence[Figure]
    keys: Sequence[ClassKey]
    legend: tuple[LegendItem, ...]

    @property
    def towns(self) -> list[Town]:
        """The towns as they are drawn."""
        return [
            Town(p.geoid, p.full_name, key, f"{p.full_name}: {sentences.short(f)}")
            for p, f, key in zip(self.places, self.figures, self.keys, strict=True)
        ]


def shown(figures: Figures, selection: Selection) -> Shown:
    """The classes of all towns for a choice."""
    column = figures.column(selection.period.key, selection.category, selection.initiated_by)
    cuts = palette.breaks([f.rate for f in column if f.rate is not None])
    keys = palette.class_keys([f.coverage for f in column], [f.rate for f in column], [f.note for f in column], cuts)
    return Shown(figures.places, column, keys, palette.legend(keys, cuts))


@get(router, "/map")
def map_page(request: Request) -> Response:
    """The map of a choice."""
    held = published(request)
    return remembered(request, held, lambda: _map_page(request, held))


def _map_page(request: Request, held: Published) -> Response:
    selection = select(held, request.query_params)
    figures = figures_of(held)
    sort, direction = _sorting(request)
    now = shown(figures, selection)
    portal = held.release.portal
    towns = now.towns
    sentence = sentences.map_sentence(selection.period, selection.label, portal.jurisdiction, officer=selection.officer)
    query = selection.query()
    return page(
        request,
        "map.html",
        held,
        title="Map of police calls",
        current="map",
        page_description=sentence,
        sentence=sentence,
        categories=category_options(held),
        periods=period_options(figures),
        initiators=INITIATOR_OPTIONS,
        category=selection.category,
        period=selection.period.key,
        initiated_by=selection.initiated_by,
        sort=sort,
        direction=direction,
        headers=_headers(selection, sort, direction),
        legend=now.legend,
        svg=held.shapes.drawing.render(towns, sentence),
        rows=_rows(now, sort, direction),
        coverage_sentence=sentences.coverage_counts(f.coverage for f in now.figures),
        figures_json=figures_json(towns, now.legend, held.shapes.drawing),
        geometry_href=f"/map/towns.geojson?v={held.release.number}",
        csv_link=f"/map.csv?{query}",
        permalink=f"/map?{query}",
        schematic=portal.boundaries_schematic,
        boundaries_source=portal.boundaries_source,
        definition=selection.definition,
    )


@get(router, "/map/towns.geojson")
def geometry(request: Request) -> Response:
    """The towns' shapes for the script, kept for good under the number of their release."""
    held = published(request)
    figures_of(held)
    mine = request.query_params.get("v") == str(held.release.number)
    headers = {
        "ETag": etag_of("towns", held.release.number, held.release.created_at),
        "Cache-Control": "public, max-age=31536000, immutable" if mine else "no-cache",
    }
    same = not_modified(request, headers)
    return same or Response(held.shapes.geojson, media_type="application/geo+json", headers=headers)


@get(router, "/map.csv")
def figures_csv(request: Request) -> Response:
    """What the map shows, as a file."""
    held = published(request)
    selection = select(held, request.query_params)
    portal, period = held.release.portal, selection.period
    headers = {
        "ETag": etag_of("map.csv", held.release.number, held.release.created_at, selection.query()),
        "Last-Modified": http_date(held.release.created_at),
        "Cache-Control": "no-cache",
        "Content-Disposition": attachment(portal, f"map-{selection.category}-{period.key}", "csv"),
    }
    if (same := not_modified(request, headers)) is not None:
        return same
    body = _csv(held, selection)
    return Response(body, media_type="text/csv; charset=UTF-8", headers=headers)


def _csv(held: Published, selection: Selection) -> str:
    figures, period = figures_of(held), selection.period
    column = figures.column(period.key, selection.category, selection.initiated_by)
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    head = ["geoid", "place", "county", "period", "first_month", "last_month", "category", "initiated_by", "coverage"]
    head += ["months_reported", "calls", "residents", "rate", "rate_low", "rate_high", "note"]
    simulated = held.release.portal.simulated
    writer.writerow([*head, *(["simulated"] if simulated else [])])
    of_choice = [period.key, period.first_month, period.last_month, selection.category, selection.initiated_by]
    writer.writerows(
        [
            p.geoid, _guarded(p.full_name), _guarded(p.county), *of_choice, f.coverage, f.months_reported, f.count,
            f.residents if f.residents is not None else p.residents, f.rate, f.low, f.high, f.note,
            *(["true"] if simulated else []),
        ]
        for p, f in zip(figures.places, column, strict=True)
    )  # fmt: skip
    return out.getvalue()


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(tuple(GUARDED)) else text


def _sorting(request: Request) -> tuple[str, Literal["asc", "desc"]]:
    sort = request.query_params.get("sort") or "rate"
    if sort not in _COLUMNS:
        raise BadRequestError("The address sorts by a column that is not there", ", ".join(_COLUMNS))
    usual = "desc" if sort in _NUMERIC else "asc"
    direction = request.query_params.get("direction") or usual
    if direction not in ("asc", "desc"):
        raise BadRequestError("The address sorts in a direction that is not there", "asc, desc")
    return sort, "asc" if direction == "asc" else "desc"


def _headers(selection: Selection, sort: str, direction: str) -> tuple[SortHeader, ...]:
    headers = []
    for key, label in _COLUMNS.items():
        first = "desc" if key in _NUMERIC else "asc"
        following = first if key != sort else ("asc" if direction == "desc" else "desc")
        in_force: Literal["ascending", "descending", "none"] = "none"
        if key == sort:
            in_force = "ascending" if direction == "asc" else "descending"
        href = f"/map?{selection.query(sort=key, direction=following)}#table"
        headers.append(SortHeader(key, label, href, in_force, key in _NUMERIC))
    return tuple(headers)


def _rows(now: Shown, sort: str, direction: str) -> tuple[MapRow, ...]:
    """The table's rows. What has no figure stands last in either direction; ties stand by name."""
    full = list(zip(now.places, now.figures, now.keys, strict=True))

    def value(place: Place, figure: Figure) -> object:
        match sort:
            case "place":
                return place.full_name.lower()
            case "county":
                return place.county.lower()
            case "coverage":
                return sentences.state_words(figure)
            case "calls":
                return figure.count
            case "residents":
                return place.residents
            case _:
                found: object = getattr(figure, sort)
                return found

    known = [(value(p, f), p, f, k) for p, f, k in full]
    with_figure = [row for row in known if row[0] is not None]
    without = [row for row in known if row[0] is None]
    with_figure.sort(key=lambda row: row[0], reverse=direction == "desc")  # type: ignore[arg-type, return-value]  # all values of one column have one type
    return tuple(_row(p, f, k) for _, p, f, k in [*with_figure, *without])


def _row(place: Place, figure: Figure, key: ClassKey) -> MapRow:
    return MapRow(
        geoid=place.geoid,
        place=place.full_name,
        county=place.county,
        coverage=sentences.state_words(figure),
        calls=sentences.number(figure.count),
        residents=sentences.number(place.residents if figure.residents is None else figure.residents),
        rate=sentences.decimal(figure.rate),
        low=sentences.decimal(figure.low),
        high=sentences.decimal(figure.high),
        key=key,
    )
