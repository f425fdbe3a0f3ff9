"""Whole data sets as files: CSV and GeoJSON streamed, Parquet as it is stored, in any version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from candor import __version__
from candor.published.errors import BadRequestError, ReplacedError
from candor.query.formats.wire import stream_csv, stream_geojson
from candor.query.parameters import RowQuery
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
from candor.store.model import DatasetVersion

router = APIRouter()

PARQUET = "application/vnd.apache.parquet"


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
    query = RowQuery(version)
    match extension:
        case "csv":
            return streamed(request, lambda: stream_csv(held.tables, query), "text/csv; charset=UTF-8", headers)
        case "geojson":
            return streamed(request, lambda: stream_geojson(held.tables, query), "application/geo+json", headers)
        case "parquet":
            return _parquet(request, held.tables.files(version), file_name(portal, stem, extension), headers)
        case _:
            raise BadRequestError("There is no such format", "csv, geojson, parquet", f"See /datasets/{version.name}")


def _parquet(request: Request, files: list[str], name: str, headers: dict[str, str]) -> Response:
    """The version's own file, whole or in parts (Range); several files are joined as they are sent."""
    if (same := not_modified(request, headers)) is not None:
        return same
    if not all(Path(file).exists() for file in files):
        raise ReplacedError("Something was withdrawn while this was being read", remedy="Ask again in a few seconds")
    if len(files) == 1:
        return FileResponse(files[0], filename=name, media_type=PARQUET, headers=headers)
    return streamed(request, lambda: _joined([Path(f) for f in files]), PARQUET, headers)


class _Pieces:
    """A file that keeps what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self._parts.append(bytes(data))
        self._at += len(data)
        return len(data)

    def tell(self) -> int:
        """How much was written."""
        return self._at

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """The writer is done."""
        self.closed = True

    def take(self) -> bytes:
        """What was written since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data


def _joined(files: list[Path]) -> Iterator[bytes]:
    """One Parquet file of the rows of several, row group by row group."""
    sink = _Pieces()
    with pq.ParquetWriter(sink, pq.read_schema(files[0])) as writer:
        for path in files:
            with pq.ParquetFile(path) as source:
                for group in range(source.num_row_groups):
                    writer.write_table(source.read_row_group(group))
                    yield sink.take()
    yield sink.take()


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
