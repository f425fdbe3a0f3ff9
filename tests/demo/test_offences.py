"""Simulated verified offences: a share of what the model expects of calls, in the layout of a yearly report."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from tests.demo.conftest import CALLS, MONTHS, SEED, Built

from candor.demo.agencies import Agencies, assign_agencies
from candor.demo.model import Expectation, SimulationModel, expect, load_mix
from candor.demo.offences import expected_offences, kinds, offences, whole_years
from candor.demo.towns import Towns, read_towns
from candor.profiles.check import open_portal
from candor.profiles.profile import standard_taxonomy


def _drawn(pack: Path, **parameters: int) -> tuple[Expectation, Towns, Agencies]:
    model = SimulationModel(**parameters)  # type: ignore[arg-type]  # whole numbers, all of them
    towns = read_towns(pack)
    agencies = assign_agencies(model, towns)
    return expect(model, load_mix(), towns, agencies.of_town, agencies.towns_reported()), towns, agencies


def _counts(lines: list[dict[str, str]], column: str) -> int:
    return sum(int(line[column]) for line in lines if line[column] != "n/a")


def test_the_declaration_is_right_and_its_kinds_are_those_of_the_standard_categories(built: Built) -> None:
    declared = open_portal(built.root).counts["verified-offences"]
    assert "SIMULATED" in declared.title
    assert declared.categories == {k.offence: k.column for k in kinds()}
    for kind in kinds():
        category = standard_taxonomy("offences").get(kind.offence)
        assert category is not None
        assert category.call_categories == kind.calls
        assert 0 < kind.share < 1


def test_only_towns_with_a_department_report_and_one_misses_a_year(built: Built) -> None:
    drawn, towns, agencies = _drawn(built.root / "places", calls=300_000, months=36, seed=SEED)
    table = offences(drawn, towns, agencies)
    assert table is not None
    lines = table.to_pylist()
    by_year = {y: {line["Municipality"] for line in lines if line["Year"] == y} for y in ("2023", "2024", "2025")}
    own = {towns.name[t] for t, a in enumerate(agencies.of_town) if a >= 0 and agencies.municipal[a]}
    gap = {towns.name[t] for t in np.flatnonzero(agencies.of_town == drawn.model.offence_gap_agency - 1)}
    assert len(own) == drawn.model.municipal_agencies
    assert by_year == {"2023": own, "2024": own - gap, "2025": own}
    assert [line["Arson"] for line in lines].count("n/a") == 1


def test_the_sums_are_what_the_model_expects(built: Built) -> None:
    """Within five standard errors of the sum, for each kind: of the model's Poisson and gamma factors."""
    drawn, towns, agencies = _drawn(built.root / "places", calls=600_000, months=24, seed=SEED)
    expected = expected_offences(drawn, agencies)
    table = offences(drawn, towns, agencies)
    assert table is not None
    gap = np.flatnonzero(agencies.of_town == drawn.model.offence_gap_agency - 1)
    expected[0, gap] = 0
    spread = expected + expected**2 / drawn.model.cell_shape
    for n, kind in enumerate(kinds()):
        found = _counts(table.to_pylist(), kind.column)
        assert abs(found - expected[..., n].sum()) <= 5 * np.sqrt(spread[..., n].sum()) + 2, kind.offence


def test_expected_offences_are_the_share_of_the_expected_calls(built: Built) -> None:
    drawn, _, agencies = _drawn(built.root / "places", calls=CALLS, months=12, seed=SEED)
    expected = expected_offences(drawn, agencies)
    town = int(np.flatnonzero(agencies.of_town == 0)[0])  # it reports every month
    number = next(n for n, k in enumerate(kinds()) if k.offence == "larceny-theft")
    thefts = [drawn.mix.categories.index(c) for c in ("theft", "theft-from-vehicle", "retail-theft")]
    calls = sum(drawn.month(m)[town, thefts].sum() for m in range(12))
    assert np.isclose(expected[0, town, number], kinds()[number].share * calls)
    assert not expected[:, agencies.of_town < 0].any()


def test_the_same_seed_gives_the_same_file_and_another_gives_another(built: Built) -> None:
    first, again = (offences(*_drawn(built.root / "places", calls=CALLS, months=12, seed=3)) for _ in range(2))
    other = offences(*_drawn(built.root / "places", calls=CALLS, months=12, seed=4))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.equals(again)
    assert not first.equals(other)


def test_a_year_that_is_not_whole_is_not_reported(built: Built) -> None:
    assert whole_years(SimulationModel(months=30)) == (2023, 2024)
    assert whole_years(SimulationModel(months=11)) == ()
    assert whole_years(SimulationModel(months=20, first_month="2023-07")) == (2024,)
    assert offences(*_drawn(built.root / "places", calls=CALLS, months=11, seed=SEED)) is None


def test_the_file_is_written_beside_the_others(built: Built) -> None:
    with (built.root / "sources" / "verified-offences-SIMULATED.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["Year"] for line in lines} == {"2023"}
    assert MONTHS == 12
    assert all(int(line["All offences"]) >= int(line["Burglary"]) for line in lines)
