"""Reading a pack: every mistake at once; and replacing one as a whole."""

from __future__ import annotations

import ctypes
import json
from pathlib import Path

import pytest

from candor.errors import PortalError, UsageError
from candor.places.builder.importer import import_files
from candor.places.builder.write import write_pack
from candor.places.pack import load_pack


@pytest.fixture
def folder(four_squares: Path, tmp_path: Path) -> Path:
    import_files(tmp_path / "places", four_squares)
    return tmp_path / "places"


def test_no_pack_says_how_to_bring_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"candor places import.*candor places fetch"):
        load_pack(tmp_path / "places")


def test_a_pack_reads_back_as_written(folder: Path, tmp_path: Path) -> None:
    pack = load_pack(folder)
    write_pack(tmp_path / "copy", pack)
    again = load_pack(tmp_path / "copy")
    assert again.places.equals(pack.places)
    assert again.aliases.equals(pack.aliases)
    assert [s.wkb for s in again.boundaries] == [s.wkb for s in pack.boundaries]
    assert (again.title, again.source, again.note) == (pack.title, pack.source, pack.note)


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / "pack.toml").write_text('title = "T"\nsource = 5\nyear = 2020\nschematic = false\ncolour = "red"\n')
    (folder / "places.csv").write_text(
        "geoid,name,full_name,county,residents,housing_units,longitude,latitude\n"
        "5000100001,Milton,Milton town,Alpha,-3,1,-72.85,44.05\n"
        "5000100003,Rutland,Rutland city,Alpha,many,1,-72.95,44.05\n"
        "5000100004,Rutland,Rutland town,Alpha,1,1,-272.95,44.15\n"
        "a gore,Avery's gore,Avery's gore,Alpha,0,,x,44.15\n"
    )
    collection = json.loads((folder / "boundaries.geojson").read_text())
    collection["features"] = collection["features"][1:]
    collection["features"][0]["geometry"] = {"type": "Point", "coordinates": [0, 0]}
    (folder / "boundaries.geojson").write_text(json.dumps(collection))
    (folder / "aliases.csv").write_text("alias,geoid\nSome Village,5000199999\n")
    with pytest.raises(PortalError) as error:
        load_pack(folder)
    found = [(p.where, p.found) for p in error.value.problems]
    assert ("pack.toml: source", "5") in found
    assert ("pack.toml: colour", "the key colour") in found
    assert ("pack.toml: note", "no such key") in found
    assert ("places.csv:2", "'-3'") in found
    assert ("places.csv:3", "'many'") in found
    assert ("places.csv:3", "'Rutland'") in found
    assert ("places.csv:4", "'Rutland'") in found
    assert ("places.csv:4", "'-272.95'") in found
    assert ("places.csv:5", "'a gore'") in found
    assert ("places.csv:5", "'x'") in found
    assert ("boundaries.geojson: feature 1", "Point") in found
    assert ("boundaries.geojson", "no feature for geoid 5000100001") in found
    assert ("aliases.csv:2", "'5000199999'") in found
    assert all(p.allowed and p.remedy for p in error.value.problems)


@pytest.mark.parametrize("file", ["pack.toml", "places.csv", "boundaries.geojson", "aliases.csv"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "binary"])
def test_a_damaged_file_is_named(folder: Path, file: str, damage: str) -> None:
    path = folder / file
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        # Cut inside the first line: what is left is no file of the kind.
        path.write_bytes({"empty": b"", "cut": whole[:9], "binary": b"\xff\xfe\x00\x01" * 30}[damage])
    with pytest.raises(PortalError) as error:
        load_pack(folder)
    assert any(p.where.startswith(file) for p in error.value.problems)


def test_boundaries_that_cross_themselves_or_repeat_are_told(folder: Path) -> None:
    collection = json.loads((folder / "boundaries.geojson").read_text())
    first, second, third, _ = collection["features"]
    first["geometry"]["coordinates"] = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    second["properties"]["geoid"] = third["properties"]["geoid"]
    collection["features"].append({**third, "properties": {"geoid": "5000199999"}})
    (folder / "boundaries.geojson").write_text(json.dumps(collection))
    with pytest.raises(PortalError) as error:
        load_pack(folder)
    found = {p.where: p.found for p in error.value.problems}
    assert "Self-intersection" in found["boundaries.geojson: feature 1"]
    assert found["boundaries.geojson: feature 3"] == "the geoid 5000100004 once more"
    assert found["boundaries.geojson: feature 5"] == "the geoid 5000199999"
    assert found["boundaries.geojson"] == "no feature for geoid 5000100003"


def test_files_that_are_not_the_packs_are_kept(folder: Path, four_squares: Path) -> None:
    (folder / "README.md").write_text("Why we drew it so.")
    (folder / "old").mkdir()
    (folder / "old" / "notes.txt").write_text("1")
    import_files(folder, four_squares)
    assert (folder / "README.md").read_text() == "Why we drew it so."
    assert (folder / "old" / "notes.txt").read_text() == "1"


def test_a_full_disk_leaves_the_old_pack(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    pack = load_pack(folder)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("candor.places.builder.write._write_csv", full)
    with pytest.raises(OSError, match="No space"):
        write_pack(folder, pack)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []


def test_a_system_that_cannot_exchange_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoExchange:
        def __init__(self, *_: object, **__: object) -> None:
            raise OSError("no C library")

    monkeypatch.setattr(ctypes, "CDLL", NoExchange)
    pack = load_pack(folder)
    (folder / "places.csv").write_text("broken")
    write_pack(folder, pack)
    assert load_pack(folder).places.equals(pack.places)
    assert [p.name for p in folder.parent.iterdir() if p.name.startswith(".")] == []
