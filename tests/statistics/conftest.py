"""What the tests of this room share: published results to agree with."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def published(shared_reference: Path) -> Callable[[str], Rows]:
    """The rows of one of its files, as text."""

    def rows(name: str) -> Rows:
        with (shared_reference / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return rows
