"""What a reader chose to see: layer, view, category, period, who began the calls. Read from an address and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

from candor.cards.choices import (
    LATEST,
    VIEW_OPTIONS,
    default_category,
    default_period,
    figures_of,
    kinds,
    label_of,
    pools,
)
from candor.messages.layers import CALLS, Layer, layer_of
from candor.messages.maps import View
from candor.messages.sensitive import definition_note, periods_published
from candor.published.errors import BadRequestError
from candor.published.figures import Figures
from candor.published.model import ALL, INITIATORS, TOLD, Figure, LayerKey, Period
from candor.published.release import Published


@dataclass(frozen=True)
class Selection:
    """A choice that the release can serve. `label` is the category's in words, empty for all open categories.

    `pools` are the periods that each town's own is chosen from, the shortest first, `period` being the first of them;
    empty where one period stands for all towns. `whoever_began`: the kind is not told apart by who began the call.
    """

    category: str
    period: Period
    initiated_by: str
    label: str
    definition: str
    words: Layer = CALLS
    view: View = "compared"
    pools: tuple[Period, ...] = ()
    whoever_began: bool = False

    @property
    def with_officers(self) -> bool:
        """Whether activity that officers began themselves is included."""
        return self.initiated_by == ALL and self.words.initiators

    @property
    def officer(self) -> bool:
        """Whether a sentence says that it is: where it could have been left out."""
        return self.with_officers and not self.whoever_began

    @property
    def layer(self) -> LayerKey:
        """The name of its profile."""
        return self.words.key

    @property
    def periods(self) -> tuple[Period, ...]:
        """The periods that figures are taken from."""
        return self.pools or (self.period,)

    def query(self, **others: str) -> str:
        """The choice as the query of an address; `others` are added or, where they name a part of it, instead."""
        parts = {"category": self.category, "period": LATEST if self.pools else self.period.key}
        if self.words.initiators:
            parts["initiated_by"] = self.initiated_by
        if not self.words.monthly:
            parts = {"layer": self.layer, **parts}
        if self.view != "compared":
            parts["show"] = self.view
        return urlencode({**parts, **others})


def select_for_map(published: Published, query: Mapping[str, str]) -> Selection:
    """The choice of a map: layer and view besides, and each town's own period where none is asked for."""
    every = [p.name for p in published.release.profiles]
    layer = query.get("layer") or next((key for key in every if key in published.layers), every[0])
    if layer not in (published.layers or every):
        raise BadRequestError("The address asks for a layer that is not published", ", ".join(published.layers))
    view = query.get("show") or "compared"
    if view not in {o.value for o in VIEW_OPTIONS}:
        allowed = ", ".join(o.value for o in VIEW_OPTIONS)
        raise BadRequestError("The address asks for a view that the map does not have", allowed)
    query = _of_category(published, _of_layer(published, query, layer), layer)
    chosen = replace(select(published, query, layer), view=cast("View", view))
    if view == "compared" and not _is_compared(published, chosen):
        # Officers' own activity is counted and not compared: what there is to show of it are rates.
        chosen = replace(chosen, view="rate")
    if query.get("period") not in (None, "", LATEST):
        return chosen
    own = pools(figures_of(published, chosen.layer), chosen.category)
    return replace(chosen, period=own[0], pools=own)


def _is_compared(published: Published, chosen: Selection) -> bool:
    """Whether towns are compared by a choice: by no figure of it where officers' own activity is in it."""
    labels = set(
        figures_of(published, chosen.layer).comparisons(chosen.period.key, chosen.category, chosen.initiated_by)
    )
    return "not compared" not in labels


def _of_layer(published: Published, query: Mapping[str, str], layer: str) -> Mapping[str, str]:
    """The query without what only another layer has: who changes the layer in the form sends its old choice along."""
    own = published.layers.get(layer)
    others = [f for key, f in published.layers.items() if key != layer]
    if own is None:
        return query
    foreign = {
        "category": {c for f in others for c in f.categories} - set(own.categories),
        "period": {p for f in others for p in f.periods} - set(own.periods),
    }
    return {key: value for key, value in query.items() if value not in foreign.get(key, ())}


def _of_category(published: Published, query: Mapping[str, str], layer: str) -> Mapping[str, str]:
    """The query without a period that only the form's old category, `was`, has."""
    own = published.layers.get(layer)
    category, period = query.get("category", ""), query.get("period")
    if own is None or category not in own.categories or query.get("was", category) == category:
        return query
    foreign = period in own.periods and period not in own.offered(category)
    return {key: value for key, value in query.items() if key != "period" or not foreign}


def select(published: Published, query: Mapping[str, str], layer: LayerKey = "") -> Selection:
    """The choice that an address makes; what it does not say takes its default. Raises `BadRequestError`."""
    layer = layer or published.release.monthly.name
    words = layer_of(published.release.profile(layer))
    figures = figures_of(published, layer)
    category = query.get("category") or default_category(figures)
    if category not in figures.categories:
        raise BadRequestError(
            "The address asks for a category that is not published", ", ".join(figures.categories), "Choose one below"
        )
    known = kinds(published, layer).get(category)
    label = label_of(published, category, layer)
    period = _period(figures, query, category, label)
    begun_by_officers = known is not None and known.initiated_by == "officer"
    # A kind that officers begin themselves would be zero everywhere without them.
    apart = figures.initiators(category)
    usual = ALL if begun_by_officers or "citizen" not in apart else "citizen"
    initiated_by = (query.get("initiated_by") if words.initiators else "") or usual
    if initiated_by not in INITIATORS:
        raise BadRequestError("The address asks for calls begun by somebody unknown", ", ".join(INITIATORS))
    initiated_by = initiated_by if initiated_by in apart else usual
    definition = known.definition if known else ""
    if begun_by_officers and initiated_by != ALL:
        definition += " Officers begin this kind themselves, so it is left out of calls from the public."
    if known is not None and known.sensitivity == "sensitive":
        definition += f" {definition_note(words)}"
    return Selection(
        category,
        period,
        initiated_by,
        label,
        definition,
        words,
        whoever_began=words.initiators and apart == (ALL,),
    )


def _period(figures: Figures, query: Mapping[str, str], category: str, label: str) -> Period:
    """The period that an address asks for. Raises `BadRequestError` where the category has no such period."""
    offered, asked = figures.offered(category), query.get("period") or LATEST
    if asked == LATEST:
        return default_period(figures, category)
    if asked in offered:
        return offered[asked]
    found = "The address asks for a period that is not published"
    if asked in figures.periods and figures.profile.initiators and figures.initiators(category) == (ALL,):
        raise BadRequestError(
            f"{found} for towns and this sensitive kind of call",
            ", ".join(offered),
            periods_published(label, tuple(offered.values())),
        )
    longer = [p.key for p in offered.values() if p.kind != "month"]
    months = sorted(p.key for p in offered.values() if p.kind == "month")
    allowed = ", ".join([*longer, *([f"a month from {months[0]} to {months[-1]}"] if months else [])])
    raise BadRequestError(found, allowed, "Choose one on the map")


def told_instead(figures: Figures, geoid: str, selection: Selection) -> tuple[Figure, Period] | None:
    """Of a figure that is not told of a town and period: that of the nearest years that are, the longest first."""
    best: tuple[tuple[int, int], Figure, Period] | None = None
    for period in figures.offered(selection.category).values():
        if period.kind not in ("year", "years") or period.key == selection.period.key:
            continue
        figure = figures.get(geoid, period.key, selection.category, selection.initiated_by)
        if figure.coverage in TOLD:
            inside = period.first_month <= selection.period.first_month and (
                selection.period.last_month <= period.last_month
            )
            order = (int(inside), period.last_month.toordinal())
            if best is None or order > best[0]:
                best = (order, figure, period)
    return best and best[1:]
