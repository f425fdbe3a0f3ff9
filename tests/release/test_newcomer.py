"""The real run, as a newcomer types it, with no file edited by hand in between."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pytest
from tests.release.conftest import SmallPortal

pytestmark = pytest.mark.long

BURLINGTON = "5000710675"


def candor(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "candor", *words], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def vermont(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SmallPortal, list[dict[str, Any]], str]:
    """The issue's commands in their order; the portal, what `publish --json` said, and everything that was printed."""
    home = tmp_path_factory.mktemp("newcomer")
    places = shared_data / "vermont_places"
    said = ""
    for words in (
        ["init", "vt", "--title", "Vermont public safety"],
        [
            "places",
            "import",
            "--portal",
            "vt",
            "--boundaries",
            str(places / "town_boundaries_2020.geojson"),
            "--population",
            str(places / "town_population_2020.csv"),
            "--aliases",
            str(places / "town_aliases.json"),
        ],
        [
            "dataset",
            "add",
            "burlington-calls",
            "--portal",
            "vt",
            "--schema",
            "calls_for_service",
            "--from",
            str(shared_data / "burlington_calls" / "calls_2022_h1.csv"),
        ],
        [
            "dataset",
            "add",
            "rutland-force",
            "--portal",
            "vt",
            "--from",
            str(shared_data / "rutland" / "use_of_force_2015_2017.csv"),
        ],
        ["dataset", "sign", "burlington-calls", "--by", "A. Clerk, records office", "--portal", "vt"],
        ["check", "burlington-calls", "--portal", "vt"],
    ):
        answer = candor(*words, cwd=home)
        assert answer.returncode == 0, answer.stderr
        said += answer.stdout
    published = candor("publish", "--portal", "vt", "--json", cwd=home)
    assert published.returncode == 0, published.stderr
    return SmallPortal(home / "vt"), json.loads(published.stdout)["datasets"], said


Vermont = tuple[SmallPortal, list[dict[str, Any]], str]


def test_every_row_is_accounted_for(vermont: Vermont) -> None:
    _, (burlington, rutland), said = vermont
    for found, read in ((burlington, 10830), (rutland, 221)):
        assert found["read"] == read == sum(found[k] for k in ("published", "duplicates", "quarantined", "withheld"))
        explained = dict.fromkeys(("withheld", "quarantined", "duplicate"), 0)
        for reason in found["reasons"]:
            explained[reason["outcome"]] += reason["rows"]
        assert explained["withheld"] == found["withheld"]
        assert explained["quarantined"] == found["quarantined"]
    assert "10,830" in said
    assert "93 of them ambiguous" in said
    assert "101 types: 100 mapped" in said


def test_the_time_is_the_local_one(vermont: Vermont) -> None:
    rows = vermont[0].public("burlington-calls")
    # Said as exactly as their number allows: the first calls are those of an evening.
    first = rows.filter(pc.equal(rows["called_at"], pc.min(rows["called_at"]))).to_pylist()
    assert {(str(r["called_at"]), r["called_at_precision"]) for r in first} == {("2021-12-31 18:00:00", "part of day")}
    assert str(pc.min(rows["month"]).as_py()) == "2021-12-01"
    assert set(rows["placed_by"].unique().to_pylist()) == {"point", "agency area"}


def test_rows_say_their_time_as_exactly_as_their_town_allows(vermont: Vermont) -> None:
    portal, (burlington, _), _ = vermont
    found: dict[str, dict[str, int]] = {}
    for row in portal.public("burlington-calls").to_pylist():
        levels = found.setdefault(row["town"], {})
        levels[row["called_at_precision"]] = levels.get(row["called_at_precision"], 0) + 1
    assert found == {
        "Burlington": {"part of day": 7748, "date": 774},
        "South Burlington": {"month": 103},
        "Colchester": {"quarter": 20},
        "Winooski": {"year": 12},
        "Essex": {"year": 5},
    }
    assert burlington["published"] == 8662


def test_the_map_has_255_towns_and_one_with_figures(vermont: Vermont) -> None:
    cube = vermont[0].public("calls-by-town")
    towns = cube.filter(pc.not_equal(cube["geoid"], ""))
    states: dict[str, set[str]] = {}
    for geoid, state in set(zip(towns["geoid"].to_pylist(), towns["coverage"].to_pylist(), strict=True)):
        states.setdefault(geoid, set()).add(state)
    assert len(states) == 255
    # Its file begins in the evening before the first month.
    assert states.pop(BURLINGTON) == {"reported", "zero", "not covered"}
    burlington = towns.filter(pc.equal(towns["geoid"], BURLINGTON)).to_pylist()
    assert {f"{x['month']:%Y-%m}" for x in burlington if x["coverage"] == "not covered"} == {"2021-12"}
    assert {frozenset(s) for s in states.values()} == {frozenset({"not covered"})}


def test_calls_beyond_the_coverage_are_counted_and_shown(vermont: Vermont) -> None:
    portal, (burlington, _), _ = vermont
    cube = portal.public("calls-by-town")
    # Open categories are the published rows, and the few that are alone in their place and year; the rest is in the
    # figures of sensitive ones, as far as it may be told.
    alone = pc.sum(cube["calls"]).as_py() - burlington["published"]
    assert 0 <= alone < 20
    figures = portal.public("sensitive-calls")
    months = figures.filter(pc.and_(pc.equal(figures["level"], "state"), pc.equal(figures["period_kind"], "month")))
    assert {pc.sum(months["calls"]).as_py() % 5, pc.min(months["calls"]).as_py()} == {0, 5}
    assert 0 < pc.sum(months["calls"]).as_py() <= burlington["withheld"]
    outside = cube.filter(pc.equal(cube["place"], "Outside the declared coverage"))
    assert pc.sum(outside["calls"]).as_py() > 100


def test_nothing_public_says_street_point_or_number(vermont: Vermont) -> None:
    portal, _, _ = vermont
    rows = portal.public("burlington-calls")
    assert set(rows.column_names) == {
        "id",
        "called_at",
        "called_at_precision",
        "call_type",
        "call_origin",
        "priority",
        "month",
        "category",
        "category_group",
        "initiated_by",
        "agency",
        "geoid",
        "town",
        "county",
        "placed_by",
    }
    public = portal.root / "data" / "public"
    for path in public.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for secret in (b"22BU000002", b"Riverside Ave", b"44.4754", b"Main St"):
            assert secret not in content, path


def test_use_of_force_under_its_own_schema(vermont: Vermont) -> None:
    portal, (_, rutland), _ = vermont
    rows = portal.public("rutland-force")
    assert rows.num_rows == rutland["published"] == 221
    assert "case_number" not in rows.column_names
    assert not any(c.startswith("unnamed") for c in rows.column_names)
    # Ages, sex and race stay inside until somebody opens them by name.
    assert not [c for c in rows.column_names if c.endswith(("_age", "_race", "_sex"))]
    assert str(rows.schema.field("date").type).startswith("date")
    # Every label once, whatever its blanks, case and plural.
    folded = [" ".join(v.lower().split()).rstrip("s") for v in rows["force_utilized"].unique().to_pylist() if v]
    assert len(folded) == len(set(folded))


def test_publishing_again_is_the_next_version_and_rollback_goes_back(vermont: Vermont) -> None:
    portal = vermont[0]
    root = portal.root.parent
    assert candor("publish", "rutland-force", "--portal", "vt", cwd=root).returncode == 0
    before = portal.public("calls-by-town")
    listed = json.loads(candor("versions", "rutland-force", "--portal", "vt", "--json", cwd=root).stdout)
    assert [v["version"] for v in listed] == [1, 2]
    assert candor("rollback", "rutland-force", "1", "--portal", "vt", cwd=root).returncode == 0
    assert candor("rollback", "1", "--portal", "vt", cwd=root).returncode == 0
    assert portal.public("calls-by-town").equals(before)
    # After a rollback one data set can still be published: what is counted from the others is read again.
    assert candor("publish", "rutland-force", "--portal", "vt", cwd=root).returncode == 0
    assert portal.public("calls-by-town").equals(before)


def test_exit_codes(vermont: Vermont) -> None:
    root = vermont[0].root.parent
    for words, code, told in (
        (["publish", "--portal", "nowhere"], 2, "portal"),
        (["check", "burlington", "--portal", "vt"], 2, "burlington-calls"),
        (["rollback", "rutland-force", "99", "--portal", "vt"], 2, "no version 99"),
        (["init", "vt", "--title", "Vermont"], 2, "portal already"),
        (["init", "x", "--title", "Our town"], 2, "--time-zone"),
        (["nonsense"], 2, "No such command"),
    ):
        answer = candor(*words, cwd=root)
        assert answer.returncode == code, (words, answer.stderr)
        assert told in answer.stderr
        assert "Traceback" not in answer.stderr
