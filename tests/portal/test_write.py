"""A new portal and a new data set, as files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candor.errors import DataError, UsageError
from candor.portal import write
from candor.portal.declared import FOUR_BY_FOUR
from candor.portal.jurisdictions import jurisdiction_of, jurisdictions
from candor.portal.toml_text import comment, toml_list, toml_table, toml_value
from candor.profiles.check import open_portal


def _init(root: Path, title: str = 'Vermont "public" safety\\') -> None:
    write.init_portal(root, title=title, jurisdiction="Vermont", state="50", time_zone="America/New_York")


def test_a_new_portal_opens_and_keeps_its_data_out_of_git(tmp_path: Path) -> None:
    _init(tmp_path / "vt")
    portal = open_portal(tmp_path / "vt")
    assert portal.config.title == 'Vermont "public" safety\\'
    assert (portal.config.state, portal.config.time_zone, portal.config.engine) == ("50", "America/New_York", "duckdb")
    assert "data/" in (tmp_path / "vt" / ".gitignore").read_text().splitlines()
    assert {p.name for p in (tmp_path / "vt").iterdir()} == {".gitignore", "portal.toml", *write.FOLDERS}


def test_a_portal_is_not_overwritten(tmp_path: Path) -> None:
    _init(tmp_path)
    before = (tmp_path / "portal.toml").read_bytes()
    with pytest.raises(UsageError, match="is a portal already"):
        _init(tmp_path, "Another")
    assert (tmp_path / "portal.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "option"),
    [({"time_zone": "Vermont"}, "--time-zone"), ({"state": "VT"}, "--state"), ({"title": ""}, "--title")],
)
def test_a_value_that_cannot_be_is_refused_before_anything_is_written(
    tmp_path: Path, change: dict[str, str], option: str
) -> None:
    values = {"title": "A", "jurisdiction": "B", "time_zone": "America/New_York", **change}
    with pytest.raises(UsageError, match=option):
        write.init_portal(tmp_path / "new", **values)
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "vt").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        _init(tmp_path / "vt")


def test_a_data_set_is_written_with_its_crosswalk_and_never_overwritten(tmp_path: Path) -> None:
    _init(tmp_path)
    written = write.write_dataset(tmp_path, "some-calls", "a = 1\n", "call_type,category\n")
    assert [p.relative_to(tmp_path).as_posix() for p in written] == [
        "datasets/some-calls.toml",
        "crosswalks/some-calls.csv",
    ]
    assert [p.read_text() for p in written] == ["a = 1\n", "call_type,category\n"]
    with pytest.raises(UsageError, match="choose another name"):
        write.write_dataset(tmp_path, "some-calls", "a = 2\n")
    assert written[0].read_text() == "a = 1\n"
    written[0].unlink()
    with pytest.raises(UsageError, match=re.escape("crosswalks/some-calls.csv is there already")):
        write.write_dataset(tmp_path, "some-calls", "a = 2\n", "")


@pytest.mark.parametrize("name", ["Calls", "calls_2022", "../calls", "", "calls-", "2022-calls"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    _init(tmp_path)
    with pytest.raises(UsageError, match="small letters"):
        write.write_dataset(tmp_path, name, "")


def test_a_data_set_needs_a_portal(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="candor init"):
        write.write_dataset(tmp_path, "calls", "")


@pytest.mark.parametrize("fails_at", [1, 2])
def test_a_disk_that_says_no_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    _init(tmp_path)
    monkeypatch.setattr("os.fsync", _full_disk(fails_at))
    with pytest.raises(DataError, match="No space left on device"):
        write.write_dataset(tmp_path, "calls", "a = 1\n", "call_type,category\n")
    assert [p for folder in ("datasets", "crosswalks") for p in (tmp_path / folder).iterdir()] == []


def _full_disk(at: int) -> Callable[[int], None]:
    calls = iter(range(1, 100))

    def fsync(_handle: int) -> None:
        if next(calls) == at:
            raise OSError(28, "No space left on device")

    return fsync


def test_ids_are_4x4_and_their_own() -> None:
    drawn: set[str] = set()
    for _ in range(200):
        drawn.add(write.new_id(drawn))
    assert len(drawn) == 200
    assert all(re.fullmatch(FOUR_BY_FOUR, identifier) for identifier in drawn)


@pytest.mark.parametrize(
    ("title", "usps"),
    [
        ("Vermont public safety", "VT"), ("Police calls in west virginia", "WV"), ("State of Virginia", "VA"),
        ("Springfield, MA police", "MA"), ("Open data for me and you", None), ("Washington and Oregon", None),
        ("Arkansas", "AR"), ("Kansas", "KS"), ("Puerto Rico", "PR"), ("Police data", None), ("New York City", "NY"),
    ],
)  # fmt: skip
def test_a_title_names_its_state(title: str, usps: str | None) -> None:
    found = jurisdiction_of(title)
    assert (found.usps if found else None) == usps


def test_vermont_is_whole() -> None:
    found = jurisdiction_of("Vermont")
    assert found is not None
    assert (found.name, found.fips, found.time_zone) == ("Vermont", "50", "America/New_York")
    assert len({j.fips for j in jurisdictions()}) == len(jurisdictions()) == 56


@given(st.text(), st.lists(st.text(max_size=30)), st.dictionaries(st.text(), st.text()))
def test_any_text_survives_as_toml(text: str, several: list[str], table: dict[str, str]) -> None:
    written = f"{comment(text)}a = {toml_value(text)}\nb = {toml_list(several)}\n[c]\n{toml_table(table)}"
    assert tomllib.loads(written) == {"a": text, "b": several, "c": table}
