"""The front end's files under /static: compressed ahead by the build, and kept for good where the name holds a hash."""

from __future__ import annotations

import os
from mimetypes import guess_type

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from candor.site.http.assets import STATIC
from candor.site.http.compress import accepted_encodings

_HASHED = "assets/"
_SUFFIXES = {"br": ".br", "gzip": ".gz"}


class StaticAssets(StaticFiles):
    """Serves `static/`, in the smallest form that was built and that the reader accepts."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Where the file is. Names that no file can have, too long or with a null character, are not there."""
        try:
            return super().lookup_path(path)
        except (OSError, ValueError):
            return "", None

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`; hidden files and the compressed forms themselves are not there."""
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(status_code=405)
        if any(part.startswith(".") for part in path.split("/")) or path.endswith(tuple(_SUFFIXES.values())):
            raise HTTPException(status_code=404)
        headers = Headers(scope=scope)
        accepted = accepted_encodings(headers.get("accept-encoding", ""))
        forms = [(code, suffix) for code, suffix in _SUFFIXES.items() if code in accepted]
        for encoding, suffix in [*forms, ("", "")]:
            full_path, stat = await anyio.to_thread.run_sync(self.lookup_path, path + suffix)
            if stat is None or not full_path:
                continue
            response = FileResponse(full_path, stat_result=stat, media_type=guess_type(path)[0])
            response.headers["Vary"] = "Accept-Encoding"
            response.headers["Cache-Control"] = (
                "public, max-age=31536000, immutable" if path.startswith(_HASHED) else "public, max-age=3600"
            )
            if encoding:
                response.headers["Content-Encoding"] = encoding
            if self.is_not_modified(response.headers, headers):
                return NotModifiedResponse(response.headers)
            return response
        raise HTTPException(status_code=404)
