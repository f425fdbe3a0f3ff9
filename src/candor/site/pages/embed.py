"""/embed/..: a figure alone, with its caveats, for a frame in anybody's page."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.cards.map_subject import map_subject
from candor.cards.subject import HEADLINE, Subject, place_subject
from candor.messages import sharing
from candor.published.release import Published
from candor.site.http.answers import get, published
from candor.site.http.view import page, remembered

router = APIRouter(include_in_schema=False)


@get(router, "/embed/map")
def embedded_map(request: Request) -> Response:
    """The map of a choice."""
    return _embedded(request, lambda held: map_subject(held, request.query_params))


@get(router, "/embed/places/{geoid}")
def embedded_headline(request: Request, geoid: str) -> Response:
    """A town's figure in words."""
    return _embedded(request, lambda held: place_subject(held, geoid, HEADLINE, request.query_params))


@get(router, "/embed/places/{geoid}/{key}")
def embedded_figure(request: Request, geoid: str, key: str) -> Response:
    """A figure of a town's page."""
    return _embedded(request, lambda held: place_subject(held, geoid, key, request.query_params))


def _embedded(request: Request, subject: Callable[[Published], Subject]) -> Response:
    held = published(request)
    return remembered(request, held, lambda: _page(request, held, subject(held)))


def _page(request: Request, held: Published, figure: Subject) -> Response:
    return page(
        request,
        "embed.html",
        held,
        title=figure.title,
        current="",
        page_description=figure.sentence,
        figure=figure,
        simulated=sharing.INVENTED,
        source=sharing.source_sentence(held.release, figure.dataset),
    )
