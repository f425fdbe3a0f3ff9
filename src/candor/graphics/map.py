"""The statewide map, drawn on the server: an SVG with a link on each town.

It is what works everywhere: without scripts, on paper, by keyboard. `draw` does once per release what depends on the
geometry alone; `Drawing.render` joins the strings of one page. The map island draws the same figures from
`figures_json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray

from candor.graphics.markup import script_json
from candor.graphics.model import Town

HEIGHT = 720.0
"""Height of the drawing in its own units, about the pixels of a large screen."""

WIDEST = 960.0
"""A wide drawing is lower than that: names and marks must stay readable where it is fitted into a page."""

LARGEST = 34.0
"""Radius of the largest circle of a map of counts, in the drawing's units."""

_MARK = 14.0
_TOLERANCE = 1.1
_MARGIN = 6.0
_APART = 105.0
_SHORT = 16


@dataclass(frozen=True)
class TownPoint:
    """Where a town's name can stand: longitude and latitude in degrees, and residents, by which names are chosen."""

    name: str
    longitude: float
    latitude: float
    residents: int


@dataclass(frozen=True)
class Drawing:
    """The geometry of a release, ready to be coloured. `bounds` is west, south, east, north in degrees.

    `middles` is where a town's circle or mark stands, in the drawing's units; `centres` is the same in degrees. The
    mark of a town in `raised` stands above a name.
    """

    width: float
    height: float
    paths: Mapping[str, str]
    lines: str
    names: tuple[TownPoint, ...]
    names_svg: str
    bounds: tuple[float, float, float, float]
    middles: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    centres: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    raised: frozenset[str] = frozenset()

    def render(self, towns: Iterable[Town], label: str, *, links: bool = True) -> Markup:
        """The SVG with each town in its class, in the order of `towns`; a town without geometry is left out.

        With `links`, each town leads to its page and says its figure; without, the whole is one image that `label`
        describes. A town among a tenth has a mark, one with a count a circle; neither is in the pointer's way.
        """
        paths = self.paths
        shown = [(town, paths[town.geoid]) for town in towns if town.geoid in paths]
        if links:
            parts = [
                f'<a href="/places/{t.geoid}" aria-label="{(text := escape(t.text))}"><path class="k-{t.key}" d="{d}">'
                f"<title>{text}</title></path></a>"
                for t, d in shown
            ]
        else:
            parts = [f'<path class="k-{t.key}" d="{d}"/>' for t, d in shown]
        over = self._circles([t for t, _ in shown if t.count]) + self._marks([t for t, _ in shown if t.verdict])
        kind = "" if any(t.key.startswith("rate") for t, _ in shown) else " town-map--compared"
        kind += " town-map--counts" if any(t.count for t, _ in shown) else ""
        return Markup(  # noqa: S704 - what comes from data is escaped above and below
            f'<svg class="town-map{kind}" viewBox="0 0 {self.width:g} {self.height:g}" '
            f'role="{"group" if links else "img"}" aria-label="{escape(label)}">'
            f'<g class="town-map__towns">{"".join(parts)}</g>'
            f'<path class="town-map__lines" d="{self.lines}"/>{over}{self.names_svg}</svg>'
        )

    def mark_at(self, geoid: str) -> tuple[float, float]:
        """Longitude and latitude of a town's mark."""
        longitude, latitude = self.centres[geoid]
        _, south, _, north = self.bounds
        unit = (north - south) / (self.height - 2 * _MARGIN)
        return longitude, latitude + (_MARK * unit if geoid in self.raised else 0)

    def _marks(self, towns: Sequence[Town]) -> str:
        """A triangle in the middle of each town among a tenth: it points up where that has the highest rates."""
        marks = []
        for town in towns:
            x, y = self.middles[town.geoid]
            y -= _MARK if town.geoid in self.raised else 0
            shape = "l5 9h-10z" if town.verdict == "higher" else "l-5 -9h10z"
            start = y - 5 if town.verdict == "higher" else y + 5
            marks.append(f'<path class="mark" d="M{x:.1f} {start:.1f}{shape}"/>')
        return f'<g class="town-map__over">{"".join(marks)}</g>' if marks else ""

    def _circles(self, towns: Sequence[Town]) -> str:
        """The circles of a map of counts, the largest first, so that none hides a smaller one."""
        largest = max((t.count for t in towns), default=0)
        circles = []
        for town in sorted(towns, key=lambda t: -t.count):
            x, y = self.middles[town.geoid]
            circles.append(f'<circle class="circle" cx="{x:.1f}" cy="{y:.1f}" r="{radius(town.count, largest):.1f}"/>')
        return f'<g class="town-map__over">{"".join(circles)}</g>' if circles else ""


def radius(count: int, largest: int) -> float:
    """The radius of a circle whose area is proportional to `count`; that of `largest` has the radius `LARGEST`."""
    return float(LARGEST * np.sqrt(count / largest)) if largest else 0.0


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
    squeeze = float(np.cos(np.radians((north + south) / 2)))
    scale = min(height / (north - south), WIDEST / ((east - west) * squeeze))
    height = (north - south) * scale

    def project(at: NDArray[np.float64]) -> NDArray[np.float64]:
        x = (at[:, 0] - west) * squeeze * scale + _MARGIN
        y = (north - at[:, 1]) * scale + _MARGIN
        return np.column_stack([x, y])

    flat = shapely.coverage_simplify(shapely.transform(shapes, project), _TOLERANCE) if geoids else shapes
    paths = {geoid: d for geoid, shape in zip(geoids, flat, strict=True) if (d := _path(shape))}
    width = (east - west) * squeeze * scale + 2 * _MARGIN
    names = _names_that_fit(points, project, width)
    middles = {g: _middle(shape) for g, shape in zip(geoids, flat, strict=True) if g in paths}
    return Drawing(
        width=round(width),
        height=round(height + 2 * _MARGIN),
        paths=paths,
        lines=_outlines(flat, [(counties or {}).get(g, "") for g in geoids]),
        names=tuple(point for point, _, _ in names),
        names_svg=_names_svg([(point.name, x, y) for point, x, y in names], width),
        bounds=(west, south, east, north),
        middles=middles,
        raised=frozenset(g for g, at in middles.items() if any(_is_under(at, (x, y)) for _, x, y in names)),
        centres={
            g: (west + (x - _MARGIN) / (squeeze * scale), north - (y - _MARGIN) / scale)
            for g, (x, y) in middles.items()
        },
    )


def figures_json(towns: Iterable[Town], drawing: Drawing) -> Markup:
    """What the map island cannot read from the drawing in the page: radii, verdicts, names to write, and the bounds.

    Class and sentence of each town are the drawing's own; they are not sent twice.
    """
    shown = [t for t in towns if t.geoid in drawing.paths]
    largest, centres = max((t.count for t in shown), default=0), drawing.centres
    return script_json(
        {
            "circles": [[round(radius(t.count, largest), 2), *_rounded(centres[t.geoid])] for t in shown if t.count],
            "marks": [[t.verdict, *_rounded(drawing.mark_at(t.geoid))] for t in shown if t.verdict],
            "height": drawing.height,
            "names": [[p.name, *_rounded((p.longitude, p.latitude))] for p in drawing.names],
            "bounds": [round(v, 4) for v in drawing.bounds],
        }
    )


def _rounded(at: tuple[float, float]) -> list[float]:
    """Degrees to about ten metres."""
    return [round(v, 4) for v in at]


def _middle(shape: object) -> tuple[float, float]:
    """Where a mark or a circle stands: in the middle of the largest part.

    That is the centroid where it lies well inside, else that of the largest circle inside.
    """
    part = max(shapely.get_parts(shape), key=shapely.area)
    circle = shapely.maximum_inscribed_circle(part, 1.0)
    centroid = shapely.centroid(part)
    inside = shapely.contains_xy(part, centroid.x, centroid.y)
    well = inside and shapely.distance(shapely.boundary(part), centroid) >= 0.7 * shapely.length(circle)
    x, y = (centroid.x, centroid.y) if well else shapely.get_coordinates(circle)[0].tolist()
    return float(x), float(y)


def _is_under(middle: tuple[float, float], name: tuple[float, float]) -> bool:
    """Whether a mark there would be hidden by a name that is written from its dot on to the right."""
    return -_MARK < middle[0] - name[0] < 4 * _MARK and abs(middle[1] - name[1]) < _MARK


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
    points: Sequence[TownPoint], project: Callable[[NDArray[np.float64]], NDArray[np.float64]], width: float
) -> list[tuple[TownPoint, float, float]]:
    """The most populous towns whose names do not run into each other or out of the drawing, at most ten."""
    if not points:
        return []
    ranked = sorted(points, key=lambda p: (-p.residents, p.name))[:60]
    at = project(np.array([[p.longitude, p.latitude] for p in ranked]))
    kept: list[tuple[TownPoint, float, float]] = []
    for point, (x, y) in zip(ranked, at.tolist(), strict=True):
        if _room_of(point.name) > width - x and _room_of(point.name) > x:
            continue
        if all(
            abs(x - other_x) > max(_APART, _room_of(point.name), _room_of(other.name)) or abs(y - other_y) > 42
            for other, other_x, other_y in kept
        ):
            kept.append((point, x, y))
        if len(kept) == 10:
            break
    return kept


def _room_of(name: str) -> float:
    """About how much room a long name takes, in the drawing's units; 0 for a short one, which always has it."""
    return 6.6 * len(name) + 10 if len(name) > _SHORT else 0.0


def _names_svg(names: Sequence[tuple[str, float, float]], width: float) -> str:
    """Names with a dot, for orientation; the towns' links say them to those who listen.

    A name stands to the right of its dot, or to the left where it would run out of a drawing of that width.
    """
    if not names:
        return ""
    dots = "".join(f'<circle class="town-map__dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for _, x, y in names)
    texts = "".join(
        f'<text x="{x - 7:.1f}" y="{y + 4.5:.1f}" text-anchor="end">{escape(name)}</text>'
        if x + 7 + 6.6 * len(name) > width
        else f'<text x="{x + 7:.1f}" y="{y + 4.5:.1f}">{escape(name)}</text>'
        for name, x, y in names
    )
    return f'<g class="town-map__labels" aria-hidden="true">{dots}{texts}</g>'
