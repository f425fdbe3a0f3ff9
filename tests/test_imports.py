"""A program loads what it needs: the site nothing that only publishing needs, a command its own code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {"scipy", "pandas", "ibis", "sqlglot", "highspy", "deltalake", "pyspark", "h3", "vl_convert", "tomlkit"}
HEAVY |= {"onnxruntime", "tokenizers"}
PUBLISHING = {
    f"candor.{room}"
    for room in ("publish", "audit", "propose", "privacy", "measures", "solver", "intake", "sources", "places", "demo")
}

_PRINT = "\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
_COMMAND = """
import sys
from candor.cli import main
sys.argv = ["candor", *{words!r}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def loaded(code: str) -> set[str]:
    """The modules in memory after some code, by whole names and by their first parts."""
    done = subprocess.run([sys.executable, "-c", code + _PRINT], capture_output=True, text=True, check=True)
    names = set(json.loads(done.stdout.splitlines()[-1]))
    return names | {name.partition(".")[0] for name in names}


def test_the_site_loads_nothing_that_only_publishing_needs() -> None:
    assert not loaded("import candor.site.app, candor.site.http.serve") & (HEAVY | PUBLISHING)


_ASKED = """
from candor.engine.public import leave_out_pandas
leave_out_pandas()
import duckdb, pyarrow as pa, pyarrow.compute as pc
connection = duckdb.connect()
assert connection.execute("SELECT ?, ?", [1, "a"]).fetchall() == [(1, "a")]
assert connection.execute("SELECT ? AS n", [2]).to_arrow_reader(10).read_all().column("n").to_pylist() == [2]
assert pc.fill_null(pa.array([None, 3]), 4).to_pylist() == [4, 3]
"""


def test_a_program_that_serves_answers_without_pandas_though_it_is_installed() -> None:
    assert "pandas" not in loaded(_ASKED)


COMMANDS = (
    (),
    ("init",),
    ("places",),
    ("places", "import"),
    ("places", "fetch"),
    ("dataset", "add"),
    ("key", "new"),
    *(("check",), ("publish",), ("versions",), ("status",), ("upgrade",), ("audit",), ("rollback",), ("withdraw",)),
    *(("serve",), ("demo",)),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_loads_the_command_line_alone(words: tuple[str, ...]) -> None:
    rooms = {name for name in loaded(_COMMAND.format(words=[*words, "--help"])) if name.startswith("candor.")}
    assert {name.split(".")[1] for name in rooms} == {"cli", "errors"}


def test_a_new_key_needs_neither_engine_nor_site(tmp_path_factory: pytest.TempPathFactory) -> None:
    key = tmp_path_factory.mktemp("key") / "new.key"
    found = loaded(_COMMAND.format(words=["key", "new", str(key)]))
    assert not found & (HEAVY | PUBLISHING | {"candor.site", "candor.engine", "duckdb", "pyarrow", "numpy"})
