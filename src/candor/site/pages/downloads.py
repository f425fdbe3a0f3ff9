"""Whole data sets as files: CSV and GeoJSON streamed, Parquet as it is stored, in any version."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from candor import __version__
from candor.published.errors import BadRequestError, ReplacedError
from candor.query.formats.registry import OF_DATASETS
from candor.query.rows import RowQuery
from candor.site.http.answers import (
    attachment,
    etag_of,
    file_name,
    get,
    http_date,
    not_modified,
    published,
    streamed,
    version_mark,
)
from candor.store.dataset_model import DatasetVersion

router = APIRouter()


@get(router, "/datasets/{name}.{extension}", tag="rows", summary="A whole data set as a file")
def download(request: Request, name: str, extension: str) -> Response:
    """All rows of the data set: `csv`, `geojson` or `parquet`; `version` names an older one."""
    held = published(request)
    wanted = request.query_params.get("version")
    version = held.dataset(name, wanted)
    portal = held.release.portal
    stem = f"{version.name}-v{version.version}" if wanted else version.name
    headers = {
        "ETag": etag_of(__version__, version_mark(version), extension),
        "Last-Modified": http_date(version.published_at),
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        "Content-Disposition": attachment(portal, stem, extension),
    }
    form = OF_DATASETS.get(extension)
    if form is None:
        raise BadRequestError("There is no such format", ", ".join(OF_DATASETS), f"See /datasets/{version.name}")
    files = held.tables.files(version)
    if form.stored and len(files) == 1:
        return _stored(request, files[0], file_name(portal, stem, extension), form.media_type, headers)
    return streamed(request, lambda: form.stream(held.tables, RowQuery(version)), form.media_type, headers)


def _stored(request: Request, file: str, name: str, media_type: str, headers: dict[str, str]) -> Response:
    """The version's own file, whole or in parts (Range)."""
    if (same := not_modified(request, headers)) is not None:
        return same
    if not Path(file).exists():
        raise ReplacedError("Something was withdrawn while this was being read", remedy="Ask again in a few seconds")
    return FileResponse(file, filename=name, media_type=media_type, headers=headers)


def size_words(files: list[str]) -> str:
    """How large files are together, as people say it."""
    size: float = sum(Path(f).stat().st_size for f in files)
    for unit, digits in (("bytes", 0), ("KB", 0), ("MB", 1)):
        if size < 1000 or unit == "MB":
            return f"{size:,.{digits}f} {unit}"
        size /= 1000
    return ""


def old_version_query(version: DatasetVersion, current: DatasetVersion | None) -> str:
    """The end of an address that asks for this version; `current` is the one in force, None where it was withdrawn."""
    return "" if current and version.version == current.version else f"?version={version.version}"
