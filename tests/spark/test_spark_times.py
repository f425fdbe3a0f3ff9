"""Times made coarse on a cluster: the same rows say the same as in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.privacy.times import coarsened, complete_periods, hour_by_weekday, require_classes

pytestmark = pytest.mark.spark

COMPLETE = complete_periods(["2025-01", "2025-02", "2025-03", "2025-04"])


def calls(rows: int, dates: bool) -> pa.Table:
    """A busy town, a quiet one, one without a name and one of which three rows are known; some rows have no time."""
    rng = np.random.default_rng(rows)
    towns = pa.array(["A", "B", None, "Few"]).take(pa.array(rng.choice(4, rows, p=[0.8, 0.15, 0.045, 0.005])))
    # Also the hour that summer time skips, on 9 March.
    seconds = rng.integers(0, 110 * 86400, rows)
    times = pa.array(np.datetime64("2025-01-01", "us") + seconds.astype("timedelta64[s]"), mask=rng.random(rows) < 0.01)
    return pa.table(
        {
            "id": np.arange(rows),
            "town": towns,
            "beat": pa.array(rng.integers(1, 3, rows), mask=rng.random(rows) < 0.1),
            "t": times.cast(pa.date32()) if dates else times,
            "kind": pa.array(["theft", "noise", "crash", None]).take(pa.array(rng.integers(0, 4, rows))),
            "case": pa.array(rng.integers(0, rows, rows), mask=rng.random(rows) < 0.1),
        }
    )


@pytest.mark.parametrize(
    ("rows", "dates", "places", "unit"),
    [
        (3000, False, ["town"], None),
        (2000, True, ["town", "beat"], "case"),
        (800, False, [], "case"),
        (0, False, ["town"], None),
    ],
)
def test_times_are_the_same_on_both_engines(
    application: SparkEngine, tmp_path: Path, rows: int, dates: bool, places: list[str], unit: str | None
) -> None:
    path = tmp_path / "calls.parquet"
    pq.write_table(calls(rows, dates), path)
    levels = pa.table({"town": ["B"], "beat": pa.array([1], pa.int64()), "level": ["part of day"]}) if places else None

    def found(engine: Engine) -> list[Any]:
        asked: dict[str, Any] = {"kind": "kind", "unit": unit, "finest": "hour", "k": 4, "engine": engine}
        table = engine.read(path)
        made = coarsened(table, "t", places, levels=levels, complete=COMPLETE, **asked)
        measured = require_classes(made.published, "t", places, **asked)
        parts = [made.rows.order_by("id"), made.published.order_by("id"), made.waiting.order_by("id")]
        if not dates:
            week = hour_by_weekday(table, "t", places)
            parts.append(week.order_by(week.columns))
        told = sorted(made.levels.to_pylist(), key=repr)
        return [*[engine.arrow(part).to_pylist() for part in parts], told, made.report, measured]

    with DuckEngine("America/New_York", tmp_path) as duck:
        ours = found(duck)
    assert found(application) == ours
    assert not rows or ours[4 if not dates else 3]
