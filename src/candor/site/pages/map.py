"""/map: the state's towns beside the state, by rate or by number; the same figures as a table, and both as files."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.site import sentences
from candor.site.answers import attachment, base_of, etag_of, get, http_date, not_modified, published
from candor.site.catalogue import Published
from candor.site.errors import NoSuchPageError
from candor.site.figures import STATE, TOLD, TOWNS, Figures
from candor.site.mapped import Shown, shown
from candor.site.maptable import csv_text, headers, rows, sorting
from candor.site.pages.sharing import map_share
from candor.site.selection import (
    INITIATOR_OPTIONS,
    LATEST,
    VIEW_OPTIONS,
    Selection,
    category_options,
    default_period,
    figures_of,
    layer_options,
    period_options,
    select_for_map,
)
from candor.site.sentences import maps
from candor.site.svgmap import figures_json
from candor.site.view import page, remembered

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
    calls = selection.layer == "calls"
    return page(
        request,
        "map.html",
        held,
        title=f"Map of {'police calls' if calls else selection.words.many}",
        current="map",
        page_description=sentence,
        sentence=sentence,
        meaning=maps.colour_meaning(selection.view, selection.words),
        state_sentences=state_sentences(held, selection),
        layers=layer_options(held),
        views=VIEW_OPTIONS,
        categories=category_options(held, selection.layer),
        category_label="Calls about" if calls else "Offence",
        periods=period_options(figures, selection.category, latest=True),
        initiators=INITIATOR_OPTIONS if calls else (),
        whoever_began=selection.whoever_began,
        layer=selection.layer,
        view=selection.view,
        category=selection.category,
        period=LATEST if selection.pools else selection.period.key,
        initiated_by=selection.initiated_by,
        sort=sort,
        direction=direction,
        headers=headers(selection, sort, direction),
        legend=now.legend,
        svg=held.shapes.drawing.render(now.towns, sentence),
        rows=rows(now.lines, sort, direction),
        sums=sums(now, selection),
        figures_json=figures_json(now.towns, held.shapes.drawing),
        geometry_href=f"/map/towns.geojson?v={held.release.number}",
        csv_link=f"/map.csv?{query}",
        permalink=f"/map?{query}",
        share=map_share(held, selection, base_of(request)),
        schematic=portal.boundaries_schematic,
        boundaries_source=portal.boundaries_source,
        definition=selection.definition,
        rounded=sentences.rounded_means(selection.period) if any(line.figure.rounded for line in now.lines) else "",
        instead=_instead(figures, selection, now),
    )


def _instead(figures: Figures, selection: Selection, now: Shown) -> tuple[str, str] | None:
    """The words and the address of the years that most towns are told of, where those that were asked for are not."""
    best = default_period(figures, selection.category)
    told = sum(line.figure.coverage in TOLD for line in now.lines)
    if selection.pools or best.key == selection.period.key or told * 2 >= figures.told(selection.category)[best.key]:
        return None
    asked = sentences.span(selection.period)
    return maps.instead_sentence(asked, told, sentences.span(best)), f"/map?{selection.query(period=best.key)}"


def map_title(held: Published, selection: Selection) -> str:
    """What the map of a choice shows, as a sentence."""
    return maps.map_title(
        selection.periods[:1] if selection.view == "counts" else selection.periods,
        selection.label,
        held.release.portal.jurisdiction,
        selection.view,
        officer=selection.officer,
        whoever=selection.whoever_began,
        layer=selection.words,
    )


def sums(now: Shown, selection: Selection) -> tuple[str, ...]:
    """How many towns are what, in words: by verdict where towns are compared, and by what is known of them."""
    coverage = sentences.coverage_counts((line.figure.coverage for line in now.lines), selection.words)
    if selection.view != "compared":
        return (coverage,)
    return (maps.verdict_counts((line.figure.comparison for line in now.lines), selection.words), coverage)


def state_sentences(held: Published, selection: Selection) -> tuple[str, ...]:
    """The state's own figure before any town's: its rate, its change, and a figure of the nation where one is given."""
    figures, words, period = figures_of(held, selection.layer), selection.words, selection.period
    portal = held.release.portal
    state = figures.get(STATE, period.key, selection.category, selection.initiated_by)
    said = [
        sentences.state_headline(
            state, period, portal.jurisdiction, selection.label, officer=selection.officer, layer=words
        )
    ]
    before = sentences.previous(period)
    if before is not None:
        said.append(sentences.state_change(state.change, before))
    said += [
        maps.benchmark_sentence(b, words)
        for b in portal.benchmarks
        if (b.layer, b.category) == (selection.layer, selection.category)
    ]
    return tuple(s for s in said if s)


@get(router, "/map/towns.geojson")
def geometry(request: Request) -> Response:
    """The towns' shapes for the script, kept for good under the number of their release."""
    held = published(request)
    if not held.shapes.geojson:
        held.require(TOWNS)
        raise NoSuchPageError("This portal publishes no shapes of towns", remedy="See its data sets")
    mine = request.query_params.get("v") == str(held.release.number)
    headers = {
        "ETag": etag_of("towns", held.mark),
        "Cache-Control": "public, max-age=31536000, immutable" if mine else "no-cache",
    }
    same = not_modified(request, headers)
    return same or Response(held.shapes.geojson, media_type="application/geo+json", headers=headers)


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
