"""What is published does not change by accident: the same portals publish what was recorded, to the last value.

Where it is meant to change, `make golden` records anew, and the commit says which figure changed and why.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.golden.content import record
from tests.golden.portals import PORTALS, made
from tests.golden.records import differences, recorded


@pytest.mark.parametrize("name", PORTALS)
def test_a_small_portal_publishes_what_was_recorded(name: str, tmp_path: Path) -> None:
    assert differences(recorded(name), record(made(name, tmp_path))) == []
