"""Which source a release was made from is kept inside, and is in nothing public."""

from __future__ import annotations

import json
from pathlib import Path

from candor.store.dataset_model import Provenance
from candor.store.sources import SOURCES, record_sources


def test_each_release_adds_its_sources_for_the_publisher_alone(tmp_path: Path) -> None:
    record_sources(tmp_path, 1, [("calls", "aa", 10), ("events", "bb", 20)])
    record_sources(tmp_path, 2, [("calls", "cc", 30)])
    lines = [json.loads(line) for line in (tmp_path / SOURCES).read_text(encoding="utf-8").splitlines()]
    assert [(line["release"], line["dataset"], line["sha256"]) for line in lines] == [
        (1, "calls", "aa"),
        (1, "events", "bb"),
        (2, "calls", "cc"),
    ]
    assert (tmp_path / SOURCES).stat().st_mode & 0o077 == 0


def test_what_an_old_release_told_of_its_source_is_not_told_again() -> None:
    old = {"source_sha256": "ab" * 32, "source_bytes": 12345, "program": "candor 0.1.0"}
    assert "ab" * 32 not in Provenance.model_validate(old).model_dump_json()
    assert "12345" not in Provenance.model_validate_json(json.dumps(old)).model_dump_json()
