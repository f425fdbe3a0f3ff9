"""The statewide map, drawn on the server: an SVG with a link on each town.

It is what works everywhere: without scripts, on paper, by keyboard. `draw` does once per release what depends on the
geometry alone; `Drawing.render` joins the strings of one page. The map island draws the same figures from
`figures_json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray

from candor.site.assets import script_json
from candor.site.contexts import LegendItem, Town

HEIGHT = 720.0
"""Height of the drawing in its own units, about the pixels of a large screen."""

_TOLERANCE = 1.1
_MARGIN = 6.0


@dataclass(frozen=True)
class TownPoint:
    """Where a town's name can stand: longitude and latitude in degrees, and residents, by which names are chosen."""

    name: str
    longitude: float
    latitude: float
    residents: int


@dataclass(frozen=True)
class Drawing:
    """The geometry of a release, ready to be coloured. `bounds` is west, south, east, north in degrees."""

    width: float
    height: float
    paths: Mapping[str, str]
    lines: str
    names: tuple[TownPoint, ...]
    names_svg: str
    bounds: tuple[float, float, float, float]

    def render(self, towns: Iterable[Town], label: str, *, links: bool = True) -> Markup:
        """The SVG with each town in its class, in the order of `towns`; a town without geometry is left out.

        With `links`, each town leads to its page and says its figure; without, the whole is one image that `label`
        describes.
        """
        paths = self.paths
        shown = [(town, paths[town.geoid]) for town in towns if town.geoid in paths]
        if links:
            parts = [
                f'<a href="/places/{t.geoid}" aria-label="{escape(t.text)}"><path class="k-{t.key}" d="{d}">'
                f"<title>{escape(t.text)}</title></path></a>"
                for t, d in shown
            ]
        else:
            parts = [f'<path class="k-{t.key}" d="{d}"/>' for t, d in shown]
        return Markup(  # noqa: S704 - what comes from data is escaped above and below
            f'<svg class="town-map" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'role="{"group" if links else "img"}" aria-label="{escape(label)}">'
            f'<g class="town-map__towns">{"".join(parts)}</g>'
            f'<path class="town-map__lines" d="{self.lines}"/>{self.names_svg}</svg>'
        )


def draw(
    geometries: Mapping[str, str | Mapping[str, object]],
    counties: Mapping[str, str] | None = None,
    points: Sequence[TownPoint] = (),
    height: float = HEIGHT,
) -> Drawing:
    """Project and simplify the towns, and write their paths.

    `geometries` maps a GEOID to a GeoJSON polygon (text or parsed), EPSG:4326. `counties` maps a GEOID to the name of
    what outlines are drawn around. The projection is equirectangular with x scaled by the cosine of the middle
    latitude; edges that towns share stay shared (`shapely.coverage_simplify`).
    """
    geoids = list(geometries)
    texts = [g if isinstance(g, str) else json.dumps(g) for g in geometries.values()]
    shapes = np.asarray(shapely.from_geojson(texts), dtype=object)
    west, south, east, north = (float(v) for v in shapely.total_bounds(shapes)) if geoids else (0.0, 0.0, 1.0, 1.0)
    scale = height / (north - south)
    squeeze = float(np.cos(np.radians((north + south) / 2)))

    def project(at: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (at[:, 0] - west) * squeeze * scale + _MARGIN
        y = (north - at[:, 1]) * scale + _MARGIN
        return np.column_stack([x, y])

    flat = shapely.coverage_simplify(shapely.transform(shapes, project), _TOLERANCE) if geoids else shapes
    paths = {geoid: d for geoid, shape in zip(geoids, flat, strict=True) if (d := _path(shape))}
    names = _names_that_fit(points, project)
    return Drawing(
        width=round((east - west) * squeeze * scale + 2 * _MARGIN),
        height=round(height + 2 * _MARGIN),
        paths=paths,
        lines=_outlines(flat, [(counties or {}).get(g, "") for g in geoids]),
        names=tuple(point for point, _, _ in names),
        names_svg=_names_svg([(point.name, x, y) for point, x, y in names]),
        bounds=(west, south, east, north),
    )


def figures_json(towns: Iterable[Town], legend: Iterable[LegendItem], drawing: Drawing) -> Markup:
    """What the map island reads: towns with class and sentence, the legend, names to write, and the bounds."""
    return script_json(
        {
            "towns": [[t.geoid, t.name, t.key, t.text] for t in towns],
            "legend": [[item.key, item.label, item.towns] for item in legend],
            "names": [[p.name, round(p.longitude, 4), round(p.latitude, 4)] for p in drawing.names],
            "bounds": [round(v, 4) for v in drawing.bounds],
        }
    )


def _number(tenths: int) -> str:
    """A number of tenths as SVG writes it shortest: 12 is "1.2", 5 is ".5", -30 is "-3"."""
    sign, tenths = ("-", -tenths) if tenths < 0 else ("", tenths)
    whole, rest = divmod(tenths, 10)
    return f"{sign}{whole or ''}.{rest}" if rest else f"{sign}{whole}"


def _steps(line: NDArray[np.float64]) -> str:
    """The points of a line in tenths, the first absolute, the others as relative steps."""
    tenths = np.rint(line * 10).astype(int)
    moved = np.any(np.diff(tenths, axis=0, prepend=tenths[:1] - 1), axis=1)
    tenths = tenths[moved]
    steps = [_number(v) for v in np.diff(tenths, axis=0).ravel().tolist()]
    joined = "".join(s if i == 0 or s[0] == "-" else f" {s}" for i, s in enumerate(steps))
    start = f"M{_number(int(tenths[0, 0]))} {_number(int(tenths[0, 1]))}"
    return f"{start}l{joined}" if joined else ""


def _path(shape: object) -> str:
    """The `d` of a polygon or of several, each ring closed by `z`."""
    rings = [ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part)]
    written = [_steps(shapely.get_coordinates(ring)[:-1]) for ring in rings]
    return "".join(f"{steps}z" for steps in written if steps)


def _outlines(shapes: NDArray[np.object_], groups: Sequence[str]) -> str:
    """The outlines of the groups of shapes, each shared line drawn once."""
    if not groups:
        return ""
    members = np.asarray(groups, dtype=object)
    wholes = [shapely.union_all(shapes[members == group]) for group in sorted(set(groups))]
    merged = shapely.line_merge(shapely.union_all([shapely.boundary(whole) for whole in wholes]))
    return "".join(_steps(shapely.get_coordinates(line)) for line in shapely.get_parts(merged))


def _names_that_fit(
    points: Sequence[TownPoint], project: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> list[tuple[TownPoint, float, float]]:
    """The most populous towns whose names do not run into each other, at most ten."""
    if not points:
        return []
    ranked = sorted(points, key=lambda p: (-p.residents, p.name))[:60]
    at = project(np.array([[p.longitude, p.latitude] for p in ranked]))
    kept: list[tuple[TownPoint, float, float]] = []
    for point, (x, y) in zip(ranked, at.tolist(), strict=True):
        if all(abs(x - other_x) > 105 or abs(y - other_y) > 42 for _, other_x, other_y in kept):
            kept.append((point, x, y))
        if len(kept) == 10:
            break
    return kept


def _names_svg(names: Sequence[tuple[str, float, float]]) -> str:
    """Names with a dot, for orientation; the towns' links say them to those who listen."""
    if not names:
        return ""
    dots = "".join(f'<circle class="town-map__dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for _, x, y in names)
    texts = "".join(f'<text x="{x + 7:.1f}" y="{y + 4.5:.1f}">{escape(name)}</text>' for name, x, y in names)
    return f'<g class="town-map__labels" aria-hidden="true">{dots}{texts}</g>'
