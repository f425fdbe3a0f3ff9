"""/: what this is, a town's name to type, the state at a glance, what is new, what the data cannot tell."""

from __future__ import annotations

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from candor.site import sentences
from candor.site.answers import get, published
from candor.site.catalogue import Published
from candor.site.contexts import Headline, LegendItem, News
from candor.site.figures import ALL, STATE, Figures
from candor.site.pages.map import shown
from candor.site.selection import Selection, default_period
from candor.site.view import page, remembered

router = APIRouter(include_in_schema=False)


@get(router, "/")
def home(request: Request) -> Response:
    """The home page."""
    held = published(request)
    return remembered(request, held, lambda: _home(request, held))


def _home(request: Request, held: Published) -> Response:
    portal = held.release.portal
    svg, legend, map_sentence = _map(held)
    return page(
        request,
        "home.html",
        held,
        title=portal.title,
        current="home",
        page_description=portal.about or sentences.HOME_DESCRIPTION.format(jurisdiction=portal.jurisdiction),
        headlines=tuple(_headlines(held)),
        svg=svg,
        legend=legend,
        map_sentence=map_sentence,
        news=_news(held),
        limits=sentences.limits(counted=held.figures is not None, threshold=portal.suppression_threshold),
        schematic=portal.boundaries_schematic,
    )


def _default(figures: Figures) -> Selection | None:
    if not figures.periods or ALL not in figures.categories:
        return None
    return Selection(ALL, default_period(figures), "citizen", "", "")


def _map(held: Published) -> tuple[Markup, tuple[LegendItem, ...], str]:
    selection = _default(held.figures) if held.figures else None
    if held.figures is None or selection is None:
        return Markup(""), (), ""
    now = shown(held.figures, selection)
    sentence = sentences.map_sentence(selection.period, "", held.release.portal.jurisdiction, officer=False)
    return held.shapes.drawing.render(now.towns, sentence, links=False), now.legend, sentence


def _headlines(held: Published) -> list[Headline]:
    found: list[Headline] = []
    portal = held.release.portal
    selection = _default(held.figures) if held.figures else None
    if held.figures is not None and selection is not None:
        period = selection.period
        state = held.figures.get(STATE, period.key, ALL, "citizen")
        found.append(
            Headline(
                sentence=sentences.state_headline(state, period, portal.jurisdiction),
                number=sentences.decimal(state.rate),
                unit="calls per 1,000 residents and year",
                interval=f"95\N{NO-BREAK SPACE}% interval {sentences.interval(state)}"
                if state.rate is not None
                else "",
                note=sentences.total_note([c for c in held.release.categories if c.sensitivity == "sensitive"]),
                href=f"/map?{selection.query()}",
                link_text="See it town by town",
            )
        )
        states = [f.coverage for f in held.figures.column(period.key, ALL, "citizen")]
        reported = sum(s not in ("not covered", "not reported") for s in states)
        found.append(
            Headline(
                sentence=sentences.coverage_counts(states),
                number=f"{sentences.number(reported)} of {sentences.number(len(states))}",
                unit="towns reported, wholly or in part",
                href="/places",
                link_text="All towns and who covers them",
            )
        )
    accounts = [d.accounting for d in held.release.datasets if d.accounting is not None]
    if accounts:
        read = sum(a.read for a in accounts)
        rows = sum(a.published for a in accounts)
        found.append(
            Headline(
                sentence=sentences.accounting_total(accounts),
                number=sentences.number(rows),
                unit=f"rows published of {sentences.number(read)} read",
                href="/datasets",
                link_text="All data sets",
            )
        )
    return found


def _news(held: Published) -> tuple[News, ...]:
    latest = sorted(held.release.datasets, key=lambda d: (d.published_at, d.kind == "rows"), reverse=True)
    return tuple(
        News(
            title=d.title,
            href=f"/datasets/{d.name}",
            text=sentences.news(held.release, d),
        )
        for d in latest
        if d.kind in ("rows", "counts", "rates")
    )[:5]
