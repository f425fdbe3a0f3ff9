"""/: what this is, a town's name to type, the state at a glance, what is new, what the data cannot tell."""

from __future__ import annotations

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from candor.cards.choices import figures_of
from candor.cards.map import map_title, shown, state_sentences
from candor.cards.model import Headline, Legend
from candor.cards.selection import Selection, select_for_map
from candor.graphics.shapes import shapes_of
from candor.messages import maps
from candor.messages.coverage import coverage_counts
from candor.messages.figures import state_headline, total_note
from candor.messages.layers import layer_of
from candor.messages.release import accounting_total, home_description, limits, news, tells_sensitive
from candor.messages.settling import late_sentences, next_sentences
from candor.messages.words import decimal, interval, number
from candor.published.coming import EARLY
from candor.published.model import STATE, TOLD
from candor.published.release import Published
from candor.site.contexts import News
from candor.site.http.answers import get, published
from candor.site.http.view import page, remembered

router = APIRouter(include_in_schema=False)


@get(router, "/")
def home(request: Request) -> Response:
    """The home page."""
    held = published(request)
    return remembered(request, held, lambda: _home(request, held))


def _home(request: Request, held: Published) -> Response:
    portal = held.release.portal
    svg, legend, map_sentence = _map(held)
    selection = _default(held)
    return page(
        request,
        "home.html",
        held,
        title=portal.title,
        current="home",
        page_description=portal.about or _described(held),
        state_sentences=state_sentences(held, selection) if selection else (),
        headlines=tuple(_headlines(held)),
        svg=svg,
        legend=legend,
        map_sentence=map_sentence,
        news=_news(held),
        coming=(*late_sentences(held.release.coverage), *next_sentences(held.release)),
        early="/counties#early" if held.release.dataset(EARLY) else "",
        lede=portal.about or home_description(layer_of(held.release.monthly)),
        limits=limits(
            counted=held.figures is not None,
            layer=layer_of(held.release.monthly),
            sensitive=tells_sensitive(held.release),
        ),
        schematic=portal.boundaries_schematic,
    )


def _described(held: Published) -> str:
    return home_description(layer_of(held.release.monthly), held.release.portal.jurisdiction)


def _default(held: Published) -> Selection | None:
    """The map that opens without a question; None where there is none."""
    return select_for_map(held, {}) if any(f.periods and f.places for f in held.layers.values()) else None


def _map(held: Published) -> tuple[Markup, Legend | None, str]:
    selection = _default(held)
    if selection is None:
        return Markup(""), None, ""
    now = shown(figures_of(held, selection.layer), selection)
    drawn = shapes_of(held).drawing.render(now.towns, map_title(held, selection), links=False)
    return drawn, now.legend, maps.colour_meaning(selection.view, selection.words)


def _headlines(held: Published) -> list[Headline]:
    found: list[Headline] = []
    selection = _default(held)
    if selection is not None:
        period, figures = selection.period, figures_of(held, selection.layer)
        state = figures.get(STATE, period.key, selection.category, selection.initiated_by)
        found.append(
            Headline(
                sentence=state_headline(
                    state,
                    period,
                    held.release.portal.jurisdiction,
                    selection.label,
                    officer=selection.officer,
                    layer=selection.words,
                ),
                number=decimal(state.rate),
                unit=f"{selection.words.many} per 1,000 people and year",
                interval=f"95\N{NO-BREAK SPACE}% interval {interval(state)}" if state.rate is not None else "",
                note=_total_note(held, selection),
                href=f"/map?{selection.query()}",
                link_text="See it town by town",
            )
        )
        column = figures.column(period.key, selection.category, selection.initiated_by)
        states = [f.coverage for f in column]
        reported = sum(s in TOLD for s in states)
        found.append(
            Headline(
                sentence=coverage_counts(states, selection.words),
                number=f"{number(reported)} of {number(len(states))}",
                unit="towns reported, wholly or in part",
                href="/places",
                link_text="All towns and who covers them",
            )
        )
    accounts = [d.accounting for d in held.release.datasets if d.accounting is not None]
    if accounts:
        rows = sum(a.published for a in accounts)
        found.append(
            Headline(
                sentence=accounting_total(accounts),
                number=number(rows),
                unit="rows published",
                href="/datasets",
                link_text="All data sets",
            )
        )
    return found


def _total_note(held: Published, selection: Selection) -> str:
    kinds = held.release.kinds(selection.layer)
    return total_note([c for c in kinds if c.sensitivity == "sensitive"], selection.words)


def _news(held: Published) -> tuple[News, ...]:
    latest = sorted(held.release.datasets, key=lambda d: (d.published_at, d.kind == "rows"), reverse=True)
    return tuple(
        News(
            title=d.title,
            href=f"/datasets/{d.name}",
            text=news(held.release, d),
        )
        for d in latest
        if d.kind in ("rows", "counts", "rates")
    )[:5]
