"""From an error to its answer: a page for people, JSON for programs."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from candor.published import errors
from candor.published.release import Published
from candor.site.http.answers import published
from candor.site.http.faults import BrokenOffError, place_of
from candor.site.http.view import page
from candor.site.http.wording import worded_values

_PROGRAMS = ("/resource", "/api", "/healthz", "/static")
"""What only programs ask for, whatever they say that they accept."""

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Give the application its answers to errors."""
    app.add_exception_handler(errors.SiteError, _site_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_middleware(_OurFault)


def _site_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.SiteError):
        raise error
    return _answer(request, errors.kind_of(error), error, errors.as_json(error))


def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    return _plain(request, error.status_code, headers)


def _unreadable(request: Request, error: Exception) -> Response:  # noqa: ARG001 - what it says is for programmers
    return _plain(request, 400, {})


class _OurFault:
    """Answers what nobody foresaw. Inside the other middlewares, so that this answer too has their headers.

    Where the answer had begun, the connection is broken off: a file cut short must not look whole.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http":
                raise
            route = getattr(scope.get("route"), "path", "no route")
            log.error("A request failed (%s): %s", route, place_of(error))  # noqa: TRY400 - without the error's message
            if begun:
                raise BrokenOffError from None
            request = Request(scope, receive)
            response = await run_in_threadpool(_plain, request, 500, {})
            await response(scope, receive, send)


def _plain(request: Request, status: int, headers: dict[str, str]) -> Response:
    kind = errors.STATUS_KINDS.get(status, errors.Kind(status, "error", "This cannot be answered"))
    error = errors.SiteError(errors.STATUS_WORDS.get(status, "The request cannot be answered."))
    body = {"code": kind.code, "errorCode": kind.code, "error": True, "message": f"{kind.title}. {error.found}"}
    return _answer(request, kind, error, body, headers)


def _answer(
    request: Request,
    kind: errors.Kind,
    error: errors.SiteError,
    body: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Response:
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if not _wants_page(request):
        if request.url.path.startswith(("/resource", "/api")):
            headers |= {"Access-Control-Allow-Origin": "*", "X-Error-Code": kind.code, "X-Error-Message": kind.title}
        known = _known(request)
        said = worded_values(body, known.wording) if known else body
        return JSONResponse(said, kind.status, headers=headers)
    template = "nothing.html" if isinstance(error, errors.NothingPublishedError) else "error.html"
    response = page(
        request, template, _known(request), title=kind.title, current="", status=kind.status, error=error, kind=kind
    )
    response.headers.update(headers)
    return response


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(_PROGRAMS)


def _known(request: Request) -> Published | None:
    """The release, for the frame of an error page; the page must come also where the release itself is the trouble."""
    try:
        return published(request)
    except Exception:  # noqa: BLE001 - an error page must not fail over what it only decorates
        return None
