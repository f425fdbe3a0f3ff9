"""Areas instead of points: which cells are joined until each holds enough addresses, and what two maps tell together.

What is decided here is decided by addresses alone, never by what happened at them: the areas say nothing of the rows.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]

FEWEST_POINTS: Final = 2
"""An area with one address point is one building, however many live there."""
_THIN: Final = 1e-5
"""Degrees, about a metre: what is nowhere wider than twice that is the rounding of a border, and no place."""


@dataclass(frozen=True)
class Held:
    """What each cell holds: `number` of addresses or residents, at so many different `points`."""

    number: Ints
    points: Ints

    def enough(self, minimum: int) -> NDArray[np.bool_]:
        """Whether a cell can stand for a point in it."""
        return (self.number >= minimum) & (self.points >= FEWEST_POINTS)


@dataclass(frozen=True)
class Borders:
    """Pairs of cells that can be joined, each pair once, and how long the border is that they share."""

    first: Ints
    second: Ints
    length: NDArray[np.float64]


@dataclass(frozen=True)
class AreaMap:
    """A map of areas, parallel: the town of each, by its code, and its shape in degrees."""

    geoid: NDArray[np.object_]
    shape: Shapes


def joined(held: Held, borders: Borders, minimum: int, start: Ints | None = None) -> Ints:
    """For each cell the lowest cell that it is joined with, itself where it stands alone; -1 where there are too few.

    The cell that holds least is joined to the neighbour with which it shares the longest border, until none holds too
    few; ties go to the lowest cell. Only what has a border is joined, so a town whose cells all hang together ends with
    enough in every area, or with too few in the whole town. With `start`, cells of the same number there are joined to
    begin with.
    """
    near: list[dict[int, float]] = [{} for _ in held.number]
    for a, b, length in zip(borders.first.tolist(), borders.second.tolist(), borders.length.tolist(), strict=True):
        near[a][b] = near[b][a] = length
    number, points, into = held.number.tolist(), held.points.tolist(), list(range(len(near)))

    def join(a: int, b: int) -> int:
        keep, gone = min(a, b), max(a, b)
        into[gone] = keep
        number[keep] += number[gone]
        points[keep] += points[gone]
        for other, length in near[gone].items():
            near[other].pop(gone)
            if other != keep:
                near[keep][other] = near[other][keep] = near[keep].get(other, 0.0) + length
        near[gone] = {}
        return keep

    if start is not None:
        lowest: dict[int, int] = {}
        for cell, group in enumerate(start.tolist()):
            lowest[group] = join(lowest[group], cell) if group in lowest else cell
    waiting = [(number[c], points[c], c) for c in range(len(near)) if into[c] == c]
    heapq.heapify(waiting)
    while waiting:
        least = heapq.heappop(waiting)
        cell = least[2]
        gone = into[cell] != cell or least[:2] != (number[cell], points[cell])
        if gone or not near[cell] or (least[0] >= minimum and least[1] >= FEWEST_POINTS):
            continue
        other = max(near[cell].items(), key=lambda neighbour: (neighbour[1], -neighbour[0]))[0]
        kept = join(cell, other)
        heapq.heappush(waiting, (number[kept], points[kept], kept))
    root = np.asarray(into, dtype=np.int64)
    while not np.array_equal(root, root[root]):
        root = root[root]
    whole = Held(np.asarray(number, dtype=np.int64), np.asarray(points, dtype=np.int64)).enough(minimum)
    return np.where(whole[root], root, -1) if len(root) else root


def nested(cells: AreaMap, areas: AreaMap) -> Ints:
    """For each cell the area that it lies in; -1 in a town of which any cell lies in several areas or in none."""
    cell, area, _ = _pieces(cells, areas)
    found = np.full(len(cells.shape), -1, dtype=np.int64)
    found[cell] = area
    found[np.bincount(cell, minlength=len(found)) != 1] = -1
    broken = np.isin(cells.geoid, np.unique(cells.geoid[found < 0].astype(str)))
    return np.where(broken, -1, found)


def together(one: AreaMap, other: AreaMap) -> AreaMap:
    """What a reader of two maps of the same towns knows: the places where an area of one and one of the other meet.

    A town that only one of them has keeps its areas.
    """
    alone = [~np.isin(a.geoid.astype(str), b.geoid.astype(str)) for a, b in ((one, other), (other, one))]
    # An area of both meets no other area: only the rest has to be cut.
    changed = _unlike(one, other)
    kept = np.setdiff1d(np.arange(len(one.shape)), np.concatenate([changed, np.flatnonzero(alone[0])]))
    first, _, pieces = _pieces(_of(one, changed), _of(other, _unlike(other, one)))
    return AreaMap(
        np.concatenate([one.geoid[kept], one.geoid[changed[first]], one.geoid[alone[0]], other.geoid[alone[1]]]),
        np.concatenate([one.shape[kept], pieces, one.shape[alone[0]], other.shape[alone[1]]]),
    )


def too_close(before: AreaMap, new: AreaMap, x: NDArray[np.float64], y: NDArray[np.float64], minimum: int) -> Ints:
    """The areas of `new` with which rows would be known more closely than by `minimum` addresses (`x`, `y`, degrees).

    A row that is published again lies where its old area and its new one meet. Where that is less than the old area
    said already, it has to hold enough by itself.
    """
    # An area that was published as it is tells nothing new: most are.
    changed = _unlike(new, before)
    old, area, pieces = _pieces(before, _of(new, changed))
    area = changed[area]
    known = _thin(shapely.difference(before.shape[old], pieces))
    tree = shapely.STRtree(pieces)
    _, inside = tree.query(shapely.points(x, y), predicate="intersects")
    count = np.bincount(inside, minlength=len(pieces))
    found: Ints = np.unique(area[~known & (count < minimum)])
    return found


def _of(areas: AreaMap, chosen: Ints) -> AreaMap:
    return AreaMap(areas.geoid[chosen], areas.shape[chosen])


def _unlike(one: AreaMap, other: AreaMap) -> Ints:
    """The areas of `one` whose very shape is none of `other`, wherever its rings begin."""
    here, there = (
        list(zip(a.geoid.tolist(), shapely.to_wkb(shapely.normalize(a.shape)).tolist(), strict=True))
        for a in (one, other)
    )
    known = set(there)
    return np.asarray([i for i, area in enumerate(here) if area not in known], dtype=np.int64)


def _pieces(one: AreaMap, other: AreaMap) -> tuple[Ints, Ints, Shapes]:
    """Where areas of two maps meet in the same town: their numbers in each, and the common part."""
    first, second = shapely.STRtree(other.shape).query(one.shape)
    same = one.geoid[first] == other.geoid[second]
    first, second = first[same], second[same]
    common = shapely.intersection(one.shape[first], other.shape[second])
    place = ~_thin(common)
    return first[place], second[place], common[place]


def _thin(shapes: Shapes) -> NDArray[np.bool_]:
    """Whether a shape has no room for a disc of the radius `_THIN`; most have not even its area."""
    thin = shapely.area(shapes) < np.pi * _THIN**2
    thin[~thin] = shapely.is_empty(shapely.buffer(shapes[~thin], -_THIN))
    found: NDArray[np.bool_] = thin
    return found
