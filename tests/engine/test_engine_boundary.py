"""No engine is named outside its room, but where a decision says so (docs/decisions/0002-one-engine-boundary.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

import candor
from candor.engine.duck import DuckEngine
from candor.engine.spark_times import form_of
from candor.errors import UsageError
from candor.portal.time_forms import DIRECTIVES

ROOT = Path(candor.__file__).parent
ENGINES = {"duckdb", "pyspark", "py4j"}

# Work that is DuckDB's whatever engine the portal names: rooms, and single modules.
OUTSIDE = {
    "sources/": "landing: both engines see the same text",
    "propose/": "looking at an export once, to propose how it is read",
    "places/builder/": "reading boundary files",
    "published/tables.py": "reading published files, through a connection that can do nothing else",
}
# What an Ibis expression does by itself, on a backend that it finds: only an engine runs expressions.
RUNS_ITSELF = {
    "to_pyarrow",
    "to_pyarrow_batches",
    "to_pandas",
    "to_polars",
    "to_parquet",
    "to_csv",
    "to_delta",
    "cache",
}
BACKENDS = {"duckdb", "pyspark", "connect", "set_backend", "get_backend", "memtable", "to_sql"}


def modules(folder: str = "") -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
            found |= {"backend of Ibis"} if node.module.startswith("ibis.backends") else set()
    return found


def test_only_the_places_that_the_decision_names_import_an_engine() -> None:
    beyond = {
        name(path): found
        for path in modules()
        if not name(path).startswith("engine/") and (found := imported(path) & {*ENGINES, "backend of Ibis"})
    }
    assert {path for path in beyond if not path.startswith(tuple(OUTSIDE))} == set()
    assert set().union(*beyond.values()) == {"duckdb"}
    assert all(any(path.startswith(place) for path in beyond) for place in OUTSIDE)


def test_expressions_are_run_by_an_engine_alone() -> None:
    found = []
    for path in modules():
        if name(path).startswith("engine/"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute):
                continue
            of_ibis = isinstance(node.value, ast.Name) and node.value.id == "ibis"
            if node.attr in RUNS_ITSELF or (of_ibis and node.attr in BACKENDS):
                found.append(f"{name(path)}:{node.lineno}: {node.attr}")
    assert not found


@pytest.mark.parametrize("path", modules("engine"), ids=name)
def test_one_engine_knows_nothing_of_the_other(path: Path) -> None:
    found = imported(path) & ENGINES
    assert not ("duckdb" in found and found - {"duckdb"})
    assert not (found - {"duckdb"}) or path.name.startswith("spark")


def test_without_spark_nothing_of_it_is_loaded() -> None:
    code = "import sys, candor.cli, candor.publish.run; print({m.partition('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'duckdb'" in loaded
    assert "'pyspark'" not in loaded


def test_every_directive_that_a_portal_may_declare_is_read_by_both_engines(tmp_path: Path) -> None:
    with DuckEngine("UTC", tmp_path) as duck:
        # A zone is read behind a time, and taken out before the rest is: the cases of both engines have it.
        for directive in sorted(DIRECTIVES - {"z", "Z"}):
            format_ = f"%{directive}"
            text = datetime(2022, 11, 6, 1, 2, 3, 4).strftime(format_)
            table = duck.table(pa.table({"t": [text]}))
            assert duck.arrow(table.select(v=duck.local_time(table.t, format_)))["v"].null_count == 0
            pattern, found = form_of(format_)
            assert found == (directive,)
            assert re.match(pattern.replace(r"\z", r"\Z"), text)
    with pytest.raises(UsageError, match="%j"):
        form_of("%Y %j")
