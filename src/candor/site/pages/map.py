"""/map: the state's towns beside the state, by rate or by number; the same figures as a table, and both as files."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.cards.choices import (
    INITIATOR_OPTIONS,
    LATEST,
    VIEW_OPTIONS,
    category_options,
    default_period,
    figures_of,
    layer_options,
    period_options,
)
from candor.cards.map import Shown, map_title, shown, state_sentences, sums
from candor.cards.maptable import csv_text, headers, rows, sorting
from candor.cards.selection import Selection, select_for_map
from candor.cards.subject import map_share
from candor.graphics.map import figures_json
from candor.graphics.shapes import shapes_of
from candor.messages import maps
from candor.messages.told import rounded_means
from candor.messages.words import lower_first, span
from candor.published.errors import NoSuchPageError
from candor.published.figures import Figures
from candor.published.model import TOLD, TOWNS
from candor.published.release import Published
from candor.site.http.answers import attachment, base_of, etag_of, get, http_date, not_modified, published
from candor.site.http.view import page, remembered

router = APIRouter(include_in_schema=False)


@get(router, "/map")
def map_page(request: Request) -> Response:
    """The map of a choice."""
    held = published(request)
    return remembered(request, held, lambda: _map_page(request, held))


def _map_page(request: Request, held: Published) -> Response:
    selection = select_for_map(held, request.query_params)
    figures = figures_of(held, selection.layer)
    sort, direction = sorting(request.query_params, selection)
    now = shown(figures, selection)
    portal = held.release.portal
    sentence = map_title(held, selection)
    query = selection.query()
    return page(
        request,
        "map.html",
        held,
        title=f"Map of {lower_first(selection.words.title)}",
        current="map",
        page_description=sentence,
        sentence=sentence,
        meaning=maps.colour_meaning(selection.view, selection.words),
        state_sentences=state_sentences(held, selection),
        layers=layer_options(held),
        views=VIEW_OPTIONS,
        categories=category_options(held, selection.layer),
        category_label=selection.words.words.choose,
        periods=period_options(figures, selection.category, latest=True),
        initiators=INITIATOR_OPTIONS if selection.words.initiators else (),
        whoever_began=selection.whoever_began,
        layer=selection.layer,
        many=selection.words.many,
        view=selection.view,
        category=selection.category,
        period=LATEST if selection.pools else selection.period.key,
        initiated_by=selection.initiated_by,
        sort=sort,
        direction=direction,
        headers=[h for h in headers(selection, sort, direction) if h.key != "county" or _grouped(held)],
        legend=now.legend,
        svg=shapes_of(held).drawing.render(now.towns, sentence),
        rows=rows(now.lines, sort, direction, selection.words.parts),
        sums=sums(now, selection),
        figures_json=figures_json(now.towns, shapes_of(held).drawing),
        geometry_href=f"/map/towns.geojson?v={held.release.number}",
        csv_link=f"/map.csv?{query}",
        permalink=f"/map?{query}",
        share=map_share(held, selection, base_of(request)),
        schematic=portal.boundaries_schematic,
        boundaries_source=portal.boundaries_source,
        definition=selection.definition,
        rounded=rounded_means(selection.period) if any(line.figure.rounded for line in now.lines) else "",
        instead=_instead(figures, selection, now),
    )


def _grouped(held: Published) -> bool:
    nouns = held.release.portal.nouns
    return nouns is None or bool(nouns.groups)


def _instead(figures: Figures, selection: Selection, now: Shown) -> tuple[str, str] | None:
    """The words and the address of the years that most towns are told of, where those that were asked for are not."""
    best = default_period(figures, selection.category)
    told = sum(line.figure.coverage in TOLD for line in now.lines)
    if selection.pools or best.key == selection.period.key or told * 2 >= figures.told(selection.category)[best.key]:
        return None
    asked = span(selection.period)
    return maps.instead_sentence(asked, told, span(best)), f"/map?{selection.query(period=best.key)}"


@get(router, "/map/towns.geojson")
def geometry(request: Request) -> Response:
    """The towns' shapes for the script, kept for good under the number of their release."""
    held = published(request)
    if not shapes_of(held).geojson:
        held.require(TOWNS)
        raise NoSuchPageError("This portal publishes no shapes of towns", remedy="See its data sets")
    mine = request.query_params.get("v") == str(held.release.number)
    headers = {
        "ETag": etag_of("towns", held.mark),
        "Cache-Control": "public, max-age=31536000, immutable" if mine else "no-cache",
    }
    same = not_modified(request, headers)
    return same or Response(shapes_of(held).geojson, media_type="application/geo+json", headers=headers)


@get(router, "/map.csv")
def figures_csv(request: Request) -> Response:
    """What the map shows, as a file."""
    held = published(request)
    selection = select_for_map(held, request.query_params)
    portal = held.release.portal
    stem = f"map-{selection.category}-{LATEST if selection.pools else selection.period.key}"
    headers = {
        "ETag": etag_of("map.csv", held.mark, selection.query()),
        "Last-Modified": http_date(held.release.created_at),
        "Cache-Control": "no-cache",
        "Content-Disposition": attachment(portal, stem, "csv"),
    }
    if (same := not_modified(request, headers)) is not None:
        return same
    figures = figures_of(held, selection.layer)
    body = csv_text(figures, selection, shown(figures, selection).lines, simulated=portal.simulated)
    return Response(body, media_type="text/csv; charset=UTF-8", headers=headers)
