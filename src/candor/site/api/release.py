"""/api/release: the public release file, as it is."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.site.answers import etag_of, get, http_date, not_modified, published

router = APIRouter()


@get(router, "/api/release", tag="catalogue", summary="The release in force")
def release(request: Request) -> Response:
    """Every data set with its columns, version, accounting and provenance; the coverage; the categories."""
    in_force = published(request).release
    headers = {
        "ETag": etag_of("release", in_force.number, in_force.created_at),
        "Last-Modified": http_date(in_force.created_at),
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
    }
    same = not_modified(request, headers)
    return same or Response(in_force.model_dump_json(), media_type="application/json", headers=headers)
