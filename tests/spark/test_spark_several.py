"""Events of which several rows are, counted on the workers as in one process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.intake.cases import without_fillers
from candor.measures.cube import day_counts
from candor.measures.several import number_of, sets_of_kinds
from candor.privacy.times import hour_by_weekday

pytestmark = pytest.mark.spark

CASES = [None, "a", "b", "c", "a", "a", None, "b", "d", "d"]
ROWS = pa.table(
    {
        "_case": pa.array(CASES, pa.string()),
        "geoid": pa.array(["1", "1", "1", "2", "1", "2", "2", "1", "2", "2"], pa.string()),
        "category": pa.array(["x", "x", "y", "x", "y", "x", "y", "y", "z", "x"], pa.string()),
        "agency": pa.array(["P", "P", "P", "P", "P", "P", None, "P", "P", "P"], pa.string()),
        "outcome": pa.array(["published"] * 8 + ["withheld"] * 2, pa.string()),
        "counted": pa.array([True] * 10),
        "at": pa.array([datetime(2025, 1, 1 + i // 4, 13, 5) for i in range(10)], pa.timestamp("us")),
    }
)


def counted(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    rows = engine.table(ROWS)
    tables = {
        "cells": rows.group_by(["geoid", "category"]).agg(n=number_of(rows, "_case"), rows=rows.count()),
        "all": rows.aggregate(n=number_of(rows, "_case")),
        "sets": sets_of_kinds(rows, ["geoid"], "_case"),
        "days": day_counts(rows, "at", "_case"),
        "cases": without_fillers(rows.mutate(notes=ibis.literal("")), "_case", "at").select("_case", "notes"),
        "hours": hour_by_weekday(rows.mutate(at=rows["at"].cast(ibis.dtype("timestamp"))), "at", ["geoid"], "_case"),
    }
    found = {name: engine.arrow(table).to_pylist() for name, table in tables.items()}
    return {name: sorted(tuple(map(str, line.values())) for line in lines) for name, lines in found.items()}


def test_events_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    with DuckEngine("America/New_York", tmp_path) as duck:
        one = counted(duck)
    assert one["all"] == [("6",)]
    assert one["sets"] == [("1", "x y", "1"), ("2", "x z", "1")]
    assert counted(application) == one
