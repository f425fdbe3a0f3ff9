"""The figures of a county or the state: a sensitive kind by month and year, and all kinds by year."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from candor.cards.model import PlaceFigure, Share
from candor.graphics import charts
from candor.messages import sharing
from candor.messages.drawings import trend_sentence
from candor.messages.figures import rate_words
from candor.messages.sensitive import appear_sentence, area_sentence, area_title, cell, months_why, years_heading
from candor.messages.settling import EARLY_WHY, early_amount, early_sentence, early_title
from candor.messages.told import NEAREST, ROUNDED_MEANS, heading, state_of
from candor.messages.words import capital, interval, lower_first, number, span
from candor.published.coming import SENSITIVE
from candor.published.counties import AreaFigure, County, area_figures, early_figures
from candor.published.model import TOLD, Figure, Period
from candor.published.release import Published
from candor.store.model import PublicCategory

_LONG = ("year", "years")
_ORDER = (*_LONG, "quarter")


@dataclass(frozen=True)
class Area:
    """A county or, without one, the state, as a kind is shown of it. `kinds` are all that there are."""

    held: Published
    county: County | None
    kind: PublicCategory
    kinds: tuple[PublicCategory, ...]

    @property
    def name(self) -> str:
        """Adams County; the jurisdiction."""
        return self.county.title if self.county else self.held.release.portal.jurisdiction

    def path_of(self, kind: PublicCategory) -> str:
        """The address of the town's page for a kind."""
        return f"/counties{f'/{self.county.slug}' if self.county else ''}?{urlencode({'category': kind.slug})}"

    @cached_property
    def figures(self) -> list[AreaFigure]:
        """Everything that is published of it."""
        return area_figures(self.held, self.county.name if self.county else None)

    def of_kind(self, *periods: str) -> list[tuple[Period, Figure]]:
        """The chosen kind in the periods of some kinds."""
        return [
            (f.period, f.figure)
            for f in self.figures
            if f.category == self.kind.slug and (not periods or f.period.kind in periods)
        ]


def area_months(area: Area) -> PlaceFigure | None:
    """The kind by month, as a line; None where no month is published."""
    months = area.of_kind("month")
    if not months:
        return None
    why = months_why(area.held.release.settling)
    title = area_title(area.kind.label, area.name)
    sentence = trend_sentence(months, area.name, area.kind.label)
    return PlaceFigure(
        "months",
        title,
        sentence,
        charts.trend(months, "months", title, sentence),
        _COLUMNS,
        tuple(_line(period, figure) for period, figure in reversed(months)),
        note=f"{why} {ROUNDED_MEANS}",
        legend=charts.trend_key(
            months,
            points_of=f"Calls of a month, {NEAREST}",
            partly="Not every town reported: the number of those that did",
        ),
    )


def area_years(area: Area) -> PlaceFigure | None:
    """The kind by year, by years together and, of the state, by quarter: a sentence for the last year, and a table."""
    found = area.of_kind(*_ORDER)
    years = [one for one in found if one[0].kind == "year"]
    if not found:
        return None
    found.sort(key=lambda one: (_ORDER.index(one[0].kind), -one[0].first_month.toordinal()))
    sentence = ""
    if years:
        told = [one for one in years if one[1].coverage in TOLD] or years
        period, figure = max(told, key=lambda one: one[0].last_month)
        sentence = area_sentence(figure, period, area.name, area.kind.label)
    return PlaceFigure(
        "years",
        "By year and quarter" if any(p.kind == "quarter" for p, _ in found) else "By year",
        sentence,
        charts.NOTHING,
        _COLUMNS,
        tuple(_line(period, figure) for period, figure in found),
    )


@dataclass(frozen=True)
class EarlyTable:
    """The early figures of a month: the heading, the sentence, the lines of the table and why they are as they are."""

    title: str
    sentence: str
    rows: tuple[tuple[str, str, str], ...]
    note: str


_MOST_KINDS = 3


def early_tables(held: Published, county: County | None) -> tuple[EarlyTable, ...]:
    """Of each month that is over and not settled, the open kinds of a county or the state."""
    name = county.title if county else held.release.portal.jurisdiction
    found = []
    for early in early_figures(held, county.name if county else None):
        often = sorted(early.kinds, key=lambda one: -one[1])[:_MOST_KINDS]
        most = [(lower_first(kind.label), calls) for kind, calls in often]
        rows = tuple((kind.label, kind.group_label, early_amount(calls)) for kind, calls in early.kinds)
        sentence = early_sentence(most, early.month, early.on, name)
        found.append(EarlyTable(early_title(early.month), sentence, rows, EARLY_WHY))
    return tuple(found)


@dataclass(frozen=True)
class KindLine:
    """A kind in a table: where its months are, its label, and its cells."""

    href: str
    label: str
    cells: tuple[str, ...]


def kinds_by_year(area: Area) -> tuple[tuple[tuple[str, str], ...], tuple[KindLine, ...], str] | None:
    """All kinds beside the years: the headings with how they are set, the lines, and which years are not told yet.

    None without a year that is told.
    """
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    periods: dict[str, Period] = {}
    waiting: dict[str, tuple[Period, Figure]] = {}
    for found in area.figures:
        if found.period.kind in _LONG:
            cells[found.category][found.period.key] = cell(found.figure)
            if found.figure.coverage == "not yet":
                waiting[found.period.key] = (found.period, found.figure)
            else:
                periods[found.period.key] = found.period
    order = sorted(periods.values(), key=lambda p: (p.months, p.first_month))
    if not order:
        return None
    headings = (("Kind", ""), *((years_heading(p), "numeric") for p in order))
    lines = tuple(
        KindLine(f"{area.path_of(kind)}#months", kind.label, tuple(cells[kind.slug].get(p.key, "") for p in order))
        for kind in area.kinds
    )
    return headings, lines, appear_sentence([w for key, w in waiting.items() if key not in periods])


def area_share(area: Area, months: PlaceFigure, base: str) -> Share | None:
    """How the months are cited and downloaded."""
    dataset = area.held.release.dataset(SENSITIVE)
    if dataset is None:
        return None
    rows = {"level": "county", "county": area.county.name} if area.county else {"level": "state"}
    rows |= {"category": area.kind.slug, "period_kind": "month"}
    permalink = f"/datasets/{dataset.name}?{urlencode({'version': str(dataset.version), **rows})}"
    return Share(
        months.title,
        sharing.cite(area.held.release, dataset, months.title, base + permalink),
        permalink,
        snippet="",
        csv=f"/resource/{dataset.id}.csv?{urlencode(rows)}",
    )


_COLUMNS = (
    *(
        ("Period", False),
        (heading("Calls", rounded=True), True),
        ("Coverage", False),
        ("Towns reported", True),
        ("Residents", True),
    ),
    *(("Rate", True), ("95\N{NO-BREAK SPACE}% interval", True)),
)


def _line(period: Period, figure: Figure) -> tuple[str, ...]:
    return (
        capital(span(period)),
        number(figure.count),
        capital(state_of(figure)),
        number(figure.towns_reported),
        number(figure.residents),
        rate_words(figure) if figure.count else "",
        interval(figure),
    )
