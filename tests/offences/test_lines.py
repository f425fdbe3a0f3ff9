"""Cases as data: `cases/*.case` hold a file of counts and the outcome of each of its lines.

A case begins with what it holds; `=== file` begins the source, `=== places` the lines under [places], `=== expected`
the outcomes, one a line, as `row | outcome | reasons | notes`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.offences.conftest import DATASET, PORTAL

from candor.accounting.count_tables import AccountedCounts, account_counts
from candor.errors import DataError
from candor.places.changes import SCHEMA as CHANGES
from candor.places.pack import PlacesPack
from candor.portal.counts_model import CountsConfig
from candor.profiles.check import open_portal

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))


def _parts(case: Path) -> dict[str, str]:
    parts = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _config(root: Path, source: str, places: str = "") -> CountsConfig:
    (root / "datasets").mkdir()
    (root / "portal.toml").write_text(PORTAL, encoding="utf-8")
    (root / "offences.csv").write_text(source, encoding="utf-8")
    (root / "datasets" / "small.toml").write_text(f"{DATASET}\n[places]\n{places}", encoding="utf-8")
    return open_portal(root).counts["small"]


def _accounted(root: Path, pack: PlacesPack, source: str, places: str = "") -> AccountedCounts:
    return account_counts(_config(root, source, places), pack, root, date(2026, 5, 1), root)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_line_has_its_outcome_and_reason(case: Path, tmp_path: Path, pack: PlacesPack) -> None:
    parts = _parts(case)
    found = _accounted(tmp_path, pack, parts["file"], parts["places"])
    lines = found.counted.lines.to_pylist()
    rows = [f"{n['_row']} | {n['outcome']} | {n['reasons']} | {n['notes']}" for n in lines]
    rows += [f"unreadable | quarantined | {u.reason} |" for u in found.landed.unreadable]
    assert [_folded(row) for row in rows] == [_folded(row) for row in parts["expected"].splitlines()]


def _folded(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_four_outcomes_add_up_and_the_quarantine_has_the_lines_as_they_were(
    case: Path, tmp_path: Path, pack: PlacesPack
) -> None:
    parts = _parts(case)
    found = _accounted(tmp_path, pack, parts["file"], parts["places"])
    assert found.sums["read"] == sum(found.sums[s] for s in ("published", "duplicates", "quarantined", "withheld"))
    assert found.sums["read"] == len(parts["file"].splitlines()) - 1
    kept = pq.read_table(found.quarantined_path).to_pylist()
    assert len(kept) + len(found.landed.unreadable) == found.sums["quarantined"]
    assert all(line["_reasons"] and "burglary" in line for line in kept)


def test_typed_values_are_those_of_the_file(tmp_path: Path, pack: PlacesPack) -> None:
    parts = _parts(Path(__file__).parent / "cases" / "outcomes.case")
    lines = {n["_row"]: n for n in _accounted(tmp_path, pack, parts["file"], parts["places"]).counted.lines.to_pylist()}
    numbers = ("year", "residents", "burglary", "larceny-theft", "rape-revised")
    assert [lines[3][n] for n in numbers] == [2022, 4010, 1012, 40, 0]
    assert [lines[4][n] for n in numbers] == [2020, 2000, None, 7, 0]
    assert lines[16]["residents"] is None
    assert [lines[n]["geoid"] for n in (3, 6, 20)] == ["5000100003", "5000100001", "5000100003"]


def test_names_that_place_nothing_come_with_what_to_do(tmp_path: Path, pack: PlacesPack) -> None:
    parts = _parts(Path(__file__).parent / "cases" / "outcomes.case")
    (note,) = _accounted(tmp_path, pack, parts["file"], parts["places"]).landed.notes
    assert "Alder, Birch Falls, Elsewhere" in note
    assert "[places]" in note


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "empty"),
        ("place,year,residents,burglary,theft,rape\n", "no rows"),
        ("place,year,residents,burglary,rape\nBirch,2020,4000,1,1\n", "'theft'"),
    ],
)
def test_a_file_that_is_none_of_the_kind_is_told(tmp_path: Path, pack: PlacesPack, source: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        _accounted(tmp_path, pack, source)


def test_a_place_that_was_a_part_of_another_in_that_year_has_no_line(tmp_path: Path, pack: PlacesPack) -> None:
    """Cedar is a town of its own from July 2022 on; before, it was a part of Birch."""
    split = _split(pack)
    source = "place,year,residents,burglary,theft,rape\n" + "".join(
        f"Cedar,{year},,1,1,0\nBirch,{year},,5,5,0\n" for year in (2021, 2022, 2023)
    )
    lines = _accounted(tmp_path, split, source).counted.lines.to_pylist()
    outcomes = {(n["written"], n["year"]): (n["outcome"], n["reasons"]) for n in lines}
    assert outcomes["Cedar", 2021] == ("quarantined", "in that year the place was a part of another")
    assert {o for k, o in outcomes.items() if k != ("Cedar", 2021)} == {("published", "")}


def _split(pack: PlacesPack) -> PlacesPack:
    """The same places, one of them split from another in 2022."""
    line = {"geoid": "5000100004", "from_month": "2022-07", "before": "5000100003", "note": ""}
    return replace(pack, changes=pa.Table.from_pylist([line], schema=CHANGES))
