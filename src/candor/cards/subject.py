"""A figure as it is passed on: what it is, where it stands, how it is cited, and what goes with it as a picture.

Pages show a `Share`; pictures, tables and embeds are made from a `Subject`. Both name the version of the data set that
the figure is from, and lead to that very version, so that they hold also when newer figures are published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from candor.cards.choices import LATEST, default_category, figures_of
from candor.cards.headline import first_line
from candor.cards.model import PlaceFigure, Share
from candor.cards.selection import Selection, select_for_map
from candor.cards.sensitive import KEY as SENSITIVE_KINDS
from candor.cards.town import TownView, select_for_town
from candor.cards.town_cards import place_figures
from candor.graphics.sheets.sheet import KeyItem, Sheet, key_of
from candor.messages import sharing
from candor.messages.comparison import among, comparison
from candor.messages.figures import what
from candor.messages.layers import Layer
from candor.published.errors import NoSuchPageError
from candor.published.figures import Figures
from candor.published.model import ALL, Place
from candor.published.release import Published
from candor.store.dataset_model import DatasetVersion

HEADLINE: Final = "headline"
"""The key of a town's figure in words, which has no drawing."""

_BY_TIME: Final = ("trend", "small-counts", SENSITIVE_KINDS)
"""Figures whose rows or columns are months or years: the chosen period is not theirs."""

_OF_KINDS: Final = ("categories", SENSITIVE_KINDS)
"""Figures whose rows are kinds: the chosen one is not theirs."""


@dataclass(frozen=True)
class Subject:
    """A figure with all that goes with it. `of` stands on every line of its CSV, `stem` begins its files' names.

    `path` is where the site shows it, `embed` where it is shown alone; both with their query. `csv`: it has a table.
    """

    id: str
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
        return Share(
            self.title,
            sharing.cite(held.release, self.dataset, self.title, base + self.version_path),
            self.version_path,
            snippet(base + self.embed, self.title, tall=_MAP if self.id == "map" else _TALL if drawn else _SHORT)
            if self.embed
            else "",
            svg=f"{self.file}.svg?{self.query}" if drawn else "",
            png=f"{self.file}.png?{self.query}" if drawn else "",
            csv=f"{self.file}.csv?{self.query}" if self.csv else "",
        )


_MAP, _TALL, _SHORT = 1100, 760, 380
"""How tall a frame is at first; where a page is narrow its embed scrolls."""


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
    dataset = held.release.dataset(held.release.profile(selection.layer).tables.figures)
    if dataset is None:
        raise NoSuchPageError("This portal publishes no figures by town yet")
    return figures, selection.words, dataset


def chosen(held: Published, query: Mapping[str, str]) -> Selection:
    """The choice of an address with its layer, of one period for all towns. Raises `BadRequestError`."""
    return replace(select_for_map(held, query), view="compared", pools=())


def place_subjects(
    held: Published, town: Place, selection: Selection, figures: tuple[PlaceFigure, ...] | None = None
) -> tuple[Subject, ...]:
    """Every figure of a town's page, in its order. `figures` are those of the page, where they are made already."""
    found = place_figures(TownView(held, town, selection)) if figures is None else figures
    return tuple(_place_subject(held, town, selection, figure) for figure in found)


def place_subject(held: Published, geoid: str, key: str, query: Mapping[str, str]) -> Subject:
    """One figure of a town. Raises `NoSuchPageError` where there is none of that key."""
    town = town_of(held, geoid)
    selection = select_for_town(held, town, query)
    if key == HEADLINE:
        return headline_subject(held, town, selection)
    found = {f.key: f for f in place_figures(TownView(held, town, selection))}
    if key not in found:
        raise NoSuchPageError(
            f"There is no such figure of {town.full_name}", ", ".join(found), f"See /places/{town.geoid}"
        )
    return _place_subject(held, town, selection, found[key])


def _place_subject(held: Published, town: Place, selection: Selection, figure: PlaceFigure) -> Subject:
    figures, layer, dataset = layer_of(held, selection)
    of = _of(held, selection, dataset, town)
    kind, period = selection.category, figure.period or selection.period
    if figure.key in _OF_KINDS:
        kind = default_category(figures)
        del of["category"]
    now = figures.get(town.geoid, period.key, kind, selection.initiated_by)
    if figure.key in _BY_TIME:
        del of["period"]
    if figure.period is not None:
        of["period"] = figure.period.key
    if figure.key == SENSITIVE_KINDS:
        of["initiated_by"] = ALL
    where = {name: of[name] for name in ("category", "initiated_by", "geoid", "period") if name in of}
    return Subject(
        id=figure.key,
        title=f"{town.full_name}: {figure.title}",
        sentence=figure.sentence,
        drawing=figure.svg,
        key=key_of(figure.legend),
        notes=(
            *([figure.note] if figure.note else []),
            *sharing.caveats(layer, held.release.portal, None if figure.key == SENSITIVE_KINDS else (now, period)),
        ),
        columns=figure.columns,
        rows=figure.rows,
        of=of,
        stem=f"{town.geoid}-{figure.key}-{selection.category}",
        path=f"/places/{town.geoid}?{selection.query()}",
        embed=f"/embed/places/{town.geoid}/{figure.key}?{selection.query()}",
        file=f"/places/{town.geoid}/{figure.key}",
        query=selection.query(),
        dataset=dataset,
        version_path=rows_path(dataset, **where),
    )


def headline_subject(held: Published, town: Place, selection: Selection) -> Subject:
    """A town's figure in words: what its page says first."""
    figures, layer, dataset = layer_of(held, selection)
    now = figures.get(town.geoid, selection.period.key, selection.category, selection.initiated_by)
    said = first_line(TownView(held, town, selection))
    compared = " ".join(filter(None, (comparison(now, layer), among(now))))
    counted = what(selection.label, officer=selection.officer, layer=layer)
    return Subject(
        id=HEADLINE,
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


def map_share(held: Published, selection: Selection, base: str) -> Share:
    """How the map's page passes on its map; nothing is drawn for it."""
    return map_frame(held, selection, Markup("<svg/>")).share(held, base)


def map_frame(held: Published, selection: Selection, drawing: Markup, sentence: str = "") -> Subject:
    """The map of a choice with its addresses, without its key and its caveats."""
    _, layer, dataset = layer_of(held, selection)
    query = selection.query()
    # Where each town has its own period, the figures of two are on the map: the link then leads to both.
    several = selection.pools[1:] and selection.view != "counts"
    period = {} if several else {"period": selection.period.key}
    return Subject(
        id="map",
        title=f"{held.release.portal.jurisdiction}: {what(selection.label, layer=layer)} by town",
        sentence=sentence,
        drawing=drawing,
        key=(),
        notes=(),
        columns=(),
        rows=(),
        of={},
        stem=f"map-{selection.category}-{LATEST if selection.pools else selection.period.key}",
        path=f"/map?{query}",
        embed=f"/embed/map?{query}",
        file="/map",
        query=query,
        dataset=dataset,
        version_path=version_path(dataset, selection, level="town", **period),
    )


def _of(held: Published, selection: Selection, dataset: DatasetVersion, town: Place | None = None) -> dict[str, str]:
    """What a line of a figure's CSV is of: without it, a line that was copied out says nothing."""
    place = {"geoid": town.geoid, "place": town.full_name} if town else {}
    return {
        **place,
        "category": selection.category,
        "period": selection.period.key,
        "initiated_by": selection.initiated_by,
        "dataset": dataset.id,
        "version": str(dataset.version),
        "release": str(held.release.number),
        **({"simulated": "true"} if held.release.portal.simulated else {}),
    }


def version_path(dataset: DatasetVersion, selection: Selection, **columns: str) -> str:
    """Where the figure's rows are in that very version of the data set, also when newer ones are in force."""
    parts = {"category": selection.category, "initiated_by": selection.initiated_by, **columns}
    return rows_path(dataset, **parts)


def rows_path(dataset: DatasetVersion, **columns: str) -> str:
    """The rows of a version with these values; columns that it does not have are left out."""
    known = {c.name for c in dataset.columns}
    query = {"version": str(dataset.version), **{k: v for k, v in columns.items() if k in known}}
    return f"/datasets/{dataset.name}?{urlencode(query)}"
