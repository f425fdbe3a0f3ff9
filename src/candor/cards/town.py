"""What the figures of a town's page are made from: the town, the choice, and the layer with its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from candor.cards.choices import default_category, default_period
from candor.cards.selection import Selection, select_for_map, told_instead
from candor.messages.figures import what
from candor.messages.layers import Layer
from candor.messages.words import lower_first
from candor.profiles.profile import Profile
from candor.published.figures import Figures
from candor.published.model import ALL, NO_FIGURE, STATE, Figure, Period, Place
from candor.published.release import Published
from candor.store.model import PublicCategory


def select_for_town(held: Published, town: Place, query: Mapping[str, str]) -> Selection:
    """The choice of a town's page.

    Where no period is asked for it is the shortest of the pools that gives a rate; where a figure of it is not told of
    this town, one for which there is a figure.
    """
    chosen = select_for_map(held, query)
    figures = held.layers[chosen.layer]
    found = [(p, figures.get(town.geoid, p.key, chosen.category, chosen.initiated_by)) for p in chosen.pools]
    known = [p for p, f in found if f.rate is not None]
    if not known and found and found[0][1].coverage in ("by county only", "not yet"):
        other = told_instead(figures, town.geoid, chosen)
        known = [other[1]] if other else []
    return replace(chosen, period=known[0] if known else chosen.period, view="compared", pools=())


@dataclass(frozen=True)
class TownView:
    """A town as a selection sees it."""

    held: Published
    town: Place
    selection: Selection

    @property
    def figures(self) -> Figures:
        """The figures of the chosen layer."""
        return self.held.layers[self.selection.layer]

    @property
    def layer(self) -> Layer:
        """The words of the chosen layer."""
        return self.selection.words

    @property
    def profile(self) -> Profile:
        """What is counted, and in which tables."""
        return self.held.release.profile(self.selection.layer)

    @property
    def categories(self) -> tuple[PublicCategory, ...]:
        """Its categories, in the taxonomy's order."""
        return self.held.release.kinds(self.selection.layer)

    @cached_property
    def separate(self) -> frozenset[str]:
        """The sensitive kinds of what settles by month: they have periods of their own, and stand apart."""
        if not self.layer.monthly:
            return frozenset()
        return frozenset(c.slug for c in self.categories if c.sensitivity == "sensitive") & {*self.figures.categories}

    @cached_property
    def kinds_period(self) -> Period:
        """The period of the open kinds: the chosen one where they have it."""
        figures, open_kind = self.figures, default_category(self.figures)
        chosen = self.selection.period
        return chosen if chosen.key in figures.offered(open_kind) else default_period(figures, open_kind)

    @property
    def events(self) -> str:
        """What is counted, without a number: "calls about noise"."""
        return what(self.selection.label, layer=self.layer)

    @cached_property
    def now(self) -> Figure:
        """The town's figure of the choice."""
        return self.at(self.selection.period)

    @cached_property
    def state(self) -> Figure:
        """The state's figure of the same kind and period."""
        return self.at(self.selection.period, STATE)

    @cached_property
    def months(self) -> list[tuple[Period, Figure]]:
        """The town's figures of every month."""
        return self.series("month")

    def at(self, period: Period, geoid: str | None = None) -> Figure:
        """The figure of the chosen kind in a period: the town's, where no other place is named."""
        where = self.town.geoid if geoid is None else geoid
        return self.figures.get(where, period.key, self.selection.category, self.selection.initiated_by)

    def of_same_span(self, period: Period) -> tuple[Period, Figure] | None:
        """The published period of the same months with its figure, for the last 12 months can be a year by another
        name; else the count of these months together, where each of them is known as a whole."""
        offered = self.figures.offered(self.selection.category)
        span = period.first_month, period.last_month
        same = offered.get(period.key) or next(
            (p for p in offered.values() if (p.first_month, p.last_month) == span), None
        )
        if same is not None:
            return same, self.at(same)
        months = [f for p, f in self.months if span[0] <= p.first_month <= span[1]]
        counts = [f.count for f in months if f.count is not None and f.coverage in ("reported", "zero")]
        if len(counts) < period.months:
            return None
        total = sum(counts)
        return period, replace(
            NO_FIGURE, coverage="reported" if total else "zero", count=total, months_reported=period.months
        )

    @cached_property
    def instead(self) -> tuple[Figure, Period] | None:
        """Where the figure of the choice is not told of this town: one that is, and its period."""
        if self.now.coverage not in ("by county only", "not yet"):
            return None
        return told_instead(self.figures, self.town.geoid, self.selection)

    def series(self, kind: str) -> list[tuple[Period, Figure]]:
        """The town's figures of every period of a kind."""
        return self.figures.series(self.town.geoid, self.selection.category, self.selection.initiated_by, kind)

    def name(self, key: str) -> str:
        """What the ids of a chart begin with; several towns can stand on one page."""
        return f"{key}-{self.town.geoid}"

    def kinds(self) -> Iterator[tuple[str, str, str]]:
        """The slug, label and level (`group`, `category`) of the open kinds, each group before its own."""
        known = set(self.figures.categories) - self.separate
        if ALL in known:
            yield ALL, "All open categories", "group"
        groups: dict[str, list[PublicCategory]] = {}
        for category in self.categories:
            if category.slug in known:
                groups.setdefault(category.group, []).append(category)
        for slug, own in groups.items():
            if len(own) > 1 and slug in known and slug not in {c.slug for c in own}:
                yield slug, f"All: {lower_first(own[0].group_label)}", "group"
            yield from ((c.slug, c.label, "category") for c in own)
