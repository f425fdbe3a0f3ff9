"""The figures of a town, each with its sentence, its chart and its table: what pages, embeds and exports show."""

from __future__ import annotations

from collections.abc import Sequence

from candor.site import charts, sentences
from candor.site.catalogue import Published
from candor.site.contexts import PlaceFigure
from candor.site.figures import Figure, Figures, Period, Place
from candor.site.selection import Selection, figures_of


def place_figures(held: Published, town: Place, selection: Selection) -> tuple[PlaceFigure, ...]:
    """The figures that the release can give of a town and a selection, in the order of the page.

    Their keys: `trend`, `small-counts`, `funnel`, `similar`, `categories`; a figure that there is nothing to say in
    is left out.
    """
    figures = figures_of(held)
    return (_trend(figures, town, selection),)


def _trend(figures: Figures, town: Place, selection: Selection) -> PlaceFigure:
    """Month by month."""
    series = figures.series(town.geoid, selection.category, selection.initiated_by)
    title = f"{sentences.capital(sentences.what(selection.label))} by month"
    about = sentences.trend_sentence(series, town.full_name, selection.label, officer=selection.officer)
    return PlaceFigure(
        "trend",
        title,
        about,
        charts.trend(series, f"trend-{town.geoid}", title, about),
        (("Month", False), ("Calls", True), ("Coverage", False)),
        _months(series),
        legend=charts.trend_key(series),
    )


def _months(series: Sequence[tuple[Period, Figure]]) -> tuple[tuple[str, ...], ...]:
    """The months as a table, the latest first."""
    return tuple(
        (sentences.month_name(p.first_month), sentences.number(f.count), sentences.COVERAGE_WORDS[f.coverage])
        for p, f in reversed(series)
    )
