"""What goes with a figure that leaves the site, and what is said of towns side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from candor.messages.coverage import coverage_meaning
from candor.messages.layers import Layer
from candor.messages.release import citation
from candor.messages.told import rounded_means
from candor.messages.words import capital, decimal, listed, local_day, number, span
from candor.published.model import Figure, Period
from candor.store.dataset_model import DatasetVersion
from candor.store.model import PublicPortal, Release

MOST_TOWNS: Final = 5

INVENTED: Final = (
    "Every figure here is invented by a program, to show how this portal works. Nothing here happened to anyone."
)

SIMULATED: Final = f"SIMULATED. {INVENTED}"

RESIDENTS_ONLY: Final = "Rates count residents only: who works in a town or visits it is not among them."


def people_counted(portal: PublicPortal) -> str:
    """Whom rates are by, and who is not among them."""
    title = next((d.title for d in portal.denominators if d.name == portal.rates_by), "")
    if not title:
        return RESIDENTS_ONLY
    return f"Rates count {title}, where the portal says how many they are: an estimate. Nobody else is among them."


PROVISIONAL: Final = "Provisional: the period is not over, or not every month of it is reported."

SCHEMATIC: Final = "Boundaries are schematic: towns are drawn around a point inside their county."

STATES: Final = (
    "Zero, under 5, not yet, not reported and not covered are different things; none of them is drawn as another."
)


def caveats(
    layer: Layer, portal: PublicPortal, town: tuple[Figure, Period] | None = None, *, drawn: bool = False
) -> tuple[str, ...]:
    """What must be read with a figure of that layer. `town` is the town's own figure; `drawn`: the figure is a map."""
    found = [layer.words.caveat, people_counted(portal)]
    if town is not None:
        found.append(coverage_note(*town, layer))
        if town[0].rounded:
            found.append(rounded_means(town[1]))
        if town[0].provisional:
            found.append(PROVISIONAL)
    if drawn:
        found.append(STATES)
        if portal.boundaries_schematic:
            found.append(SCHEMATIC)
    return tuple(found)


def coverage_note(figure: Figure, period: Period, layer: Layer) -> str:
    """What is known of the town and period, in one sentence."""
    return f"Coverage, {span(period)}: {coverage_meaning(layer).get(figure.coverage, figure.coverage)}."


def source_sentence(release: Release, dataset: DatasetVersion) -> str:
    """Where a figure comes from: portal, release, data set with its version."""
    simulated = " SIMULATED." if release.portal.simulated and "SIMULATED" not in release.portal.title else ""
    return (
        f"Source: {release.portal.title}, release {release.number} of {local_day(release.created_at, release.portal)};"
        f" data set “{dataset.title}” ({dataset.id}), version {dataset.version}.{simulated}"
    )


def source_lines(release: Release, dataset: DatasetVersion, address: str) -> tuple[str, ...]:
    """The same, and where that very version can be read."""
    return (source_sentence(release, dataset), f"The figures of this version: {address}")


def cite(release: Release, dataset: DatasetVersion, title: str, address: str) -> str:
    """How to cite one figure so that the very numbers can be found again, also when newer ones are published."""
    return f"“{title}”. {citation(release, dataset)} Release {release.number}. {address}"


COMPARE_TITLE: Final = "Compare towns"

COMPARE_DESCRIPTION: Final = (
    "Up to five towns of {jurisdiction} side by side, each beside the state, with how sure every figure is."
)

COMPARE_LEAD: Final = (
    "Each town is compared with the rest of the state, never one town with another. Towns differ in who lives, works"
    " and visits there, and in what their police write down; none of that is in a rate."
)


def compare_sentence(towns: Sequence[str], period: Period, what: str) -> str:
    """What a comparison shows."""
    per = "for every 1,000 people and year"
    return f"{capital(what)} {per}, {span(period)}: {listed(towns)}, each beside the state."


def overlap_sentence(rated: Sequence[tuple[str, Figure]]) -> str:
    """What it means that intervals overlap; `rated` are names with figures. Empty where fewer than two have a rate."""
    known = [(name, f.low, f.high) for name, f in rated if f.low is not None and f.high is not None]
    if len(known) < 2:
        return ""
    pairs = list(combinations(known, 2))
    overlapping = [(a[0], b[0]) for a, b in pairs if a[1] <= b[2] and b[1] <= a[2]]
    if not overlapping:
        return "No two of these intervals overlap. That says that the rates differ, and not why."
    if len(overlapping) == len(pairs):
        which = "These intervals overlap" if len(pairs) == 1 else "All these intervals overlap"
        return f"{which}: which rate is really the higher one cannot be told from these figures."
    if len(overlapping) <= 3:
        said = "; ".join(f"{a} and {b}" for a, b in overlapping)
        return f"The intervals of some towns overlap ({said}): their order may mean nothing."
    return (
        f"The intervals of {number(len(overlapping))} of the {number(len(pairs))} pairs of these towns overlap: their"
        " order may mean nothing."
    )


def provisional_towns(towns: Sequence[str], period: Period) -> str:
    """Which towns' figures will still change; empty for none."""
    if not towns:
        return ""
    return (
        f"Provisional for {listed(towns)}: {span(period)} is not over, or not every month of it is reported. These"
        " figures are compared with nothing."
    )


def state_line(state: Figure, jurisdiction: str) -> str:
    """What the line of the state's rate is, for the chart."""
    return f"{jurisdiction}: {decimal(state.rate)}"


MARK: Final = "A town’s rate, with its 95\N{NO-BREAK SPACE}% interval"

TOO_MANY: Final = f"A comparison shows at most {MOST_TOWNS} towns"


def unknown_town(name: str) -> str:
    """No town has that name, and none is near it."""
    return f"No town or village here is called “{name}”."


def several_towns(name: str, *, near: bool) -> str:
    """A name may mean several towns, or is only nearly that of some."""
    return (
        f"No town is called “{name}”. Did you mean one of these?" if near else f"“{name}” may be one of several towns."
    )


def already_there(town: str) -> str:
    """The town to add is there."""
    return f"{town} is already in the comparison."
