"""Declared CSV files: what a specification says is right, and what is told where it is not."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from candor.errors import Problem
from candor.places.table_file import LATITUDE, Column, Known, TableFile, place_code, whole_number

TOWNS = TableFile(
    (
        place_code(),
        Column("month", "a month from 1 to 12, or nothing", "Correct the month.", "^[0-9]{1,2}$", True, pa.int64(), 12),
        whole_number("people"),
        Column("note", optional=True),
    ),
    "Write the file.",
    key=(("geoid", "month"), "town and month"),
    rows="towns",
)
KNOWN: Known = {"geoid": pa.array(["50001", "50002"])}


def read(tmp_path: Path, text: str, of: TableFile = TOWNS, known: Known = KNOWN) -> tuple[pa.Table, list[str]]:
    (tmp_path / "towns.csv").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    table = of.read(tmp_path / "towns.csv", problems, known)
    return table, [str(problem) for problem in problems]


def test_a_right_file_is_typed_without_blanks_and_with_what_may_be_missing(tmp_path: Path) -> None:
    table, said = read(tmp_path, 'geoid,month,people\n50001, 2 ,"1,200"\n 50002,,\n')
    assert (said, table.schema) == ([], TOWNS.schema)
    assert table.to_pylist() == [
        {"geoid": "50001", "month": 2, "people": 1200, "note": ""},
        {"geoid": "50002", "month": None, "people": None, "note": ""},
    ]


def test_every_mistake_is_told_with_line_value_and_remedy(tmp_path: Path) -> None:
    _, said = read(tmp_path, "geoid,month,people,note\n9,13,x,\n50001,1,-1,\n50001,1,5,\n")
    assert said == [
        "towns.csv:2: found '9'; allowed: a GEOID of the portal's places. Correct or remove the line.",
        "towns.csv:2: found '13'; allowed: a month from 1 to 12, or nothing. Correct the month.",
        "towns.csv:2: found 'x'; allowed: people: a whole number from 0, or nothing. Correct the number.",
        "towns.csv:3: found '-1'; allowed: people: a whole number from 0, or nothing. Correct the number.",
        "towns.csv:3: found '50001 1'; allowed: each town and month once. Keep one of the lines, or tell them apart.",
        "towns.csv:4: found '50001 1'; allowed: each town and month once. Keep one of the lines, or tell them apart.",
    ]
    assert read(tmp_path, "geoid,month,people\n9,1,5\n", known={})[1] == []


@pytest.mark.parametrize(
    ("text", "where", "found"),
    [
        ("", "towns.csv", "Empty CSV file"),
        ("geoid,month,people\n", "towns.csv", "no towns"),
        ("geoid,month,people\n1\n", "towns.csv", "CSV parse error"),
        ("geoid,people\n", "towns.csv:1", "no column month; its columns are geoid, people"),
        ("month,geoid,people\n", "towns.csv:1", "the columns month, geoid, people"),
        ("geoid,month,people,more\n", "towns.csv:1", "the columns geoid, month, people, more"),
    ],
)
def test_a_file_that_is_none_is_told_once_and_is_empty(tmp_path: Path, text: str, where: str, found: str) -> None:
    table, (said,) = read(tmp_path, text)
    assert said.startswith(f"{where}: found {found}")
    assert table.equals(TOWNS.schema.empty_table())


def test_a_file_that_is_not_there_or_a_folder_is_named_as_its_reader_says(tmp_path: Path) -> None:
    problems: list[Problem] = []
    for path in (tmp_path / "gone.csv", tmp_path):
        TOWNS.read(path, problems, KNOWN, "lists/towns.csv")
    assert [(p.where, p.found, p.remedy) for p in problems] == [
        ("lists/towns.csv", "no towns (no such file)", "Write the file."),
        ("lists/towns.csv", "no towns (it cannot be read)", "Write the file."),
    ]


def test_of_a_private_file_little_is_quoted_and_other_columns_are_not_read(tmp_path: Path) -> None:
    private = TableFile((LATITUDE,), "Write the file.", others=True, private=True)
    table, said = read(tmp_path, "owner,latitude\n" + "Jane Roe,12 Main Street and more of it\n" * 7, private)
    assert table.column_names == ["latitude"]
    assert len(said) == 5
    assert "'12 Main Street and m'; allowed" in said[0]
    assert "'12 Main Street and m', and 2 lines more; allowed" in said[4]
