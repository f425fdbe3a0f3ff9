"""What a map shows: each town with its figure, its period and its class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from candor.cards.choices import figures_of, pools
from candor.cards.legend import compared_legend, count_legend, rate_legend
from candor.cards.model import Legend
from candor.cards.selection import Selection, told_instead
from candor.graphics import palette
from candor.graphics.model import ClassKey, Town, Verdict
from candor.messages import maps
from candor.messages.change import state_change, year_before
from candor.messages.coverage import coverage_counts
from candor.messages.figures import state_headline
from candor.messages.maps import town_text
from candor.published.figures import Figures
from candor.published.model import STATE, Figure, Period, Place
from candor.published.release import Published

_TENTHS: tuple[tuple[str, Verdict], ...] = (("highest", "higher"), ("lowest", "lower"))
_MARKED: dict[str, Verdict] = {f"among the tenth with the {end} rates": mark for end, mark in _TENTHS}


@dataclass(frozen=True)
class Line:
    """A town of the map: `figure` is of `period`, which is each town's own where the selection has pools.

    `longer` is another figure of the town: of a longer period with a rate, where one was asked for that is too short;
    of the years that are told, where those that were asked for are not.
    """

    place: Place
    figure: Figure
    period: Period
    key: ClassKey
    longer: tuple[Figure, Period] | None = None


@dataclass(frozen=True)
class Shown:
    """The towns of a map, in the order of `Figures.places`, as they are drawn, and what the drawing means."""

    lines: tuple[Line, ...]
    towns: tuple[Town, ...]
    legend: Legend


def shown(figures: Figures, selection: Selection) -> Shown:
    """The figures, classes and sentences of all towns for a choice."""
    chosen = _chosen(figures, selection)
    columns: palette.Columns = {
        "coverage": [f.coverage for f, _ in chosen],
        "note": [f.note for f, _ in chosen],
        "provisional": [f.provisional for f, _ in chosen],
        "comparison": [f.comparison for f, _ in chosen],
        "rate": [f.rate for f, _ in chosen],
        "smoothed": [f.smoothed for f, _ in chosen],
        "low": [f.smoothed_low for f, _ in chosen],
        "high": [f.smoothed_high for f, _ in chosen],
    }
    view, words = selection.view, selection.words
    cuts = palette.breaks([r for r in columns["rate"] if r is not None]) if view == "rate" else ()
    match view:
        case "compared":
            keys = palette.comparison_classes(columns)
        case "rate":
            keys = palette.rate_classes(columns, cuts)
        case _:
            keys = palette.count_classes(columns)
    longer = _longer(figures, selection, [f for f, _ in chosen])
    lines = tuple(
        Line(p, f, when, k, more) for p, (f, when), k, more in zip(figures.places, chosen, keys, longer, strict=True)
    )
    towns = tuple(
        Town(
            line.place.geoid,
            line.place.full_name,
            line.key,
            town_text(line.figure, line.period, line.place.full_name, view, words, line.longer),
            verdict=_MARKED.get(line.figure.among, "") if view == "compared" else "",
            count=line.figure.count or 0 if view == "counts" else 0,
        )
        for line in lines
    )
    on = max((f.on for f, _ in chosen if f.on), default=None)
    match view:
        case "compared":
            legend = compared_legend(towns, words, on)
        case "rate":
            legend = rate_legend(towns, cuts, words, on)
        case _:
            legend = count_legend(towns, words, on, rounded=any(f.rounded for f, _ in chosen))
    return Shown(lines, towns, legend)


def _chosen(figures: Figures, selection: Selection) -> list[tuple[Figure, Period]]:
    """Each town's figure and its period: the shortest of the pools with enough events for a rate, else the longest.

    Counts are not pooled, for circles of different periods could not be compared; and a town of which the first pool
    is not known stays unknown.
    """
    first, *longer = selection.periods[:1] if selection.view == "counts" else selection.periods
    column = figures.column(first.key, selection.category, selection.initiated_by)
    chosen = [(figure, first) for figure in column]
    for period in longer:
        few = [i for i, (f, _) in enumerate(chosen) if f.note == "too few to rate"]
        geoids = [figures.places[i].geoid for i in few]
        found = figures.some(geoids, period.key, selection.category, selection.initiated_by) if few else []
        for i, figure in zip(few, found, strict=True):
            if figure.count is not None:
                chosen[i] = (figure, period)
    return chosen


def _longer(figures: Figures, selection: Selection, chosen: Sequence[Figure]) -> list[tuple[Figure, Period] | None]:
    """For each town that is too few to rate, the shortest pool that is longer and has a rate; of one of which the years
    that were asked for are not told, those that are."""
    found: list[tuple[Figure, Period] | None] = [
        told_instead(figures, place.geoid, selection) if figure.coverage == "by county only" else None
        for place, figure in zip(figures.places, chosen, strict=True)
    ]
    if selection.pools or selection.view == "counts":
        return found
    for period in reversed([p for p in pools(figures, selection.category) if p.months > selection.period.months]):
        column = figures.column(period.key, selection.category, selection.initiated_by)
        for i, (short, figure) in enumerate(zip(chosen, column, strict=True)):
            if short.note == "too few to rate" and short.count and figure.rate is not None:
                found[i] = (figure, period)
    return found


def map_title(held: Published, selection: Selection) -> str:
    """What the map of a choice shows, as a sentence."""
    return maps.map_title(
        selection.periods[:1] if selection.view == "counts" else selection.periods,
        selection.label,
        held.release.portal.jurisdiction,
        selection.view,
        officer=selection.officer,
        whoever=selection.whoever_began,
        layer=selection.words,
    )


def sums(now: Shown, selection: Selection) -> tuple[str, ...]:
    """How many towns are what, in words: by the answers where towns are compared, and by what is known of them."""
    coverage = coverage_counts((line.figure.coverage for line in now.lines), selection.words)
    if selection.view != "compared":
        return (coverage,)
    return (maps.label_counts(line.figure for line in now.lines), coverage)


def state_sentences(held: Published, selection: Selection) -> tuple[str, ...]:
    """The state's own figure before any town's: its rate, its change, and a figure of the nation where one is given."""
    figures, words, period = figures_of(held, selection.layer), selection.words, selection.period
    portal = held.release.portal
    state = figures.get(STATE, period.key, selection.category, selection.initiated_by)
    said = [state_headline(state, period, portal.jurisdiction, selection.label, officer=selection.officer, layer=words)]
    before = year_before(period)
    if before is not None:
        said.append(state_change(state.change, before))
    said += [
        maps.benchmark_sentence(b, words)
        for b in portal.benchmarks
        if (b.layer, b.category) == (selection.layer, selection.category)
    ]
    return tuple(s for s in said if s)
