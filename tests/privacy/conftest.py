"""What the tests of privacy share."""

from __future__ import annotations

import pytest

from candor.engine.duck import DuckEngine


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> DuckEngine:
    """An engine of the module's own."""
    return DuckEngine("America/New_York", tmp_path_factory.mktemp("scratch"))
