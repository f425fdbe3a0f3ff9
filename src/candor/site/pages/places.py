"""/places: all towns by county; /places/<geoid>: one town."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from candor.site import charts, sentences
from candor.site.answers import get, published
from candor.site.catalogue import Published
from candor.site.contexts import Crumb, Download, KnowHow
from candor.site.errors import NoSuchPageError
from candor.site.figures import ALL, COUNTS, RATES, Figures, Place
from candor.site.selection import (
    INITIATOR_OPTIONS,
    Selection,
    category_options,
    default_period,
    figures_of,
    label_of,
    period_options,
    select,
)
from candor.site.view import page, remembered
from candor.store.model import DatasetVersion

router = APIRouter(include_in_schema=False)

_EVERY_ROW = 100_000_000
"""A $limit that no data set reaches: a town's file is never cut short."""


@dataclass(frozen=True)
class TownLine:
    """A town in the list: its words for residents, calls and rate in the default period, and its coverage."""

    place: Place
    residents: str
    calls: str
    rate: str
    interval: str
    state: str


@dataclass(frozen=True)
class CategoryLine:
    """A category of a town: `level` is `group` or `category`; the words of its figure; where the map shows it."""

    slug: str
    label: str
    level: str
    calls: str
    rate: str
    interval: str
    href: str


@get(router, "/places")
def places(request: Request) -> Response:
    """All towns, by county."""
    held = published(request)
    return remembered(request, held, lambda: _places(request, held))


def _places(request: Request, held: Published) -> Response:
    figures = figures_of(held)
    period = default_period(figures)
    category = ALL if ALL in figures.categories else figures.categories[0]
    counties: dict[str, list[TownLine]] = defaultdict(list)
    for place, figure in zip(figures.places, figures.column(period.key, category, "citizen"), strict=True):
        counties[place.county].append(
            TownLine(
                place,
                sentences.number(place.residents),
                sentences.number(figure.count),
                sentences.decimal(figure.rate),
                sentences.interval(figure),
                sentences.state_words(figure),
            )
        )
    states = [f.coverage for f in figures.column(period.key, category, "citizen")]
    return page(
        request,
        "places.html",
        held,
        title=f"Towns of {held.release.portal.jurisdiction}",
        current="",
        crumbs=(Crumb("Home", "/"), Crumb("Towns")),
        counties=sorted(counties.items()),
        when=sentences.span(period),
        coverage_sentence=sentences.coverage_counts(states),
        unplaced=held.unplaced,
    )


@get(router, "/places/{geoid}")
def place(request: Request, geoid: str) -> Response:
    """A town."""
    held = published(request)
    return remembered(request, held, lambda: _place(request, held, geoid))


def _place(request: Request, held: Published, geoid: str) -> Response:
    figures = figures_of(held)
    town = figures.place(geoid)
    if town is None:
        raise NoSuchPageError("There is no town of that number", "a GEOID of the list of towns", "Find it by name")
    selection = select(held, request.query_params)
    now = figures.get(geoid, selection.period.key, selection.category, selection.initiated_by)
    series = figures.series(geoid, selection.category, selection.initiated_by)
    about = sentences.trend_sentence(series, town.full_name, selection.label, officer=selection.officer)
    return page(
        request,
        "place.html",
        held,
        title=town.full_name,
        current="",
        page_description=sentences.headline(
            now, selection.period, town.full_name, selection.label, officer=selection.officer
        ),
        crumbs=(Crumb("Home", "/"), Crumb("Towns", "/places"), Crumb(town.full_name)),
        town=town,
        selection=selection,
        categories=category_options(held),
        periods=period_options(figures),
        initiators=INITIATOR_OPTIONS,
        headline=sentences.headline(now, selection.period, town.full_name, selection.label, officer=selection.officer),
        more=_more(figures, town, selection),
        figure=now,
        span=sentences.span(selection.period),
        chart=charts.trend(
            series, f"trend-{geoid}", f"{sentences.capital(sentences.what(selection.label))} by month", about
        ),
        chart_key=charts.trend_key(series),
        chart_sentence=about,
        months=[(sentences.month_name(p.first_month), sentences.count_words(f), f) for p, f in reversed(series)],
        lines=_lines(held, figures, geoid, selection),
        total_note=sentences.total_note([c for c in held.release.categories if c.sensitivity == "sensitive"]),
        officers_note="" if selection.officer else sentences.OFFICERS_LEFT_OUT,
        agencies=sentences.agency_sentences(held.release.coverage, geoid, town.full_name),
        downloads=_downloads(held, geoid),
        know=_know(held, town, selection),
        limits=sentences.limits(counted=True, threshold=held.release.portal.suppression_threshold),
    )


def _more(figures: Figures, town: Place, selection: Selection) -> tuple[str, ...]:
    """What belongs beside the headline: a longer period where the chosen one is too short for a rate, and the state."""
    more = []
    place, key = town.full_name, selection.category
    now = figures.get(town.geoid, selection.period.key, key, selection.initiated_by)
    if now.rate is None and now.count and not sentences.no_residents(now):
        longer = sorted(
            (p for p in figures.periods.values() if p.kind == "months" and p.months > selection.period.months),
            key=lambda p: p.months,
        )
        for period in longer:
            figure = figures.get(town.geoid, period.key, key, selection.initiated_by)
            if figure.rate is not None:
                more.append(sentences.headline(figure, period, place, selection.label, officer=selection.officer))
                break
    if now.rate is not None:
        more.append(sentences.comparison(now))
    return tuple(filter(None, more))


def _lines(held: Published, figures: Figures, geoid: str, selection: Selection) -> tuple[CategoryLine, ...]:
    """Each group with its categories, in the taxonomy's order, for the chosen period."""
    lines = []
    for group in category_options(held):
        for option in group.options:
            figure = figures.get(geoid, selection.period.key, option.value, selection.initiated_by)
            kind = held.categories.get(option.value)
            is_total = kind is None
            begun_by_officers = group.label and all(
                held.categories[o.value].initiated_by == "officer" for o in group.options if o.value in held.categories
            )
            if (
                not selection.officer
                and figure.count == 0
                and (begun_by_officers if kind is None else kind.initiated_by == "officer")
            ):
                continue  # a zero that only says that officers were left out
            label = label_of(held, option.value) or "All open categories"
            lines.append(
                CategoryLine(
                    option.value,
                    label,
                    "group" if is_total else "category",
                    sentences.count_words(figure),
                    sentences.rate_words(figure),
                    sentences.interval(figure),
                    f"/places/{geoid}?{selection.query(category=option.value)}",
                )
            )
    return tuple(lines)


def _downloads(held: Published, geoid: str) -> tuple[Download, ...]:
    """The town's part of every data set that has a `geoid`, as CSV."""
    notes = {RATES: "rates and intervals, all periods and categories", COUNTS: "counts by month and category"}
    chosen: list[DatasetVersion] = [
        d
        for d in held.release.datasets
        if d.kind in ("rates", "counts", "rows") and any(c.name == "geoid" for c in d.columns)
    ]
    chosen.sort(key=lambda d: ("rates", "counts", "rows").index(d.kind))
    return tuple(
        Download(
            d.title,
            f"/resource/{d.id}.csv?geoid={geoid}&$limit={_EVERY_ROW}",
            "CSV",
            notes.get(d.name, f"the {d.unit_plural} placed in this town"),
        )
        for d in chosen
    )


def _know(held: Published, town: Place, selection: Selection) -> KnowHow:
    portal = held.release.portal
    facts = [
        ("Counted", selection.definition or sentences.counted()),
        (
            "Begun by",
            "the public and officers" if selection.officer else "the public; officers’ own activity is left out",
        ),
        ("Denominator", sentences.denominator(town.residents, portal.population_source)),
        ("Interval", sentences.interval_method()),
        ("Coverage", sentences.COVERAGE_NOTE),
    ]
    links = [("Methods", "/methods")]
    rates = held.release.dataset(RATES)
    if rates is not None:
        facts.append(
            ("Version", f"{rates.title}, version {rates.version}; {sentences.release_sentence(held.release)}.")
        )
        facts.append(("Cite as", sentences.citation(held.release, rates)))
        links.append((f"Data set: {rates.title}", f"/datasets/{rates.name}"))
    return KnowHow(tuple(facts), tuple(links))
