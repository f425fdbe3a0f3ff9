"""/healthz: whether the site can answer, for those who watch it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from candor.published.errors import NothingPublishedError
from candor.site.http.answers import get, published

router = APIRouter()


@get(router, "/healthz", tag="site", summary="Whether the site can answer")
def health(request: Request) -> Response:
    """`status` is `ok` with the number of the release in force; 503 before the first release."""
    headers = {"Cache-Control": "no-store"}
    try:
        release = published(request).release
    except NothingPublishedError as error:
        return JSONResponse({"status": "nothing published", "message": error.message}, 503, headers=headers)
    return JSONResponse(
        {"status": "ok", "release": release.number, "published_at": release.created_at.isoformat()}, headers=headers
    )
