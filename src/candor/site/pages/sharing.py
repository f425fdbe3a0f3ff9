"""A figure as it is passed on: what it is, where it stands, how it is cited, and what goes with it as a picture.

Pages show a `Share`; pictures, tables and embeds are made from a `Subject`. Both name the version of the data set that
the figure is from, and lead to that very version, so that they hold also when newer figures are published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from candor.site import sentences
from candor.site.catalogue import Published
from candor.site.contexts import LegendItem, PlaceFigure
from candor.site.errors import NoSuchPageError
from candor.site.exports.sheet import KeyItem, Sheet, key_of, swatch
from candor.site.figures import LAYERS, Figures, Place
from candor.site.pages.map import shown
from candor.site.pages.place_figures import place_figures
from candor.site.selection import Selection, figures_of, select
from candor.site.sentences import LAYERS_IN_WORDS, Layer, sharing
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

    `path` is where the site shows it, `embed` where it is shown alone; both with their query.
    """

    title: str
    sentence: str
    drawing: Markup
    key: tuple[KeyItem, ...]
    key_title: str
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
            csv=f"{self.file}.csv?{self.query}" if self.rows else "",
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


def layer_of(held: Published) -> tuple[Figures, Layer, DatasetVersion]:
    """The figures of the layer, its words, and the data set that they are from."""
    figures = figures_of(held)
    dataset = held.release.dataset(LAYERS[figures.layer])
    if dataset is None:
        raise NoSuchPageError("This portal publishes no figures by town yet")
    return figures, LAYERS_IN_WORDS[figures.layer], dataset


def place_subjects(held: Published, town: Place, selection: Selection) -> tuple[Subject, ...]:
    """Every figure of a town's page, in its order."""
    return tuple(_place_subject(held, town, selection, figure) for figure in place_figures(held, town, selection))


def place_subject(held: Published, geoid: str, key: str, query: Mapping[str, str]) -> Subject:
    """One figure of a town. Raises `NoSuchPageError` where there is none of that key."""
    town, selection = town_of(held, geoid), select(held, query)
    if key == HEADLINE:
        return headline_subject(held, town, selection)
    found = {f.key: f for f in place_figures(held, town, selection)}
    if key not in found:
        raise NoSuchPageError(
            f"There is no such figure of {town.full_name}", ", ".join(found), f"See /places/{town.geoid}"
        )
    return _place_subject(held, town, selection, found[key])


def _place_subject(held: Published, town: Place, selection: Selection, figure: PlaceFigure) -> Subject:
    figures, layer, dataset = layer_of(held)
    now = figures.get(town.geoid, selection.period.key, selection.category, selection.initiated_by)
    return Subject(
        title=f"{town.full_name}: {figure.title}",
        sentence=figure.sentence,
        drawing=figure.svg,
        key=key_of(figure.legend),
        key_title="",
        notes=(*([figure.note] if figure.note else []), *sharing.caveats(layer, held.release.portal, now)),
        columns=figure.columns,
        rows=figure.rows,
        of=_of(held, selection, dataset, town, period=figure.key not in _BY_TIME),
        stem=f"{town.geoid}-{figure.key}-{selection.category}",
        path=f"/places/{town.geoid}?{selection.query()}",
        embed=f"/embed/places/{town.geoid}/{figure.key}?{selection.query()}",
        file=f"/places/{town.geoid}/{figure.key}",
        query=selection.query(),
        dataset=dataset,
        version_path=_version_path(dataset, selection, geoid=town.geoid),
    )


def headline_subject(held: Published, town: Place, selection: Selection) -> Subject:
    """A town's figure in words: what its page says first."""
    figures, layer, dataset = layer_of(held)
    now = figures.get(town.geoid, selection.period.key, selection.category, selection.initiated_by)
    said = sentences.headline(now, selection.period, town.full_name, selection.label, officer=selection.officer)
    compared = sentences.comparison(now, layer)
    return Subject(
        title=f"{town.full_name}: {sentences.what(selection.label, officer=selection.officer).rstrip(',')}",
        sentence=f"{said} {compared}".strip(),
        drawing=Markup(""),
        key=(),
        key_title="",
        notes=sharing.caveats(layer, held.release.portal, now),
        columns=(),
        rows=(),
        of=_of(held, selection, dataset, town),
        stem=f"{town.geoid}-{selection.category}",
        path=f"/places/{town.geoid}?{selection.query()}",
        embed=f"/embed/places/{town.geoid}?{selection.query()}",
        file="",
        query=selection.query(),
        dataset=dataset,
        version_path=_version_path(dataset, selection, geoid=town.geoid, period=selection.period.key),
    )


def map_subject(held: Published, query: Mapping[str, str]) -> Subject:
    """The statewide map of a choice."""
    selection = select(held, query)
    figures, layer, dataset = layer_of(held)
    portal = held.release.portal
    now = shown(figures, selection)
    sentence = sentences.map_sentence(selection.period, selection.label, portal.jurisdiction, officer=selection.officer)
    notes = [sentences.coverage_counts(f.coverage for f in now.figures)]
    return Subject(
        title=f"{portal.jurisdiction}: {sentences.what(selection.label)} by town",
        sentence=sentence,
        drawing=held.shapes.drawing.render(now.towns, sentence, links=False),
        key=_map_key(now.legend),
        key_title="Calls per 1,000 residents and year",
        notes=(*notes, *sharing.caveats(layer, portal, drawn=True)),
        columns=(),
        rows=(),
        of={},
        stem=f"map-{selection.category}-{selection.period.key}",
        path=f"/map?{selection.query()}",
        embed=f"/embed/map?{selection.query()}",
        file="/map",
        query=selection.query(),
        dataset=dataset,
        version_path=_version_path(dataset, selection, level="town", period=selection.period.key),
    )


def _map_key(legend: Sequence[LegendItem]) -> tuple[KeyItem, ...]:
    return tuple(
        KeyItem(swatch(i.key), f"{i.label} ({sentences.number(i.towns)} {'town' if i.towns == 1 else 'towns'})")
        for i in legend
    )


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


def _version_path(dataset: DatasetVersion, selection: Selection, **columns: str) -> str:
    """Where the figure's rows are in that very version of the data set, also when newer ones are in force."""
    chosen = {"category": selection.category, "initiated_by": selection.initiated_by, **columns}
    known = {c.name for c in dataset.columns}
    query = {"version": str(dataset.version), **{k: v for k, v in chosen.items() if k in known}}
    return f"/datasets/{dataset.name}?{urlencode(query)}"
