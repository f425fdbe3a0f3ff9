"""Areas on the workers: the same rows in the same areas as in one process."""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pytest
import shapely

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.places.areas import AREA_INDEX, SNAP_SCHEMA, AreaIndex, with_area
from candor.places.cells import grid_cells
from candor.places.locate import TownIndex

pytestmark = pytest.mark.spark

TOWNS = [shapely.box(-73, 44, -72.8, 44.2), shapely.box(-72.8, 44, -72.6, 44.2)]


def test_areas_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    cells = grid_cells(TOWNS, [0], 7)
    index = AreaIndex(TownIndex.of(TOWNS), cells.town, cells.shape)
    rng, size = np.random.default_rng(1), 400
    x, y = rng.uniform(-73, -72.5, size), rng.uniform(44, 44.2, size)
    x[:4], y[:4] = [np.nan, -73, 10, -72.8], [44.1, 44, 10, 44.1]
    points = pa.table(
        {
            "row": np.arange(size), "x": pa.array(x, from_pandas=True), "y": y, "geoid": ["1"] * size,
            "agency": ["P"] * size, "placed_by": ["point"] * (size - 1) + ["declared town"],
        }
    )  # fmt: skip
    names = cells.name.tolist()
    snap = pa.table([range(len(names)), names, ["1"] * len(names), ["P"] * len(names)], schema=SNAP_SCHEMA)

    def found(engine: Engine) -> pa.Table:
        table = engine.located(engine.table(points), "x", "y", AREA_INDEX, index.locate)
        return engine.arrow(with_area(table, engine.table(snap)).order_by(ibis._.row).select("row", "area"))

    with DuckEngine("America/New_York", tmp_path) as duck:
        ours = found(duck)
    assert ours.equals(found(application))
    assert 200 < ours["area"].null_count < 280
    assert ours["area"].slice(1, 1).to_pylist() != [None]
    assert ours["area"].slice(size - 1).to_pylist() == [None]
