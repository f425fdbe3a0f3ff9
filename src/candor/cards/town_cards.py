"""The cards of a town: each a function of the town and the choice, by name. What pages, embeds and exports show.

A profile says in its `[page]` which it has, in which order (`vocabulary.cards`). A card in which there is nothing to
say of a town is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from candor.cards.categories import categories
from candor.cards.model import PlaceFigure
from candor.cards.sensitive import sensitive_kinds
from candor.cards.series import small_counts, trend
from candor.cards.standing import funnel, similar
from candor.cards.town import TownView

TownCard = Callable[[TownView], PlaceFigure | None]

REGISTRY: Final[Mapping[str, TownCard]] = {
    "funnel": funnel,
    "trend": trend,
    "small-counts": small_counts,
    "similar": similar,
    "categories": categories,
    "sensitive": sensitive_kinds,
}


def place_figures(view: TownView) -> tuple[PlaceFigure, ...]:
    """The figures that the release can give of a town and a choice, in the order of the profile's page."""
    found = (REGISTRY[name](view) for name in view.profile.page.cards)
    return tuple(figure for figure in found if figure is not None)
