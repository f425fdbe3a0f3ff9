"""The sensitive kinds of calls of a town: years, one by one or together, side by side, each kind by itself."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from markupsafe import Markup

from candor.cards.model import PlaceFigure
from candor.cards.town import TownView
from candor.messages.comparison import BESIDE, comparison_cell
from candor.messages.figures import rate_words
from candor.messages.sensitive import (
    BY_YEAR,
    KINDS,
    TOGETHER,
    TOGETHER_MEANS,
    appear_sentence,
    cell,
    kinds_lead,
    years_heading,
)
from candor.messages.told import SUM_MEANS
from candor.messages.words import interval
from candor.published.counties import county_of
from candor.published.model import ALL, NO_FIGURE, TOLD, Figure, Period

KEY = "sensitive"


def sensitive_kinds(view: TownView) -> PlaceFigure | None:
    """Every sensitive kind by the years that are told of the town; None where none is."""
    kinds = [c for c in view.categories if c.slug in view.separate]
    figures = {
        kind.slug: {
            p.key: (p, view.figures.get(view.town.geoid, p.key, kind.slug, ALL))
            for p in view.figures.offered(kind.slug).values()
            if p.kind in ("year", "years")
        }
        for kind in kinds
    }
    every = [one for own in figures.values() for one in own.values()]
    told = {p.key: p for p, figure in every if figure.coverage in TOLD}
    if not told:
        return None
    periods = sorted(told.values(), key=lambda p: (p.months, p.first_month))
    longest = max(periods, key=lambda p: (p.months, p.last_month))
    lines = [
        (
            kind.label,
            *(_cell(figures[kind.slug], p) for p in periods),
            *_rate(figures[kind.slug].get(longest.key, (longest, NO_FIGURE))[1]),
        )
        for kind in kinds
    ]
    waiting = {p.key: (p, figure) for p, figure in every if figure.coverage == "not yet" and p.kind == "year"}
    when = years_heading(longest)
    return PlaceFigure(
        KEY,
        KINDS,
        kinds_lead(view.town.full_name),
        Markup(""),
        (
            ("Kind", False),
            *((years_heading(p), True) for p in periods),
            *((f"Rate, {when}", True), ("95\N{NO-BREAK SPACE}% interval", True), (BESIDE, False)),
        ),
        tuple(lines),
        note=" ".join(
            filter(
                None,
                (
                    BY_YEAR,
                    SUM_MEANS if len(periods) > 1 and longest.kind == "years" else "",
                    TOGETHER_MEANS if any(TOGETHER in line for line in lines) else "",
                    appear_sentence([one for key, one in waiting.items() if key not in told]),
                ),
            )
        ),
    )


def _cell(own: Mapping[str, tuple[Period, Figure]], period: Period) -> str:
    """A kind in a period; of a year that is not told by itself, whether it is told together with others."""
    _, figure = own.get(period.key, (period, NO_FIGURE))
    together = any(
        p.kind == "years"
        and p.first_month <= period.first_month
        and period.last_month <= p.last_month
        and f.coverage in TOLD
        for p, f in own.values()
    )
    if figure.coverage == "by county only" and period.kind == "year" and together:
        return TOGETHER
    return cell(figure)


def months_href(view: TownView, category: str = "") -> str:
    """Where the months of the town's county are; empty where it has none."""
    county = county_of(view.held, view.town)
    if county is None:
        return ""
    query = f"?{urlencode({'category': category})}#months" if category else ""
    return f"/counties/{county.slug}{query}"


def _rate(figure: Figure) -> tuple[str, str, str]:
    if figure.count is None:
        return "", "", ""
    rate = rate_words(figure) if figure.count else ""
    return rate, interval(figure), comparison_cell(figure)
