"""Which rows their agency marks, on the workers as in one process."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.spark import SparkEngine
from candor.intake.flags import FLAG, flagged
from candor.portal.model import DatasetConfig
from candor.sources.base import ROW

pytestmark = pytest.mark.spark

CELLS = [None, "", "N", " n ", "NA", "Y", "x  y", "Gang; DV", "gang/dv", "DVD", "dv", "Gang"]
DATASET = DatasetConfig.model_validate(
    {
        "name": "calls", "id": "cals-2342", "title": "Calls", "schema": "calls_for_service", "columns": {},
        "source": {"path": "calls.csv", "missing": ["", "NA"]},
        "flags": {
            "one": {"about": "Mental health", "no": ["", "N", "DVD", "gang", "x y"]},
            "two": {"about": "Domestic violence", "yes": ["DV", "X Y"]},
        },
    }
)  # fmt: skip


def marks(engine: Engine) -> list[str]:
    numbers = pa.array(range(2 * len(CELLS)), pa.int64())
    nothing = pa.array(["N"] * len(CELLS), pa.string())
    cells = pa.array(CELLS, pa.string())
    raw = pa.table({ROW: numbers, "one": pa.concat_arrays([cells, nothing]), "two": pa.concat_arrays([nothing, cells])})
    table = engine.table(raw)
    found = engine.arrow(flagged(table.select(ROW), table, DATASET).order_by(ROW))
    return [str(words) for words in found[FLAG].to_pylist()]


def test_marks_are_the_same_on_both_engines(application: SparkEngine, tmp_path: Path) -> None:
    with DuckEngine("America/New_York", tmp_path) as duck:
        found = marks(duck)
    assert found == marks(application)
    one, two = found[: len(CELLS)], found[len(CELLS) :]
    assert [c for c, mark in zip(CELLS, one, strict=True) if mark] == ["Y", "Gang; DV", "gang/dv", "dv"]
    assert [c for c, mark in zip(CELLS, two, strict=True) if mark] == ["x  y", "Gang; DV", "gang/dv", "dv"]
