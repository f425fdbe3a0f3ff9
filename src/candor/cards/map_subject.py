"""The statewide map as it is passed on: the drawing with its legend, what the colours mean, and the caveats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from candor.cards.map import map_title, shown, state_sentences, sums
from candor.cards.model import Legend
from candor.cards.selection import select_for_map
from candor.cards.subject import Subject, layer_of, map_frame
from candor.graphics.shapes import shapes_of
from candor.graphics.sheets.sheet import KeyItem, swatch, verdict_mark
from candor.messages import maps, sharing
from candor.messages.told import rounded_means
from candor.messages.words import number
from candor.published.release import Published


def map_subject(held: Published, query: Mapping[str, str]) -> Subject:
    """The map of the choice that an address makes."""
    selection = select_for_map(held, query)
    figures, layer, _ = layer_of(held, selection)
    now = shown(figures, selection)
    sentence = map_title(held, selection)
    frame = map_frame(held, selection, shapes_of(held).drawing.render(now.towns, sentence, links=False), sentence)
    return replace(
        frame,
        key=_key(now.legend),
        key_title=now.legend.heading,
        key_drawing=now.legend.drawing,
        key_note=now.legend.note,
        notes=(
            maps.colour_meaning(selection.view, layer),
            *state_sentences(held, selection)[:1],
            *sums(now, selection),
            *sharing.caveats(layer, held.release.portal, drawn=True),
            *([rounded_means(selection.period)] if any(line.figure.rounded for line in now.lines) else []),
        ),
    )


def _key(legend: Legend) -> tuple[KeyItem, ...]:
    """Marks, colours and patterns in words; the colours that the legend's picture shows are not said again."""
    marks = [KeyItem(verdict_mark(verdict), _counted(label, towns)) for verdict, label, towns in legend.marks]
    classes = () if legend.drawing else legend.classes
    return (*marks, *(KeyItem(swatch(i.key), _counted(i.label, i.towns)) for i in (*classes, *legend.states)))


def _counted(label: str, towns: int) -> str:
    return f"{label} ({number(towns)} {'town' if towns == 1 else 'towns'})"
