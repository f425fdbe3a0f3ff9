"""Columns in which an agency marks records as sensitive: which are found, and which cells are taken for marks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from candor.portal.model import DatasetConfig
from candor.profiles.catalogue import standard_schemas
from candor.propose.proposal import Proposal, propose

CALLS = standard_schemas()["calls_for_service"]
ROWS = 60
TYPES = ("Noise complaint", "Burglary", "Trespass", "Vandalism", "Theft", "Alarm")


MARKS = {
    # header: cells in turn, some that mark, some that do not
    "DV_IND": (("Y", "N", "N"), ("Y",), ("N", "")),
    "MentalHealthYN": (("1", "0", "0"), ("1",), ("0", "")),
    "EDP?": (("x", "", ""), ("x",), ("",)),
    "IsJuvenile": (("True", "False"), ("True",), ("False", "")),
    "Juv Involved": (("Juvenile", "No juvenile"), ("Juvenile", "a new word"), ("No juvenile", "")),
    "Narcan doses given": (("0", "0", "2"), ("2", "1"), ("0", "")),
    "NALOXONE": (("Given", "None", "None"), ("Given",), ("None", "")),
    "Domestic_Flg": (("DOM", "NON DOM"), ("DOM",), ("NON DOM", "")),
    "Behavioral Health Related": (("T", "F", "U"), ("T",), ("F", "U", "")),
    "SUICIDAL": (("-1", "0"), ("-1",), ("0",)),
    "Crisis Clinician": (("", "", "", "J. Poe"), ("J. Poe", "A. Roe"), ("",)),
    "Overdose Y/N": (("No", "No", "Yes"), ("Yes",), ("No",)),
    "Bias Motivation": (("None (no bias)", "Anti-Elbonian"), ("Anti-Elbonian",), ("None (no bias)",)),
    "Restricted": (("0", "1"), ("1",), ("0", "")),
    "Victim under 18": (("n", "y"), ("y",), ("n", "")),
    # Names of the schema's own columns, which take yes and no alone.
    "Mental Health Flag": (("N",) * 15 + ("Y", "U"), ("Y",), ("N", "U", "")),
    "DV Flag": (("No",) * 18 + ("DV",), ("DV",), ("No", "")),
}
LABELS = {
    # header: cells in turn, those that mark
    "Case Flags": (("Gang", "Officer safety", "Gang; DV", ""), {"DV"}),
    "Circumstance": (("Weather", "Mental health crisis", "Property"), {"Mental health crisis"}),
    "Final Type": (("Noise", "Domestic dispute", "Theft"), {"Domestic dispute"}),
    "Closing code": (("Report taken", "Overdose - fatal", "No report"), {"Overdose - fatal"}),
}
HARMLESS = {
    "Minor Civil Division": ("Aton", "Beham"),
    "Environmental": ("Y", "N"),
    "Alcohol related": ("Y", "N"),
    "Injured": ("Y", "N"),
    "Minor injury": ("Y", "N"),
    "Child seat": ("Y", "N"),
    "Domain": ("Y", "N"),
    "Domicile": ("Y", "N"),
    "Report taken": ("Y", "N"),
    "Disposition": ("Report taken", "No action", "Non domestic"),
    "Zone": ("MH1", "OD2"),
}


def _proposed(folder: Path, columns: Mapping[str, tuple[str, ...]], *, standard: bool = True) -> Proposal:
    """A list of calls with more columns, whose cells come in turn."""
    file = folder / "export.csv"
    lines = [",".join(["Number,Received,Nature", *(f'"{header}"' for header in columns)])]
    for n in range(ROWS):
        when = f"2024-01-{n % 28 + 1:02d}T{n % 24:02d}:15:00"
        cells = [f'"{cells[n % len(cells)]}"' for cells in columns.values()]
        lines.append(",".join([f"C{n:04d}", when, TYPES[n * 7 % 6], *cells]))
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    schema = CALLS if standard else None
    return propose("some-calls", file, folder, schema=schema, towns=None, zone="America/New_York", agency="A")


def _declared(proposal: Proposal) -> DatasetConfig:
    return DatasetConfig.model_validate({**tomllib.loads(proposal.toml_text), "name": proposal.name})


def test_a_mark_is_found_by_its_header_and_cells(tmp_path: Path) -> None:
    proposal = _proposed(tmp_path, {header: cells for header, (cells, _, _) in MARKS.items()})
    dataset = _declared(proposal)
    of_schema = {m.source for name, m in dataset.columns.items() if name.endswith("_related")}
    assert MARKS.keys() == dataset.flags.keys() | of_schema
    for header, rule in dataset.flags.items():
        _, marks, harmless = MARKS[header]
        no = {value.lower() for value in rule.no}
        assert no, f"{header}: what nobody has seen is a mark"
        assert not {value.lower() for value in marks} & no, header
        assert {value.lower() for value in harmless} <= no, header
        assert any(words.startswith(header) and "withheld" in words for words in proposal.unsure)


def test_a_mark_is_found_among_labels(tmp_path: Path) -> None:
    flags = _declared(_proposed(tmp_path, {header: cells for header, (cells, _) in LABELS.items()})).flags
    assert {header: set(rule.yes) for header, rule in flags.items()} == {h: yes for h, (_, yes) in LABELS.items()}


def test_what_marks_nothing_sensitive_is_no_mark(tmp_path: Path) -> None:
    assert not _declared(_proposed(tmp_path, HARMLESS)).flags


def test_rows_with_columns_of_their_own_have_their_marks_too(tmp_path: Path) -> None:
    file = tmp_path / "permits.csv"
    lines = "".join(
        f"2024-{n % 12 + 1:02d}-{n % 28 + 1:02d},{('Wharf', 'Quay')[n % 2]},{'NNY'[n % 3]}\n" for n in range(90)
    )
    file.write_text("Day,Berth,DV order\n" + lines, encoding="utf-8")
    proposal = propose("permits", file, tmp_path, schema=None, towns=None, zone="America/New_York", agency="A")
    assert _declared(proposal).flags["DV order"].no == ("", "N")
    assert "dv_order" not in proposal.mapped


@pytest.mark.parametrize("headers", ["Force Type,Subject Age", "Technique,Sex", "Technique,Suspect"])
def test_in_rows_about_persons_a_mark_is_a_column_among_others(tmp_path: Path, headers: str) -> None:
    file = tmp_path / "force.csv"
    lines = "".join(f"{n},2024-03-{n % 28 + 1:02d},Hands,{n % 40 + 20},{'YN'[n % 2]},W\n" for n in range(40))
    file.write_text(f"Case,Date,{headers},Mental Health,Race\n" + lines, encoding="utf-8")
    proposal = propose("force", file, tmp_path, schema=None, towns=None, zone="America/New_York", agency="A")
    assert not _declared(proposal).flags
    assert "mental_health" in proposal.mapped
