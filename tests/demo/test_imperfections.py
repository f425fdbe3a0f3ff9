"""Every slip that the model declares is in the exports, about as often as declared."""

from __future__ import annotations

import csv
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely
from tests.demo.conftest import Built

from candor.demo.clerk import local_types
from candor.demo.model import SimulationModel
from candor.demo.towns import read_towns

MODEL = SimulationModel()
ISO = r"^2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]:00$"
US = r"^\d\d/\d\d/2\d{3} (0[1-9]|1[0-2]):\d\d [AP]M$"


def count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(pc.fill_null(mask, False)).as_py() or 0)


def number(table: pa.Table, column: str) -> pa.ChunkedArray:
    return table[column].cast(pa.float64())


def both(built: Built, municipal: str, state: str, test: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> int:
    return count(test(built.municipal[municipal])) + count(test(built.state[state]))


def of_types(built: Built, listed: bool) -> int:
    odd = {
        name: pa.array([t.local_type for t in local_types(name) if not t.category and t.listed == listed])
        for name in ("municipal", "state")
    }
    return count(pc.is_in(built.municipal["CallType"], value_set=odd["municipal"])) + count(
        pc.is_in(built.state["Nature"], value_set=odd["state"])
    )


def at_null_island(built: Built) -> int:
    tables = ((built.municipal, "Latitude", "Longitude"), (built.state, "Y Coord", "X Coord"))
    return sum(count(pc.and_(pc.equal(number(t, y), 0), pc.equal(number(t, x), 0))) for t, y, x in tables)


def swapped(built: Built) -> int:
    tables = ((built.municipal, "Latitude", "Longitude"), (built.state, "Y Coord", "X Coord"))
    return sum(count(pc.and_(pc.less(number(t, y), -70), pc.greater(number(t, x), 40))) for t, y, x in tables)


def exact_duplicates(built: Built) -> int:
    def repeated(table: pa.Table) -> int:
        return int(table.num_rows - table.group_by(table.column_names).aggregate([]).num_rows)

    return repeated(built.municipal) + repeated(built.state)


def contradictions(built: Built) -> int:
    def contradicting(table: pa.Table, key: str, kind: str) -> int:
        different = table.group_by([key, kind]).aggregate([])
        return int(different.num_rows - different.group_by([key]).aggregate([]).num_rows)

    return contradicting(built.municipal, "IncidentNumber", "CallType") + contradicting(
        built.state, "Case No", "Nature"
    )


COUNTS: dict[str, Callable[[Built], int]] = {
    "missing_coordinates": lambda b: both(b, "Latitude", "Y Coord", pc.is_null),
    "null_island": at_null_island,
    "swapped_coordinates": swapped,
    "blank_towns": lambda b: both(b, "Town", "Municipality", pc.is_null),
    "exact_duplicates": exact_duplicates,
    "contradictory_duplicates": contradictions,
    "unparsable_dates": lambda b: (
        b.summary.rows
        - count(pc.match_substring_regex(b.municipal["CallTime"], ISO))
        - count(pc.match_substring_regex(b.state["Reported"], US))
    ),
    "future_dates": lambda b: (
        count(pc.match_substring_regex(b.municipal["CallTime"], "^21"))
        + count(pc.match_substring_regex(b.state["Reported"], "/21[0-9][0-9] "))
    ),
    "unmapped_types": lambda b: of_types(b, listed=True),
    "unlisted_types": lambda b: of_types(b, listed=False),
}


@pytest.mark.parametrize("slip", COUNTS)
def test_a_slip_is_as_frequent_as_declared(built: Built, slip: str) -> None:
    declared = getattr(MODEL, slip) * built.summary.calls
    found = COUNTS[slip](built)
    assert found > 0
    # Duplicates repeat a few slips more; a Poisson count of that mean stays within five of its deviations.
    assert abs(found - declared) < 5 * np.sqrt(declared) + 0.02 * declared


def test_remarks_are_in_the_state_export_only(built: Built) -> None:
    remarked = built.state.num_rows - built.state["Remarks"].null_count
    assert remarked / built.state.num_rows == pytest.approx(MODEL.remarks, rel=0.15)
    assert "Remarks" not in built.municipal.column_names


def test_points_lie_in_their_town_but_for_the_few_that_were_misplaced(built: Built) -> None:
    towns = read_towns(built.root / "places")
    with (built.root / "coverage" / "municipal-calls.csv").open(encoding="utf-8") as file:
        home = {row["agency"]: towns.geoid.index(row["geoid"]) for row in csv.DictReader(file)}
    longitude, latitude = (np.asarray(number(built.municipal, c)) for c in ("Longitude", "Latitude"))
    real = (longitude < -70) & (latitude > 40)
    town = np.array([home[agency] for agency in built.municipal["Agency"].to_pylist()])
    # A point is written with six digits, and may so come to lie across a line that is slanted.
    roomy = shapely.buffer(towns.boundary, 2e-6)
    inside = shapely.contains_xy(roomy[town[real]], longitude[real], latitude[real])
    share = 1 - inside.mean()
    assert share == pytest.approx(MODEL.outside_town / (1 - MODEL.missing_coordinates), rel=0.25)
    # And those lie near: within the town's latitudes, a little east or west.
    west, south, east, north = towns.bounds[town[real]][~inside].T
    x, y = longitude[real][~inside], latitude[real][~inside]
    away = np.maximum(west - x, x - east)
    assert away.min() > 0.0009
    assert away.max() < 0.0121
    assert ((y >= south - 1e-6) & (y <= north + 1e-6)).all()


def test_towns_are_written_in_other_ways(built: Built) -> None:
    towns = read_towns(built.root / "places")
    official = {name.casefold() for name in towns.name}
    villages = {village.casefold() for names in towns.villages for village in names}
    ambiguous = {village.casefold() for names in towns.ambiguous for village in names}
    written = built.municipal["Town"].to_pylist() + built.state["Municipality"].to_pylist()
    kinds = {"official": 0, "village": 0, "ambiguous": 0, "slip": 0}
    for name in filter(None, written):
        folded = name.casefold()
        if folded in official:
            kinds["official"] += 1
        elif folded in villages:
            kinds["village"] += 1
        elif folded in ambiguous:
            kinds["ambiguous"] += 1
        else:
            kinds["slip"] += 1
    assert kinds["slip"] / len(written) == pytest.approx(MODEL.misspelt_names, rel=0.1)
    assert 0 < kinds["village"] / len(written) < MODEL.village_names
    assert 0 < kinds["ambiguous"] / len(written) < MODEL.ambiguous_names
    assert all(name == name.upper() for name in built.state["Municipality"].drop_null().to_pylist())
