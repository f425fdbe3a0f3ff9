"""A figure as it is passed on: what it is, where it stands, how it is cited, and what goes with it as a picture.

Pages show a `Share`; pictures, tables and embeds are made from a `Subject`. Both name the version of the data set that
the figure is from, and lead to that very version, so that they hold also when newer figures are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlencode

from markupsafe import Markup

from candor.site import sentences
from candor.site.catalogue import Published
from candor.site.contexts import Legend, PlaceFigure
from candor.site.errors import BadRequestError, NoSuchPageError
from candor.site.exports.sheet import KeyItem, Sheet, key_of, swatch, verdict_mark
from candor.site.figures import LAYERS, Figures, LayerKey, Place
from candor.site.mapped import shown
from candor.site.pages.map import map_title, state_sentences, sums
from candor.site.pages.place_figures import place_figures
from candor.site.selection import LATEST, Selection, figures_of, select, select_for_map
from candor.site.sentences import Layer, maps, sharing
from candor.store.model import DatasetVersion

HEADLINE: Final = "headline"
"""The key of a town's figure in words, which has no drawing."""

_BY_TIME: Final = ("trend", "small-counts")
"""Figures whose rows are months or years: the chosen period is not theirs."""


@dataclass(frozen=True)
class Share:
    """How a figure is passed on. Addresses are whole, so that they lead here from anywhere; files are paths.

    `permalink` always shows the version that the figure is from; `snippet` is the HTML that embeds it. A figure without
    a drawing has no `svg` and no `png`.
    """

    title: str
    citation: str
    permalink: str
    snippet: str
    svg: str = ""
    png: str = ""
    csv: str = ""


@dataclass(frozen=True)
class Subject:
    """A figure with all that goes with it. `of` stands on every line of its CSV, `stem` begins its files' names.

    `path` is where the site shows it, `embed` where it is shown alone; both with their query. `csv`: it has a table.
    """

    title: str
    sentence: str
    drawing: Markup
    key: tuple[KeyItem, ...]
    notes: tuple[str, ...]
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    of: Mapping[str, str]
    stem: str
    path: str
    embed: str
    file: str
    query: str
    dataset: DatasetVersion
    version_path: str
    key_title: str = ""
    key_drawing: Markup = field(default_factory=Markup)
    key_note: str = ""
    csv: bool = True

    def sheet(self, held: Published, base: str) -> Sheet:
        """The figure as a picture that stands alone; `base` is the site's address."""
        simulated = sharing.SIMULATED if held.release.portal.simulated else ""
        return Sheet(
            self.title,
            self.sentence,
            self.drawing,
            self.key,
            self.notes,
            self.source(held, base),
            simulated,
            self.key_title,
            self.key_drawing,
            self.key_note,
            base,
        )

    def source(self, held: Published, base: str) -> tuple[str, ...]:
        """Where it comes from, with the version and the address that keeps it."""
        return sharing.source_lines(held.release, self.dataset, base + self.version_path)

    def share(self, held: Published, base: str) -> Share:
        """How a page offers it."""
        drawn = bool(self.drawing)
        permalink = base + self.version_path
        return Share(
            self.title,
            sharing.cite(held.release, self.dataset, self.title, permalink),
            permalink,
            snippet(base + self.embed, self.title, tall=_TALL if drawn else _SHORT) if self.embed else "",
            svg=f"{self.file}.svg?{self.query}" if drawn else "",
            png=f"{self.file}.png?{self.query}" if drawn else "",
            csv=f"{self.file}.csv?{self.query}" if self.csv else "",
        )


_TALL, _SHORT = 620, 360


def snippet(address: str, title: str, *, tall: int) -> str:
    """The HTML that shows an embed in another page."""
    return str(
        Markup(
            '<iframe src="{}" title="{}" width="100%" height="{}" loading="lazy" style="border: 1px solid #d5dde1">'
            "</iframe>"
        ).format(address, title, tall)
    )


def town_of(held: Published, geoid: str) -> Place:
    """The town of a GEOID. Raises `NoSuchPageError`."""
    town = figures_of(held).place(geoid)
    if town is None:
        raise NoSuchPageError("There is no town of that number", "a GEOID of the list of towns", "Find it by name")
    return town


def layer_of(held: Published, selection: Selection) -> tuple[Figures, Layer, DatasetVersion]:
    """The figures of the chosen layer, its words, and the data set that they are from."""
    figures = figures_of(held, selection.layer)
    dataset = held.release.dataset(LAYERS[selection.layer])
    if dataset is None:
        raise NoSuchPageError("This portal publishes no figures by town yet")
    return figures, selection.words, dataset


def chosen_layer(held: Published, query: Mapping[str, str]) -> Selection:
    """The choice of an address with its layer. Raises `BadRequestError`."""
    layer = query.get("layer") or "calls"
    if layer not in held.layers:
        raise BadRequestError("The address asks for a layer that is not published", ", ".join(held.layers))
    return select(held, query, cast("LayerKey", layer))


def place_subjects(
    held: Published, town: Place, selection: Selection, figures: tuple[PlaceFigure, ...] | None = None
) -> tuple[Subject, ...]:
    """Every figure of a town's page, in its order. `figures` are those of the page, where they are made already."""
    found = place_figures(held, town, selection) if figures is None else figures
    return tuple(_place_subject(held, town, selection, figure) for figure in found)


def place_subject(held: Published, geoid: str, key: str, query: Mapping[str, str]) -> Subject:
    """One figure of a town. Raises `NoSuchPageError` where there is none of that key."""
    town, selection = town_of(held, geoid), chosen_layer(held, query)
    if key == HEADLINE:
        return headline_subject(held, town, selection)
    found = {f.key: f for f in place_figures(held, town, selection)}
    if key not in found:
        raise NoSuchPageError(
            f"There is no such figure of {town.full_name}", ", ".join(found), f"See /places/{town.geoid}"
        )
    return _place_subject(held, town, selection, found[key])


def _place_subject(held: Published, town: Place, selection: Selection, figure: PlaceFigure) -> Subject:
    figures, layer, dataset = layer_of(held, selection)
    now = figures.get(town.geoid, selection.period.key, selection.category, selection.initiated_by)
    return Subject(
        title=f"{town.full_name}: {figure.title}",
        sentence=figure.sentence,
        drawing=figure.svg,
        key=key_of(figure.legend),
        notes=(
            *([figure.note] if figure.note else []),
            *sharing.caveats(layer, held.release.portal, (now, selection.period)),
        ),
        columns=figure.columns,
        rows=figure.rows,
        of=_of(held, selection, dataset, town, period=figure.key not in _BY_TIME),
        stem=f"{town.geoid}-{figure.key}-{selection.category}",
        path=f"/places/{town.geoid}?{selection.query()}",
        embed=f"/embed/places/{town.geoid}/{figure.key}?{selection.query()}",
        file=f"/places/{town.geoid}/{figure.key}",
        query=selection.query(),
        dataset=dataset,
        version_path=version_path(dataset, selection, geoid=town.geoid),
    )


def headline_subject(held: Published, town: Place, selection: Selection) -> Subject:
    """A town's figure in words: what its page says first."""
    figures, layer, dataset = layer_of(held, selection)
    now = figures.get(town.geoid, selection.period.key, selection.category, selection.initiated_by)
    said = sentences.headline(
        now, selection.period, town.full_name, selection.label, officer=selection.officer, layer=layer
    )
    compared = sentences.comparison(now, layer)
    counted = sentences.what(selection.label, officer=selection.officer, layer=layer)
    return Subject(
        title=f"{town.full_name}: {counted.rstrip(',')}",
        sentence=f"{said} {compared}".strip(),
        drawing=Markup(""),
        key=(),
        notes=sharing.caveats(layer, held.release.portal, (now, selection.period)),
        columns=(),
        rows=(),
        of=_of(held, selection, dataset, town),
        stem=f"{town.geoid}-{selection.category}",
        path=f"/places/{town.geoid}?{selection.query()}",
        embed=f"/embed/places/{town.geoid}?{selection.query()}",
        file="",
        query=selection.query(),
        dataset=dataset,
        version_path=version_path(dataset, selection, geoid=town.geoid, period=selection.period.key),
        csv=False,
    )


def map_subject(held: Published, query: Mapping[str, str]) -> Subject:
    """The statewide map of a choice, with its legend."""
    selection = select_for_map(held, query)
    figures, layer, dataset = layer_of(held, selection)
    portal = held.release.portal
    now = shown(figures, selection)
    sentence = map_title(held, selection)
    chosen = selection.query()
    # Figures of two periods are on the map where each town has its own: the link then leads to both.
    period = {} if selection.pools[1:] else {"period": selection.period.key}
    return Subject(
        title=f"{portal.jurisdiction}: {sentences.what(selection.label, layer=layer)} by town",
        sentence=sentence,
        drawing=held.shapes.drawing.render(now.towns, sentence, links=False),
        key=_map_key(now.legend),
        notes=(
            maps.colour_meaning(selection.view, layer),
            *state_sentences(held, selection),
            *sums(now, selection),
            *sharing.caveats(layer, portal, drawn=True),
        ),
        columns=(),
        rows=(),
        of={},
        stem=f"map-{selection.category}-{LATEST if selection.pools else selection.period.key}",
        path=f"/map?{chosen}",
        embed=f"/embed/map?{chosen}",
        file="/map",
        query=chosen,
        dataset=dataset,
        version_path=version_path(dataset, selection, level="town", **period),
        key_title=now.legend.heading,
        key_drawing=now.legend.drawing,
        key_note=now.legend.note,
    )


def _map_key(legend: Legend) -> tuple[KeyItem, ...]:
    """Marks, colours and patterns in words; the colours that the legend's picture shows are not said again."""
    marks = [KeyItem(verdict_mark(verdict), _counted(label, towns)) for verdict, label, towns in legend.marks]
    classes = () if legend.drawing else legend.classes
    return (*marks, *(KeyItem(swatch(i.key), _counted(i.label, i.towns)) for i in (*classes, *legend.states)))


def _counted(label: str, towns: int) -> str:
    return f"{label} ({sentences.number(towns)} {'town' if towns == 1 else 'towns'})"


def _of(
    held: Published, selection: Selection, dataset: DatasetVersion, town: Place | None = None, *, period: bool = True
) -> dict[str, str]:
    """What a line of a figure's CSV is of: without it, a line that was copied out says nothing."""
    place = {"geoid": town.geoid, "place": town.full_name} if town else {}
    return {
        **place,
        "category": selection.category,
        **({"period": selection.period.key} if period else {}),
        "initiated_by": selection.initiated_by,
        "dataset": dataset.id,
        "version": str(dataset.version),
        "release": str(held.release.number),
        **({"simulated": "true"} if held.release.portal.simulated else {}),
    }


def version_path(dataset: DatasetVersion, selection: Selection, **columns: str) -> str:
    """Where the figure's rows are in that very version of the data set, also when newer ones are in force."""
    chosen = {"category": selection.category, "initiated_by": selection.initiated_by, **columns}
    known = {c.name for c in dataset.columns}
    query = {"version": str(dataset.version), **{k: v for k, v in chosen.items() if k in known}}
    return f"/datasets/{dataset.name}?{urlencode(query)}"
