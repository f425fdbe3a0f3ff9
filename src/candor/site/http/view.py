"""Pages as HTML: the templates, and what every page is given."""

from __future__ import annotations

from collections.abc import Callable

import jinja2
from fastapi import Request
from starlette.responses import HTMLResponse, Response

from candor.messages.coverage import COVERAGE_MEANING
from candor.messages.sensitive import WHOEVER_BEGAN
from candor.published.release import Published
from candor.site.contexts import NavKey
from candor.site.http.answers import etag_of, not_modified
from candor.site.http.assets import Assets, install
from candor.site.http.wording import worded_page
from candor.store.model import PublicPortal

UNPUBLISHED = PublicPortal(title="Public safety data", jurisdiction="", time_zone="UTC")
"""The portal before its first release: the public folder says nothing of it yet."""


def templates(assets: Assets) -> jinja2.Environment:
    """The environment of the templates. All text is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("candor.site"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(environment, assets)
    environment.globals.update(coverage_meaning=COVERAGE_MEANING, whoever_began_words=WHOEVER_BEGAN)
    return environment


def remembered(request: Request, published: Published, make: Callable[[], Response]) -> Response:
    """The page of this very address, made once for a release: nothing else decides what it says.

    The host is part of the address, for a page may say whole links to itself.
    """
    address = str(request.url)
    body = published.pages.get(address)
    if body is not None:
        return _answer(request, body, 200)
    response = make()
    if response.status_code == 200:
        published.pages.put(address, bytes(response.body))
    return response


def page(
    request: Request,
    template: str,
    published: Published | None,
    *,
    title: str,
    current: NavKey,
    status: int = 200,
    **context: object,
) -> Response:
    """The page; 304 where the reader already has it. `published` is None only before the first release."""
    environment: jinja2.Environment = request.app.state.templates
    release = published.release if published else None
    nouns = release.portal.nouns if release else None
    text = environment.get_template(template).render(
        portal=release.portal if release else UNPUBLISHED,
        release=release,
        page_title=title,
        nouns=nouns,
        grouped=nouns is None or bool(nouns.groups),
        current=current,
        **context,
    )
    if published:
        text = worded_page(text, published.wording)
    return _answer(request, text.encode(), status)


def _answer(request: Request, body: bytes, status: int) -> Response:
    headers = {"Cache-Control": "no-cache", "Vary": "Accept"}
    if status == 200:
        headers["ETag"] = etag_of(body)
        if (same := not_modified(request, headers)) is not None:
            return same
    return HTMLResponse(body, status_code=status, headers=headers)
