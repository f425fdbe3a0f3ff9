"""The column of call types, found by what it holds."""

from __future__ import annotations

import csv
from itertools import cycle, islice
from pathlib import Path

import pytest

from candor.profiles.catalogue import standard_schemas
from candor.propose.kinds import matched_by
from candor.propose.mapping import StandardMapping, map_columns
from candor.propose.profiling import profile
from candor.propose.type_column import with_type_column
from candor.sources.registry import examine

PLAIN = ["Burglary", "Theft", "Welfare check", "Noise complaint", "Traffic stop", "Suspicious person"]
SHORT = ["TRAFFIC STOP", "ALARM-BURG", "MVA W/O INJ", "SUSP VEH", "LARC FROM MV", "EDP", "JUV COMP"]
JOINED = ["theft-bicycle", "burglary-residence-by-force", "traffic-accident", "assault-dv"]
ENDS = ["Report taken", "Arrest", "Unfounded", "Gone on arrival", "Warning", "Citation"]
PLACES = ["STREET", "RESIDENCE", "PARKING LOT", "STORE", "SCHOOL"]
CODES = [str(n) for n in range(101, 110)]
LETTERS = ["A", "B", "C1"]
ARMS = ["NONE", "HANDGUN", "KNIFE"]
HALVES = ["SIMPLE", "$500 AND UNDER", "OVER $500"]
# Columns beside a number and a time, and which of them holds the types.
LAYOUTS: list[tuple[dict[str, list[str]], str]] = [
    ({"Tencode Words": PLAIN}, "Tencode Words"),
    ({"Crime type": PLAIN, "Location type": PLACES}, "Crime type"),
    ({"Incident Code": CODES, "Incident Text": SHORT}, "Incident Text"),
    ({"OFFENSE_CODE": CODES, "OFFENSE_TYPE_ID": JOINED}, "OFFENSE_TYPE_ID"),
    ({"Type": LETTERS, "Description": SHORT}, "Description"),
    ({"What": SHORT, "Premise": PLACES, "Dispo": ENDS}, "What"),
    ({"Klasse": PLAIN, "Weapon": ARMS}, "Klasse"),
    ({"Charge": PLAIN}, "Charge"),
    ({"Description": HALVES, "Primary Type": ["THEFT", "BATTERY", "CRIMINAL DAMAGE"]}, "Primary Type"),
    ({"Status": ENDS}, ""),
    ({"col4": ["QZX", "TTT", "FOO BAR"]}, ""),
]


def _mapped(folder: Path, columns: dict[str, list[str]], schema: str) -> StandardMapping:
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Number", "When", *columns])
        values = [list(islice(cycle(cells), 210)) for cells in columns.values()]
        writer.writerows(
            [n, f"2024-01-{n % 28 + 1:02d} 10:{n % 60:02d}", *v] for n, *v in zip(range(210), *values, strict=True)
        )
    _, landed = examine(file, folder / "landed.parquet")
    found = profile(landed.path)
    declared = standard_schemas()[schema]
    return with_type_column(map_columns(found, declared), found, declared, matched_by(schema))


@pytest.mark.parametrize("schema", ["calls_for_service", "incident_reports"])
@pytest.mark.parametrize(("columns", "types"), LAYOUTS, ids=lambda v: "+".join(v) if isinstance(v, dict) else "")
def test_the_column_of_types_is_found(tmp_path: Path, columns: dict[str, list[str]], types: str, schema: str) -> None:
    mapping = _mapped(tmp_path, columns, schema)
    category = standard_schemas()[schema].with_role("category")
    assert category is not None
    assert mapping.source_of(category.name) == types
    assert types not in [c.source for c in mapping.left_out]
    assert any(words.startswith("No column was found for") for words in mapping.unsure) == (not types)


def test_what_was_found_by_its_values_is_said(tmp_path: Path) -> None:
    said = " ".join(_mapped(tmp_path, {"Type": LETTERS, "Was": PLAIN}, "calls_for_service").unsure)
    assert "Was is taken for call_type by its values" in said
    assert "Type has a header of such a column, and no such values" in said
