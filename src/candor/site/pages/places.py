"""/places: all towns by county; /places/<geoid>: one town."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.cards.areas import catchment_maps
from candor.cards.choices import (
    INITIATOR_OPTIONS,
    category_options,
    default_category,
    default_period,
    figures_of,
    layer_options,
    period_options,
)
from candor.cards.denominators import denominator_section
from candor.cards.headline import know, opening, shares_of_calls
from candor.cards.sensitive import months_href
from candor.cards.subject import headline_subject, place_subjects
from candor.cards.town import TownView, select_for_town
from candor.cards.town_cards import place_figures
from candor.messages import words
from candor.messages.areas import area_sentences
from candor.messages.comparison import comparison_cell
from candor.messages.coverage import agency_sentences, coverage_counts, coverage_meaning
from candor.messages.figures import OFFICERS_LEFT_OUT, state_words, total_note
from candor.messages.layers import layer_of, spoken_of
from candor.messages.release import limits
from candor.messages.settling import next_sentences
from candor.messages.words import capital, decimal, number, span
from candor.published.counties import counties, county_of
from candor.published.errors import NoSuchPageError
from candor.published.model import COUNTS, RATES, Place
from candor.published.release import Published
from candor.site.contexts import Crumb, Download
from candor.site.http.answers import base_of, get, published
from candor.site.http.view import page, remembered
from candor.store.dataset_model import DatasetVersion

router = APIRouter(include_in_schema=False)

_EVERY_ROW = 100_000_000
"""A $limit that no data set reaches: a town's file is never cut short."""


@dataclass(frozen=True)
class TownLine:
    """A town in the list: its words for residents, calls, rate and comparison in the default period; its coverage."""

    place: Place
    residents: str
    calls: str
    rate: str
    interval: str
    compared: str
    state: str


@get(router, "/places")
def places(request: Request) -> Response:
    """All towns, by county."""
    held = published(request)
    return remembered(request, held, lambda: _places(request, held))


def _places(request: Request, held: Published) -> Response:
    figures = figures_of(held)
    category = default_category(figures)
    period = default_period(figures, category)
    column = figures.column(period.key, category, figures.initiators(category)[0])
    by_county: dict[str, list[TownLine]] = defaultdict(list)
    for place, figure in zip(figures.places, column, strict=True):
        by_county[place.county].append(
            TownLine(
                place,
                number(place.residents),
                number(figure.count),
                decimal(figure.rate),
                words.interval(figure),
                comparison_cell(figure),
                state_words(figure),
            )
        )
    return page(
        request,
        "places.html",
        held,
        title=f"Towns of {held.release.portal.jurisdiction}",
        current="",
        crumbs=(Crumb("Home", "/"), Crumb("Towns")),
        counties=sorted(by_county.items()),
        county_pages={c.name: c for c in counties(held)},
        when=span(period),
        coverage_sentence=coverage_counts((f.coverage for f in column), layer_of(held.release.monthly)),
        unplaced=held.unplaced,
        spoken=partial(spoken_of, layer=layer_of(held.release.monthly)),
    )


@get(router, "/places/{geoid}")
def place(request: Request, geoid: str) -> Response:
    """A town."""
    held = published(request)
    return remembered(request, held, lambda: _place(request, held, geoid))


def _place(request: Request, held: Published, geoid: str) -> Response:
    town = figures_of(held).place(geoid)
    if town is None:
        raise NoSuchPageError("There is no town of that number", "a GEOID of the list of towns", "Find it by name")
    view = TownView(held, town, select_for_town(held, town, request.query_params))
    selection, now = view.selection, view.now
    figures = place_figures(view)
    base = base_of(request)
    subjects = place_subjects(held, town, selection, figures)
    headline = headline_subject(held, town, selection)
    first = opening(view)
    return page(
        request,
        "place.html",
        held,
        title=town.full_name,
        current="",
        page_description=first.headline,
        crumbs=(Crumb("Home", "/"), Crumb("Towns", "/places"), Crumb(town.full_name)),
        town=town,
        selection=selection,
        layers=layer_options(held),
        categories=category_options(held, selection.layer),
        periods=period_options(view.figures, selection.category),
        county=county_of(held, town),
        months_href=months_href(view, selection.category if selection.category in view.separate else ""),
        kinds_span=capital(span(view.kinds_period)),
        initiators=INITIATOR_OPTIONS if selection.words.initiators else (),
        opening=first,
        opening_title=capital(view.events),
        opening_share=headline.share(held, base),
        know=know(held, view),
        shares=shares_of_calls(view),
        figures=tuple((f, s.share(held, base)) for f, s in zip(figures, subjects, strict=True)),
        figure=now,
        span=span(selection.period),
        words=view.layer,
        total_note=total_note([c for c in view.categories if c.sensitivity == "sensitive"], view.layer),
        officers_note="" if selection.with_officers or not selection.words.initiators else OFFICERS_LEFT_OUT,
        agencies=_agencies(view),
        meaning=coverage_meaning(view.layer)[now.coverage],
        instead=_instead(view),
        coming=_coming(view),
        denominators=denominator_section(held, town, selection) if selection.words.monthly else None,
        catchments=catchment_maps(held, town) if selection.words.monthly else (),
        compare_href=f"/compare?places={geoid}&{selection.query()}",
        downloads=_downloads(held, geoid),
        limits=limits(counted=True, layer=view.layer),
    )


def _instead(view: TownView) -> tuple[str, str] | None:
    """The words and the address of the years that are told, where those that were asked for are not."""
    if view.instead is None:
        return None
    period = view.instead[1]
    return f"Show {span(period)}", f"/places/{view.town.geoid}?{view.selection.query(period=period.key)}"


def _coming(view: TownView) -> tuple[str, ...]:
    """What appears next of what settles by month."""
    if not view.layer.monthly:
        return ()
    own = {c.dataset for c in view.held.release.coverage if view.town.geoid in c.places}
    release = view.held.release
    return tuple(dict.fromkeys(s for name in sorted(own) for s in next_sentences(release, name)))


def _agencies(view: TownView) -> tuple[str, ...]:
    """Who reports for the town; of what comes by year the coverage of the place itself says it."""
    release, geoid = view.held.release, view.town.geoid
    areas = area_sentences(release.portal.place_changes, geoid)
    if not view.layer.monthly:
        return areas
    return (*agency_sentences(release.coverage, geoid, view.town.full_name), *areas)


def _downloads(held: Published, geoid: str) -> tuple[Download, ...]:
    """The town's part of every data set that has a `geoid`, as CSV."""
    notes = {RATES: "rates and intervals, all periods and categories", COUNTS: "counts by month and category"}
    chosen: list[DatasetVersion] = [
        d
        for d in held.release.datasets
        if d.kind in ("rates", "counts", "rows") and any(c.name == "geoid" for c in d.columns)
    ]
    chosen.sort(key=lambda d: ("rates", "counts", "rows").index(d.kind))
    return tuple(
        Download(
            d.title,
            f"/resource/{d.id}.csv?geoid={geoid}&$limit={_EVERY_ROW}",
            "CSV",
            notes.get(d.name, f"the {d.unit_plural} placed in this town"),
        )
        for d in chosen
    )
