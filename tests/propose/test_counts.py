"""A data set of counts proposed from its file: the FBI's table, and small ones with what files of this kind hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.errors import DataError, UsageError
from candor.portal.write import init_portal
from candor.profiles.check import open_portal
from candor.propose.add import add_dataset
from candor.publish.run import check

SCHEMA = "offences_by_place"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    root = tmp_path / "portal"
    init_portal(root, title="Small", jurisdiction="Small", state="50", time_zone="America/New_York")
    return root


def _file(root: Path, *lines: str) -> Path:
    path = root / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_fbis_table_is_proposed_whole(vermont: Path, shared_data: Path) -> None:
    source = shared_data / "fbi_tables" / "vermont_offenses_known_by_place_2013_2015.csv"
    proposal = add_dataset(vermont, "fbi-offences", source, schema="offences-by-place")
    declared = open_portal(vermont).counts["fbi-offences"]
    columns = declared.columns
    assert (columns.place, columns.period, columns.residents) == ("city", "year", "population")
    assert declared.categories == {
        "murder": "murder", "rape-revised": "rape_revised", "rape-legacy": "rape_legacy", "robbery": "robbery",
        "aggravated-assault": "aggravated_assault", "burglary": "burglary", "larceny-theft": "larceny_theft",
        "motor-vehicle-theft": "motor_vehicle_theft", "arson": "arson",
    }  # fmt: skip
    # Totals are found by arithmetic: the one holds rape, the other leaves arson out.
    assert "Rape (definition from 2013 on) could be computed" in declared.withheld["violent_crime"]
    assert declared.withheld["property_crime"].endswith("Totals are made here, of open categories.")
    assert "Arson" not in declared.withheld["property_crime"]
    # Barre is the city because Barre Town is named too; St. Albans stays open: both have about as many residents.
    assert declared.places == {"Barre": "5002303175", "Newport": "5001948850", "Rutland": "5002161225"}
    assert any("St. Albans" in words for words in proposal.unsure)
    (found,) = check(open_portal(vermont), ["fbi-offences"]).all_accounted
    assert found.sums["published"] == 113


def test_labels_other_than_the_fbis_marks_of_missing_cells_and_what_is_no_category(empty: Path) -> None:
    source = _file(
        empty,
        "Municipality,Calendar Year,Burglaries,Drug offences,Simple Assaults,Jaywalking,All offences,Note",
        'Birch,2020,"1,200",n/a,3,7,"1,203",late',
        "Cedar,2020,4,5,6,8,15,",
        "Dogwood,2020,1,2,0,9,3,",
        "Elm,2020,2,2,2,1,6,",
    )
    proposal = add_dataset(empty, "small", source, schema=SCHEMA)
    declared = open_portal(empty).counts["small"]
    assert declared.categories == {
        "burglary": "Burglaries", "drug-offence": "Drug offences", "simple-assault": "Simple Assaults",
    }  # fmt: skip
    assert declared.source.missing == ("", "n/a")
    assert set(declared.withheld) == {"All offences"}
    assert any("'Jaywalking'" in words and "left out" in words for words in proposal.unsure)
    assert proposal.left_out == ("All offences", "Jaywalking", "Note")


def test_rape_without_its_definition_is_taken_for_the_newer_and_said(empty: Path) -> None:
    proposal = add_dataset(empty, "small", _file(empty, "Town,Year,Rape", "Birch,2020,3"), schema=SCHEMA)
    assert open_portal(empty).counts["small"].categories == {"rape-revised": "Rape"}
    assert any("which definition of rape" in words for words in proposal.unsure)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("Year,Burglary", "2020,3"), "no column that says the place"),
        (("Town,Burglary", "Birch,3"), "no column that says the year"),
        (("Town,Year,Jaywalking", "Birch,2020,3"), "no column that counts a standard category"),
        (("Town,Year,Burglary", "Birch,2020,many"), "no column that counts a standard category"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_what_it_has(empty: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(DataError, match=said):
        add_dataset(empty, "small", _file(empty, *lines), schema=SCHEMA)
    assert not list((empty / "datasets").iterdir())


def test_a_schema_that_is_not_there_is_told_with_the_nearest(empty: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'offences_by_place'"):
        add_dataset(empty, "small", _file(empty, "Town,Year,Burglary", "Birch,2020,3"), schema="offence-by-place")
