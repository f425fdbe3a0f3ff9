"""What every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("candor", deadline=None)
settings.load_profile("candor")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def beside(folder: str, what: str) -> Path:
    """A folder beside the repository. Without it the test skips, with the reason; under `CI=true` it fails."""
    path = SHARED / folder
    if not path.is_dir():
        reason = f"the folder of {what} is missing: {path}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data."""
    return beside("data", "real data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """The folder of published results."""
    return beside("reference", "published results")
