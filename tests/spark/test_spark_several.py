"""Events of which several rows are, counted on the workers as in one process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.intake.cases import FILLER, without_fillers
from candor.intake.typed import NOTES
from candor.measures.cube import day_counts
from candor.measures.several import number_of, sets_of_kinds
from candor.privacy.times import hour_by_weekday
from candor.profiles.catalogue import standard_schemas

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


def fillers(rows: ir.Table) -> ir.Table:
    """Thirty rows over a quarter with one text in place of a number, and ten with numbers."""
    schema = standard_schemas()["incident_reports"]
    many = ibis.range(0, 30).unnest().name("n").as_table()
    many = many.select(_case=ibis.literal("PENDING"), day=many.n * 3)
    every = rows.select("_case", day=ibis.literal(1, "int64")).union(many.mutate(day=many.day.cast("int64")))
    at = ibis.timestamp("2025-01-01 00:00:00") + every.day.as_interval("D")
    named = every.select(incident_number="_case", occurred_at=at, agency=ibis.literal("P"), **{NOTES: ibis.literal("")})
    return without_fillers(named, schema).select("incident_number", NOTES)


def counted(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    rows = engine.table(ROWS)
    tables = {
        "cells": rows.group_by(["geoid", "category"]).agg(n=number_of(rows, "_case"), rows=rows.count()),
        "all": rows.aggregate(n=number_of(rows, "_case")),
        "sets": sets_of_kinds(rows, ["geoid"], "_case"),
        "days": day_counts(rows, "at", "_case"),
        "cases": fillers(rows),
        "hours": hour_by_weekday(rows.mutate(at=rows["at"].cast(ibis.dtype("timestamp"))), "at", ["geoid"], "_case"),
    }
    found = {name: engine.arrow(table).to_pylist() for name, table in tables.items()}
    return {name: sorted(tuple(map(str, line.values())) for line in lines) for name, lines in found.items()}


def test_events_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    with DuckEngine("America/New_York", tmp_path) as duck:
        one = counted(duck)
    assert one["all"] == [("6",)]
    assert sum(FILLER in str(note) for _, note in one["cases"]) == 30
    assert one["sets"] == [("1", "x y", "1"), ("2", "x z", "1")]
    assert counted(application) == one
