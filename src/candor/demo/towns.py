"""The towns that calls are simulated for, read from a places pack, with points drawn uniformly inside them."""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# What a dispatcher would type as a village: an alias with digits or punctuation is not taken for one.
PLAIN = re.compile(r"[A-Za-z][A-Za-z .'-]+")


@dataclass(frozen=True)
class Towns:
    """Parallel columns of the pack's towns, in its order, and their boundaries as polygons in degrees."""

    geoid: tuple[str, ...]
    name: tuple[str, ...]
    county: tuple[str, ...]
    residents: NDArray[np.int64]
    housing_units: NDArray[np.int64]
    boundary: NDArray[np.object_]
    villages: tuple[tuple[str, ...], ...]
    ambiguous: tuple[tuple[str, ...], ...]
    known_names: frozenset[str]

    def __len__(self) -> int:
        return len(self.geoid)

    @property
    def bounds(self) -> Floats:
        """West, south, east, north of each town."""
        return np.asarray(shapely.bounds(self.boundary))


def read_towns(pack: Path) -> Towns:
    """Read `places.csv`, `boundaries.geojson` and `aliases.csv` of a places pack."""
    with (pack / "places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    collection = json.loads((pack / "boundaries.geojson").read_text(encoding="utf-8"))
    shapes = {f["properties"]["geoid"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in collection["features"]}
    with (pack / "aliases.csv").open(encoding="utf-8", newline="") as file:
        meant: dict[str, set[str]] = defaultdict(set)
        for row in csv.DictReader(file):
            meant[row["alias"]].add(row["geoid"])
    own = {row["name"].casefold() for row in rows} | {row["full_name"].casefold() for row in rows}
    villages: dict[str, list[str]] = defaultdict(list)
    ambiguous: dict[str, list[str]] = defaultdict(list)
    for alias, geoids in sorted(meant.items()):
        if alias.casefold() not in own and PLAIN.fullmatch(alias):
            for geoid in geoids:
                (villages if len(geoids) == 1 else ambiguous)[geoid].append(alias)
    return Towns(
        geoid=tuple(row["geoid"] for row in rows),
        name=tuple(row["name"] for row in rows),
        county=tuple(row["county"] for row in rows),
        residents=np.array([int(row["residents"]) for row in rows]),
        housing_units=np.array([int(row["housing_units"]) for row in rows]),
        boundary=np.array([shapes[row["geoid"]] for row in rows], dtype=object),
        villages=tuple(tuple(villages[row["geoid"]]) for row in rows),
        ambiguous=tuple(tuple(ambiguous[row["geoid"]]) for row in rows),
        known_names=frozenset(alias.casefold() for alias in meant) | own,
    )


class PointSampler:
    """Points uniformly inside polygons: a triangle by its area, then a place in it (Turk 1990, "Generating random
    points in triangles"). Degrees are taken as a plane, which inside one town is exact enough."""

    def __init__(self, polygons: NDArray[np.object_]) -> None:
        triangles = shapely.constrained_delaunay_triangles(polygons)
        parts, owner = shapely.get_parts(triangles, return_index=True)
        self.bounds: Floats = shapely.bounds(polygons)
        self._corners: Floats = shapely.get_coordinates(parts).reshape(len(parts), 4, 2)[:, :3]
        area: Floats = shapely.area(parts)
        # Town k owns the stretch (k, k + 1] of one rising line, cut in proportion to its triangles' areas.
        total = np.bincount(owner, weights=area, minlength=len(polygons))
        running = np.cumsum(area) - (np.cumsum(total) - total)[owner]
        self._line: Floats = owner + running / total[owner]
        self._line[np.append(np.diff(owner) > 0, True)] = np.arange(len(polygons)) + 1  # whatever rounding made of it

    def draw(self, polygon: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
        """One point in each given polygon (by index): longitudes and latitudes."""
        # random() may be 0 but never 1, so 1 - random() stays in the town's own stretch.
        which = np.searchsorted(self._line, polygon + (1 - rng.random(len(polygon))), side="left")
        corners = self._corners[which]
        r, t = np.sqrt(rng.random(len(polygon))), rng.random(len(polygon))
        weights = np.stack([1 - r, r * (1 - t), r * t], axis=1)
        point = np.einsum("nk,nkd->nd", weights, corners)
        return point[:, 0], point[:, 1]
