"""Towns divided into cells: by the nearest of a town's anchors, or by the H3 grid. No cell crosses a town's border.

A cell's corners are rounded to a millionth of a degree, some 0.1 m; what the rounding leaves at a border belongs to the
nearest cell of the town (`areas.AreaIndex`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]

_DECIMALS: Final = 6
_KM: Final = 111.195
"""Kilometres of a degree of latitude on a sphere of the earth's mean radius."""


@dataclass(frozen=True)
class Cells:
    """Cells of several towns, in the order of towns and names; `town` is the town's number, `shape` in degrees."""

    town: Ints
    name: NDArray[np.object_]
    shape: Shapes


@dataclass(frozen=True)
class Neighbours:
    """Pairs of cells of the same town, each once, and the length of their common border, in degrees of latitude.

    Parts of a town that do not touch are tied by one pair each, of length 0, to the cell that is nearest: along these
    pairs all cells of a town hang together.
    """

    first: Ints
    second: Ints
    length: Floats


def nearest_cells(boundaries: Sequence[BaseGeometry], town: Ints, name: Sequence[str], x: Floats, y: Floats) -> Cells:
    """For each anchor what of its town lies nearer to it than to any other anchor of the town (Voronoi).

    `town` numbers the boundaries; anchors of a town lie apart. Distances are measured in a plane with longitude scaled
    by the cosine of the town's middle latitude: inside a town exact to a few metres.
    """
    names = np.asarray(name, dtype=object)
    found = []
    for number in np.unique(town).tolist():
        mine = np.flatnonzero(town == number)
        whole = boundaries[number]
        squeeze = squeezed(whole)
        flat = _scaled(np.asarray([whole], dtype=object), squeeze)
        if len(mine) == 1:
            cells = flat
        else:
            points = shapely.multipoints(np.column_stack([x[mine] * squeeze, y[mine]]))
            parts = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=flat[0], ordered=True))
            cells = shapely.intersection(parts, flat[0])
        found.append((number, names[mine], _scaled(cells, 1 / squeeze)))
    return _cells(found)


def grid_cells(boundaries: Sequence[BaseGeometry], towns: Iterable[int], resolution: int) -> Cells:
    """The H3 cells of a resolution that share a place with each town, cut at its border; named by their index."""
    import h3  # noqa: PLC0415  # few portals have areas, and none else needs it

    found = []
    margin = 2 * h3.average_hexagon_edge_length(resolution, unit="km") / _KM
    for number in towns:
        whole = boundaries[number]
        west, south, east, north = whole.bounds
        wide = margin / squeezed(whole)
        around = shapely.box(west - wide, south - margin, east + wide, north + margin)
        # Every cell that reaches into the town has its middle within an edge's length of it.
        names = np.asarray(sorted(h3.geo_to_cells(around, resolution)), dtype=object)
        hexagons = shapely.polygons([np.asarray(h3.cell_to_boundary(n))[:, ::-1] for n in names])
        near = shapely.intersects(hexagons, whole)
        found.append((number, names[near], shapely.intersection(hexagons[near], whole)))
    return _cells(found)


def neighbours(cells: Cells) -> Neighbours:
    """Which cells of a town lie side by side."""
    first, second = shapely.STRtree(cells.shape).query(cells.shape, predicate="intersects")
    pair = (first < second) & (cells.town[first] == cells.town[second])
    first, second = first[pair], second[pair]
    edges = shapely.boundary(cells.shape)
    length = shapely.length(shapely.intersection(edges[first], edges[second]))
    side = length > 0
    first, second, length = first[side], second[side], length[side]
    ties = _ties(cells, first, second)
    return Neighbours(
        np.concatenate([first, ties[:, 0]]),
        np.concatenate([second, ties[:, 1]]),
        np.concatenate([length, np.zeros(len(ties))]),
    )


def union(cells: Cells, group: Ints) -> Shapes:
    """The areas of groups of cells, in the order of the groups' numbers; cells of the group -1 are in none."""
    numbers = np.unique(group[group >= 0])
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], [*numbers, np.inf])
    united = [shapely.union_all(cells.shape[order[a:b]]) for a, b in itertools.pairwise(edges)]
    return np.asarray(united, dtype=object)


def square_km(shapes: Shapes) -> Floats:
    """The size of areas in degrees."""
    bounds = shapely.bounds(shapes)
    cosine = np.cos(np.radians((bounds[:, 1] + bounds[:, 3]) / 2))
    size: Floats = shapely.area(shapes) * cosine * _KM**2
    return size


def km_from(shape: BaseGeometry, x: float, y: float) -> float:
    """How far a point lies from an area, in kilometres; 0 inside."""
    squeeze = squeezed(shape)
    flat = _scaled(np.asarray([shape], dtype=object), squeeze)[0]
    return float(shapely.distance(flat, shapely.Point(x * squeeze, y))) * _KM


def squeezed(shape: BaseGeometry) -> float:
    """By what a degree of longitude is shorter than one of latitude, in the middle of an area."""
    _, south, _, north = shape.bounds
    return float(np.cos(np.radians((south + north) / 2)))


def _scaled(shapes: Shapes, squeeze: float) -> Shapes:
    scaled: Shapes = shapely.transform(shapes, lambda at: at * [squeeze, 1.0])
    return scaled


def _cells(found: list[tuple[int, NDArray[np.object_], Shapes]]) -> Cells:
    if not found:
        return Cells(np.empty(0, np.int64), np.empty(0, object), np.empty(0, object))
    town = np.repeat([number for number, _, _ in found], [len(names) for _, names, _ in found])
    names = np.concatenate([names for _, names, _ in found])
    shapes = _areas(shapely.transform(np.concatenate([s for _, _, s in found]), lambda at: np.round(at, _DECIMALS)))
    kept = ~shapely.is_empty(shapes)
    town, names, shapes = town[kept], names[kept], shapes[kept]
    order = np.lexsort([names.astype(str), town])
    return Cells(town[order].astype(np.int64), names[order], shapes[order])


def _areas(shapes: Shapes) -> Shapes:
    """Of what a cut or a rounding left only the areas, valid: a cell may touch a border in a point or a line."""
    odd = ~shapely.is_valid(shapes) | ~np.isin(shapely.get_type_id(shapes), (3, 6))
    found: Shapes = np.where(odd, shapely.buffer(shapely.make_valid(shapes), 0), shapes)
    return found


def _ties(cells: Cells, first: Ints, second: Ints) -> Ints:
    """Pairs that tie what does not touch: each part of a town to the nearest cell of the parts before it."""
    size = len(cells.town)
    from scipy.sparse import coo_array  # noqa: PLC0415  # as for h3
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    links = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
    _, part = connected_components(links, directed=False)
    ties = []
    lonely = np.flatnonzero(np.bincount(cells.town, minlength=1) > 0)
    for town in lonely.tolist():
        mine = np.flatnonzero(cells.town == town)
        parts = list(dict.fromkeys(part[mine].tolist()))
        for number, one in enumerate(parts[1:], start=1):
            these, others = mine[part[mine] == one], mine[np.isin(part[mine], parts[:number])]
            tree = shapely.STRtree(cells.shape[others])
            (_, near), distance = tree.query_nearest(cells.shape[these], return_distance=True, all_matches=False)
            best = int(np.argmin(distance))
            ties.append((int(others[near[best]]), int(these[best])))
    return np.asarray(ties, dtype=np.int64).reshape(-1, 2)
