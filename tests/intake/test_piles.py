"""Points that hold too many rows: found, and their rows taken off them; busy files without any are left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from candor.engine.duck import DuckEngine
from candor.intake.piles import NOTE, Pile, found_piles, without_piles
from candor.intake.points import NOTES
from candor.profiles.catalogue import standard_schemas

CALLS = standard_schemas()["calls_for_service"]
Point = tuple[float, float] | None


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    with DuckEngine("UTC", tmp_path_factory.mktemp("engine")) as opened:
        yield opened


def rows(points: Sequence[Point], *, months: int = 1) -> pa.Table:
    """Typed rows, evenly over months from January 2024."""
    times = [datetime(2024, 1 + n % months, 1) + timedelta(minutes=7 * n % 40_000) for n in range(len(points))]
    return pa.table(
        {
            "called_at": pa.array(times, pa.timestamp("us")),
            "latitude": pa.array([p and p[0] for p in points], pa.float64()),
            "longitude": pa.array([p and p[1] for p in points], pa.float64()),
            NOTES: pa.array([""] * len(points), pa.string()),
        }
    )


def spread(count: int, *, digits: int = 6) -> list[Point]:
    chance = np.random.default_rng(4)
    return [(round(38 + y, digits), round(-78.5 + x, digits)) for y, x in chance.random((count, 2)).tolist()]


def piles(
    engine: DuckEngine, points: Sequence[Point], months: int = 1, **more: Sequence[tuple[float, float]]
) -> tuple[Pile, ...]:
    return found_piles(engine.table(rows(points, months=months)), CALLS, engine, *more.values())


DEFAULT = (38.0301, -78.4767)


def test_a_default_of_a_geocoder_is_found_with_its_share(engine: DuckEngine) -> None:
    (pile,) = piles(engine, [*spread(950), *[DEFAULT] * 50])
    assert (pile.latitude, pile.longitude, pile.rows, pile.kept) == (*DEFAULT, 50, False)
    assert pile.share == pytest.approx(0.05)
    assert pile.month == datetime(2024, 1, 1).date()
    assert pile.point == "38.030100, -78.476700"


@pytest.mark.parametrize(
    ("points", "months"),
    [
        ([*spread(3_000), *[DEFAULT] * 30], 1),  # one in a hundred and no more
        ([*spread(300), *[DEFAULT] * 19], 1),  # fewer than twenty
        (spread(6_000, digits=1), 3),  # points rounded to 121 crossings of a grid
        ([(38.0 + n % 12 / 10, -78.5) for n in range(3_000)], 2),  # the middles of twelve beats
        ([(38.0 + n % 30 / 100, -78.5) for n in range(720)], 12),  # two rows a month and beat
        ([DEFAULT] * 60, 1),  # the one point of all: a source of few points has none
        ([None] * 500, 1),
        ([], 1),
    ],
)
def test_what_is_no_pile(engine: DuckEngine, points: Sequence[Point], months: int) -> None:
    assert piles(engine, points, months) == ()


def test_of_small_months_the_whole_source_counts(engine: DuckEngine) -> None:
    (pile,) = piles(engine, [*spread(300), *[DEFAULT] * 36], months=6)
    assert pile.rows == 36


def test_half_of_a_source_on_one_point_is_a_pile(engine: DuckEngine) -> None:
    assert [p.rows for p in piles(engine, [*spread(200), *[DEFAULT] * 300])] == [300]


def test_rows_of_a_pile_lose_their_point_and_say_so(engine: DuckEngine) -> None:
    other = (37.9, -78.4)
    table = engine.table(rows([*spread(500), *[DEFAULT] * 40, *[other] * 30, None]))
    found = found_piles(table, CALLS, engine, [other])
    assert [(p.rows, p.kept) for p in found] == [(40, False), (30, True)]
    made = engine.arrow(without_piles(table, CALLS, found, engine))
    assert made.num_rows == 571
    assert made["latitude"].null_count == made["longitude"].null_count == 41
    noted = [n for n in made[NOTES].to_pylist() if n]
    assert noted == [f"; {NOTE}"] * 40


def test_a_large_source_without_a_pile_is_looked_at_in_parts(engine: DuckEngine) -> None:
    assert piles(engine, spread(50_000), months=2) == ()
    (pile,) = piles(engine, [*spread(50_000), *[DEFAULT] * 600], months=2)
    assert pile.rows == 600
