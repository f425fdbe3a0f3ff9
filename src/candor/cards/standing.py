"""Where a town stands: among all towns in a funnel plot, and beside the towns of its size."""

from __future__ import annotations

import math

from candor.cards.model import PlaceFigure
from candor.cards.town import TownView
from candor.graphics import charts
from candor.messages.comparison import AMONG_WORDS, BESIDE, TIMES_THE_REST, among, comparison, comparison_cell, times
from candor.messages.drawings import FUNNEL_NOTE, SIMILAR, SIMILAR_RULE, funnel_sentence, similar_sentence
from candor.messages.figures import count_words, rate_words, short
from candor.messages.sensitive import NOT_DRAWN
from candor.messages.told import heading, number_words
from candor.messages.words import about, capital, decimal, interval, number
from candor.published.model import Figure, Place

_AT_ONCE = 30
_WHOLE = ("reported", "zero")


def funnel(view: TownView) -> PlaceFigure | None:
    """The town among all that are compared; None where it is not, or where nothing is known of it."""
    now, selection, town = view.now, view.selection, view.town
    if now.expected is None or now.beside.value is None or now.count is None:
        return None
    expected, ratios = view.figures.against(selection.period.key, selection.category, selection.initiated_by)
    ranges = charts.Ranges(now.wander or 0.0, now.most_towns)
    title = f"Beside the rest of {view.held.release.portal.jurisdiction}"
    labels = view.figures.comparisons(selection.period.key, selection.category, selection.initiated_by)
    several = funnel_sentence(labels, view.held.release.portal.jurisdiction)
    sentence = " ".join(filter(None, (comparison(now, view.layer), among(now), several)))
    words = f"{town.full_name}: {short(now, view.layer)}"
    marked = charts.Marked(town.full_name, now.expected, now.beside.value, words)
    few = bool(((expected >= charts.LEAST) & (expected < charts.COMPARED_FROM)).any())
    drawn = charts.funnel(expected, ratios, ranges, marked, view.name("funnel"), title, sentence)
    return PlaceFigure(
        "funnel",
        title,
        sentence,
        drawn,
        (("What", False), ("Value", True)),
        _funnel_rows(view, now, ranges),
        note=f"{FUNNEL_NOTE}{f' {NOT_DRAWN}' if selection.category in view.separate else ''}",
        legend=charts.funnel_key(town.full_name, drawn, ranges, few=few),
    )


def _funnel_rows(view: TownView, now: Figure, ranges: charts.Ranges) -> tuple[tuple[str, ...], ...]:
    assert now.expected is not None  # noqa: S101 - asked by the caller
    rows = [
        (capital(view.layer.many), number_words(now)),
        ("Expected at the rate of the rest of the state", about(now.expected)),
        (TIMES_THE_REST, times(now.beside)),
        (BESIDE, comparison_cell(now)),
    ]
    if now.among:
        rows.append(("Among towns", AMONG_WORDS[now.among]))
    ranges_of = ((False, "Range of chance, 95\N{NO-BREAK SPACE}%"), (True, "Range of chance and of towns, 9 of 10"))
    for towns, name in ranges_of:
        if ranges.towns or not towns:
            low, high = charts.limits_at(now.expected, ranges, towns=towns)
            rows.append((f"{name}, times", f"{decimal(low)} to {decimal(high)}"))
    return tuple(rows)


def similar(view: TownView) -> PlaceFigure | None:
    """The town with the towns nearest to it in residents; None where it has none, or nothing was reported."""
    now, town = view.now, view.town
    if not town.residents or now.count is None:
        return None
    near = _nearest(view)
    if len(near) < 2:
        return None
    title = "Towns of similar size"
    state = view.state
    sentence = similar_sentence(now, [f for _, f in near], state, town.full_name, view.layer)
    everyone = sorted([*near, (town, now)], key=lambda one: (-(one[0].residents or 0), one[0].geoid))
    lines = [_row(place, figure, view) for place, figure in everyone]
    drawable = sum(line.value is not None for line in lines) > 2 and state.rate is not None
    rate = (state.rate or 0.0, f"{view.held.release.portal.jurisdiction}: {decimal(state.rate)}")
    return PlaceFigure(
        "similar",
        title,
        sentence,
        charts.rows(lines, rate, "rate", view.name("similar"), title, sentence) if drawable else charts.NOTHING,
        (
            *(("Town", False), ("Residents", True)),
            (heading(capital(view.layer.many), rounded=now.rounded), True),
            *(("Rate", True), ("95\N{NO-BREAK SPACE}% interval", True), (BESIDE, False)),
        ),
        tuple(_cells(place, figure, view) for place, figure in everyone),
        note=SIMILAR_RULE,
        legend=charts.rows_key(town.full_name, "Another town") if drawable else charts.NOTHING,
    )


def _nearest(view: TownView) -> list[tuple[Place, Figure]]:
    """The towns of `SIMILAR_RULE`, with their figures."""
    own = math.log(view.town.residents or 1)
    others = [p for p in view.figures.places if p.residents and p.geoid != view.town.geoid]
    others.sort(key=lambda p: (abs(math.log(p.residents or 1) - own), p.geoid))
    found: list[tuple[Place, Figure]] = []
    selection = view.selection
    for i in range(0, len(others), _AT_ONCE):
        some = others[i : i + _AT_ONCE]
        figures = view.figures.some(
            [p.geoid for p in some], selection.period.key, selection.category, selection.initiated_by
        )
        found += [(p, f) for p, f in zip(some, figures, strict=True) if f.coverage in _WHOLE and not f.provisional]
        if len(found) >= SIMILAR:
            break
    return found[:SIMILAR]


def _row(place: Place, figure: Figure, view: TownView) -> charts.Row:
    marked = place.geoid == view.town.geoid
    if figure.rate is None:
        return charts.Row(place.full_name, rate_words(figure, view.layer), marked=marked)
    words = f"{decimal(figure.rate)} ({interval(figure)})"
    return charts.Row(place.full_name, words, figure.rate, figure.low, figure.high, marked)


def _cells(place: Place, figure: Figure, view: TownView) -> tuple[str, ...]:
    return (
        place.full_name,
        number(figure.residents if figure.residents is not None else place.residents),
        count_words(figure),
        rate_words(figure, view.layer) if figure.count else "",
        interval(figure),
        comparison_cell(figure),
    )
