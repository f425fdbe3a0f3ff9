"""What can be chosen of a release: layers, views, categories, periods, who began the calls; and the defaults."""

from __future__ import annotations

from collections.abc import Mapping

from candor.cards.model import Option, OptionGroup
from candor.messages.words import lower_first, period_label
from candor.published.errors import NoSuchPageError
from candor.published.figures import Figures
from candor.published.model import ALL, TOWNS, LayerKey, Period
from candor.published.release import Published
from candor.store.model import PublicCategory

INITIATOR_OPTIONS = (
    Option("citizen", "The public"),
    Option("all", "The public and officers"),
)
VIEW_OPTIONS = (
    Option("compared", "Beside the rest of the state"),
    Option("rate", "Rates per 1,000 people"),
    Option("counts", "Numbers as circles"),
)
LATEST = "latest"
"""The period that is each town's own: the shortest of the pools with enough events to give a rate."""

_POOLS = ("last-12-months", "last-36-months")


def figures_of(published: Published, layer: LayerKey = "") -> Figures:
    """The release's figures of a layer, or of the rows. Raises `NoSuchPageError` where nothing is counted by town."""
    layer = layer or published.release.monthly.name
    figures = published.layers.get(layer)
    if figures is None or not figures.periods or not figures.places:
        published.require(published.release.profile(layer).tables.figures, TOWNS)
        raise NoSuchPageError(
            "This portal publishes no counts by town yet", remedy="Its data sets are listed under Data sets"
        )
    return figures


def default_period(figures: Figures, category: str) -> Period:
    """Of a category the last 12 months; without them, all months together; else the years that most towns are told of.

    A town has either single years or years together of a sensitive kind, and of the years together a sum of the single
    ones: they are what all towns can be shown by.
    """
    offered = figures.offered(category)
    for key in ("last-12-months", ALL):
        if key in offered:
            return offered[key]
    told = figures.told(category)
    enough = max(max(told.values()) / 2, 1)
    found = [p for p in offered.values() if told[p.key] >= enough] or list(offered.values())
    years = [p for p in found if p.kind == "year"]
    together = [p for p in found if p.kind == "years"]
    return max(together or years or found, key=lambda p: (p.last_month, p.months))


def pools(figures: Figures, category: str) -> tuple[Period, ...]:
    """What a town's own period is chosen from: the last 12 and the last 36 months, or the default period alone."""
    first, offered = default_period(figures, category), figures.offered(category)
    found = tuple(offered[key] for key in _POOLS if key in offered)
    return found if found and found[0] is first else (first,)


def default_category(figures: Figures) -> str:
    """All open categories together, where there is such a sum; else the first that has most periods."""
    if ALL in figures.categories:
        return ALL
    return max(figures.categories, key=lambda c: len(figures.offered(c)))


def kinds(published: Published, layer: LayerKey = "") -> Mapping[str, PublicCategory]:
    """The categories of a layer by slug."""
    return {c.slug: c for c in published.release.kinds(layer)}


def label_of(published: Published, category: str, layer: LayerKey = "") -> str:
    """The category's or the group's label; empty for all open categories together."""
    if category == ALL:
        return ""
    found = kinds(published, layer)
    known = found.get(category)
    return known.label if known else {c.group: c.group_label for c in found.values()}.get(category, category)


def category_options(published: Published, layer: LayerKey = "") -> tuple[OptionGroup, ...]:
    """All open categories, then each group with its categories, in the taxonomy's order."""
    figures = figures_of(published, layer)
    known = kinds(published, layer)
    groups = [OptionGroup("", (Option(ALL, "All open categories"),))] if ALL in figures.categories else []
    for slug, label in {c.group: c.group_label for c in known.values()}.items():
        own = [c for c in known.values() if c.group == slug and c.slug in figures.categories]
        options = [Option(c.slug, c.label) for c in own]
        if len(own) > 1 and slug in figures.categories and slug not in known:
            options.insert(0, Option(slug, f"All: {lower_first(label)}"))
        if options:
            groups.append(OptionGroup(label, tuple(options)))
    return tuple(groups)


def layer_options(published: Published) -> tuple[Option, ...]:
    """The layers, where there is a choice."""
    found = tuple(Option(p.name, p.words.title) for p in published.release.profiles if p.name in published.layers)
    return found if len(found) > 1 else ()


def period_options(figures: Figures, category: str, *, latest: bool = False) -> tuple[OptionGroup, ...]:
    """The periods of a category: pools of months, calendar years, quarters and months, the latest first.

    With `latest`, each town's own first.
    """
    kinds_of_period = (
        *(("", "months"), ("Calendar years", "year"), ("Years together", "years")),
        *(("Quarters", "quarter"), ("Months", "month")),
    )
    groups = []
    if latest:
        own = pools(figures, category)
        label = f"Latest: {lower_first(period_label(own[0]))}"
        if len(own) > 1:
            label = f"Latest {' or '.join(str(p.months) for p in own)} months"
        groups.append(OptionGroup("", (Option(LATEST, label),)))
    for label, kind in kinds_of_period:
        periods = [p for p in figures.offered(category).values() if p.kind == kind]
        if kind == "months":
            periods.sort(key=lambda p: (p.key == ALL, p.months))
        else:
            periods.sort(key=lambda p: p.first_month, reverse=True)
        if periods:
            groups.append(OptionGroup(label, tuple(Option(p.key, period_label(p)) for p in periods)))
    return tuple(groups)
