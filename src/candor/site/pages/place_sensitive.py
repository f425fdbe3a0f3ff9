"""The sensitive kinds of calls of a town: whole years side by side, each kind by itself."""

from __future__ import annotations

from urllib.parse import urlencode

from markupsafe import Markup

from candor.site import sentences
from candor.site.contexts import PlaceFigure
from candor.site.counties import county_of
from candor.site.figures import ALL, Figure, Period
from candor.site.pages.place_view import TownView

KEY = "sensitive"


def sensitive_kinds(view: TownView) -> PlaceFigure | None:
    """Every sensitive kind by year; None where there is no such figure, or no year of the town is covered."""
    kinds = [c for c in view.categories if c.slug in view.separate]
    periods = years_of(view, [c.slug for c in kinds])
    if not kinds or not periods:
        return None
    longest = max(periods, key=lambda p: (p.months, p.last_month))
    lines, covered = [], False
    for kind in kinds:
        figures = [view.figures.get(view.town.geoid, p.key, kind.slug, ALL) for p in periods]
        covered |= any(f.coverage != "not covered" for f in figures)
        lines.append((kind.label, *(sentences.cell(f) for f in figures), *_rate(figures[periods.index(longest)])))
    if not covered:
        return None
    when = sentences.years_heading(longest)
    return PlaceFigure(
        KEY,
        sentences.KINDS,
        sentences.kinds_lead(view.town.full_name),
        Markup(""),
        (
            ("Kind", False),
            *((sentences.years_heading(p), True) for p in periods),
            *((f"Rate, {when}", True), ("95\N{NO-BREAK SPACE}% interval", True), ("Compared with the state", False)),
        ),
        tuple(lines),
        note=f"{sentences.BY_YEAR} {sentences.WITHHELD_MEANS}",
    )


def years_of(view: TownView, slugs: list[str]) -> list[Period]:
    """The years and years together that any of the kinds has, the longest last."""
    found = {p.key: p for slug in slugs for p in view.figures.offered(slug).values() if p.kind in ("year", "years")}
    return sorted(found.values(), key=lambda p: (p.months, p.first_month))


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
    rate = sentences.rate_words(figure) if figure.count else ""
    return rate, sentences.interval(figure), sentences.COMPARISON_WORDS[figure.comparison]
