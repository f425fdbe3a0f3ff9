"""The times of rows of real data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest

from candor.engine.duck import DuckEngine
from candor.privacy.times import (
    coarsened,
    complete_periods,
    require_classes,
)

pytestmark = pytest.mark.long


def burlington(duck: DuckEngine, shared_data: Path) -> ibis.Table:
    read = pa.csv.read_csv(
        shared_data / "burlington_calls" / "calls_2022_h1.csv",
        convert_options=pa.csv.ConvertOptions(
            include_columns=["call_time", "call_type", "AreaName", "mental_health", "dv_related"],
            column_types=dict.fromkeys(["call_time", "AreaName", "mental_health", "dv_related"], pa.string()),
        ),
    )
    marked = pc.or_(pc.equal(read["mental_health"], "1"), pc.equal(read["dv_related"], "1"))
    rows = duck.table(read.filter(pc.invert(marked)))
    return rows.mutate(t=duck.local_time(rows.call_time, "iso"))


def test_burlington_says_the_part_of_the_day(duck: DuckEngine, shared_data: Path) -> None:
    rows = burlington(duck, shared_data)
    complete = complete_periods([f"2022-{month:02}" for month in range(1, 7)])
    asked: dict[str, Any] = {"kind": "call_type", "unit": None, "finest": "hour", "k": 5, "engine": duck}
    found = coarsened(rows, "t", [], levels=None, complete=complete, **asked)
    assert found.report.places == {"part of day": 1}
    assert found.report.lines()[0] == "1 place: 1 by part of day; 7.2% of rows say less than their place's level"
    assert (found.report.published, found.report.waiting) == (9699, 0)
    measured = require_classes(found.published, "t", [], **asked)
    assert (measured.rows, measured.smallest) == (9699, 5)
    # Month by month, as it is published: the same level, and no row waits.
    levels, published = None, 0
    for month in range(1, 7):
        block = rows.filter((rows.t.year() == 2022) & (rows.t.month() == month))
        one = coarsened(block, "t", [], levels=levels, complete=(), **asked)
        require_classes(one.published, "t", [], **asked)
        levels, published = one.levels, published + one.report.published
        assert one.report.waiting == 0
    assert levels is not None
    assert levels["level"].to_pylist() == ["part of day"]
    # By parts of the city less can be said, and of the smallest nothing by month.
    parts = coarsened(rows, "t", ["AreaName"], levels=None, complete=complete, **asked)
    require_classes(parts.published, "t", ["AreaName"], **asked)
    assert parts.report.places == {"date": 4, "week": 1, "month": 1, "quarter": 1}


def test_rutland_says_the_week_of_a_stop_and_the_quarter_of_a_use_of_force(duck: DuckEngine, shared_data: Path) -> None:
    read = pa.csv.read_csv(
        shared_data / "rutland" / "traffic_stops_2011_2015.csv",
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
    )
    stops = duck.table(read.select(["stopDate", "stopTime", "stopReasonDesc"]).cast(
        pa.schema([(n, pa.string()) for n in ("stopDate", "stopTime", "stopReasonDesc")])))  # fmt: skip
    stops = stops.mutate(t=duck.local_time(stops.stopDate.concat(" ", stops.stopTime), "%Y-%m-%d %I:%M:%S%p"))
    complete = complete_periods([f"{year}-{month:02}" for year in range(2011, 2016) for month in range(1, 13)])
    asked: dict[str, Any] = {"kind": "stopReasonDesc", "unit": None, "k": 5, "engine": duck, "finest": "hour"}
    found = coarsened(stops, "t", [], levels=None, complete=complete, **asked)
    require_classes(found.published, "t", [], **asked)
    assert found.report.places == {"week": 1}
    assert found.report.share_coarser == pytest.approx(0.036, abs=0.001)

    read = pa.csv.read_csv(shared_data / "rutland" / "use_of_force_2015_2017.csv")
    force = duck.table(read.select(["CASE #", "Date", "Force Utilized"]).rename_columns(["case", "t", "force"]))
    complete = complete_periods([f"{year}-{month:02}" for year in range(2015, 2018) for month in range(1, 13)])
    asked = {"kind": "force", "unit": "case", "k": 5, "engine": duck, "finest": "date"}
    found = coarsened(force, "t", [], levels=None, complete=complete, **asked)
    measured = require_classes(found.published, "t", [], **asked)
    assert (found.report.places, measured.rows, measured.smallest) == ({"quarter": 1}, 221, 6)
