"""Figures as files: SVG, PNG and CSV of each figure of a town, of the map and of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from candor import __version__
from candor.cards.map_subject import map_subject
from candor.cards.subject import Subject, place_subject
from candor.graphics.sheets.picture import png
from candor.graphics.sheets.sheet import standalone
from candor.graphics.sheets.style import Styles
from candor.published.errors import NoSuchPageError
from candor.published.release import Published
from candor.query.formats.sheet import table_csv
from candor.site.http.answers import attachment, base_of, etag_of, get, http_date, not_modified, published
from candor.site.http.wording import worded_sheet

router = APIRouter()

MEDIA: Final = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=UTF-8"}

_PICTURES: Final = anyio.CapacityLimiter(2)
"""Pictures are drawn two at a time and on threads of their own: readers of pages never wait for them."""

_Making = Callable[[], Response]


@get(router, "/places/{geoid}/{key}.{extension}", tag="figures", summary="A figure of a town as SVG, PNG or CSV")
async def place_file(request: Request, geoid: str, key: str, extension: str) -> Response:
    """`key` is that of a figure of the town's page; the query chooses as the page's does."""
    return await answer(request, lambda held: place_subject(held, geoid, key, request.query_params), extension)


@get(router, "/map.svg", tag="figures", summary="The map as SVG")
async def map_svg(request: Request) -> Response:
    """The map of a choice, with its key and its caveats."""
    return await answer(request, lambda held: map_subject(held, request.query_params), "svg")


@get(router, "/map.png", tag="figures", summary="The map as PNG")
async def map_png(request: Request) -> Response:
    """The same as pixels, at twice the size."""
    return await answer(request, lambda held: map_subject(held, request.query_params), "png")


async def answer(request: Request, subject: Callable[[Published], Subject], extension: str) -> Response:
    """The file of a figure. A finished one is sent at once; one to be drawn waits for its turn."""
    made = await run_in_threadpool(_prepared, request, subject, extension)
    if isinstance(made, Response):
        return made
    if extension == "png":
        return await anyio.to_thread.run_sync(made, limiter=_PICTURES)
    return await run_in_threadpool(made)


def _prepared(request: Request, subject: Callable[[Published], Subject], extension: str) -> Response | _Making:
    """The answer where nothing has to be drawn for it, else what draws it."""
    held, base = published(request), base_of(request)
    if extension not in MEDIA:
        raise NoSuchPageError("There is no such format of a figure", ", ".join(MEDIA), "Choose one of them")
    figure = subject(held)
    if extension == "csv" and not figure.rows:
        raise NoSuchPageError("This figure has no table", remedy=f"See {figure.path}")
    address = f"{base}{figure.file}.{extension}?{figure.query}"
    headers = {
        "ETag": etag_of(__version__, address, held.mark),
        "Last-Modified": http_date(held.release.created_at),
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        "Content-Disposition": attachment(held.release.portal, figure.stem, extension),
    }
    if (same := not_modified(request, headers)) is not None:
        return same
    if request.method == "HEAD":
        return StreamingResponse(iter(()), media_type=MEDIA[extension], headers=headers)  # it says no length
    body = held.pictures.get(address)
    if body is not None:
        return Response(body, media_type=MEDIA[extension], headers=headers)
    return partial(_made, request, held, figure, extension, address, headers)


def _made(
    request: Request, held: Published, figure: Subject, extension: str, address: str, headers: dict[str, str]
) -> Response:
    if extension == "csv":
        say = held.wording.say
        of = {say(name): say(value) for name, value in figure.of.items()}
        rows = [[say(cell) for cell in row] for row in figure.rows]
        body = table_csv(of, [say(heading) for heading, _ in figure.columns], rows).encode()
        return Response(body, media_type=MEDIA[extension], headers=headers)
    styles: Styles = request.app.state.styles
    svg = standalone(worded_sheet(figure.sheet(held, base_of(request)), held.wording), styles)
    body = png(svg) if extension == "png" else svg.encode()
    held.pictures.put(address, body)
    return Response(body, media_type=MEDIA[extension], headers=headers)
