"""/api/release: the public release file, as it is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.site.http.answers import etag_of, get, http_date, not_modified, published
from candor.store.tombstones import Tombstones

router = APIRouter()


@get(router, "/api/release", tag="catalogue", summary="The release in force")
def release(request: Request) -> Response:
    """Every data set with its columns, version, accounting and provenance; the coverage; the categories."""
    held = published(request)
    in_force = held.release
    headers = {
        "ETag": etag_of("release", held.mark),
        "Last-Modified": http_date(in_force.created_at),
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
    }
    same = not_modified(request, headers)
    return same or Response(in_force.model_dump_json(), media_type="application/json", headers=headers)


@get(router, "/api/withdrawn", tag="catalogue", summary="What was withdrawn")
def withdrawn(request: Request) -> Response:
    """Data sets, versions and rows that were withdrawn: the day and the class of the reason, never which rows."""
    body = Tombstones(withdrawn=published(request).withdrawn).model_dump_json()
    headers = {"ETag": etag_of("withdrawn", body), "Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return not_modified(request, headers) or Response(body, media_type="application/json", headers=headers)
