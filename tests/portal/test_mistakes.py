"""Cases as data: `cases/*.case` hold a portal's files and the problems that must be told, in order.

A case begins with what it holds; `=== path` begins a file; `=== expected` begins the problems, one a line, as
`where | found | allowed | remedy`: `where` exactly, of the others a part. Without a `portal.toml` a right one is there.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from candor.errors import PortalError, Problem
from candor.profiles.check import open_portal

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
RIGHT = 'title = "Vermont public safety"\njurisdiction = "Vermont"\nstate = "50"\ntime_zone = "America/New_York"\n'


def _written(case: Path, root: Path) -> list[list[str]]:
    """Write the case's files under `root`; the expected problems as lists of four parts."""
    parts = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    expected = files.pop("expected", "")
    if case.stem != "no_portal":
        files.setdefault("portal.toml", RIGHT)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return [[part.strip() for part in line.split(" | ")] for line in expected.splitlines() if line.strip()]


def _problems(root: Path) -> list[Problem]:
    try:
        open_portal(root)
    except PortalError as error:
        return error.problems
    return []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_mistake_is_told_where_it_is(case: Path, tmp_path: Path) -> None:
    expected = _written(case, tmp_path)
    problems = _problems(tmp_path)
    assert [p.where for p in problems] == [e[0] for e in expected], "\n".join(map(str, problems))
    for problem, (where, found, allowed, remedy) in zip(problems, expected, strict=True):
        assert found in problem.found, where
        assert allowed in problem.allowed, where
        assert remedy in problem.remedy, where


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_no_word_of_the_library_reaches_the_owner(case: Path, tmp_path: Path) -> None:
    _written(case, tmp_path)
    said = "\n".join(map(str, _problems(tmp_path)))
    assert not re.search(r"pydantic|Value error|Input should|OwnSchema|Field required|Extra inputs|NoneType", said)


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "portal.toml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "datasets" / "a.toml").write_bytes(b'id = "ab2d-9xyz"\ntitle = "Montr\xe9al"\n')
    (tmp_path / "crosswalks").mkdir()
    (tmp_path / "crosswalks" / "a.csv").write_bytes(b"call_type,category\nCaf\xe9,noise\n")
    assert [(p.where, p.found) for p in _problems(tmp_path)] == [
        ("crosswalks/a.csv", "bytes that are not UTF-8"),
        ("datasets/a.toml:2", "bytes that are not UTF-8"),
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "datasets" / "a.toml").mkdir(parents=True)
    (problem,) = _problems(tmp_path)
    assert problem.where == "datasets/a.toml"
    assert "cannot be read" in problem.found


def test_a_right_portal_is_typed(tmp_path: Path) -> None:
    _written(Path(__file__).parent / "cases" / "nothing_wrong.case", tmp_path)
    portal = open_portal(tmp_path)
    dataset = portal.datasets["burlington-calls"]
    assert (dataset.name, dataset.columns["called_at"].source) == ("burlington-calls", "When")
    entries = portal.crosswalks[dataset.crosswalk]
    assert [(e.call_type, e.category, e.line) for e in entries] == [
        ("Noise", "noise", 2), ("Foot Patrol", "foot-patrol", 3), ("Drugs, other", "drugs", 4),
        ("Prohibited Acts", "", 5),
    ]  # fmt: skip
    assert portal.config.zone.key == "America/New_York"


def test_a_cell_without_end_is_told(tmp_path: Path) -> None:
    (tmp_path / "portal.toml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "crosswalks").mkdir()
    text = 'call_type,category\nNoise,noise\n"Open quote,' + "x" * 200_000 + "\n"
    (tmp_path / "crosswalks" / "a.csv").write_text(text, encoding="utf-8")
    (problem,) = _problems(tmp_path)
    assert (problem.where, "quote" in problem.remedy) == ("crosswalks/a.csv:3", True)


def test_a_right_data_set_of_counts_is_typed_and_has_no_rows(tmp_path: Path) -> None:
    _written(Path(__file__).parent / "cases" / "counts_right.case", tmp_path)
    portal = open_portal(tmp_path)
    assert not portal.datasets
    declared = portal.counts["fbi-offences"]
    assert (declared.columns.place, declared.columns.period, declared.columns.residents) == (
        "city", "year", "population",
    )  # fmt: skip
    assert declared.categories == {"rape-revised": "rape_revised", "burglary": "burglary"}
    assert (declared.absent, portal.counts["other-offences"].absent) == ("not reported", "not covered")
