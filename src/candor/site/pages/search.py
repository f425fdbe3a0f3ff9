"""/search: from a town's or a village's name to the town; from a county's to the county."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from candor.published.counties import find_counties
from candor.site.contexts import Crumb
from candor.site.http.answers import get, published
from candor.site.http.view import page

router = APIRouter(include_in_schema=False)

_MOST = 40


@get(router, "/search")
def search(request: Request) -> Response:
    """One town where there is no doubt (303); else all that the name may mean."""
    held = published(request)
    query = " ".join(request.query_params.get("q", "")[:200].split())
    found = held.names.find(query, _MOST)
    of_counties, exact = find_counties(held, query)
    if exact and not found.exact:
        return RedirectResponse(f"/counties/{of_counties[0].slug}", 303)
    if found.only is not None:
        return RedirectResponse(f"/places/{found.only.place.geoid}", 303)
    return page(
        request,
        "search.html",
        held,
        title=f"Search: {query}" if query else "Search",
        current="",
        query=query,
        found=found,
        counties=of_counties,
        crumbs=(Crumb("Home", "/"), Crumb("Search")),
    )
