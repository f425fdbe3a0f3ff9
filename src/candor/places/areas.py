"""Which area of its town a point lies in, and the table that says so of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from candor.engine.base import Locate
from candor.places.locate import NOWHERE, TownIndex

AREA: Final = "area"
AREA_INDEX: Final = "_area_index"
SNAP_SCHEMA: Final = pa.schema(
    [("idx", pa.int32()), ("area", pa.string()), ("area_geoid", pa.string()), ("area_agency", pa.string())]
)
_CHUNK: Final = 1 << 18

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Areas:
    """The areas of a data set. `locate` numbers the area of a point.

    `snap` (`SNAP_SCHEMA`) names the areas by number, with the town and, on a line each, the agencies whose rows they
    are for.
    """

    snap: pa.Table
    locate: Locate


class AreaIndex:
    """Which area a point lies in. A town has no area at all, or each of its points has exactly one.

    A point between the areas of its town, where corners were rounded, belongs to the nearest; one on a border to the
    area with the lowest number. So whoever knows the area knows no more of the point than that.
    """

    def __init__(self, towns: TownIndex, town: NDArray[np.int64], shapes: NDArray[np.object_]) -> None:
        self._towns = towns
        self._town = town
        self._shapes = shapes
        self._prepare()

    def locate(self, longitude: Floats, latitude: Floats) -> Ints:
        """The number of each point's area: `NOWHERE` where there is none, `NO_POINT` where there is a NaN."""
        x, y = np.asarray(longitude, dtype=np.float64), np.asarray(latitude, dtype=np.float64)
        town = self._towns.locate(x, y)
        found = np.where(town < 0, town, NOWHERE)
        divided = np.flatnonzero(np.isin(town, self._town) & (town >= 0))
        for at in range(0, len(divided), _CHUNK):
            part = divided[at : at + _CHUNK]
            found[part] = self._locate(x[part], y[part], town[part])
        return found.astype(np.int32)

    def _locate(self, x: Floats, y: Floats, town: Ints) -> NDArray[np.int64]:
        point, area = self._tree.query(shapely.points(x, y))
        hit = self._town[area] == town[point]
        point, area = point[hit], area[hit]
        hit = shapely.intersects_xy(self._shapes[area], x[point], y[point])
        found = np.full(len(x), len(self._shapes), dtype=np.int64)
        np.minimum.at(found, point[hit], area[hit])
        between = np.flatnonzero(found == len(self._shapes))
        for number in np.unique(town[between]):
            lost, mine = between[town[between] == number], np.flatnonzero(self._town == number)
            distance = shapely.distance(shapely.points(x[lost], y[lost])[:, None], self._shapes[mine][None, :])
            found[lost] = mine[np.argmin(distance, axis=1)]
        return found

    def __getstate__(self) -> dict[str, object]:
        return {"_towns": self._towns, "_town": self._town, "_shapes": shapely.to_wkb(self._shapes)}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update({**state, "_shapes": shapely.from_wkb(state["_shapes"])})
        self._prepare()

    def _prepare(self) -> None:
        # As in TownIndex: GEOS builds an index at the first question, which must not race.
        shapely.prepare(self._shapes)
        shapely.intersects_xy(self._shapes, 0.0, 0.0)
        self._tree = shapely.STRtree(self._shapes)


def with_area(table: ir.Table, snap: ir.Table) -> ir.Table:
    """Add `area` to placed rows with the column `AREA_INDEX`, which is dropped; `snap` has `SNAP_SCHEMA`.

    A row has an area where its point gave it its town and the area is for its agency's rows. A row that was placed by
    a name or by its agency has none, and neither has one whose town was part of another at the time.
    """
    named = snap.select(_idx="idx", area="area", _geoid="area_geoid", _agency="area_agency")
    table = table.mutate(**{AREA_INDEX: ibis.ifelse(table.placed_by == "point", table[AREA_INDEX], NOWHERE)})
    same = [
        table[AREA_INDEX] == named["_idx"],
        table.geoid == named["_geoid"],
        table.agency == named["_agency"],
    ]
    return table.left_join(named, same).drop(AREA_INDEX, "_idx", "_geoid", "_agency")
