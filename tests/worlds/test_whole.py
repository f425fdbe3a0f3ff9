"""A world that takes the whole chain is published as the fast path computes it from the counts that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.worlds.conftest import RATES
from worlds.arrays import judged
from worlds.coloured import LATEST, Colours

from candor.cards.map import shown
from candor.cards.selection import select_for_map
from candor.demo.towns import Towns
from candor.demo.worlds import World
from candor.published.release import Catalogue
from worlds import fast, whole

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Both:
    """A world, where it was published, and its cube and figures as published and as on the fast path."""

    world: World
    towns: Towns
    folder: Path
    rates: pa.Table
    cube: pa.Table
    wanted: pa.Table
    counted: pa.Table


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder: Path = tmp_path_factory.mktemp("world") / "portal"
    world = World("planted", 11, months=37, rates=RATES)
    towns, rows, calls = whole.through_the_chain(world, folder)
    assert rows > calls > 50_000  # some rows are sent twice, and have to be seen through
    rates, cube = (whole.published(folder, name) for name in (whole.RATES, whole.CUBE))
    return Both(world, towns, folder, rates, cube, fast.release(world, towns), fast.world_cube(world, towns))


def test_line_by_line_and_column_by_column(both: Both) -> None:
    assert whole.differences(both.rates, both.wanted) == ()
    keys = ["geoid", "month", "category", "initiated_by"]
    order = [(key, "ascending") for key in keys]
    found, drawn = (
        pa.table({key: whole.plain(table[key]) for key in (*keys, "calls", "residents")}).sort_by(order)
        for table in (both.cube, both.counted)
    )
    assert found.equals(drawn)


def test_every_column_of_the_published_figures_is_compared(both: Both) -> None:
    rates, wanted = both.rates, both.wanted
    assert set(rates.column_names) - set(wanted.column_names) == {"simulated"}
    assert set(pc.unique(wanted["comparison"]).to_pylist()) >= {"higher", "as expected", "provisional"}


@pytest.mark.parametrize("column", ["calls", "comparison", "smoothed", "change"])
def test_a_difference_is_found(both: Both, column: str) -> None:
    wanted = both.wanted
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


@pytest.mark.parametrize("category", ["all", "property", "noise", "burglary"])
@pytest.mark.parametrize("period", [LATEST, "2024"])
def test_the_map_that_is_judged_is_the_one_that_the_site_draws(both: Both, category: str, period: str) -> None:
    site = Catalogue(both.folder / "data" / "public").current()
    assert site.figures is not None
    query = {"category": category, "initiated_by": "citizen", "period": period}
    lines = shown(site.figures, select_for_map(site, query)).lines
    world = judged(both.world, both.towns, both.wanted)
    row = next(i for i, (_, name) in enumerate(world.series) if name == category)
    drawn = dict(zip(both.towns.geoid, Colours(world).map(row, period).keys, strict=True))
    assert {line.place.geoid: line.key for line in lines} == drawn
