"""A world that takes the whole chain is published as the fast path computes it from the counts that were drawn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from worlds.draw import CATEGORIES, World
from worlds.fast import Figures, cells_of
from worlds.kinds import KINDS
from worlds.states import demo_towns, lognormal, vermont

from candor.measures.dense import dense
from candor.vocabulary.comparison import CHANGES, DIFFERENCES
from candor.vocabulary.tables import figure_columns
from worlds import whole


@dataclass(frozen=True)
class Both:
    """A world, its cube and figures as published, and its figures on the fast path."""

    world: World
    rates: pa.Table
    cube: pa.Table
    wanted: pa.Table


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder: Path = tmp_path_factory.mktemp("world") / "portal"
    world = KINDS["gaps"].draw(vermont(), 11)
    rows, calls = whole.through_the_chain(world, folder)
    assert rows > calls > 50_000  # some rows are sent twice, and have to be seen through
    rates, cube = (whole.published(folder, name) for name in (whole.RATES, whole.CUBE))
    return Both(world, rates, cube, whole.wanted(world))


@pytest.mark.long
def test_line_by_line_and_column_by_column(both: Both) -> None:
    assert whole.differences(both.rates, both.wanted) == ()
    assert set(both.rates.column_names) - set(both.wanted.column_names) == {"simulated"}
    cells = dense(both.cube)
    assert cells.categories == CATEGORIES
    assert (cells.calls[:, 0] == both.world.calls).all()
    assert (cells.reported == both.world.reported).all()


@pytest.mark.long
@pytest.mark.parametrize("column", ["calls", "comparison", "smoothed", "year_change"])
def test_a_difference_is_found(both: Both, column: str) -> None:
    wanted = both.wanted
    values = whole.plain(wanted[column])
    place = pc.index(pc.is_valid(values), True).as_py()
    other = {"calls": (values[place].as_py() or 0) if column == "calls" else 0, "smoothed": 1.5}.get(column, "up")
    if column == "calls":
        other += 1
    changed = pa.chunked_array([values.slice(0, place).combine_chunks(), pa.array([other], values.type),
                                values.slice(place + 1).combine_chunks()])  # fmt: skip
    spoilt = wanted.set_column(wanted.column_names.index(column), column, changed)
    assert whole.differences(spoilt, wanted) == (column,)
    assert whole.differences(wanted.slice(1), wanted)


def test_what_is_judged_is_what_a_release_has() -> None:
    """The arrays of the fast path are the columns of its table, line by line."""
    world = KINDS["differ-restless"].draw(vermont(), 4)
    figures, table = Figures(world), whole.wanted(world)
    assert table.column_names == list(figure_columns("calls"))
    stands, changes, (rate, low, high) = (
        figures.standing(figures.learned), figures.changes(figures.learned), figures.rates(),
    )  # fmt: skip
    plain = pa.table({name: whole.plain(table[name]) for name in table.column_names})
    lines = plain.filter(pc.and_(pc.equal(plain["level"], "town"), pc.equal(plain["initiated_by"], "citizen")))
    numbered = (figures.now.calls >= 10) | stands.pooled
    for q in (figures.last_year, len(figures.periods) - 1):
        for i in range(len(figures.series.names)):
            of = {"period": figures.periods[q].name, "category": figures.series.names[i],
                  "category_level": figures.series.levels[i]}  # fmt: skip
            own = lines
            for name, value in of.items():
                own = own.filter(pc.equal(own[name], value))
            own = own.sort_by("geoid")
            assert own["geoid"].to_pylist() == list(world.state.geoids)
            labels = [DIFFERENCES[k] for k in stands.difference.label[i, 0, q]]
            assert own["comparison"].to_pylist() == labels
            assert own["year_change"].to_pylist() == [CHANGES[k] for k in changes.verdict[i, 0, q]]
            for column, values in (
                ("rate", rate), ("rate_low", low), ("rate_high", high), ("expected", stands.expected),
                ("smoothed", stands.smoothed.mean),
                ("relative_low", np.where(numbered, stands.difference.lower, np.nan)),
            ):  # fmt: skip
                found = own[column].fill_null(np.nan).to_numpy()
                known = np.isfinite(found)
                assert known.sum() > 5, column
                assert found[known] == pytest.approx(values[i, 0, q][known], rel=1e-5), column


def test_a_world_of_other_towns_has_no_portal() -> None:
    with pytest.raises(ValueError, match="Vermont"):
        whole.to_simulate(KINDS["null"].draw(lognormal(), 1))


def test_the_counts_that_are_simulated_are_the_worlds_whatever_the_order_of_towns() -> None:
    world = KINDS["day-declared"].draw(vermont(), 2)
    simulated = whole.to_simulate(world)
    towns = demo_towns()
    there = simulated.in_order(towns)
    assert there.geoids == towns.geoid
    at = vermont().geoids.index(towns.geoid[7])
    assert (there.calls[:, 7] == world.calls[:, at]).all()
    assert there.added[7] == world.persons[at] - world.state.residents[at]
    assert cells_of(world).calls.sum() == there.calls.sum()
