"""The site: an application that knows a portal's public folder and nothing else."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from candor import __version__
from candor.graphics.sheets.style import Styles
from candor.published.release import Catalogue
from candor.site.api import health, release, resource
from candor.site.api import places as places_api
from candor.site.http import handlers
from candor.site.http.assets import Assets
from candor.site.http.compress import CompressMiddleware
from candor.site.http.headers import HeadersMiddleware
from candor.site.http.staticfiles import StaticAssets
from candor.site.http.view import templates
from candor.site.pages import compare, counties, datasets, downloads, embed, exports, home, places, search, texts
from candor.site.pages import map as map_pages

_PARTS = (
    *(health, release, places_api, resource),
    *(home, search, map_pages, places, counties, compare, embed, exports, downloads, datasets, texts),
)


def create_app(public_dir: Path) -> FastAPI:
    """The site of the portal whose public folder is `public_dir` (`data/public`).

    Raises `DataError` where the front end has not been built. A folder without a release is served, and says so.
    """
    assets = Assets()
    app = FastAPI(
        title="Candor",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.catalogue = Catalogue(public_dir)
    app.state.templates = templates(assets)
    app.state.styles = Styles(assets.stylesheet("site"))
    for part in _PARTS:
        app.include_router(part.router)
    app.mount("/static", StaticAssets())
    handlers.install(app)
    app.add_middleware(HeadersMiddleware)
    app.add_middleware(CompressMiddleware)
    return app
