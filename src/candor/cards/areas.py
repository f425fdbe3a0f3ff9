"""The section of a town's page that draws the areas in which its calls are published, as areas and never as points."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from candor.graphics.map import Drawing, draw
from candor.messages.catchments import (
    CATCHMENT_NOTES,
    SCHEMATIC_AREAS,
    area_words,
    catchments_caption,
    catchments_sentence,
    without_area,
)
from candor.messages.words import capital, number
from candor.published.model import Place
from candor.published.release import Published
from candor.published.tables import SCAN
from candor.store.dataset_model import DatasetVersion

CATCHMENTS: Final = "catchments"
AREA: Final = "area"
_EVERY: Final = 100_000
"""A $limit that no town's areas reach."""
_HEIGHT: Final = 480.0
_ROOM: Final = 450.0
"""The area of an outline, in the drawing's units, that has room for its number; each outline says its own."""
_KM: Final = 111.2
"""Kilometres of a degree of latitude."""


@dataclass(frozen=True)
class CatchmentMap:
    """The areas of a data set in a town: the sentence, the drawing and the table that says the same.

    A row is the area's number on the map, its name, addresses (or residents), square kilometres, calls.
    """

    key: str
    sentence: str
    svg: Markup
    caption: str
    headers: tuple[str | tuple[str, str], ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


class _Area(NamedTuple):
    area: str
    parts: str
    addresses: int
    residents: int | None
    square_km: float
    geometry: str


def catchment_maps(held: Published, town: Place) -> tuple[CatchmentMap, ...]:
    """A map for each data set that publishes areas of this town; none where there is none."""
    drawn = held.release.dataset(CATCHMENTS)
    if drawn is None:
        return ()
    rows = held.tables.rows(
        "SELECT dataset, area, parts, addresses_at_least, residents_at_least, square_km, geometry"
        f" FROM {SCAN} WHERE geoid = ? ORDER BY dataset, area",
        [held.tables.files(drawn), town.geoid],
    )
    found: dict[str, list[_Area]] = defaultdict(list)
    for name, *rest in rows:
        found[name].append(_Area(*rest))
    maps = (_map(held, town, held.release.dataset(name), drawn, areas) for name, areas in found.items())
    return tuple(m for m in maps if m)


def _map(
    held: Published, town: Place, rows: DatasetVersion | None, drawn: DatasetVersion, areas: list[_Area]
) -> CatchmentMap | None:
    columns = {c.name for c in rows.columns} if rows else set()
    if rows is None or AREA not in columns:
        return None
    calls = _calls(held, town, rows)
    people = all(a.residents is not None for a in areas)
    least = [a.residents if people and a.residents is not None else a.addresses for a in areas]
    unit = "residents" if people else "addresses"
    lines = tuple(
        (str(n), a.area, f"{number(m)} or more", f"{a.square_km:,.2f}", f"{calls.get(a.area, 0):,}")
        for n, (a, m) in enumerate(zip(areas, least, strict=True), start=1)
    )
    unknown = (without_area(calls[None]),) if calls.get(None) else ()
    schematic = (SCHEMATIC_AREAS,) if held.release.portal.boundaries_schematic else ()
    return CatchmentMap(
        key=rows.name,
        sentence=catchments_sentence(town.full_name, len(areas), min(least), unit),
        svg=_svg(areas, f"{rows.title}: the areas of {town.full_name}; the table has the same"),
        caption=catchments_caption(rows.title, town.full_name, rows.first_date, rows.last_date),
        headers=(
            "Number", "Area", (capital(unit), "numeric"),
            ("Square kilometres", "numeric"), ("Calls", "numeric"),
        ),
        rows=lines,
        notes=(*unknown, *CATCHMENT_NOTES, *schematic),
        links=(
            ("These areas (CSV)", f"/resource/{drawn.id}.csv?dataset={rows.name}&geoid={town.geoid}&$limit={_EVERY}"),
            ("The areas of all towns (GeoJSON)", f"/datasets/{drawn.name}.geojson"),
            ("What the areas are", f"/datasets/{drawn.name}"),
        ),
    )  # fmt: skip


def _calls(held: Published, town: Place, rows: DatasetVersion) -> dict[str | None, int]:
    """The town's published rows by area, those of no area under None: all of them, for not every row says its month."""
    found = held.tables.rows(
        f"SELECT {AREA}, count(*) FROM {SCAN} WHERE geoid = ? GROUP BY {AREA}",
        [held.tables.files(rows), town.geoid],
    )
    return {area: int(count) for area, count in found}


def _svg(areas: list[_Area], label: str) -> Markup:
    """The areas as outlines, all alike, with their numbers: none says a count, none is a point."""
    geometries = {str(n): a.geometry for n, a in enumerate(areas, start=1)}
    # Each area is outlined by itself: on a dark page its own edge would not be seen.
    drawing = draw(geometries, {n: n for n in geometries}, height=_HEIGHT)
    parts = [
        f'<path class="k-blank" d="{drawing.paths[str(n)]}"><title>'
        f"{escape(area_words(n, a.area, a.parts.count('; ') + 1))}</title></path>"
        for n, a in enumerate(areas, start=1)
        if str(n) in drawing.paths
    ]
    return Markup(  # noqa: S704 - what comes from data is escaped above and below
        f'<svg class="town-map town-map--compared" viewBox="0 0 {drawing.width:g} {drawing.height:g}" role="img" '
        f'aria-label="{escape(label)}"><g class="town-map__towns">{"".join(parts)}</g>'
        f'<path class="town-map__lines" d="{drawing.lines}"/>{_numbers(drawing, areas)}</svg>'
    )


def _numbers(drawing: Drawing, areas: list[_Area]) -> str:
    """The numbers of the areas that have room for one; the table has all."""
    _, south, _, north = drawing.bounds
    unit = _HEIGHT / ((north - south) * _KM)
    places = [(n, drawing.middles.get(str(n))) for n, a in enumerate(areas, 1) if a.square_km * unit**2 >= _ROOM]
    texts = (f'<text x="{at[0]:.1f}" y="{at[1] + 4.5:.1f}" text-anchor="middle">{n}</text>' for n, at in places if at)
    return f'<g class="town-map__labels" aria-hidden="true">{"".join(texts)}</g>'
