"""The towns as drawn in public: fewer points, and still without a gap or an overlap between neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from candor.places.pack import PlacesPack

TOLERANCE: Final = 0.002
DECIMALS: Final = 4


@dataclass(frozen=True)
class PublicShapes:
    """Simplified areas in the order of the pack, as GeoJSON geometry text.

    `shared_edges` says whether neighbours still share their edges; where not, `reason` says why.
    """

    geometries: list[str]
    shared_edges: bool
    reason: str


def public_geometries(pack: PlacesPack, tolerance: float = TOLERANCE) -> list[str]:
    """GeoJSON geometry text for each place of the pack, each valid and none empty."""
    return simplified(pack, tolerance).geometries


def simplified(pack: PlacesPack, tolerance: float = TOLERANCE) -> PublicShapes:
    """Simplify so that an area changes by at most about `tolerance` squared at each point left out (degrees).

    Method: Visvalingam and Whyatt 1993, on the edges that neighbours share (GEOS CoverageSimplifier); coordinates are
    rounded to 4 decimals, some 11 metres. Boundaries that overlap or leave slivers are simplified one by one.
    """
    shapes = np.asarray(pack.boundaries, dtype=object)
    reason = ""
    if shapely.coverage_is_valid(shapes):
        coarse = shapely.coverage_simplify(shapes, tolerance)
    else:
        edges = shapely.coverage_invalid_edges(shapes)
        apart = np.flatnonzero(~(shapely.is_missing(edges) | shapely.is_empty(edges)))
        names = [pack.places.column("name")[int(i)].as_py() for i in apart[:5]]
        more = f" and {len(apart) - 5} more" if len(apart) > 5 else ""
        reason = f"boundaries overlap or do not meet: {', '.join(names)}{more}"
        coarse = shapely.simplify(shapes, tolerance, preserve_topology=True)
    rounded = _valid(_rounded(coarse, DECIMALS), shapes)
    if not reason and not shapely.coverage_is_valid(rounded):
        reason = f"rounding to {DECIMALS} decimals moved an edge over another"
    return PublicShapes(shapely.to_geojson(shapely.orient_polygons(rounded)).tolist(), not reason, reason)


def _rounded(shapes: NDArray[np.object_], decimals: int) -> NDArray[np.object_]:
    # The same rounding of the same corner on both sides of an edge keeps the edge shared.
    result: NDArray[np.object_] = shapely.transform(shapes, lambda points: np.round(points, decimals))
    return result


def _valid(shapes: NDArray[np.object_], originals: NDArray[np.object_]) -> NDArray[np.object_]:
    """Repair what rounding broke; what it made vanish stays as it was."""
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.buffer(shapely.make_valid(shapes), 0))
    lost = shapely.is_empty(shapes) | ~shapely.is_valid(shapes)
    return np.where(lost, originals, shapes)
