"""Lists of agencies' call types: how many are mapped, how many of these rightly, and none that is sensitive as open."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from candor.profiles.profile import standard_taxonomy
from candor.propose.crosswalk import match_types

TAXONOMY = standard_taxonomy("calls")
FOLDER = Path(__file__).parent / "types"
# Written down before the rules, and for scoring only: a rule is never made for a line of these.
HELD_OUT = ("seattle", "new_orleans", "cincinnati", "nashville", "uk_force")
OTHERS = ("learned", "strangers", "unusual")


def _lines(name: str) -> list[tuple[str, int, list[str]]]:
    """Call type, rows, and the categories that are right for it; an empty one where it may stay unmapped."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(line["call_type"], int(line["rows"]), line["category"].split("|")) for line in csv.DictReader(file)]


@pytest.mark.parametrize("name", [*HELD_OUT, *OTHERS])
def test_nine_of_ten_rows_are_mapped_and_nearly_all_of_them_rightly(name: str) -> None:
    lines = _lines(name)
    matches = match_types([(call_type, rows) for call_type, rows, _ in lines], TAXONOMY)
    mapped = [(m, right) for m, (_, _, right) in zip(matches, lines, strict=True) if m.category]
    rows = sum(m.rows for m, _ in mapped)
    assert rows >= 0.9 * sum(rows for _, rows, _ in lines)
    wrong = [(m.call_type, m.category, right) for m, right in mapped if m.category not in right]
    assert sum(m.rows for m, right in mapped if m.category in right) >= 0.97 * rows, wrong


@pytest.mark.parametrize("name", [*HELD_OUT, *OTHERS])
def test_no_sensitive_type_is_mapped_to_an_open_category(name: str) -> None:
    lines = _lines(name)
    matches = match_types([(call_type, rows) for call_type, rows, _ in lines], TAXONOMY)
    sensitive = set(TAXONOMY.sensitive)
    opened = [
        (m.call_type, m.category)
        for m, (_, _, right) in zip(matches, lines, strict=True)
        if set(right) <= sensitive and m.category and m.category not in sensitive
    ]
    assert opened == []


def test_what_is_sure_is_right() -> None:
    found = [
        (m, right)
        for name in (*HELD_OUT, *OTHERS)
        for m, (_, _, right) in zip(
            match_types([(t, n) for t, n, _ in _lines(name)], TAXONOMY), _lines(name), strict=True
        )
        if m.certainty == "sure"
    ]
    assert len(found) > 1_000
    assert sum(m.category in right for m, right in found) > 0.98 * len(found)
