"""Serves the templates with the sample, under the headers that the real site sends."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from tests.frontend import sample

from candor.site.http.assets import Assets, install
from candor.site.http.compress import CompressMiddleware
from candor.site.http.headers import HeadersMiddleware
from candor.site.http.staticfiles import StaticAssets


def environment() -> jinja2.Environment:
    """The templates, where a name that nobody gives is an error."""
    made = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader("candor.site"), jinja2.FileSystemLoader(Path(__file__).parent / "templates")]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    install(made, Assets())
    return made


def application(state: sample.State) -> Starlette:
    """The sample's site."""
    templates = environment()

    def page(template: str, context: dict[str, Any]) -> Callable[[Request], Response]:
        def answer(_: Request) -> Response:
            return HTMLResponse(templates.get_template(template).render({"nouns": None, "grouped": True} | context))

        return answer

    async def places(request: Request) -> Response:
        asked = request.query_params["q"].lower()
        found = [(t, c) for t, c in zip(state.towns, state.counties.values(), strict=True) if asked in t.name.lower()]
        return JSONResponse([{"geoid": t.geoid, "name": t.name, "county": c, "matched": t.name} for t, c in found[:8]])

    async def geometry(_: Request) -> Response:
        return Response(sample.towns_geojson(state), media_type="application/geo+json")

    async def arrived(request: Request) -> Response:
        return HTMLResponse(
            templates.from_string(
                '{% extends "base.html" %}{% block content %}<h1>Arrived</h1><p id="at">{{ at }}</p>{% endblock %}'
            ).render(sample.page_context("Arrived", "") | {"at": str(request.url)})
        )

    parts = sample.page_context("The parts of a page", "datasets") | {"state": state}
    app = Starlette(
        routes=[
            Route("/", page("home.html", sample.home_context(state))),
            Route("/map", page("map.html", sample.map_context(state))),
            Route("/map/towns.geojson", geometry),
            Route("/api/places", places),
            Route("/places/{geoid}", arrived),
            Route("/search", arrived),
            Route("/parts", page("parts.html", parts)),
            Mount("/static", StaticAssets()),
        ]
    )
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(CompressMiddleware)
    return app


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """The address of the app, served on a free port of loopback while the block runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(10)
