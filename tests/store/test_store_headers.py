"""What the publisher's side remembers of each source's columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from candor.store.headers import NewColumns, SourceHeaders


def test_a_column_is_new_against_the_last_publication(tmp_path: Path) -> None:
    headers = SourceHeaders(tmp_path)
    assert headers.new("calls", ["when", "what"]) is None, "at the first time nothing is new"
    headers.settle(3, {"calls": ["when", "what"], "stops": ["day"]})
    again = SourceHeaders(tmp_path)
    assert again.new("calls", ["what", "caller", "when"]) == NewColumns(3, ("caller",))
    assert again.new("calls", ["when"]) is None
    again.settle(4, {"calls": ["when"]})
    assert SourceHeaders(tmp_path).new("calls", ["when", "what"]) == NewColumns(4, ("what",))
    assert SourceHeaders(tmp_path).new("stops", ["day", "hour"]) == NewColumns(3, ("hour",))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"calls": 3}', '{"calls": ["x", 5]}', "\x00"])
def test_a_file_that_cannot_be_read_knows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "headers.json").write_text(text, encoding="utf-8")
    headers = SourceHeaders(tmp_path)
    assert headers.new("calls", ["when"]) is None
    headers.settle(1, {"calls": ["when"]})
    assert SourceHeaders(tmp_path).new("calls", ["when", "who"]) == NewColumns(1, ("who",))
