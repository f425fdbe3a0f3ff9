"""Workbooks: the sheet with the rows is found and its cells are read as they are meant."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.made_up import read
from tests.sources.made_workbook import Cell, write_workbook

from candor.errors import DataError, UsageError
from candor.portal.declared import SourceConfig
from candor.sources.cell_text import column_text
from candor.sources.registry import examine, land

DAY, CLOCK = datetime.date, datetime.time
ROWS: list[list[Cell]] = [
    [
        23_001,
        DAY(2023, 5, 2),
        CLOCK(22, 24),
        datetime.datetime(2023, 5, 2, 22, 31, 7),
        "Alarm, false",
        -73.012345,
        True,
    ],
    [23_002, DAY(2023, 5, 3), CLOCK(0, 0), datetime.datetime(2023, 5, 3), "Say \"hi\"\nthen 'bye'", -73.0, False],
    [23_003, DAY(2023, 5, 4), CLOCK(0, 22), None, None, 0.1 + 0.2, True],
]
NAMES: list[Cell] = ["Case", "Date", "Time", "Cleared", "Nature", "X", "Known"]
AS_TEXT = [
    ("23001", "2023-05-02", "22:24:00", "2023-05-02 22:31:07", "Alarm, false", "-73.012345", "true"),
    ("23002", "2023-05-03", "00:00:00", "2023-05-03 00:00:00", "Say \"hi\"\nthen 'bye'", "-73", "false"),
    ("23003", "2023-05-04", "00:22:00", None, None, "0.3", "true"),
]


def test_cells_are_what_they_mean_and_empty_rows_are_none(tmp_path: Path) -> None:
    nothing: list[Cell] = [None] * 7
    path = write_workbook(tmp_path / "calls.csv", {"Sheet1": [NAMES, *ROWS, nothing, ["", " "[:0], None], nothing]})
    source, landed, found = read(path, tmp_path)
    assert found == AS_TEXT
    assert source.columns == tuple(NAMES)
    assert landed.read == 3
    assert not landed.notes


def test_the_sheet_that_holds_most_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Cell]]] = {
        "About": [["Read", "me"], ["first", "please"]],
        "Log": [NAMES, *ROWS],
        "Secret": [NAMES, *ROWS, *ROWS],
    }
    path = write_workbook(tmp_path / "calls.xlsx", sheets, hidden=["Secret"])
    _, landed, found = read(path, tmp_path)
    assert found == AS_TEXT
    assert "Read: 'Log'; not read: 'About', 'Secret'. `sheet` under [source] names another." in landed.notes[0]
    asked = SourceConfig(path=str(path), sheet="Secret")
    _, landed = examine(path, tmp_path / "out" / "b.parquet", asked)
    assert (landed.rows, landed.notes) == (6, ())
    with pytest.raises(UsageError, match=r"no sheet 'Loog'.*'About', 'Log', 'Secret'"):
        land(SourceConfig(path=str(path), sheet="Loog"), path, tmp_path / "out" / "c.parquet")


def test_a_sheet_a_month_is_one_table(tmp_path: Path) -> None:
    totals: list[list[Cell]] = [["Month", "Calls"], ["May", 3], ["June", 1]]
    sheets = {
        "May": [NAMES, *ROWS],
        "June": [NAMES, *ROWS[:1]],
        "Totals": totals,
    }
    _, landed, found = read(write_workbook(tmp_path / "calls.xlsx", sheets), tmp_path)
    assert found == [*AS_TEXT, AS_TEXT[0]]
    said = "\n".join(landed.notes)
    assert "calls.xlsx, May (3 rows), calls.xlsx, June (1 rows)" in said
    assert "not read: 'Totals'" in said


def test_merged_cells_stand_for_all_of_them_and_two_rows_of_header_are_one(tmp_path: Path) -> None:
    above: list[list[Cell]] = [
        ["Case", "Received", None, "Cleared", None, "Nature"],
        [None, "Date", "Time", "Date", "Time"],
    ]
    below: list[list[Cell]] = [
        [1, DAY(2023, 5, 2), CLOCK(1, 2), DAY(2023, 5, 2), CLOCK(3, 4), "Alarm"],
        [None, DAY(2023, 5, 3), CLOCK(5, 6), DAY(2023, 5, 3), CLOCK(7, 8), "Fire"],
    ]
    path = write_workbook(
        tmp_path / "calls.xlsx", {"Sheet1": [*above, *below]}, merged=["A1:A2", "F1:F2", "B1:C1", "D1:E1", "A3:A4"]
    )
    source, _, found = read(path, tmp_path)
    assert source.columns == ("Case", "Received Date", "Received Time", "Cleared Date", "Cleared Time", "Nature")
    assert found == [
        ("1", "2023-05-02", "01:02:00", "2023-05-02", "03:04:00", "Alarm"),
        ("1", "2023-05-03", "05:06:00", "2023-05-03", "07:08:00", "Fire"),
    ]


def test_a_workbook_without_a_table_or_cut_off_says_so(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "a.xlsx", {"Sheet1": [["alone"]], "Sheet2": []})
    with pytest.raises(DataError, match=r"a\.xlsx is a workbook without a table"):
        examine(path, tmp_path / "out" / "a.parquet")
    whole = write_workbook(tmp_path / "b.xlsx", {"Sheet1": [NAMES, *ROWS * 50]}).read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(DataError, match=r"a\.xlsx is broken or was cut off"):
        examine(path, tmp_path / "out" / "a.parquet")
    path.write_bytes(whole.replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheetX.xml"))
    with pytest.raises(DataError, match=r"a\.xlsx is a workbook"):
        examine(path, tmp_path / "out" / "a.parquet")


def test_a_workbook_of_1997_is_read(tmp_path: Path) -> None:
    """Made once, and kept beside this test: nothing writes that format any more."""
    _, _, found = read(Path(__file__).parent / "made_up.xls", tmp_path)
    assert found == [
        ("1", "2023-01-03", "2023-01-03 00:00:00", "Alarm", "1.5"),
        ("2", "2023-02-03", "2023-02-03 01:01:00", "Fire", "2"),
        ("3", "2023-03-03", "2023-03-03 14:02:00", None, "-3"),
    ]


MOMENTS = st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2040, 1, 1)).map(
    lambda t: t.replace(microsecond=0)
)


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.floats(-4e-6, 4e-6))
def test_a_time_held_as_a_fraction_is_the_second_that_was_meant(moments: list[datetime.datetime], off: float) -> None:
    held = [m + datetime.timedelta(seconds=off) for m in moments]
    assert column_text(held, {datetime.datetime}) == [m.isoformat(" ") for m in moments]


@given(st.integers(-(10**15), 10**15))
def test_a_whole_number_has_no_point(number: int) -> None:
    assert column_text([float(number)], {float}) == [str(number)]
