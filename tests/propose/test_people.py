"""People in columns: what a proposal keeps inside, in files of many dresses."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from candor.profiles.catalogue import standard_schemas
from candor.propose.proposal import Proposal, propose

SURNAMES = ("Ouellette", "Kowalski", "Nguyen", "Benoit", "Reyes", "Hartwell", "Castaneda", "Lefebvre", "Zbrozek")
GIVEN = ("Marc", "Tamika", "Linh", "Diego", "Hannah", "Omar", "Priya")
CALLS = standard_schemas()["calls_for_service"]

Row = Callable[[int], object]

PURSUITS: dict[str, Row] = {
    "Pursuit Ref": lambda n: f"24{n:05}",
    "Began": lambda n: f"2024-0{n % 6 + 1}-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}",
    "Ended": lambda n: f"2024-0{n % 6 + 1}-{n % 28 + 1:02} {n % 24:02}:{n * 7 % 60:02}",
    "Crew": lambda n: SURNAMES[n % 9].upper(),
    "Lead": lambda n: f"{SURNAMES[n % 9]}, {GIVEN[n % 7]}",
    "Reg": lambda n: f"{'ABCDEF'[n % 6]}KX {n * 7 % 900 + 100}",
    "Sx": lambda n: "MF"[n % 2],
    "Ethn": lambda n: "WBHA"[n % 4],
    "Yrs": lambda n: 15 + n * 11 % 58,
    "Tall": lambda n: f"{5 + n % 2}'{n % 12}\"",
    "Lbs": lambda n: f"{110 + n % 150} lbs",
    "Group": lambda n: ("18-25", "26-40", "41-64", "65+")[n % 4],
    "Clerk": lambda n: ("hkow", "mouellette", "jreyes", "tbenoit")[n % 4],
    "Surface": lambda n: ("dry", "wet", "ice")[n % 3],
    "Top speed": lambda n: 40 + n % 80,
    "How it ended": lambda n: ("Terminated", "Crash", "Stopped")[n % 3],
}
FIELD_CARDS: dict[str, Row] = {
    "Card date": lambda n: f"{n % 6 + 1}/{n % 28 + 1}/2024",
    "Spoken to": lambda n: f"{GIVEN[n % 7]} {SURNAMES[n % 9]}",
    "Kind of person": lambda n: ("Adult", "Juvenile", "Senior")[n % 3],
    "Descent": lambda n: ("White", "Black or African American", "Asian", "Hispanic")[n % 4],
    "Ofcr 1": lambda n: 100 + n % 40,
    "Where": lambda n: f"{n * 3 + 1} {('Elm', 'Oak', 'Pine')[n % 3]} St",
    "Beat": lambda n: ("North", "South", "Downtown")[n % 3],
    "Lasted": lambda n: n % 15,
    "Released": lambda n: ("Yes", "No")[n % 2],
    "Stop": lambda n: ("On foot", "By car")[n % 2],
    "Searched": lambda n: ("No", "Yes")[n % 2],
    "Cited": lambda n: ("No", "Yes")[n % 2],
}


def written(folder: Path, columns: dict[str, Row], rows: int = 200) -> Path:
    file = folder / "export.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([cell(n) for cell in columns.values()] for n in range(rows))
    return file


def proposed(folder: Path, columns: dict[str, Row], *, calls: bool = False) -> Proposal:
    schema = CALLS if calls else None
    return propose("made-up", written(folder, columns), folder, schema=schema, towns=None, zone="America/New_York")


def declared(proposal: Proposal) -> dict[str, dict[str, Any]]:
    return {c["name"]: c for c in tomllib.loads(proposal.toml_text)["schema"]["columns"]}


@pytest.mark.parametrize(
    ("columns", "public"),
    [
        (PURSUITS, ["began", "surface", "top_speed", "how_it_ended"]),
        (FIELD_CARDS, ["card_date", "beat", "lasted", "released", "stop", "searched", "cited"]),
    ],
)
def test_nothing_of_a_person_is_published_whatever_it_is_called(
    tmp_path: Path, columns: dict[str, Row], public: list[str]
) -> None:
    found = declared(proposed(tmp_path, columns))
    assert [name for name, c in found.items() if c["publish"]] == public
    assert len(found) == len(columns)
    assert all(c["reason"] for c in found.values() if not c["publish"])


def test_it_is_said_how_a_column_is_opened_on_purpose(tmp_path: Path) -> None:
    text = " ".join(proposed(tmp_path, PURSUITS).toml_text.replace("#", "").split())
    assert "it seems to hold ages of persons: its values look so. To publish it, write publish = true here" in text
    assert "[disclosure.<name>] with reason, approved_by and date" in text


def test_rows_about_the_young_are_asked_about(tmp_path: Path) -> None:
    said = [words for words in proposed(tmp_path, FIELD_CARDS).unsure if "under 18" in words]
    assert len(said) == 1
    assert said[0].startswith("Kind of person: 67 rows")


def test_names_under_a_harmless_header_are_not_mapped_to_what_is_published(tmp_path: Path) -> None:
    columns: dict[str, Row] = {
        "Received": lambda n: f"2024-0{n % 6 + 1}-{n % 28 + 1:02} {n % 24:02}:{n % 60:02}",
        "Nature": lambda n: ("Noise", "Alarm", "Theft")[n % 3],
        "Received By": lambda n: f"{SURNAMES[n % 9]}, {GIVEN[n % 7]}",
        "Pri": lambda n: SURNAMES[n % 9].upper(),
    }
    proposal = proposed(tmp_path, columns, calls=True)
    assert set(proposal.mapped) == {"called_at", "call_type"}
    assert any("Received By" in words and "tells of persons" in words for words in proposal.unsure)
