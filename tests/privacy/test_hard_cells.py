"""How well the scan tells short texts that lead to a person from those that lead to nobody: as the page says."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.scan.cells import Found, found, read, table_of

from candor.engine.duck import DuckEngine
from candor.privacy.texts import scan as scans

CASES = Path(__file__).parent / "cases"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "privacy-scan.md"


@pytest.fixture(scope="module")
def known(duck: DuckEngine) -> Found:
    """The cells that the rules were written with."""
    return found(read(CASES / "dev_cells.tsv"), duck)


def test_cells_that_the_rules_were_written_with_are_told_apart(known: Found) -> None:
    right, there = known.recall()
    true, said = known.precision()
    assert there > 400
    assert right >= 0.96 * there, known.missed()
    assert true >= 0.99 * said, known.false()
    for kind in {c.kind for c in known.cells} - {"none"}:
        right, there = known.recall(kind)
        assert right >= 0.9 * there, (kind, [c for c in known.missed() if c.kind == kind])


def test_hard_cells_are_told_apart_as_the_page_says(duck: DuckEngine) -> None:
    """Cells that somebody else wrote. The model's numbers differ in their last digits from processor to processor."""
    told = figures(table_of(found(read(CASES / "hard_cells.tsv"), duck)))
    page = DOCS.read_text(encoding="utf-8").partition("### Cells in forms that the rules were not written with")[2]
    said = figures(page.partition("###")[0])
    assert told.keys() == said.keys()
    for kind, (cells, share, of, right) in said.items():
        few = 100 * 2 / max(cells, 1) if kind != "any" else 1
        assert told[kind][0] == cells
        assert told[kind][1] == pytest.approx(share, abs=few), kind
        assert told[kind][2] == pytest.approx(of, abs=5), kind
        assert told[kind][3] == pytest.approx(right, abs=100 * 2 / max(of, 1)), kind


def figures(table: str) -> dict[str, tuple[float, ...]]:
    """Of a table of the page, by kind: cells with it, found of them, said to have it, rightly (shares in per cent)."""
    lines = [
        [cell.strip(" %") for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"
    ]
    return {line[0]: tuple(float(cell or 0) for cell in line[1:]) for line in lines[2:]}


def test_without_the_model_names_that_the_rules_know_are_found_and_the_rest_is_said_to_be_unchecked(
    duck: DuckEngine, monkeypatch: pytest.MonkeyPatch, known: Found
) -> None:
    assert scans.unchecked() == ""
    monkeypatch.setattr("candor.privacy.texts.scan.installed", lambda: False)
    assert "small model" in scans.unchecked()
    some = [c for c in known.cells if c.kind in ("name", "plate", "none")][::3]
    rules_alone = found(some, duck)
    right, there = rules_alone.recall("plate")
    assert right >= 0.9 * there
    assert rules_alone.recall("name")[0] < known.recall("name")[0]
