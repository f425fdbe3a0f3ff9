"""Folders, patterns and archives: every table in them is found, read once, and accounted for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.sources.made_up import HEADER, csv_text, read, rows

from candor.errors import DataError, UsageError
from candor.sources.registry import examine, land

LAST, THIS = rows(40, 2023), rows(60, 2024)


def _zip(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def _tar(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "tar.gz": lambda content: _tar("year/calls.csv", content),
    "zip": lambda content: _zip(("calls.csv", content)),
    "zip in a folder, with a Mac's files": lambda content: _zip(
        ("May/", b""), ("May/calls.csv", content), ("__MACOSX/May/._calls.csv", b"\0\5\x16\7"), ("May/.DS_Store", b"x")
    ),
    "zip of a gz": lambda content: _zip(("calls.csv.gz", gzip.compress(content))),
}


@pytest.mark.parametrize("how", PACKED)
def test_a_packed_table_is_read_whatever_the_file_is_called(how: str, tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_bytes(PACKED[how](csv_text(THIS).encode()))
    source, landed, found = read(path, tmp_path)
    assert found == THIS
    assert source.columns == HEADER
    assert landed.bytes == path.stat().st_size


@pytest.mark.parametrize("how", ["gz", "bz2", "xz", "tar.gz", "zip"])
def test_an_archive_that_was_cut_off_is_said_to_be(how: str, tmp_path: Path) -> None:
    path = tmp_path / "export.bin"
    whole = PACKED[how](csv_text(rows(2000, 2024)).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"export\.bin is broken or was cut off"):
        examine(path, tmp_path / "out" / "a.parquet")


def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    packed = bytearray(_zip(("calls.csv", csv_text(THIS).encode())))
    packed[6] |= 1  # the flag of encryption, in the member's head
    packed[packed.rindex(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(packed)
    with pytest.raises(DataError, match="locked by a password"):
        examine(path, tmp_path / "out" / "a.parquet")


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "2023.csv").write_text(csv_text(LAST))
    (folder / "2024.csv").write_text(csv_text([(*r, "Day") for r in THIS], ("REPORT_NO", *HEADER[1:], "Shift")))
    return folder


@pytest.mark.parametrize("pattern", ["", "20*.csv", "*"])
def test_files_of_a_folder_are_one_source_though_their_layouts_differ(pattern: str, tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    source, landed, found = read(folder / pattern, tmp_path)
    assert source.columns == (*HEADER, "Shift")
    assert found == [*((*r, None) for r in LAST), *((*r, "Day") for r in THIS)]
    notes = "\n".join(landed.notes)
    assert "2023.csv (40 rows), 2024.csv (60 rows)" in notes
    assert "2023.csv has no column Shift" in notes


def test_what_is_mapped_is_read_where_it_is(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    source, _ = examine(folder, tmp_path / "out" / "a.parquet")
    landed = land(source, folder, tmp_path / "out" / "b.parquet", only=["Shift", "Report No"])
    assert landed.rows == 100
    with pytest.raises(DataError, match="no column 'Shfit' \\(did you mean 'Shift'"):
        land(source, folder, tmp_path / "out" / "c.parquet", only=["Shfit"])


def test_a_file_that_comes_again_counts_once_and_a_later_one_is_added(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    source, first = examine(folder, tmp_path / "out" / "a.parquet")
    (folder / "2023 (1).csv").write_text(csv_text(LAST))
    (folder / "all.zip").write_bytes(_zip(("2023.csv", csv_text(LAST).encode())))
    again = land(source, folder, tmp_path / "out" / "b.parquet")
    assert again.rows == first.rows
    assert sum("has the same content as" in note for note in again.notes) == 2
    (folder / "2025.csv").write_text(csv_text(rows(5, 2025)))
    assert land(source, folder, tmp_path / "out" / "c.parquet").rows == first.rows + 5


def test_what_lies_beside_the_tables_is_told_and_not_read(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "codes.csv").write_text("code,meaning\nB,Burglary\n")
    (folder / "codebook.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    source, landed, found = read(folder, tmp_path)
    assert len(found) == 100
    assert source.columns == (*HEADER, "Shift")
    notes = "\n".join(landed.notes)
    assert "codebook.pdf is a PDF document and is not read." in notes
    assert "codes.csv is not read: its columns are not those of the others." in notes
    assert "DS_Store" not in notes


def test_a_failed_download_among_the_files_stops_and_names_itself(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    (folder / "2025.csv").write_text("<!DOCTYPE html><html><title>Sign in</title><input type='password'></html>")
    with pytest.raises(DataError, match=r"2025\.csv is a page to log in"):
        examine(folder, tmp_path / "out" / "a.parquet")
    (folder / "2025.csv").write_bytes(b"")
    with pytest.raises(DataError, match=r"2025\.csv is empty"):
        examine(folder, tmp_path / "out" / "a.parquet")


def test_no_file_is_said_as_the_kind_of_path_it_is(tmp_path: Path) -> None:
    out = tmp_path / "out" / "a.parquet"
    (tmp_path / "empty").mkdir()
    for name, words in (("none.csv", "There is no file"), ("none*.csv", "No file is called"), ("empty", "no file")):
        with pytest.raises(UsageError, match=words):
            examine(tmp_path / name, out)
