"""Files as agencies send them, from `dataset add` to `publish`, as a publisher without a text editor would."""

from __future__ import annotations

import csv
import json
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.conftest import SHARED, beside
from typer.testing import CliRunner

from candor.accounting.opening import opened
from candor.cli.app import app
from candor.errors import CandorError
from candor.profiles.check import open_portal
from candor.publish.reading import read_rows

pytestmark = pytest.mark.long

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("expected.toml").read_text(encoding="utf-8")
)
OF_CLOCKS = {"read": 8, "first": "2023-02-02 01:01:00"}
LIST = SHARED / "cases" / "files" / "expected.tsv"


@dataclass(frozen=True)
class Said:
    code: int
    words: str


def command(*words: str | Path) -> Said:
    done = CliRunner().invoke(app, [str(w) for w in words], env={"COLUMNS": "300"})
    # What the program raises for its user is printed one step further out.
    told = str(done.exception) if isinstance(done.exception, CandorError) else ""
    assert done.exception is None or told or isinstance(done.exception, SystemExit), done.exc_info
    return Said(done.exit_code, re.sub(r"\s+", " ", f"{done.output} {told}"))


def listed() -> list[tuple[str, str]]:
    """The files that have rows, and in which portal each is tried."""
    if not LIST.is_file():
        return []
    with LIST.open(encoding="utf-8", newline="") as file:
        return [(line["file"], line["places"]) for line in csv.DictReader(file, delimiter="\t")]


@pytest.fixture(scope="session")
def files() -> Path:
    return beside("cases", "made-up cases") / "files"


@pytest.fixture(scope="session")
def portals(files: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portal of one place and one of Vermont's towns, each without data."""
    root, vermont = tmp_path_factory.mktemp("portals"), shared_data / "vermont_places"
    places: dict[str, list[str | Path]] = {
        "one": ["--boundaries", files / "place.geojson"],
        "vermont": ["--boundaries", vermont / "town_boundaries_2020.geojson", "--population",
                    vermont / "town_population_2020.csv", "--aliases", vermont / "town_aliases.json"],
    }  # fmt: skip
    for name, given in places.items():
        made = ["--title", "Try public safety", "--jurisdiction", "Try", "--time-zone", "America/New_York"]
        assert command("init", root / name, *made).code == 0
        assert command("places", "import", *given, "--portal", root / name).code == 0
    return root


def test_every_file_of_the_list_is_expected_to_give_something(files: Path) -> None:
    assert files.is_dir()
    rows = {name for name, places in listed() if places != "itself" and not name.startswith("t-")}
    assert rows | {"t-excel-minutes.csv"} == set(EXPECTED)


@pytest.mark.parametrize(("name", "places"), [one for one in listed() if one[1] != "itself"], ids=str)
def test_a_file_gives_what_it_must(files: Path, portals: Path, tmp_path: Path, name: str, places: str) -> None:
    wanted = EXPECTED.get(name, OF_CLOCKS)
    root = tmp_path / "portal"
    shutil.copytree(portals / places, root)
    file = tmp_path / name
    shutil.copyfile(files / wanted.get("after", name), file)
    schema = ["--schema", "calls_for_service", "--agency", "Try Police"]
    added = command("dataset", "add", "calls", "--from", file, *schema, "--portal", root)
    assert added.code == 0, added.words
    command("dataset", "sign", "calls", "--by", "A. Clerk, records office", "--portal", root)
    checked, published = command("check", "calls", "--portal", root), command("publish", "--portal", root)
    if "after" in wanted:
        assert (checked.code, published.code) == (0, 0), published.words
        shutil.copyfile(files / name, file)
        before = (root / "data" / "public" / "releases" / "1.json").read_bytes()
        checked, published = command("check", "calls", "--portal", root), command("publish", "--portal", root)
        assert checked.code == published.code == 1
        assert not (root / "data" / "public" / "releases" / "2.json").exists()
        assert (root / "data" / "public" / "releases" / "1.json").read_bytes() == before
        _in_order(wanted["says"], published.words)
        return
    if "refused" in wanted:
        assert (checked.code, published.code) == (1, 1)
        _in_order(wanted.get("says", ()), added.words)
        _in_order(wanted["refused"], published.words)
        return
    assert (checked.code, published.code) == (0, 0), checked.words + published.words
    if wanted.get("twice"):
        assert command("publish", "--portal", root).code == 0
    _in_order(wanted.get("says", ()), added.words)
    _rows_are_right(root, tmp_path / "scratch", wanted)


def _in_order(says: list[str], words: str) -> None:
    at = 0
    for one in says:
        found = words.find(one, at)
        assert found >= 0, (one, words)
        at = found


def _rows_are_right(root: Path, scratch: Path, wanted: dict[str, Any]) -> None:
    with opened(open_portal(root), scratch) as context:
        accounted = read_rows(context, "calls")
        rows = pq.read_table(accounted.path).sort_by("_row")
    sums = accounted.sums
    assert sums["read"] == wanted.get("read", sums["read"])
    assert sum(n for outcome, n in sums.items() if outcome != "read") == sums["read"]
    assert sums["published"] == wanted.get("published", sums["published"])
    times = [str(t)[:19] for t in rows["called_at"].to_pylist()] if "called_at" in rows.column_names else []
    if "first" in wanted:
        assert times[0] == wanted["first"]
    if "times" in wanted:
        assert times == wanted["times"]
    if "placed" in wanted:
        assert set(rows["placed_by"].to_pylist()) == {wanted["placed"]}
    notes = " ".join(note.outcome + note.reason for note in (*accounted.notes, *accounted.outcomes))
    for one in wanted.get("says_of_rows", ()):
        assert one in notes, notes
    crosswalk = {e.call_type: e.category for e in context.portal.crosswalks.get("calls.csv", ())}
    for label, category in wanted.get("types", {}).items():
        assert crosswalk[label] == category
    if "precision" in wanted:
        release = json.loads((root / "data" / "public" / "releases" / "1.json").read_text(encoding="utf-8"))
        (version,) = [d for d in release["datasets"] if d["name"] == "calls"]
        exactly = {
            value
            for path in version["files"]
            for value in pq.read_table(root / "data" / "public" / path)["called_at_precision"].to_pylist()
        }
        assert exactly == {wanted["precision"]}


@pytest.mark.parametrize(("name", "code", "says"), [
    ("23-projected-boundary.geojson", 1, ["are no degrees", "--epsg"]),
    ("24-beats-without-geoid.geojson", 0, ["BEAT"]),
])  # fmt: skip
def test_places_give_what_they_must(files: Path, tmp_path: Path, name: str, code: int, says: list[str]) -> None:
    made = ["--title", "Try public safety", "--jurisdiction", "Try", "--time-zone", "America/New_York"]
    assert command("init", tmp_path / "portal", *made).code == 0
    done = command("places", "import", "--boundaries", files / name, "--portal", tmp_path / "portal")
    assert done.code == code
    _in_order(says, done.words)
