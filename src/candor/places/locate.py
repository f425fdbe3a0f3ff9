"""Point in town, for millions of points: exact, and most of it a look into a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from candor.places.pack import PlacesPack

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NOWHERE: Final = -1
NO_POINT: Final = -2
# 0.002 degrees are some 160 to 220 metres: in Vermont 7 of 100 points then lie in a cell that a boundary crosses.
_CELL: Final = 0.002
_MOST_CELLS: Final = 4_000_000
_CHUNK: Final = 1 << 18
# Far above the rounding of coordinates up to 360 (6e-14), far below a cell.
_MARGIN: Final = 1e-9


@dataclass(frozen=True)
class _Grid:
    """Cells of a square lattice over the extent of all towns, and one row and column more on each side."""

    west: float
    south: float
    size: float
    columns: int
    rows: int

    def cell(self, x: Floats, y: Floats) -> NDArray[np.int64]:
        """The cell of each point, -1 for points outside the lattice. Not defined for NaN."""
        column = np.floor((x - self.west) / self.size)
        row = np.floor((y - self.south) / self.size)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1).astype(np.int64)

    def centres(self, cells: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """The middle of each cell."""
        row, column = np.divmod(cells, self.columns)
        return self.west + (column + 0.5) * self.size, self.south + (row + 0.5) * self.size


class TownIndex:
    """Which town a point lies in. Made once by `build`, then used for any number of points, in any process.

    A cell of the grid that no boundary crosses lies wholly inside or outside of each town: its towns are known. In the
    other cells the point is tested against each town whose boundary crosses the cell. A point on a boundary belongs to
    both towns, and is given to the one with the lowest index; so is a point in several towns that overlap.
    """

    def __init__(self, grid: _Grid, whole: Ints, start: Ints, crossing: Ints, shapes: NDArray[np.object_]) -> None:
        self._grid = grid
        self._whole = whole  # per cell: the lowest town that covers all of it; as many as there are towns: none
        self._start = start  # per cell: where its towns begin in `crossing`
        self._crossing = crossing  # towns whose boundary crosses the cell, ascending within a cell
        self._shapes = shapes
        self._prepare()

    @classmethod
    def build(cls, pack: PlacesPack) -> TownIndex:
        """The index of a places pack; a town's number is its row in `pack.places`, which is in the order of GEOIDs."""
        return cls.of(pack.boundaries)

    @classmethod
    def of(cls, boundaries: Sequence[BaseGeometry], cell: float = _CELL) -> TownIndex:
        """The index of areas in degrees; `cell` is the size of the grid's cells, larger where they were too many."""
        shapes = np.asarray(boundaries, dtype=object)
        shapely.prepare(shapes)
        bounds = shapely.bounds(shapes)
        bounds = bounds[np.isfinite(bounds).all(axis=1)]
        if len(bounds) == 0:
            bounds = np.zeros((1, 4))
        west, south = (float(v) for v in bounds[:, :2].min(axis=0))
        east, north = (float(v) for v in bounds[:, 2:].max(axis=0))
        size = max(cell, float(np.sqrt((east - west) * (north - south) / _MOST_CELLS)))
        # A long thin extent is bounded by its longer side.
        size = max(size, (east - west) / _MOST_CELLS, (north - south) / _MOST_CELLS)
        columns, rows = int((east - west) // size) + 3, int((north - south) // size) + 3
        grid = _Grid(west - size, south - size, size, columns, rows)
        pairs = _crossings(grid, shapes)
        whole = _whole_cells(grid, shapes, pairs)
        cells, towns = np.divmod(pairs, max(len(shapes), 1))
        start = np.concatenate([[0], np.cumsum(np.bincount(cells, minlength=grid.columns * grid.rows))])
        return cls(grid, whole, start.astype(np.int32), towns.astype(np.int32), shapes)

    def locate(self, longitude: Floats, latitude: Floats) -> Ints:
        """The number of the town that each point lies in: `NOWHERE` outside all, `NO_POINT` where there is a NaN."""
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        found = np.empty(x.shape, dtype=np.int32)
        for at in range(0, len(x), _CHUNK):
            part = slice(at, at + _CHUNK)
            found[part] = self._locate(x[part], y[part])
        return found

    def _locate(self, x: Floats, y: Floats) -> Ints:
        none = len(self._shapes)
        known = ~(np.isnan(x) | np.isnan(y))
        cell = self._grid.cell(np.where(known, x, np.inf), np.where(known, y, np.inf))
        found = np.where(cell >= 0, self._whole[cell], none).astype(np.int32)
        first, candidates = self._start[cell], self._start[cell + 1] - self._start[cell]
        candidates[cell < 0] = 0
        asked = np.flatnonzero(candidates)
        if len(asked):
            # One line for each point and town to test, the towns of a point in ascending order.
            many = candidates[asked]
            point = np.repeat(asked, many)
            within = np.arange(len(point)) - np.repeat(np.cumsum(many) - many, many)
            town = self._crossing[np.repeat(first[asked], many) + within]
            hit = shapely.intersects_xy(self._shapes[town], x[point], y[point])
            # Backwards: of several towns of a point the lowest is written last, and stays.
            crossed = np.full(len(x), none, dtype=np.int32)
            crossed[point[hit][::-1]] = town[hit][::-1]
            found = np.minimum(found, crossed)
        found[found == none] = NOWHERE
        found[~known] = NO_POINT
        return found

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_shapes": shapely.to_wkb(self._shapes)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._shapes = shapely.from_wkb(state["_shapes"])
        self._prepare()

    def _prepare(self) -> None:
        """Prepare the polygons and ask each once: GEOS builds its index at the first question, which must not race."""
        shapely.prepare(self._shapes)
        shapely.intersects_xy(self._shapes, 0.0, 0.0)


def _crossings(grid: _Grid, shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Every cell that a town's boundary crosses or touches, as sorted numbers cell * towns + town. Never too few.

    Boundaries are cut into pieces not longer than a cell; of each the cells under its bounding box, a margin wider.
    """
    lines, town = shapely.get_parts(shapely.boundary(shapes), return_index=True)
    lines = shapely.segmentize(lines, grid.size)
    points, line = shapely.get_coordinates(lines, return_index=True)
    if len(points) == 0:
        return np.empty(0, dtype=np.int64)
    same = line[1:] == line[:-1]
    begin, end, owner = points[:-1][same], points[1:][same], town[line[:-1][same]]
    low, high = np.minimum(begin, end) - _MARGIN, np.maximum(begin, end) + _MARGIN
    origin = np.array([grid.west, grid.south])
    first = np.floor((low - origin) / grid.size).astype(np.int64)
    span = np.floor((high - origin) / grid.size).astype(np.int64) - first
    found = []
    # A piece no longer than a cell, and its margin, lies over at most three columns and three rows.
    for right in range(int(span[:, 0].max()) + 1):
        for up in range(int(span[:, 1].max()) + 1):
            over = (span[:, 0] >= right) & (span[:, 1] >= up)
            cell = (first[over, 1] + up) * grid.columns + first[over, 0] + right
            found.append(np.unique(cell * len(shapes) + owner[over]))
    return np.unique(np.concatenate(found))


def _whole_cells(grid: _Grid, shapes: NDArray[np.object_], pairs: NDArray[np.int64]) -> Ints:
    """For each cell the lowest town that covers it wholly: it has the middle of the cell, and no boundary in it."""
    whole = np.full(grid.columns * grid.rows, len(shapes), dtype=np.int32)
    cells, towns = np.divmod(pairs, max(len(shapes), 1))
    by_town = np.argsort(towns, kind="stable")
    edge = np.searchsorted(towns[by_town], np.arange(len(shapes) + 1))
    # The highest town first, so that the lowest has the last word.
    for number in range(len(shapes) - 1, -1, -1):
        crossed = cells[by_town[edge[number] : edge[number + 1]]]
        # No boundary comes between the cells of a row from one that is crossed to the next: one is asked for all.
        # Those before the first and behind the last are outside.
        first, length = crossed[:-1] + 1, np.diff(crossed) - 1
        run = (length > 0) & (crossed[:-1] // grid.columns == crossed[1:] // grid.columns)
        first, length = first[run], length[run]
        inside = shapely.contains_xy(shapes[number], *grid.centres(first))
        first, length = first[inside], length[inside]
        behind = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        whole[np.repeat(first, length) + behind] = number
    return whole
