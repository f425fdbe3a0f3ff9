"""Points on the workers: the same rows in the same places and areas as in one process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import ibis
import numpy as np
import pyarrow as pa
import pytest
import shapely

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.projection import ToDegrees
from candor.engine.spark import SparkEngine
from candor.intake.piles import Pile, found_piles, without_piles
from candor.intake.points import NOTES, coordinate
from candor.places.areas import AREA_INDEX, SNAP_SCHEMA, AreaIndex, with_area
from candor.places.cells import grid_cells
from candor.places.locate import TownIndex
from candor.portal.point_forms import POINT_FORMS, Axis
from candor.profiles.catalogue import standard_schemas

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


def test_coordinates_of_every_form_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    """Forms of texts, a projection and piles."""
    texts = [
        "(38.04, -78.48)",
        "12 MAIN ST (38.05; -78.49)",
        "POINT (-78.48 38.04)",
        "38°30'36\" N",
        "38,0477",
        "x",
        None,
    ]
    east, north = [11482916.0, None, float("nan"), 0.0], [3900000.0, 1.0, 2.0, 0.0]
    cells = pa.table({"row": range(len(texts)), "t": pa.array(texts, pa.string())})
    plane = pa.table({"row": range(4), "x": pa.array(east, from_pandas=True), "y": north, "more.": ["a"] * 4})

    def found(engine: Engine) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        table = engine.table(cells)
        read = {
            f"{axis}_{n}": coordinate(table.t, axis, form, engine)
            for n, form in enumerate(POINT_FORMS)
            for axis in get_args(Axis)
        }
        forms = engine.arrow(table.select("row", **read).order_by("row"))
        made = engine.arrow(engine.projected(engine.table(plane), "x", "y", ToDegrees(2284)).order_by("row"))
        return forms.to_pylist(), made.to_pylist()

    with DuckEngine("America/New_York", tmp_path) as duck:
        ours = found(duck)
    theirs = found(application)
    for mine, other in zip((*ours[0], *ours[1]), (*theirs[0], *theirs[1]), strict=True):
        assert mine == pytest.approx(other)
    assert ours[1][0]["x"] == pytest.approx(-78.5, abs=1e-4)


def test_piles_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    x, y = np.append(rng.uniform(-73, -72, 900), [-72.5] * 100), np.append(rng.uniform(44, 45, 900), [44.5] * 100)
    times = pa.array([datetime(2024, 1 + n % 3, 5) for n in range(1000)], pa.timestamp("us"))
    rows = pa.table({"called_at": times, "latitude": y, "longitude": x, NOTES: [""] * 1000})
    schema = standard_schemas()["calls_for_service"]

    def found(engine: Engine) -> tuple[tuple[Pile, ...], int]:
        table = engine.table(rows)
        piles = found_piles(table, schema, engine)
        return piles, engine.arrow(without_piles(table, schema, piles, engine))["latitude"].null_count

    with DuckEngine("America/New_York", tmp_path) as duck:
        ours = found(duck)
    assert ours == found(application)
    assert ours[1] == 100
