from __future__ import annotations

from datetime import date, datetime

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.measures.synthetic import run

from candor.errors import DataError
from candor.portal.schema_model import SchemaColumn
from candor.privacy.records import generalise as g

MOMENTS = pa.array([datetime(2024, 2, 29, 23, 59, 59), datetime(2025, 1, 1), None], pa.timestamp("us"))
WORDS = pa.array(["larceny", "noise", "new one", "", None])


def made(value: ibis.Value) -> list[object]:
    """What becomes of the values, in their order."""
    values: list[object] = run(value.as_table())[0].to_pylist()
    return values


def test_a_time_as_a_year() -> None:
    times = ibis.memtable(pa.table({"t": MOMENTS}))
    assert made(g.to_year(times.t).name("y")) == [date(2024, 1, 1), date(2025, 1, 1), None]
    assert made(g.to_year(times.t.cast("date")).name("y")) == [date(2024, 1, 1), date(2025, 1, 1), None]


@given(st.lists(st.none() | st.floats(-5, 300, allow_nan=False), min_size=1), st.sampled_from([1, 5, 10, 20, 25]))
def test_bands_hold_every_number_and_no_gap(numbers: list[float | None], width: int) -> None:
    top = 4 * width
    table = ibis.memtable(pa.table({"n": pa.array(numbers, pa.float64())}))
    for number, said in zip(numbers, made(g.band(table.n, width, top).name("b")), strict=True):
        if number is None or number < 0:
            assert said is None
        elif number < width:
            assert said == f"under {width}"
        elif number >= top:
            assert said == f"{top} and over"
        else:
            low, high = map(int, str(said).split(" to "))
            assert low <= number < high + 1
            assert high == low + width - 1
            assert low % width == 0


@pytest.mark.parametrize(("width", "top"), [(0, 10), (10, 85), (10, 5)])
def test_bands_that_do_not_fit_are_refused(width: int, top: int) -> None:
    with pytest.raises(ValueError, match="multiple of the width"):
        g.band(ibis.memtable({"n": [1]}).n, width, top)


def number(generalise: str, **more: object) -> SchemaColumn:
    """A column of whole numbers."""
    return SchemaColumn.model_validate(
        {"name": "n", "label": "n", "type": "integer", "generalise": generalise, "disclosure": "quasi", **more}
    )


@pytest.mark.parametrize("generalise", ["band", "top"])
def test_what_lacks_its_number_is_not_published_exactly(generalise: str) -> None:
    with pytest.raises(DataError, match="without a number"):
        g.generaliser(number(generalise))


def test_each_band_of_twenty_is_two_bands_of_ten() -> None:
    table = ibis.memtable(pa.table({"n": list(range(130))}))
    both = run(
        table.select(ten=g.generaliser(number("band10"))(table.n), twenty=g.generaliser(number("band20"))(table.n))
    )
    pairs = {(x["ten"], x["twenty"]) for x in both.to_pylist()}
    assert len(pairs) == len({ten for ten, _ in pairs}) == 9
    assert len({twenty for _, twenty in pairs}) == 5


def test_a_top_code_stands_for_everything_above() -> None:
    table = ibis.memtable(pa.table({"n": pa.array([1, 84, 85, 112, None], pa.int64())}))
    assert made(g.top_coded(table.n, 85).name("n")) == [1, 84, 85, 85, None]
    assert g.top_coded(table.n, 85).type() == table.n.type()


def test_a_category_without_a_parent_does_not_come_through() -> None:
    table = ibis.memtable(pa.table({"w": WORDS}))
    parents = {"larceny": "property", "noise": "peace"}
    assert made(g.parent(table.w, parents).name("p")) == ["property", "peace", "other", "other", None]
    assert made(g.parent(table.w, {}).name("p")) == ["other"] * 4 + [None]
    assert made(g.place_to_county(table.w, parents).name("p")) == ["property", "peace", None, None, None]


def test_dropped_is_nothing_and_keeps_its_type() -> None:
    table = ibis.memtable(pa.table({"t": MOMENTS}))
    assert run(table.mutate(t=g.dropped(table.t)))["t"].to_pylist() == [None] * 3
    assert g.dropped(table.t).type() == table.t.type()
