"""/compare: up to five towns side by side, each beside the state."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from candor.cards.choices import INITIATOR_OPTIONS, category_options, figures_of, layer_options, period_options
from candor.cards.comparison import address, comparison_subject
from candor.cards.requested import Asked, asked, like
from candor.cards.selection import Selection
from candor.cards.subject import Subject, chosen, town_of
from candor.messages import sharing
from candor.published.errors import BadRequestError
from candor.published.model import Place
from candor.published.release import Published
from candor.site.contexts import Crumb
from candor.site.http.answers import base_of, get, published
from candor.site.http.view import page, remembered
from candor.site.pages.exports import answer

_pages = APIRouter(include_in_schema=False)


@get(_pages, "/compare")
def compare_page(request: Request) -> Response:
    """The page; an address with names is led to that with GEOIDs."""
    held = published(request)
    selection = chosen(held, request.query_params)
    similar = request.query_params.get("similar")
    if similar:
        return RedirectResponse(address(like(held, town_of(held, similar), selection), selection), 303)
    found = asked(held, request.query_params.getlist("places"), request.query_params.get("add", ""))
    if not found.canonical and not found.troubles and found.towns:
        return RedirectResponse(address(found.towns, selection), 303)
    return remembered(request, held, lambda: _page(request, held, found, selection))


router = APIRouter()
router.include_router(_pages)


@get(router, "/compare.{extension}", tag="figures", summary="A comparison of towns as SVG, PNG or CSV")
async def compare_file(request: Request, extension: str) -> Response:
    """`places` names the towns as the page's does."""
    return await answer(request, lambda held: _subject(request, held), extension)


def _subject(request: Request, held: Published) -> Subject:
    found = asked(held, request.query_params.getlist("places"))
    if found.troubles or not found.towns:
        said = " ".join(t.message for t in found.troubles) or "The address names no town to compare."
        raise BadRequestError(said, "one to five towns, each by its name or its GEOID", "Choose them at /compare")
    return comparison_subject(held, found.towns, chosen(held, request.query_params))


def _page(request: Request, held: Published, found: Asked, selection: Selection) -> Response:
    portal = held.release.portal
    subject = comparison_subject(held, found.towns, selection) if found.towns else None
    names = ", ".join(t.full_name for t in found.towns)
    return page(
        request,
        "compare.html",
        held,
        title=f"{sharing.COMPARE_TITLE}: {names}" if names else sharing.COMPARE_TITLE,
        current="",
        page_description=subject.sentence
        if subject
        else sharing.COMPARE_DESCRIPTION.format(jurisdiction=portal.jurisdiction),
        crumbs=(Crumb("Home", "/"), Crumb("Towns", "/places"), Crumb(sharing.COMPARE_TITLE)),
        lead=sharing.COMPARE_LEAD,
        towns=[(town, _without(found.towns, town, selection)) for town in found.towns],
        troubles=[
            (t.message, [(m, address([*found.towns, m.place], selection)) for m in t.offers if _fits(found, m.place)])
            for t in found.troubles
        ],
        full=len(found.towns) >= sharing.MOST_TOWNS,
        selection=selection,
        categories=category_options(held, selection.layer),
        periods=period_options(figures_of(held, selection.layer), selection.category),
        initiators=INITIATOR_OPTIONS if selection.words.initiators else (),
        layers=layer_options(held),
        subject=subject,
        share=subject.share(held, base_of(request)) if subject else None,
    )


def _without(towns: tuple[Place, ...], town: Place, selection: Selection) -> str:
    return address([t for t in towns if t is not town], selection)


def _fits(found: Asked, place: Place) -> bool:
    return place not in found.towns and len(found.towns) < sharing.MOST_TOWNS
