"""Towns side by side as a figure: the table, the chart, the words, and the same as files."""

from __future__ import annotations

from collections.abc import Sequence

from candor.cards.selection import Selection
from candor.cards.subject import Subject, layer_of, version_path
from candor.graphics import charts
from candor.graphics.sheets.sheet import key_of
from candor.messages import figures as figures_words
from candor.messages import sharing
from candor.messages.change import CHANGE_WORDS, signed
from candor.messages.comparison import AMONG_WORDS, BESIDE, COMPARISON_WORDS, TIMES_THE_REST, comparison_cell, times
from candor.messages.figures import count_words, rate_words
from candor.messages.layers import Layer
from candor.messages.told import number_words, rounded_means, state_of
from candor.messages.words import capital, decimal, interval, number
from candor.published.model import STATE, Change, Figure, Place
from candor.published.release import Published


def address(towns: Sequence[Place], selection: Selection, path: str = "/compare") -> str:
    """The address of a comparison, each town by its GEOID."""
    return f"{path}?places={','.join(t.geoid for t in towns)}&{selection.query()}"


def comparison_subject(held: Published, towns: Sequence[Place], selection: Selection) -> Subject:
    """Up to five towns side by side; at least one."""
    figures, layer, dataset = layer_of(held, selection)
    portal = held.release.portal
    chosen = (selection.period.key, selection.category, selection.initiated_by)
    found = [(town, figures.get(town.geoid, *chosen)) for town in towns]
    state = figures.get(STATE, *chosen)
    what = figures_words.what(selection.label, layer=layer)
    names = _names(towns)
    sentence = sharing.compare_sentence(names, selection.period, what)
    lines = [_row(name, f, layer) for name, (_, f) in zip(names, found, strict=True)]
    drawable = state.rate is not None and any(line.value is not None for line in lines)
    overlap = sharing.overlap_sentence([(name, f) for name, (_, f) in zip(names, found, strict=True)])
    provisional = [name for name, (_, f) in zip(names, found, strict=True) if f.provisional]
    notes = (
        sharing.COMPARE_LEAD,
        overlap,
        sharing.provisional_towns(provisional, selection.period),
        rounded_means(selection.period) if any(f.rounded for _, f in found) else "",
        *sharing.caveats(layer, portal),
    )
    query = address(towns, selection).partition("?")[2]
    return Subject(
        id="compare",
        title=f"{capital(what)}, town by town",
        sentence=sentence,
        drawing=charts.rows(
            lines,
            (state.rate or 0.0, sharing.state_line(state, portal.jurisdiction)),
            "rate",
            "compare",
            sentence,
            f"{sentence} {overlap}",
        )
        if drawable
        else charts.NOTHING,
        key=key_of(charts.rows_key("", sharing.MARK)) if drawable else (),
        notes=tuple(note for note in notes if note),
        columns=(("Figure", False), *((name, False) for name in names), (portal.jurisdiction, False)),
        rows=_rows(found, state, layer),
        of={
            "category": selection.category,
            "period": selection.period.key,
            "initiated_by": selection.initiated_by,
            "dataset": dataset.id,
            "version": str(dataset.version),
            "release": str(held.release.number),
            **({"simulated": "true"} if portal.simulated else {}),
        },
        stem=f"compare-{selection.category}-{selection.period.key}",
        path=f"/compare?{query}",
        embed="",
        file="/compare",
        query=query,
        dataset=dataset,
        version_path=version_path(dataset, selection, period=selection.period.key),
    )


def _row(name: str, figure: Figure, layer: Layer) -> charts.Row:
    if figure.rate is None:
        return charts.Row(name, rate_words(figure, layer))
    words = f"{decimal(figure.rate)} ({interval(figure)})"
    return charts.Row(name, words, figure.rate, figure.low, figure.high)


def _rows(found: Sequence[tuple[Place, Figure]], state: Figure, layer: Layer) -> tuple[tuple[str, ...], ...]:
    """Each figure of every town, and of the state where it has one."""
    own = [f for _, f in found]
    every = [*own, state]
    residents = [f.residents if f.residents is not None else t.residents for t, f in found]
    rows = (
        ("Residents", *(number(r) for r in (*residents, state.residents))),
        (capital(layer.many), *(number_words(f) or count_words(f) for f in every)),
        ("Rate per 1,000 people and year", *(rate_words(f, layer) for f in every)),
        ("95\N{NO-BREAK SPACE}% interval of the rate", *(interval(f) for f in every)),
        (BESIDE, *(comparison_cell(f) for f in own), ""),
        (TIMES_THE_REST, *(times(f.beside) for f in own), ""),
        ("Among towns", *(AMONG_WORDS[f.among] for f in own), ""),
        ("Beside similar towns", *(COMPARISON_WORDS[f.similar.label] if f.similar_to else "" for f in own), ""),
        ("Since a year before", *(_change(f.change) for f in every)),
        ("Coverage", *(state_of(f) for f in every)),
    )
    return tuple(tuple(row) for row in rows)


def _change(change: Change) -> str:
    words = CHANGE_WORDS.get(change.verdict, change.verdict)
    if change.low is None or change.high is None or not change.verdict:
        return words
    return f"{words}: between {signed(change.low)} and {signed(change.high)}"


def _names(towns: Sequence[Place]) -> list[str]:
    """The towns' names, with the county where two have the same."""
    names = [t.full_name for t in towns]
    return [f"{t.full_name} ({t.county})" if names.count(t.full_name) > 1 else t.full_name for t in towns]
