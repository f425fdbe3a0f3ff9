"""Answers compressed with Brotli or gzip as they are sent, piece by piece: a download is never gathered first."""

from __future__ import annotations

from typing import Any

import anyio.to_thread
import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 600
_IN_THREAD = 256 * 1024
_BROTLI_QUALITY = 4
_GZIP_LEVEL = 5
_ALREADY_SMALL = ("application/vnd.apache.parquet", "font/woff2", "image/png", "image/avif", "image/webp")


class _BrotliResponder(IdentityResponder):
    content_encoding = "br"
    _compressor: Any = None

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        if len(body) >= _IN_THREAD:  # a large piece would hold up every other request
            return await anyio.to_thread.run_sync(self._compress, body, more_body)
        return self._compress(body, more_body)

    def _compress(self, body: bytes, more_body: bool) -> bytes:
        if self._compressor is None:
            self._compressor = brotli.Compressor(quality=_BROTLI_QUALITY)
        out: bytes = self._compressor.process(body) if body else b""
        end: bytes = self._compressor.flush() if more_body else self._compressor.finish()
        return out + end


class CompressMiddleware:
    """Takes the best encoding that the reader accepts. A strong ETag of a compressed answer becomes a weak one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        accepted = accepted_encodings(Headers(scope=scope).get("accept-encoding", ""))
        responder: IdentityResponder
        if "br" in accepted:
            responder = _BrotliResponder(self.app, SMALLEST, exclude_content_types=_ALREADY_SMALL)
        elif "gzip" in accepted:
            responder = GZipResponder(self.app, SMALLEST, _GZIP_LEVEL, exclude_content_types=_ALREADY_SMALL)
        else:
            responder = IdentityResponder(self.app, SMALLEST, exclude_content_types=_ALREADY_SMALL)

        async def weaken(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                etag = headers.get("etag", "")
                if "content-encoding" in headers and etag.startswith('"'):
                    headers["etag"] = f"W/{etag}"
            await send(message)

        await responder(scope, receive, weaken)


def accepted_encodings(header: str) -> set[str]:
    """The encodings of an Accept-Encoding header, without those that it refuses with q=0."""
    found = set()
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            found.add(name.strip())
    return found
