"""DuckDB does what every engine must; and its memory is bounded, and spills to the portal's own folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from tests.engine.conformance import ZONE, EngineConformance, Engines

from candor.engine.base import Engine
from candor.engine.duck import DuckEngine
from candor.engine.open import open_engine
from candor.errors import DataError
from candor.portal.config_model import PortalConfig


class TestDuckEngine(EngineConformance):
    @pytest.fixture
    def engines(self, tmp_path: Path) -> Iterator[Engines]:
        with ExitStack() as opened:

            def engine(zone: str) -> Engine:
                return opened.enter_context(DuckEngine(zone, tmp_path / "scratch"))

            yield engine


ROWS = 1_500_000


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows in no order: a number, and a text that no compression makes small."""
    chance = np.random.default_rng(1)
    path = tmp_path_factory.mktemp("long") / "rows.parquet"
    number = pa.array(chance.permutation(ROWS))
    text = pc.binary_join_element_wise(
        *[pa.array(chance.integers(10**17, 10**18, ROWS)).cast(pa.string()) for _ in range(3)], "-"
    )
    pq.write_table(pa.table({"n": number, "text": text}), path, row_group_size=100_000)
    return path


def test_what_does_not_fit_in_memory_goes_to_the_scratch_folder(long_file: Path, tmp_path: Path) -> None:
    scratch, out = tmp_path / "scratch", tmp_path / "sorted.parquet"
    scratch.mkdir()
    seen, done = set[str](), threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            seen.update(p.name for p in scratch.rglob("*") if p.is_file())

    watcher = threading.Thread(target=watch)
    with DuckEngine(ZONE, scratch, memory_limit="100MB") as engine:
        watcher.start()
        try:
            # The table alone is larger than the limit.
            engine.write(engine.read(long_file), out, order_by=["n"], number="id")
        finally:
            done.set()
            watcher.join()
    assert seen
    assert not [p for p in scratch.rglob("*") if p.is_file()]
    found = pq.read_table(out)
    assert (found["id"].to_numpy() == np.arange(1, ROWS + 1)).all()
    assert (found["n"].to_numpy() == np.arange(ROWS)).all()


def test_a_limit_that_cannot_be_kept_is_an_error_and_not_a_full_machine(long_file: Path, tmp_path: Path) -> None:
    with (
        DuckEngine(ZONE, tmp_path / "scratch", memory_limit="10MB") as engine,
        pytest.raises(duckdb.OutOfMemoryException),
    ):
        table = engine.read(long_file)
        engine.arrow(table.aggregate(all=table.text.collect()))
    with (
        DuckEngine(ZONE, tmp_path / "scratch", memory_limit="10MB") as engine,
        pytest.raises(DataError, match="memory_limit"),
    ):
        table = engine.read(long_file)
        engine.write(table.aggregate(all=table.text.collect()), tmp_path / "out.parquet")


def test_a_portal_without_a_word_of_engines_runs_on_duckdb(tmp_path: Path) -> None:
    config = PortalConfig(title="A", jurisdiction="A", time_zone=ZONE)
    with open_engine(config, tmp_path / "made" / "scratch") as engine:
        assert engine.name == "duckdb"
        assert (tmp_path / "made" / "scratch").is_dir()
