"""Coordinates as sources write them, read by the engine: what each form stands for, and what is no coordinate."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from candor.engine.duck import DuckEngine
from candor.engine.projection import ToDegrees
from candor.errors import DataError
from candor.intake.points import coordinate
from candor.propose.point_reading import coordinate_sql

CELLS: dict[str, dict[str, tuple[float | None, float | None]]] = {
    "": {"38.5": (38.5, 38.5), "1,148,213.5": (1148213.5, 1148213.5), "x": (None, None), "": (None, None)},
    "decimal comma": {"38,0477": (38.0477, 38.0477), "1.148.213,5": (1148213.5, 1148213.5), "38.5": (38.5, 38.5)},
    "(lat, lon)": {
        "(38.04, -78.48)": (38.04, -78.48),
        "123 MAIN ST\nATON, VA 22902\n(38.04, -78.48)": (38.04, -78.48),
        "38.04,-78.48": (38.04, -78.48),
        "38.04 -78.48": (38.04, -78.48),
        "38,04; -78,48": (38.04, -78.48),
        "38,04,-78,48": (38.04, -78.48),
        "38.04°, -78.48°": (38.04, -78.48),
        "38,-78": (38.0, -78.0),
        "123 MAIN ST": (None, None),
        "": (None, None),
    },
    "(lon, lat)": {"[-78.48, 38.04]": (38.04, -78.48)},
    "POINT (lon lat)": {
        "POINT (-78.48 38.04)": (38.04, -78.48),
        "SRID=4326;POINT(-78.48 38.04)": (38.04, -78.48),
        "Point Z (-78.48 38.04 120.0)": (38.04, -78.48),
        "POINT EMPTY": (None, None),
        "LINESTRING (1 2, 3 4)": (None, None),
    },
    "GeoJSON": {
        '{"type":"Point","coordinates":[-78.48,38.04]}': (38.04, -78.48),
        "{'coordinates': [-78, 38.0, 3.0], 'type': 'Point'}": (38.0, -78.0),
    },
    "{lat: .., lon: ..}": {
        "{'latitude': '38.04', 'longitude': '-78.48', 'human_address': ''}": (38.04, -78.48),
        '{"x":-78.48,"y":38.04}': (38.04, -78.48),
        '{"lng": -78.48, "lat": 38.04}': (38.04, -78.48),
    },
    "degrees minutes seconds": {
        "38°30'36\"N": (38.51, 38.51),
        "78 30 36 W": (-78.51, -78.51),
        "N 38 30.6": (38.51, 38.51),
        "W78.51": (-78.51, -78.51),
        "−78° 30′ 36″": (-78.51, -78.51),
        "38.51": (38.51, 38.51),
        "38°75'": (None, None),
        "north": (None, None),
    },
    "lat N lon W": {
        "38.51° N, 78.51° W": (38.51, -78.51),
        "38°30'36\"N 78°30'36\"W": (38.51, -78.51),
        "38 30.6 S / 78 30.6 E": (-38.51, 78.51),
        "38.51, -78.51": (None, None),
    },
    "degrees west": {"78.48": (-78.48, -78.48), "-78.48": (-78.48, -78.48)},
    "millionths": {"38047700": (38.0477, 38.0477), "-78,488,900": (-78.4889, -78.4889)},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    with DuckEngine("UTC", tmp_path_factory.mktemp("engine")) as opened:
        yield opened


@pytest.mark.parametrize("form", CELLS)
def test_a_form_is_read_alike_by_the_proposal_and_at_intake(form: str, engine: DuckEngine) -> None:
    texts = list(CELLS[form])
    cells = pa.table({"n": range(len(texts)), "t": pa.array(texts, pa.string())})
    table = engine.table(cells)
    taken = engine.arrow(
        table.select(
            "n", y=coordinate(table.t, "latitude", form, engine), x=coordinate(table.t, "longitude", form, engine)
        ).order_by("n")
    )
    columns = ", ".join(coordinate_sql("t", axis, form) for axis in ("latitude", "longitude"))
    proposed = duckdb.sql(f"SELECT {columns} FROM cells ORDER BY n").fetchall()
    for text, y, x, other in zip(texts, taken["y"].to_pylist(), taken["x"].to_pylist(), proposed, strict=True):
        wanted = CELLS[form][text]
        assert (y, x) == pytest.approx(wanted), text
        if None not in wanted:
            assert other == pytest.approx(wanted), text


def test_a_number_that_is_no_projection_is_said_to_be_none() -> None:
    for code in (1, 99_999, 4978, 30_100):
        with pytest.raises(DataError, match="no map projection that is known"):
            ToDegrees(code)


def test_what_a_projection_does_not_reach_is_nothing(engine: DuckEngine) -> None:
    points = pa.table({"n": [1, 2, 3], "x": [11482916.0, None, float("nan")], "y": [3900000.0, 1.0, 2.0]})
    found = engine.arrow(engine.projected(engine.table(points), "x", "y", ToDegrees(2284)).order_by("n"))
    assert found["x"].to_pylist() == [pytest.approx(-78.5, abs=1e-4), None, None]
    assert found["y"].to_pylist() == [pytest.approx(38.0338, abs=1e-4), None, None]
