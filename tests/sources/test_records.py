"""No line is lost or swallowed, whatever the quotes: lines, records and rows are compared."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from candor.errors import DataError
from candor.portal.declared import SourceConfig
from candor.sources.base import Landed
from candor.sources.csv import detect
from candor.sources.registry import land

HEADER = "ref,at,what,where\n"


def row(number: int, what: str = "Noise", where: str = "1 Elm") -> str:
    return f"{number},2024-01-{number % 28 + 1:02d} 10:00,{what},{where}\n"


def landed(tmp_path: Path, content: str | bytes, **declared: object) -> tuple[Landed, list[dict[str, str]]]:
    path, into = tmp_path / "export.csv", tmp_path / "landed.parquet"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    given = SourceConfig.model_validate({"path": str(path), **declared})
    found = land(given if declared else detect(path), path, into)
    return found, pq.read_table(into).to_pylist()


def test_two_stray_quotes_far_apart_swallow_nothing(tmp_path: Path) -> None:
    lines = [row(n) for n in range(1_200)]
    lines[40], lines[1_150] = row(40, where='"1 Elm'), row(1_150, where='1 Elm"')
    found, rows = landed(tmp_path, HEADER + "".join(lines))
    assert [int(r["ref"]) for r in rows] == list(range(1_200))
    assert rows[40]["where"] == "1 Elm"
    assert any("2 rows have stray quotes" in note for note in found.notes)


@pytest.mark.parametrize("stray", ['"1 Elm', '1 "Elm', '1 Elm"', '1 Elm, "', '""1 Elm', '1 Elm 5" pipe'])
def test_a_stray_quote_costs_its_own_line_at_most(tmp_path: Path, stray: str) -> None:
    lines = [row(n) for n in range(50)]
    lines[20] = row(20, where=stray)
    found, rows = landed(tmp_path, HEADER + "".join(lines))
    assert found.read == 50
    assert {int(r["ref"]) for r in rows} >= set(range(50)) - {20}
    # What is quarantined is the line as it is, with its number in the file.
    for one in pq.read_table(found.unreadable_path).to_pylist():
        assert (one["line"], one["text"] + "\n") == (22, lines[20])


def test_quotes_marked_by_backslashes_are_letters(tmp_path: Path) -> None:
    _, rows = landed(tmp_path, HEADER + row(1) + row(2, r'"said \"stop\", left"') + row(3, r'"5\" pipe"'))
    assert [r["what"] for r in rows] == ["Noise", 'said "stop", left', '5" pipe']


def test_cells_of_several_lines_stay_whole(tmp_path: Path) -> None:
    said = '"Came,\n\nspoke to ""A"", B, C, D;\n5, 6\nleft"'
    for many in (1, 4_000):  # and where they lie across the pieces in which a file is read
        text = HEADER + "".join(row(n) + row(n, said) + row(n, where=said) for n in range(many))
        found, rows = landed(tmp_path, text)
        assert (found.rows, found.unreadable) == (3 * many, ())
        meant = next(csv.reader(io.StringIO(said)))[0]
        assert {r["what"] for r in rows} == {"Noise", meant}
        assert {r["where"] for r in rows} == {"1 Elm", meant}


def test_a_cell_of_several_lines_may_come_first_or_hold_stray_quotes(tmp_path: Path) -> None:
    header = "said,at,count\n"
    text = header + '"one\ntwo, three",2024-01-01,5\nplain,2024-01-02,6\n"he "left"\nsoon",2024-01-03,7\n'
    found, rows = landed(tmp_path, text)
    assert found.unreadable == ()
    assert [r["said"] for r in rows] == ["one\ntwo, three", "plain", 'he "left"\nsoon']


def test_a_cell_of_two_lines_stays_whole_without_numbers_or_dates(tmp_path: Path) -> None:
    rows = 'OUT,AWAY,""\nIN,"PERSON, AT HOME, OR NEAR\nHOME","Person, at home or near home"\nOFF,OTHER,""\n'
    found, back = landed(tmp_path, "code,said,note\n" + rows)
    assert (found.rows, found.unreadable) == (3, ())
    assert back[1] == {"code": "IN", "said": "PERSON, AT HOME, OR NEAR\nHOME", "note": "Person, at home or near home"}


def test_one_bad_byte_is_one_lines_matter(tmp_path: Path) -> None:
    lines = "".join(row(n, "Café") for n in range(1_199)).encode() + row(1_199, "X").encode().replace(b"X", b"Caf\xe9")
    found, rows = landed(tmp_path, HEADER.encode() + lines)
    assert {r["what"] for r in rows} == {"Café"}
    assert [n for n in found.notes if "line 1,201" in n and "Windows text" in n]
    assert detect(tmp_path / "export.csv").encoding == "utf-8"


def test_bytes_that_windows_does_not_define_cost_no_row(tmp_path: Path) -> None:
    found, rows = landed(tmp_path, (HEADER + row(1, "Caf#") + row(2, "Th#ft")).encode().replace(b"#", b"\x81"))
    assert [r["what"] for r in rows] == ["Caf\ufffd", "Th\ufffdft"]
    assert any("2 bytes" in note for note in found.notes)


HEADLESS = {
    "numbers": "1,2024-01-01,Noise,5\n2,2024-01-02,Theft,6\n3,2024-01-03,Noise,7\n",
    "case numbers": "C-1,Jane Doe,Stowe\nC-2,John Roe,Barre\nC-3,Ann Poe,Stowe\n",
    "labels": "Noise,Stowe\nTheft,Barre\nNoise,Stowe\nTheft,Stowe\n",
    "times": "01/05/2024 10:00 PM,Noise\n01/06/2024 09:00 AM,Noise\n",
    "one row": "1,2024-01-01,2\n",
}


@pytest.mark.parametrize("text", HEADLESS.values(), ids=HEADLESS)
def test_without_a_header_nothing_of_the_first_row_becomes_a_name(tmp_path: Path, text: str) -> None:
    found, rows = landed(tmp_path, text)
    assert found.rows == text.count("\n")
    assert found.header == tuple(f"column_{n + 1}" for n in range(len(found.header)))
    assert list(rows[0].values()) == text.splitlines()[0].split(",")
    (said,) = found.notes
    assert "first row looks like data" in said
    assert not any(cell in said for cell in text.splitlines()[0].split(",") if len(cell) > 1)


@pytest.mark.parametrize(
    "header",
    ["ref,at,what,where", "Ref No 1,At,What,Where", "2019,2020,2021,where", "a,b,c,d", "Number,Date,Type,Address 1"],
)
def test_names_are_not_taken_for_data(tmp_path: Path, header: str) -> None:
    found, _ = landed(tmp_path, header + "\n" + "".join(row(n) for n in range(9)))
    assert found.header == tuple(header.split(","))


def test_a_header_that_is_lost_later_is_said_without_a_word_of_the_row(tmp_path: Path) -> None:
    columns = ("ref", "at", "what", "where")
    with pytest.raises(DataError, match="no header any more") as caught:
        landed(tmp_path, row(1, "Jane Doe") + row(2), columns=columns)
    assert "Doe" not in str(caught.value)


def test_a_header_that_has_moved_is_found_by_its_names(tmp_path: Path) -> None:
    columns = ("ref", "at", "what", "where")
    found, _ = landed(tmp_path, "Report,of,all,calls\n\n" + HEADER + row(1), skip=5, columns=columns)
    assert (found.rows, found.header) == (1, columns)


def test_names_may_be_given_to_columns_that_have_none(tmp_path: Path) -> None:
    columns = ("ref", "at", "what", "where")
    found, rows = landed(tmp_path, row(1) + row(2), header=False, columns=columns)
    assert (found.rows, found.header, found.notes) == (2, columns, ())
    assert rows[0]["what"] == "Noise"


def test_a_number_that_the_header_does_not_name_shifts_no_name(tmp_path: Path) -> None:
    _, rows = landed(tmp_path, '"ref","what"\n"1","C-7","Noise"\n"2","C-9","Theft"\n')
    assert rows[1] == {"unnamed_1": "2", "ref": "C-9", "what": "Theft"}


def test_names_that_come_twice_are_told_apart(tmp_path: Path) -> None:
    found, rows = landed(tmp_path, 'at,Name,name,"two\nlines",\n2024-01-01,a,b,c,\n2024-01-02,d,e,f,\n')
    assert found.header[:4] == ("at", "Name", "name_2", "two lines")
    assert list(rows[0].values())[:4] == ["2024-01-01", "a", "b", "c"]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1a\r\ufeff"), max_size=8)
ENDS = ("\n", "\r\n")


@given(
    cells=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=25),
    mark=st.sampled_from(",;\t|"),
    end=st.sampled_from(ENDS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    above=st.sampled_from(["", "Calls\n", "Calls\n\n"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_comes_back_cell_for_cell(
    tmp_path: Path, cells: list[tuple[str, str, str]], mark: str, end: str, encoding: str, above: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([("ref", "a", "b", "c"), *((f"R{n:05d}", *row) for n, row in enumerate(cells))])
    content = (above.replace("\n", end) + text.getvalue()).encode(encoding)
    declared = {"delimiter": mark, "encoding": "utf-8", "columns": ("ref", "a", "b", "c")}
    found, rows = landed(tmp_path, content, **declared)
    assert (found.rows, found.unreadable) == (len(cells), ())
    back = [tuple((r[name] or "").replace("\r\n", "\n") for name in "abc") for r in rows]
    assert back == [tuple(cell.replace("\r\n", "\n") for cell in row) for row in cells]


MESS = st.text(st.sampled_from(['"', ",", "\n", "\r", "a", "1", " ", "\\", ";", "-"]), max_size=300)


@given(mess=MESS, before=st.integers(0, 3), after=st.integers(0, 3))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mess_takes_another_row_with_it(tmp_path: Path, mess: str, before: int, after: int) -> None:
    """Whatever stands between them, rows in order are read, and every line is accounted for (else `land` raises)."""
    rows = [row(n) for n in range(1, 41)]
    text = HEADER + "".join(rows[: 20 + before]) + mess + "\n" + "".join(rows[20 + before :])
    found, back = landed(tmp_path, text + row(99) * after, columns=("ref", "at", "what", "where"))
    kept = {r["ref"] for r in back if r["what"] == "Noise" and r["where"] == "1 Elm"}
    assert kept >= {str(n) for n in range(1, 41)}
    assert found.read >= 40 + after


def test_cells_left_off_at_the_end_are_missing_where_the_file_is_written_so(tmp_path: Path) -> None:
    _, rows = landed(tmp_path, "ref,at,what\n" + "1,2024-01-01,x\n2,2024-01-02\n3,2024-01-03\n4,2024-01-04\n" * 3)
    assert [r["what"] for r in rows] == ["x", None, None, None] * 3
    found, _ = landed(tmp_path, "ref,at,what\n" + "1,2024-01-01,x\n" * 30 + "2,2024-01-02\n")
    assert [(u.rows, u.first_line) for u in found.unreadable] == [(1, 32)]


@pytest.mark.parametrize("content", [b"\0" * 500, b"\n \n\n", bytes(range(256)) * 20])
def test_what_is_no_text_is_told(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError, match=r"no text|not text"):
        landed(tmp_path, content)
