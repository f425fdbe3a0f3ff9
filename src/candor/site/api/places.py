"""/api/places: towns by name, for the search field."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from candor.site.http.answers import get, published

router = APIRouter()


@get(router, "/api/places", tag="places", summary="Towns by name or village name")
def places(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """At most ten: GEOID, name, county, and the name that was met. An exact name comes first."""
    found = [
        {"geoid": m.place.geoid, "name": m.place.full_name, "county": m.place.county, "matched": m.matched}
        for m in published(request).names.suggest(q)
    ]
    return JSONResponse(found, headers={"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"})
