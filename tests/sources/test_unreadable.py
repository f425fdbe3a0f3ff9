"""Files that hold no table are named for what they are; and whatever the bytes are, what is wrong is said in words."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.made_up import HEADER, csv_text, rows
from tests.sources.made_workbook import write_workbook

from candor.errors import CandorError, DataError
from candor.sources.registry import examine


def _office(part: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<x/>")
    return packed.getvalue()


def _ole(stream: str) -> bytes:
    """A compound file whose directory names one stream."""
    head = bytearray(512)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    head[30:32], head[48:52] = (9).to_bytes(2, "little"), (0).to_bytes(4, "little")
    return bytes(head) + stream.encode("utf-16-le").ljust(64, b"\0") + bytes(448)


SEGMENT = "00881I112024    VT0010000202400001   20240713 14N                                      N\n"
FILES = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
    "a Word document": _office("word/document.xml"),
    "a presentation": _office("ppt/presentation.xml"),
    "an encrypted Excel workbook": _ole("EncryptedPackage"),
    "an old office document": _ole("Contents"),
    "an Access database": b"\0\1\0\0Standard ACE DB\0" + bytes(200),
    "an SQLite database": b"SQLite format 3\0" + bytes(200),
    "a PostgreSQL backup": b"PGDMP\1\x0e\0\4\x08",
    "a file of SQL statements": b"-- MySQL dump 10.13\n--\nCREATE TABLE `calls` (",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
    "a shapefile": b"\0\0\x27\x0a" + bytes(96),
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c\0\4",
    "a RAR archive": b"Rar!\x1a\x07\1\0",
    "an RTF document": b"{\\rtf1\\ansi Calls}",
    "an e-mail message": b"Received: from a by b\nMIME-Version: 1.0\n",
    "a map for Google Earth": b'<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"></kml>',
    "a NIBRS flat file": (SEGMENT * 3).encode(),
    "a program": b"MZ\x90\0\3\0\0\0",
    "a binary file of an unknown kind": bytes(range(256)) * 8,
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_is_named_for_what_it_is_with_what_to_do(what: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    path.write_bytes(FILES[what])
    with pytest.raises(DataError, match=rf"calls\.csv is {what}") as raised:
        examine(path, tmp_path / "out" / "a.parquet")
    assert raised.value.remedy


@pytest.mark.parametrize(
    "header",
    ["SET,USE,MZ", "MZONE,ORC", "BM,RIFF", "Received,From", "USE OF FORCE;DATE", "PGDMP", "ORC_ID|TYPE", "{id},[type]",
     "[Case],[Date]", "<id>,<type>", "II,MM", "PK,ID", "Obj,DUCK"],
)  # fmt: skip
def test_a_header_that_begins_as_another_format_does_is_still_a_header(header: str, tmp_path: Path) -> None:
    path = tmp_path / "calls.csv"
    mark = next((m for m in ",;|" if m in header), ",")
    path.write_text("\n".join([header, *(mark.join([f"{i}", "x", "y"][: header.count(mark) + 1]) for i in range(30))]))
    source, landed = examine(path, tmp_path / "out" / "a.parquet")
    assert source.columns == tuple(header.split(mark))
    assert landed.rows == 30


def _made(folder: Path) -> list[bytes]:
    lines = rows(12, 2024)
    records = [dict(zip(HEADER, line, strict=True)) for line in lines]
    workbook = write_workbook(folder / "w.xlsx", {"A": [list(HEADER), *map(list, lines)]})
    pq.write_table(pa.Table.from_pylist(records), folder / "p.parquet")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", csv_text(lines))
    return [
        csv_text(lines).encode(),
        json.dumps(records).encode(),
        "\n".join(map(json.dumps, records)).encode(),
        f"<a>{''.join('<b><c>1</c><d>2</d></b>' for _ in lines)}</a>".encode(),
        f"<table>{'<tr><td>1<td>2' * 12}</table>".encode(),
        (Path(__file__).parent / "made_up.xls").read_bytes(),
        workbook.read_bytes(),
        (folder / "p.parquet").read_bytes(),
        packed.getvalue(),
    ]


with tempfile.TemporaryDirectory() as _folder:
    WHOLE = _made(Path(_folder))


@pytest.mark.parametrize("cut", range(600, 5_600, 250))
def test_an_old_workbook_that_was_cut_off_is_refused_in_words(
    cut: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.xls"
    path.write_bytes((Path(__file__).parent / "made_up.xls").read_bytes()[:cut])
    with pytest.raises(DataError, match=r"calls\.xls"):
        examine(path, tmp_path / "out" / "a.parquet")
    assert capfd.readouterr().err == ""


@settings(max_examples=120)
@given(
    st.sampled_from(range(len(WHOLE))),
    st.floats(0, 1),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=4)), max_size=4),
)
def test_a_damaged_file_is_read_or_refused_in_words(which: int, cut: float, damage: list[tuple[float, bytes]]) -> None:
    content = bytearray(WHOLE[which])
    for where, what in damage:
        at = int(where * len(content))
        content[at : at + len(what)] = what
    if cut < 0.5:
        del content[int(cut * 2 * len(content)) :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(bytes(content))
        try:
            _, landed = examine(path, Path(folder) / "a.parquet")
        except CandorError as error:
            assert str(error).startswith(("export", "The file export"))
        else:
            assert pq.read_metadata(landed.path).num_rows == landed.rows
            assert pq.read_metadata(landed.unreadable_path).num_rows == sum(u.rows for u in landed.unreadable)


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(content)
        try:
            examine(path, Path(folder) / "a.parquet")
        except CandorError as error:
            assert "export" in str(error)
