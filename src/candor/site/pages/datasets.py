"""/datasets: what is published; /datasets/<name>: one data set with its rows, versions and files."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from candor.cards.model import Option
from candor.messages.alike import alike_sentences
from candor.messages.privacy import accepted_line, approval_line, review_line
from candor.messages.release import (
    ACCOUNTING_WITHHELD,
    accounting_sentence,
    citation,
    indicator_facts,
    release_sentence,
    rows_withdrawn,
    withdrawal_line,
)
from candor.messages.settling import EARLY_WHY, corrected_sentence, late_sentences, next_sentences, told_next
from candor.messages.told import ROUNDED_MEANS
from candor.messages.words import day_name, local_day, number
from candor.published import coming, model
from candor.published.errors import BadRequestError
from candor.published.release import Published
from candor.query.formats.registry import OF_DATASETS
from candor.query.rows import RowQuery
from candor.site.contexts import Crumb, Download
from candor.site.http.answers import get, published
from candor.site.http.view import page
from candor.site.pages import browse, levels
from candor.site.pages.downloads import old_version_query, size_words
from candor.store.dataset_model import DatasetVersion

router = APIRouter(include_in_schema=False)

_KINDS = {
    "rows": "Records",
    "counts": "Counts and figures",
    "rates": "Counts and figures",
    "places": "Places",
    "names": "Places",
}


_CELLS = {"integer": "numeric", "number": "numeric", "date": "nowrap", "timestamp": "nowrap"}
"""How the cells of a type are set."""


@get(router, "/datasets")
def datasets(request: Request) -> Response:
    """All data sets of the release, by kind."""
    held = published(request)
    groups: dict[str, list[DatasetVersion]] = {heading: [] for heading in _KINDS.values()}
    for dataset in held.release.datasets:
        groups[_KINDS[dataset.kind]].append(dataset)
    return page(
        request,
        "datasets.html",
        held,
        title="Data sets",
        current="datasets",
        crumbs=(Crumb("Home", "/"), Crumb("Data sets")),
        groups=[(heading, found) for heading, found in groups.items() if found],
        release_words=release_sentence(held.release),
        withdrawn=[withdrawal_line(t) for t in held.withdrawn],
    )


def _when(held: Published, version: DatasetVersion) -> tuple[str, ...]:
    """What of it appears next, who came late, and what was corrected."""
    release = held.release
    match version.name:
        case coming.SENSITIVE:
            return told_next(coming.told_on(held.tables, release, "state"))
        case coming.EARLY:
            return next_sentences(release)
        case model.RATES | model.COUNTS:
            corrected = corrected_sentence(release)
            late = late_sentences(release.coverage)
            return (*next_sentences(release), *late, *([corrected] if corrected else []))
        case _ if version.kind == "rows":
            late = late_sentences(release.coverage, version.name)
            return (*next_sentences(release, version.name), *late)
    return ()


@get(router, "/datasets/{name}")
def dataset(request: Request, name: str) -> Response:
    """A data set, in force or, with `version`, as it was."""
    held = published(request)
    parameters = request.query_params
    wanted = parameters.get("version") or None
    version = held.dataset(name, wanted)
    if "$column" in parameters:
        return RedirectResponse(browse.from_form(version, parameters.multi_items()), 303)
    nouns = held.release.portal.nouns
    view = browse.View(version, wanted, browse.parse(version, levels.coded(version, parameters.multi_items(), nouns)))
    total = _count(held, view.query)
    if view.query.offset and view.query.offset >= total:
        raise BadRequestError(
            "There is no such page of rows", f"$offset from 0 to {max(total - 1, 0)}", "Go to the first"
        )
    current = held.release.dataset(version.name)
    title = version.title if not wanted else f"{version.title}, version {version.version}"
    return page(
        request,
        "dataset.html",
        held,
        title=title,
        current="datasets",
        page_description=version.description or title,
        crumbs=(Crumb("Home", "/"), Crumb("Data sets", "/datasets"), Crumb(title)),
        dataset=version,
        current_version=current,
        versions=held.versions(version),
        withdrawn=[rows_withdrawn(t) for t in held.withdrawn if t.what == "rows" and t.id == version.id],
        downloads=_downloads(held, version, current),
        accounting_withheld=ACCOUNTING_WITHHELD,
        counties_href="/counties" if version.name in (coming.SENSITIVE, coming.EARLY) else "",
        when=_when(held, version),
        meaning=_meaning(version),
        accounts=version.accounting,
        accounting=accounting_sentence(version.accounting) if version.accounting else "",
        facts=_facts(held, version),
        alike=alike_sentences(version),
        approvals=[approval_line(a) for a in version.approvals],
        reviews=[review_line(r) for r in version.reviews],
        accepted=[accepted_line(a) for a in version.accepted],
        indicator=indicator_facts(version.indicator),
        rows=levels.shown(version, browse.cells(held.tables, view.query), nouns),
        rows_caption=view.caption(total),
        headers=view.headers(),
        kinds=[_CELLS.get(c.type, "") for c in version.columns],
        chips=view.chips(),
        columns=tuple(Option(c.name, c.label) for c in version.columns if c.type != "geometry"),
        hidden=view.items(offset=0),
        pages=view.pages(total),
        api=f"/resource/{version.id}.json",
        has_geometry=any(c.type == "geometry" for c in version.columns),
    )


def _meaning(version: DatasetVersion) -> tuple[str, ...]:
    """What its numbers are, where they are rounded."""
    match version.name:
        case coming.SENSITIVE:
            return (ROUNDED_MEANS,)
        case coming.EARLY:
            return (EARLY_WHY,)
    return ()


def _facts(held: Published, version: DatasetVersion) -> list[tuple[str, str]]:
    """Where the version comes from."""
    source = version.provenance
    facts = [
        ("Identifier in the API", version.id),
        ("Version", f"{version.version}, published {local_day(version.published_at, held.release.portal)}"),
        ("Rows", number(version.rows)),
    ]
    if version.first_date and version.last_date:
        dates = f"{day_name(version.first_date)} to {day_name(version.last_date)}"
        facts.append(("Time covered", dates))
    facts.append(("Licence", version.licence or "The publisher has not named one."))
    if source.key:
        facts.append(("Key of the keyed hashes", f"{source.key} (its fingerprint, which says nothing of the key)"))
    if source.configuration_sha256:
        facts.append(("Configuration", f"SHA-256 {source.configuration_sha256}"))
    if version.content_sha256:
        of = f" (of the list of its {len(version.files)} files' SHA-256)" if version.files[1:] else ""
        facts.append(("Published content", f"SHA-256 {version.content_sha256}{of}"))
    if source.program:
        facts.append(("Made by", f"{source.program}{f' on {source.engine}' if source.engine else ''}"))
    facts.append(("Cite as", citation(held.release, version)))
    return facts


def _downloads(held: Published, version: DatasetVersion, current: DatasetVersion | None) -> tuple[Download, ...]:
    end = old_version_query(version, current)
    base = f"/datasets/{version.name}"
    rows = f"all {number(version.rows)} {version.unit_plural}"
    size = size_words(held.tables.files(version))
    return tuple(
        Download(form.title, f"{base}.{form.name}{end}", form.label, rows, size if form.stored else "")
        for form in OF_DATASETS.values()
    )


def _count(held: Published, query: RowQuery) -> int:
    if not query.where.parts:
        return query.version.rows
    sql, parameters = query.count_sql(held.tables.files(query.version))
    return int(held.tables.rows(sql, parameters)[0][0])
