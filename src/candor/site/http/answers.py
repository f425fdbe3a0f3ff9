"""Pieces of an answer: the release of a request, ETags, streams, and the names of files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import chain
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from candor.published.release import Catalogue, Published
from candor.store.dataset_model import DatasetVersion
from candor.store.model import PublicPortal


def published(request: Request) -> Published:
    """The release that this request is answered from, first to last. Raises `NothingPublishedError`."""
    held: Published | None = getattr(request.state, "published", None)
    if held is None:
        catalogue: Catalogue = request.app.state.catalogue
        held = request.state.published = catalogue.current()
    return held


def base_of(request: Request) -> str:
    """The address of this site as the reader sees it, without a slash at the end: what whole links begin with."""
    return str(request.base_url).rstrip("/")


def get(
    router: APIRouter, path: str, *, summary: str = "", tag: str = ""
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Route GET and HEAD of `path`; only GET stands in the description of the API."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        router.add_api_route(path, function, methods=["HEAD"], include_in_schema=False)
        router.add_api_route(path, function, methods=["GET"], summary=summary or None, tags=[tag] if tag else None)
        return function

    return register


def etag_of(*parts: object) -> str:
    """A strong ETag of what an answer is made from."""
    text = b"\n".join(p if isinstance(p, bytes) else str(p).encode() for p in parts)
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def version_mark(version: DatasetVersion) -> str:
    """What fixes the rows of a version, and how they are described."""
    names = ",".join(f"{c.name}:{c.type}" for c in version.columns)
    return f"{version.id}/{version.version}/{version.delta_version}/{version.content_sha256}/{names}"


def not_modified(request: Request, headers: dict[str, str]) -> Response | None:
    """304 where the reader already has what `headers` describes, else None (RFC 9110, 13.1: weak comparison)."""
    asked = request.headers.get("if-none-match")
    if asked is None:
        return None
    tags = {t.strip().removeprefix("W/") for t in asked.split(",")}
    if "*" in tags or headers["ETag"] in tags:
        kept = {k: v for k, v in headers.items() if k not in ("Content-Disposition", "Content-Type")}
        return Response(status_code=304, headers=kept)
    return None


def streamed(
    request: Request, chunks: Callable[[], Iterator[bytes]], media_type: str, headers: dict[str, str]
) -> Response:
    """An answer sent piece by piece; 304 and HEAD read no row. An error before the first piece is an error page."""
    same = not_modified(request, headers)
    if same is not None:
        return same
    if request.method == "HEAD":
        return StreamingResponse(iter(()), media_type=media_type, headers=headers)
    rest = chunks()
    first: Iterable[bytes] = [piece] if (piece := next(rest, None)) is not None else []
    return StreamingResponse(_closing(chain(first, rest), rest), media_type=media_type, headers=headers)


def http_date(moment: datetime) -> str:
    """A moment as HTTP writes it."""
    return format_datetime((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC), usegmt=True)


def file_name(portal: PublicPortal, stem: str, extension: str) -> str:
    """The name of a downloaded file; a simulated portal says so in it."""
    return f"{stem}{'-SIMULATED' if portal.simulated else ''}.{extension}"


def attachment(portal: PublicPortal, stem: str, extension: str) -> str:
    """The Content-Disposition of a file to keep."""
    return f'attachment; filename="{file_name(portal, stem, extension)}"'


def _closing(pieces: Iterable[bytes], source: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces; the query behind them ends with them, also where the reader has gone."""
    try:
        yield from pieces
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
