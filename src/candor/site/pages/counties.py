"""/counties: the state's early figures and its sensitive kinds of calls by month; /counties/<slug>: one county's."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.cards.area import Area, area_months, area_share, area_years, early_tables, kinds_by_year
from candor.cards.choices import figures_of
from candor.cards.model import Option, OptionGroup
from candor.messages.sensitive import BY_YEAR, CALL_IS_NO_CRIME, NO_TOTAL
from candor.messages.told import ROUNDED_MEANS
from candor.messages.words import lower_first
from candor.published.coming import SENSITIVE
from candor.published.counties import County, counties, sensitive_categories, usual_kind
from candor.published.errors import BadRequestError, NoSuchPageError
from candor.published.release import Published
from candor.site.contexts import Crumb, Download
from candor.site.http.answers import base_of, get, published
from candor.site.http.view import page, remembered
from candor.store.model import PublicCategory

router = APIRouter(include_in_schema=False)

_EVERY_ROW = 1_000_000


@get(router, "/counties")
def state_page(request: Request) -> Response:
    """The state by month, and all counties."""
    held = published(request)
    figures_of(held, next(iter(held.layers), ""))
    return remembered(request, held, lambda: _page(request, held, None))


@get(router, "/counties/{slug}")
def county_page(request: Request, slug: str) -> Response:
    """A county."""
    held = published(request)
    found = next((c for c in counties(held) if c.slug == slug), None)
    if found is None:
        names = ", ".join(c.slug for c in counties(held))
        raise NoSuchPageError("There is no county of that name", names, "See /counties")
    return remembered(request, held, lambda: _page(request, held, found))


def _page(request: Request, held: Published, county: County | None) -> Response:
    portal = held.release.portal
    kinds = sensitive_categories(held)
    chosen = _chosen(held, kinds, request.query_params.get("category", ""))
    several = counties(held)
    name = "Counties" if several else "By month"
    title = (
        county.title
        if county
        else f"Counties of {portal.jurisdiction}"
        if several
        else f"{portal.jurisdiction} by month"
    )
    trail = (Crumb("Home", "/"), Crumb("Towns", "/places"), Crumb(name, "/counties"))
    area = Area(held, county, chosen, kinds) if chosen else None
    months = area_months(area) if area else None
    return page(
        request,
        "county.html",
        held,
        title=title,
        current="",
        page_description=months.sentence if months else title,
        crumbs=(*trail, Crumb(title)) if county else trail,
        county=county,
        counties=() if county else several,
        action=f"/counties/{county.slug}" if county else "/counties",
        where=area.name if area else "",
        chosen=chosen,
        categories=_options(kinds),
        months=months,
        years=area_years(area) if area else None,
        kinds=kinds_by_year(area) if area else None,
        share=area_share(area, months, base_of(request)) if area and months else None,
        downloads=_downloads(held, county),
        lead=f"{CALL_IS_NO_CRIME} {BY_YEAR}",
        early=early_tables(held, county),
        no_total=NO_TOTAL,
        rounded_means=ROUNDED_MEANS,
    )


def _chosen(held: Published, kinds: tuple[PublicCategory, ...], asked: str) -> PublicCategory | None:
    """The kind that the address asks for, else the usual one. Raises `BadRequestError`."""
    if not asked or not kinds:
        return usual_kind(held)
    found = next((c for c in kinds if c.slug == asked), None)
    if found is None:
        raise BadRequestError(
            "The address asks for a kind that is not published by county",
            ", ".join(c.slug for c in kinds),
            "Only sensitive kinds are; other kinds are shown for each town",
        )
    return found


def _options(kinds: tuple[PublicCategory, ...]) -> tuple[OptionGroup, ...]:
    groups = {c.group: c.group_label for c in kinds}
    return tuple(
        OptionGroup(label, tuple(Option(c.slug, c.label) for c in kinds if c.group == slug))
        for slug, label in groups.items()
    )


def _downloads(held: Published, county: County | None) -> tuple[Download, ...]:
    dataset = held.release.dataset(SENSITIVE)
    if dataset is None:
        return ()
    where = urlencode({"level": "county", "county": county.name} if county else {"level": "state"})
    part = county.title if county else held.release.portal.jurisdiction
    return (
        Download(
            f"{part}: {lower_first(dataset.title)}",
            f"/resource/{dataset.id}.csv?{where}&$limit={_EVERY_ROW}",
            "CSV",
            "every sensitive kind, by month and year",
        ),
        Download(
            f"{dataset.title}: the whole data set", f"/datasets/{dataset.name}.csv", "CSV", "towns, counties, state"
        ),
    )
