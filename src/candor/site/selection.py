"""What a reader chose to see: category, period, who began the calls. Read from an address, checked, and offered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from candor.site import sentences
from candor.site.catalogue import Published
from candor.site.contexts import Option, OptionGroup
from candor.site.errors import BadRequestError, NoSuchPageError
from candor.site.figures import ALL, INITIATORS, Figures, Period

INITIATOR_OPTIONS = (
    Option("citizen", "The public"),
    Option("all", "The public and officers"),
)


@dataclass(frozen=True)
class Selection:
    """A choice that the release can serve. `label` is the category's in words, empty for all open categories."""

    category: str
    period: Period
    initiated_by: str
    label: str
    definition: str

    @property
    def officer(self) -> bool:
        """Whether activity that officers began themselves is included."""
        return self.initiated_by == ALL

    def query(self, **others: str) -> str:
        """The choice as the query of an address; `others` are added or, where they name a part of it, instead."""
        parts = {"category": self.category, "period": self.period.key, "initiated_by": self.initiated_by}
        return urlencode({**parts, **others})


def figures_of(published: Published) -> Figures:
    """The release's figures. Raises `NoSuchPageError` where the portal counts nothing by town."""
    if published.figures is None or not published.figures.periods or not published.figures.places:
        raise NoSuchPageError(
            "This portal publishes no counts by town yet", remedy="Its data sets are listed under Data sets"
        )
    return published.figures


def default_period(figures: Figures) -> Period:
    """The last 12 months; without them, all months together; else the latest period."""
    for key in ("last-12-months", ALL):
        if key in figures.periods:
            return figures.periods[key]
    return max(figures.periods.values(), key=lambda p: (p.last_month, p.months))


def select(published: Published, query: Mapping[str, str]) -> Selection:
    """The choice that an address makes; what it does not say takes its default. Raises `BadRequestError`."""
    figures = figures_of(published)
    category = query.get("category") or (ALL if ALL in figures.categories else figures.categories[0])
    if category not in figures.categories:
        raise BadRequestError(
            "The address asks for a category that is not published", ", ".join(figures.categories), "Choose one below"
        )
    period = query.get("period") or default_period(figures).key
    if period not in figures.periods:
        longer = [p.key for p in figures.periods.values() if p.kind != "month"]
        months = sorted(p.key for p in figures.periods.values() if p.kind == "month")
        allowed = ", ".join([*longer, *([f"a month from {months[0]} to {months[-1]}"] if months else [])])
        raise BadRequestError("The address asks for a period that is not published", allowed, "Choose one on the map")
    known = published.categories.get(category)
    # A kind of call that officers begin themselves would be zero everywhere without them.
    usual = ALL if known is not None and known.initiated_by == "officer" else "citizen"
    initiated_by = query.get("initiated_by") or usual
    if initiated_by not in INITIATORS:
        raise BadRequestError("The address asks for calls begun by somebody unknown", ", ".join(INITIATORS))
    definition = known.definition if known else ""
    if known is not None and known.initiated_by == "officer" and initiated_by != ALL:
        definition += " Officers begin this kind themselves, so it is left out of calls from the public."
    if known is not None and known.sensitivity == "sensitive":
        threshold = published.release.portal.suppression_threshold
        definition += f" A sensitive kind: counts from 1 to {threshold - 1} are withheld."
    return Selection(category, figures.periods[period], initiated_by, label_of(published, category), definition)


def label_of(published: Published, category: str) -> str:
    """The category's or the group's label; empty for all open categories together."""
    if category == ALL:
        return ""
    known = published.categories.get(category)
    return known.label if known else published.groups.get(category, category)


def category_options(published: Published) -> tuple[OptionGroup, ...]:
    """All open categories, then each group with its categories, in the taxonomy's order."""
    figures = figures_of(published)
    groups = [OptionGroup("", (Option(ALL, "All open categories"),))] if ALL in figures.categories else []
    for slug, label in published.groups.items():
        own = [c for c in published.release.categories if c.group == slug and c.slug in figures.categories]
        options = [Option(c.slug, c.label) for c in own]
        if len(own) > 1 and slug in figures.categories and slug not in published.categories:
            options.insert(0, Option(slug, f"All: {sentences.lower_first(label)}"))
        if options:
            groups.append(OptionGroup(label, tuple(options)))
    return tuple(groups)


def period_options(figures: Figures) -> tuple[OptionGroup, ...]:
    """Pools of months, calendar years, and months, the latest first."""
    kinds = (("", "months"), ("Calendar years", "year"), ("Months", "month"))
    groups = []
    for label, kind in kinds:
        periods = [p for p in figures.periods.values() if p.kind == kind]
        if kind == "months":
            periods.sort(key=lambda p: (p.key == ALL, p.months))
        else:
            periods.sort(key=lambda p: p.first_month, reverse=True)
        if periods:
            groups.append(OptionGroup(label, tuple(Option(p.key, sentences.period_label(p)) for p in periods)))
    return tuple(groups)
