"""Who covers which town, and what is really missing where the coverage says so."""

from __future__ import annotations

import csv

import pyarrow.compute as pc
from tests.demo.conftest import CALLS, MONTHS, SEED, Built

from candor.demo.model import SimulationModel
from candor.demo.towns import read_towns

MODEL = SimulationModel(calls=CALLS, months=MONTHS, seed=SEED)


def lines(built: Built, name: str) -> list[dict[str, str]]:
    with (built.root / "coverage" / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def months_of(built: Built, agency: str) -> set[str]:
    mine = built.municipal.filter(pc.equal(built.municipal["Agency"], agency))
    months = set(pc.utf8_slice_codeunits(mine["CallTime"], 0, 7).to_pylist())
    return {month for month in months if month.startswith("202") and month[5:7] <= "12"}


def test_nearly_every_town_is_covered_by_one_agency_and_the_smallest_by_none(built: Built) -> None:
    towns = read_towns(built.root / "places")
    covered = [line["geoid"] for name in ("municipal-calls", "state-and-sheriff-calls") for line in lines(built, name)]
    assert len(covered) == len(set(covered)) == 245
    left = sorted(set(towns.geoid) - set(covered))
    largest_left = max(towns.residents[towns.geoid.index(geoid)] for geoid in left)
    assert largest_left <= min(towns.residents[towns.geoid.index(geoid)] for geoid in covered)


def test_every_row_is_of_a_declared_agency(built: Built) -> None:
    municipal = {line["agency"] for line in lines(built, "municipal-calls")}
    state = {line["agency"] for line in lines(built, "state-and-sheriff-calls")}
    assert len(municipal) == MODEL.municipal_agencies
    assert sum("Barracks" in agency for agency in state) == MODEL.barracks
    assert sum("Sheriff" in agency for agency in state) == 14
    assert set(built.municipal["Agency"].to_pylist()) <= municipal
    assert set(built.state["Department"].to_pylist()) == state


def test_one_agency_reports_nothing_in_one_month_and_no_other(built: Built) -> None:
    silent = [line for line in lines(built, "municipal-calls") if line["gaps"]]
    assert [line["gaps"] for line in silent] == [f"{MODEL.month(MODEL.silent_month):%Y-%m}"]
    every = {f"{MODEL.month(m):%Y-%m}" for m in range(MONTHS)}
    assert months_of(built, silent[0]["agency"]) == every - {silent[0]["gaps"]}


def test_one_agency_begins_later(built: Built) -> None:
    begins = f"{MODEL.month(MODEL.late_month):%Y-%m}"
    late = [line for line in lines(built, "municipal-calls") if line["first_month"] != "2023-01"]
    assert [line["first_month"] for line in late] == [begins]
    assert months_of(built, late[0]["agency"]) == {
        f"{MODEL.month(m):%Y-%m}" for m in range(MONTHS) if f"{MODEL.month(m):%Y-%m}" >= begins
    }
