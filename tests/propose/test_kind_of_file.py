"""Without --schema the file tells what it holds: each kind by headers and values of its own."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from candor.portal.write import init_portal
from candor.propose.add import add_dataset

CALLS = [
    "Alarm - Business",
    "Traffic Stop",
    "Welfare Check",
    "Disturbance",
    "Suspicious Vehicle",
    "Theft",
    "Assist EMS",
]
OFFENCES = ["LARCENY-FROM VEHICLE", "BURGLARY RESIDENCE", "SIMPLE ASSAULT", "VANDALISM", "STOLEN AUTO", "NARCOTICS"]
MIXED = [*OFFENCES, "LOST PROPERTY", "TRAFFIC ACCIDENT", "DEATH INVESTIGATION", "INFORMATION"]

# What the file is, its header, and the words that stand in the column of kinds; "@": that column, "#": a number.
FILES = [
    ("calls_for_service", "EventNo,Opened,Problem Type@,Beat", CALLS),
    ("calls_for_service", "id,DispatchTime,tycod_desc@,unit", [*CALLS, "Burglary Report", "Assault Report"]),
    ("incident_reports", "INC_KEY,OccurredFrom,CrimeDesc@,Ward", OFFENCES),
    ("incident_reports", "case,first_occurrence_date,reported_date,type@,victim_count#", OFFENCES),
    ("incident_reports", "File,ReportedOn,OffenseLabel@", MIXED),
    ("incident_reports", "CMPLNT_KEY,CMPLNT_DT,OFNS_TXT@,SUSP_RACE,SUSP_SEX,VIC_RACE,VIC_AGE#,VIC_SEX", OFFENCES),
    ("", "ArrestNo,Arrest Date,Charge Text@,Arrestee Race,Arrestee Sex,Arrestee Age#", OFFENCES),
    ("", "Case,When,Subject Race,Officer Age#,Subject Sex,Force Type@", ["Hands", "Taser", "Firearm displayed"]),
    ("", "Date,Driver race,Driver sex,Stop reason@,Search", ["Moving violation", "Equipment", "Vehicle stop"]),
    ("", "Permit,Issued,Kind@", ["Porch", "Fence", "Roof"]),
]


def write(path: Path, header: str, kinds: Sequence[str], rows: int = 120) -> Path:
    """A file of that header, whose column marked "@" holds the kinds."""
    columns = header.split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([c.rstrip("@#") for c in columns])
        for n in range(rows):
            time = f"2024-{n % 4 + 1:02d}-{n % 28 + 1:02d} {n % 24:02d}:{n % 60:02d}"
            values = [kinds[n % len(kinds)] if c[-1] == "@" else n % 9 if c[-1] == "#" else "x" for c in columns]
            values[0] = f"K{n}"
            dated = next(i for i, c in enumerate(columns[1:], 1) if c[-1] not in "@#")
            values[dated] = time
            lines.writerow(values)
    return path


@pytest.mark.parametrize(("schema", "header", "kinds"), FILES)
def test_a_file_tells_what_it_holds(tmp_path: Path, schema: str, header: str, kinds: list[str]) -> None:
    root = tmp_path / "portal"
    init_portal(root, title="City", jurisdiction="City", time_zone="America/Chicago")
    proposal = add_dataset(root, "data", write(tmp_path / "export.csv", header, kinds))
    assert (f'schema = "{schema}"' in proposal.toml_text) == bool(schema)
    said = proposal.unsure[0].startswith("Taken for ")
    assert said == bool(schema)
    if schema:
        assert proposal.unsure[0].startswith(f"Taken for {schema.replace('_', ' ')} because ")


def test_a_table_of_counts_is_told_too(tmp_path: Path) -> None:
    root, source = tmp_path / "portal", tmp_path / "table.csv"
    init_portal(root, title="State", jurisdiction="State", time_zone="America/Chicago")
    lines = [f"Town {n},{2020 + n % 3},{n % 7},{n % 5},{n % 11}" for n in range(30)]
    source.write_text("\n".join(["City,Year,Robbery,Burglary,Arson", *lines]) + "\n", encoding="utf-8")
    proposal = add_dataset(root, "table", source)
    assert 'schema = "offences_by_place"' in proposal.toml_text
    assert "a line for each place and year" in proposal.unsure[0]


def test_a_schema_that_is_named_is_taken(tmp_path: Path) -> None:
    root = tmp_path / "portal"
    init_portal(root, title="City", jurisdiction="City", time_zone="America/Chicago")
    source = write(tmp_path / "export.csv", "n,Occurred,Offense@", OFFENCES)
    assert 'schema = "calls_for_service"' in add_dataset(root, "a", source, schema="calls_for_service").toml_text
