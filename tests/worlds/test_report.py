"""The published report is whole, and says what was found and which limits are not held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from worlds.__main__ import arguments, command
from worlds.fast import Figures
from worlds.figure import figure
from worlds.kinds import KINDS
from worlds.limits import LEAST_WORLDS, limits
from worlds.real import Place
from worlds.report import REASONS, report
from worlds.results import FIGURES, Results
from worlds.states import vermont
from worlds.tally import Share, Tallies
from worlds.whole import Comparison

DOCS = Path(__file__).resolve().parents[2] / "docs"
NOTHING = "## Limits that are not held"


@pytest.fixture(scope="module")
def published() -> str:
    return (DOCS / "worlds.md").read_text(encoding="utf-8")


def rows_under(text: str, heading: str) -> list[list[str]]:
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_kind_is_published_with_enough_worlds(published: str) -> None:
    asked = arguments().parse_args(re.findall(r"python -m worlds (.+)", published)[0].split())
    assert asked.kinds == list(KINDS)
    assert asked.worlds >= max(LEAST_WORLDS, 100)
    assert command(asked) in published
    intervals = rows_under(published, "Intervals")
    assert [row[0] for row in intervals] == [kind.title for kind in KINDS.values()]


def test_what_is_published_as_held_is_within_its_limits(published: str) -> None:
    for row in rows_under(published, "Worlds in which towns are alike"):
        for cell, most in zip(row[1:6], (0.5, 6, 0, 12, 25), strict=True):
            assert cell.startswith("**") == (float(re.findall(r"[\d.]+", cell)[0]) > most), row


def test_every_limit_that_is_not_held_has_its_reason(published: str) -> None:
    if not rows_under(published, NOTHING.removeprefix("## ")):
        assert "limits are held" in published
    for row in rows_under(published, NOTHING.removeprefix("## ")):
        assert row[-1] in REASONS.values(), row


def test_whole_worlds_are_published_and_equal(published: str) -> None:
    rows = rows_under(published, "The whole chain and the fast path")
    assert len(rows) >= 3
    assert {row[-1] for row in rows} == {"none"}
    assert all(int(row[2].replace(",", "")) > 100_000 for row in rows)


def test_the_figures_are_there_and_say_what_they_show(published: str) -> None:
    names = re.findall(r"!\[[^\]]{100,}\]\(([^)]+)\)", published)
    assert names == list(FIGURES.values())
    for name in names:
        root = ET.fromstring((DOCS / name).read_text(encoding="utf-8"))  # noqa: S314 - our own file
        spaces = {"s": "http://www.w3.org/2000/svg"}
        texts = [root.findtext(f"s:{tag}", namespaces=spaces) or "" for tag in ("title", "desc")]
        assert "SIMULATED" in texts[0]
        assert len(texts[1]) > 100
        assert len(root.findall(".//s:circle", spaces)) > 3 * 250


def test_a_limit_that_is_not_held_is_bold_and_listed(found: Mapping[str, Tallies]) -> None:
    place = Place("somewhere", missing="it is not here")
    whole = [Comparison("planted", 1, 12, 11, 10, ("rate",))]
    quiet = Results({kind: found[kind] for kind in ("null", "planted", "differ", "gaps")}, 3, whole, [place])
    loud = Tallies(dict(found["null"].shares))
    loud.add(("sure", "12"), 2_000, 0)
    spoilt = Results({**quiet.found, "null": loud}, 3, whole, [place])
    texts = [report(results, "python -m worlds") for results in (quiet, spoilt)]
    assert texts[0] == report(quiet, "python -m worlds")
    assert len(limits(quiet.found)) == len(limits(spoilt.found))
    assert texts[1].count("**") == texts[0].count("**") + 2
    assert f"| {KINDS['null'].title} | higher or lower |" in texts[1].split(NOTHING)[1]
    assert "it is not here" in texts[0]
    assert "| rate |" in texts[0]
    assert "nan" not in texts[0]


@pytest.mark.parametrize(("kind", "rings"), [("null", 0), ("planted", 10)])
def test_a_figure_has_every_town_that_has_residents_three_times(kind: str, rings: int) -> None:
    drawn = figure(Figures(KINDS[kind].draw(vermont(), 5)))
    assert drawn.count('r="3.4"/>') == 3 * int((vermont().residents > 0).sum())
    assert drawn.count('r="6.4"/>') == 3 * rings


def test_shares_are_added_and_nothing_has_no_value() -> None:
    tallies = Tallies()
    tallies.add(("a", "x"), 1, 4)
    tallies.add(("a", "y"), 2, 4)
    tallies.add(("a", "x"), 1, 2)
    assert tallies.total("a") == Share(4, 10)
    assert tallies.total("a", "x").value == pytest.approx(1 / 3)
    assert tallies.names("a") == ["x", "y"]
    assert tallies.total("b").value != tallies.total("b").value
