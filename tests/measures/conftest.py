"""What the tests of the statistics share: published results to agree with."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from pathlib import Path

import pytest

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of published results beside the repository. Without it a test skips; under `CI=true` it fails."""
    if not REFERENCE.is_dir():
        reason = f"the folder of published results is missing: {REFERENCE}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return REFERENCE


@pytest.fixture(scope="session")
def published(shared_reference: Path) -> Callable[[str], Rows]:
    """The rows of one of its files, as text."""

    def rows(name: str) -> Rows:
        with (shared_reference / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return rows
