"""/resource/<4x4>: rows as SODA 2.1 gives them, with $limit, $offset, $order and column=value."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor import __version__
from candor.published.errors import NoSuchDatasetError
from candor.query.formats.json import soda_headers
from candor.query.formats.registry import OF_QUESTIONS
from candor.query.parameters import parse_query
from candor.site.http.answers import etag_of, get, http_date, published, streamed, version_mark

router = APIRouter()


@get(router, "/resource/{dataset}.{extension}", tag="rows", summary="Rows of a data set")
def resource(request: Request, dataset: str, extension: str) -> Response:
    """Rows of the data set with that 4x4 (or name), as JSON or CSV.

    `$limit` (1000 where it is not given), `$offset`, `$order` (`column [asc|desc]`, several with commas) and
    `column=value`; several filters are all met. Without `$order` the rows come as they were published, so that pages
    neither repeat nor skip a row; with it, ties are broken by `id`.
    """
    form = OF_QUESTIONS.get(extension)
    if form is None:
        raise NoSuchDatasetError(
            "There is no such format", ", ".join(OF_QUESTIONS), data={"id": f"{dataset}.{extension}"[:100]}
        )
    held = published(request)
    version = held.dataset(dataset)
    query = parse_query(version, request.query_params.multi_items())
    moment = http_date(version.published_at)
    headers = {
        "ETag": etag_of(__version__, version_mark(version), extension, request.url.query),
        "Last-Modified": moment,
        "Cache-Control": "no-cache",
        "Access-Control-Allow-Origin": "*",
        "X-SODA2-Truth-Last-Modified": moment,
        "X-SODA2-Secondary-Last-Modified": moment,
        "X-SODA2-Data-Out-Of-Date": "false",
        **soda_headers(version),
    }
    return streamed(request, lambda: form.stream(held.tables, query), form.media_type, headers)
