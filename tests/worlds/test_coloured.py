"""The map that is judged is the one that the site draws."""

from __future__ import annotations

import numpy as np
import pytest
from tests.worlds.conftest import SEED, small
from worlds.arrays import Judged, judged
from worlds.coloured import CITIZEN, LATEST, LONG, SHORT, Colours, fill

from candor.demo.towns import Towns
from candor.graphics.palette import COMPARED_KEYS, colour_value
from worlds import fast


@pytest.fixture(scope="module")
def world(towns: Towns) -> Judged:
    planted = small("planted", SEED, months=36)
    return judged(planted, towns, fast.release(planted, towns))


def test_a_town_with_too_few_calls_in_a_year_is_drawn_by_three_years(world: Judged) -> None:
    colours, row = Colours(world), world.series.index(("category", "noise"))
    latest, short, long = (colours.map(row, period) for period in (LATEST, SHORT, LONG))
    notes = world.words("note")[row, CITIZEN]
    few, still_few = (notes[world.periods.index(period)] == "too few to rate" for period in (SHORT, LONG))
    assert (few & ~still_few).sum() > 20
    assert (latest.keys[~few] == short.keys[~few]).all()
    assert (latest.keys[few] == long.keys[few]).all()
    assert set(latest.keys[still_few]) <= {"too-few", "zero", *COMPARED_KEYS}


def test_planted_towns_are_purple_and_a_pattern_has_no_value(world: Judged) -> None:
    row = world.series.index(("all", "all"))
    drawn = Colours(world).map(row, LATEST)
    planted = (world.relative_rate > 1) & (world.numbers("expected")[row, CITIZEN, world.periods.index(SHORT)] >= 30)
    assert planted.sum() > 5
    assert (drawn.value[planted] > 0).all()
    coloured = np.isin(drawn.keys, COMPARED_KEYS)
    assert np.isnan(drawn.value[~coloured]).all()
    assert np.isfinite(drawn.value[coloured]).all()


def test_its_values_are_the_palettes(world: Judged) -> None:
    row, period = world.series.index(("group", "property")), world.periods.index("2024")
    drawn = Colours(world).map(row, "2024")
    columns = (world.numbers(name)[row, CITIZEN, period] for name in ("smoothed", "smoothed_low", "smoothed_high"))
    wanted = colour_value(*columns)
    coloured = np.isfinite(drawn.value)
    assert coloured.sum() > 150
    assert (drawn.value[coloured] == wanted[coloured]).all()
    assert all(fill(key).startswith("#") for key in set(drawn.keys))
