"""A world that takes the whole chain is published as the fast path computes it from the counts that were drawn."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.worlds.conftest import RATES

from candor.demo.worlds import World
from worlds import fast, whole


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, pa.Table, pa.Table, pa.Table]:
    """Figures and cube as published, and as on the fast path."""
    folder: Path = tmp_path_factory.mktemp("world") / "portal"
    world = World("planted", 11, months=14, rates=RATES)
    towns, rows, calls = whole.through_the_chain(world, folder)
    assert rows > calls > 50_000  # some rows are sent twice, and have to be seen through
    return (
        whole.published(folder, whole.RATES),
        whole.published(folder, whole.CUBE),
        fast.release(world, towns),
        fast.world_cube(world, towns),
    )


def test_line_by_line_and_column_by_column(figures: tuple[pa.Table, ...]) -> None:
    rates, cube, wanted, counted = figures
    assert whole.differences(rates, wanted) == ()
    keys = ["geoid", "month", "category", "initiated_by"]
    order = [(key, "ascending") for key in keys]
    found, drawn = (
        pa.table({key: whole.plain(table[key]) for key in (*keys, "calls", "residents")}).sort_by(order)
        for table in (cube, counted)
    )
    assert found.equals(drawn)


def test_every_column_of_the_published_figures_is_compared(figures: tuple[pa.Table, ...]) -> None:
    rates, _, wanted, _ = figures
    assert set(rates.column_names) - set(wanted.column_names) == {"simulated"}
    assert set(pc.unique(wanted["comparison"]).to_pylist()) >= {"higher", "as expected", "provisional"}


@pytest.mark.parametrize("column", ["calls", "comparison", "smoothed", "change"])
def test_a_difference_is_found(figures: tuple[pa.Table, ...], column: str) -> None:
    _, _, wanted, _ = figures
    values = whole.plain(wanted[column])
    place = pc.index(pc.is_valid(values), True).as_py()
    other = {"calls": values[place].as_py() or 0, "smoothed": 1.5}.get(column, "up")
    if column == "calls":
        other += 1
    changed = pa.chunked_array([values.slice(0, place).combine_chunks(), pa.array([other], values.type),
                                values.slice(place + 1).combine_chunks()])  # fmt: skip
    spoilt = wanted.set_column(wanted.column_names.index(column), column, changed)
    assert whole.differences(spoilt, wanted) == (column,)
    assert whole.differences(wanted.slice(1), wanted)
