"""`candor dataset crosswalk`: new types, types not mapped, and what a person decided."""

from __future__ import annotations

import csv
from itertools import cycle, islice
from pathlib import Path

import pytest
from typer.testing import CliRunner

from candor.cli.app import app
from candor.errors import PortalError, UsageError
from candor.portal.write import init_portal
from candor.profiles.check import open_portal
from candor.propose.add import add_dataset
from candor.propose.crosswalk_again import crosswalk_again

TYPES = ["TRAFFIC STOP", "ASSAULT - NON DOMESTIC", "ZZTOP 9", "", "JUV COMP", "Noise"]


def _export(file: Path, types: list[str]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Incident", "When", "Call type"])
        rows = list(islice(cycle(types), 20 * len(types)))
        writer.writerows([n, f"2024-01-{n % 28 + 1:02d} 10:{n % 60:02d}:00", t] for n, t in enumerate(rows))


@pytest.fixture
def portal(tmp_path: Path) -> Path:
    root = tmp_path / "portal"
    init_portal(root, title="Try", jurisdiction="Try", time_zone="America/New_York")
    _export(tmp_path / "export.csv", TYPES)
    add_dataset(root, "calls", tmp_path / "export.csv", schema="calls_for_service", agency="Try Police")
    text = (root / "datasets" / "calls.toml").read_text(encoding="utf-8")
    (root / "datasets" / "calls.toml").write_text(text, encoding="utf-8")
    return root


def _lines(root: Path) -> dict[str, dict[str, str]]:
    with (root / "crosswalks" / "calls.csv").open(encoding="utf-8", newline="") as file:
        return {line["call_type"]: line for line in csv.DictReader(file)}


def _write(root: Path, lines: dict[str, dict[str, str]]) -> None:
    with (root / "crosswalks" / "calls.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, next(iter(lines.values())))
        writer.writeheader()
        writer.writerows(lines.values())


def test_what_a_person_decided_stays_and_new_types_come(portal: Path, tmp_path: Path) -> None:
    lines = _lines(portal)
    assert lines["ZZTOP 9"]["category"] == ""
    lines["Noise"] |= {"category": "disturbance", "note": "J. Doe: bands"}
    lines["ZZTOP 9"] |= {"note": "J. Doe: nobody knows"}
    lines["JUV COMP"] |= {"category": ""}
    _write(portal, lines)
    _export(tmp_path / "export.csv", [*TYPES[:-1], "noise", "BURG ALARM", "FOO BAZ"])
    again = crosswalk_again(portal, "calls")
    after = _lines(portal)
    assert after["Noise"] == lines["Noise"]
    assert after["ZZTOP 9"] == lines["ZZTOP 9"]
    assert after["JUV COMP"]["category"] == "juvenile-problem"
    assert (after["BURG ALARM"]["category"], after["BURG ALARM"]["certainty"]) == ("alarm", "sure")
    assert [m.call_type for m in again.new] == ["", "BURG ALARM", "FOO BAZ"]
    assert again.differently == (("Noise", "disturbance", "noise"),)
    assert sum(int(line["rows"]) for line in after.values()) == 20 * (len(TYPES) + 2)


def test_it_can_be_done_twice(portal: Path) -> None:
    crosswalk_again(portal, "calls")
    once = _lines(portal)
    again = crosswalk_again(portal, "calls")
    assert _lines(portal) == once
    assert again.new == ()


def test_empty_cells_can_be_mapped(portal: Path) -> None:
    crosswalk_again(portal, "calls")
    lines = _lines(portal)
    lines[""] |= {"category": "service-request", "note": "J. Doe"}
    _write(portal, lines)
    entries = open_portal(portal).crosswalks["calls.csv"]
    assert [e.category for e in entries if e.call_type == ""] == ["service-request"]


def test_a_type_that_is_gone_keeps_its_line(portal: Path, tmp_path: Path) -> None:
    _export(tmp_path / "export.csv", TYPES[:2])
    again = crosswalk_again(portal, "calls")
    assert again.gone == 3
    assert _lines(portal)["JUV COMP"]["rows"] == "0"


def test_a_column_mapped_by_hand_gets_its_crosswalk(tmp_path: Path) -> None:
    root = tmp_path / "portal"
    init_portal(root, title="Try", jurisdiction="Try", time_zone="America/New_York")
    _export(tmp_path / "export.csv", ["QZX", "TTT", "VVV"])
    file = tmp_path / "export.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("Call type", "col4"), encoding="utf-8")
    add_dataset(root, "calls", file, schema="calls_for_service", agency="Try Police")
    declared = root / "datasets" / "calls.toml"
    with pytest.raises((PortalError, UsageError)):
        crosswalk_again(root, "calls")
    declared.write_text(
        declared.read_text(encoding="utf-8") + '\n[columns.call_type]\nfrom = "col4"\n', encoding="utf-8"
    )
    assert [m.call_type for m in crosswalk_again(root, "calls").new] == ["QZX", "TTT", "VVV"]


def test_the_command_says_what_it_did_and_what_to_do(portal: Path) -> None:
    done = CliRunner().invoke(app, ["dataset", "crosswalk", "calls", "--portal", str(portal)])
    assert done.exit_code == 0, done.output
    assert "5 lines stay" in " ".join(done.output.split()) or "4 lines stay" in " ".join(done.output.split())
    assert "candor check calls" in done.output
    wrong = CliRunner().invoke(app, ["dataset", "crosswalk", "cals", "--portal", str(portal)])
    assert wrong.exit_code != 0
