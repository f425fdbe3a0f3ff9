"""The figures of a town, each with its sentence, its chart and its table: what pages, embeds and exports show."""

from __future__ import annotations

from candor.cards.categories import kinds
from candor.cards.model import PlaceFigure
from candor.cards.selection import Selection
from candor.cards.sensitive import sensitive_kinds
from candor.cards.series import small_counts, trend
from candor.cards.standing import funnel, similar
from candor.cards.town import TownView
from candor.published.model import Place
from candor.published.release import Published


def place_figures(held: Published, town: Place, selection: Selection) -> tuple[PlaceFigure, ...]:
    """The figures that the release can give of a town and a selection, in the order of the page.

    Their keys: `funnel`, `trend`, `small-counts`, `similar`, `categories`, `sensitive`; a figure in which there is
    nothing to say is left out.
    """
    view = TownView(held, town, selection)
    found = (funnel(view), trend(view), small_counts(view), similar(view), kinds(view)[0], sensitive_kinds(view))
    return tuple(figure for figure in found if figure is not None)
